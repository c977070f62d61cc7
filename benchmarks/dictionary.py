"""Write jieba's dictionary and its model of unknown words as arrays: ``python benchmarks/dictionary.py``.

Reads what the installed jieba has, which is what rjieba has too, and writes ``classifier/text/dictionary.safetensors``;
the same jieba gives the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a script, Python puts benchmarks/ first and not the checkout
    sys.path.insert(0, str(ROOT))

from classifier.text.dictionary import CHAR_BITS, FILE, in_block  # noqa: E402
from classifier.text.paragraphs import codepoints  # noqa: E402

LEAST = -3.14e100
"""jieba's logarithm of what cannot be."""

STATES = "BEMS"


def jieba_words() -> tuple[dict[str, int], int]:
    """Return the words of jieba's dictionary that can be found, their frequencies, and the sum of all frequencies."""
    import jieba

    lines = Path(jieba.__file__).with_name("dict.txt").read_text("utf-8").splitlines()
    pairs = [(line.split()[0], int(line.split()[1])) for line in lines]
    chars = "".join(sorted(set().union(*(word for word, _ in pairs))))
    outside = {char for char, inside in zip(chars, in_block(codepoints(chars)), strict=True) if not inside}
    words = {word: frequency for word, frequency in pairs if outside.isdisjoint(word)}
    return words, sum(frequency for _, frequency in pairs)


def prefix_arrays(words: dict[str, int], total: int) -> dict[str, NDArray[Any]]:
    """Return the tree of prefixes as :class:`classifier.text.dictionary.Dictionary` reads it."""
    alphabet = sorted(set("".join(words)))
    frequencies = [1, *sorted(set(words.values()))]  # rank 0: no word
    rank = {frequency: number for number, frequency in enumerate(frequencies) if number}
    number = {char: place for place, char in enumerate(alphabet)}
    parents = {"": 0}
    keys: list[int] = []
    ranks: list[int] = []
    edges = [0]
    for length in range(1, max(map(len, words)) + 1):
        level = sorted({word[:length] for word in words if len(word) >= length})
        keys += [parents[prefix[:-1]] << CHAR_BITS | number[prefix[-1]] for prefix in level]
        ranks += [rank[words[prefix]] if prefix in words else 0 for prefix in level]
        parents = {prefix: place for place, prefix in enumerate(level)}
        edges.append(len(keys))
    return {
        "alphabet": codepoints("".join(alphabet)),
        "keys": np.array(keys, dtype=np.uint32),
        "ranks": np.array(ranks, dtype=np.uint16),
        "levels": np.array(edges, dtype=np.int64),
        "weights": logarithms(frequencies) - logarithms([total]),
    }


def logarithms(numbers: Iterable[int]) -> NDArray[np.float64]:
    """Return logarithms as Python and Rust calculate them; NumPy's may differ in the last bit."""
    from math import log

    return np.array([log(number) for number in numbers])


def markov_arrays() -> dict[str, NDArray[Any]]:
    """Return jieba's hidden Markov model; the last row of emissions is that of a character it does not know."""
    from jieba.finalseg import emit_P, start_P, trans_P

    chars = sorted(set().union(*emit_P.values()))
    # rjieba has six decimals of these, which is why it now and then cuts unlike jieba (常在乡).
    emissions = [[round(emit_P[state].get(char, LEAST), 6) for state in STATES] for char in chars]
    return {
        "emitters": codepoints("".join(chars)),
        "emissions": np.array([*emissions, [LEAST] * len(STATES)]),
        "start": np.array([start_P[state] for state in STATES]),
        "transitions": np.array([[trans_P[one].get(other, LEAST) for other in STATES] for one in STATES]),
    }


def dictionary_arrays() -> dict[str, NDArray[Any]]:
    """Return everything that the file holds."""
    return prefix_arrays(*jieba_words()) | markov_arrays()


def main() -> int:
    """Write the file."""
    from safetensors.numpy import save

    arrays = dictionary_arrays()
    FILE.write_bytes(save({name: arrays[name] for name in sorted(arrays)}))
    print(f"{FILE}: {len(arrays['keys']):,} prefixes, {FILE.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
