"""Texts that are the same, or nearly: fingerprints, twins, groups of twins."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from classifier.text.tokens import normalise_text

_LONG_SENTENCE = 16
"""Characters of a sentence that two texts share only if one was made from the other."""

_STOCK = 20
"""A sentence in more texts than this is a stock phrase."""


def ink(text: str) -> str:
    """Return the letters, digits and Han characters of a text, normalised: layout and punctuation do not matter."""
    return "".join(char for char in normalise_text(text) if char.isalnum())


def fingerprint(text: str) -> int:
    """Return 63 bits that tell whether two texts are the same but for layout and punctuation."""
    return int.from_bytes(hashlib.sha256(ink(text).encode("utf-8", "surrogatepass")).digest()[:8], "big") >> 1


def _sentences(text: str) -> set[str]:
    """Return the long sentences of a text, across its line ends."""
    joined = "".join(normalise_text(text).split())
    parts = ("".join(filter(str.isalnum, part)) for part in re.split("[。！？；!?;]", joined))
    return {part for part in parts if len(part) >= _LONG_SENTENCE}


@dataclass(frozen=True, slots=True)
class Twins:
    """Two texts that are the same or share most of the shorter one; numbers as given."""

    first: int
    second: int
    exact: bool


def find_twins(texts: Sequence[str]) -> list[Twins]:
    """Return the pairs of texts that are the same, or of which half of the shorter one is in the other."""
    same: dict[int, int] = {}
    found: list[Twins] = []
    where: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, text in enumerate(texts):
        first = same.setdefault(fingerprint(text), number)
        sentences = _sentences(text)
        sizes.append(max(len(ink(text)), 1))
        if first != number:
            found.append(Twins(first, number, True))
            continue
        for sentence in sentences:
            where[sentence].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for sentence, numbers in where.items():
        if len(numbers) <= _STOCK:
            for pair in combinations(numbers, 2):
                shared[pair] += len(sentence)
    near = [pair for pair, size in shared.items() if 2 * size >= min(sizes[pair[0]], sizes[pair[1]])]
    found += [Twins(*pair, False) for pair in near]
    return sorted(found, key=lambda twins: (twins.second, twins.first))


def groups(texts: Sequence[str]) -> list[int]:
    """Return the group of each text: twins are in one, whose number is the lowest fingerprint of its texts."""
    root = list(range(len(texts)))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for twins in find_twins(texts):
        root[find(twins.second)] = find(twins.first)
    least: dict[int, int] = {}
    for number, text in enumerate(texts):
        at = find(number)
        least[at] = min(least.get(at, 1 << 63), fingerprint(text))
    return [least[find(number)] for number in range(len(texts))]
