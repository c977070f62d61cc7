"""The first words of an article, without what says nothing of it."""

from __future__ import annotations

import pytest

from classifier.rendering.excerpt import FIRST_WORDS, first_words


@pytest.mark.parametrize(
    "jump",
    ["(上接1版)", "（上接第一版）", "[上接第一版)", "上接A01版", "◀上接A01版", "（上接01·要闻版）", "(緊接第2版)"],
)
def test_first_words_pass_over_a_jump_line(jump: str) -> None:
    assert first_words(f"{jump}\n\n“灯亮了，路也好走了。”他说") == "“灯亮了，路也好走了"
    assert first_words(f"{jump}“灯亮了，路也好走了。”他说") == "“灯亮了，路也好走了"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("短讯", "短讯"),
        ("窄栏里的字每行\n只有七个字长\n所以要接起来读", "窄栏里的字每行只有七个字长"),
        ("好！" + "长" * 50, "好！" + "长" * (FIRST_WORDS - 2)),
        ("  a  b\tc\u3000" + "d" * 50, "a b c " + "d" * (FIRST_WORDS - 6)),
        ("(上接1版)", "(上接1版)"),
    ],
)
def test_first_words(text: str, words: str) -> None:
    assert first_words(text) == words
