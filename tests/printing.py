"""Printed pages for tests: lines set by hand on a grid, and whole pages set from the labelled articles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from benchmarks.makeup import set_page
from benchmarks.newsprint import Sheet
from benchmarks.sources import Source
from classifier.scan import Rule, ScanPage, TextLine
from classifier.scans.layout import arrange

LABELED = Path(__file__).resolve().parents[1] / "labeled" / "articles"
EM, LEADING, MEASURE, PITCH = 20.0, 30.0, 12, 280.0
"""Font size and line distance in pixels, characters a column, and pixels from column to column."""


def at(text: str, x: float, y: float, *, size: float = EM) -> TextLine:
    """Return a line of text whose upper left corner is at (x, y)."""
    right, bottom = x + len(text) * size, y + size
    return TextLine(text, ((x, y), (right, y), (right, bottom), (x, bottom)))


def upright(text: str, x: float, y: float, *, size: float) -> TextLine:
    """Return a vertical line."""
    right, bottom = x + size, y + len(text) * size
    return TextLine(text, ((x, y), (right, y), (right, bottom), (x, bottom)))


def column(name: str, number: int, y: float, rows: int, *, ends: bool = False, begins: bool = False) -> list[TextLine]:
    """Return the lines of a column: ``甲00水水水…``, the last one short where the text ends there."""
    x = number * PITCH
    lines = []
    for row in range(rows):
        text = f"{name}{row:02d}".ljust(MEASURE, "水")
        last = ends and row == rows - 1
        indent = 2 if begins and row == 0 else 0
        text = text[: MEASURE - indent]
        lines.append(at(text[:6] + "。" if last else text, x + indent * EM, y + row * LEADING))
    return lines


def page(*lines: TextLine, rules: Sequence[Rule] = (), pictures: Sequence[Rule] = (), angle: float = 0.0) -> ScanPage:
    """Return a page of lines, turned by ``angle`` degrees."""
    width = max((line.right for line in lines), default=1.0) + 40
    height = max((line.bottom for line in lines), default=1.0) + 40
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def turned(x: float, y: float) -> tuple[float, float]:
        x, y = x - width / 2, y - height / 2
        return x * cos - y * sin + width / 2, x * sin + y * cos + height / 2

    moved = tuple(replace(line, polygon=tuple(turned(x, y) for x, y in line.polygon)) for line in lines)
    return ScanPage(1, width, height, moved, tuple(rules), tuple(pictures), "ocr")


def read(scan: ScanPage) -> list[str]:
    """Return the texts of a page in reading order, without the filling of columns."""
    return [scan.lines[line].text.rstrip("水。") for line in arrange(scan).order]


def names(*columns: tuple[str, int]) -> list[str]:
    """Return what :func:`read` gives for whole columns."""
    return [f"{name}{row:02d}" for name, rows in columns for row in range(rows)]


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Return the labelled articles as texts to set."""
    found = []
    for file in sorted(LABELED.glob("*/*.txt")):
        lines = [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
        if len(lines) > 2 and len(lines[0]) < 30:
            found.append(Source(title=lines[0], paragraphs=tuple(lines[1:]), page_key=file.name))
    return tuple(found)


@lru_cache(maxsize=8)
def sheet(seed: int, *, articles: int = 4) -> Sheet:
    """Return a page set from labelled articles."""
    texts = sources()
    chosen = [texts[(seed * 7 + number * 13) % len(texts)] for number in range(articles)]
    return set_page(chosen, seed=seed, tries=4)
