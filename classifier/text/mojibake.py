"""Signs that a text was read in a wrong encoding before it came here: it is sound Unicode, and no Chinese."""

from __future__ import annotations

import re

_LATIN = "\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
"""What the second and third byte of a Han character become: those of Latin-1 and of Windows-1252."""

_SIGNS = re.compile(
    "\ufffd|锟斤拷|烫烫烫|鈥|銆|Ã.Â|ï¼"
    rf"|(?:[ä-é][{_LATIN}]{{2}}){{3}}"  # UTF-8 as Latin-1
    "|[\xa1-\xff]{8}"  # GBK as Latin-1
    r"|\?{8}"
)

_ANY = (*"\ufffd锟烫鈥銆Ãïäåæçèé£¡", "????????")
"""One of these has every sign, or, of GBK as Latin-1, every text: looked for first, as that takes no time."""

_RARELY = 200
"""A text with fewer signs than one in so many characters may speak of them, or has a few characters lost."""

_SAMPLE = 20_000
"""Characters that are looked at to judge a text."""


def find_sign(text: str) -> re.Match[str] | None:
    """Return the first place of a text that shows a wrong encoding."""
    return _SIGNS.search(text) if any(sign in text for sign in _ANY) else None


def is_garbled(text: str) -> bool:
    """Tell whether a text is full of such places.

    >>> is_garbled("水渠通水。".encode().decode("latin-1")), is_garbled("乱码“锟斤拷”从何而来？" + "水" * 200)
    (True, False)
    """
    text = text[:_SAMPLE]
    if find_sign(text) is None:
        return False
    return sum(1 for _ in _SIGNS.finditer(text)) * _RARELY >= len(text)
