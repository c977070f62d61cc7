"""Cohesion: runs of lines are as alike as their word vectors, however that is computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classifier.composing.compose import Composed
from tests.gap_pages import describe


def test_products_give_the_cosines_that_sums_give(composed: list[Composed]) -> None:
    spans = describe(composed[0].text).spans
    n = len(spans.sums) - 1
    begin, middle = (part.ravel() for part in np.meshgrid(np.arange(n), np.arange(n)))
    pairs = (begin, np.maximum(begin, middle)), (np.maximum(begin, middle), np.full(n * n, n))
    assert spans.products is not None
    found, expected = spans.cosines(*pairs), replace(spans, products=None).cosines(*pairs)
    assert np.allclose(found, expected, atol=1e-4)
    assert found.std() > 0.05


def test_a_run_without_a_line_is_neither_like_nor_unlike(composed: list[Composed]) -> None:
    spans = describe(composed[0].text).spans
    empty, whole = (np.array([2]), np.array([2])), (np.array([0]), np.array([3]))
    assert spans.cosines(empty, whole) == replace(spans, products=None).cosines(empty, whole) == np.float32(0.3)
