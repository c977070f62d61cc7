"""What the places of two lines that follow one another say of whether an article begins between them.

As in :mod:`classifier.boundaries.features`, everything is a category: each gap between two lines in reading order is a
row of ids, and a logit is the sum of their weights. The text's own probability of a boundary is one of the categories,
alone and crossed with those of the page, so that a linear model weighs both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.scans.boxes import Boxes
from classifier.scans.layout import Arrangement
from classifier.scans.strands import crossed

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
Floats = NDArray[np.float64]

SAME_STRAND, SAME_COLUMN, NEXT_COLUMN, INTO_HEAD, INTO_TEXT, INTO_CAPTION, AFTER_CAPTION = range(7)
NEW_HEADED, NEW_BARE, AFTER_FOLIO = range(7, 10)
RELATIONS = 10
"""How the second of two lines stands to the first."""

_LOGIT = np.array([-6, -4.5, -3.5, -2.5, -1.7, -1, -0.4, 0.2, 0.9, 1.8, 3, 4.5])
_GAP = np.array([-1.0, 0.0, 0.3, 0.6, 0.9, 1.3, 2.0, 3.0, 5.0])
_RATIO = np.array([0.6, 0.8, 0.9, 1.1, 1.25, 1.6, 2.2])
_INDENT = np.array([-0.8, 0.6, 1.3, 2.7, 5.0])
_SHORT = np.array([0.6, 1.6, 4.0, 8.0])

_LOGITS, _GAPS, _RATIOS, _INDENTS, _SHORTS = (len(edges) + 1 for edges in (_LOGIT, _GAP, _RATIO, _INDENT, _SHORT))

_SIZES = (
    1,
    _LOGITS * RELATIONS * 2,
    RELATIONS * _GAPS * 2,
    RELATIONS * _RATIOS,
    _RATIOS * _RATIOS,
    RELATIONS * _INDENTS * 2 * 2,
    RELATIONS * _SHORTS * 2 * _INDENTS,
    RELATIONS * 2 * 2,
    RELATIONS * 3 * 3,
    _LOGITS * _RATIOS,
    _LOGITS * 2 * _INDENTS,
    RELATIONS * 2,
    _LOGITS,
)
_OFFSETS = np.concatenate([[0], np.cumsum(_SIZES)])
GEOMETRY_WIDTH = len(_SIZES)
"""Ids of a gap."""
GEOMETRY_FEATURES = int(_OFFSETS[-1])
"""Size of the weight vector."""


def describe(boxes: Boxes, arrangement: Arrangement, proba: NDArray[np.floating]) -> Ids:
    """Return the ids of every gap, int32 (n - 1, ``GEOMETRY_WIDTH``).

    Parameters
    ----------
    boxes, arrangement
        Of the page; ``n`` is the number of lines.
    proba
        P(boundary) by the text alone, calibrated, (n - 1,).
    """
    order = np.array(arrangement.order, dtype=np.int64)
    one, two = order[:-1], order[1:]
    left, right = boxes.left, boxes.right
    column_left, column_right = columns(boxes, arrangement)
    relation = _relations(boxes, arrangement)
    group = np.array(arrangement.groups, dtype=np.int64)
    head = np.array(arrangement.heads, dtype=np.int64)
    size = np.maximum(boxes.size, 1.0)
    gap = (boxes.top[two] - boxes.bottom[one]) / boxes.em
    ruled = _ruled(boxes, one, two)
    logit = np.log(np.clip(proba, 1e-6, 1 - 1e-6)) - np.log1p(-np.clip(proba, 1e-6, 1 - 1e-6))
    text = np.searchsorted(_LOGIT, logit)
    gaps = np.searchsorted(_GAP, gap)
    ratio = np.searchsorted(_RATIO, size[two] / size[one])
    own = np.searchsorted(_RATIO, size[two] / boxes.em)
    before = np.searchsorted(_RATIO, size[one] / boxes.em)
    indent = np.searchsorted(_INDENT, (left[two] - column_left[1:]) / size[two])
    short = np.searchsorted(_SHORT, (column_right[:-1] - right[one]) / size[one])
    stops = boxes.stops[one].astype(np.int64)
    opens = head[1:] * (1 - head[:-1])
    headed = np.zeros(int(group.max(initial=0)) + 1, dtype=np.int64)
    np.maximum.at(headed, group, head)
    lines = np.minimum(np.bincount(group)[group], 40)
    few = np.searchsorted([4, 12], lines)
    rows = [
        np.zeros(len(one), dtype=np.int64),
        (text * RELATIONS + relation) * 2 + opens,
        (relation * _GAPS + gaps) * 2 + ruled,
        relation * _RATIOS + ratio,
        before * _RATIOS + own,
        ((relation * _INDENTS + indent) * 2 + stops) * 2 + opens,
        ((relation * _SHORTS + short) * 2 + stops) * _INDENTS + indent,
        (relation * 2 + headed[group[:-1]]) * 2 + headed[group[1:]],
        (relation * 3 + few[:-1]) * 3 + few[1:],
        text * _RATIOS + own,
        (text * 2 + stops) * _INDENTS + indent,
        relation * 2 + opens,
        text,
    ]
    ids: Ids = (np.stack(rows, axis=1) + _OFFSETS[:-1]).astype(np.int32)
    return ids


def _ruled(boxes: Boxes, one: Ints, two: Ints) -> Ints:
    """Return 1 where a ruled line lies between two lines or close over the second, (n - 1,)."""
    left, right = boxes.left, boxes.right
    return np.array(
        [
            crossed(boxes, (float(left[b]), float(right[b])), float(boxes.bottom[a]), float(boxes.top[b]))
            or _over(boxes, int(b))
            for a, b in zip(one.tolist(), two.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _over(boxes: Boxes, line: int) -> bool:
    """Tell whether a ruled line lies close over a line."""
    top = float(boxes.top[line])
    return crossed(boxes, (float(boxes.left[line]), float(boxes.right[line])), top - 1.2 * boxes.em, top)


def columns(boxes: Boxes, arrangement: Arrangement) -> tuple[Floats, Floats]:
    """Return the edges of the column each line stands in, by the lines near it in its strand, each (n,)."""
    order = np.array(arrangement.order, dtype=np.int64)
    blocks = np.array(arrangement.blocks, dtype=np.int64)
    left, right = boxes.left[order].copy(), boxes.right[order].copy()
    edges = np.flatnonzero(np.concatenate([[True], blocks[1:] != blocks[:-1], [True]]))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        lefts, rights = boxes.left[order[begin:end]], boxes.right[order[begin:end]]
        for at in range(end - begin):
            near = slice(max(at - 3, 0), at + 4)
            left[begin + at], right[begin + at] = lefts[near].min(), rights[near].max()
    return left, right


def _relations(boxes: Boxes, arrangement: Arrangement) -> Ints:
    order = arrangement.order
    found = np.zeros(max(len(order) - 1, 0), dtype=np.int64)
    headed = {group for group, head in zip(arrangement.groups, arrangement.heads, strict=True) if head}
    for at in range(len(order) - 1):
        one, two = order[at], order[at + 1]
        if arrangement.groups[at] != arrangement.groups[at + 1]:
            new = NEW_HEADED if arrangement.groups[at + 1] in headed else NEW_BARE
            found[at] = AFTER_FOLIO if boxes.folio[one] else new
        elif arrangement.captions[at + 1] and not arrangement.captions[at]:
            found[at] = INTO_CAPTION
        elif arrangement.captions[at]:
            found[at] = AFTER_CAPTION
        elif arrangement.heads[at]:
            found[at] = INTO_HEAD if arrangement.heads[at + 1] else INTO_TEXT
        elif arrangement.blocks[at] == arrangement.blocks[at + 1]:
            found[at] = SAME_STRAND
        else:
            narrow = min(boxes.right[one] - boxes.left[one], boxes.right[two] - boxes.left[two])
            shared = min(boxes.right[one], boxes.right[two]) - max(boxes.left[one], boxes.left[two])
            found[at] = SAME_COLUMN if shared > 0.3 * narrow and boxes.top[two] > boxes.top[one] else NEXT_COLUMN
    return found
