"""Our own cutter: what it cuts is cut as rjieba would, and rjieba is only had where there is much."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.dictionary import jieba_words
from classifier.text import cutter
from classifier.text.cutter import FrugalCutter, cut_text, find_route, make_frugal_cutter
from classifier.text.dictionary import Matches, shipped_dictionary
from classifier.text.tokens import make_cutter, normalise_text

rjieba = pytest.importorskip("rjieba")

ROOT = Path(__file__).resolve().parents[1]
TEXTS = sorted((ROOT / "labeled").rglob("*.txt"))
WORDS = sorted(jieba_words()[0])
CHARS = sorted(set("".join(WORDS)))

# Text that is cut in many ways: single characters of words, words, pieces of words, unknown and foreign characters.
words = st.integers(0, len(WORDS) - 1).map(WORDS.__getitem__)
pieces = st.one_of(
    st.sampled_from(CHARS),
    words,
    words.flatmap(lambda word: st.integers(1, len(word)).map(lambda end: word[:end])),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.text(st.characters(max_codepoint=0x7F), max_size=6),
    st.text(st.sampled_from("aZ09.-_%+#&"), max_size=8),
    st.sampled_from(["\r\n", "\r", "\n", "\u3000", "〇", "２", "Ａ", "γ", "\u3400", "\U00020000", "\U0002fa1d", "é"]),
    st.characters(exclude_categories=["Cs"]),
)
texts = st.lists(pieces, max_size=60).map("".join)


def cut(text: str) -> list[str]:
    return cut_text(text, shipped_dictionary())


@given(texts)
@example("")
@example("\r\n\n\r\r\n")
@example("WES-5.4.5、G260911-0711和1.5%%")
@example("γ射线Ｂ超B超b超C++c#.net")
@example("\U00020000\U0002ebef\U0002ebf0\u9fd5\u9fd6鿿")
@example("的的的的的的是是是一一一了了了")
@example("推动“三下乡”活动常在乡、常惠乡")
@example("中国人民解放军总政治部主任中华人民共和国全国人民代表大会常务委员会")
def test_cuts_any_text_as_rjieba_does(text: str) -> None:
    assert cut(text) == rjieba.cut(text)


@given(st.text(st.sampled_from("中国人民日报的一了在和大会主席上有这发出生行动力学年月日"), max_size=200))
def test_cuts_frequent_characters_as_rjieba_does(text: str) -> None:
    assert cut(text) == rjieba.cut(text)


def test_cuts_the_labelled_texts_as_rjieba_does() -> None:
    compared = 0
    for path in TEXTS[::4]:
        text = normalise_text(path.read_text("utf-8"))
        found = cut(text)
        assert found == rjieba.cut(text), path.name
        compared += len(found)
    assert compared > 150_000


def test_cuts_every_word_of_the_dictionary_as_rjieba_does() -> None:
    words = WORDS[::7]
    assert cut("，".join(words)) == rjieba.cut("，".join(words))
    assert cut("".join(words[::9])) == rjieba.cut("".join(words[::9]))


def test_of_equally_likely_routes_the_longer_word_is_taken() -> None:
    matches = Matches(np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([-1.0, -1.0, -2.0]))
    assert find_route(matches, np.array([True, True])) == [2, 2]


def test_no_word_counts_beyond_its_block() -> None:
    matches = Matches(np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([-1.0, -9.0, -1.0]))
    assert find_route(matches, np.array([True, False, True])) == [1, 2, 3]


def test_rjieba_cuts_from_the_text_on_that_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutter, "FEW", 10)
    frugal = FrugalCutter()
    assert frugal.cut("人民日报") == ["人民日报"]
    assert frugal._rjieba is None
    assert frugal.cut("中国人民日报记者") == ["中国", "人民日报", "记者"]
    assert frugal._rjieba is rjieba
    assert frugal.cut("记者") == ["记者"]


def test_without_rjieba_jieba_cuts_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutter, "find_spec", lambda _: None)
    assert make_frugal_cutter() is make_cutter()  # rjieba itself here, as make_cutter has it


def test_a_page_is_split_without_rjieba() -> None:
    page = ROOT / "labeled" / "pages" / "seed-like-1.txt"
    code = (
        "import sys; from classifier import load_model; model = load_model()\n"
        f"articles = model.split(open({str(page)!r}, encoding='utf-8').read())\n"
        "print(len(articles), 'rjieba' in sys.modules, 'jieba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split() == ["3", "False", "False"]
