"""Cohesion: how far what stands before a gap is about the same as what stands after it.

Measured twice: by *links*, words that come again on the other side, weighted by their IDF; and by cosines of summed
word vectors of any two runs of lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.document import Paragraphs
from classifier.modeldir import require_numbers
from classifier.table import Table
from classifier.text.tokens import Tokens, buckets

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

VECTOR_BITS = 15
"""log2 of the rows of the word-vector table."""

REACH = (120, 350, 1000)
"""Longest distance, in characters, of a repeated word that still counts as a link across a gap."""

RARE_REACH = (300, 1200)
"""The same for rare words (names, mostly): those with an IDF over ``RARE``."""

RARE = 6.0
"""IDF, in nats, over which a word is rare."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a page: hashes, the line each stands in, IDF; all of shape (n_words,)."""

    hashes: NDArray[np.uint64]
    line_of: Ints
    idf: Floats


def word_lines(tokens: Tokens, paragraphs: Paragraphs) -> Ints:
    """Return the line that each word stands in, (n_words,)."""
    return np.searchsorted(paragraphs.starts, tokens.starts, side="right") - 1


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """How words repeat over a page: lexical chains (Hearst 1997; Stokes et al. 2004) as difference arrays."""

    across: Floats
    """(n, len(REACH)) IDF mass of words linked across the gap, divided by the mass near it."""
    forward: Floats
    """Share of a line's IDF mass that comes again within 400 characters after the line."""
    backward: Floats
    rare: Floats
    """(n, len(RARE_REACH)) how many repetitions of rare words reach across the gap."""


def link_words(paragraphs: Paragraphs, words: Words) -> Links:
    """Count the repetitions that reach across each gap."""
    n = len(paragraphs)
    across = np.zeros((n, len(REACH)), dtype=np.float32)
    rare = np.zeros((n, len(RARE_REACH)), dtype=np.float32)
    if len(words.line_of) < 2:
        return Links(across, np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32), rare)
    left, right = _repetitions(words)
    one, other = words.line_of[left], words.line_of[right]
    distance = paragraphs.starts[other] - paragraphs.ends[one]
    weight = words.idf[left].astype(np.float64)
    mass = np.bincount(words.line_of, weights=words.idf, minlength=n)
    total = np.concatenate([[0.0], np.cumsum(mass)])
    for column, reach in enumerate(REACH):
        near = distance <= reach
        linked = _over_gaps(one[near], other[near], n, weight[near])
        across[:, column] = linked / np.maximum(_mass_around(total, paragraphs.starts, reach), 4.0)
    names = weight > RARE
    for column, reach in enumerate(RARE_REACH):
        near = names & (distance <= reach)
        rare[:, column] = _over_gaps(one[near], other[near], n)
    near = distance <= 400
    own = np.maximum(mass, 1.0)
    forward = (np.bincount(one[near], weights=weight[near], minlength=n) / own).astype(np.float32)
    backward = (np.bincount(other[near], weights=weight[near], minlength=n) / own).astype(np.float32)
    return Links(across, forward, backward, rare)


def _repetitions(words: Words) -> tuple[Ints, Ints]:
    """Return the words that come again on a later line, and where each does so next, as places in ``words``."""
    order = _stable_order(words.hashes)
    ordered = words.hashes.take(order)
    same = ordered[1:] == ordered[:-1]
    left, right = order[:-1][same], order[1:][same]
    apart = words.line_of[right] > words.line_of[left]
    return left[apart], right[apart]


def _over_gaps(one: Ints, other: Ints, n: int, weight: NDArray[np.float64] | None = None) -> NDArray[np.generic]:
    """Return how many links from lines ``one`` to ``other``, or what weight of them, reach over each gap, (n,)."""
    opened = np.bincount(one + 1, weights=weight, minlength=n + 1)[: n + 1]
    closed = np.bincount(other + 1, weights=weight, minlength=n + 1)[: n + 1]
    over: NDArray[np.generic] = np.cumsum(opened - closed)[:n]
    return over


def _mass_around(total: NDArray[np.float64], starts: Ints, reach: int) -> NDArray[np.float64]:
    """Return the IDF mass within ``reach`` characters of each gap, on the side that has less, (n,).

    ``total`` is the mass before each line, (n + 1,).
    """
    low = np.searchsorted(starts, starts - reach)
    high = np.searchsorted(starts, starts + reach)
    here = total[: len(starts)]
    around: NDArray[np.float64] = np.minimum(here - total[low], total[high] - here)
    return around


def _stable_order(hashes: NDArray[np.uint64]) -> Ints:
    """Return an order in which equal hashes lie together, in the order they have.

    What a stable sort does, in a third of its time: numbers take the place of the lowest bits, which no two of the
    hashes of a text differ in alone.
    """
    low = np.uint64((1 << len(hashes).bit_length()) - 1)
    keys = (hashes & ~low) | np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    keys &= low
    return keys.view(np.int64)


def line_vectors(words: Words, n: int, vectors: Table) -> Floats:
    """Return the sum of the vectors of the words of each of ``n`` lines, float32 (n, dimensions)."""
    hashes, line_of = words.hashes, words.line_of
    out = np.zeros((n, vectors.width), dtype=np.float32)
    if len(line_of) == 0:
        return out
    rows = vectors.take(buckets(hashes, VECTOR_BITS), np.empty((len(hashes), vectors.width), dtype=np.float32))
    begins = np.flatnonzero(np.diff(line_of, prepend=-1))
    out[line_of[begins]] = np.add.reduceat(rows, begins, axis=0)
    return out


_ONE_THREAD = 4096
"""Products of 64 numbers up to which OpenBLAS keeps to one thread: to wake others for less costs more than it saves."""

_PRODUCT_LINES = 260
"""Lines under which the products of all sums with all are worth computing: for more they are too many."""


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """The word vectors of the lines of a page, summed, so that any run of lines can be compared with any other."""

    sums: NDArray[np.float64]
    """Sums over the lines before each line, (n + 1, dimensions)."""
    products: NDArray[np.float64] | None
    """``sums @ sums.T`` on a page of few lines, else ``None``: with it a comparison costs ten look-ups."""

    @classmethod
    def of(cls, words: Words, n: int, vectors: Table) -> Spans:
        """Return the spans of a page of ``n`` lines."""
        sums = np.zeros((n + 1, vectors.width), dtype=np.float64)
        with np.errstate(invalid="ignore"):
            np.cumsum(line_vectors(words, n, vectors), axis=0, out=sums[1:])
        require_numbers(sums[-1], "word vectors of the model")  # what is none carries to the end
        if n >= _PRODUCT_LINES:
            return cls(sums, None)
        products = np.empty((n + 1, n + 1))
        step = max(1, _ONE_THREAD // (n + 1))
        for begin in range(0, n + 1, step):
            np.matmul(sums[begin : begin + step], sums.T, out=products[begin : begin + step])
        return cls(sums, products)

    def cosines(self, first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> Floats:
        """Return the cosine of each pair of runs ``[first[0], first[1])`` and ``[second[0], second[1])``, any shape.

        0.3 (neither like nor unlike) where a run is empty.
        """
        (a, b), (c, d) = first, second
        if self.products is None:
            width = self.sums.shape[1]
            left = (self.sums.take(b, axis=0) - self.sums.take(a, axis=0)).astype(np.float32)
            right = (self.sums.take(d, axis=0) - self.sums.take(c, axis=0)).astype(np.float32)
            return cosine(left.reshape(-1, width), right.reshape(-1, width)).reshape(np.shape(b))
        n = len(self.sums)
        flat = self.products.ravel()
        square = flat[:: n + 1]
        row_a, row_b = a * n, b * n
        dot = flat.take(row_b + d) - flat.take(row_b + c) - flat.take(row_a + d) + flat.take(row_a + c)
        one = square.take(b) - 2 * flat.take(row_b + a) + square.take(a)
        other = square.take(d) - 2 * flat.take(d * n + c) + square.take(c)
        norm = np.sqrt(np.maximum(one * other, 0.0))
        return np.where(norm > 1e-6, dot / np.maximum(norm, 1e-6), 0.3).astype(np.float32)


def cosine(a: Floats, b: Floats) -> Floats:
    """Return the cosine of each pair of rows, 0.3 (neither like nor unlike) where one is empty."""
    dot = np.einsum("ij,ij->i", a, b)
    norm = np.sqrt(np.einsum("ij,ij->i", a, a) * np.einsum("ij,ij->i", b, b))
    return np.where(norm > 1e-6, dot / np.maximum(norm, 1e-6), 0.3).astype(np.float32)
