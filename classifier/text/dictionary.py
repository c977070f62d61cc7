"""jieba's dictionary and its model of unknown words as arrays, mapped into memory: nothing is built at the start.

The dictionary is a tree of prefixes, level by level. A node is the number of its place in its level; its key is its
parent's number and its last character's in the alphabet, so the keys of a level are in order and differ, and a look-up
compares whole keys: nothing is found that is not there. All places of a text are looked up at once, those of a level
that are in the dictionary go on to the next. ``benchmarks/dictionary.py`` writes the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("dictionary.safetensors")

CHAR_BITS = 14
"""Bits of a key that number the character; there are 12,045 in jieba's dictionary."""

_ABSENT = (1 << CHAR_BITS) - 1

_BLOCK_RANGES = (
    "##%&++-.09AZ__az",
    "\u3400\u4dbf\u4e00\u9fff\uf900\ufaff\U00020000\U0002a6df\U0002a700\U0002ebef\U0002f800\U0002fa1f",
)
"""First and last characters of the ranges of which rjieba cuts runs into words; any other character is a word."""


@cache
def _block_edges() -> NDArray[np.uint32]:
    codes = np.array(list(map(ord, "".join(_BLOCK_RANGES))), dtype=np.uint32)
    codes[1::2] += 1
    return codes


def in_block(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell of each code point whether it may stand in a word with others."""
    return (_block_edges().searchsorted(codes, side="right") & 1).astype(bool)


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The words of the dictionary in a text, wherever they stand: by level, so the shorter come first.

    ``starts`` and ``ends`` are int64, ``weights`` the logarithms of their shares of all words, float64.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    weights: NDArray[np.float64]


class Dictionary:
    """Which words there are and how frequent they are; how probable a character is at each place of a word."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self._alphabet: NDArray[np.uint32] = arrays["alphabet"]
        levels = list(pairwise(arrays["levels"].tolist()))
        self._keys = [arrays["keys"][low:high] for low, high in levels]
        self._ranks = [arrays["ranks"][low:high] for low, high in levels]
        self._weights: NDArray[np.float64] = arrays["weights"]
        self.unknown: float = self._weights.item(0)
        """The weight of a character that begins no word: as if it had been seen once."""
        self._emitters: NDArray[np.uint32] = arrays["emitters"]
        self._emissions: NDArray[np.float64] = arrays["emissions"]
        self.start: tuple[float, ...] = tuple(arrays["start"].tolist())
        """Logarithms of the probabilities of the states B, E, M and S at the beginning of a run."""
        self.transitions: tuple[tuple[float, ...], ...] = tuple(map(tuple, arrays["transitions"].tolist()))
        """Those of going from a state, the row, to another."""

    def matches(self, codes: NDArray[np.uint32]) -> Matches:
        """Return every word of the dictionary in a text, and each character that begins none."""
        chars = np.full(len(codes) + len(self._keys), _ABSENT, dtype=np.uint32)
        chars[: len(codes)] = _number(codes, self._alphabet)
        begun = np.zeros(len(codes), dtype=bool)
        starts = np.arange(len(codes))
        nodes = np.zeros(len(codes), dtype=np.uint32)
        found = []
        for depth, (keys, ranks) in enumerate(zip(self._keys, self._ranks, strict=True)):
            wanted = (nodes << np.uint32(CHAR_BITS)) | chars.take(starts + depth)
            places = keys.searchsorted(wanted)
            hits = np.flatnonzero(keys.take(places, mode="clip") == wanted)
            starts, nodes = starts.take(hits), places.take(hits).astype(np.uint32)
            if not len(starts):
                break
            rank = ranks.take(nodes)
            words = np.flatnonzero(rank)
            begun[starts.take(words)] = True
            found.append((starts.take(words), depth + 1, self._weights.take(rank.take(words))))
        lone = np.flatnonzero(~begun)
        found.append((lone, 1, np.full(len(lone), self.unknown)))
        return Matches(
            np.concatenate([begin for begin, _, _ in found]),
            np.concatenate([begin + length for begin, length, _ in found]),
            np.concatenate([weights for _, _, weights in found]),
        )

    def emissions(self, codes: NDArray[np.uint32]) -> NDArray[np.float64]:
        """Return for each character how probable it is in the states B, E, M and S: logarithms, (len(codes), 4)."""
        return self._emissions.take(_number(codes, self._emitters), axis=0, mode="clip")


def _number(codes: NDArray[np.uint32], alphabet: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the number of each character in an alphabet, ``_ABSENT`` if it is not there."""
    places = alphabet.searchsorted(codes)
    return np.where(alphabet.take(places, mode="clip") == codes, places, _ABSENT).astype(np.uint32)


@cache
def shipped_dictionary() -> Dictionary:
    """Return the dictionary that comes with banmian: the one rjieba has."""
    from classifier.modeldir import map_arrays

    return Dictionary(map_arrays(FILE))
