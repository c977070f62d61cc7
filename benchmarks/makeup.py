"""Newspaper pages made up from the corpora: which article stands where, and in what order.

Articles stand on a grid of columns, stacked, side by side, or one let into another (which makes that one L- or
U-shaped). What a house does always or never is drawn once a page (:mod:`benchmarks.house`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.galley import MisfitError, set_article
from benchmarks.house import House
from benchmarks.linebreaks import ems
from benchmarks.newsprint import FURNITURE, Piece, Print, Sheet
from benchmarks.sources import Source
from classifier.scan import Rule

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
    piece = _least_waste(items, house, chance, tries)
    # An article is named by its number, not by its place among those that were mixed.
    return _with_folio(piece, house, chance, tuple(source for _, source in sorted(items, key=lambda item: item[0])))


def _least_waste(items: Sequence[Item], house: House, chance: random.Random, tries: int) -> Piece:
    """Set the articles in several ways and return the one that leaves least blank."""
    best: Piece | None = None
    for _ in range(tries):
        try:
            piece = set_group(items, house.columns, house, chance)
        except MisfitError:
            continue
        # A page is about as high as 1.4 times its width; a flat or long one is a strip.
        shape = piece.height / piece.width
        piece.waste += house.columns * piece.height * max(0.0, shape - 1.7, 0.9 - shape) * 0.5
        if best is None or piece.waste / piece.height < best.waste / best.height:
            best = piece
    if best is None:
        raise ValueError("the texts cannot be set into these columns")
    return best


def _shortened(source: Source, chance: random.Random) -> Source:
    """Return a text as long as a page bears, with a jump line where it was cut or where its beginning is gone."""
    paragraphs, total = source.paragraphs, 0
    limit = chance.randint(1200, 3200)
    for count, paragraph in enumerate(paragraphs):
        total += len(paragraph)
        if total > limit and 1 < count < len(paragraphs) - 2:
            if chance.random() < 0.3:
                return _continued(source, count, chance)
            closing = (f"（下转第{chance.choice('二三四五六23456')}版）",) if chance.random() < 0.6 else ()
            return replace(source, paragraphs=(*paragraphs[:count], *closing))
    return source


def _continued(source: Source, count: int, chance: random.Random) -> Source:
    """Return the last paragraphs of a text as a continued part."""
    jump = f"（上接第{chance.choice('一二三四123456')}版）"
    return replace(
        source,
        title="" if chance.random() < 0.2 else source.title,
        intro="",
        subtitle="",
        byline="",
        paragraphs=(jump, *source.paragraphs[-count:]),
    )


def _with_folio(piece: Piece, house: House, chance: random.Random, sources: tuple[Source, ...]) -> Sheet:
    margin = house.size * chance.uniform(2, 4)
    page = Piece(piece.width, margin)
    if chance.random() < 0.8:
        _add_folio(page, margin, house, chance)
    page.put(piece, margin, page.height)
    return Sheet(
        width=piece.width + 2 * margin,
        height=page.height + piece.height + margin,
        prints=tuple(sorted(page.prints, key=lambda line: line.article)),
        rules=tuple(page.rules),
        pictures=tuple(page.pictures),
        tints=tuple(page.tints),
        serif=house.serif,
        sources=sources,
    )


def _add_folio(page: Piece, margin: float, house: House, chance: random.Random) -> None:
    """Add the line over the page: its number, its name, the date; below it a ruled line or none."""
    size = house.size * chance.uniform(0.9, 1.3)
    texts = [
        f"{chance.randint(1, 20):02d}",
        "要闻",
        f"2026年{chance.randint(1, 12)}月{chance.randint(1, 28)}日　星期五",
    ]
    x, y = margin, page.height
    for text in texts:
        wide = ems(text) * size
        page.prints.append(Print(text, x, y, x + wide, y + size, size, FURNITURE, "folio"))
        x += wide + size * chance.uniform(1.5, 12)
    page.height += size * 1.4
    if chance.random() < 0.7:
        page.rules.append(Rule(margin, page.height, margin + page.width, page.height + 3))
    page.height += house.size * 1.5
