"""Fitting: word vectors, the two passes of the boundary model, the genre model. The only module with scikit-learn.

Everything is deterministic for the same data and seed. Nothing here reads files or prints.
"""

from __future__ import annotations

import os
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import features
from classifier.cohesion import VECTOR_BITS
from classifier.compose import Composed, Draw, compose_page
from classifier.context import CONTEXT_FEATURES, context_ids
from classifier.features import Gaps
from classifier.form import all_buckets
from classifier.genre import GENRE_BITS, GenreModel, Memory, Rows
from classifier.grams import reduce_alphabet
from classifier.lines import HEAD, TAIL
from classifier.reader import split_paragraphs
from classifier.segmenter import Segmenter
from classifier.style import draw_style
from classifier.tokens import Cutter, buckets, make_cutter, tokenise

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ALPHABET_SIZE = 700
"""Han characters the gap n-grams tell apart; the others are one."""

LSA_DIMENSIONS, VECTOR_DIMENSIONS = 300, 64
"""Dimensions before and after the discriminant projection (64: what 300 find, at a fifth of the cost)."""

FIRST_L2, SECOND_L2 = 20.0, 8.0
GRAM_SCALE, TYPE_SCALE = 0.4, 2.0
"""A feature scaled by s is penalised 1 / s² as much: n-grams more, block types less (docs/design.md)."""

EASY, KEPT = -5.0, 0.04
"""Gaps the filter model gives a lower logit than this are surely none; of those this share is kept, up-weighted."""

MIN_PAGES = 8
"""A feature seen on fewer pages than this gets no weight."""


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """What the boundary features need to know of the language."""

    alphabet: str
    idf: Floats
    """(2**VECTOR_BITS,)"""
    vectors: Floats
    """(2**VECTOR_BITS, VECTOR_DIMENSIONS), weighted by IDF."""


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


def fit_lexicon(texts: Iterable[Sequence[str]], *, seed: int = 0) -> Lexicon:
    """Learn the alphabet, document frequencies and word vectors from texts given as their lines.

    Word vectors are a latent semantic analysis (Deerwester et al. 1990) of passages of 60 to 300 characters, followed
    by a linear discriminant projection in which the classes are the texts: directions are kept along which passages
    of one text agree more than passages of different texts.
    """
    import scipy.linalg
    from scipy.sparse import csr_matrix, diags
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    cutter = make_cutter()
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    size = 1 << VECTOR_BITS
    frequency = np.zeros(size)
    columns, values, pointers, owners = [], [], [0], []
    for number, lines in enumerate(texts):
        for line in lines:
            seen.update({*line[:HEAD], *line[-TAIL:]})
        for passage in _passages(lines, rng.choice((60, 120, 200, 300)))[:12]:
            words = tokenise(passage, cutter).words
            if len(words) < 5:
                continue
            column, count = np.unique(buckets(words, VECTOR_BITS), return_counts=True)
            columns.append(column)
            values.append(1 + np.log(count))
            pointers.append(pointers[-1] + len(column))
            owners.append(number)
            frequency[column] += 1
    n = len(owners)
    idf = np.minimum(np.log((n + 1) / (frequency + 1)), 9.0).astype(np.float32)
    counts = csr_matrix((np.concatenate(values), np.concatenate(columns), pointers), shape=(n, size))
    rows = normalize(counts @ diags(idf)).astype(np.float32)
    svd = TruncatedSVD(LSA_DIMENSIONS, random_state=seed, n_iter=3).fit(rows)
    points = normalize(rows @ svd.components_.T)
    owner = np.unique(owners, return_inverse=True)[1]
    members = csr_matrix((np.ones(n), (owner, np.arange(n))))
    means = np.asarray((members @ points) / np.bincount(owner)[:, None])
    within = points - means[owner]
    between = means[owner] - points.mean(axis=0)
    scatter = within.T @ within / n
    ridge = 1e-3 * np.trace(scatter) / LSA_DIMENSIONS * np.eye(LSA_DIMENSIONS)
    _, directions = scipy.linalg.eigh(between.T @ between / n, scatter + ridge)
    projection = directions[:, ::-1][:, :VECTOR_DIMENSIONS]
    projection *= np.sign(projection[np.abs(projection).argmax(axis=0), np.arange(VECTOR_DIMENSIONS)])
    vectors = svd.components_.T @ projection * idf[:, None]
    vectors /= np.sqrt((vectors[frequency > 50] ** 2).sum(axis=1).mean())
    han = [char for char, _ in sorted(seen.items(), key=lambda item: (-item[1], item[0])) if "一" <= char <= "鿿"]
    return Lexicon("".join(han[:ALPHABET_SIZE]), idf, vectors.astype(np.float32))


def _passages(lines: Sequence[str], size: int) -> list[str]:
    passages, passage = [], ""
    for line in lines:
        passage += line + "\n"
        if len(passage) > size:
            passages.append(passage)
            passage = ""
    return [*passages, passage] if passage else passages


def draft_segmenter(lexicon: Lexicon) -> Segmenter:
    """Return a segmenter that can describe pages but has learned nothing yet."""
    return Segmenter(
        alphabet=reduce_alphabet(lexicon.alphabet),
        idf=lexicon.idf.astype(np.float16),
        vectors=lexicon.vectors.astype(np.float16),
        first=np.zeros(features.GAP_FEATURES, dtype=np.float32),
        first_bias=0.0,
        second=np.zeros(CONTEXT_FEATURES, dtype=np.float32),
        second_bias=0.0,
        slope=1.0,
        offset=0.0,
        threshold=0.4,
    )


def describe_page(page: Composed, segmenter: Segmenter, cutter: Cutter) -> tuple[Gaps, Bools] | None:
    """Return the gaps of a page with a known segmentation and which of them are boundaries, or ``None`` if too short.

    Raises
    ------
    ValueError
        If ``page.ends`` does not fit the paragraphs of ``page.text``.
    """
    paragraphs = split_paragraphs(page.text)
    n = len(paragraphs)
    if n < 2 or not page.ends:
        return None
    if page.ends[-1] != n:
        raise ValueError(f"a page of {n} paragraphs whose segments end at {page.ends[-1]}")
    gaps = segmenter.describe(tokenise(page.text, cutter), paragraphs)
    truth = np.zeros(n - 1, dtype=bool)
    truth[np.array(page.ends[:-1], dtype=np.int64) - 1] = True
    return gaps, truth


def set_pages(draws: Sequence[Draw], *, seed: int, traditional: str = "") -> list[Composed]:
    """Set drawn stories as pages, each in a style of its own; page i of a seed is always the same."""
    pages = []
    for number, (stories, kind) in enumerate(draws):
        rng = random.Random(seed + number)
        pages.append(compose_page(stories, draw_style(rng, kind), rng, simplified_to=traditional))
    return pages


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows of feature ids with their truth and weight; ``pages`` are the row numbers at which pages begin."""

    ids: NDArray[np.int32]
    truth: Bools
    weight: Floats
    pages: Ints

    @classmethod
    def join(cls, samples: Sequence[Sample]) -> Sample:
        """Put samples one after another."""
        shift = np.cumsum([0, *(len(sample.truth) for sample in samples)])
        return cls(
            np.concatenate([sample.ids for sample in samples]),
            np.concatenate([sample.truth for sample in samples]),
            np.concatenate([sample.weight for sample in samples]),
            np.concatenate([sample.pages + at for sample, at in zip(samples, shift, strict=False)]),
        )


def first_sample(
    pages: Iterable[Composed], segmenter: Segmenter, *, screen: Linear | None = None, seed: int = 0
) -> Sample:
    """Return the rows of the first pass. ``screen`` thins out the gaps that are surely no boundary."""
    return _sample(pages, segmenter, lambda gaps: gaps.ids, screen=screen, seed=seed)


def second_sample(pages: Iterable[Composed], segmenter: Segmenter, *, first: Linear, seed: int = 0) -> Sample:
    """Return the rows of the second pass, with the scores of a ``first`` pass that has not seen these stories."""
    return _sample(
        pages,
        segmenter,
        lambda gaps: context_ids(gaps, first.scores(gaps.ids)),
        screen=first,
        seed=seed,
    )


LONGEST_PAGE = 600
"""Gaps of one page that are learned from."""


def _sample(
    pages: Iterable[Composed],
    segmenter: Segmenter,
    rows: Callable[[Gaps], NDArray[np.int32]],
    *,
    screen: Linear | None,
    seed: int,
) -> Sample:
    cutter = make_cutter()
    rng = np.random.default_rng(seed)
    ids, truths, weights, begins, total = [], [], [], [], 0
    for page in pages:
        described = describe_page(page, segmenter, cutter)
        if described is None:
            continue
        gaps, truth = described
        found = rows(gaps)
        keep = np.ones(len(truth), dtype=bool)
        weight = np.ones(len(truth), dtype=np.float32)
        if screen is not None:
            hard = (screen.scores(gaps.ids) > EASY) | truth
            keep = hard | (rng.random(len(truth)) < KEPT)
            weight[~hard] = 1 / KEPT
        keep[LONGEST_PAGE:] = False
        ids.append(found[keep])
        truths.append(truth[keep])
        weights.append(weight[keep])
        begins.append(total)
        total += int(keep.sum())
    return Sample(
        np.concatenate(ids), np.concatenate(truths), np.concatenate(weights), np.array(begins, dtype=np.int64)
    )


def first_scale(sample: Sample) -> Floats:
    """Return the scale of every feature of the first pass: 0 for those seen on too few pages."""
    pages = np.zeros(features.GAP_FEATURES, dtype=np.int32)
    for begin, end in zip(sample.pages, [*sample.pages[1:], len(sample.truth)], strict=True):
        pages[np.unique(sample.ids[begin:end])] += 1
    scale = (pages >= MIN_PAGES).astype(np.float32)
    scale[features.OFFSET_TYPES : features.OFFSET_PRODUCTS] *= TYPE_SCALE
    scale[features.OFFSET_GRAMS :] *= GRAM_SCALE
    return scale


def fit_linear(
    sample: Sample, scale: Floats, *, l2: float, iterations: int = 100, start: Linear | None = None
) -> Linear:
    """Fit a logistic regression on rows of feature ids by L-BFGS.

    Minimises the weighted log-loss plus ``l2 / 2`` times the squared distance of the (scaled) weights from ``start``,
    or from zero: with a start, a model is moved no further than the new rows warrant.
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
    base = np.zeros(n)
    if start is not None:
        base = start.scores(sample.ids).astype(np.float64)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = rows @ point[:-1].astype(np.float32) + np.float32(point[-1]) + base
        value = float((weight * (np.logaddexp(0, scores) - truth * scores)).sum() + l2 / 2 * (point[:-1] @ point[:-1]))
        error = (weight * (1 / (1 + np.exp(-scores)) - truth)).astype(np.float32)
        return value, np.append(turned @ error + l2 * point[:-1], error.sum(dtype=np.float64)).astype(np.float64)

    found = minimize(
        loss, np.zeros(len(scale) + 1), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "maxcor": 12}
    ).x
    weights, bias = (found[:-1] * scale).astype(np.float32), float(found[-1])
    if start is not None:
        return Linear(start.weights + weights, start.bias + bias)
    return Linear(weights, bias)


def install(segmenter: Segmenter, first: Linear, second: Linear) -> Segmenter:
    """Return the segmenter with both passes set."""
    return replace(
        segmenter,
        first=first.weights,
        first_bias=first.bias,
        second=second.weights,
        second_bias=second.bias,
        slope=1.0,
        offset=0.0,
    )


ADAPT_FOLDS = 4
ADAPT_WEIGHT = 2.0
"""Weight of a gap of the user's own pages against the pull of the base model (measured, docs/design.md)."""


def adapt_segmenter(base: Segmenter, pages: Sequence[Composed]) -> Segmenter:
    """Move a fitted segmenter towards a user's own corrected pages, no further than they warrant.

    Both passes are fitted anew with their weights drawn towards those of ``base`` instead of towards zero, so that a
    handful of pages corrects habits and does not unlearn the rest. The second pass is fitted on scores that the first
    gives to pages it was not fitted on.
    """
    usable = [page for page in pages if len(page.ends) and page.ends[-1] > 1]
    if not usable:
        return base
    start = Linear(base.first, base.first_bias)
    scale = np.ones(features.GAP_FEATURES, dtype=np.float32)
    scale[features.OFFSET_TYPES : features.OFFSET_PRODUCTS] *= TYPE_SCALE
    scale[features.OFFSET_GRAMS :] *= GRAM_SCALE

    def fit_first(part: Sequence[Composed]) -> Linear:
        sample = first_sample(part, base)
        weight = (sample.weight * ADAPT_WEIGHT).astype(np.float32)
        return fit_linear(replace(sample, weight=weight), scale, l2=FIRST_L2, start=start)

    folds = min(ADAPT_FOLDS, len(usable))
    samples = []
    for fold in range(folds):
        inside = [page for number, page in enumerate(usable) if number % folds != fold]
        outside = [page for number, page in enumerate(usable) if number % folds == fold]
        part = fit_first(inside) if inside else start
        samples.append(second_sample(outside, base, first=part))
    sample = Sample.join(samples)
    sample = replace(sample, weight=(sample.weight * ADAPT_WEIGHT).astype(np.float32))
    second = fit_linear(
        sample,
        np.ones(CONTEXT_FEATURES, dtype=np.float32),
        l2=SECOND_L2,
        start=Linear(base.second, base.second_bias),
    )
    first = fit_first(usable)
    return replace(
        base,
        first=first.weights,
        first_bias=first.bias,
        second=second.weights,
        second_bias=second.bias,
    )


def calibrate_segmenter(segmenter: Segmenter, pages: Iterable[Composed]) -> Segmenter:
    """Fit Platt scaling (Platt 1999) of the second pass on pages that were not trained on."""
    from sklearn.linear_model import LogisticRegression

    cutter = make_cutter()
    scores, truths = [], []
    for page in pages:
        described = describe_page(page, segmenter, cutter)
        if described is not None:
            scores.append(segmenter.scores(described[0]))
            truths.append(described[1])
    fitted = LogisticRegression(C=1e6).fit(np.concatenate(scores)[:, None], np.concatenate(truths))
    return replace(segmenter, slope=float(fitted.coef_[0, 0]), offset=float(fitted.intercept_[0]))


# --- Genre ---------------------------------------------------------------------------------------------------------


def genre_matrix(rows: Sequence[Rows]) -> tuple[Floats, Ints, Ints]:
    """Return the entries of many rows as one CSR matrix (values, columns, pointers)."""
    pointers = [np.zeros(1, dtype=np.int64)]
    at = 0
    for part in rows:
        pointers.append(part.pointers[1:] + at)
        at += int(part.pointers[-1])
    return (
        np.concatenate([part.values for part in rows]),
        np.concatenate([part.columns for part in rows]),
        np.concatenate(pointers),
    )


FORM_FREQUENCY = 2.5
"""What stands for the inverse document frequency of a category of form."""


def inverse_frequency(columns: Ints, n: int, *, least: int = 2) -> Floats:
    """Return ln(n / df) + 1 of every bucket, 0 for those in fewer than ``least`` of ``n`` texts.

    Categories of form all count the same: a rare length says no more than a frequent one.
    """
    frequency = np.bincount(columns, minlength=1 << GENRE_BITS)
    idf = np.log((n + 1) / (frequency + 1)) + 1
    idf[all_buckets(GENRE_BITS)] = FORM_FREQUENCY
    idf[frequency < least] = 0
    return idf.astype(np.float32)


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
    return GenreModel(tuple(genres), idf.astype(np.float16), weights.astype(np.float16), bias, 1.0, 0.0)


def fit_temperature(scores: Floats, labels: Ints) -> float:
    """Return the temperature that minimises the log-loss of held-out scores (Guo et al. 2017)."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    def loss(log_temperature: float) -> float:
        spread = log_softmax(scores / np.exp(log_temperature), axis=1)
        return -float(spread[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-4, 3), method="bounded").x))


# --- Learning more from a fitted genre model -----------------------------------------------------------------------

USER_WEIGHT = 3.0
"""Weight of a user's own text against a kept row of the base model."""

SAME = 0.9
"""A kept row that shares this much of its length with a user's row is the same text."""

PRIOR_TEXTS = 200
"""The base model's temperature counts as much as that of so many held-out texts."""

MANY_TEXTS = 2000
"""Of so many texts, one fold is enough to fit a temperature."""

MEMORY_BYTES, MEMORY_WIDTH = 3_000_000, 250
"""What a model keeps of its training texts at most, and of one text."""


def merge_rows(rows: Sequence[Rows]) -> Rows:
    """Return many rows as one :class:`Rows`."""
    values, columns, pointers = genre_matrix(rows)
    return Rows(columns, values, pointers)


def weigh_rows(rows: Sequence[Rows], idf: NDArray[np.floating]) -> Any:  # noqa: ANN401 - SciPy has no types
    """Return the TF-IDF rows of unit length as a SciPy CSR matrix of float32."""
    from scipy.sparse import csr_matrix, diags
    from sklearn.preprocessing import normalize

    values, columns, pointers = genre_matrix(rows)
    matrix = csr_matrix((values, columns, pointers), shape=(len(pointers) - 1, 1 << GENRE_BITS), dtype=np.float32)
    return normalize(matrix @ diags(idf.astype(np.float32))).astype(np.float32).tocsr()


def memory_matrix(memory: Memory) -> Any:  # noqa: ANN401 - SciPy has no types
    """Return the kept rows as a SciPy CSR matrix of float32."""
    from scipy.sparse import csr_matrix

    shape = len(memory.labels), 1 << GENRE_BITS
    return csr_matrix((memory.values.astype(np.float32), memory.columns, memory.pointers), shape=shape)


def genre_memory(
    rows: Sequence[Rows],
    labels: Ints,
    idf: NDArray[np.floating],
    *,
    seen: Iterable[int] = (),
    limit: int = MEMORY_BYTES,
    width: int = MEMORY_WIDTH,
) -> Memory:
    """Return what a model keeps of its training rows: the greatest values of as many rows of each genre as have room.

    Parameters
    ----------
    rows, labels
        The rows trained on and their genres; :class:`Rows` may hold several rows.
    idf
        That of the model.
    seen
        Fingerprints of the texts trained on.
    limit
        Bytes of all kept rows.
    width
        Values kept of one row.
    """
    return _keep_rows(weigh_rows(rows, idf), labels, seen=seen, limit=limit, width=width)


def extend_memory(
    memory: Memory, rows: Sequence[Rows], labels: Ints, idf: NDArray[np.floating], *, seen: Iterable[int]
) -> Memory:
    """Return a memory that keeps rows of a user's texts, then, as far as there is room, what was kept before."""
    from scipy.sparse import vstack

    if not rows:
        return replace(memory, seen=np.array(sorted(set(seen)), dtype=np.int64))
    own = weigh_rows(rows, idf)
    kept, kept_labels = _without_twins(memory_matrix(memory), memory.labels, own)
    matrix = vstack([own, kept]).tocsr()
    return _keep_rows(matrix, np.concatenate([labels, kept_labels]), seen=seen, first=len(labels))


def _keep_rows(
    matrix: Any,  # noqa: ANN401 - SciPy has no types
    labels: Ints,
    *,
    seen: Iterable[int],
    limit: int = MEMORY_BYTES,
    width: int = MEMORY_WIDTH,
    first: int = 0,
) -> Memory:
    """Keep rows of all genres in turn, of each the first ``first`` of the matrix before others, until ``limit``."""
    import zlib

    kept: list[tuple[NDArray[np.int32], NDArray[np.float16]]] = []
    for at in range(matrix.shape[0]):
        part = slice(matrix.indptr[at], matrix.indptr[at + 1])
        columns, values = matrix.indices[part], matrix.data[part]
        # Ties by column, so that the order of the entries does not matter.
        best = np.lexsort((columns, -values))[:width]
        best = best[np.argsort(columns[best])]
        kept.append((columns[best].astype(np.int32), values[best].astype(np.float16)))
    digests = [zlib.crc32(columns.tobytes()) for columns, _ in kept]
    queues = []
    for label in np.unique(labels).tolist():
        own = np.flatnonzero(labels == label).tolist()
        queues.append(sorted(own, key=lambda at: (at >= first, digests[at], at)))
    chosen: list[int] = []
    size = 0
    for turn in range(max(map(len, queues), default=0)):
        for queue in queues:
            if turn < len(queue):
                size += 6 * len(kept[queue[turn]][0]) + 16
                if size <= limit:
                    chosen.append(queue[turn])
        if size > limit:
            break
    if not chosen:
        return replace(Memory.empty(), seen=np.array(sorted(set(seen)), dtype=np.int64))
    return Memory(
        np.concatenate([kept[at][0] for at in chosen]),
        np.concatenate([kept[at][1] for at in chosen]),
        np.cumsum([0, *(len(kept[at][0]) for at in chosen)], dtype=np.int64),
        np.array([labels[at] for at in chosen], dtype=np.int64),
        np.array(sorted(set(seen)), dtype=np.int64),
    )


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
    kept, kept_labels = _without_twins(kept, memory.labels, own)
    fit = _Adaptation(base, len(genres), strength)
    temperature = base.temperature
    if folds > 1 and len(labels) >= 2 * folds:
        fold = np.arange(len(labels)) % folds
        scores, truths = [], []
        for number in range(folds if len(labels) < MANY_TEXTS else 1):
            inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            weights, bias = fit.run(own[inside], labels[inside], kept, kept_labels)
            scores.append(own[outside] @ weights + bias)
            truths.append(labels[outside])
        temperature = blend_temperature(base.temperature, np.concatenate(scores), np.concatenate(truths))
    weights, bias = fit.run(own, labels, kept, kept_labels)
    return replace(base, genres=tuple(genres), weights=weights.astype(np.float16), bias=bias, temperature=temperature)


def blend_temperature(prior: float | None, scores: Floats, labels: Ints) -> float:
    """Return the temperature of held-out scores, drawn to that of the base model where the texts are few."""
    n = len(labels)
    fitted = fit_temperature(scores, labels)
    if prior is not None:
        fitted = float(np.exp((n * np.log(fitted) + PRIOR_TEXTS * np.log(prior)) / (n + PRIOR_TEXTS)))
    return round(fitted, 6)


def _without_twins(kept: Any, labels: Ints, own: Any) -> tuple[Any, Ints]:  # noqa: ANN401 - SciPy has no types
    """Return the kept rows without those of texts that are also among ``own``."""
    if kept.shape[0] == 0:
        return kept, labels
    length = np.maximum(np.asarray(kept.multiply(kept).sum(axis=1)).ravel(), 1e-9)
    most = np.zeros(kept.shape[0])
    turned = kept.T.tocsr()
    for at in range(0, own.shape[0], 256):
        most = np.maximum(most, np.asarray((own[at : at + 256] @ turned).max(axis=0).todense()).ravel())
    keep = np.flatnonzero(most < SAME * length)
    return kept[keep], labels[keep]


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
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                deque(pool.map(move, range(self.n_genres)), maxlen=0)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return weights, bias
