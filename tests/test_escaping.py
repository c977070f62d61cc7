"""No character of a text can act on a terminal."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.escaping import visible

HIDDEN_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Cs"}


def test_every_control_and_format_character_is_made_visible() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) in HIDDEN_CATEGORIES:
            shown = visible(char)
            assert shown != char
            assert shown.isprintable()


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "M"])))
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
