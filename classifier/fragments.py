"""Pieces of one printed line that a recogniser found apart, put together again before columns are looked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classifier.boxes import Boxes

_GAP = 0.5
"""Font sizes between two pieces of a line at most; the gutter of two columns has one at least."""

_SHARED, _ALIKE = 0.65, 1.3
"""Share of the lower piece's height that both have in common, and the ratio of their font sizes at most."""


def rows(boxes: Boxes) -> list[list[int]]:
    """Return the lines of a page, each with the pieces that follow it in the same row, from left to right."""
    n = len(boxes)
    follower = np.full(n, -1)
    taken = np.zeros(n, dtype=np.bool_)
    height = boxes.bottom - boxes.top
    for line in np.argsort(boxes.left, kind="stable").tolist():
        if boxes.upright[line]:
            continue
        gap = boxes.left - boxes.right[line]
        size = np.maximum(boxes.size, boxes.size[line])
        shared = np.minimum(boxes.bottom, boxes.bottom[line]) - np.maximum(boxes.top, boxes.top[line])
        fits = (np.abs(gap) < _GAP * size) & (shared > _SHARED * np.minimum(height, height[line]))
        fits &= (size < _ALIKE * np.minimum(boxes.size, boxes.size[line])) & ~boxes.upright & ~taken
        fits &= (boxes.folio == boxes.folio[line]) & (boxes.left > boxes.left[line])
        fits &= ~_between(boxes, line)
        fits[line] = False
        where = np.flatnonzero(fits)
        if len(where):
            next_ = int(where[np.argmax(shared[where])])
            follower[line], taken[next_] = next_, True
    found = []
    for line in np.flatnonzero(~taken).tolist():
        row = [line]
        while follower[row[-1]] >= 0:
            row.append(int(follower[row[-1]]))
        found.append(row)
    return found


def _between(boxes: Boxes, line: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Tell for each line whether a ruled line stands between it and another on its left."""
    found = np.zeros(len(boxes), dtype=np.bool_)
    for top, bottom, x in boxes.down.tolist():
        if top < boxes.bottom[line] and bottom > boxes.top[line] and boxes.right[line] - boxes.em < x:
            found |= boxes.left + boxes.em > x
    return found


def merge(boxes: Boxes, found: list[list[int]]) -> Boxes:
    """Return the boxes of whole rows, in the order of ``found``."""
    first = np.array([row[0] for row in found], dtype=np.int64)
    last = np.array([row[-1] for row in found], dtype=np.int64)
    longest = np.array([max(row, key=lambda line: float(boxes.letters[line])) for row in found], dtype=np.int64)
    return replace(
        boxes,
        left=boxes.left[first],
        top=np.array([boxes.top[row].min() for row in found]),
        right=np.array([boxes.right[row].max() for row in found]),
        bottom=np.array([boxes.bottom[row].max() for row in found]),
        size=boxes.size[longest],
        upright=boxes.upright[first],
        stops=boxes.stops[last],
        marked=boxes.marked[first] | boxes.marked[last],
        folio=boxes.folio[first],
        letters=np.array([boxes.letters[row].sum() for row in found]),
    )
