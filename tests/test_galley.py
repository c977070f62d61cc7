"""One article set into columns."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from benchmarks.galley import MisfitError, set_article
from benchmarks.house import House
from benchmarks.newsprint import Piece, Print
from tests.printing import sources

HOUSE = replace(House.draw(random.Random(1), 6000), measure=14, boxes=0.0, vertical=0.0, pictures=0.0)


def longest() -> int:
    return max(range(len(sources())), key=lambda at: len("".join(sources()[at].paragraphs)))


@pytest.mark.parametrize("seed", range(12))
def test_text_leaves_room_for_what_is_let_in(seed: int) -> None:
    width = HOUSE.width(2)
    mark = Print("圈", 0.0, 0.0, width, 300.0, 300.0, 9, "body")
    piece = set_article(sources()[longest()], 0, 4, HOUSE, random.Random(seed), Piece(width, 300.0, [mark]))
    (inside,) = (line for line in piece.prints if line.article == 9)
    others = [line for line in piece.prints if line.article == 0]
    assert len(others) > 40
    assert inside.right <= piece.width + 1
    for line in others:
        wide = min(line.right, inside.right) - max(line.left, inside.left)
        high = min(line.bottom, inside.bottom) - max(line.top, inside.top)
        assert wide < 3 or high < 0


def test_an_article_is_as_wide_as_its_columns_and_a_box_goes_around_it() -> None:
    boxed = replace(HOUSE, boxes=1.0, column_rules=False)
    for columns in (1, 2, 3):
        piece = set_article(sources()[longest()], 0, columns, boxed, random.Random(columns))
        assert piece.width == boxed.width(columns)
        assert min(rule.left for rule in piece.rules) == 0
        assert max(rule.bottom for rule in piece.rules) == piece.height
        assert all(line.left > 0 and line.top > 0 and line.bottom < piece.height for line in piece.prints)


@pytest.mark.parametrize("seed", range(4))
def test_no_text_is_set_into_columns_of_a_few_characters(seed: int) -> None:
    with pytest.raises(MisfitError):
        set_article(sources()[longest()], 0, 3, replace(HOUSE, measure=4, gutter=20.0), random.Random(seed))
