"""The lines of a text page, measured: their lengths, columns and ends, what they begin with and what cues they have.

A line is a paragraph of :class:`~classifier.document.Paragraphs`: not blank, without the white space around it. For the
lines of a scan, which have places on the paper, see :mod:`classifier.scan`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.document import Paragraphs
from classifier.page.cues import C_DATELINE, are_numerals, are_surnames, find_cues
from classifier.text.tokens import CLOSE, COLON, COMMA, DIGIT, HAN, OPEN, SPACE, STOP, Tokens, classify_chars

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Codes = NDArray[np.uint32]

HEAD, TAIL = 12, 6
"""Characters read at the head and at the tail of a line for n-grams."""

CUE_HEAD, CUE_TAIL = 26, 10
"""Characters read at the head and at the tail of a line for cues."""

_DATELINE_HEAD = 17
"""Characters in which a dateline must show."""

MAX_COLUMN = 46
"""A column wider than this many characters is taken for one paragraph a line, not for wrapped text."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Line-level arrays of one page, each of length n_paragraphs unless said otherwise."""

    length: Ints
    """Characters."""
    indent: Ints
    """White-space characters before the text of the line."""
    blank: Ints
    """Blank lines before."""
    width: Ints
    """Width of the column the line stands in, 0 where the text is not wrapped."""
    full: Bools
    """The line reaches the end of its column."""
    stop: Bools
    """The line ends a sentence."""
    head: Codes
    """Normalised codes of the first ``HEAD`` characters, (n, HEAD), 0 where the line is shorter."""
    tail: Codes
    """The last ``TAIL`` characters, (n, TAIL), padded on the left."""
    head_cues: NDArray[np.uint16]
    tail_cues: NDArray[np.uint16]
    first: NDArray[np.uint8]
    """Class of the first character."""
    last: NDArray[np.uint8]
    """Class of the last character."""
    counts: NDArray[np.int64]
    """Characters of each class, (n, 13)."""
    numbered: Bools
    """The line begins like 一、 （一） 1. 01."""
    name: Bools
    """The line is one person's name, or several, and nothing else."""
    signed: Bools
    """The line ends in a space and what may be a name: 市中医院主任医师 桑松."""
    spaced: Bools
    """The line has a space inside."""
    spoken: Bools
    """The line begins like 记者：, 问：, someone's name and a colon."""

    def between(self, low: int, high: int) -> Lines:
        """Return the lines ``[low, high)``."""
        return Lines(*(getattr(self, name)[low:high] for name in self.__slots__))


def _columns(length: Ints, bounds: Sequence[int]) -> Ints:
    """Return the width of the column each line stands in: the largest width that three lines near it share."""
    near = 5
    pages = range(len(bounds) - 1)
    # Between pages stand as many lines without a character as one looks to either side.
    place = np.arange(len(length)) + np.repeat(np.arange(1, len(bounds)) * near, np.diff(bounds))
    padded = np.zeros(len(length) + len(bounds) * near, dtype=np.int64)
    padded[place] = length
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * near + 1)[place - near]  # (n, 11)
    around.sort(axis=1)
    # Sorted in ascending order, a width shared by three lines is one where the third largest is within a character.
    shared = (around[:, 2:] - around[:, :-2] <= 1) & (around[:, :-2] > 5) & (around[:, 2:] <= MAX_COLUMN)
    rows = np.arange(len(length))
    widest = shared.shape[1] - 1 - np.argmax(shared[:, ::-1], axis=1)
    width = np.where(shared[rows, widest], around[rows, widest + 2], 0)
    for number in pages:
        if bounds[number + 1] - bounds[number] < 4:
            width[bounds[number] : bounds[number + 1]] = 0
    # A line much longer than that column says the text is not wrapped there.
    return np.where(length > width + 3, 0, width)


def measure_lines(tokens: Tokens, paragraphs: Paragraphs, bounds: Sequence[int] | None = None) -> Lines:
    """Measure every line of a page once, or of several one after another: page i is ``[bounds[i], bounds[i + 1])``."""
    bounds = [0, len(paragraphs)] if bounds is None else bounds
    codes, classes = tokens.codes, tokens.classes
    starts, ends, lines = paragraphs.starts, paragraphs.ends, paragraphs.lines
    n = len(starts)
    length = ends - starts
    head, tail = _line_ends(codes, starts, ends)
    head_kind, tail_kind = classify_chars(head[:, :7]), classify_chars(tail[:, -4:])
    found_cues = find_cues(head)
    # A dateline stands at the very start; further on the same words are prose.
    found_cues[_DATELINE_HEAD:] &= ~np.uint16(C_DATELINE)
    counts = _count_classes(classes, starts, ends)
    first, last = head_kind[:, 0], tail_kind[:, -1]
    width = _columns(length, bounds)
    line_end_before = np.empty(n, dtype=np.int64)
    line_end_before[0] = 0
    line_end_before[1:] = ends[:-1]
    indent = np.minimum(_leading_space(classes, starts, line_end_before), 8)
    blank = np.zeros(n, dtype=np.int64)
    blank[1:] = np.minimum(np.diff(lines) - 1, 9)
    blank[[bound for bound in bounds if bound < n]] = 0
    return Lines(
        length=length,
        indent=indent,
        blank=blank,
        width=width,
        full=(width > 0) & (length + np.minimum(indent, 2) >= width - 1),
        # A closing quotation mark or bracket after a full stop still ends a sentence.
        stop=(last == STOP) | ((last == CLOSE) & (tail_kind[:, -2] == STOP)),
        head=head[:, :HEAD],
        tail=tail[:, -TAIL:],
        head_cues=np.bitwise_or.reduce(found_cues, axis=0),
        tail_cues=np.bitwise_or.reduce(find_cues(tail), axis=0),
        first=first,
        last=last,
        counts=counts,
        numbered=_are_numbered(head, head_kind, length),
        name=_are_names(head, counts, length),
        signed=_are_signed(tail, tail_kind),
        spaced=counts[:, SPACE] > 0,
        spoken=(head_kind[:, 1:7] == COLON).any(axis=1) & (first == HAN),
    )


def _line_ends(codes: Codes, starts: Ints, ends: Ints) -> tuple[Codes, Codes]:
    """Return the first ``CUE_HEAD`` and the last ``CUE_TAIL`` characters of each line, 0 where it is shorter."""
    length = ends - starts
    column = np.arange(CUE_HEAD)
    head = codes.take(starts[:, None] + column, mode="clip")
    head[column >= length[:, None]] = 0
    column = np.arange(-CUE_TAIL, 0)
    tail = codes.take(ends[:, None] + column, mode="clip")
    tail[-column > length[:, None]] = 0
    return head, tail


def _are_numbered(head: Codes, kind: NDArray[np.uint8], length: Ints) -> Bools:
    """Tell which lines begin with a number; ``kind`` are the classes of the first characters of ``head``."""
    first, second, third = kind[:, 0], kind[:, 1], kind[:, 2]
    numeral = are_numerals(head[:, :2])
    comma_like = (second == COMMA) | (head[:, 1] == ord("."))
    numbered: Bools = (
        (numeral[:, 0] & (second == COMMA))
        | ((first == OPEN) & numeral[:, 1] & (third == CLOSE))
        | ((first == DIGIT) & (comma_like | (head[:, 1] == ord(" "))))
        | ((first == DIGIT) & (second == DIGIT) & ((third == HAN) & (head[:, 2] != ord("年")) & (length < 20)))
    )
    return numbered


def _are_names(head: Codes, counts: Ints, length: Ints) -> Bools:
    """Tell which lines are names and nothing else: a surname first, Han characters and spaces, and few of them."""
    names: Bools = (
        (counts[:, HAN] + counts[:, SPACE] == length)
        & (counts[:, HAN] <= 12)
        & (length >= 2)
        & (length <= 18)
        & are_surnames(head[:, 0])
        & ((counts[:, HAN] <= 3) | (counts[:, SPACE] * 4 + 3 >= counts[:, HAN]))
    )
    return names


def _are_signed(tail: Codes, kind: NDArray[np.uint8]) -> Bools:
    """Tell which lines end in a space and a short name; ``kind`` are the classes of the last four of ``tail``."""
    space = kind[:, -4:-2] == SPACE
    surname = are_surnames(tail[:, -3:-1])
    signed: Bools = (
        (kind[:, -1] == HAN)
        & (kind[:, -2] == HAN)
        & ((space[:, 0] & surname[:, 0] & (kind[:, -3] == HAN)) | (space[:, 1] & surname[:, 1]))
    )
    return signed


def _count_classes(classes: NDArray[np.uint8], starts: Ints, ends: Ints) -> Ints:
    """Return how many characters of each class each line has, (n, 13)."""
    n = len(starts)
    # Lines and what stands between them take turns, so that one count serves all.
    edges = np.empty(2 * n + 2, dtype=np.int64)
    edges[0], edges[1:-1:2], edges[2:-1:2], edges[-1] = 0, starts, ends, len(classes)
    place = np.repeat(np.arange(0, 13 * (2 * n + 1), 13), np.diff(edges))
    found = np.bincount(place + classes, minlength=13 * (2 * n + 1))
    return found.reshape(-1, 13)[1::2]


def _leading_space(classes: NDArray[np.uint8], starts: Ints, floor: Ints) -> Ints:
    """Count the white-space characters just before each start, at most four, not going below ``floor``."""
    found = np.zeros(len(starts), dtype=np.int64)
    going = np.ones(len(starts), dtype=bool)
    for step in range(1, 5):
        at = starts - step
        going &= at >= floor
        going &= classes[np.maximum(at, 0)] == SPACE
        found += going
    return found


def usual_blank(blank: Ints) -> int:
    """Return the number of blank lines that usually stands between two lines of a page."""
    if len(blank) < 2:
        return 0
    return int(np.bincount(blank[1:]).argmax())
