"""The second pass: what the first pass thinks of the gaps around, and whether the page's own habits agree.

Its ids are made as those of :mod:`~classifier.boundaries.features` are: measurements that are binned, then products of
pairs of bins, then the own score with the types of the blocks at the gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries import bins
from classifier.boundaries.bins import Binning
from classifier.boundaries.blocks import N_TYPES
from classifier.boundaries.cohesion import Spans, cosine
from classifier.boundaries.features import Gaps
from classifier.boundaries.habits import LOOKS, habits

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bins = NDArray[np.signedinteger]

_LOGITS = bins.edges(
    -7, -5.5, -4.5, -3.5, -2.8, -2.2, -1.7, -1.3, -1, -0.7, -0.4, -0.1, 0.2, 0.5, 0.9, 1.4, 2, 2.8, 3.8, 5, 7
)
_NEAR_LOGITS = bins.edges(-5, -3, -2, -1, 0, 1, 2, 4)
_SHARES = bins.edges(0.01, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.95)
_SPANS = bins.edges(1, 8, 16, 30, 50, 80, 120, 180, 260, 380, 550, 800, 1200, 2000)
_MASSES = bins.edges(0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2)

CONTEXT: dict[str, Floats] = {
    "own score": _LOGITS,
    "score one line before": _NEAR_LOGITS,
    "score two lines before": _NEAR_LOGITS,
    "score one line after": _NEAR_LOGITS,
    "score two lines after": _NEAR_LOGITS,
    "score at previous block": _NEAR_LOGITS,
    "score at next block": _NEAR_LOGITS,
    "score - best of three before": bins.DIFFERENCE * 10,
    "score - best of three after": bins.DIFFERENCE * 10,
    "boundaries expected in the 60 characters before": _MASSES,
    "boundaries expected in the 60 characters after": _MASSES,
    "characters since likely boundary": _SPANS,
    "characters to likely boundary": _SPANS,
    "running text since likely boundary": _SPANS,
    "running text to likely boundary": _SPANS,
    "boundaries expected on the page / 1000 characters": bins.edges(0.5, 1, 1.5, 2, 3, 4, 6, 9, 14, 20),
    "article before like article after": bins.COSINE,
    "article after like the page": bins.COSINE,
    **{f"boundaries where alike: {look}": _SHARES for look in LOOKS},
    **{f"other gaps alike: {look}": bins.COUNT for look in LOOKS},
}
"""Every measurement of the second pass and the edges of its bins."""

N_CONTEXT = len(CONTEXT)
CONTEXT_BINS = max(len(edges) for edges in CONTEXT.values()) + 1
"""Ids that each measurement has, whether it has so many bins or fewer."""
PAIRS = (
    *(("own score", name) for name in CONTEXT if name != "own score"),
    ("characters since likely boundary", "characters to likely boundary"),
    ("running text since likely boundary", "running text to likely boundary"),
    (f"boundaries where alike: {LOOKS[0]}", f"boundaries where alike: {LOOKS[4]}"),
    ("score at previous block", "score at next block"),
)
"""Measurements whose products are categories of their own."""
_BINNING = Binning.of(CONTEXT)
_PAIR_ROWS = np.array([[list(CONTEXT).index(name) for name in pair] for pair in PAIRS]).T
_COARSE = 10
"""Bins of the own score in its products with block types."""
OFFSET_PAIRS = N_CONTEXT * CONTEXT_BINS
OFFSET_KINDS = OFFSET_PAIRS + len(PAIRS) * CONTEXT_BINS**2
CONTEXT_FEATURES = OFFSET_KINDS + 2 * N_TYPES**2 * _COARSE
"""Size of the weight vector of the second pass."""
CONTEXT_WIDTH = N_CONTEXT + len(PAIRS) + 2
"""Feature ids a gap has in the second pass."""


def context_ids(gaps: Gaps, scores: NDArray[np.floating]) -> Ids:
    """Return the feature ids of the second pass, int32 (n - 1, ``CONTEXT_WIDTH``).

    ``scores`` are the logits of the first pass, (n - 1,).
    """
    return context_of_pages([gaps], [scores])[0]


def context_of_pages(pages: Sequence[Gaps], scores: Sequence[NDArray[np.floating]]) -> list[Ids]:
    """Return :func:`context_ids` of several pages."""
    if not pages:
        return []
    binned = bin_context(pages, scores)
    kinds = np.concatenate([gaps.kinds.T for gaps in pages], axis=1)
    ids = np.empty((CONTEXT_WIDTH, binned.shape[1]), dtype=np.int32)
    np.add(binned, np.arange(N_CONTEXT)[:, None] * CONTEXT_BINS, out=ids[:N_CONTEXT], casting="unsafe")
    products = binned[_PAIR_ROWS[0]] * CONTEXT_BINS + binned[_PAIR_ROWS[1]]
    bases = OFFSET_PAIRS + np.arange(len(PAIRS))[:, None] * CONTEXT_BINS**2
    np.add(products, bases, out=ids[N_CONTEXT : N_CONTEXT + len(PAIRS)], casting="unsafe")
    coarse = binned[0] * _COARSE // (len(_LOGITS) + 1)
    for number in range(2):
        pair = kinds[number] * N_TYPES + kinds[number + 1]
        ids[N_CONTEXT + len(PAIRS) + number] = pair * _COARSE + coarse + OFFSET_KINDS + number * N_TYPES**2 * _COARSE
    edges = np.cumsum([0, *map(len, scores)]).tolist()
    return [ids[:, low:high].T for low, high in pairwise(edges)]


def bin_context(pages: Sequence[Gaps], scores: Sequence[NDArray[np.floating]]) -> Bins:
    """Return the bins of every measurement of :data:`CONTEXT`, (``N_CONTEXT``, gaps), of pages one after another."""
    return _BINNING.bins(np.concatenate([_measure(*page) for page in zip(pages, scores, strict=True)], axis=1))


def bins_of(ids: Ids) -> Bins:
    """Return the bins of the measurements that feature ids of the second pass stand for, (``N_CONTEXT``, n - 1)."""
    return ids[:, :N_CONTEXT].T - np.arange(N_CONTEXT)[:, None] * CONTEXT_BINS


def _measure(gaps: Gaps, scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the measurements of :data:`CONTEXT` of a page, (``N_CONTEXT``, n - 1)."""
    scores = scores.astype(np.float32)
    proba = 1.0 / (1.0 + np.exp(-scores))
    values = _measure_scores(gaps, scores) | _measure_articles(gaps, scores, proba) | _measure_habits(gaps, proba)
    stacked = np.empty((N_CONTEXT, len(scores)))
    for number, name in enumerate(CONTEXT):
        stacked[number] = values[name]
    return stacked


def _measure_scores(gaps: Gaps, scores: Floats) -> dict[str, NDArray[np.generic]]:
    """Return the score of each gap and those of the gaps around it."""
    edge = np.full(3, -8.0, dtype=np.float32)
    padded = np.concatenate([edge, scores, edge])
    by_line = np.concatenate([[0.0], scores, [0.0]])  # score of the gap before line i; the page's ends are sure
    by_line[0] = by_line[-1] = 8.0
    return {
        "own score": scores,
        "score one line before": padded[2:-4],
        "score two lines before": padded[1:-5],
        "score one line after": padded[4:-2],
        "score two lines after": padded[5:-1],
        "score at previous block": by_line[gaps.before],
        "score at next block": by_line[gaps.after],
        "score - best of three before": scores - np.maximum(np.maximum(padded[2:-4], padded[1:-5]), padded[:-6]),
        "score - best of three after": scores - np.maximum(np.maximum(padded[4:-2], padded[5:-1]), padded[6:]),
    }


def _measure_articles(gaps: Gaps, scores: Floats, proba: Floats) -> dict[str, NDArray[np.generic]]:
    """Return how many boundaries are expected near each gap, and what the likely articles on both sides are like."""
    n = len(scores) + 1
    gap = np.arange(1, n)
    start = gaps.offsets[gap]
    mass = np.concatenate([[0.0], np.cumsum(proba)])
    low = np.searchsorted(start, start - 60)
    high = np.searchsorted(start, start + 60, side="right")
    index = gap - 1
    likely = np.concatenate([[0], gap[scores > -0.7], [n]])
    begin = likely[likely.searchsorted(gap) - 1]
    finish = likely[likely.searchsorted(gap, side="right")]
    length = max(float(gaps.offsets[n]), 1.0)
    # Articles on both sides of the gap; the one after it and what is left of the page without it.
    beside, whole = _like_the_page(gaps.spans, begin, gap, finish)
    return {
        "boundaries expected in the 60 characters before": mass[index] - mass[low],
        "boundaries expected in the 60 characters after": mass[high] - mass[index + 1],
        "characters since likely boundary": start - gaps.offsets[begin],
        "characters to likely boundary": gaps.offsets[finish] - start,
        "running text since likely boundary": gaps.running[gap] - gaps.running[begin],
        "running text to likely boundary": gaps.running[finish] - gaps.running[gap],
        "boundaries expected on the page / 1000 characters": np.full(n - 1, (mass[-1] + 1) * 1000 / length),
        "article before like article after": beside,
        "article after like the page": whole,
    }


def _measure_habits(gaps: Gaps, proba: Floats) -> dict[str, NDArray[np.generic]]:
    """Return how probable a boundary is at the page's other gaps that look like each, and how many these are."""
    others, support = habits(gaps.patterns.T, proba)
    prior = (float(proba.mean()) + 0.02) / 1.02
    shares = (support - proba + prior) / (others + 1.0)
    values: dict[str, NDArray[np.generic]] = {}
    for look, share, count in zip(LOOKS, shares, others, strict=True):
        values[f"boundaries where alike: {look}"] = share
        values[f"other gaps alike: {look}"] = count
    return values


def _like_the_page(spans: Spans, begin: Ints, gap: Ints, finish: Ints) -> tuple[Floats, Floats]:
    """Compare the likely article after each gap with the one before it, and with the page without it."""
    beside = spans.cosines((begin, gap), (gap, finish))
    own = (spans.sums.take(finish, axis=0) - spans.sums.take(gap, axis=0)).astype(np.float32)
    page = (spans.sums[-1] - spans.sums[0]).astype(np.float32)
    return beside, cosine(own, page - own)
