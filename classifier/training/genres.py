"""The genre model: topics, genres fitted from labelled rows, their temperature, and a fitted model moved or renamed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.genres.genre import GenreModel, bend_scores
from classifier.genres.memory import Memory
from classifier.genres.tfidf import GENRE_BITS, Rows
from classifier.processor import cores
from classifier.training.memory import memory_matrix, without_twins
from classifier.training.rows import genre_matrix, inverse_frequency, weigh_rows

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

TOPICS, TOPIC_WEIGHT = 500, 0.7
"""Topics that articles without label are summed up in, and their weight beside the words."""


@dataclass(frozen=True, slots=True, eq=False)
class Topics:
    """What articles without labels say of the words: which of them go together."""

    idf: Floats
    """(2**GENRE_BITS,)"""
    vectors: Floats
    """(2**GENRE_BITS, TOPICS), orthonormal columns."""


def fit_topics(rows: Sequence[Rows], background: Sequence[Rows], *, seed: int = 0) -> Topics:
    """Find the topics of articles, with or without labels: a latent semantic analysis (Deerwester et al. 1990).

    Document frequencies are those of ``rows`` alone, the articles that the genres will be learned from.
    """
    from scipy.sparse import csr_matrix, diags, vstack
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    _, columns, pointers = genre_matrix(rows)
    idf = inverse_frequency(columns, len(pointers) - 1).astype(np.float16).astype(np.float32)

    def weighted(part: Sequence[Rows]) -> Any:  # noqa: ANN401 - SciPy has no types
        values, columns, pointers = genre_matrix(part)
        matrix = csr_matrix((values, columns, pointers), shape=(len(pointers) - 1, 1 << GENRE_BITS))
        return normalize(matrix @ diags(idf)).astype(np.float32)

    matrix = vstack([weighted(part) for part in (rows, background) if part]).tocsr()
    found = TruncatedSVD(TOPICS, random_state=seed, n_iter=1).fit(matrix)
    return Topics(idf, np.ascontiguousarray(found.components_.T, dtype=np.float32))


def fit_genre(
    rows: Sequence[Rows],
    labels: Ints,
    genres: Sequence[str],
    *,
    weight: Floats | None = None,
    topics: Topics | None = None,
    strength: float = 2.0,
    seed: int = 0,
) -> GenreModel:
    """Fit the genre model: one-against-rest linear support vector machines on TF-IDF rows, not yet calibrated.

    ``labels`` index ``genres``; ``strength`` is the C of :class:`sklearn.svm.LinearSVC`. With ``topics`` the machines
    see, beside its row, how much of each topic is in an article. Both are linear in the row, so what they learn of
    topics is added to the weights of the words that make them: the fitted model knows more words than were labelled,
    and is no larger.
    """
    from scipy.sparse import csr_matrix, diags, hstack
    from sklearn.preprocessing import normalize
    from sklearn.svm import LinearSVC

    values, columns, pointers = genre_matrix(rows)
    n = len(pointers) - 1
    idf = inverse_frequency(columns, n).astype(np.float16).astype(np.float32)
    matrix = csr_matrix((values, columns, pointers), shape=(n, 1 << GENRE_BITS))
    if topics is not None:
        idf = topics.idf
    matrix = normalize(matrix @ diags(idf))
    if topics is not None:
        matrix = hstack([matrix, csr_matrix(TOPIC_WEIGHT * (matrix @ topics.vectors))]).tocsr()
    machine = LinearSVC(C=strength, class_weight="balanced", random_state=seed).fit(
        matrix, labels, sample_weight=weight
    )
    weights = np.zeros((1 << GENRE_BITS, len(genres)), dtype=np.float32)
    bias = np.full(len(genres), -1.0, dtype=np.float32)
    coefficients, intercepts = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.array([-intercepts[0], intercepts[0]])
    weights[:, machine.classes_] = coefficients[:, : 1 << GENRE_BITS].T
    if topics is not None:
        weights[:, machine.classes_] += TOPIC_WEIGHT * (topics.vectors @ coefficients[:, 1 << GENRE_BITS :].T)
    bias[machine.classes_] = intercepts
    return GenreModel(tuple(genres), idf.astype(np.float16), weights.astype(np.float16), bias, 1.0, 0.0, BEND)


BEND = 1.0
"""How much the scores of machines made here are bent (measured, see docs/design.md)."""


def fit_temperature(scores: Floats, labels: Ints) -> float:
    """Return the temperature that minimises the log-loss of held-out scores, bent already (Guo et al. 2017)."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    def loss(log_temperature: float) -> float:
        spread = log_softmax(scores / np.exp(log_temperature), axis=1)
        return -float(spread[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-4, 3), method="bounded").x))


# --- Learning more from a fitted genre model -----------------------------------------------------------------------

USER_WEIGHT = 3.0
"""Weight of a user's own text against a kept row of the base model."""

PRIOR_TEXTS = 200
"""The base model's temperature counts as much as that of so many held-out texts."""

MANY_TEXTS = 2000
"""Of so many texts, one fold is enough to fit a temperature."""


def rename_genres(
    base: GenreModel, memory: Memory, *, drop: Iterable[str] = (), rename: Mapping[str, str] | None = None
) -> tuple[GenreModel, Memory]:
    """Return a fitted model, and its memory, without some genres and with others under a new name.

    Genres that come to bear one name become one.
    """
    dropped, names = set(drop), dict(rename or {})
    genres = list(dict.fromkeys(names.get(genre, genre) for genre in base.genres if genre not in dropped))
    target = np.array([-1 if g in dropped else genres.index(names.get(g, g)) for g in base.genres], dtype=np.int64)
    weights = np.zeros((len(base.weights), len(genres)), dtype=np.float32)
    bias = np.full(len(genres), -1.0, dtype=np.float32)
    for column, to in enumerate(target.tolist()):
        if to >= 0:
            # Scores are about 1 for a genre's own texts and -1 for others: of two genres in one, f + g + 1.
            weights[:, to] += base.weights[:, column]
            bias[to] += base.bias[column] + 1
    labels = target[memory.labels]
    keep = np.flatnonzero(labels >= 0)
    rows = memory_matrix(memory)[keep]
    memory = Memory(
        rows.indices.astype(np.int32),
        rows.data.astype(np.float16),
        rows.indptr.astype(np.int64),
        labels[keep],
        memory.seen,
    )
    return replace(base, genres=tuple(genres), weights=weights.astype(np.float16), bias=bias), memory


def adapt_genre(
    base: GenreModel,
    rows: Sequence[Rows],
    labels: Ints,
    genres: Sequence[str],
    memory: Memory,
    *,
    strength: float = 1.5,
    folds: int = 3,
) -> GenreModel:
    """Move a fitted genre model towards a user's own labelled texts, no further than they warrant.

    The weights of ``base`` are the point that the new ones are drawn to; genres it does not know start from zero. Kept
    rows of its training texts stand for those texts, but where one is the same as a text of the user's, the user's
    label counts.

    Parameters
    ----------
    base
        The model to start from; its document frequencies stay.
    rows, labels
        The user's texts; ``labels`` index ``genres``.
    genres
        Those of ``base``, in their order, then new ones.
    memory
        What ``base`` keeps of its training texts.
    strength
        The C of the squared hinge loss.
    folds
        Folds in which held-out scores are made to fit the temperature; 0 leaves it.
    """
    if tuple(genres[: len(base.genres)]) != base.genres:
        raise ValueError("genres do not begin with those of the base model")
    own = weigh_rows(rows, base.idf)
    kept = memory_matrix(memory)
    kept, kept_labels = without_twins(kept, memory.labels, own)
    fit = _Adaptation(base, len(genres), strength)
    temperature = base.temperature
    if folds > 1 and len(labels) >= 2 * folds:
        fold = np.arange(len(labels)) % folds
        scores, truths = [], []
        for number in range(folds if len(labels) < MANY_TEXTS else 1):
            inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            weights, bias = fit.run(own[inside], labels[inside], kept, kept_labels)
            scores.append(bend_scores(own[outside] @ weights + bias, base.bend))
            truths.append(labels[outside])
        temperature = blend_temperature(base.temperature, np.concatenate(scores), np.concatenate(truths))
    weights, bias = fit.run(own, labels, kept, kept_labels)
    return replace(base, genres=tuple(genres), weights=weights.astype(np.float16), bias=bias, temperature=temperature)


def blend_temperature(prior: float | None, scores: Floats, labels: Ints) -> float:
    """Return the temperature of held-out scores, bent already, drawn to the base model's where the texts are few."""
    n = len(labels)
    fitted = fit_temperature(scores, labels)
    if prior is not None:
        fitted = float(np.exp((n * np.log(fitted) + PRIOR_TEXTS * np.log(prior)) / (n + PRIOR_TEXTS)))
    return round(fitted, 6)


@dataclass(frozen=True, slots=True, eq=False)
class _Adaptation:
    """One-against-rest squared-hinge machines of ``n_genres`` genres, drawn towards those of ``base``."""

    base: GenreModel
    n_genres: int
    strength: float

    def run(self, own: Any, labels: Ints, kept: Any, kept_labels: Ints) -> tuple[Floats, Floats]:  # noqa: ANN401
        """Return weights, (2**GENRE_BITS, n_genres), and bias."""
        from scipy.optimize import minimize
        from scipy.sparse import vstack
        from threadpoolctl import threadpool_limits

        rows = vstack([own, kept]).tocsr()
        truth = np.concatenate([labels, kept_labels])
        cost = np.full(len(truth), self.strength, dtype=np.float32)
        cost[: len(labels)] *= USER_WEIGHT
        known = len(self.base.genres)
        weights = np.zeros((1 << GENRE_BITS, self.n_genres), dtype=np.float32)
        weights[:, :known] = self.base.weights
        bias = np.full(self.n_genres, -1.0, dtype=np.float32)
        bias[:known] = self.base.bias
        used = np.unique(rows.indices)
        rows = rows[:, used]
        turned = rows.T.tocsr()

        def move(genre: int) -> None:
            sign = np.where(truth == genre, np.float32(1), np.float32(-1))
            start = sign * (rows @ weights[used, genre] + bias[genre])
            if genre < known:
                # The base model has learned its own rows; that they are kept in part is no reason to learn them again.
                start[len(labels) :] = np.maximum(start[len(labels) :], 1)

            def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
                moved = point.astype(np.float32)
                slack = np.maximum(1 - start - sign * (rows @ moved[:-1] + moved[-1]), 0)
                pull = -2 * cost * sign * slack
                value = 0.5 * float(point @ point) + float(cost @ (slack * slack))
                return value, point + np.append(turned @ pull, pull.sum(dtype=np.float64))

            options = {"maxiter": 30, "ftol": 1e-4}
            point = minimize(loss, np.zeros(len(used) + 1), jac=True, method="L-BFGS-B", options=options).x
            weights[used, genre] += point[:-1].astype(np.float32)
            bias[genre] += np.float32(point[-1])

        # Threads, since SciPy lets go of the interpreter where the time goes; no genre reads what another writes.
        # BLAS keeps to one thread, or its threads and these get in each other's way.
        with threadpool_limits(1), ThreadPoolExecutor(cores()) as pool:
            try:
                deque(pool.map(move, range(self.n_genres)), maxlen=0)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return weights, bias
