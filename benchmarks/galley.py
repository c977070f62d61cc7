"""One article set into columns: headline, text, photographs, a box around it, room for what is let into it.

Headlines lie across columns or stand beside their text; text flows around photographs and around what is let in.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from benchmarks.display import Display
from benchmarks.house import House
from benchmarks.linebreaks import break_lines, ems
from benchmarks.newsprint import Piece, Print
from benchmarks.sources import Source
from classifier.scan import Rule


class MisfitError(Exception):
    """The text cannot be set this way."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of running text before it has a place."""

    text: str
    indent: float
    width: float
    """In ems; the measure for a line that is full."""
    kind: str


def _rows(source: Source, measure: float) -> list[_Row]:
    rows = []
    heads = set(source.heads)
    for paragraph in source.paragraphs:
        if paragraph in heads and len(paragraph) < 2 * measure:
            for text in break_lines(paragraph, measure - 1):
                rows.append(_Row(text, (measure - ems(text)) / 2, ems(text), "subhead"))
            continue
        lines = break_lines(paragraph, measure, indent=2)
        for number, text in enumerate(lines):
            indent = 2.0 if number == 0 else 0.0
            full = number < len(lines) - 1 or ems(text) > measure - indent
            rows.append(_Row(text, indent, measure - indent if full else ems(text), "body"))
    return rows


@dataclass(frozen=True, slots=True)
class _Grid:
    """The columns of one article's text."""

    count: int
    width: float
    step: float
    """Distance from column to column."""
    measure: int
    """Characters a column."""

    @classmethod
    def divide(cls, width: float, count: int, house: House) -> Self:
        """Divide a width into so many columns."""
        measure = int((width - (count - 1) * house.gutter) / count / house.size)
        if measure < 7:
            raise MisfitError
        return cls(count, width, (width + house.gutter) / count, measure)


@dataclass(frozen=True, slots=True)
class _Block:
    """An area inside an article that text flows around, across columns ``[first, last)``."""

    first: int
    last: int
    piece: Piece
    at_bottom: bool


Places = list[tuple[int, float]]
"""Column and top of each row of text."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of an article with all that stands in them."""

    grid: _Grid
    house: House
    head: Piece
    span: int
    """Columns that the headline lies over, from the left."""
    rows: Sequence[_Row]
    blocks: Sequence[_Block]

    @property
    def tops(self) -> list[float]:
        """Where the text of each column begins."""
        return [self.head.height if column < self.span else 0.0 for column in range(self.grid.count)]

    @property
    def area(self) -> float:
        """Height of all that stands in the columns, summed over these."""
        rows = sum(_height(row, self.house) for row in self.rows)
        blocks = sum(block.piece.height * (block.last - block.first) for block in self.blocks)
        return rows + (sum(self.tops) + blocks)

    def top(self, block: _Block, height: float) -> float:
        """Return where a block stands in columns that end at ``height``."""
        return height - block.piece.height if block.at_bottom else max(self.tops[block.first : block.last])

    def settle(self, least: float) -> tuple[float, Places]:
        """Return the height at which the columns hold their text, ``least`` or more, and the place of each row."""
        blocks = [block.piece.height + max(self.tops[block.first : block.last]) for block in self.blocks]
        height = max([self.area / self.grid.count, self.head.height, least, *blocks])
        for _ in range(200):
            places = self._flow(height)
            if places is not None:
                return height, places
            height += self.house.leading * 0.5
        raise MisfitError

    def _flow(self, height: float) -> Places | None:
        """Return the place of each row in columns that end at ``height``, or ``None`` if they do not hold them."""
        house, rows = self.house, self.rows
        places: Places = []
        at = 0
        for column in range(self.grid.count):
            for begin, end in self._free(column, height):
                y = begin
                while at < len(rows):
                    tall = _height(rows[at], house)
                    if y + tall - (house.leading - house.size) > end + 0.5:
                        break
                    places.append((column, y + (tall - house.leading) / 2))
                    y += tall
                    at += 1
        return places if at == len(rows) else None

    def _free(self, column: int, height: float) -> list[tuple[float, float]]:
        """Return what the blocks leave free of a column."""
        top = self.tops[column]
        free = [(top, height)]
        for block in self.blocks:
            if block.first <= column < block.last:
                low = height - block.piece.height if block.at_bottom else top
                high = height if block.at_bottom else top + block.piece.height
                free = [part for a, b in free for part in ((a, min(b, low)), (max(a, high), b)) if part[1] > part[0]]
        return free

    def rules(self, height: float) -> list[Rule]:
        """Return the ruled lines between the columns, where the headline and the blocks leave room for one."""
        rules = []
        for column in range(1, self.grid.count):
            x = column * self.grid.step - self.house.gutter / 2
            if not any(block.first < column < block.last for block in self.blocks) and column <= self.span:
                rules.append(Rule(x - 1, self.head.height, x + 1, height))
        return rules


def _height(row: _Row, house: House) -> float:
    return house.leading * (1.8 if row.kind == "subhead" else 1.0)


def set_article(
    source: Source, number: int, columns: int, house: House, chance: random.Random, inset: Piece | None = None
) -> Piece:
    """Set an article across grid columns; ``inset`` is a piece of whole columns that its text flows around."""
    display = Display(source, number, house, chance)
    boxed = inset is None and (source.kind == "ad" or chance.random() < house.boxes)
    pad = house.size * 0.9 if boxed else 0.0
    width = house.width(columns)
    side = _headline_beside(display, width - 2 * pad) if inset is None else None
    inner = width - 2 * pad - (side.width + house.size * 1.2 if side else 0.0)
    count = columns
    if inset is None and columns > 1 and chance.random() < (0.5 if boxed else 0.12):
        count = max(1, columns - 1)  # a wider measure
    grid = _Grid.divide(inner, count, house)
    rows = _rows(source, grid.measure)
    text = _with_inset(display, grid, rows, inset) if inset is not None else _alone(display, grid, rows, side)
    body = _print(text, number, least=side.height if side else 0.0)
    piece = Piece(width, body.height + 2 * pad)
    left = pad
    if side is not None:
        if chance.random() < 0.35:  # on the right
            piece.put(side, width - pad - side.width, pad)
        else:
            piece.put(side, pad, pad)
            left = pad + side.width + house.size * 1.2
    piece.put(body, left, pad)
    if boxed:
        piece.rules += _frame(width, piece.height)
        if chance.random() < 0.4:
            piece.tints.append(Rule(0, 0, width, piece.height))
    return piece


def _headline_beside(display: Display, width: float) -> Piece | None:
    """Draw whether the headline stands beside the text, and set it."""
    source, house, chance = display.source, display.house, display.chance
    short = 4 <= len(source.title) <= 22 and not source.intro
    length = len("".join(source.paragraphs))
    if not (short and chance.random() < house.vertical and length > 150):
        return None
    guess = max(length / (width / house.size - 4) * house.leading * 1.1, house.size * 10)
    side = display.vertical_headline(min(guess, house.size * 36) * chance.uniform(0.75, 0.95))
    if width - (side.width + house.size * 1.2) < house.size * 8:
        raise MisfitError
    return side


def _alone(display: Display, grid: _Grid, rows: Sequence[_Row], side: Piece | None) -> _Columns:
    """Set the headline and the photographs of an article that nothing is let into."""
    span = _span(grid.count, len(rows), display.chance)
    if side is not None:
        shown = replace(display.source, title="", intro="")
        head = Display(shown, display.number, display.house, display.chance).headline(grid.width)
    else:
        head = display.headline(span * grid.step - display.house.gutter)
    blocks = _pictures(display, grid, len(rows), upright=side is not None)
    return _Columns(grid, display.house, head, span, rows, blocks)


def _with_inset(display: Display, grid: _Grid, rows: Sequence[_Row], inset: Piece) -> _Columns:
    """Set the headline of an article around a piece that is let in: at the bottom, at the top, or amid the text."""
    house, chance = display.house, display.chance
    place = chance.choice(("bottom", "bottom", "top", "middle"))
    wide = round((inset.width + house.gutter) / house.pitch)
    span = grid.count
    if place == "top":
        span = grid.count - wide
    elif place == "bottom":
        span = _span(grid.count, len(rows), chance)
    head = display.headline(span * grid.step - house.gutter)
    begin = max(1, (grid.count - wide) // 2) if place == "middle" else grid.count - wide
    if begin < 1:
        raise MisfitError
    block = _Block(begin, begin + wide, _let_in(inset, place, house, chance), at_bottom=place == "bottom")
    return _Columns(grid, house, head, span, rows, [block])


def _span(count: int, rows: int, chance: random.Random) -> int:
    """Draw how many columns the headline lies over: all, or in a long article some from the left."""
    if count >= 3 and rows > 40 and chance.random() < 0.12:
        return chance.randint(max(1, count - 2), count - 1)
    return count


def _let_in(inset: Piece, place: str, house: House, chance: random.Random) -> Piece:
    """Return a piece with the room and the ruled lines that part it from the text around."""
    gap = Piece(inset.width, inset.height + house.size * 1.6)
    gap.put(inset, 0.0, house.size * 1.6 if place != "top" else 0.0)
    over, under = house.size * 0.8, gap.height - house.size * 0.8
    if place == "middle":
        gap.height += house.size * 1.6
        under += house.size * 1.6
    # Text that goes on below what is let in has a ruled line over it: no reader would find it else.
    if place != "bottom":
        gap.rules.append(Rule(0.0, under - 1, inset.width, under + 1))
    if place != "top" and chance.random() < 0.3 + 0.7 * house.rule_across:
        gap.rules.append(Rule(0.0, over - 1, inset.width, over + 1))
    return gap


def _print(text: _Columns, number: int, *, least: float) -> Piece:
    """Return the columns as a piece, ``least`` high or higher."""
    house, grid = text.house, text.grid
    height, places = text.settle(least)
    body = Piece(grid.width, height)
    body.put(text.head, 0.0, 0.0)
    for row, (column, y) in zip(text.rows, places, strict=True):
        left = column * grid.step + row.indent * house.size
        box = (left, y, left + row.width * house.size, y + house.size)
        body.prints.append(Print(row.text.strip(), *box, house.size, number, row.kind, bold=row.kind == "subhead"))
    for block in text.blocks:
        body.put(block.piece, block.first * grid.step, text.top(block, height))
    if house.column_rules:
        body.rules += text.rules(height)
    body.waste += height * grid.count - text.area
    return body


def _frame(width: float, height: float) -> list[Rule]:
    return [
        Rule(0, 0, width, 2),
        Rule(0, height - 2, width, height),
        Rule(0, 0, 2, height),
        Rule(width - 2, 0, width, height),
    ]


def _pictures(display: Display, grid: _Grid, rows: int, *, upright: bool) -> list[_Block]:
    """Draw the photographs of an article, with its captions or without."""
    house, chance = display.house, display.chance
    captions = [" ".join(caption) for caption in display.source.captions]
    if rows < 18 or not (captions or chance.random() < 0.1) or chance.random() > house.pictures + 0.3 * bool(captions):
        return []
    wide = chance.randint(1, max(1, min(grid.count, 3)))
    first = chance.randint(0, grid.count - wide)
    width = wide * grid.step - house.gutter
    tall = min(width * chance.uniform(0.55, 0.8), rows * house.leading / grid.count * 0.8 + house.size * 4)
    piece = Piece(width)
    at_bottom = chance.random() < 0.5 and not upright
    piece.height = house.size * 0.8 if at_bottom else 0.0
    piece.pictures.append(Rule(0, piece.height, width, piece.height + tall))
    piece.height += tall + house.size * 0.35
    for text in captions[:1]:
        caption = display.caption(text, width)
        piece.put(caption, 0.0, piece.height)
        piece.height += caption.height
    piece.height += house.size * (0.1 if at_bottom else 0.8)
    return [_Block(first, first + wide, piece, at_bottom)]
