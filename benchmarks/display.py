"""Display type: what is set larger than the text or apart from it, headlines and captions."""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchmarks.house import House
from benchmarks.linebreaks import break_lines, ems
from benchmarks.newsprint import Piece, Print
from benchmarks.sources import Source


@dataclass(slots=True)
class Display:
    """Headlines and captions of one article."""

    source: Source
    number: int
    house: House
    chance: random.Random

    def headline(self, width: float, *, most: float = 4.2) -> Piece:
        """Return the headline block: kicker, headline, subtitle, byline, across ``width``."""
        house, source, chance = self.house, self.source, self.chance
        piece = Piece(width)
        if source.title:
            weight = min(len("".join(source.paragraphs)) / 900, 1.0)
            want = width * chance.uniform(0.55, 0.95) / max(ems(source.title), 4)
            size = min(max(want, house.size * 1.35), house.size * (1.5 + (most - 1.5) * weight) * house.head)
            if source.intro:
                small = max(size * 0.55, house.size * 1.1)
                self._centred(piece, source.intro, small, kind="kicker")
            self._centred(piece, source.title, size, kind="head", bold=chance.random() < 0.7)
            if source.subtitle:
                small = max(size * 0.5, house.size * 1.1)
                self._centred(piece, source.subtitle, small, kind="kicker")
        if source.byline and house.bylines:
            self._centred(piece, source.byline, house.size, kind="byline")
        if piece.prints:
            piece.height += house.size * chance.uniform(0.4, 1.1)
        return piece

    def _centred(self, piece: Piece, text: str, size: float, *, kind: str, bold: bool = False) -> None:
        if piece.prints:
            piece.height += size * 0.3
        limit = max(int(piece.width / size), 4)
        lines = break_lines(text, limit)
        if 1 < len(lines) <= 3 and kind != "byline":  # even lines, as headlines are set
            lines = break_lines(text, max(-(-ems(text) // len(lines)), 2) + 1)
        for line in lines:
            wide = ems(line) * size
            left = max((piece.width - wide) / 2, 0.0) if self.house.centred else 0.0
            box = (left, piece.height, left + wide, piece.height + size)
            piece.prints.append(Print(line.strip(), *box, size, self.number, kind, bold=bold))
            piece.height += size * 1.22
        piece.height -= size * 0.22

    def vertical_headline(self, height: float) -> Piece:
        """Return the headline as columns of characters, the first on the right."""
        title = self.source.title
        size = min(max(height * 0.8 / max(len(title), 3), self.house.size * 1.4), self.house.size * 2.8)
        each = max(int(height / (size * 1.06)), 3)
        count = -(-len(title) // each)
        each = -(-len(title) // count)
        parts = [title[at : at + each].strip() for at in range(0, len(title), each)]
        piece = Piece(len(parts) * size * 1.2 - size * 0.2)
        for number, part in enumerate(parts):
            left = piece.width - size - number * size * 1.2
            tall = len(part) * size * 1.06
            box = (left, 0.0, left + size, tall)
            piece.prints.append(Print(part, *box, size, self.number, "head", vertical=True, bold=True))
            piece.height = max(piece.height, tall)
        return piece

    def caption(self, text: str, width: float) -> Piece:
        """Return a caption set to a picture's width."""
        size = self.house.size * 0.86
        piece = Piece(width)
        lines = break_lines(text, max(int(width / size), 3))
        for number, line in enumerate(lines):
            wide = ems(line) * size if number == len(lines) - 1 else width
            box = (0.0, piece.height, min(wide, width), piece.height + size)
            piece.prints.append(Print(line, *box, size, self.number, "caption"))
            piece.height += size * 1.3
        return piece
