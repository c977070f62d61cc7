"""Linear models over ids: they find what is there and keep what no evidence speaks against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.training.linear import Linear, Sample, fit_linear


def toy(n: int = 400, *, seed: int = 0, noise: float = 0.0, size: int = 50) -> tuple[Sample, NDArray[np.bool_]]:
    """Return rows of three ids, one of them telling (even: a boundary), and the truth."""
    rng = np.random.default_rng(seed)
    telling = rng.integers(0, 10, n)
    ids = np.stack([telling, rng.integers(10, 30, n), rng.integers(30, size, n)], axis=1).astype(np.int32)
    truth = telling % 2 == 0
    truth ^= rng.random(n) < noise
    return Sample(ids, truth, np.ones(n, dtype=np.float32), np.arange(0, n, 40)), truth


ONES = np.ones(50, dtype=np.float32)


def test_a_separable_toy_is_separated() -> None:
    sample, truth = toy()
    fitted = fit_linear(sample, ONES, l2=0.1)
    assert ((fitted.scores(sample.ids) > 0) == truth).all()
    assert fitted.weights.dtype == np.float32
    assert fitted.weights[:10:2].min() > 1
    assert fitted.weights[1:10:2].max() < -1
    assert np.abs(fitted.weights[10:]).max() < 1
    # And on rows it has not seen.
    other, truth = toy(seed=1)
    assert ((fitted.scores(other.ids) > 0) == truth).all()


def test_the_fit_is_that_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    sample, truth = toy(noise=0.2)
    dense = np.zeros((len(truth), 50))
    np.put_along_axis(dense, sample.ids.astype(np.int64), 1, axis=1)
    weight = np.random.default_rng(3).uniform(0.5, 3, len(truth)).astype(np.float32)
    reference = LogisticRegression(C=1 / 2.0, max_iter=2000, tol=1e-8).fit(dense, truth, sample_weight=weight)
    fitted = fit_linear(replace(sample, weight=weight), ONES, l2=2.0, iterations=500)
    assert fitted.weights == pytest.approx(reference.coef_[0], abs=5e-3)
    assert fitted.bias == pytest.approx(reference.intercept_[0], abs=5e-3)


def test_a_scale_of_zero_gives_no_weight() -> None:
    sample, _ = toy()
    scale = ONES.copy()
    scale[:4] = 0
    fitted = fit_linear(sample, scale, l2=0.1)
    assert (fitted.weights[:4] == 0).all()
    assert fitted.weights[4] > 0


def test_a_feature_scaled_up_is_penalised_less() -> None:
    sample, _ = toy(noise=0.2)
    plain = fit_linear(sample, ONES, l2=20.0).weights
    scale = ONES.copy()
    scale[0] = 4
    assert fit_linear(sample, scale, l2=20.0).weights[0] > 1.3 * plain[0]


def test_a_heavier_row_counts_like_a_repeated_one() -> None:
    sample, truth = toy(n=60, noise=0.3)
    weight = np.ones(60, dtype=np.float32)
    weight[:20] = 3
    again = np.concatenate([np.arange(60), np.arange(20), np.arange(20)])
    repeated = Sample(sample.ids[again], truth[again], np.ones(100, dtype=np.float32), sample.pages)
    one = fit_linear(replace(sample, weight=weight), ONES, l2=1.0, iterations=300)
    other = fit_linear(repeated, ONES, l2=1.0, iterations=300)
    assert one.weights == pytest.approx(other.weights, abs=5e-3)


def test_without_evidence_the_start_is_kept() -> None:
    sample, _ = toy()
    rng = np.random.default_rng(5)
    start = Linear(rng.normal(size=50).astype(np.float32), 0.7)
    silent = replace(sample, weight=np.zeros(len(sample.truth), dtype=np.float32))
    kept = fit_linear(silent, ONES, l2=1.0, start=start)
    assert np.array_equal(kept.weights, start.weights)
    assert kept.bias == start.bias
    # A feature that does not occur stays as it was, whatever the others learn.
    seen = replace(sample, ids=np.minimum(sample.ids, 40))
    moved = fit_linear(seen, ONES, l2=1.0, start=start)
    assert np.array_equal(moved.weights[41:], start.weights[41:])
    assert not np.allclose(moved.weights[:10], start.weights[:10], atol=0.1)


def test_the_more_it_costs_the_less_the_start_is_moved() -> None:
    sample, _ = toy(noise=0.1)
    start = Linear(np.zeros(50, dtype=np.float32), 0.0)
    far = [np.abs(fit_linear(sample, ONES, l2=l2, start=start).weights).sum() for l2 in (1.0, 30.0, 1e6)]
    assert far[0] > far[1] > far[2]
    assert far[2] < 0.01


def test_a_fit_gives_the_same_bytes() -> None:
    sample, _ = toy(noise=0.2)
    one, other = (fit_linear(sample, ONES, l2=1.0) for _ in range(2))
    assert one.weights.tobytes() == other.weights.tobytes()
    assert one.bias == other.bias


def test_samples_are_joined_end_to_end() -> None:
    one, other = toy(n=80)[0], toy(n=120, seed=1)[0]
    both = Sample.join([one, other])
    assert len(both.ids) == len(both.truth) == len(both.weight) == 200
    assert both.pages.tolist() == [*one.pages.tolist(), *(other.pages + 80).tolist()]
    assert np.array_equal(both.ids[80:], other.ids)
