"""Lines of two columns that were found as one, cut at the gutter between the columns.

Where a gutter is hardly wider than a character, one found line in two hundred reaches across it. The lines above and
below end and begin at the gutter, and the picture is blank there: both are asked for, as either alone is common.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Quad = NDArray[np.float32]
Floats = NDArray[np.float64]

_REACH = 7.0
"""Line heights above and below a line within which other lines show where columns end."""

_EDGE = 0.8
"""Line heights within which edges count as one."""

_WITNESSES = 2
"""Lines on each side that must end, or begin, at a gutter."""

_LONG = 6.0
"""Line heights a part is long at least."""

_INK = 45.0
"""Grey levels below paper from which a pixel is printed on."""


def split(pixels: Pixels, quads: Sequence[Quad]) -> list[Quad]:
    """Cut lines at gutters.

    Parameters
    ----------
    pixels
        uint8 of shape (height, width, 3).
    quads
        float32 of shape (4, 2), clockwise from the upper left corner, each.
    """
    if len(quads) < 2 * _WITNESSES + 1:
        return list(quads)
    corners = np.stack(list(quads)).astype(np.float64)
    left, right = corners[:, [0, 3], 0].mean(axis=1), corners[:, [1, 2], 0].mean(axis=1)
    top, bottom = corners[:, [0, 1], 1].mean(axis=1), corners[:, [2, 3], 1].mean(axis=1)
    boxes = np.stack([left, top, right, bottom], axis=1)
    found: list[Quad] = []
    for number, quad in enumerate(quads):
        cuts = _cuts(boxes, number)
        parts = [quad]
        for x in cuts:
            whole = parts.pop()
            parts += _cut(whole, x) if _is_blank(pixels, whole, x) else [whole]
        found += parts
    return found


def _cuts(boxes: Floats, number: int) -> list[tuple[float, float]]:
    """Return the gutters that a line reaches across, from the left: where its neighbours end, where others begin."""
    left, top, right, bottom = boxes[number]
    high = bottom - top
    if right - left < 2 * _LONG * high or high <= 0:
        return []
    heights = boxes[:, 3] - boxes[:, 1]
    near = (boxes[:, 1] < bottom + _REACH * high) & (boxes[:, 3] > top - _REACH * high)
    near &= (heights > 0.65 * high) & (heights < 1.5 * high) & (boxes[:, 2] > left) & (boxes[:, 0] < right)
    near[number] = False
    others = boxes[near]
    found: list[tuple[float, float]] = []
    begins = np.sort(others[:, 0])
    for x in begins[(begins > left + _LONG * high) & (begins < right - _LONG * high)].tolist():
        if found and x < found[-1][1] + _LONG * high:
            continue
        ending = others[:, 2][(others[:, 2] < x) & (others[:, 2] > x - 4 * high)]
        if len(ending) < _WITNESSES or (np.abs(begins - x) < _EDGE * high).sum() < _WITNESSES:
            continue
        edge = float(ending.max())
        if (np.abs(ending - edge) < _EDGE * high).sum() < _WITNESSES or x - edge < 0.3 * high:
            continue
        middle = (edge + x) / 2
        if not ((others[:, 0] < middle - 0.2 * high) & (others[:, 2] > middle + 0.2 * high)).any():
            found.append((edge, x))
    return found


def _is_blank(pixels: Pixels, quad: Quad, gutter: tuple[float, float]) -> bool:
    """Tell whether nothing is printed in the inner half of a gutter, along the height of a line."""
    room = gutter[1] - gutter[0]
    low, high = gutter[0] + 0.25 * room, gutter[1] - 0.25 * room
    shares = [(x - float(quad[0, 0])) / max(float(quad[1, 0] - quad[0, 0]), 1.0) for x in (low, high)]
    tops = [float(quad[0, 1] + share * (quad[1, 1] - quad[0, 1])) for share in shares]
    bottoms = [float(quad[3, 1] + share * (quad[2, 1] - quad[3, 1])) for share in shares]
    rows = slice(max(int(min(tops)), 0), int(max(bottoms)) + 1)
    patch = pixels[rows, max(int(low), 0) : int(high) + 1].mean(axis=2)
    line = pixels[rows, max(int(quad[:, 0].min()), 0) : int(quad[:, 0].max()) + 1].mean(axis=2)
    if patch.size == 0:
        return False
    # White on dark as well: what is printed is far from the tone of the ground.
    ground = float(np.median(patch))
    contrast = float(np.percentile(np.abs(line - ground), 95))
    return float((np.abs(patch - ground) > min(_INK, 0.5 * contrast)).mean()) < 0.02


def _cut(quad: Quad, gutter: tuple[float, float]) -> list[Quad]:
    """Cut a line in two, each part up to its edge of the gutter."""

    def at(x: float) -> tuple[Quad, Quad]:
        share = (x - float(quad[0, 0])) / max(float(quad[1, 0] - quad[0, 0]), 1.0)
        return quad[0] + share * (quad[1] - quad[0]), quad[3] + share * (quad[2] - quad[3])

    (end_top, end_bottom), (begin_top, begin_bottom) = at(gutter[0] + 1), at(gutter[1] - 1)
    return [
        np.stack([quad[0], end_top, end_bottom, quad[3]]).astype(np.float32),
        np.stack([begin_top, quad[1], quad[2], begin_bottom]).astype(np.float32),
    ]
