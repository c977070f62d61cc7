"""No character of a text can act on a terminal."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.rendering.escaping import visible

HIDDEN_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Cs"}


def test_every_control_and_format_character_is_made_visible() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) in HIDDEN_CATEGORIES:
            shown = visible(char)
            assert shown != char
            assert shown.isprintable()


BLANK = "\u034f\u115f\u1160\u2800\u3164\uffa0"
SELECTORS = "".join(
    char for char in map(chr, range(sys.maxunicode + 1)) if "VARIATION SELECTOR" in unicodedata.name(char, "")
)


def test_blank_letters_and_signs_are_made_visible() -> None:
    for char in BLANK:
        assert visible(f"甲{char}乙") == f"甲\\u{{{ord(char):x}}}乙"


def test_a_variation_selector_is_shown_unless_it_follows_what_may_vary() -> None:
    assert len(SELECTORS) == 260
    for char in SELECTORS:
        shown = f"\\u{{{ord(char):x}}}"
        assert visible(f"葛{char}城，{char}1{char}") == f"葛{char}城，{char}1{char}"
        assert visible(f"{char}x{char} {char}葛{char}{char}") == f"{shown}x{shown} {shown}葛{char}{shown}"


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "M"], exclude_characters=BLANK + SELECTORS)))
def test_all_other_text_is_shown_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "␛[31m"),
        ("\x00\t\n\r\x7f", "␀␉␊␍␡"),
        ("\x9b2J", r"\u{9b}2J"),
        ("\u202etxt.exe", r"\u{202e}txt.exe"),
        ("零\u200b宽", r"零\u{200b}宽"),
        ("\udcff", r"\u{dcff}"),
    ],
)
def test_what_hidden_characters_look_like(text: str, shown: str) -> None:
    assert visible(text) == shown
