"""ALTO as several programs write it."""

from __future__ import annotations

import pytest

from tests.layout_files import ALTO_LINES, read, texts

ALTO_HEADS = [
    "<alto>",
    '<alto xmlns="http://schema.ccs-gmbh.com/ALTO">',
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#">',
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#" xmlns:xlink="http://www.w3.org/1999/xlink">',
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">',
]


@pytest.mark.parametrize("head", ALTO_HEADS)
def test_every_version_of_alto_is_read(head: str) -> None:
    (page,) = read(f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{ALTO_LINES}</alto>')
    assert texts(page) == ["水渠 通水", "the irrigation", "canal"]
    assert (page.width, page.height, page.source, page.number) == (800, 600, "alto", 1)
    first = page.lines[0]
    assert (first.left, first.top, first.right, first.bottom, first.confidence) == (10, 10, 310, 40, 0.75)
    third = page.lines[2]  # has no box of its own: that of its words
    assert (third.left, third.top, third.right, third.bottom) == (10, 90, 130, 125)
    assert (page.pictures[0].left, page.pictures[0].bottom) == (500, 110)
    assert (page.rules[0].right, page.rules[0].bottom) == (452, 600)


def test_characters_as_words_are_joined_and_latin_words_parted() -> None:
    words = "".join(f'<String CONTENT="{word}" HPOS="1" VPOS="1" WIDTH="9" HEIGHT="9"/><SP/>' for word in "水渠通水")
    close = '<String CONTENT="new"/><String CONTENT="canal"/>'
    (page,) = read(
        f'<alto><Layout><Page><TextBlock HPOS="1" VPOS="1" WIDTH="9" HEIGHT="9"><TextLine>{words}</TextLine>'
        f"<TextLine>{close}</TextLine></TextBlock></Page></Layout></alto>"
    )
    assert texts(page) == ["水渠通水", "new canal"]


def test_polygons_of_alto_4_count_more_than_boxes() -> None:
    for points in ("0 0 100 5 100 25 0 20", "0,0 100,5 100,25 0,20"):
        (page,) = read(
            '<alto><Layout><Page><TextLine HPOS="0" VPOS="0" WIDTH="1" HEIGHT="1"><Shape><Polygon POINTS="'
            f'{points}"/></Shape><String CONTENT="水"/></TextLine></Page></Layout></alto>'.replace(
                "<TextLine", "<TextBlock><TextLine", 1
            ).replace("</TextLine>", "</TextLine></TextBlock>")
        )
        assert page.lines[0].polygon == ((0, 0), (100, 5), (100, 25), (0, 20))
        assert page.width == 100
