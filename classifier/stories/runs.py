"""Runs of characters in the texts of an issue: which of them parts share, which go on across a cut, how a text begins.

The texts of the day know its names and its turns of phrase, which no dictionary has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.text.paragraphs import codepoints

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

LONG = 4
"""Characters of the runs that parts share: so many are seldom shared by chance."""

_STEP = np.uint64(0x100003)
_BEGINNING = re.compile(r"[。！？\n][”’）]*\s*([^\s”’。])(.)")


def hash_runs(text: str, size: int) -> tuple[Hashes, Bools]:
    """Return the hash of each run of ``size`` characters, and whether it is of Han characters alone.

    Longer runs than :func:`classifier.text.tokens.hash_ngrams` knows, of the text as it stands.
    """
    codes = codepoints(text).astype(np.uint64)
    width = max(len(codes) - size + 1, 0)
    hashes, han = np.zeros(width, dtype=np.uint64), np.ones(width, dtype=bool)
    for place in range(size):
        piece = codes[place : place + width]
        hashes = hashes * _STEP + piece
        han &= (piece >= 0x4E00) & (piece <= 0x9FFF)
    return hashes, han


def share_runs(texts: Sequence[str]) -> tuple[Floats, Floats]:
    """Return how alike texts are in their long runs, weighed by how few texts have them, and what two alone have.

    The first is a cosine, (n, n), the second the logarithm of one more than the number of runs.
    """
    n = len(texts)
    found = []
    for text in texts:
        hashes, han = hash_runs(text, LONG)
        found.append(np.unique(hashes[han], return_counts=True))
    rows = np.repeat(np.arange(n), [len(runs) for runs, _ in found])
    runs = np.concatenate([runs for runs, _ in found])
    counts = np.concatenate([counts for _, counts in found])
    _, columns, texts_with = np.unique(runs, return_inverse=True, return_counts=True)
    weights = (1.0 + np.log(counts)) * np.log(n / texts_with)[columns]
    weights /= np.maximum(np.sqrt(np.bincount(rows, weights**2, n)), 1e-9)[rows]
    order = np.argsort(columns, kind="stable")
    order = order[texts_with[columns[order]] > 1]  # a run that one text has is shared by none
    alike, alone = np.zeros((n, n)), np.zeros((n, n))
    begins = np.flatnonzero(np.diff(columns[order], prepend=-1))
    for run in np.split(order, begins[1:]):
        who = rows[run]
        alike[np.ix_(who, who)] += weights[run][:, None] * weights[run][None, :]
        if len(who) == 2:
            alone[who[0], who[1]] += 1
            alone[who[1], who[0]] += 1
    return alike, np.log1p(alone)


class Collocations:
    """How often characters meet, and how often what begins a text begins a sentence, in the texts of an issue."""

    def __init__(self, texts: Sequence[str]) -> None:
        together = "\n" + "\n".join(texts)
        self._size = len(together)
        self._single = Counter(together)
        self._runs, self._counts = np.unique(hash_runs(together, 2)[0], return_counts=True)
        begun = _BEGINNING.findall(together)
        self._first = Counter(one for one, _ in begun)
        self._two = Counter(one + other for one, other in begun)
        self._sentences = max(len(begun), 1)

    def _meetings(self, pair: str) -> int:
        hashed = hash_runs(pair, 2)[0]
        at = int(np.searchsorted(self._runs, hashed[0]))
        return int(self._counts[at]) if at < len(self._runs) and self._runs[at] == hashed[0] else 0

    def inside(self, text: str) -> float:
        """Return how much the first characters are those of what stands inside a sentence, -1 to 1.

        A logarithm; its own beginning, which may be no beginning of a sentence, is not counted.
        """
        if len(text) < 2:
            return 0.0
        share = self._sentences / self._size
        one, two = text[0], text[:2]
        begins = (max(self._first[one] - 1, 0) + 10 * share) / (max(self._single[one] - 1, 0) + 10)
        begins = (max(self._two[two] - 1, 0) + 3 * begins) / (max(self._meetings(two) - 1, 0) + 3)
        return float(np.clip(np.log(share / max(begins, 1e-4)), -4, 4)) / 4

    def meet(self, before: str, after: str) -> float:
        """Return how much oftener than by chance two characters meet, a logarithm, 0 to 7."""
        chance = self._single[before] * self._single[after] / self._size
        seen = self._meetings(before + after)
        return float(np.clip(np.log((seen + 0.3 * min(chance, 1.0) + 0.02) / (chance + 0.1)), -3, 4)) + 3
