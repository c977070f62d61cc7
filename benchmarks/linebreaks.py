"""Text broken into printed lines.

A Han character is as wide as it is high, so lines can be broken without a browser.
"""

from __future__ import annotations

_NO_START = set("，。、；：？！”’）》」』】…—,.;:?!)%％")
_HALF = 0.55
"""Width of a Latin letter or digit in ems."""


def ems(text: str) -> float:
    """Return the width of a text in ems."""
    return sum(_HALF if char.isascii() or char in "\xa0·" else 1.0 for char in text)


def break_lines(text: str, measure: float, *, indent: float = 0.0) -> list[str]:
    """Break a text into lines of at most ``measure`` ems (one more character where it must not begin a line)."""
    lines: list[str] = []
    line, room = "", measure - indent
    for char in text:
        width = ems(char)
        if width > room + 0.01 and line and char not in _NO_START:
            lines.append(line)
            line, room = "", measure
        line += char
        room -= width
    return [*lines, line] if line.strip() else lines
