"""What the third pass sees of a gap: its categories, those of the gaps beside it and of its page, and its scores.

Every aspect is a small whole number that has an order, a bin mostly, so that a test of it is "above an edge or not"
(:mod:`classifier.boundaries.conjunctions`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries import bins
from classifier.boundaries.blocks import TYPES
from classifier.boundaries.context import CONTEXT, N_CONTEXT, Bins
from classifier.boundaries.features import CATEGORIES, GAP_WIDTH, N_CROSSES, N_GROUPS, PRODUCTS, TYPE_GRAMS, Gaps
from classifier.boundaries.grams import GRAMS
from classifier.boundaries.measures import MEASURES, N_MEASURES

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]
Narrow = NDArray[np.int16]
Floats = NDArray[np.float32]

_PRINTED = list(MEASURES).index("links forward")
"""Measurements before this one are of print, from it on of words."""

PARTS: dict[str, int] = {
    "measurements of print": _PRINTED,
    "measurements of words": N_MEASURES - _PRINTED,
    "types of blocks": len(TYPE_GRAMS),
    "crosses": N_CROSSES,
    "headline groups": N_GROUPS,
    "products": len(PRODUCTS),
    "characters of the line before": GRAMS,
    "characters of this line": GRAMS,
    "characters of the line after the block": GRAMS,
}
"""Parts of a row of the first pass, and how many ids each has: what each part adds to the score is an aspect."""

_BEGINS = np.cumsum([0, *PARTS.values()])
assert _BEGINS[-1] == GAP_WIDTH, "the parts are the row"

_ADDED = bins.edges(
    -5, -4, -3, -2.4, -1.9, -1.5, -1.2, -0.9, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.9, 1.2, 1.6, 2.1, 2.7, 3.5, 4.5
)
"""Edges of the bins of what a part adds, in nats."""
_SCORES = bins.edges(*(step * 0.4 for step in range(-20, 20)))
_RANKS = 20

_BESIDE = (
    "block length",
    "similarity 400, rank",
    "rare words across 1200, rank",
    "links forward - backward",
    "blank lines before - usual",
    "indent - usual",
    "similarity 1000",
    "fill of previous line",
)
"""Measurements that are looked at in the gaps at the previous and the next block, too."""
_BESIDE_ROWS = np.array([list(MEASURES).index(name) for name in _BESIDE])
_BLANK, _INDENT = (list(MEASURES).index(name) for name in ("blank lines before - usual", "indent - usual"))
_USUAL_BLANK, _USUAL_INDENT = 1, 2
"""Bins of these two that mean: as usual."""

_SHORT = np.array([TYPES.index(name) for name in ("tiny", "short", "medium")])
_LONG_LINE = 60

ASPECTS: tuple[str, ...] = (
    *CATEGORIES,
    *CONTEXT,
    *(f"score from {part}" for part in PARTS),
    "score",
    "score, rank on the page",
    *(f"{name}, at previous block" for name in _BESIDE),
    *(f"{name}, at next block" for name in _BESIDE),
    "lines of the page",
    "page's share of gaps with a blank line",
    "page's share of indents",
    "page's share of headline-like blocks",
    "page's share of running text",
    "page's median line",
    "score two blocks before",
    "score two blocks after",
)
"""Names of the aspects, in their order."""

N_ASPECTS = len(ASPECTS)
_FROM_PARTS = len(CATEGORIES) + N_CONTEXT
_SCORE = ASPECTS.index("score")
_AROUND = _SCORE + 2
_FACTS = ASPECTS.index("lines of the page")
NOTHING = -1
"""An aspect of a gap that the page does not have."""


def sum_parts(weights: NDArray[np.floating], ids: Ids) -> Floats:
    """Return what each of :data:`PARTS` adds to the score of each gap, (parts, n); ``ids`` is (n, ``GAP_WIDTH``)."""
    added: Floats = np.add.reduceat(weights.take(ids.T), _BEGINS[:-1], axis=0)
    return added


def describe_aspects(gaps: Gaps, added: Floats, scores: Floats, context: Bins) -> Narrow:
    """Return the aspects of the gaps of a page, int16 (``N_ASPECTS``, n).

    Parameters
    ----------
    gaps
        The gaps.
    added
        Of :func:`sum_parts`.
    scores
        Logits of the first pass, (n,).
    context
        Bins of the measurements that the second pass sees, of these scores, (``N_CONTEXT``, n).
    """
    previous, following = gaps.before - 1, gaps.after - 1  # the gaps that these blocks begin at
    out = np.empty((N_ASPECTS, len(scores)), dtype=np.int16)
    out[: len(CATEGORIES)] = gaps.categories
    out[_FROM_PARTS : _FROM_PARTS + len(PARTS)] = _ADDED.searchsorted(added)
    beside = gaps.categories[_BESIDE_ROWS]
    out[_AROUND : _AROUND + len(_BESIDE)] = _beside(beside, previous)
    out[_AROUND + len(_BESIDE) : _FACTS] = _beside(beside, following)
    out[_FACTS:-2] = _page_facts(gaps)[:, None]
    _put_scores(out, gaps, scores, context)
    return out


def renew_aspects(aspects: Narrow, gaps: Gaps, scores: Floats, context: Bins) -> Narrow:
    """Return the aspects of :func:`describe_aspects` for other scores; what each part of the first pass adds stays."""
    out = aspects.copy()
    _put_scores(out, gaps, scores, context)
    return out


def _put_scores(out: Narrow, gaps: Gaps, scores: Floats, context: Bins) -> None:
    """Fill in the aspects that depend on the scores of the page's gaps."""
    out[len(CATEGORIES) : _FROM_PARTS] = context
    out[_SCORE] = _SCORES.searchsorted(scores)
    out[_SCORE + 1] = _rank(scores)
    binned = _ADDED.searchsorted(scores)[None]
    previous, following = gaps.before - 1, gaps.after - 1
    out[-2] = _beside(binned, _step(previous, previous))
    out[-1] = _beside(binned, _step(following, following))


def _beside(rows: NDArray[np.signedinteger], at: Ints) -> NDArray[np.signedinteger]:
    """Return the columns ``at`` of ``rows``; ``NOTHING`` where there is no such gap."""
    n = rows.shape[1]
    found = rows[:, np.clip(at, 0, n - 1)]
    found[:, (at < 0) | (at >= n)] = NOTHING
    return found


def _step(of_gap: Ints, at: Ints) -> Ints:
    """Return the gap that ``of_gap`` leads to from each gap ``at``; what is off the page stays there."""
    n = len(of_gap)
    return np.where((at >= 0) & (at < n), of_gap[np.clip(at, 0, n - 1)], at)


def _rank(scores: Floats) -> Ints:
    """Return the rank of each score among those of the page, in steps from 0 to ``_RANKS``."""
    return np.sort(scores).searchsorted(scores, side="right") * _RANKS // max(len(scores), 1)


def _page_facts(gaps: Gaps) -> Ints:
    """Return what is the same for all gaps of a page, (6,)."""
    n = len(gaps.ids)
    rows = gaps.categories
    shares = [
        float((rows[_BLANK] > _USUAL_BLANK).mean()),
        float((rows[_INDENT] != _USUAL_INDENT).mean()),
        float(np.isin(gaps.kinds[:, 1], _SHORT).mean()),
        float(gaps.running[-1]) / max(float(gaps.offsets[-1]), 1.0),
    ]
    median = int(np.median(np.diff(gaps.offsets)))
    return np.array(
        [min(int(2 * np.log2(n + 1)), 30), *(int(20 * share) for share in shares), min(median, _LONG_LINE)],
        dtype=np.int64,
    )
