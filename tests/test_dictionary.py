"""The mapped dictionary: what jieba has, found wherever it stands, and nothing else."""

from __future__ import annotations

from itertools import pairwise
from math import log

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks import dictionary as written
from classifier.modeldir import map_arrays
from classifier.text.dictionary import FILE, Dictionary, in_block, shipped_dictionary
from classifier.text.paragraphs import codepoints

WORDS, TOTAL = written.jieba_words()
LONGEST = max(map(len, WORDS))
FREQUENT = sorted(WORDS, key=lambda word: -WORDS[word])

# Pieces of words more often than chance has them, so that long words and their prefixes come about.
pieces = st.one_of(
    st.sampled_from(FREQUENT[:2000]),
    st.sampled_from(sorted(FREQUENT, key=len)[-500:]).flatmap(
        lambda word: st.integers(1, len(word)).map(lambda end: word[:end])
    ),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(),
)
texts = st.lists(pieces, max_size=40).map("".join)


def test_the_file_is_what_the_installed_jieba_has() -> None:
    shipped, made = map_arrays(FILE), written.dictionary_arrays()
    assert shipped.keys() == made.keys()
    for name, array in made.items():
        assert shipped[name].dtype == array.dtype, name
        if array.dtype.kind == "f":  # other systems take logarithms that differ in the last bit
            np.testing.assert_allclose(shipped[name].astype(np.float64), array, rtol=1e-14)
        else:
            np.testing.assert_array_equal(shipped[name], array)


def test_keys_are_in_order_and_differ() -> None:
    arrays = map_arrays(FILE)
    for low, high in pairwise(arrays["levels"].tolist()):
        assert (np.diff(arrays["keys"][low:high].astype(np.int64)) > 0).all()
    assert len(arrays["alphabet"]) < (1 << 14) - 1  # the last number is that of a character that is not there


@given(texts)
@example("")
@example("\U00020000𠮷一")
def test_finds_the_words_of_a_text_and_no_others(text: str) -> None:
    found = shipped_dictionary().matches(codepoints(text))
    expected = {
        (start, end): log(WORDS[text[start:end]]) - log(TOTAL)
        for start in range(len(text))
        for end in range(start + 1, min(start + LONGEST, len(text)) + 1)
        if text[start:end] in WORDS
    }
    begun = {start for start, _ in expected}
    expected |= {(start, start + 1): -log(TOTAL) for start in range(len(text)) if start not in begun}
    spans = list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))
    assert dict(zip(spans, found.weights.tolist(), strict=True)) == expected
    assert len(spans) == len(expected)


@pytest.fixture(scope="module")
def small() -> Dictionary:
    return Dictionary(written.prefix_arrays({"中": 5, "中国": 3, "中国人民": 2}, 10) | written.markov_arrays())


def test_a_prefix_is_no_word(small: Dictionary) -> None:
    found = small.matches(codepoints("中国人中国人民"))
    spans = sorted(zip(found.starts.tolist(), found.ends.tolist(), strict=True))
    assert spans == [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (3, 7), (4, 5), (5, 6), (6, 7)]
    assert small.unknown == -log(10)


def test_a_character_the_model_does_not_know_is_least_probable() -> None:
    known, unknown = shipped_dictionary().emissions(codepoints("中鿿")).tolist()
    assert all(-20 < value < 0 for value in known)
    assert unknown == [written.LEAST] * 4


@pytest.mark.parametrize("char", "azAZ09+#&._%-一鿿㐀䶿豈\U00020000\U0002a6df\U0002ebef\U0002fa1f")
def test_characters_of_blocks(char: str) -> None:
    assert in_block(codepoints(char)).tolist() == [True]


@pytest.mark.parametrize("char", " \n,/:@[`{!$*～０Ａ〇γé，\u33ff\u4dc0\ua000\U0001f600\U0002a6e0\U0002ebf0\U00030000")
def test_characters_outside_of_blocks(char: str) -> None:
    assert in_block(codepoints(char)).tolist() == [False]
