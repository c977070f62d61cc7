"""Strands: runs of lines below one another in one column, and the headlines and captions between them.

A line is joined to the one below it where each is the only nearest one of the other: a headline over three columns has
three lines nearest below it and is joined to none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.scans.boxes import Boxes, Floats, weighted_median

Ints = NDArray[np.int64]

NEAR, LOOSE = 1.35, 2.2
"""Gaps between two lines of a strand, in font sizes: what is usual, and what a subhead may have."""

ALIKE = 1.3
"""Ratio of the font sizes of two lines up to which they may be joined."""

SURE, DRIFT = 5.0, 1.17
"""Ems of text from which sizes of lines can be compared; the ratio up to which one is that of the lines above."""

BIG = 1.2
"""Font size beside that of the running text from which a line may be a headline."""


@dataclass(slots=True, eq=False)
class Strand:
    """Lines below one another, top to bottom, with their common box in pixels."""

    lines: list[int]
    left: float
    top: float
    right: float
    bottom: float
    size: float
    big: bool
    """Set larger than running text."""
    upright: bool
    """Vertical lines side by side, the first on the right."""
    folio: bool = False
    """Of the line over the page."""
    caption: bool = False
    above: set[int] = field(default_factory=set)
    """Strands nearest above."""
    ruled: bool = False
    """A ruled line lies between it and what is nearest above."""

    @property
    def width(self) -> float:
        """Return the width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return the height in pixels."""
        return self.bottom - self.top


def overlap(low: float, high: float, lows: Floats, highs: Floats) -> Floats:
    """Return how much of each range ``[lows, highs]`` lies in ``[low, high]``, in pixels, 0 where none does."""
    shared: Floats = np.maximum(np.minimum(high, highs) - np.maximum(low, lows), 0.0)
    return shared


def neighbours(boxes: Boxes, *, below: bool) -> list[list[int]]:
    """Return for each line those nearest below (or above) it: all that begin within half a line of the nearest."""
    left, right = boxes.left, boxes.right
    # Seen from below, the page is upside down.
    top, bottom = (boxes.top, boxes.bottom) if below else (-boxes.bottom, -boxes.top)
    middle = (top + bottom) / 2
    found: list[list[int]] = []
    for line in range(len(boxes)):
        if boxes.upright[line]:
            found.append([])
            continue
        shared = overlap(left[line], right[line], left, right)
        enough = shared > 0.25 * np.minimum(right - left, right[line] - left[line])
        there = enough & (middle > middle[line] + 0.5 * min(boxes.size[line], boxes.em)) & ~boxes.upright
        there &= top > bottom[line] - 0.6 * np.minimum(boxes.size, boxes.size[line])
        there[line] = False
        where = np.flatnonzero(there)
        if len(where):
            nearest = float(top[where].min())
            where = where[top[where] <= nearest + 0.6 * boxes.em]
        found.append(where.tolist())
    return found


def crossed(boxes: Boxes, span: tuple[float, float], low: float, high: float) -> bool:
    """Tell whether a ruled line lies across ``span`` (left, right) between two heights."""
    if not len(boxes.across) or high < low:
        return False
    left, right, y = boxes.across.T
    slack = 0.35 * boxes.em
    shared = np.minimum(right, span[1]) - np.maximum(left, span[0])
    hit = (y > low - slack) & (y < high + slack) & (shared > 0.5 * (span[1] - span[0]))
    return bool(hit.any())


def _fits(boxes: Boxes, one: int, other: int) -> bool:
    """Tell whether two lines, the second nearest below the first, may be of one strand."""
    small, large = sorted((boxes.size[one], boxes.size[other]))
    if large > ALIKE * small or boxes.folio[one] != boxes.folio[other] or boxes.continued[other]:
        return False
    gap = boxes.top[other] - boxes.bottom[one]
    if gap > LOOSE * large:
        return False
    span = max(boxes.left[one], boxes.left[other]), min(boxes.right[one], boxes.right[other])
    if span[1] <= span[0]:
        return False
    middle = (boxes.top[one] + boxes.bottom[one]) / 2, (boxes.top[other] + boxes.bottom[other]) / 2
    return not crossed(boxes, span, *middle)


def fill(boxes: Boxes, line: int, left: float, right: float) -> float:
    """Return how far a line reaches into a column, 0 to 1."""
    return float((boxes.right[line] - left) / max(right - left, 1.0))


def gather(boxes: Boxes) -> list[Strand]:
    """Return the strands of a page, by their tops."""
    below, above = neighbours(boxes, below=True), neighbours(boxes, below=False)
    follows: dict[int, int] = {}
    for line, near in enumerate(below):
        if len(near) == 1 and above[near[0]] == [line] and _fits(boxes, line, near[0]):
            follows[line] = near[0]
    heads = set(range(len(boxes))) - set(follows.values())
    runs: list[list[int]] = []
    for head in sorted(heads):
        run = [head]
        while run[-1] in follows:
            run.append(follows[run[-1]])
        runs.append(run)
    parts = [part for run in runs if not boxes.upright[run[0]] for part in _cut(boxes, run)]
    strands = [strand_of(boxes, part) for part in parts]
    strands += [strand_of(boxes, part) for part in _stand(boxes, [run[0] for run in runs if boxes.upright[run[0]]])]
    strands.sort(key=lambda strand: (strand.top, strand.left))
    link(boxes, strands)
    return strands


def strand_of(boxes: Boxes, lines: list[int]) -> Strand:
    """Return the strand of some lines, in their order."""
    size = weighted_median(boxes.size[lines], boxes.letters[lines])
    return Strand(
        lines,
        float(boxes.left[lines].min()),
        float(boxes.top[lines].min()),
        float(boxes.right[lines].max()),
        float(boxes.bottom[lines].max()),
        size,
        big=size >= BIG * boxes.em,
        upright=bool(boxes.upright[lines[0]]),
        folio=bool(boxes.folio[lines].all()),
    )


def _cut(boxes: Boxes, run: list[int]) -> Iterable[list[int]]:
    """Cut a run of lines where the gap is wider than usual and what follows does not go on from what is above."""
    if len(run) < 2:
        return [run]
    top, bottom = boxes.top[run], boxes.bottom[run]
    gaps = top[1:] - bottom[:-1]
    usual = float(np.median(gaps))
    parts, begin = [], 0
    for at in range(1, len(run)):
        size = float(min(boxes.size[run[at]], boxes.size[run[at - 1]]))
        wide = gaps[at - 1] > max(usual + 0.55 * size, NEAR * size * 0.5)
        ratio = float(max(boxes.size[run[at]], boxes.size[run[at - 1]])) / size
        sure = min(boxes.letters[run[at]], boxes.letters[run[at - 1]]) >= SURE
        jumps = wide and (gaps[at - 1] > NEAR * size or _breaks(boxes, run, at))
        if jumps or ratio > (1.12 if wide else 1.17 if sure else ALIKE) or _drifts(boxes, run[begin:at], run[at]):
            parts.append(run[begin:at])
            begin = at
    return [*parts, run[begin:]]


def _drifts(boxes: Boxes, above: list[int], line: int) -> bool:
    """Tell whether a line is not of the size of the lines above it, though each is nearly of that of the one before."""
    sure = [boxes.size[other] for other in above[-6:] if boxes.letters[other] >= SURE]
    if not sure or boxes.letters[line] < SURE:
        return False
    small, large = sorted((float(np.median(sure)), float(boxes.size[line])))
    return large > DRIFT * small


def _breaks(boxes: Boxes, run: list[int], at: int) -> bool:
    """Tell whether the text above ends and the line at a wide gap does not begin a paragraph."""
    one, other = run[at - 1], run[at]
    near = run[max(at - 6, 0) : at + 6]
    left, right = float(np.median(boxes.left[near])), float(np.max(boxes.right[near]))
    em = boxes.size[other]
    done = bool(boxes.stops[one]) or boxes.right[one] < right - 2 * em
    starts = boxes.left[other] > left + 1.2 * em
    return done and not starts


def _stand(boxes: Boxes, lines: list[int]) -> Iterable[list[int]]:
    """Join vertical lines that stand side by side to one headline, right to left."""
    rest = sorted(lines, key=lambda line: -boxes.right[line])
    while rest:
        group = [rest.pop(0)]
        for line in list(rest):
            last = group[-1]
            gap = boxes.left[last] - boxes.right[line]
            shared = min(boxes.bottom[last], boxes.bottom[line]) - max(boxes.top[last], boxes.top[line])
            tall = min(boxes.bottom[last] - boxes.top[last], boxes.bottom[line] - boxes.top[line])
            alike = max(boxes.size[last], boxes.size[line]) < 2.2 * min(boxes.size[last], boxes.size[line])
            if (
                -0.5 * boxes.size[last] < gap < 0.9 * max(boxes.size[last], boxes.size[line])
                and shared > 0.5 * tall
                and alike
            ):
                group.append(line)
                rest.remove(line)
        yield group


def link(boxes: Boxes, strands: list[Strand]) -> None:
    """Note for each strand those nearest above it, whether a ruled line lies between, and whether it is a caption.

    Captions are looked through: what is above a column stays above it though a photograph with a caption stands
    between.
    """
    edges = np.array([(s.left, s.right, s.top, s.bottom) for s in strands], dtype=np.float64).reshape(-1, 4)
    for strand in strands:
        strand.caption = _is_caption(boxes, strand, edges)
    hidden = np.array([strand.caption or strand.upright or strand.folio for strand in strands], dtype=np.bool_)
    for number, strand in enumerate(strands):
        near = above_of(strand, edges, hidden, skip=number)
        strand.above = set(near)
        low = max((strands[other].bottom for other in near), default=0.0)
        strand.ruled = crossed(boxes, (strand.left, strand.right), low - 0.3 * boxes.em, strand.top + 0.3 * boxes.em)


def above_of(strand: Strand, edges: Floats, hidden: NDArray[np.bool_], *, skip: int) -> list[int]:
    """Return the strands that one sees looking up from the top of another."""
    left, right, _, bottom = edges.T
    shared = overlap(strand.left, strand.right, left, right)
    there = (
        (shared > 0.12 * np.minimum(strand.width, right - left)) & (bottom <= strand.top + 0.6 * strand.size) & ~hidden
    )
    there[skip] = False
    where = np.flatnonzero(there)
    if not len(where):
        return []
    nearest = float(bottom[where].max())
    return [int(i) for i in where[bottom[where] >= nearest - 0.8 * strand.size]]


def _is_caption(boxes: Boxes, strand: Strand, edges: Floats) -> bool:
    """Tell whether a strand is the caption of a photograph: few lines, smaller or marked, with a picture over them."""
    if strand.upright or strand.big or strand.folio or len(strand.lines) > 6:
        return False
    marked = bool(boxes.marked[strand.lines[0]] or boxes.marked[strand.lines[-1]])
    small = strand.size < 0.93 * boxes.em
    if len(boxes.pictures):
        left, top, right, bottom = boxes.pictures.T
        shared = overlap(strand.left, strand.right, left, right) > 0.7 * strand.width
        under = np.abs(strand.top - bottom) < 1.8 * boxes.em
        inside = (strand.top > top) & (strand.bottom < bottom + 0.5 * boxes.em)
        if (shared & (under | inside)).any():
            return marked or small or len(strand.lines) <= 3
    if not (marked or small):
        return False
    left, right, top, bottom = edges.T
    shared = overlap(strand.left, strand.right, left, right) > 0
    over = float(bottom[shared & (bottom <= strand.top + 0.3 * boxes.em)].max(initial=0.0))
    return strand.top - over > 4.5 * boxes.em
