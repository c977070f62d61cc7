"""Words that no dictionary has."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.text.dictionary import shipped_dictionary
from classifier.text.markov import B, E, M, S, cut_unknown, find_states
from classifier.text.paragraphs import codepoints

DICTIONARY = shipped_dictionary()
ALLOWED = {B: (E, M), E: (B, S), M: (E, M), S: (B, S)}


def cut(run: str) -> list[str]:
    return cut_unknown(run, DICTIONARY.emissions(codepoints(run)).tolist(), DICTIONARY)


def likelihood(states: tuple[int, ...], emissions: list[list[float]]) -> float:
    total = DICTIONARY.start[states[0]] + emissions[0][states[0]]
    for (before, state), row in zip(itertools.pairwise(states), emissions[1:], strict=True):
        if state not in ALLOWED[before]:
            return -math.inf
        total += DICTIONARY.transitions[before][state] + row[state]
    return total if states[-1] in (E, S) else -math.inf


@given(st.text(st.sampled_from("小明杭研中出了叛徒诺贝尔"), min_size=2, max_size=4))
def test_states_are_the_likeliest(run: str) -> None:
    emissions = DICTIONARY.emissions(codepoints(run)).tolist()
    best = max(likelihood(states, emissions) for states in itertools.product(range(4), repeat=len(run)))
    assert likelihood(tuple(find_states(emissions, DICTIONARY)), emissions) == pytest.approx(best)


def test_of_equally_likely_states_the_later_wins() -> None:
    unknown = "\u9fd4\u9fd5"  # in the range of the model, and not in it
    assert find_states(DICTIONARY.emissions(codepoints(unknown)).tolist(), DICTIONARY) == [S, S]


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("杭研", ["杭研"]),
        ("WES-5.4.5", ["WES-5.4.5"]),
        ("a_b.", ["a_b", "."]),
        ("5.5亿", ["5.5", "亿"]),
        ("1.5%%", ["1.5%", "%"]),
        ("&A", ["&", "A"]),
        ("\U00020000\U00020001", ["\U00020000\U00020001"]),
        ("龥鿕", ["龥", "鿕"]),
        ("常在乡", ["常在", "乡"]),  # jieba, with more decimals: 常, 在, 乡
        ("3%杭研b", ["3%", "杭研", "b"]),
    ],
)
def test_runs_are_divided_by_the_kind_of_their_characters(run: str, words: list[str]) -> None:
    assert cut(run) == words


@given(st.text(st.sampled_from("小明杭研a1.-%𠮷鿖诺"), min_size=1, max_size=30))
def test_gives_the_run_back(run: str) -> None:
    assert "".join(cut(run)) == run
