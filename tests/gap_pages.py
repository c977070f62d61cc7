"""Pages for tests of what the boundary model sees, and their description by word vectors of chance."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from classifier.boundaries.cohesion import VECTOR_BITS
from classifier.boundaries.features import Gaps, Vocabulary, describe_gaps
from classifier.boundaries.grams import reduce_alphabet
from classifier.boundaries.lines import Lines, measure_lines
from classifier.composing.wrapping import wrap
from classifier.document import Paragraphs
from classifier.text.paragraphs import split_paragraphs
from classifier.text.tokens import make_cutter, tokenise

_RNG = np.random.default_rng(7)
_IDF = _RNG.uniform(0, 9, 1 << VECTOR_BITS).astype(np.float16)
_VECTORS = _RNG.normal(size=(1 << VECTOR_BITS, 8)).astype(np.float16)
VOCABULARY = Vocabulary.of(reduce_alphabet("的一是在人中大为上个国我"), _IDF, _VECTORS)

ODD = "\u200b\ufeff\xad\u2028\x85\x0b\x00\ud800\U00020000\U0001f600é１Ａ丨"
line = st.text(
    st.sampled_from("中国人民日报记者北京在的了，。：；“”（）《》、—…■▲0129A-. \u3000\t" + ODD), max_size=60
) | st.sampled_from(
    [
        "（上接第1版）",
        "本报记者 王一",
        "（下转第4版）",
        "图为现场。王一 摄",
        "一、总则",
        "新华社北京1月2日电",
        "责编 王一",
        "。" * 70,
    ]
)
page_text = st.lists(line, min_size=1, max_size=40).map("\n".join) | st.text(
    st.characters(exclude_categories=()), max_size=300
)


def describe(text: str, *, paragraphs: Paragraphs | None = None) -> Gaps:
    """Return the gaps of a page."""
    found = split_paragraphs(text) if paragraphs is None else paragraphs
    return describe_gaps(tokenise(text, make_cutter()), found, VOCABULARY)


def lines_of(text: str) -> Lines:
    """Return the lines of a page, measured."""
    return measure_lines(tokenise(text, make_cutter()), split_paragraphs(text))


def set_paragraphs(lengths: list[int], width: int, indent: str) -> tuple[str, list[int]]:
    """Return paragraphs of these lengths wrapped at ``width``, and the line at which each begins."""
    lines: list[str] = []
    begins = []
    for length in lengths:
        begins.append(len(lines))
        text = "中文" * (length // 2) + "字" * (length % 2)
        wrapped = wrap(text, width, hang=False, indent=len(indent))
        lines += [indent + wrapped[0], *wrapped[1:]]
    return "\n".join(lines), begins
