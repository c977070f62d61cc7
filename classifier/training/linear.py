"""Linear models over feature ids: logistic regression on rows of ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A fitted linear model over feature ids."""

    weights: Floats
    bias: float

    @classmethod
    def mean(cls, models: Sequence[Linear]) -> Linear:
        """Return the model whose scores are the mean of those of ``models``."""
        stacked = np.stack([model.weights for model in models])
        weights: NDArray[np.float64] = np.asarray(np.mean(stacked, axis=0, dtype=np.float64))
        return cls(weights.astype(np.float32), float(np.mean([model.bias for model in models])))

    def scores(self, ids: NDArray[np.int32]) -> Floats:
        """Return the logits of rows of feature ids."""
        scores: Floats = self.weights[ids].sum(axis=1) + np.float32(self.bias)
        return scores


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows of feature ids with their truth and weight; ``pages`` are the row numbers at which pages begin."""

    ids: NDArray[np.int32]
    truth: Bools
    weight: Floats
    pages: Ints
    offset: Floats | None = None
    """What the logit of each row is beside the weights of its ids, (n,); ``None`` for nothing."""

    @classmethod
    def join(cls, samples: Sequence[Sample]) -> Sample:
        """Put samples one after another.

        Raises
        ------
        ValueError
            If some have offsets and others none.
        """
        shift = np.cumsum([0, *(len(sample.truth) for sample in samples)])
        offsets = [sample.offset for sample in samples if sample.offset is not None]
        if offsets and len(offsets) < len(samples):
            raise ValueError("samples with and without offsets")
        return cls(
            np.concatenate([sample.ids for sample in samples]),
            np.concatenate([sample.truth for sample in samples]),
            np.concatenate([sample.weight for sample in samples]),
            np.concatenate([sample.pages + at for sample, at in zip(samples, shift, strict=False)]),
            np.concatenate(offsets) if offsets else None,
        )


def fit_linear(
    sample: Sample,
    scale: Floats,
    *,
    l2: float,
    iterations: int = 100,
    start: Linear | None = None,
    move_bias: bool = True,
) -> Linear:
    """Fit a logistic regression on rows of feature ids by L-BFGS.

    Minimises the weighted log-loss plus ``l2 / 2`` times the squared distance of the (scaled) weights from ``start``,
    or from zero: with a start, a model is moved no further than the new rows warrant. Without
    ``move_bias`` the bias stays that of the start.
    """
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    n, width = sample.ids.shape
    columns = sample.ids.ravel()
    pointers = np.arange(0, n * width + 1, width)
    rows = csr_matrix((scale[columns], columns, pointers), shape=(n, len(scale)))
    turned = rows.T.tocsr()
    truth = sample.truth.astype(np.float64)
    weight = sample.weight.astype(np.float64)
    base = np.zeros(n) if sample.offset is None else sample.offset.astype(np.float64)
    if start is not None:
        base += start.scores(sample.ids)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = rows @ point[:-1].astype(np.float32) + np.float32(point[-1]) + base
        value = float((weight * (np.logaddexp(0, scores) - truth * scores)).sum() + l2 / 2 * (point[:-1] @ point[:-1]))
        error = (weight * (1 / (1 + np.exp(-scores)) - truth)).astype(np.float32)
        return value, np.append(turned @ error + l2 * point[:-1], move_bias * error.sum(dtype=np.float64)).astype(
            np.float64
        )

    found = minimize(
        loss, np.zeros(len(scale) + 1), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 12}
    ).x
    weights, bias = (found[:-1] * scale).astype(np.float32), float(found[-1])
    if start is not None:
        return Linear(start.weights + weights, start.bias + bias)
    return Linear(weights, bias)
