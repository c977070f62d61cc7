"""Newspaper pages set from the corpora: where every printed line stands, which article it is of, and in what order.

A Han character is as wide as it is high, so lines can be broken here and a page be set without a browser; Chromium only
paints it (:mod:`benchmarks.presswork`). Articles stand on a grid of columns, stacked, side by side, or one let into
another (which makes that one L- or U-shaped); headlines lie across columns or stand beside their text; there are
kickers, bylines, subheads, photographs with captions, boxes, ruled lines, jump lines, an advertisement dressed as a
feature. What a house does always or never is drawn once a page.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.sources import Source
from classifier.scan import Rule

FURNITURE = -1
"""Article number of lines that are of no article: the line over the page."""

_NO_START = set("，。、；：？！”’）》」』】…—,.;:?!)%％")
_HALF = 0.55
"""Width of a Latin letter or digit in ems."""


@dataclass(frozen=True, slots=True)
class Print:
    """One printed line: the box of its characters in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    """Font size in pixels."""
    article: int
    """Number of the article on the page, or :data:`FURNITURE`."""
    kind: str
    """``head``, ``kicker``, ``byline``, ``body``, ``subhead``, ``caption``, ``folio``."""
    vertical: bool = False
    bold: bool = False

    def moved(self, x: float, y: float) -> Print:
        """Return the line at another place."""
        return replace(self, left=self.left + x, right=self.right + x, top=self.top + y, bottom=self.bottom + y)


@dataclass(slots=True)
class Piece:
    """A part of a page, its corner at the origin."""

    width: float
    height: float = 0.0
    prints: list[Print] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    pictures: list[Rule] = field(default_factory=list)
    tints: list[Rule] = field(default_factory=list)
    """Areas of a light background."""
    waste: float = 0.0
    """Height left blank, in pixels, summed over columns."""

    def put(self, other: Piece, x: float, y: float) -> None:
        """Set another piece into this one."""
        self.prints += [line.moved(x, y) for line in other.prints]
        for mine, theirs in ((self.rules, other.rules), (self.pictures, other.pictures), (self.tints, other.tints)):
            mine += [_moved(box, x, y) for box in theirs]
        self.waste += other.waste


def _moved(box: Rule, x: float, y: float) -> Rule:
    return Rule(box.left + x, box.top + y, box.right + x, box.bottom + y)


@dataclass(frozen=True, slots=True)
class House:
    """What a newspaper does always: sizes in pixels, shares between 0 and 1."""

    size: float
    """Font size of running text."""
    leading: float
    measure: int
    """Characters a column."""
    gutter: float
    columns: int
    head: float
    """Size of headlines beside the usual."""
    centred: bool
    """Headlines and bylines are centred, else begin at the left."""
    serif: bool
    rule_across: float
    """Share of stacked articles with a ruled line between."""
    rule_down: float
    column_rules: bool
    boxes: float
    vertical: float
    """Share of articles whose headline stands beside the text."""
    insets: float
    pictures: float
    bylines: bool

    @property
    def pitch(self) -> float:
        """Distance from column to column."""
        return self.measure * self.size + self.gutter

    def width(self, columns: int) -> float:
        """Return the width of so many columns."""
        return columns * self.pitch - self.gutter

    @classmethod
    def draw(cls, chance: random.Random, characters: float) -> House:
        """Draw the habits of a house whose page holds about so many characters."""
        size = chance.choice((22.0, 24.0, 26.0, 28.0))
        leading = size * chance.uniform(1.3, 1.65)
        gutter = size * chance.uniform(1.2, 2.4)
        measure = chance.randint(12, 22)
        # Headlines and pictures take a fifth; a page is higher than it is wide.
        width = math.sqrt(characters * size * leading * 1.2 / chance.uniform(0.95, 1.55))
        columns = min(max(round(width / (measure * size + gutter)), 3), 6)
        return cls(
            size=size,
            leading=leading,
            measure=measure,
            gutter=gutter,
            columns=columns,
            head=chance.uniform(0.8, 1.2),
            centred=chance.random() < 0.65,
            serif=chance.random() < 0.8,
            rule_across=chance.choice((0.0, 0.4, 1.0)),
            rule_down=chance.choice((0.0, 0.3, 0.8)),
            column_rules=chance.random() < 0.06,
            boxes=chance.uniform(0.05, 0.3),
            vertical=chance.choice((0.0, 0.12, 0.25)),
            insets=chance.uniform(0.2, 0.7),
            pictures=chance.uniform(0.2, 0.6),
            bylines=chance.random() < 0.85,
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that is set. Lines of one article stand in their order of reading."""

    width: float
    height: float
    prints: tuple[Print, ...]
    rules: tuple[Rule, ...]
    pictures: tuple[Rule, ...]
    tints: tuple[Rule, ...]
    serif: bool
    sources: tuple[Source, ...]
    """The text of each article, by number."""


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


@dataclass(slots=True)
class _Setter:
    """Sets one article into a width."""

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


@dataclass(frozen=True, slots=True)
class _Block:
    """An area inside an article that text flows around, across columns ``[first, last)``."""

    first: int
    last: int
    piece: Piece
    at_bottom: bool


class _MisfitError(Exception):
    """The text cannot be set this way."""


def _flow(
    rows: Sequence[_Row], tops: Sequence[float], blocks: Sequence[_Block], height: float, house: House
) -> list[tuple[int, float]] | None:
    """Return column and top of each row in columns that end at ``height``, or ``None`` if they do not hold them."""
    places: list[tuple[int, float]] = []
    at = 0
    for column, top in enumerate(tops):
        free = [(top, height)]
        for block in blocks:
            if block.first <= column < block.last:
                low = height - block.piece.height if block.at_bottom else top
                high = height if block.at_bottom else top + block.piece.height
                free = [part for a, b in free for part in ((a, min(b, low)), (max(a, high), b)) if part[1] > part[0]]
        for begin, end in free:
            y = begin
            while at < len(rows):
                tall = house.leading * (1.8 if rows[at].kind == "subhead" else 1.0)
                if y + tall - (house.leading - house.size) > end + 0.5:
                    break
                places.append((column, y + (tall - house.leading) / 2))
                y += tall
                at += 1
    return places if at == len(rows) else None


def set_article(
    source: Source, number: int, columns: int, house: House, chance: random.Random, inset: Piece | None = None
) -> Piece:
    """Set an article across grid columns; ``inset`` is a piece of whole columns that its text flows around."""
    setter = _Setter(source, number, house, chance)
    boxed = inset is None and (source.kind == "ad" or chance.random() < house.boxes)
    pad = house.size * 0.9 if boxed else 0.0
    width = house.width(columns)
    inner = width - 2 * pad
    upright = (
        inset is None
        and 4 <= len(source.title) <= 22
        and not source.intro
        and chance.random() < house.vertical
        and len("".join(source.paragraphs)) > 150
    )
    side = Piece(0.0)
    if upright:
        guess = max(len("".join(source.paragraphs)) / (inner / house.size - 4) * house.leading * 1.1, house.size * 10)
        side = setter.vertical_headline(min(guess, house.size * 36) * chance.uniform(0.75, 0.95))
        inner -= side.width + house.size * 1.2
        if inner < house.size * 8:
            raise _MisfitError
    count = columns
    if inset is None and columns > 1 and chance.random() < (0.5 if boxed else 0.12):
        count = max(1, columns - 1)  # a wider measure
    measure = int((inner - (count - 1) * house.gutter) / count / house.size)
    if measure < 7:
        raise _MisfitError
    step = (inner + house.gutter) / count
    rows = _rows(source, measure)
    # The headline lies over all columns, over the first ones, or over those left of what is let in.
    span = count
    where = chance.choice(("bottom", "bottom", "top", "middle")) if inset is not None else ""
    inset_columns = round((inset.width + house.gutter) / house.pitch) if inset is not None else 0
    if where == "top":
        span = count - inset_columns
    elif where != "middle" and count >= 3 and len(rows) > 40 and chance.random() < 0.12:
        span = chance.randint(max(1, count - 2), count - 1)
    if upright:
        shown = replace(source, title="", intro="", subtitle=source.subtitle)
        head = _Setter(shown, number, house, chance).headline(inner)
    else:
        head = setter.headline(span * step - house.gutter)
    tops = [head.height if column < span else 0.0 for column in range(count)]
    blocks = _pictures(setter, count, step, len(rows), upright=upright) if inset is None else []
    if inset is not None:
        gap = Piece(inset.width, inset.height + house.size * 1.6)
        first = {
            "bottom": count - inset_columns,
            "top": count - inset_columns,
            "middle": max(1, (count - inset_columns) // 2),
        }
        gap.put(inset, 0.0, house.size * 1.6 if where != "top" else 0.0)
        begin = first[where]
        if begin < 1:
            raise _MisfitError
        over, under = house.size * 0.8, gap.height - house.size * 0.8
        if where == "middle":
            gap.height += house.size * 1.6
            under += house.size * 1.6
        # Text that goes on below what is let in has a ruled line over it: no reader would find it else.
        if where != "bottom":
            gap.rules.append(Rule(0.0, under - 1, inset.width, under + 1))
        if where != "top" and chance.random() < 0.3 + 0.7 * house.rule_across:
            gap.rules.append(Rule(0.0, over - 1, inset.width, over + 1))
        blocks.append(_Block(begin, begin + inset_columns, gap, at_bottom=where == "bottom"))
    area = sum(house.leading * (1.8 if row.kind == "subhead" else 1.0) for row in rows)
    area += sum(tops) + sum(block.piece.height * (block.last - block.first) for block in blocks)
    height = max(
        [area / count, head.height, side.height, *(b.piece.height + max(tops[b.first : b.last]) for b in blocks)]
    )
    for _ in range(200):
        places = _flow(rows, tops, blocks, height, house)
        if places is not None:
            break
        height += house.leading * 0.5
    else:
        raise _MisfitError
    piece = Piece(width, height + 2 * pad)
    body = Piece(inner)
    body.put(head, 0.0, 0.0)
    for row, (column, y) in zip(rows, places, strict=True):
        left = column * step + row.indent * house.size
        box = (left, y, left + row.width * house.size, y + house.size)
        body.prints.append(Print(row.text.strip(), *box, house.size, number, row.kind, bold=row.kind == "subhead"))
    for block in blocks:
        y = height - block.piece.height if block.at_bottom else max(tops[block.first : block.last])
        body.put(block.piece, block.first * step, y)
    if house.column_rules:
        for column in range(1, count):
            x = column * step - house.gutter / 2
            if not any(block.first < column < block.last for block in blocks) and column <= span:
                body.rules.append(Rule(x - 1, head.height, x + 1, height))
    on_right = upright and chance.random() < 0.35
    shift = pad if not upright or on_right else pad + side.width + house.size * 1.2
    if upright:
        piece.put(side, width - pad - side.width if on_right else pad, pad)
    piece.put(body, shift, pad)
    if boxed:
        piece.rules += _frame(width, piece.height)
        if chance.random() < 0.4:
            piece.tints.append(Rule(0, 0, width, piece.height))
    piece.waste += height * count - area
    return piece


def _frame(width: float, height: float) -> list[Rule]:
    return [
        Rule(0, 0, width, 2),
        Rule(0, height - 2, width, height),
        Rule(0, 0, 2, height),
        Rule(width - 2, 0, width, height),
    ]


def _pictures(setter: _Setter, count: int, step: float, rows: int, *, upright: bool) -> list[_Block]:
    """Draw the photographs of an article, with its captions or without."""
    house, chance = setter.house, setter.chance
    captions = [" ".join(caption) for caption in setter.source.captions]
    if rows < 18 or not (captions or chance.random() < 0.1) or chance.random() > house.pictures + 0.3 * bool(captions):
        return []
    wide = chance.randint(1, max(1, min(count, 3)))
    first = chance.randint(0, count - wide)
    width = wide * step - house.gutter
    tall = min(width * chance.uniform(0.55, 0.8), rows * house.leading / count * 0.8 + house.size * 4)
    piece = Piece(width)
    at_bottom = chance.random() < 0.5 and not upright
    piece.height = house.size * 0.8 if at_bottom else 0.0
    piece.pictures.append(Rule(0, piece.height, width, piece.height + tall))
    piece.height += tall + house.size * 0.35
    for text in captions[:1]:
        caption = setter.caption(text, width)
        piece.put(caption, 0.0, piece.height)
        piece.height += caption.height
    piece.height += house.size * (0.1 if at_bottom else 0.8)
    return [_Block(first, first + wide, piece, at_bottom)]


Item = tuple[int, Source]


def _length(items: Sequence[Item]) -> float:
    """Return about how many characters of running text an area for these articles must hold."""
    return sum(sum(map(len, source.paragraphs)) + 10 * len(source.paragraphs) + 90 for _, source in items)


def set_group(items: Sequence[Item], columns: int, house: House, chance: random.Random) -> Piece:
    """Set articles into grid columns: stacked, side by side, or one let into another."""
    if len(items) == 1:
        return set_article(items[0][1], items[0][0], columns, house, chance)
    ways: list[Callable[[], Piece]] = [lambda: _stack(items, columns, house, chance)]
    if columns > 1:
        ways += [lambda: _beside(items, columns, house, chance)] * 2
        if chance.random() < house.insets and _length(items[:1]) > 700 and columns > 2:
            ways = [lambda: _let_in(items, columns, house, chance)]
    return chance.choice(ways)()


def _stack(items: Sequence[Item], columns: int, house: House, chance: random.Random) -> Piece:
    cut = chance.randint(1, len(items) - 1)
    piece = Piece(house.width(columns))
    for number, part in enumerate((items[:cut], items[cut:])):
        set_ = set_group(part, columns, house, chance)
        if number:
            gap = house.size * chance.uniform(1.3, 2.6)
            if chance.random() < house.rule_across:
                y = piece.height + gap / 2
                piece.rules.append(Rule(0, y - 1, piece.width, y + 1))
            piece.height += gap
        piece.put(set_, 0.0, piece.height)
        piece.height += set_.height
    return piece


def _beside(items: Sequence[Item], columns: int, house: House, chance: random.Random) -> Piece:
    cut = chance.randint(1, len(items) - 1)
    share = _length(items[:cut]) / _length(items)
    left_columns = min(max(round(share * columns), 1), columns - 1)
    left = set_group(items[:cut], left_columns, house, chance)
    right = set_group(items[cut:], columns - left_columns, house, chance)
    piece = Piece(house.width(columns), max(left.height, right.height))
    x = left_columns * house.pitch
    piece.put(left, 0.0, 0.0)
    piece.put(right, x, 0.0)
    if chance.random() < house.rule_down:
        middle = x - house.gutter / 2
        piece.rules.append(Rule(middle - 1, 0.0, middle + 1, piece.height))
    for part, begin, wide in ((left, 0.0, left_columns), (right, x, columns - left_columns)):
        room = piece.height - part.height
        if room > house.size * 6:  # an advertisement that is all picture
            box = Rule(begin, part.height + house.size * 1.5, begin + part.width, piece.height)
            piece.pictures.append(box)
        piece.waste += room * wide
    return piece


def _let_in(items: Sequence[Item], columns: int, house: House, chance: random.Random) -> Piece:
    host, rest = items[0], items[1:]
    inside = rest[: chance.randint(1, min(2, len(rest)))]
    below = rest[len(inside) :]
    share = _length(inside) / _length([host, *inside])
    wide = min(max(round(columns * min(share * 1.4, 0.8)), 1), columns - 1)
    inset = set_group(inside, wide, replace(house, insets=0.0), chance)
    piece = set_article(host[1], host[0], columns, house, chance, inset)
    if not below:
        return piece
    whole = Piece(piece.width)
    whole.put(piece, 0.0, 0.0)
    whole.height = piece.height + house.size * chance.uniform(1.5, 2.6)
    if chance.random() < house.rule_across:
        y = (whole.height + piece.height) / 2
        whole.rules.append(Rule(0, y - 1, whole.width, y + 1))
    lower = set_group(below, columns, house, chance)
    whole.put(lower, 0.0, whole.height)
    whole.height += lower.height
    return whole


TRIES = 24
"""Ways of setting a page that are drawn; the one that leaves least blank is taken."""


def set_page(sources: Sequence[Source], *, seed: int, tries: int = TRIES) -> Sheet:
    """Set a page from its texts: the same seed and texts give the same page.

    Raises
    ------
    ValueError
        If there is no text that can be set.
    """
    chance = random.Random(seed)
    items: list[Item] = []
    for source in sources:
        if source.kind != "credit" and source.paragraphs:
            items.append((len(items), _shortened(source, chance)))
    if not items:
        raise ValueError("no text to set")
    house = House.draw(chance, _length(items))
    if len(items) > 2 and chance.random() < 0.5:
        items = [items[0], *chance.sample(items[1:], len(items) - 1)]
    best: Piece | None = None
    for _ in range(tries):
        try:
            piece = set_group(items, house.columns, house, chance)
        except _MisfitError:
            continue
        # A page is about as high as 1.4 times its width; a flat or long one is a strip.
        shape = piece.height / piece.width
        piece.waste += house.columns * piece.height * max(0.0, shape - 1.7, 0.9 - shape) * 0.5
        if best is None or piece.waste / piece.height < best.waste / best.height:
            best = piece
    if best is None:
        raise ValueError("the texts cannot be set into these columns")
    # An article is named by its number, not by its place among those that were mixed.
    return _with_folio(best, house, chance, tuple(source for _, source in sorted(items, key=lambda item: item[0])))


def _shortened(source: Source, chance: random.Random) -> Source:
    """Return a text as long as a page bears, with a jump line where it was cut or where its beginning is gone."""
    paragraphs, total = list(source.paragraphs), 0
    limit = chance.randint(1200, 3200)
    for count, paragraph in enumerate(paragraphs):
        total += len(paragraph)
        if total > limit and 1 < count < len(paragraphs) - 2:
            if chance.random() < 0.3:  # a continued part
                jump = f"（上接第{chance.choice('一二三四123456')}版）"
                return replace(
                    source,
                    title="" if chance.random() < 0.2 else source.title,
                    intro="",
                    subtitle="",
                    byline="",
                    paragraphs=(jump, *paragraphs[-count:]),
                )
            closing = (f"（下转第{chance.choice('二三四五六23456')}版）",) if chance.random() < 0.6 else ()
            return replace(source, paragraphs=(*paragraphs[:count], *closing))
    return source


def _with_folio(piece: Piece, house: House, chance: random.Random, sources: tuple[Source, ...]) -> Sheet:
    margin = house.size * chance.uniform(2, 4)
    top = margin
    prints: list[Print] = []
    rules: list[Rule] = []
    if chance.random() < 0.8:
        size = house.size * chance.uniform(0.9, 1.3)
        texts = [
            f"{chance.randint(1, 20):02d}",
            "要闻",
            f"2026年{chance.randint(1, 12)}月{chance.randint(1, 28)}日　星期五",
        ]
        x = margin
        for text in texts:
            wide = ems(text) * size
            prints.append(Print(text, x, top, x + wide, top + size, size, FURNITURE, "folio"))
            x += wide + size * chance.uniform(1.5, 12)
        top += size * 1.4
        if chance.random() < 0.7:
            rules.append(Rule(margin, top, margin + piece.width, top + 3))
        top += house.size * 1.5
    page = Piece(piece.width)
    page.put(piece, margin, top)
    order = sorted(page.prints, key=lambda line: line.article)
    return Sheet(
        width=piece.width + 2 * margin,
        height=top + piece.height + margin,
        prints=(*prints, *order),
        rules=(*rules, *page.rules),
        pictures=tuple(page.pictures),
        tints=tuple(page.tints),
        serif=house.serif,
        sources=sources,
    )
