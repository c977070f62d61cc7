"""From probabilities of boundaries to the ends of articles: what jump lines and mastheads make certain, then decoding.

Decoding is dynamic programming over segments: it picks the segmentation of which most articles are expected to be
exactly right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.page.jumps import SHORT_TITLE, Jump

LIKELY, REACH = 0.02, 400
"""Gaps less probable than this never become boundaries, and an article spans at most so many likely gaps."""

_BLOCK = 512
"""Places decoded at a time: what is computed of them all at once stays small."""

BONUS = 0.3
"""What a boundary that is right counts beside an article that is: where no article is likely to be exactly right, the
clear boundaries are still worth having."""


def decode(proba: NDArray[np.float64], *, price: float) -> list[int]:
    """Return the ends of the segmentation with the greatest sum of P(segment is exactly right) - ``price``.

    To this comes ``BONUS`` (P(boundary) - 1/2) for every boundary. A segment is exactly right if both its ends are
    boundaries and no gap inside is one; gaps are taken to be independent. Linear in the number of likely gaps.

    Parameters
    ----------
    proba
        P(boundary) of each gap, float64 (n_paragraphs - 1,); 0 and 1 are certainties and are obeyed.
    price
        What a claimed article costs, between 0 and 1: half the F1 one expects (Jansche 2007).
    """
    n = len(proba) + 1
    places = np.concatenate([[0], np.flatnonzero(proba > LIKELY) + 1, [n]])
    edge = np.concatenate([[1.0], proba, [1.0]])[places]
    # A gap sure to be a boundary must not lie inside a segment: its log is low enough to lose, and stays finite.
    quiet = np.concatenate([[0.0], np.cumsum(np.log(np.maximum(1.0 - proba, 1e-300)))])
    certain = np.concatenate([[0], np.cumsum(proba >= 1.0)])
    bonus = BONUS * (edge - 0.5)
    reach = min(REACH, len(places))
    best = np.full(len(places) + reach, -np.inf)  # as many places before the first, which are none
    best[reach] = 0.0
    back = np.zeros(len(places), dtype=np.int64)
    for low in range(1, len(places), _BLOCK):
        # gains[i, k]: what the segment from places[at - reach + k] to places[at] adds, less its price.
        block = np.arange(low, min(low + _BLOCK, len(places)))
        first = np.maximum(block[:, None] + np.arange(-reach, 0), 0)
        begin, end = places[first], places[block, None]
        gains = edge[first] * edge[block, None] * np.exp(np.minimum(quiet[end - 1] - quiet[begin], 0.0))
        gains += bonus[block, None] - price - np.where(certain[end - 1] > certain[begin], float(n), 0.0)
        for at, row in zip(block.tolist(), gains, strict=True):
            gain = best[at : at + reach] + row
            found = int(gain.argmax())
            back[at] = at - reach + found
            best[at + reach] = gain[found]
    ends = []
    at = len(places) - 1
    while at > 0:
        ends.append(int(places[at]))
        at = int(back[at])
    return ends[::-1]


CLEAR = 0.95
"""From this probability on a boundary under what looks like a masthead is heeded: it was a list, or a notice."""

NEARLY = 0.12
"""Lines above a jump line are taken for its headline from this probability of a boundary before them."""


def heed(proba: NDArray[np.floating], jumps: Mapping[int, Jump], *, masthead: int, index: int) -> NDArray[np.float64]:
    """Return P(boundary) of each gap, (n_paragraphs - 1,), with certainties where marks and mastheads say so.

    ``jumps``, ``masthead`` and ``index`` are those of :meth:`classifier.boundaries.segmenter.Segmenter.predict`.
    """
    heeded = proba.astype(np.float64)
    heeded[: max(masthead - 1, 0)] = 0.0
    if masthead and heeded[masthead - 1] < CLEAR:
        heeded[masthead - 1] = 0.0
    if index:
        heeded[masthead : index - 1] = 0.0
        heeded[index - 1] = 1.0
    floor, lone = 0, False
    for paragraph, jump in sorted(jumps.items()):
        _heed_jump(heeded, paragraph, jump, floor=floor, doubled=lone and floor == paragraph)
        floor, lone = paragraph + 1, jump.opens and jump.alone
    return heeded


def _heed_jump(proba: NDArray[np.float64], paragraph: int, jump: Jump, *, floor: int, doubled: bool) -> None:
    """Make ``proba`` respect a jump line: 上接 opens an article (under its headline, if it has one), 下转 closes it.

    ``proba[i]`` is that of an article beginning at paragraph ``i + 1``. ``floor`` is the paragraph after the jump line
    before this one: what stands above it is another article's. A ``doubled`` 上接, right under a lone one, is the same
    mark read twice.
    """
    # A mark that looks like a start itself has no long headline: the lines above are more likely an advertisement.
    titles = jump.titles if paragraph > 0 and proba[paragraph - 1] < 0.5 else min(jump.titles, SHORT_TITLE)
    low = max(floor, paragraph - titles)
    # The page itself begins an article: a mark in its first lines stands under that one's headline.
    if jump.opens and low > 0 and not doubled:
        near = proba[low - 1 : paragraph]
        # A headline above the jump line belongs to it, but only where the model nearly saw it as a start.
        best = int(np.argmax(near)) if near.max() > NEARLY else len(near) - 1
        near[:] = 0.0
        near[best] = 1.0
    if not jump.opens and jump.alone and paragraph > 0:
        proba[paragraph - 1] = 0.0
    if paragraph < len(proba):
        if not jump.opens or jump.onward is not None:
            proba[paragraph] = 1.0
        elif jump.alone:
            proba[paragraph] = 0.0


def boundaries(ends: Sequence[int]) -> list[tuple[int, int]]:
    """Return the segments ``[first, last)`` that ``ends`` stands for."""
    return list(zip([0, *ends[:-1]], ends, strict=True))
