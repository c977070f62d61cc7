"""C99 (Choi 2000, "Advances in domain independent linear text segmentation").

Cosines of the words of every two lines are replaced by their rank among their neighbours in the matrix; then the page
is cut in two, one cut after the other, each where it makes the squares along the diagonal densest.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.words import content_words

Matrix = NDArray[np.float64]

MASK = 11
"""Side of the square in which a similarity is ranked; the paper's."""

SPREAD = 1.2
"""Standard deviations above the mean at which a gain in density still makes a cut; the paper's."""

SMOOTHING = np.array([1, 2, 4, 8, 4, 2, 1]) / 22
"""Weights that smooth the gains; the paper's."""


def segment(lines: list[str], *, n_segments: int | None = None) -> list[int]:
    """Cut a page into ``n_segments`` segments, or into as many as the gain in density justifies."""
    return segment_words([content_words(line) for line in lines], n_segments=n_segments)


def segment_words(words: list[list[str]], *, n_segments: int | None = None) -> list[int]:
    """Cut a text given as the words of its lines."""
    if len(words) < 2:
        return [len(words)] if words else []
    cuts, densities = divide(rank(similarity(words)), count=n_segments)
    kept = len(cuts) if n_segments is not None else _justified(np.diff(densities))
    return sorted([*cuts[:kept], len(words)])


def similarity(words: list[list[str]]) -> Matrix:
    """Return the cosines of the word counts of every two lines; shape (n_lines, n_lines), 1 on the diagonal."""
    ids: dict[str, int] = {}
    counts = [Counter(ids.setdefault(word, len(ids)) for word in line) for line in words]
    table = np.zeros((len(words), max(len(ids), 1)))
    for row, count in enumerate(counts):
        table[row, list(count)] = list(count.values())
    norms = np.linalg.norm(table, axis=1, keepdims=True)
    table /= np.where(norms, norms, 1.0)
    cosines: Matrix = table @ table.T
    np.fill_diagonal(cosines, 1.0)
    return cosines


def rank(similarities: Matrix) -> Matrix:
    """Return the share of the neighbours of each similarity that are smaller; shape (n_lines, n_lines)."""
    n, reach = len(similarities), MASK // 2
    smaller = np.zeros((n, n))
    neighbours = np.zeros((n, n))
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if (down, right) == (0, 0) or max(abs(down), abs(right)) >= n:
                continue
            here = (slice(max(0, -down), n - max(0, down)), slice(max(0, -right), n - max(0, right)))
            there = (slice(max(0, down), n + min(0, down)), slice(max(0, right), n + min(0, right)))
            smaller[here] += similarities[here] > similarities[there]
            neighbours[here] += 1
    return smaller / np.maximum(neighbours, 1)


def divide(ranks: Matrix, *, count: int | None) -> tuple[list[int], NDArray[np.float64]]:
    """Cut the text again and again at the best place.

    Returns
    -------
    cuts
        The line each cut is made before, in the order of the cuts.
    densities
        Density before the first cut and after each; shape (n_cuts + 1,).
    """
    n = len(ranks)
    sums = np.zeros((n + 1, n + 1))
    sums[1:, 1:] = ranks.cumsum(0).cumsum(1)

    def inside(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = sums[last, last] - sums[first, last] - sums[last, first] + sums[first, first]
        return found

    places = np.arange(1, n)
    first, last = np.zeros(n - 1, dtype=np.int64), np.full(n - 1, n, dtype=np.int64)
    free = np.ones(n - 1, dtype=bool)
    total, area = float(sums[n, n]), float(n * n)
    cuts: list[int] = []
    densities = [total / area]
    for _ in range(n - 1 if count is None else min(count, n) - 1):
        gain = inside(first, places) + inside(places, last) - inside(first, last)
        saved = (places - first) ** 2 + (last - places) ** 2 - (last - first) ** 2
        dense = np.divide(total + gain, area + saved, out=np.full(n - 1, -1.0), where=free)
        best = int(np.argmax(dense))
        total, area = total + float(gain[best]), area + float(saved[best])
        cut = best + 1
        begin, end = int(first[best]), int(last[best])
        last[begin:best] = cut
        first[cut : end - 1] = cut
        free[best] = False
        cuts.append(cut)
        densities.append(total / area)
    return cuts, np.asarray(densities)


def _justified(gains: NDArray[np.float64]) -> int:
    """Return how many cuts to keep: those before the smoothed gain falls to the mean plus 1.2 deviations."""
    smooth = np.convolve(np.pad(gains, 3, mode="edge"), SMOOTHING, mode="valid")
    low = np.flatnonzero(smooth <= smooth.mean() + SPREAD * smooth.std())
    return int(low[0]) if len(low) else len(gains)
