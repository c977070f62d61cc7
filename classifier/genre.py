"""The genre of an article: a TF-IDF row of hashed words and character n-grams, a linear model, a calibrated score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.document import UNKNOWN, Label
from classifier.form import column_bucket, describe_forms, form_buckets
from classifier.table import Table
from classifier.tokens import SPACE, Tokens, buckets, gram_codes, mix

GENRE_BITS = 17
"""log2 of the feature buckets."""

HEADLINE_WEIGHT = 2
"""How often a word of the headline counts: a headline names the topic (measured, see docs/design.md)."""

HEADLINE_MARK = 0x15A5A
"""XORed to the bucket of a headline's feature: what a word says in a headline is learned apart from the text."""

LEAD, LEAD_MARK = 60, 0x0C3C3
"""Characters after the headline whose words count once more as those of the lead, and what is XORed to their bucket."""

TAIL, TAIL_MARK = 40, 0x19696
"""The same for the end: who wrote an article and where it came from says much of its form."""

FORM_WEIGHT, COLUMN_WEIGHT = 0.1, 0.13
"""Value of a category of form, and of the column a headline names, to the length of the row of words (measured, see
docs/design.md)."""

LONGEST = 8000
"""Characters of an article that are read; what it is about is clear by then, and the cost stays bounded."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Sparse rows, one an article, in the layout of a CSR matrix."""

    columns: Ints
    """Bucket of each entry, int64 (n_entries,), ascending within a row."""
    values: Floats
    """Sublinear term frequency 1 + ln(count) of each entry, float32 (n_entries,)."""
    pointers: Ints
    """Entries of row i are ``[pointers[i], pointers[i + 1])``, int64 (n_rows + 1,)."""


def find_grams(tokens: Tokens, starts: Ints, limit: Ints) -> list[tuple[Ints, Ints]]:
    """Return (offsets, buckets) of the feature occurrences that begin in ``[starts[i], limit[i])``.

    Features are words, single characters and pairs. What lies outside is not even hashed: a text of 50 MB costs no
    more here than one of ``LONGEST`` characters.
    """
    codes = tokens.codes
    solid = (tokens.classes != SPACE) & (codes > 0x20)
    double = solid[:-1] & solid[1:]
    if len(starts) == 1:  # a text of its own, what classify reads
        low, high = int(starts[0]), int(limit[0])
        single = np.flatnonzero(solid[low:high]) + low
        pair = np.flatnonzero(double[low:high]) + low
        inside = np.arange(*tokens.starts.searchsorted([low, high]).tolist())
    else:
        change = np.zeros(len(codes) + 1, dtype=np.int8)
        np.add.at(change, starts, 1)
        np.add.at(change, limit, -1)
        read = np.cumsum(change[:-1], dtype=np.int8).astype(bool)
        single = np.flatnonzero(solid & read)
        pair = np.flatnonzero(double & read[:-1])
        inside = np.flatnonzero(read[tokens.starts])
    return [
        (tokens.starts[inside], buckets(mix(tokens.words[inside]), GENRE_BITS)),
        (single, buckets(mix(gram_codes(codes[single].astype(np.uint64), 1)), GENRE_BITS)),
        (pair, buckets(mix(gram_codes(np.stack([codes[pair], codes[pair + 1]]).astype(np.uint64), 2)[0]), GENRE_BITS)),
    ]


def article_rows(tokens: Tokens, starts: Ints, ends: Ints, headline_ends: Ints) -> Rows:
    """Count the features of articles ``[starts[i], ends[i])`` of one text.

    ``headline_ends[i]`` is where the headline of article i ends, ``starts[i]`` where it has none; headline features
    count ``HEADLINE_WEIGHT`` times, and once more as features of the headline alone, as do those of the lead and the
    end. To these come the categories of the article's form (:mod:`classifier.form`), with a value in proportion to the
    rest. Articles are disjoint and ascending.
    """
    n = len(starts)
    if n == 0:
        none = np.zeros(0, dtype=np.int64)
        return Rows(none, none.astype(np.float32), np.zeros(1, dtype=np.int64))
    limit = np.minimum(ends, starts + LONGEST)
    keys: list[Ints] = []
    for offsets, bucket in find_grams(tokens, starts, limit):
        # Offsets ascend: those of an article lie together, and those of its headline come first.
        begins = offsets.searchsorted(starts)
        article = np.repeat(np.arange(n), np.diff(begins, append=len(offsets)))
        key = (article << GENRE_BITS) | bucket
        keys.append(key)
        ends_of = offsets.searchsorted(headline_ends)
        headline = _slices(key, begins, ends_of)
        keys.extend([headline] * (HEADLINE_WEIGHT - 1))
        keys.append(headline ^ HEADLINE_MARK)
        lead = offsets.searchsorted(np.minimum(headline_ends + LEAD, limit))
        keys.append(_slices(key, ends_of, lead) ^ LEAD_MARK)
        tail = offsets.searchsorted(np.maximum(headline_ends, limit - TAIL))
        keys.append(_slices(key, tail, offsets.searchsorted(limit)) ^ TAIL_MARK)
    found, counts = _count(np.concatenate(keys), most=n << GENRE_BITS)
    values = _sublinear(counts).astype(np.float64)
    extra, extra_values = _form_entries(tokens, starts, limit, headline_ends, found >> GENRE_BITS, values)
    found, at = np.unique(np.concatenate([found, extra]), return_inverse=True)
    total = np.bincount(at, weights=np.concatenate([values, extra_values]), minlength=len(found))
    pointers = np.searchsorted(found, np.arange(n + 1) << GENRE_BITS)
    return Rows(found & ((1 << GENRE_BITS) - 1), total.astype(np.float32), pointers)


def _slices(key: Ints, low: Ints, high: Ints) -> Ints:
    """Return ``key[low[i]:high[i]]`` of all i as one array."""
    parts = [key[begin:end] for begin, end in zip(low.tolist(), high.tolist(), strict=True) if begin < end]
    return np.concatenate(parts) if parts else key[:0]


def _form_entries(
    tokens: Tokens, starts: Ints, limit: Ints, headline_ends: Ints, article: Ints, values: NDArray[np.float64]
) -> tuple[Ints, NDArray[np.float64]]:
    """Return (article and bucket, value) of what the form of each article says; ``values`` are those of its words."""
    length = np.sqrt(np.bincount(article, weights=values * values, minlength=len(starts)))
    ids = form_buckets(describe_forms(tokens.codes, starts, limit, headline_ends), GENRE_BITS)
    keys = [((np.arange(len(starts))[:, None] << GENRE_BITS) | ids).ravel()]
    weights = [np.repeat(FORM_WEIGHT * length, ids.shape[1])]
    for number, (start, end) in enumerate(zip(starts.tolist(), np.minimum(headline_ends, limit).tolist(), strict=True)):
        bucket = column_bucket(tokens.codes[start:end], GENRE_BITS)
        if bucket is not None:
            keys.append(np.array([(number << GENRE_BITS) | bucket]))
            weights.append(np.array([COLUMN_WEIGHT * length[number]]))
    entries, amounts = np.concatenate(keys), np.concatenate(weights)
    some = amounts > 0  # an article without a word has no form either
    return entries[some], amounts[some]


def _count(keys: Ints, *, most: int) -> tuple[Ints, Ints]:
    """Return the different keys, all below ``most``, ascending, and how often each is there."""
    ordered = keys.astype(np.int32 if most <= 1 << 31 else np.int64)  # half as wide, sorted in half the time
    ordered.sort()
    first = np.flatnonzero(ordered[1:] != ordered[:-1])
    first += 1
    begins = np.concatenate([[0], first]) if len(ordered) else first
    return ordered[begins].astype(np.int64), np.diff(begins, append=len(ordered))


_LOGS = (1.0 + np.log(np.arange(1, 1 << 10))).astype(np.float32)
"""1 + ln(count) of the counts from 1."""


def _sublinear(counts: Ints) -> Floats:
    """Return the sublinear term frequency 1 + ln(count)."""
    if len(counts) and counts.max() >= len(_LOGS):
        return (1.0 + np.log(counts)).astype(np.float32)
    return _LOGS.take(counts - 1)


@dataclass(frozen=True, slots=True, eq=False)
class GenreModel:
    """A linear model over hashed TF-IDF rows.

    ``idf`` is (2**GENRE_BITS,), ``weights`` (2**GENRE_BITS, n_genres), ``bias`` (n_genres,). Scores are divided by
    ``temperature`` before the softmax (Guo et al. 2017), which was fitted on texts the weights have not seen.
    """

    genres: tuple[str, ...]
    idf: NDArray[np.floating]
    weights: NDArray[np.floating]
    bias: Floats
    temperature: float
    threshold: float
    """A best genre below this probability is given as ``unknown``."""
    _weights: Table = field(init=False, repr=False)
    _idf: Table = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the look-up of weights."""
        object.__setattr__(self, "_weights", Table(self.weights))
        object.__setattr__(self, "_idf", Table(self.idf))

    def scores(self, rows: Rows) -> Floats:
        """Return the raw scores of each row, float32 (n_rows, n_genres). Only the columns that occur are touched."""
        n = len(rows.pointers) - 1
        out = np.tile(self.bias.astype(np.float32), (n, 1))
        values = rows.values * self._idf.take(rows.columns)
        weights = self._weights.take(rows.columns)
        places = rows.pointers.tolist()
        for i, (begin, end) in enumerate(pairwise(places)):
            row = values[begin:end]
            norm = float(np.sqrt(row @ row))
            if norm > 0:
                out[i] += (row / norm) @ weights[begin:end]
        return out

    def predict_proba(self, rows: Rows) -> Floats:
        """Return the probability of each genre, float32 (n_rows, n_genres); rows sum to 1."""
        scores = self.scores(rows) / np.float32(self.temperature)
        scores -= scores.max(axis=1, keepdims=True)
        proba: Floats = np.exp(scores)
        proba /= proba.sum(axis=1, keepdims=True)
        return proba

    def labels(self, proba: Floats, *, threshold: float | None = None, top_k: int = 3) -> list[Label]:
        """Turn probabilities into labels; ``threshold`` and ``top_k`` as on the command line."""
        limit = self.threshold if threshold is None else threshold
        out = []
        for row in proba:
            order = np.argsort(-row, kind="stable")[: max(top_k, 1)]
            best = float(row[order[0]])
            name = self.genres[order[0]] if best >= limit else UNKNOWN
            out.append(Label(name, best, _top(self.genres, row, order[:top_k])))
        return out


def _top(genres: Sequence[str], row: Floats, order: Ints) -> tuple[tuple[str, float], ...]:
    return tuple((genres[index], float(row[index])) for index in order)


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What a model keeps of the texts it was trained on, so that it can learn more without them.

    Rows of hashed TF-IDF values, not texts. ``columns``, ``values`` and ``pointers`` are a CSR matrix of shape
    (n_rows, 2**GENRE_BITS); a row holds its greatest values, scaled as in the whole row. ``labels`` index the genres
    of the model.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float16]
    pointers: Ints
    labels: Ints
    seen: Ints
    """Fingerprints (:func:`classifier.corpus.fingerprint`) of texts and pages trained on, ascending, (n_texts,)."""

    @classmethod
    def empty(cls) -> Memory:
        """Return the memory of a model that keeps nothing."""
        none = np.zeros(0, dtype=np.int64)
        return cls(none.astype(np.int32), none.astype(np.float16), np.zeros(1, dtype=np.int64), none, none)

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[np.generic]], n_genres: int) -> Memory:
        """Return the memory that a weights file holds, if any, after checking that it is one.

        Raises
        ------
        ValueError
            If its arrays do not fit together.
        """
        if "memory.columns" not in arrays:
            return cls.empty()
        found = cls(*(np.array(arrays[f"memory.{name}"]) for name in cls.__slots__))
        sound = (
            all(array.ndim == 1 for array in (found.columns, found.values, found.pointers, found.labels, found.seen))
            and all(array.dtype.kind == "i" for array in (found.columns, found.pointers, found.labels, found.seen))
            and found.values.dtype.kind == "f"
            and len(found.pointers) == len(found.labels) + 1
            and found.pointers[0] == 0
            and bool((np.diff(found.pointers) >= 0).all())
            and found.pointers[-1] == len(found.columns) == len(found.values)
            and not ((found.columns < 0) | (found.columns >= 1 << GENRE_BITS)).any()
            and not ((found.labels < 0) | (found.labels >= n_genres)).any()
            and bool(np.isfinite(found.values).all())
        )
        if not sound:
            raise ValueError("the kept rows do not fit together")
        return found

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays under the names they have in a weights file."""
        return {f"memory.{name}": getattr(self, name) for name in self.__slots__}
