"""The genre of an article: a TF-IDF row of hashed words and character n-grams, a linear model, a calibrated score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.document import UNKNOWN, Label
from classifier.form import column_bucket, describe_forms, form_buckets
from classifier.table import Table
from classifier.tokens import SPACE, Tokens, gram_codes, mixed_buckets

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
Narrow = NDArray[np.int32]
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

    @classmethod
    def join(cls, parts: Sequence[Rows]) -> Rows:
        """Return the rows of all parts, one after another."""
        sizes = [np.zeros(1, dtype=np.int64), *(np.diff(part.pointers) for part in parts)]
        columns = [np.zeros(0, dtype=np.int64), *(part.columns for part in parts)]
        values = [np.zeros(0, dtype=np.float32), *(part.values for part in parts)]
        return cls(np.concatenate(columns), np.concatenate(values), np.cumsum(np.concatenate(sizes)))


def find_grams(tokens: Tokens, starts: Ints, limit: Ints) -> list[tuple[Ints, Narrow]]:
    """Return (offsets, buckets) of the feature occurrences that begin in ``[starts[i], limit[i])``.

    Features are words, single characters and pairs. Ranges are disjoint and ascending.
    """
    codes = tokens.codes
    solid = (tokens.classes != SPACE) & (codes > 0x20)
    double = solid[:-1] & solid[1:]
    read = np.zeros(len(codes), dtype=bool)
    for low, high in zip(starts.tolist(), limit.tolist(), strict=True):
        read[low:high] = True
    solid &= read
    double &= read[:-1]
    inside, single, pair = np.flatnonzero(read.take(tokens.starts)), np.flatnonzero(solid), np.flatnonzero(double)
    return [
        (tokens.starts.take(inside), _buckets(tokens.words.take(inside))),
        (single, _buckets(gram_codes(codes.take(single).astype(np.uint64), 1))),
        (pair, _buckets(gram_codes(codes.astype(np.uint64), 2).take(pair))),
    ]


def _buckets(hashes: NDArray[np.uint64]) -> Narrow:
    return mixed_buckets(hashes, GENRE_BITS).astype(np.int32)


BLOCK = 1 << 16
"""Characters described at a time: bounds memory, and what is looked up stays near the processor."""


def article_rows(tokens: Tokens, starts: Ints, ends: Ints, headline_ends: Ints) -> Rows:
    """Count the features of articles ``[starts[i], ends[i])`` of one text, or of several set one after another.

    ``headline_ends[i]`` is where the headline of article i ends, ``starts[i]`` where it has none; headline features
    count ``HEADLINE_WEIGHT`` times, and once more as features of the headline alone, as do those of the lead and the
    end. To these come the categories of the article's form (:mod:`classifier.form`), with a value in proportion to the
    rest. Articles are disjoint and ascending. Only what is read of them is looked at: a text of 50 MB costs no more
    here than one of ``LONGEST`` characters.
    """
    limit = np.minimum(ends, starts + LONGEST)
    parts, first = [], 0
    while first < len(starts):
        base = int(starts[first])
        last = max(first + 1, int(limit.searchsorted(base + BLOCK, side="right")))
        inside = tokens.between(base, int(limit[last - 1]) + 1)  # one more: the second half of the last pair
        at = slice(first, last)
        parts.append(_block_rows(inside, starts[at] - base, limit[at] - base, headline_ends[at] - base))
        first = last
    return parts[0] if len(parts) == 1 else Rows.join(parts)


_WORD, _FORM, _COLUMN = range(3)
"""What an entry of a row comes from, the lowest bits of its key; above them its bucket, above that its article."""
_KIND_BITS, _KINDS = 2, 3
_ROW_BITS = GENRE_BITS + _KIND_BITS


def _block_rows(tokens: Tokens, starts: Ints, limit: Ints, headline_ends: Ints) -> Rows:
    """Return the rows of articles that are read up to ``limit[i]``."""
    n = len(starts)
    narrow = n < 1 << 31 - _ROW_BITS  # half as wide, sorted in half the time
    prefix: NDArray[Any] = np.arange(n + 1, dtype=np.int32 if narrow else np.int64)
    prefix <<= _ROW_BITS
    lead, tail = np.minimum(headline_ends + LEAD, limit), np.maximum(headline_ends, limit - TAIL)
    edges = np.stack([starts, headline_ends, lead, tail, limit])
    keys = _form_keys(tokens, starts, limit, headline_ends, prefix[:-1])
    for offsets, bucket in find_grams(tokens, starts, limit):
        # Offsets ascend: those of an article lie together, and those of its headline come first.
        begin, text, lead_end, tail_begin, end = offsets.searchsorted(edges)
        key = np.repeat(prefix[:-1], np.diff(begin, append=len(offsets)))
        bucket <<= _KIND_BITS
        key |= bucket
        headline = slices(key, begin, text)
        keys += [key, *[headline] * (HEADLINE_WEIGHT - 1), headline ^ (HEADLINE_MARK << _KIND_BITS)]
        keys.append(slices(key, text, lead_end) ^ (LEAD_MARK << _KIND_BITS))
        keys.append(slices(key, tail_begin, end) ^ (TAIL_MARK << _KIND_BITS))
    found, counts = _count(np.concatenate(keys))
    return _weigh(found, counts, prefix)


def slices(array: NDArray[Any], low: Ints, high: Ints) -> NDArray[Any]:
    """Return ``array[low[i]:high[i]]`` of all i as one array."""
    parts = [array[begin:end] for begin, end in zip(low.tolist(), high.tolist(), strict=True) if begin < end]
    return np.concatenate(parts) if parts else array[:0]


def _form_keys(
    tokens: Tokens, starts: Ints, limit: Ints, headline_ends: Ints, prefix: NDArray[np.signedinteger]
) -> list[NDArray[np.signedinteger]]:
    """Return the keys of what the form of each article says."""
    ids = form_buckets(describe_forms(tokens.codes, starts, limit, headline_ends), GENRE_BITS).astype(prefix.dtype)
    keys = [(prefix[:, None] | (ids << _KIND_BITS | _FORM)).ravel()]
    heads = np.minimum(headline_ends, limit)
    brackets = np.flatnonzero(tokens.codes == ord(")"))
    for number in np.flatnonzero(brackets.searchsorted(starts) < brackets.searchsorted(heads)).tolist():
        bucket = column_bucket(tokens.codes[starts[number] : heads[number]], GENRE_BITS)
        if bucket is not None:
            keys.append(prefix[number : number + 1] | (bucket << _KIND_BITS | _COLUMN))
    return keys


def _count(keys: NDArray[np.signedinteger]) -> tuple[NDArray[np.signedinteger], Ints]:
    """Return the different keys, ascending, and how often each is there; ``keys`` is sorted in place."""
    keys.sort()
    is_first = np.ones(len(keys) + 1, dtype=bool)  # and one beyond the end
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:-1])
    begins = np.flatnonzero(is_first)
    return keys.take(begins[:-1]), begins[1:] - begins[:-1]


def _weigh(found: NDArray[np.signedinteger], counts: Ints, prefix: NDArray[np.signedinteger]) -> Rows:
    """Return the rows of ascending keys: words by how often they are there, form in proportion to the words."""
    values = _sublinear(counts)
    other = np.flatnonzero((found & _KINDS) != _WORD)
    values[other] = 0.0
    # No part is empty: every article has a form.
    length = np.sqrt(np.add.reduceat(values * values, found.searchsorted(prefix[:-1])))
    keys = found.take(other)
    values[other] = (
        np.array([0.0, FORM_WEIGHT, COLUMN_WEIGHT])[keys & _KINDS] * counts[other] * length[keys >> _ROW_BITS]
    )
    # A bucket that has words and a category of form has the sum of both.
    twice = np.flatnonzero((found[1:] ^ found[:-1]) <= _KINDS)
    for at in twice[::-1].tolist():
        values[at] += values[at + 1]
    kept = np.ones(len(found), dtype=bool)
    kept[twice + 1] = False
    if not length.all():  # an article without a word has no form either
        kept &= values > 0
    found = found[kept]
    columns = (found >> _KIND_BITS & ((1 << GENRE_BITS) - 1)).astype(np.int64)
    return Rows(columns, values[kept].astype(np.float32), found.searchsorted(prefix))


_LOGS = (1.0 + np.log(np.maximum(np.arange(1 << 10), 1))).astype(np.float32).astype(np.float64)
"""1 + ln(count) of each count, in single precision."""


def _sublinear(counts: Ints) -> NDArray[np.float64]:
    """Return the sublinear term frequency 1 + ln(count), in single precision."""
    if len(counts) and counts.max() >= len(_LOGS):
        return (1.0 + np.log(counts)).astype(np.float32).astype(np.float64)
    return _LOGS.take(counts)


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
        """Return the probability of each genre, float32 (n_rows, n_genres); rows sum to 1."""
        scores = bend_scores(self.scores(rows), self.bend) / np.float32(self.temperature)
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
