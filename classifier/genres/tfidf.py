"""What a genre is told by: an article as a row of hashed words, characters and pairs, and of what its form says.

A row holds how often each is there (TF); the model multiplies by the inverse document frequency (IDF) that it learned
(:mod:`classifier.genres.genre`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.genres.form import column_bucket, describe_forms, form_buckets
from classifier.text.tokens import SPACE, Tokens, gram_codes, mixed_buckets

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
    end. To these come the categories of the article's form (:mod:`classifier.genres.form`), with a value in proportion
    to the rest. Articles are disjoint and ascending. Only what is read of them is looked at: a text of 50 MB costs no
    more here than one of ``LONGEST`` characters.
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
