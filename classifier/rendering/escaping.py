r"""Characters that act, shown instead: controls, formatting, what turns a line of text round.

Newspaper text is untrusted: an OCR error or a hostile file must not move a terminal's cursor, change its colours or
turn a line of text round. So text forms pass through :func:`visible`, and JSON escapes the same characters (without
loss, as ``\u202e``).
"""

from __future__ import annotations

import re

# Unicode categories Cc, Cf, Zl, Zp and Cs: controls, formatting (bidirectional overrides, zero-width characters, soft
# hyphen, tags), line and paragraph separators, lone surrogates. test_escaping.py compares this with unicodedata.
_ACTING = (
    "\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
# Letters and signs without a picture: the grapheme joiner, the fillers of Hangul, the empty braille cell.
_BLANK = "\u034f\u115f\u1160\u2800\u3164\uffa0"
# Variation selectors choose among the forms of the character before them, as of 葛 and of the comma in Chinese fonts:
# one there is ordinary. After a blank, a Latin letter or another selector it says nothing that can be seen.
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
HIDDEN = re.compile(
    f"[{_ACTING}{_BLANK}{_SELECTORS}](?<![^{_ACTING}{_BLANK}{_SELECTORS} A-Za-z\xa0\u3000][{_SELECTORS}])"
)
"""A character that is not seen, or acts."""


def visible(text: str) -> str:
    r"""Return ``text`` with every control and invisible character shown instead of obeyed, on one line.

    C0 controls and DEL become their Unicode pictures, all others ``\u{...}``.

    >>> visible("red \x1b[31m, tab \t, reversed \u202e")
    'red ␛[31m, tab ␉, reversed \\u{202e}'
    """
    return HIDDEN.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{{{code:x}}}"
