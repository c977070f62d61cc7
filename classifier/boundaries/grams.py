"""Character n-grams of both ends of a line, over an alphabet in which names, places and topics are shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.lines import HEAD, TAIL, Lines
from classifier.text.paragraphs import codepoints
from classifier.text.tokens import DIGIT, HAN, LATIN, buckets, classify_chars, gram_codes, mix

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]

GRAM_BITS = 15
"""log2 of the n-gram buckets of one position (previous, this or next line)."""

HEAD_GRAMS = HEAD + HEAD + (HEAD - 1)
"""n-grams of the head of a line: of one character, of two, of three; the mark before the first counts as one."""

GRAMS = HEAD_GRAMS + TAIL + TAIL + (TAIL - 1)
"""n-grams of a line: those of its head, then those of its tail."""

OPENING, ENDING = HEAD, HEAD_GRAMS + 2 * TAIL - 1
"""Rows of the pair of characters that a line begins with, and of the one it ends with."""


def reduce_alphabet(kept: str) -> NDArray[np.uint32]:
    """Return the table that maps a code point to the alphabet of the n-grams, uint32 of shape (65536,).

    The Han characters of ``kept`` stand for themselves, every other Han character for one, digits for ``0``, Latin
    letters for ``a``: names, places and topics become shapes, so that what is learned carries to other papers.
    """
    table = np.arange(0x10000, dtype=np.uint32)
    kinds = classify_chars(table)
    han = kinds == HAN
    han[codepoints(kept)] = False
    table[han] = ord("某")
    table[kinds == DIGIT] = ord("0")
    table[kinds == LATIN] = ord("a")
    return table


def line_grams(lines: Lines, alphabet: NDArray[np.uint32]) -> Ids:
    """Return the n-gram buckets of each line's head and tail, int32 of shape (``GRAMS``, n)."""
    n = len(lines.length)
    head = np.empty((HEAD + 1, n), dtype=np.uint64)
    head[0] = 1
    head[1:] = alphabet.take(lines.head.T, mode="clip")
    tail = np.empty((TAIL + 1, n), dtype=np.uint64)
    tail[-1] = 2
    tail[:-1] = alphabet.take(lines.tail.T, mode="clip")
    # Different marks keep an n-gram of the head apart from the same one of the tail.
    tail += np.uint64(0x10000)
    parts = []
    for wide, single in ((head, head[1:]), (tail, tail[:-1])):
        parts += [gram_codes(single, 1), gram_codes(wide, 2), gram_codes(wide, 3)]
    return buckets(mix(np.concatenate(parts)), GRAM_BITS).astype(np.int32)


def grams_of(grams: Ids, chosen: Ints) -> Ids:
    """Return the n-grams of the lines ``chosen``, (``GRAMS``, len(chosen)); a line after the last has none but 0."""
    rows = grams.take(chosen, axis=1, mode="clip")
    rows[:, chosen == grams.shape[1]] = 0
    return rows
