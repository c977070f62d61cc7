"""Articles of a scanned page whose parts do not follow one another: pieces of columns that belong elsewhere.

A *piece* is a run of lines of one article in one strand of a column. For each piece and each article that has a piece
beside, above or under it, a linear model over categories says whether the piece belongs there rather than where it is:
by the likeness of the words, by sentences that break off and go on, by ruled lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.scans.boxes import Boxes
from classifier.scans.layout import Arrangement
from classifier.scans.strands import crossed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEFT, ABOVE, RIGHT, UNDER = range(4)
"""Where the neighbouring piece of another article stands, seen from the piece."""

_COSINE = np.array([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75])
_DIFFERENCE = np.array([-0.4, -0.25, -0.15, -0.07, 0.0, 0.07, 0.15, 0.25, 0.4])
_LINES = np.array([2, 4, 8, 15, 30])
_C, _D, _L = len(_COSINE) + 1, len(_DIFFERENCE) + 2, len(_LINES) + 1
_F = 9
"""Ways in which one piece goes on in another: does the first break off, does the second begin; yes, no, unclear."""

_SIZES = (1, _C * _D, _D * _F, _D * 4 * _F, _F * _F * 4, _L * _D, 2 * 4 * 2 * _F, _F * 4, 4 * 2 * 2 * 2, _D * 2 * 2)
_OFFSETS = np.concatenate([[0], np.cumsum(_SIZES)])
JOINING_WIDTH = len(_SIZES)
JOINING_FEATURES = int(_OFFSETS[-1])
"""Size of the weight vector."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines ``[first, last)`` of the reading order that stand below one another and are of one article."""

    first: int
    last: int
    head: bool
    caption: bool
    box: tuple[float, float, float, float]
    flow: tuple[int, int]
    """Whether its first line begins a paragraph, and whether its last one breaks off: 1 yes, 0 no, 2 unclear."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A piece that could belong to another article."""

    piece: int
    target: int
    """Number of the article."""
    beside: int
    """The neighbouring piece of that article."""
    side: int


def pieces(boxes: Boxes, arrangement: Arrangement, labels: Ints) -> list[Piece]:
    """Cut the lines of a page where the article, the strand, or headline and text change."""
    kind = np.array(arrangement.blocks) * 4 + np.array(arrangement.heads) * 2 + np.array(arrangement.captions)
    change = np.flatnonzero((labels[1:] != labels[:-1]) | (kind[1:] != kind[:-1])) + 1
    edges = [0, *change.tolist(), len(labels)]
    return [_piece(boxes, arrangement, first, last) for first, last in pairwise(edges) if last > first]


def _piece(boxes: Boxes, arrangement: Arrangement, first: int, last: int) -> Piece:
    lines = list(arrangement.order[first:last])
    left, right = boxes.left[lines], boxes.right[lines]
    begins = 2
    if len(lines) > 1:
        indent = left[0] - min(float(left[1]), float(np.median(left)))
        begins = int(indent > 1.1 * boxes.size[lines[0]])
    full = right[-1] > float(right[-6:].max()) - 1.6 * boxes.size[lines[-1]]
    breaks = 2 if len(lines) < 2 else int(bool(full) and not boxes.stops[lines[-1]])
    box = (float(left.min()), float(boxes.top[lines].min()), float(right.max()), float(boxes.bottom[lines].max()))
    return Piece(first, last, arrangement.heads[first], arrangement.captions[first], box, (begins, breaks))


def choices(boxes: Boxes, parts: list[Piece], owners: Ints) -> list[Choice]:
    """Return every piece of running text with each article beside it; ``owners`` is the article of each piece."""
    found = []
    text = [number for number, piece in enumerate(parts) if not piece.head and not piece.caption]
    edges = np.array([parts[number].box for number in text], dtype=np.float64).reshape(-1, 4)
    for at, number in enumerate(text):
        left, top, right, bottom = edges[at]
        nearest: dict[tuple[int, int], tuple[float, int]] = {}
        x = np.minimum(edges[:, 2], right) - np.maximum(edges[:, 0], left)
        y = np.minimum(edges[:, 3], bottom) - np.maximum(edges[:, 1], top)
        for other in np.flatnonzero((x > -4 * boxes.em) & (y > -12 * boxes.em)).tolist():
            target = int(owners[text[other]])
            if target == owners[number] or other == at:
                continue
            if y[other] > 0.5 * boxes.em and x[other] < boxes.em:
                side = LEFT if edges[other, 0] < left else RIGHT
                # The flow enters at the top of a column and leaves at its foot.
                distance = abs(float(edges[other, 3] - bottom)) if side == LEFT else abs(float(edges[other, 1] - top))
            elif x[other] > 0.5 * min(right - left, float(edges[other, 2] - edges[other, 0])):
                side = ABOVE if edges[other, 1] < top else UNDER
                distance = -float(y[other])
            else:
                continue
            if side in (LEFT, RIGHT) and _is_fenced(boxes, edges[at], edges[other]):
                continue
            best = nearest.get((target, side))
            if best is None or distance < best[0]:
                nearest[target, side] = (distance, text[other])
        found += [Choice(number, target, beside, side) for (target, side), (_, beside) in nearest.items()]
    return found


def _is_fenced(boxes: Boxes, one: Floats, other: Floats) -> bool:
    """Tell whether a ruled line down the page parts two pieces, along the whole of what they have beside one another.

    Lines between the columns of one article end where these do: only one that goes on above or below parts articles.
    """
    left, right = sorted((one, other), key=lambda box: float(box[0]))
    high, low = max(one[1], other[1]), min(one[3], other[3])
    top, bottom, x = boxes.down.T
    slack = 0.6 * boxes.em
    between = (x > left[2] - slack) & (x < right[0] + slack) & (top < high + slack) & (bottom > low - slack)
    beyond = (top < min(one[1], other[1]) - 2 * boxes.em) | (bottom > max(one[3], other[3]) + 2 * boxes.em)
    return bool((between & beyond).any())


def describe(boxes: Boxes, parts: list[Piece], owners: Ints, vectors: Floats, found: list[Choice]) -> NDArray[np.int32]:
    """Return the ids of every choice, int32 (len(found), ``JOINING_WIDTH``).

    ``vectors`` are the sums of the word vectors before each line of the reading order, (n + 1, dimensions).
    """
    sums = np.array([vectors[piece.last] - vectors[piece.first] for piece in parts])
    total: dict[int, Floats] = {}
    for number, owner in enumerate(owners.tolist()):
        total[owner] = total.get(owner, 0) + sums[number]
    members = np.bincount(owners, minlength=int(owners.max(initial=0)) + 1)
    rows = np.empty((len(found), JOINING_WIDTH), dtype=np.int32)
    for row, choice in enumerate(found):
        piece, own = parts[choice.piece], int(owners[choice.piece])
        there = _cosine(sums[choice.piece], total[choice.target])
        alone = members[own] == 1
        here = _cosine(sums[choice.piece], total[own] - sums[choice.piece])
        c = int(np.searchsorted(_COSINE, there))
        d = len(_DIFFERENCE) + 1 if alone else int(np.searchsorted(_DIFFERENCE, there - here))
        before = choice.piece - 1 if choice.piece and owners[choice.piece - 1] == own else None
        after = choice.piece + 1 if choice.piece + 1 < len(parts) and owners[choice.piece + 1] == own else None
        into = _F - 1 if before is None or parts[before].head else _flow(parts[before], piece)
        out = _F - 1 if after is None or parts[after].caption else _flow(piece, parts[after])
        beside = parts[choice.beside]
        joins = _flow(beside, piece) if choice.side in (LEFT, ABOVE) else _flow(piece, beside)
        span = piece.box[0], piece.box[2]
        over = int(crossed(boxes, span, piece.box[1] - 2 * boxes.em, piece.box[1]))
        headed = int(before is not None and parts[before].head)
        taken = int(any(_takes(parts[i], beside, choice) for i in np.flatnonzero(owners == choice.target).tolist()))
        small = int(np.searchsorted(_LINES, piece.last - piece.first))
        ids = (
            0,
            c * _D + d,
            d * _F + into,
            (d * 4 + choice.side) * _F + joins,
            (into * _F + joins) * 4 + choice.side,
            small * _D + d,
            ((over * 4 + choice.side) * 2 + int(alone)) * _F + into,
            out * 4 + choice.side,
            ((choice.side * 2 + over) * 2 + taken) * 2 + headed,
            (d * 2 + over) * 2 + taken,
        )
        rows[row] = np.array(ids) + _OFFSETS[:-1]
    return rows


def _takes(other: Piece, beside: Piece, choice: Choice) -> bool:
    """Tell whether an article has a piece already where another would go on from it."""
    if other is beside or other.head or other.caption or choice.side not in (LEFT, ABOVE):
        return False
    return other.first == beside.last


def _flow(one: Piece, other: Piece) -> int:
    return one.flow[1] * 3 + other.flow[0]


def _cosine(one: Floats, other: Floats) -> float:
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length > 0 else 0.0


ROUNDS = 12
"""Pieces that are moved on one page at most."""


def join(
    boxes: Boxes, arrangement: Arrangement, labels: Ints, *, vectors: Floats, weights: NDArray[np.floating]
) -> list[Ints]:
    """Move pieces to the articles they belong to; the surest first, as each changes what the others see.

    Parameters
    ----------
    labels
        Article of each line of the reading order, ascending from 0, (n,).

    Returns
    -------
    list of arrays
        For each article, in order, its lines as indices into the reading order. None is empty.
    """
    parts = pieces(boxes, arrangement, labels)
    owners = np.array([labels[piece.first] for piece in parts], dtype=np.int64)
    place = [float(number) for number in range(len(parts))]
    moved: set[int] = set()
    for _ in range(ROUNDS):
        found = [choice for choice in choices(boxes, parts, owners) if choice.piece not in moved]
        if not found:
            break
        scores = weights[describe(boxes, parts, owners, vectors, found)].sum(axis=1)
        best = int(np.argmax(scores))
        if scores[best] <= 0:
            break
        choice = found[best]
        owners[choice.piece] = choice.target
        place[choice.piece] = place[choice.beside] + (0.001 if choice.side in (LEFT, ABOVE) else -0.001) * (
            1 + len(moved)
        )
        moved.add(choice.piece)
    result = []
    for owner in sorted(set(owners.tolist()), key=lambda owner: min(place[i] for i in np.flatnonzero(owners == owner))):
        mine = sorted(np.flatnonzero(owners == owner).tolist(), key=lambda i: place[i])
        result.append(np.concatenate([np.arange(parts[i].first, parts[i].last) for i in mine]))
    return result
