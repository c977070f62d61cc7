"""PAGE as several programs write it."""

from __future__ import annotations

import pytest

from tests.layout_files import read, texts


def page_xml(version: str, body: str, *, order: str = "") -> str:
    return (
        f'<?xml version="1.0"?><PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/{version}">'
        f'<Page imageFilename="a.jpg" imageWidth="800" imageHeight="600">{order}{body}</Page></PcGts>'
    )


def region(name: str, text: str, top: int) -> str:
    return (
        f'<TextRegion id="{name}"><Coords points="0,{top} 90,{top} 90,{top + 20} 0,{top + 20}"/>'
        f'<TextLine id="{name}l"><Coords points="0,{top} 90,{top} 90,{top + 20} 0,{top + 20}"/>'
        f'<TextEquiv conf="0.9"><Unicode>{text}</Unicode></TextEquiv></TextLine></TextRegion>'
    )


@pytest.mark.parametrize("version", ["2013-07-15", "2017-07-15", "2018-07-15", "2019-07-15"])
def test_versions_of_page_are_read(version: str) -> None:
    (page,) = read(page_xml(version, region("a", "水渠", 10) + region("b", "球赛", 50)))
    assert texts(page) == ["水渠", "球赛"]
    assert page.lines[1].top == 50
    assert page.lines[1].confidence == 0.9
    assert (page.width, page.source, page.ordered) == (800, "page-xml", False)


def test_points_as_elements_are_those_of_2009() -> None:
    points = "".join(f'<Point x="{x}" y="{y}"/>' for x, y in ((0, 0), (50, 0), (50, 9), (0, 9)))
    body = f"<TextRegion><Coords>{points}</Coords><TextEquiv><Unicode>水渠\n通水</Unicode></TextEquiv></TextRegion>"
    (page,) = read(page_xml("2009-03-16", body))
    assert texts(page) == ["水渠", "通水"]  # only the region's text: its lines share its box
    assert [line.top for line in page.lines] == [0, 4.5]


def test_reading_order_is_kept() -> None:
    order = (
        '<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="1" regionRef="a"/>'
        '<OrderedGroupIndexed id="h" index="0"><RegionRefIndexed index="1" regionRef="b"/>'
        '<RegionRefIndexed index="0" regionRef="c"/></OrderedGroupIndexed></OrderedGroup></ReadingOrder>'
    )
    body = "".join(region(name, name, 10) for name in "abcd")
    (page,) = read(page_xml("2019-07-15", body, order=order))
    assert texts(page) == ["c", "b", "a", "d"]
    assert page.ordered


def test_words_and_glyphs_serve_where_lines_have_no_text() -> None:
    word = '<Word><Coords points="{0},0 {1},0 {1},9 {0},9"/>{2}</Word>'
    glyphs = "".join(f"<Glyph><TextEquiv><Unicode>{sign}</Unicode></TextEquiv></Glyph>" for sign in "通水")
    words = word.format(0, 20, "<TextEquiv><Unicode>水渠</Unicode></TextEquiv>") + word.format(25, 50, glyphs)
    (page,) = read(page_xml("2019-07-15", f"<TextRegion><TextLine>{words}</TextLine></TextRegion>"))
    assert texts(page) == ["水渠 通水"]
    assert (page.lines[0].left, page.lines[0].right) == (0, 50)


def test_text_of_nested_regions_is_taken_once() -> None:
    outer = (
        f'<TextRegion id="o"><Coords points="0,0 90,0 90,90 0,90"/>{region("i", "水渠", 10)}'
        "<TextEquiv><Unicode>水渠</Unicode></TextEquiv></TextRegion>"
    )
    assert texts(read(page_xml("2019-07-15", outer))[0]) == ["水渠"]
