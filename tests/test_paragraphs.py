"""Paragraphs: every line that is not blank, once, and whether lines are those of wrapped text."""

from __future__ import annotations

import random
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.document import Paragraphs
from classifier.text import paragraphs as dividing
from classifier.text.paragraphs import BLANK, codepoints, is_wrapped, split_paragraphs, wrap_width
from tests.sentences import SIMPLIFIED, TRADITIONAL

# --- paragraphs ---------------------------------------------------------------------------------------------------

LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
BLANKS = " \t\u3000\xa0\u2003\x1f\ufeff\u200b\u200c\u200d\u2060\xad\0\x01\x1b"
page_texts = st.one_of(
    st.text(alphabet=st.sampled_from(["中", "a", "，", "😀", "\ud800", "\uffff", *LINE_ENDS, *BLANKS])),
    st.lists(st.sampled_from(["中", "文字", "\r\n", "\r", "\n", "\n\r", " ", "\u3000\u3000", "😀"])).map("".join),
    st.text(st.characters()),
)


def is_blank(character: str) -> bool:
    """Say in so many words what is blank."""
    return character.isspace() or character in "\ufeff\u200b\u200c\u200d\u2060\xad" or ord(character) < 0x20


def expected_paragraphs(text: str) -> list[tuple[int, int, int]]:
    """Split into paragraphs one character after the other."""
    found = []
    offset = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        ink = [offset + i for i, character in enumerate(line) if not is_blank(character)]
        if ink:
            found.append((ink[0], ink[-1] + 1, number))
        offset += len(line)
    return found


@given(page_texts, st.integers(1, 9))
@example("\r\n", 1)
@example("\ra\r", 1)
@example("a\r\nb", 2)
def test_paragraphs_are_the_lines_that_are_not_blank(text: str, size: int) -> None:
    expected = expected_paragraphs(text)
    with mock.patch.object(dividing, "_SLICE", size):
        cut = split_paragraphs(text)
    for paragraphs in (split_paragraphs(text), cut):
        assert [(p.start, p.end, p.line) for p in paragraphs] == expected
        assert all(array.dtype == np.int64 for array in (paragraphs.starts, paragraphs.ends, paragraphs.lines))


@given(page_texts)
def test_paragraphs_hold_all_ink_and_no_line_end(text: str) -> None:
    paragraphs = list(split_paragraphs(text))
    lines = text.splitlines()
    covered: set[int] = set()
    for paragraph in paragraphs:
        piece = text[paragraph.start : paragraph.end]
        assert not set(piece) & set(LINE_ENDS)
        assert not is_blank(piece[0])
        assert not is_blank(piece[-1])
        assert piece in lines[paragraph.line - 1]
        covered.update(range(paragraph.start, paragraph.end))
    assert all(a.end < b.start and a.line < b.line for a, b in pairwise(paragraphs))
    assert {i for i, character in enumerate(text) if not is_blank(character)} <= covered


def test_a_blank_page_has_no_paragraphs() -> None:
    for text in ("", " \n\u3000\r\n", "\n" * 100, "\ufeff\u200b\x00"):
        assert len(split_paragraphs(text)) == 0


def test_every_code_point_is_blank_or_not_as_said() -> None:
    characters = "".join(map(chr, range(0x110000)))
    blank = BLANK.take(codepoints(characters), mode="clip")
    assert np.flatnonzero(blank).tolist() == [i for i, character in enumerate(characters) if is_blank(character)]
    assert set(characters) - set("".join(characters.splitlines())) == set(LINE_ENDS)


@given(st.text(st.characters()))
def test_codepoints_are_those_of_the_text(text: str) -> None:
    points = codepoints(text)
    assert points.dtype == np.uint32
    assert points.tolist() == [ord(character) for character in text]


def test_a_page_larger_than_a_slice_is_split_alike() -> None:
    text = "\r\n".join(SIMPLIFIED * 4000)
    assert len(text) > dividing._SLICE
    paragraphs = split_paragraphs(text)
    assert [(p.start, p.end, p.line) for p in paragraphs] == expected_paragraphs(text)


# --- hard-wrapped text --------------------------------------------------------------------------------------------


def make_paragraphs(seed: int, *, n_paragraphs: int = 20) -> list[str]:
    """Make paragraphs of one to three sentences, 20 to 200 characters long."""
    source = random.Random(seed)
    sentences = [sentence.replace("\r\n", "").replace("\n", "") for sentence in SIMPLIFIED + TRADITIONAL]
    return ["。".join(source.sample(sentences, source.randint(1, 3))) + "。" for _ in range(n_paragraphs)]


def wrap(paragraphs: list[str], width: int, *, indent: str = "\u3000\u3000") -> str:
    """Cut paragraphs into lines of ``width`` characters, the indentation of the first included."""
    lines = []
    for paragraph in paragraphs:
        indented = indent + paragraph
        lines += [indented[at : at + width] for at in range(0, len(indented), width)]
    return "\n".join(lines)


@pytest.mark.parametrize("indent", ["\u3000\u3000", "", "  "])
@pytest.mark.parametrize("width", range(12, 31))
def test_wrapped_text_is_recognised(width: int, indent: str) -> None:
    for seed in range(5):
        text = wrap(make_paragraphs(seed), width, indent=indent)
        for page in (text, text.replace("\n", "\r\n"), f"社区食堂开张\n\n{text}", text.replace("\n", " \n")):
            assert wrap_width(split_paragraphs(page)) == width
            assert is_wrapped(split_paragraphs(page))


@pytest.mark.parametrize("widths", [(12, 18), (14, 22), (12, 16, 25)])
def test_columns_of_several_widths_are_recognised(widths: tuple[int, ...]) -> None:
    text = "\n\n".join(wrap(make_paragraphs(width), width) for width in widths)
    assert wrap_width(split_paragraphs(text)) in widths


@pytest.mark.parametrize("width", [12, 14, 18, 22])
def test_punctuation_may_hang_and_characters_be_lost(width: int) -> None:
    source = random.Random(width)
    lines = wrap(make_paragraphs(width), width).splitlines()
    ragged = [line + "，" if source.random() < 0.1 else line[: -1 if source.random() < 0.1 else None] for line in lines]
    assert abs(wrap_width(split_paragraphs("\n".join(ragged))) - width) <= 1


@pytest.mark.parametrize("seed", range(10))
def test_paragraphs_and_lists_are_not_wrapped(seed: int) -> None:
    source = random.Random(seed)
    headlines = ["雪" * source.randint(8, 24) for _ in range(60)]
    notice = ["雪" * source.randint(3, 40) for _ in range(40)]
    for lines in (make_paragraphs(seed), headlines, notice, ["\u3000\u3000" + line for line in headlines]):
        assert not is_wrapped(split_paragraphs("\n".join(lines)))


@pytest.mark.parametrize(
    "verse", ["白云在天边，", "白云在天边，炊烟在屋檐。", "白云缓缓过山前，", "白云缓缓过山前，炊烟轻轻上屋檐。"]
)
@pytest.mark.parametrize("n_verses", [4, 8, 16, 64])
def test_poems_are_not_wrapped(verse: str, n_verses: int) -> None:
    assert not is_wrapped(split_paragraphs("\n".join(["山居", "（外一首）", *[verse] * n_verses])))
    assert not is_wrapped(split_paragraphs("山居\n\n" + "\n\n".join(["\n".join([verse] * 4)] * n_verses)))


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 80), st.integers(1, 3)), max_size=60))
def test_any_lines_have_a_width_of_theirs_or_none(lines: list[tuple[int, int, int]]) -> None:
    gaps, lengths, steps = np.array(lines, dtype=np.int64).reshape(-1, 3).T
    ends = np.cumsum(gaps + lengths)
    width = wrap_width(Paragraphs(ends - lengths, ends, np.cumsum(steps)))
    assert width == 0 or 9 <= width <= 47
