"""Text broken into the lines of a column."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from classifier.composing.style import Style
from classifier.composing.wrapping import set_block, wrap


@given(st.text("中文，。”》 ab", max_size=200), st.integers(4, 40), st.booleans(), st.integers(0, 4))
def test_wrapped_text_joins_back(text: str, width: int, hang: bool, indent: int) -> None:
    lines = wrap(text, width, hang=hang, indent=indent)
    assert "".join(lines) == text
    assert all(lines)
    assert all(len(line) <= width + 2 * hang for line in lines)
    if lines:
        assert len(lines[0]) <= max(width - indent, 4) + 2 * hang
    if not hang:
        assert all(len(line) == width for line in lines[1:-1])


def test_hanging_marks_do_not_begin_a_line() -> None:
    text = ("中" * 9 + "，" + "文" * 9 + "。”") * 30
    assert not any(line[0] in "，。”" for line in wrap(text, 10, hang=True))
    assert any(line[0] in "，。”" for line in wrap(text, 9, hang=False))


def test_a_block_is_one_line_where_lines_are_not_broken() -> None:
    text = "正文" * 40 + "。"
    style = Style(indent="\u3000\u3000")
    assert set_block(text, "para", 0, style, random.Random(1)) == ["\u3000\u3000" + text]
    assert set_block(text, "line", 0, style, random.Random(1)) == [text]


def test_a_broken_block_has_a_blank_line_where_all_lines_have_one() -> None:
    text, rng = "正文" * 40 + "。", random.Random(1)
    broken = Style(broken=1.0)
    first, second = set_block(text, "para", 0, broken, rng)
    assert first + second == text
    head, blank, tail = set_block(text, "para", 0, replace(broken, blank="all"), rng)
    assert (head + tail, blank) == (text, "")


def test_headlines_are_set_in_equal_parts_and_paragraphs_to_the_column() -> None:
    rng = random.Random(1)
    style = Style(natural_headlines=True)
    for length in range(21, 60):
        lines = set_block("题" * length, "head", 20, style, rng)
        assert "".join(lines) == "题" * length
        assert max(map(len, lines)) - min(map(len, lines)) < len(lines)
    assert {len(line) for line in set_block("文" * 40, "para", 20, style, rng)} == {20}


def test_recognition_doubles_lines() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 200)))
    for seed in range(20):
        lines = set_block(text, "para", 20, Style(strays=1.0), random.Random(seed))
        assert len(lines) > 10
        assert len("".join(lines)) > len(text)
