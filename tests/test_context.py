"""The second pass: its ids are in range for any scores, and say how the gaps around a gap were scored."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.boundaries.context import CONTEXT_FEATURES, CONTEXT_WIDTH, context_ids
from classifier.composing.compose import Composed
from classifier.text.paragraphs import split_paragraphs
from tests.gap_pages import describe, page_text


@given(page_text)
@settings(deadline=None)
def test_any_scores_of_any_page_have_ids_in_range(text: str) -> None:
    n = len(split_paragraphs(text))
    if n < 2:
        return
    gaps = describe(text)
    for scores in (np.zeros(n - 1), np.full(n - 1, -80.0), np.full(n - 1, 80.0), np.linspace(-9, 9, n - 1)):
        ids = context_ids(gaps, scores.astype(np.float32))
        assert ids.shape == (n - 1, CONTEXT_WIDTH)
        assert ids.dtype == np.int32
        assert ids.min() >= 0
        assert ids.max() < CONTEXT_FEATURES


@given(page_text, st.integers(0, 10**6))
@settings(deadline=None)
def test_columns_have_ids_of_their_own(text: str, seed: int) -> None:
    n = len(split_paragraphs(text))
    if n < 2:
        return
    scores = np.random.default_rng(seed).normal(scale=4, size=n - 1)
    ids = context_ids(describe(text), scores)
    owner = np.broadcast_to(np.arange(ids.shape[1]), ids.shape).ravel()
    pairs = np.unique(np.stack([ids.ravel(), owner]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]


def test_the_second_pass_sees_the_scores_around_a_gap(composed: list[Composed]) -> None:
    gaps = describe(composed[1].text)
    quiet = np.full(len(gaps.ids), -4.0, dtype=np.float32)
    loud = quiet.copy()
    loud[len(loud) // 2] = 4.0
    changed = (context_ids(gaps, quiet) != context_ids(gaps, loud)).any(axis=1)
    assert changed[len(loud) // 2]
    assert changed.sum() > 1
