"""Pieces of one printed line that a recogniser found apart, put together again before columns are looked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classifier.scans.boxes import SHORT, Boxes

_GAP = 0.5
"""Font sizes between two pieces of a line at most; the gutter of two columns has one at least."""

_SHARED, _ALIKE = 0.65, 1.3
"""Share of the lower piece's height that both have in common, and the ratio of their font sizes at most."""


_ALIKE_UPRIGHT = 1.7
"""The ratio of the widths of two pieces of a vertical line: punctuation and 一 are narrow or low in it."""


def rows(boxes: Boxes) -> list[list[int]]:
    """Return the lines of a page, each with the pieces that follow it: in the same row from left to right, or down."""
    n = len(boxes)
    follower = np.full(n, -1)
    taken = np.zeros(n, dtype=np.bool_)
    height = boxes.bottom - boxes.top
    for line in np.argsort(boxes.left, kind="stable").tolist():
        if boxes.upright[line]:
            continue  # see below
        gap = boxes.left - boxes.right[line]
        size = np.maximum(boxes.size, boxes.size[line])
        shared = np.minimum(boxes.bottom, boxes.bottom[line]) - np.maximum(boxes.top, boxes.top[line])
        fits = (np.abs(gap) < _GAP * size) & (shared > _SHARED * np.minimum(height, height[line]))
        alike = size < _ALIKE * np.minimum(boxes.size, boxes.size[line])
        # The size of two characters is not known, their height is.
        few = np.minimum(boxes.letters, boxes.letters[line]) < SHORT
        alike |= few & (np.maximum(height, height[line]) < _ALIKE * np.minimum(height, height[line]))
        fits &= alike & ~boxes.upright & ~taken
        fits &= (boxes.folio == boxes.folio[line]) & (boxes.left > boxes.left[line])
        fits &= ~_between(boxes, line)
        fits[line] = False
        where = np.flatnonzero(fits)
        if len(where):
            next_ = int(where[np.argmax(shared[where])])
            follower[line], taken[next_] = next_, True
    _stack(boxes, follower, taken)
    found = []
    for line in np.flatnonzero(~taken).tolist():
        row = [line]
        while follower[row[-1]] >= 0:
            row.append(int(follower[row[-1]]))
        found.append(row)
    return found


def _stack(boxes: Boxes, follower: NDArray[np.int64], taken: NDArray[np.bool_]) -> None:
    """Note which piece follows below a piece of a vertical line; single characters show no direction of their own."""
    wide = boxes.right - boxes.left
    tall = boxes.bottom - boxes.top
    single = ~boxes.upright & (boxes.letters <= 1.5) & (tall < 1.6 * wide)
    for line in np.flatnonzero(boxes.upright | single).tolist():
        if follower[line] >= 0 or (single[line] and taken[line]):
            continue
        shared = np.minimum(boxes.right, boxes.right[line]) - np.maximum(boxes.left, boxes.left[line])
        gap = (boxes.top - boxes.bottom[line]) / np.minimum(wide, wide[line])
        fits = (gap > -1) & (gap < _GAP) & ~taken
        fits &= (shared > _SHARED * np.minimum(wide, wide[line])) & (boxes.top > boxes.top[line] + 0.3 * wide[line])
        fits &= np.maximum(wide, wide[line]) < _ALIKE_UPRIGHT * np.minimum(wide, wide[line])
        fits &= boxes.upright if single[line] else boxes.upright | (single & (follower < 0))
        fits[line] = False
        where = np.flatnonzero(fits)
        if len(where):
            next_ = int(where[np.argmax(shared[where])])
            follower[line], taken[next_] = next_, True


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
        left=np.array([boxes.left[row].min() for row in found]),
        top=np.array([boxes.top[row].min() for row in found]),
        right=np.array([boxes.right[row].max() for row in found]),
        bottom=np.array([boxes.bottom[row].max() for row in found]),
        size=boxes.size[longest],
        upright=boxes.upright[longest],
        stops=boxes.stops[last],
        marked=boxes.marked[first] | boxes.marked[last],
        folio=boxes.folio[first],
        continued=boxes.continued[first],
        letters=np.array([boxes.letters[row].sum() for row in found]),
    )
