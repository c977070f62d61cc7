"""Where one article ends and the next begins: two passes of a linear model over the gaps, then decoding.

The first pass scores every gap on its own features. The second looks at the scores around it and at whether the
page's own habits agree (its headlines, bylines, blank lines look alike), and gives the probability of a boundary.
Decoding is dynamic programming over segments: it picks the segmentation with the greatest sum of log-odds, under the
rules that jump lines set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier import features
from classifier.document import Page, Paragraphs
from classifier.features import Gaps
from classifier.jumps import Jump, find_jump
from classifier.tokens import Tokens

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

WINDOW, HALO = 1200, 100
"""Lines described at a time on a very long page, and lines on either side that give them context."""


@dataclass(frozen=True, slots=True, eq=False)
class Segmenter:
    """The boundary model. Weights are float32 vectors indexed by feature id, biases are in nats."""

    alphabet: NDArray[np.uint32]
    """See :func:`classifier.features.reduce_alphabet`, (65536,)."""
    idf: NDArray[np.floating]
    vectors: NDArray[np.floating]
    first: Floats
    """(features.GAP_FEATURES,)"""
    first_bias: float
    second: Floats
    """(features.CONTEXT_FEATURES,)"""
    second_bias: float
    slope: float
    offset: float
    """Platt scaling of the second pass, fitted on pages not trained on: P = 1 / (1 + exp(-(slope z + offset)))."""
    threshold: float
    """A gap this probable is worth a boundary: it balances misses against false alarms."""

    def describe(self, tokens: Tokens, paragraphs: Paragraphs) -> Gaps:
        """Return the features of a page with at least two paragraphs."""
        return features.describe_gaps(tokens, paragraphs, self.alphabet, self.idf, self.vectors)

    def first_scores(self, gaps: Gaps) -> Floats:
        """Return the logits of the first pass, (n_paragraphs - 1,)."""
        scores: Floats = self.first[gaps.ids].sum(axis=1) + np.float32(self.first_bias)
        return scores

    def scores(self, gaps: Gaps) -> Floats:
        """Return the logits of the second pass, (n_paragraphs - 1,)."""
        ids = features.context_ids(gaps, self.first_scores(gaps))
        scores: Floats = self.second[ids].sum(axis=1) + np.float32(self.second_bias)
        return scores

    def predict_proba(self, tokens: Tokens, paragraphs: Paragraphs) -> Floats:
        """Return P(gap i is a boundary), float32 (n_paragraphs - 1,); gap i lies before paragraph i + 1."""
        n = len(paragraphs)
        if n < 2:
            return np.zeros(0, dtype=np.float32)
        if n <= WINDOW + 2 * HALO:
            scores = self.scores(self.describe(tokens, paragraphs))
        else:
            scores = np.concatenate([self._window(tokens, paragraphs, at) for at in range(1, n, WINDOW)])
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

    def predict(self, proba: Floats, jumps: dict[int, Jump] | None = None) -> list[int]:
        """Return the ends of the segments: ascending, the last one the number of paragraphs.

        ``jumps`` maps a paragraph to the jump mark found in it.
        """
        limit = float(np.log(self.threshold / (1 - self.threshold)))
        clipped = np.clip(proba.astype(np.float64), 1e-6, 1 - 1e-6)
        gains = np.log(clipped / (1 - clipped)) - limit
        floor = 0
        for paragraph, jump in sorted((jumps or {}).items()):
            _heed(gains, paragraph, jump, floor=floor)
            floor = paragraph + 1
        return [*(int(gap) + 1 for gap in np.flatnonzero(gains > 0)), len(proba) + 1]


_NEVER, _ALWAYS = -1e6, 1e6

_SURE = 30.0
"""Logits are cut off here: P differs from 0 or 1 by less than float32 can tell, and exp stays finite."""

_TITLE_LINES = 2
"""Lines over a jump line, at most, that can be the headline of the part that it opens."""


def _heed(gains: NDArray[np.float64], paragraph: int, jump: Jump, *, floor: int) -> None:
    """Make ``gains`` respect a jump line: 上接 opens an article (under its headline, if it has one), 下转 closes it.

    ``gains[i]`` decides whether an article begins at paragraph ``i + 1``. ``floor`` is the paragraph after the jump
    line before this one: what stands above it is another article's.
    """
    if jump.opens:
        _open(gains, paragraph, floor=floor)
    elif jump.alone and paragraph > 0:
        gains[paragraph - 1] = _NEVER
    if paragraph < len(gains):
        if not jump.opens or jump.onward is not None:
            gains[paragraph] = _ALWAYS
        elif jump.alone:
            gains[paragraph] = _NEVER


def _open(gains: NDArray[np.float64], paragraph: int, *, floor: int) -> None:
    """Make an article begin at the 上接 of ``paragraph`` or at the headline over it, but not before ``floor``."""
    low = max(floor, paragraph - _TITLE_LINES)
    # The page itself begins an article. And a 上接 right under a lone one is the same mark read twice.
    if low == 0 or gains[paragraph - 1] == _NEVER:
        return
    near = gains[low - 1 : paragraph]
    if (near > 0).any():
        return
    # A headline above the jump line belongs to it, but only where the model nearly saw it as a start.
    best = int(np.argmax(near))
    gains[low - 1 + best if near[best] > -2.0 else paragraph - 1] = _ALWAYS


def find_jumps(page: Page) -> dict[int, Jump]:
    """Return the jump marks of a page by paragraph."""
    text = page.text
    if "版" not in text and "叠" not in text:
        return {}
    found = {}
    for number, (start, end) in enumerate(
        zip(page.paragraphs.starts.tolist(), page.paragraphs.ends.tolist(), strict=True)
    ):
        # A jump line stands alone, begins a paragraph or ends one: the middle of a long paragraph need not be read.
        line = text[start:end] if end - start <= 200 else text[start : start + 60] + "某" + text[end - 60 : end]
        jump = find_jump(line)
        if jump is not None:
            found[number] = jump
    return found


def boundaries(ends: Sequence[int]) -> list[tuple[int, int]]:
    """Return the segments ``[first, last)`` that ``ends`` stands for."""
    return list(zip([0, *ends[:-1]], ends, strict=True))
