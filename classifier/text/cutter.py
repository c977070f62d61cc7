"""Text to words as rjieba cuts it, without rjieba: for a run over a page or two.

rjieba builds its dictionary in 95 ms, as long as importing NumPy takes, and then cuts a character in 0.1 µs. Here a
character takes some 2 µs and the dictionary is mapped. So a process begins with this cutter, and has rjieba once
it has seen so much text that it will be worth it.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from classifier.text.dictionary import Dictionary, Matches, in_block, shipped_dictionary
from classifier.text.markov import cut_unknown
from classifier.text.paragraphs import codepoints
from classifier.text.tokens import Cutter, make_cutter

FEW = 20_000
"""Characters a process cuts before it has rjieba: by then it has spent 40 ms, half of what rjieba takes to begin."""


class FrugalCutter:
    """A cutter that asks rjieba only if there is much to cut."""

    def __init__(self) -> None:
        self._left = FEW
        self._rjieba: Cutter | None = None

    def cut(self, text: str) -> list[str]:
        """Return the words of ``text``."""
        if self._rjieba is None:
            self._left -= len(text)
            if self._left >= 0:
                return cut_text(text, shipped_dictionary())
            self._rjieba = make_cutter()
        return self._rjieba.cut(text)


def make_frugal_cutter() -> Cutter:
    """Return a cutter for a process of which it is not known how much it will read."""
    # Without rjieba it is jieba that cuts long texts, Latin words a little differently: then it cuts all.
    return FrugalCutter() if find_spec("rjieba") else make_cutter()


def cut_text(text: str, dictionary: Dictionary) -> list[str]:
    """Return the words of a text: those of the likeliest route through the dictionary, and unknown words."""
    codes = codepoints(text)
    inside = in_block(codes)
    matches = dictionary.matches(codes)
    nexts = find_route(matches, inside)
    is_word = set((matches.starts * (len(text) + 1) + matches.ends).tolist())
    emissions = dictionary.emissions(codes).tolist()
    words: list[str] = []

    def cut_run(begin: int, end: int) -> None:
        """Cut characters that stand alone on the route."""
        run = text[begin:end]
        if end - begin == 1:
            words.append(run)
        elif begin * (len(text) + 1) + end in is_word:
            words.extend(run)
        else:
            words.extend(cut_unknown(run, emissions[begin:end], dictionary))

    alone = inside.tolist()
    at, begin = 0, -1
    while at < len(text):
        end = nexts[at]
        if end - at == 1 and alone[at]:
            begin = at if begin < 0 else begin
        else:
            if begin >= 0:
                cut_run(begin, at)
                begin = -1
            if text.startswith("\r\n", at):
                end = at + 2
            words.append(text[at:end])
        at = end
    if begin >= 0:
        cut_run(begin, at)
    return words


def find_route(matches: Matches, inside: NDArray[np.bool_]) -> list[int]:
    """Return for each place where the word ends that begins there on the likeliest route to the end of its block.

    Of equally likely routes that with the longer word is taken, as rjieba does. A character outside a block is a word.
    """
    nexts = list(range(1, len(inside) + 1))
    best = [*np.where(inside, -np.inf, 0.0).tolist(), 0.0]
    # Backwards, the longest word of a place first; no weight is above 0, so outside a block nothing is better than 0.
    order = matches.starts.argsort(kind="stable")[::-1]
    ways = zip(
        matches.starts.take(order).tolist(),
        matches.ends.take(order).tolist(),
        matches.weights.take(order).tolist(),
        strict=True,
    )
    for start, end, weight in ways:
        score = weight + best[end]
        if score > best[start]:
            best[start], nexts[start] = score, end
    return nexts
