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
        return self.first[gaps.ids].sum(axis=1) + np.float32(self.first_bias)

    def scores(self, gaps: Gaps) -> Floats:
        """Return the logits of the second pass, (n_paragraphs - 1,)."""
        ids = features.context_ids(gaps, self.first_scores(gaps))
        return self.second[ids].sum(axis=1) + np.float32(self.second_bias)

    def predict_proba(self, tokens: Tokens, paragraphs: Paragraphs) -> Floats:
        """Return P(gap i is a boundary), float32 (n_paragraphs - 1,); gap i lies before paragraph i + 1."""
        n = len(paragraphs)
        if n < 2:
            return np.zeros(0, dtype=np.float32)
        if n <= WINDOW + 2 * HALO:
            scores = self.scores(self.describe(tokens, paragraphs))
        else:
            scores = np.concatenate([self._window(tokens, paragraphs, at) for at in range(1, n, WINDOW)])
        return 1.0 / (1.0 + np.exp(-(np.float32(self.slope) * scores + np.float32(self.offset))))

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
        for paragraph, jump in sorted((jumps or {}).items()):
            _heed(gains, paragraph, jump)
        return [*(int(gap) + 1 for gap in np.flatnonzero(gains > 0)), len(proba) + 1]


_NEVER, _ALWAYS = -1e6, 1e6


def _heed(gains: NDArray[np.float64], paragraph: int, jump: Jump) -> None:
    """Make ``gains`` respect a jump line: 上接 opens an article (under its headline, if it has one), 下转 closes it."""
    n = len(gains) + 1
    if jump.opens:
        if jump.alone and paragraph < n - 1:
            gains[paragraph] = _NEVER  # the gap after the jump line
        if paragraph == 0:
            return
        low = max(0, paragraph - 3)
        near = gains[low:paragraph]
        if not (near > 0).any():
            # A headline above the jump line belongs to it, but only where the model nearly saw it as a start.
            best = low + int(np.argmax(near))
            gains[best if near.max() > -2.0 else paragraph - 1] = _ALWAYS
    else:
        if jump.alone and paragraph > 0:
            gains[paragraph - 1] = _NEVER
        if paragraph < n - 1:
            gains[paragraph] = _ALWAYS


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
        line = text[start:end] if end - start <= 200 else text[start : start + 60] + "\n" + text[end - 60 : end]
        jump = find_jump(line)
        if jump is not None:
            found[number] = jump
    return found


def boundaries(ends: Sequence[int]) -> list[tuple[int, int]]:
    """Return the segments ``[first, last)`` that ``ends`` stands for."""
    return list(zip([0, *ends[:-1]], ends, strict=True))
