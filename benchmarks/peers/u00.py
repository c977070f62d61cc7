"""U00 (Utiyama and Isahara 2001, "A statistical model for domain-independent text segmentation").

The segmentation of least cost, where a segment costs what its words cost under a Laplace-smoothed model of the
segment itself, and a constant for being one. Exact, by dynamic programming over all pairs of lines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.words import content_words

Matrix = NDArray[np.float64]


def segment(lines: list[str], *, n_segments: int | None = None) -> list[int]:
    """Cut a page into ``n_segments`` segments, or into the number of least cost."""
    return segment_words([content_words(line) for line in lines], n_segments=n_segments)


def segment_words(words: list[list[str]], *, n_segments: int | None = None) -> list[int]:
    """Cut a text given as the words of its lines."""
    if not words:
        return []
    costs = segment_costs(words)
    return _cheapest(costs) if n_segments is None else _cheapest_of(costs, count=min(n_segments, len(words)))


def segment_costs(words: list[list[str]]) -> Matrix:
    """Return the cost of every segment; shape (n_lines + 1, n_lines + 1), infinite where the last is not after.

    Entry [i, j] is the cost of lines i to j - 1: the sum over its words of ``log((n + k) / (f + 1))``, where n is
    the number of words of the segment, f how often the word occurs in it, k the number of different words of the
    page; plus ``log`` of the number of words of the page. Every occurrence added at line j raises ``f log(f + 1)``
    by an amount that depends on the start only through f, so it is added for all starts at once.
    """
    size = len(words)
    total = sum(map(len, words))
    different = len({word for line in words for word in line})
    lengths = np.concatenate(([0], np.cumsum([len(line) for line in words])))
    counts = np.arange(total + 2, dtype=np.float64)
    steps = np.diff(counts * np.log(counts + 1))  # steps[f]: f log(f + 1) when f becomes f + 1
    seen: dict[str, list[int]] = {}
    inside = np.zeros(size)  # for every start, the sum of f log(f + 1) up to the current line
    costs = np.full((size + 1, size + 1), np.inf)
    for j, line in enumerate(words):
        change = np.zeros(size)  # summed from the right, it is what each start gains
        for word in line:
            before = seen.setdefault(word, [])
            change[j] += steps[0]
            if before:
                rises = np.diff(steps[: len(before) + 1])
                np.add.at(change, before[::-1], rises)
            before.append(j)
        inside[: j + 1] += change[: j + 1][::-1].cumsum()[::-1]
        held = (lengths[j + 1] - lengths[: j + 1]).astype(np.float64)
        costs[: j + 1, j + 1] = held * np.log(np.maximum(held + different, 1)) - inside[: j + 1]
    costs += np.log(max(total, 1))
    return costs


def _cheapest(costs: Matrix) -> list[int]:
    """Return the ends of the cheapest segmentation into any number of segments."""
    size = len(costs) - 1
    best = np.full(size + 1, np.inf)
    best[0] = 0.0
    previous = np.zeros(size + 1, dtype=np.int64)
    for j in range(1, size + 1):
        paths = best[:j] + costs[:j, j]
        previous[j] = int(np.argmin(paths))
        best[j] = paths[previous[j]]
    ends = [size]
    while previous[ends[-1]] > 0:
        ends.append(int(previous[ends[-1]]))
    return ends[::-1]


def _cheapest_of(costs: Matrix, *, count: int) -> list[int]:
    """Return the ends of the cheapest segmentation into ``count`` segments."""
    size = len(costs) - 1
    best = costs[0].copy()
    previous = []
    for _ in range(1, count):
        paths = best[:, None] + costs
        previous.append(np.argmin(paths, axis=0))
        best = np.min(paths, axis=0)
    ends = [size]
    for step in reversed(previous):
        ends.append(int(step[ends[-1]]))
    return ends[::-1]
