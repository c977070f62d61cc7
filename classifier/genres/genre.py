"""The genre of an article: a linear model over TF-IDF rows, and calibrated scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.document import UNKNOWN, Label
from classifier.genres.tfidf import Rows
from classifier.modeldir import require_numbers
from classifier.table import Table

Floats = NDArray[np.float32]


def bend_scores(scores: Floats, bend: float) -> Floats:
    """Return (1 - exp(-bend * score)) / bend of each score, the shape of ``scores``; these where ``bend`` is 0.

    Scores of support vector machines pile up at the margin: that one genre is beyond it says little more than that it
    is at it, and that another is far below it says much. A softmax of the scores as they are takes both for the same.
    """
    if not bend:
        return scores
    bent: Floats = (-np.expm1(-bend * np.maximum(scores, _LOWEST).astype(np.float64)) / bend).astype(np.float32)
    return bent


_LOWEST = -10.0
"""Scores below this are taken for it, so that none grows beyond all bounds; those of texts lie between -3 and 3."""


@dataclass(frozen=True, slots=True, eq=False)
class GenreModel:
    """A linear model over hashed TF-IDF rows.

    ``idf`` is (2**GENRE_BITS,), ``weights`` (2**GENRE_BITS, n_genres), ``bias`` (n_genres,). Scores are bent
    (:func:`bend_scores`) and divided by ``temperature`` before the softmax (Guo et al. 2017), which was fitted on texts
    the weights have not seen.
    """

    genres: tuple[str, ...]
    idf: NDArray[np.floating]
    weights: NDArray[np.floating]
    bias: Floats
    temperature: float
    threshold: float
    """A best genre below this probability is given as ``unknown``."""
    bend: float = 0.0
    """How much scores are bent; 0 for models made before they were."""
    _weights: Table = field(init=False, repr=False)
    _idf: Table = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the look-up of weights."""
        object.__setattr__(self, "_weights", Table(self.weights))
        object.__setattr__(self, "_idf", Table(self.idf))

    def scores(self, rows: Rows) -> Floats:
        """Return the raw scores of each row, float32 (n_rows, n_genres). Only the columns that occur are touched."""
        values = rows.values * self._idf.take(rows.columns)
        out = np.tile(self.bias.astype(np.float32), (len(rows.pointers) - 1, 1))
        # Row by row, to one place: what is looked up stays near the processor until it is summed.
        room = np.empty((int(np.diff(rows.pointers).max(initial=0)), len(self.genres)), dtype=np.float32)
        for scores, (begin, end) in zip(out, pairwise(rows.pointers.tolist()), strict=True):
            row = values[begin:end]
            norm = float(np.sqrt(row @ row))
            if norm > 0:
                scores += (row / norm) @ self._weights.take(rows.columns[begin:end], room[: end - begin])
        return out

    def predict_proba(self, rows: Rows) -> Floats:
        """Return the probability of each genre, float32 (n_rows, n_genres); rows sum to 1.

        Raises
        ------
        ModelError
            If weights that are no numbers make it none.
        """
        with np.errstate(invalid="ignore"):
            scores = self.scores(rows)
        require_numbers(scores, "scores that the model gives genres")
        scores = bend_scores(scores, self.bend) / np.float32(self.temperature)
        scores -= scores.max(axis=1, keepdims=True)
        proba: Floats = np.exp(scores)
        proba /= proba.sum(axis=1, keepdims=True)
        return proba

    def labels(self, proba: Floats, *, threshold: float | None = None, top_k: int = 3) -> list[Label]:
        """Turn probabilities into labels; ``threshold`` and ``top_k`` as on the command line."""
        limit = self.threshold if threshold is None else threshold
        order = np.argsort(-proba, axis=1, kind="stable")[:, : max(top_k, 1)]
        best = np.take_along_axis(proba, order, axis=1)
        out = []
        for indices, scores in zip(order.tolist(), best.tolist(), strict=True):
            top = tuple((self.genres[index], score) for index, score in zip(indices, scores, strict=True))
            name = top[0][0] if scores[0] >= limit else UNKNOWN
            out.append(Label(name, scores[0], top[:top_k]))
        return out
