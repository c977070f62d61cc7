"""Where one article ends and the next begins: three passes of a linear model over the gaps, then decoding.

The first pass scores every gap on its own features. The second looks at the scores around it and at whether the
page's own habits agree (its headlines, bylines, blank lines look alike). The third looks at all of that at once, as
conjunctions of a few tests, and what it adds gives the probability of a boundary.
Decoding is dynamic programming over segments: it picks the segmentation with the greatest sum of log-odds, under the
rules that jump lines set.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from classifier.aspects import describe_aspects, sum_parts
from classifier.bundle import Bundle
from classifier.conjunctions import Conjunctions
from classifier.context import context_of_pages
from classifier.document import Page, Paragraphs
from classifier.features import Gaps, Vocabulary, describe_gaps, describe_pages
from classifier.headline import DASHES, is_byline, is_headline
from classifier.jumps import PAGE_WORDS, Jump, find_jump
from classifier.modeldir import require_numbers
from classifier.paragraphs import wrap_width
from classifier.tokens import Tokens

_SURE = 30.0
"""Logits are clipped to this: beyond it float32 probabilities are 0 and 1, and the exponential overflows."""

HOPELESS = -7.0
"""Gaps that the second pass gives a lower logit are no boundaries, and the third does not look at them."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

WINDOW, HALO = 1200, 100
"""Lines described at a time on a very long page, and lines on either side that give them context."""


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """The boundary model. Weights are float32 vectors indexed by feature id, biases are in nats."""

    alphabet: NDArray[np.uint32]
    """See :func:`classifier.grams.reduce_alphabet`, (65536,)."""
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
    """Of scanned pages, see :mod:`classifier.geometry`: weighs the text's probability and the places of the lines."""
    joining: Floats | None = None
    """Of scanned pages, see :mod:`classifier.joining`."""
    conjunctions: Conjunctions | None = None
    """The third pass; ``None`` for models made before there was one."""
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
        """Return what each part of a gap's row adds, see :func:`~classifier.aspects.sum_parts`, and the logits."""
        added = sum_parts(self.first, gaps.ids)
        scores: Floats = added.sum(axis=0) + np.float32(self.first_bias)
        return added, np.clip(scores, -_SURE, _SURE)

    def scores(self, gaps: Gaps) -> Floats:
        """Return the logits of all passes, (n_paragraphs - 1,)."""
        return self.scores_of_pages([gaps])[0]

    def scores_of_pages(self, pages: Sequence[Gaps]) -> list[Floats]:
        """Return the logits of all passes of several pages, (n_paragraphs - 1,) each."""
        first = [self._first_pass(gaps) for gaps in pages]
        contexts = context_of_pages(pages, [scores for _, scores in first])
        bias = np.float32(self.second_bias)
        found = [self.second.take(ids.T).sum(axis=0) + bias for ids in contexts]
        if self.conjunctions is not None:
            for gaps, (added, own), context, scores in zip(pages, first, contexts, found, strict=True):
                at = np.flatnonzero(scores > HOPELESS)
                scores[at] += self.conjunctions.scores(describe_aspects(gaps, added, own, context)[:, at])
        return found

    def conjunction_scores(self, gaps: Gaps, context: NDArray[np.int32]) -> Floats:
        """Return what the third pass adds to the logit of each gap, were none hopeless, (n_paragraphs - 1,).

        ``context`` are the ids of the second pass, (n_paragraphs - 1, CONTEXT_WIDTH).
        """
        if self.conjunctions is None:
            return np.zeros(len(gaps.ids), dtype=np.float32)
        return self.conjunctions.scores(self.aspects(gaps, context))

    def aspects(self, gaps: Gaps, context: NDArray[np.int32]) -> NDArray[np.int16]:
        """Return what the third pass sees, (N_ASPECTS, n_paragraphs - 1)."""
        return describe_aspects(gaps, *self._first_pass(gaps), context)

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
        follows them, unless the gap under them is at least ``CLEAR``; ``index`` is where the list of contents ends that
        stands under them, 0 without one: an article begins there.
        """
        heeded = proba.astype(np.float64)
        heeded[: max(masthead - 1, 0)] = 0.0
        if masthead and heeded[masthead - 1] < CLEAR:
            heeded[masthead - 1] = 0.0
        if index:
            heeded[masthead : index - 1] = 0.0
            heeded[index - 1] = 1.0
        floor, lone = 0, False
        for paragraph, jump in sorted((jumps or {}).items()):
            _heed(heeded, paragraph, jump, floor=floor, doubled=lone and floor == paragraph)
            floor, lone = paragraph + 1, jump.opens and jump.alone
        return decode(heeded, price=self.threshold)


def optional_arrays(segmenter: Segmenter) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a segmenter that a model can be without, by their names in it; those it has."""
    scans = {"segmenter.geometry": segmenter.geometry, "segmenter.joining": segmenter.joining}
    third = {} if segmenter.conjunctions is None else segmenter.conjunctions.arrays()
    return {name: array for name, array in scans.items() if array is not None} | third


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


def _heed(proba: NDArray[np.float64], paragraph: int, jump: Jump, *, floor: int, doubled: bool) -> None:
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


CLEAR = 0.95
"""From this probability on a boundary under what looks like a masthead is heeded: it was a list, or a notice."""

NEARLY, TITLE_LINES, SHORT_TITLE = 0.12, 4, 2
"""Lines above a jump line are taken for its headline from this probability of a boundary before them, if so few that
look like one; the last is for marks that look like a start themselves."""


_PAGE_WORD = re.compile(f"[{''.join(word[-1] for word in PAGE_WORDS)}](?<![^封]面)")
"""One of the words for a page, found by its last character: a pattern with alternatives is searched for slowly."""


def find_jumps(page: Page) -> dict[int, Jump]:
    """Return the jump marks of a page by paragraph."""
    text = page.text
    places = [match.start() for match in _PAGE_WORD.finditer(text)]
    if not places:
        return {}
    found = {}
    width: int | None = None
    starts, ends = page.paragraphs.starts, page.paragraphs.ends
    # Only lines with one of the words for a page need to be read.
    for number in sorted(set((starts.searchsorted(places, side="right") - 1).tolist())):
        start, end = int(starts[number]), int(ends[number])
        # A jump line stands alone, begins a paragraph or ends one: the middle of a long paragraph need not be read.
        line = text[start:end] if end - start <= 200 else text[start : start + 60] + "某" + text[end - 60 : end]
        jump = find_jump(line)
        if jump is not None and jump.opens:
            width = wrap_width(page.paragraphs) if width is None else width
            jump = replace(jump, titles=_titles_above(page, number, width))
        if jump is not None:
            found[number] = jump
    return found


def _titles_above(page: Page, paragraph: int, width: int) -> int:
    """Count the lines right above a paragraph of a page that could be a headline, with a byline under it."""
    found = 0
    for count in range(1, min(TITLE_LINES, paragraph) + 1):
        above = paragraph - count
        line = page.text[page.paragraphs.starts[above] : page.paragraphs.ends[above]]
        # Wrapped text that was cut short ends in a full line without a full stop.
        full = width > 0 and len(line) >= width - 1 and above > 0 and _length(page, above - 1) >= width - 1
        if is_headline(line) and not full and not line.endswith(("）", ")")):
            found = count
        elif not (line.startswith(DASHES) or (count == 1 and is_byline(line))):
            break  # a line under the headline and a byline are no headline: what they stand under is
    return found


def _length(page: Page, paragraph: int) -> int:
    return int(page.paragraphs.ends[paragraph] - page.paragraphs.starts[paragraph])


def boundaries(ends: Sequence[int]) -> list[tuple[int, int]]:
    """Return the segments ``[first, last)`` that ``ends`` stands for."""
    return list(zip([0, *ends[:-1]], ends, strict=True))
