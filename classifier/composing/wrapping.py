"""Text broken into the lines of a column, drawn at random where a house or a recogniser would vary."""

from __future__ import annotations

import random

from classifier.composing.style import Style

_NO_START = set("，。、；：！？”’）》】…,.;:!?)")


def wrap(text: str, width: int, *, hang: bool, indent: int = 0, ragged: random.Random | None = None) -> list[str]:
    """Break ``text`` into lines of ``width`` characters; ``hang`` keeps closing marks off the start of a line.

    With ``ragged`` some lines are a character longer or shorter, as where recognition drops or doubles one.
    """
    lines: list[str] = []
    at = 0
    room = max(width - indent, 4)
    while at < len(text):
        if ragged is not None and room > 6:
            room += ragged.choice((-1, 0, 0, 0, 1))
        end = min(at + room, len(text))
        while hang and end < len(text) and text[end] in _NO_START and end - at < room + 2:
            end += 1
        lines.append(text[at:end])
        at = end
        room = width
    return lines


def _headline_lines(text: str, width: int, rng: random.Random) -> list[str]:
    """Break a headline as a designer would: in equal parts, a little shorter than the room there is."""
    room = width if width < 11 else rng.randint(max(8, width // 2), max(12, int(width * 1.6)))
    parts = -(-len(text) // room)
    size = -(-len(text) // parts)
    return [text[i : i + size].strip() for i in range(0, len(text), size) if text[i : i + size].strip()]


def set_block(text: str, kind: str, width: int, style: Style, rng: random.Random) -> list[str]:
    """Return the physical lines of a headline (``head``), paragraph (``para``) or other line (``line``).

    ``width`` is that of the column in characters, 0 for a paragraph a line; ``""`` is a blank line inside the block.
    """
    if not width:
        return _whole(text, kind, style, rng)
    if kind == "head" and style.fragments and len(text) > style.fragments:
        return _headline_lines(text, min(style.fragments, 10), rng)
    if kind != "para" and (style.natural_headlines or len(text) <= width):
        if kind == "head" and len(text) > width:
            return _headline_lines(text, width, rng)
        return wrap(text, width, hang=style.hang)
    indent = style.indent if kind == "para" else ""
    lines = wrap(text, width, hang=style.hang, indent=len(indent), ragged=rng if style.ragged else None)
    lines[0] = indent + lines[0]
    _misread(lines, style.strays, rng)
    return [line for line in lines if line.strip()]


def _whole(text: str, kind: str, style: Style, rng: random.Random) -> list[str]:
    """Return a block as one line, now and then broken in two where a page or a column ended."""
    indent = style.indent if kind == "para" else ""
    if kind == "para" and len(text) > 50 and rng.random() < style.broken:
        at = rng.randint(15, len(text) - 12)
        return [indent + text[:at], *([""] if style.blank == "all" else []), text[at:]]
    return [indent + text]


def _misread(lines: list[str], strays: float, rng: random.Random) -> None:
    """Double a line or leave a scrap of one, cut a line in two: what recognition does to a column now and then."""
    if len(lines) > 2 and rng.random() < strays * len(lines):
        at = rng.randrange(1, len(lines))
        stray = lines[at - 1] if rng.random() < 0.5 else lines[at][: rng.randint(1, 6)]
        lines.insert(at, stray)
    if rng.random() < 0.02 and len(lines) > 2:
        at = rng.randrange(len(lines) - 1)
        middle = rng.randint(3, max(4, len(lines[at]) - 3))
        lines[at : at + 1] = [lines[at][:middle], lines[at][middle:]]
