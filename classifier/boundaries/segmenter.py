"""Where one article ends and the next begins: three passes of a linear model over the gaps, then decoding.

The first pass scores every gap on its own features. The second looks at the scores around it and at whether the
page's own habits agree (its headlines, bylines, blank lines look alike). The third looks at all of that at once, as
conjunctions of a few tests, and does so in turns: each sees the page with the scores that the one before it gave, and
what they add gives the probability of a boundary. What is made of these probabilities is the business of
:mod:`classifier.boundaries.decoding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.aspects import Narrow, describe_aspects, renew_aspects, sum_parts
from classifier.boundaries.conjunctions import Conjunctions, turn_arrays
from classifier.boundaries.context import Ids, bin_context, bins_of, context_of_pages
from classifier.boundaries.decoding import decode, heed
from classifier.boundaries.features import Gaps, Vocabulary, describe_gaps, describe_pages
from classifier.document import Paragraphs
from classifier.modeldir import require_numbers
from classifier.page.bundle import Bundle
from classifier.page.jumps import Jump
from classifier.text.tokens import Tokens

_SURE = 30.0
"""Logits are clipped to this: beyond it float32 probabilities are 0 and 1, and the exponential overflows."""

HOPELESS = -7.0
"""Gaps with a lower logit are no boundaries, and no turn of the third pass looks at them."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

WINDOW, HALO = 1200, 100
"""Lines described at a time on a very long page, and lines on either side that give them context."""


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """The boundary model. Weights are float32 vectors indexed by feature id, biases are in nats."""

    alphabet: NDArray[np.uint32]
    """See :func:`classifier.boundaries.grams.reduce_alphabet`, (65536,)."""
    idf: NDArray[np.floating]
    vectors: NDArray[np.floating]
    first: Floats
    """(features.GAP_FEATURES,)"""
    first_bias: float
    second: Floats
    """(context.CONTEXT_FEATURES,)"""
    second_bias: float
    slope: float
    offset: float
    """Platt scaling of the scores, fitted on pages not trained on: P = 1 / (1 + exp(-(slope z + offset)))."""
    threshold: float
    """A gap this probable is worth a boundary: it balances misses against false alarms."""
    geometry: Floats | None = None
    """Of scanned pages, see :mod:`~classifier.scans.geometry`; the text's probability weighed with places."""
    joining: Floats | None = None
    """Of scanned pages, see :mod:`classifier.scans.joining`."""
    turns: tuple[Conjunctions, ...] = ()
    """The turns of the third pass, in their order; models made before there was one have none."""
    _vocabulary: Vocabulary = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the look-up of words."""
        object.__setattr__(self, "_vocabulary", Vocabulary.of(self.alphabet, self.idf, self.vectors))

    def describe(self, tokens: Tokens, paragraphs: Paragraphs) -> Gaps:
        """Return the features of a page with at least two paragraphs."""
        return describe_gaps(tokens, paragraphs, self._vocabulary)

    def first_scores(self, gaps: Gaps) -> Floats:
        """Return the logits of the first pass, (n_paragraphs - 1,)."""
        return self._first_pass(gaps)[1]

    def _first_pass(self, gaps: Gaps) -> tuple[Floats, Floats]:
        """Return what each part of a gap's row adds, see :func:`~.aspects.sum_parts`, and the logits."""
        added = sum_parts(self.first, gaps.ids)
        scores: Floats = added.sum(axis=0) + np.float32(self.first_bias)
        return added, np.clip(scores, -_SURE, _SURE)

    def scores(self, gaps: Gaps) -> Floats:
        """Return the logits of all passes, (n_paragraphs - 1,)."""
        return self.scores_of_pages([gaps])[0]

    def scores_of_pages(self, pages: Sequence[Gaps]) -> list[Floats]:
        """Return the logits of all passes of several pages, (n_paragraphs - 1,) each."""
        if not pages:  # as of texts of a line each, which have no gaps
            return []
        first = [self._first_pass(gaps) for gaps in pages]
        contexts = context_of_pages(pages, [scores for _, scores in first])
        bias = np.float32(self.second_bias)
        found = [self.second.take(ids.T).sum(axis=0) + bias for ids in contexts]
        if self.turns:
            seen = [
                describe_aspects(gaps, added, own, bins_of(context))
                for gaps, (added, own), context in zip(pages, first, contexts, strict=True)
            ]
            for number, turn in enumerate(self.turns):
                seen = _look_again(pages, seen, found) if number else seen
                found = [_add(turn, scores, aspects) for scores, aspects in zip(found, seen, strict=True)]
        return found

    def third_pass(self, gaps: Gaps, context: Ids) -> tuple[list[Narrow], Floats]:
        """Return what each turn of the third pass sees of a page, and one turn more would see.

        ``context`` are the ids of the second pass, (n_paragraphs - 1, CONTEXT_WIDTH).

        Returns
        -------
        seen : list of int16, (N_ASPECTS, n_paragraphs - 1)
            One more than there are turns.
        scores : float32, (n_paragraphs - 1,)
            The logits of all passes.
        """
        scores: Floats = self.second.take(context.T).sum(axis=0) + np.float32(self.second_bias)
        seen = [describe_aspects(gaps, *self._first_pass(gaps), bins_of(context))]
        for turn in self.turns:
            scores = _add(turn, scores, seen[-1])
            seen += _look_again([gaps], seen[-1:], [scores])
        return seen, scores

    def predict_proba(self, tokens: Tokens, paragraphs: Paragraphs) -> Floats:
        """Return P(gap i is a boundary), float32 (n_paragraphs - 1,); gap i lies before paragraph i + 1."""
        n = len(paragraphs)
        if n < 2:
            return np.zeros(0, dtype=np.float32)
        if n <= WINDOW + 2 * HALO:
            scores = self.scores(self.describe(tokens, paragraphs))
        else:
            scores = np.concatenate([self._window(tokens, paragraphs, at) for at in range(1, n, WINDOW)])
        return self._calibrate(scores)

    def predict_pages(self, bundle: Bundle, numbers: Sequence[int]) -> list[Floats]:
        """Return :meth:`predict_proba` of these pages of a bundle."""
        spans = [bundle.bounds[number : number + 2] for number in numbers]
        most = max((high - low for low, high in spans), default=0)
        if most <= WINDOW + 2 * HALO:
            described = describe_pages(bundle.tokens, bundle.page.paragraphs, bundle.bounds, self._vocabulary)
            found = iter([self._calibrate(scores) for scores in self.scores_of_pages(described)])
            return [next(found) if high - low > 1 else np.zeros(0, dtype=np.float32) for low, high in spans]
        pages, edges = bundle.pages(), bundle.offsets
        return [
            self.predict_proba(bundle.tokens.between(edges[number], edges[number + 1]), pages[number].paragraphs)
            for number in numbers
        ]

    def _calibrate(self, scores: Floats) -> Floats:
        """Return the probabilities that logits of the second pass stand for."""
        require_numbers(scores, "scores that the model gives boundaries")
        logits = np.clip(np.float32(self.slope) * scores + np.float32(self.offset), -_SURE, _SURE)
        proba: Floats = np.float32(1) / (np.float32(1) + np.exp(-logits))
        return proba

    def _window(self, tokens: Tokens, paragraphs: Paragraphs, at: int) -> Floats:
        """Return the logits of the gaps before paragraphs ``at`` … ``at + WINDOW - 1``, seen with their halo."""
        n = len(paragraphs)
        low, high = max(0, at - HALO), min(n, at + WINDOW + HALO)
        begin = int(paragraphs.ends[low - 1]) if low else 0
        finish = int(paragraphs.ends[high - 1])
        inside = Paragraphs(
            paragraphs.starts[low:high] - begin, paragraphs.ends[low:high] - begin, paragraphs.lines[low:high]
        )
        scores = self.scores(self.describe(tokens.between(begin, finish), inside))
        first = at - low - 1
        return scores[first : first + min(WINDOW, n - at)]

    def predict(
        self, proba: Floats, jumps: dict[int, Jump] | None = None, *, masthead: int = 0, index: int = 0
    ) -> list[int]:
        """Return the ends of the segments: ascending, the last one the number of paragraphs.

        Dynamic programming finds the segmentation with the most articles expected to be exactly right, less
        ``threshold`` for each article it claims: the best trade for the F1 of exact articles. ``jumps`` maps a
        paragraph to the jump mark found in it. ``masthead`` is the number of paragraphs at the top that belong to what
        follows them, unless the gap under them is at least ``decoding.CLEAR``; ``index`` is where the list of contents
        ends that stands under them, 0 without one: an article begins there.
        """
        return decode(heed(proba, jumps or {}, masthead=masthead, index=index), price=self.threshold)


def _add(turn: Conjunctions, scores: Floats, aspects: Narrow) -> Floats:
    """Return scores with what a turn of the third pass adds to those that are not hopeless."""
    at = np.flatnonzero(scores > HOPELESS)
    out = scores.copy()
    out[at] += turn.scores(aspects[:, at])
    return out


def _look_again(pages: Sequence[Gaps], seen: Sequence[Narrow], scores: Sequence[Floats]) -> list[Narrow]:
    """Return what the next turn sees of some pages: the aspects of the turn before, with its scores."""
    clipped = [np.clip(own, -_SURE, _SURE) for own in scores]
    edges = np.cumsum([0, *map(len, scores)]).tolist()
    context = bin_context(pages, clipped)
    return [
        renew_aspects(aspects, gaps, own, context[:, low:high])
        for aspects, gaps, own, (low, high) in zip(seen, pages, clipped, pairwise(edges), strict=True)
    ]


def optional_arrays(segmenter: Segmenter) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a segmenter that a model can be without, by their names in it; those it has."""
    scans = {"segmenter.geometry": segmenter.geometry, "segmenter.joining": segmenter.joining}
    third = turn_arrays(segmenter.turns) if segmenter.turns else {}
    return {name: array for name, array in scans.items() if array is not None} | third
