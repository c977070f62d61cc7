"""Blocks: the lines that make one paragraph or headline, what kind each is, and the headline groups they form.

A *block* is the run of lines that a line would belong to if an article began at it. In a page with one paragraph a line
a block is a paragraph, in hard-wrapped text it is the re-joined paragraph or headline, so one model serves both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.bins import fold
from classifier.boundaries.lines import Lines, usual_blank
from classifier.page.cues import (
    C_ATTRIBUTION,
    C_CAPTION,
    C_CONTACT,
    C_CREDIT,
    C_DATELINE,
    C_JUMP_IN,
    C_JUMP_OUT,
    C_REPORTER,
    C_ROLE,
    C_SOURCE,
)
from classifier.text.tokens import BULLET, CLOSE, COLON, DASH, HAN, OPEN

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

TYPES = (
    "edge",
    "jump-in",
    "jump-out",
    "credit",
    "byline",
    "caption",
    "dash",
    "numbered",
    "marked",
    "tiny",
    "short",
    "medium",
    "short-sentence",
    "dateline",
    "attributed",
    "open-long",
    "quoted",
    "long",
    "source",
    "name",
    "signed",
    "contact",
    "bullet",
    "speaker",
)
"""The coarse shapes a block can have: the alphabet of the block n-grams."""

T = {name: number for number, name in enumerate(TYPES)}
"""Number of each type."""

N_TYPES = len(TYPES)


def _type_set(*names: str) -> Bools:
    """Return which types have one of these names, (``N_TYPES``,)."""
    found = np.zeros(N_TYPES, dtype=bool)
    found[[T[name] for name in names]] = True
    return found


RUNNING = _type_set(
    "edge", "short-sentence", "dateline", "attributed", "open-long", "quoted", "long", "bullet", "speaker"
)
"""Which types are running text, or the page's edge."""

_SIGNED, _DASHED = _type_set("byline", "name", "caption"), _type_set("dash")
"""Which types name an author or a picture, and which is a line that begins with a dash."""

_RUN = 4
"""Blocks of a run that are counted."""

GROUP_SIZES = (
    (_RUN + 1) * 4 * N_TYPES * N_TYPES,
    (_RUN + 1) * 2 * N_TYPES * N_TYPES,
    (_RUN + 1) * 2 * (_RUN + 1) * 4 * N_TYPES,
    1 << 16,
)
"""How many codes there are of each of :func:`headline_groups`."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """For every gap ``i`` the block that would begin there and the block that would end there.

    All of length n_paragraphs; index ``i`` stands for the gap before line ``i``. ``after[i]`` is the line that follows
    the block beginning at ``i``, ``before[i]`` the first line of the block ending at line ``i - 1``.
    """

    after: Ints
    before: Ints


def join_blocks(lines: Lines, bounds: Sequence[int] | None = None) -> Blocks:
    """Join wrapped lines to blocks: a line goes on from a full one unless blank lines or an indent part them.

    ``bounds`` is that of :func:`~classifier.boundaries.lines.measure_lines`; ``before`` of the first line of a page is
    that line.
    """
    n = len(lines.length)
    bounds = [0, n] if bounds is None else bounds
    joined = np.zeros(n + 1, dtype=bool)
    joined[1:n] = lines.full[:-1] & (np.abs(lines.width[1:] - lines.width[:-1]) <= 1)
    for low, high in pairwise(bounds):
        if low < high:
            page = slice(low, high)
            joined[page] &= lines.blank[page] <= usual_blank(lines.blank[page])
            joined[page] &= lines.indent[page] <= lines.indent[page].min()
            joined[low] = False
    index = np.arange(n + 1)
    breaks = np.where(joined, n, index)
    after = np.minimum.accumulate(breaks[::-1])[::-1][1:]
    first = np.maximum.accumulate(np.where(joined, 0, index))
    before = np.zeros(n, dtype=np.int64)
    before[1:] = first[: n - 1]
    starts = [bound for bound in bounds if bound < n]
    before[starts] = starts
    return Blocks(after, before)


def _type_blocks(lines: Lines, first: Ints, last: Ints, size: Ints) -> Ints:
    """Return the type of the blocks ``[first, last]`` of ``size`` characters: the first whose condition holds."""
    conditions = _conditions(lines, first, last, size)
    types = np.array([T[kind] for kind, _ in conditions] + [T["long"]], dtype=np.int64)
    holds = [found for _, found in conditions] + [np.ones(len(size), dtype=bool)]
    kinds: Ints = types[np.argmax(np.stack(holds), axis=0)]
    return kinds


def _conditions(lines: Lines, first: Ints, last: Ints, size: Ints) -> list[tuple[str, Bools]]:
    """Return types, and which blocks look so, in the order in which they are tried; what looks like none is long."""
    head, tail = lines.head_cues[first], lines.tail_cues[last]
    cues = head | tail
    stop = lines.stop[last]
    begins, ends = lines.first[first], lines.last[last]
    short = size <= 42
    brief = size <= 26
    open_end = ~stop
    marked = (begins == BULLET) | ((begins == OPEN) & (lines.head[first, 0] == ord("【")))
    han = lines.counts[:, HAN][first]
    return [
        ("jump-in", (cues & C_JUMP_IN > 0) & brief),
        ("jump-out", (cues & C_JUMP_OUT > 0) & brief),
        ("credit", ((cues & C_CREDIT > 0) & short & open_end) | ((han == 0) & (size < 30))),
        ("contact", (cues & C_CONTACT > 0) & short & open_end),
        ("caption", (cues & C_CAPTION > 0) & (size <= 90) & (open_end | (tail & C_CAPTION > 0))),
        ("byline", (cues & C_REPORTER > 0) & short & open_end),
        ("name", lines.name[first] & (first == last)),
        ("byline", lines.signed[last] & (size <= 30) & ((cues & C_ROLE > 0) | lines.spaced[first]) & open_end),
        ("source", (cues & (C_SOURCE | C_ROLE) > 0) & short & (begins == OPEN)),
        ("signed", (begins == OPEN) & (ends == CLOSE) & brief),
        ("dash", (begins == DASH) & short),
        ("numbered", lines.numbered[first] & brief & open_end),
        ("marked", marked & short & open_end),
        ("speaker", lines.spoken[first] & stop),
        ("bullet", marked & stop),
        ("dateline", (head & C_DATELINE > 0) & (size > 20)),
        ("attributed", (head & C_ATTRIBUTION > 0) & (size > 42) & stop),
        ("tiny", open_end & (size <= 6)),
        ("short", open_end & (size <= 22)),
        ("medium", open_end & (size <= 44)),
        ("short-sentence", stop & short),
        ("open-long", open_end & (ends != COLON)),
        ("quoted", begins == OPEN),
    ]


def block_types(lines: Lines, blocks: Blocks, bounds: Sequence[int]) -> tuple[Ints, Ints]:
    """Return the types of the blocks that begin at each line and of those that end before it.

    ``bounds`` is that of :func:`~classifier.boundaries.lines.measure_lines`. Before the first line of a page is its
    edge.
    """
    n = len(lines.length)
    line = np.arange(n)
    total = np.concatenate([[0], np.cumsum(lines.length)])
    first, last = np.concatenate([line, blocks.before]), np.concatenate([blocks.after, np.maximum(line, 1)]) - 1
    last[n:] = np.maximum(last[n:], blocks.before)
    kinds = _type_blocks(lines, first, last, total[last + 1] - total[first])
    kinds[n:][[bound for bound in bounds if bound < n]] = T["edge"]
    return kinds[:n], kinds[n:]


def headline_groups(kind: Ints, kind_before: Ints, blocks: Blocks, around: Ints) -> list[Ints]:
    """Return codes of the headline group each gap would begin, and of the one it would cut or follow, all (n - 1,).

    A headline group is a run of blocks that are no running text: kicker, headline, subtitle, byline. It goes with
    the text below it, so a gap inside one is hardly ever a boundary. ``kind`` and ``kind_before`` are the types of the
    blocks that begin at and end before each line, ``around`` those from two before the gap to two after it.
    """
    n = len(blocks.after)
    run, has_name, has_dash, text = _run_from(np.arange(1, n), kind, np.append(blocks.after, n), around[2])
    back, back_name = _run_back(np.arange(1, n), kind_before, blocks.before)
    marks = has_name * 2 + has_dash
    four = ((around[1] * N_TYPES + around[2]) * N_TYPES + around[3]) * N_TYPES + around[4]
    return [
        ((run * 4 + marks) * N_TYPES + text) * N_TYPES + around[2],
        ((back * 2 + back_name) * N_TYPES + around[1]) * N_TYPES + around[2],
        (((back * 2 + back_name) * (_RUN + 1) + run) * 4 + marks) * N_TYPES + text,
        fold(four, 16),
    ]


def _run_from(at: Ints, kind: Ints, following: Ints, text: Ints) -> tuple[Ints, Bools, Bools, Ints]:
    """Follow the blocks from the lines ``at`` on to the first of running text, ``_RUN`` of them at most.

    Returns how many are none, whether one names an author, whether one begins with a dash, and the type of the block
    that ends the run, at first ``text``.
    """
    run = np.zeros(len(at), dtype=np.int64)
    has_name = np.zeros(len(at), dtype=bool)
    has_dash = np.zeros(len(at), dtype=bool)
    alive = np.ones(len(at), dtype=bool)
    for _ in range(_RUN):
        text = np.where(alive, kind[at], text)
        alive = alive & ~RUNNING[kind[at]]
        run += alive
        has_name |= alive & _SIGNED[kind[at]]
        has_dash |= alive & _DASHED[kind[at]]
        at = following[at]
    return run, has_name, has_dash, np.where(alive, kind[at], text)


def _run_back(at: Ints, kind_before: Ints, before: Ints) -> tuple[Ints, Bools]:
    """Follow the blocks that end before the lines ``at`` back to one of running text, as :func:`_run_from` does."""
    run = np.zeros(len(at), dtype=np.int64)
    has_name = np.zeros(len(at), dtype=bool)
    alive = np.ones(len(at), dtype=bool)
    for _ in range(_RUN):
        # at 0 there is nothing before; its type is "edge", which ends the run
        alive = alive & ~RUNNING[kind_before[at]]
        run += alive
        has_name |= alive & _SIGNED[kind_before[at]]
        at = before[at]
    return run, has_name
