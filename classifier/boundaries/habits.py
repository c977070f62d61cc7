"""The page's habits: ways a gap can look, and how probable a boundary is at the page's other gaps that look so.

If the likely articles of a page begin with a short line and a name, a doubtful gap that looks so is one of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.blocks import N_TYPES
from classifier.boundaries.grams import ENDING, OPENING
from classifier.boundaries.lines import Lines

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]

LOOKS = (
    "this block and the next",
    "this block and those beside it",
    "blank lines, indent and this block",
    "first characters and this block",
    "last characters before and both blocks",
    "first characters of the next line and both blocks",
)
"""Ways of describing a gap's looks, from the coarsest to the finest: what has to be alike for two to look alike."""

N_PATTERNS = len(LOOKS)

_PLACE_BITS = 32
"""Bits under a code for the place of its gap; codes have fewer than 31."""


def looks_of_gaps(lines: Lines, around: Ints, grams: Ids) -> Ints:
    """Return codes of the :data:`LOOKS` of each gap, (n - 1, ``N_PATTERNS``).

    ``around`` are the types of the blocks from two before the gap to two after it, ``grams`` those of
    :func:`~classifier.boundaries.grams.line_grams`.
    """
    extra_blank = np.minimum(lines.blank[1:], 3)
    indent = np.minimum(lines.indent[1:], 4)
    opening = grams[OPENING, 1:].astype(np.int64)
    first_of_next = np.append(opening[1:], 0)
    last_of_previous = grams[ENDING, :-1].astype(np.int64)
    before, here, after = around[1], around[2], around[3]
    out = np.empty((N_PATTERNS, len(here)), dtype=np.int64)
    out[0] = here * N_TYPES + after
    out[1] = before * N_TYPES**2 + out[0]
    out[2] = (extra_blank * 8 + indent) * N_TYPES + here
    out[3] = opening * N_TYPES + here
    out[4] = (last_of_previous * N_TYPES + here) * N_TYPES + before
    out[5] = first_of_next * N_TYPES**2 + out[0]
    return out.T


def habits(patterns: Ints, proba: NDArray[np.floating]) -> tuple[Ints, NDArray[np.float64]]:
    """Return, for each look of each gap, how many other gaps look so, and the sum of P over all that do.

    ``patterns`` is (looks, n), as are the results.
    """
    looks, n = patterns.shape
    keys = (patterns << _PLACE_BITS) | np.arange(n)
    keys.sort(axis=1)
    order, ordered = keys & ((1 << _PLACE_BITS) - 1), keys >> _PLACE_BITS
    first = np.ones((looks, n), dtype=bool)
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=first[:, 1:])
    group = np.cumsum(first) - 1  # each look begins a group of its own, so one numbering serves all
    count = np.bincount(group)
    weight = np.bincount(group, weights=proba[order].ravel())
    others, support = np.empty((looks, n), dtype=np.int64), np.empty((looks, n))
    rows = np.arange(looks)[:, None]
    others[rows, order] = (count[group] - 1).reshape(looks, n)
    support[rows, order] = weight[group].reshape(looks, n)
    return others, support
