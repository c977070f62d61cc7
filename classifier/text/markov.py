"""Words that no dictionary has, by jieba's hidden Markov model: each character begins, ends, continues or is a word.

Additions and comparisons are those of rjieba, in its order, so that what it cuts is cut alike to the last bit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from classifier.text.dictionary import Dictionary

B, E, M, S = range(4)
"""States of a character: it begins a word, ends it, stands between, is one. Of equally good states the later wins."""

FIRST, LAST = "\u4e00", "\u9fd5"
"""The characters the model is asked for."""

# What jieba leaves whole of others: numbers, names with dots and hyphens.
_LATIN = re.compile(r"([a-zA-Z0-9]+(?:[._-][a-zA-Z0-9]+)*%?)")


def cut_unknown(run: str, emissions: Sequence[Sequence[float]], dictionary: Dictionary) -> list[str]:
    """Return the words of a run of characters of which the dictionary makes none.

    ``emissions`` are those of its characters.
    """
    words: list[str] = []
    at = 0
    for is_han, part in _parts(run):
        if not is_han:
            words += filter(None, _LATIN.split(part))
        elif len(part) == 1:
            words.append(part)
        else:
            words += _join(part, find_states(emissions[at : at + len(part)], dictionary))
        at += len(part)
    return words


def _parts(run: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a run, with whether the model is asked for their characters."""
    # No pattern: Python takes 1 ms to make one with a range of Han characters.
    for is_han, chars in groupby(run, lambda char: FIRST <= char <= LAST):
        yield is_han, "".join(chars)


def _join(run: str, states: Sequence[int]) -> list[str]:
    words = []
    begin = 0
    for place, state in enumerate(states):
        if state == B:
            begin = place
        elif state == E:
            words.append(run[begin : place + 1])
        elif state == S:
            words.append(run[place])
    return words


def find_states(emissions: Sequence[Sequence[float]], dictionary: Dictionary) -> list[int]:
    """Return the most probable states of characters one after another (Viterbi)."""
    begins, ends, middles, singles = dictionary.transitions
    be, bm, eb, es, me, mm, sb, ss = (
        begins[E],
        begins[M],
        ends[B],
        ends[S],
        middles[E],
        middles[M],
        singles[B],
        singles[S],
    )
    b, e, m, s = (first + seen for first, seen in zip(dictionary.start, emissions[0], strict=True))
    before: list[tuple[int, int, int, int]] = []
    for begin, end, middle, single in emissions[1:]:
        b_e, b_s = e + eb + begin, s + sb + begin
        e_b, e_m = b + be + end, m + me + end
        m_b, m_m = b + bm + middle, m + mm + middle
        s_e, s_s = e + es + single, s + ss + single
        before.append((E if b_e > b_s else S, B if e_b > e_m else M, B if m_b > m_m else M, E if s_e > s_s else S))
        b, e, m, s = max(b_e, b_s), max(e_b, e_m), max(m_b, m_m), max(s_e, s_s)
    states = [E if e > s else S]
    for origins in reversed(before):
        states.append(origins[states[-1]])
    states.reverse()
    return states
