"""Large headlines of which only a part was found, mended by what is found on a page made half as large.

The model that finds lines sees characters of some sizes best. On clean print it now and then loses the middle of a
headline of four times the size of the text, which on a smaller picture it finds whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Quad = NDArray[np.float32]
Floats = NDArray[np.float64]

_LARGE = 1.6
"""Height beside that of the usual line from which a line is large."""

_PIECE = 0.55
"""Height of a piece beside that of the whole, at least; what is lower is other text."""

_HOLE = 0.7
"""Heights of a line that a hole is wide at least: a character."""

_INK = 45.0
"""Grey levels from the ground from which a pixel is printed on."""


def mend(
    pixels: Pixels, quads: Sequence[Quad], coarse: Sequence[Quad], is_legible: Callable[[Quad], bool]
) -> list[Quad]:
    """Put the whole of a large line in the place of its pieces where something is printed that no piece holds.

    Parameters
    ----------
    pixels
        uint8 of shape (height, width, 3).
    quads, coarse
        Lines found on the page and on a smaller one, float32 of shape (4, 2) in pixels of the page, each.
    is_legible
        Tells whether a line can be read: patterns of a photograph cannot.
    """
    boxes = _boxes(quads)
    usual = float(np.median(np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]))) if len(boxes) else 0.0
    gone: set[int] = set()
    found: list[Quad] = []
    for whole, box in zip(coarse, _boxes(coarse), strict=True):
        high, wide = sorted((box[2] - box[0], box[3] - box[1]))
        if high < _LARGE * usual or wide < 1.3 * high:
            continue
        pieces = _pieces(boxes, box)
        if pieces is None or gone & set(pieces) or not _is_torn(pixels, boxes[pieces], box):
            continue
        if not is_legible(whole):
            continue
        gone |= set(pieces)
        found.append(whole)
    return [quad for number, quad in enumerate(quads) if number not in gone] + found


def _boxes(quads: Sequence[Quad]) -> Floats:
    """Return left, top, right, bottom of each, (n, 4)."""
    corners = np.array(quads, dtype=np.float64).reshape(-1, 4, 2)
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def _pieces(boxes: Floats, whole: Floats) -> list[int] | None:
    """Return the lines that are pieces of a whole one; ``None`` if other lines are in it, too."""
    across = 0 if whole[2] - whole[0] >= whole[3] - whole[1] else 1
    up = 1 - across
    high = whole[up + 2] - whole[up]
    shared = np.minimum(boxes[:, 2:], whole[2:]) - np.maximum(boxes[:, :2], whole[:2])
    inside = np.prod(np.maximum(shared, 0), axis=1) > 0.25 * np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    where = np.flatnonzero(inside)
    heights = boxes[where, up + 2] - boxes[where, up]
    middles = (boxes[where, up + 2] + boxes[where, up]) / 2 - (whole[up + 2] + whole[up]) / 2
    lengths = boxes[where, across + 2] - boxes[where, across]
    whole_ones = shared[where, across] > 0.7 * lengths
    if not ((heights > _PIECE * high) & (heights < 1.5 * high) & (np.abs(middles) < 0.3 * high) & whole_ones).all():
        return None
    return [int(number) for number in where]


def _is_torn(pixels: Pixels, pieces: Floats, whole: Floats) -> bool:
    """Tell whether something is printed in a hole between the pieces of a line, or before or after them."""
    across = 0 if whole[2] - whole[0] >= whole[3] - whole[1] else 1
    low, high = whole[1 - across], whole[3 - across]
    tall = high - low
    at = float(whole[across])
    for begin, end in [*sorted(zip(pieces[:, across], pieces[:, across + 2], strict=True)), (whole[across + 2],) * 2]:
        if begin - at > _HOLE * tall and _is_printed(pixels, (at, float(begin)), (low, high), lying=across == 0):
            return True
        at = max(at, float(end))
    return False


def _is_printed(pixels: Pixels, along: tuple[float, float], up: tuple[float, float], *, lying: bool) -> bool:
    room = 0.15 * (up[1] - up[0])
    first, last = slice(int(along[0] + room), int(along[1] - room)), slice(int(up[0] + room), int(up[1] - room))
    patch = pixels[last, first] if lying else pixels[first, last]
    if patch.size == 0:
        return False
    grey = patch.mean(axis=2)
    ground = float(np.percentile(grey, 90)) if np.median(grey) > np.mean(grey) else float(np.median(grey))
    # A ruled line between two headlines fills a few columns of pixels; characters are spread.
    printed = (np.abs(grey - ground) > _INK).any(axis=0 if lying else 1)
    return float(printed.mean()) > 0.4
