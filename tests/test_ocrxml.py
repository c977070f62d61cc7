"""ALTO, PAGE and hOCR as several programs write them, and files that mean harm."""

from __future__ import annotations

import pytest

from classifier.errors import InputError
from classifier.scan import ScanPage
from classifier.scans import ocrxml

ALTO_LINES = """
<Layout><Page ID="p1" PHYSICAL_IMG_NR="1" WIDTH="800" HEIGHT="600"><PrintSpace>
<ComposedBlock ID="c"><TextBlock ID="b" HPOS="10" VPOS="10" WIDTH="400" HEIGHT="90">
<TextLine HPOS="10" VPOS="10" WIDTH="300" HEIGHT="30">
<String CONTENT="水渠" HPOS="10" VPOS="10" WIDTH="60" HEIGHT="30" WC="0.5"/><SP/>
<String CONTENT="通水" HPOS="80" VPOS="10" WIDTH="60" HEIGHT="30" WC="1.0"/></TextLine>
<TextLine HPOS="10" VPOS="50" WIDTH="300" HEIGHT="30">
<String CONTENT="the" HPOS="10" VPOS="50" WIDTH="40" HEIGHT="30"/><SP/>
<String CONTENT="irri" HPOS="60" VPOS="50" WIDTH="40" HEIGHT="30" SUBS_TYPE="HypPart1" SUBS_CONTENT="irrigation"/>
<HYP CONTENT="-"/></TextLine>
<TextLine>
<String CONTENT="gation" HPOS="10" VPOS="90" WIDTH="60" HEIGHT="30" SUBS_TYPE="HypPart2" SUBS_CONTENT="irrigation"/>
<SP/>
<String CONTENT="canal" HPOS="80" VPOS="95" WIDTH="50" HEIGHT="30"/></TextLine>
</TextBlock></ComposedBlock>
<Illustration HPOS="500" VPOS="10" WIDTH="200" HEIGHT="100"/>
<GraphicalElement HPOS="450" VPOS="0" WIDTH="2" HEIGHT="600"/>
</PrintSpace></Page></Layout>
"""

ALTO_HEADS = [
    "<alto>",
    '<alto xmlns="http://schema.ccs-gmbh.com/ALTO">',
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#">',
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#" xmlns:xlink="http://www.w3.org/1999/xlink">',
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">',
]


def texts(page: ScanPage) -> list[str]:
    return [line.text for line in page.lines]


def read(text: str, *, encoding: str = "utf-8") -> tuple[ScanPage, ...]:
    data = text.encode(encoding)
    kind = ocrxml.sniff(data[: ocrxml.SNIFFED])
    assert kind is not None
    return ocrxml.read(data, kind)


# --- ALTO ------------------------------------------------------------------------------------------------------------


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


def test_encodings_of_china_are_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?><alto><Layout><Page><TextBlock HPOS="1" VPOS="1"><TextLine>' + (
        '<String CONTENT="水渠"/></TextLine></TextBlock></Page></Layout></alto>'
    )
    for name in ("GB2312", "gb18030", "Big5", "UTF-8"):
        assert texts(read(text.format(name), encoding=name)[0]) == ["水渠"]
    assert texts(read(text.format("UTF-16"), encoding="utf-16")[0]) == ["水渠"]


# --- PAGE ------------------------------------------------------------------------------------------------------------


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


# --- hOCR ------------------------------------------------------------------------------------------------------------

HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta name='ocr-system' content='tesseract 5.3.0' /></head><body>
<div class='ocr_page' id='page_1' title='image "a.png"; bbox 0 0 800 600; ppageno 0'>
<div class='ocr_carea'><p class='ocr_par'>
<span class='ocr_line' title="bbox 10 20 300 50; baseline 0 -5; x_size 30">
<span class='ocrx_word' title='bbox 10 20 60 50; x_wconf 90'>水</span>
<span class='ocrx_word' title='bbox 60 20 99 50; x_wconf 70'><strong>渠</strong></span></span>
<span class='ocr_header' title="bbox 10 60 300 90"><span class='ocrx_word' title='bbox 1 1 2 2'>A&amp;B</span></span>
</p></div><div class='ocr_photo' title='bbox 400 20 700 200'></div>
<div class='ocr_separator' title='bbox 10 300 700 302'></div></div>
<div class='ocr_page' title='bbox 0 0 10 20'></div>
</body></html>"""


def test_hocr_is_read_with_its_empty_page() -> None:
    first, second = read(HOCR)
    assert texts(first) == ["水渠", "A&B"]
    assert first.lines[0].confidence == pytest.approx(0.8)
    assert (first.lines[0].left, first.lines[0].bottom) == (10, 50)
    assert (first.width, first.height, first.source) == (800, 600, "hocr")
    assert (len(first.pictures), len(first.rules)) == (1, 1)
    assert (second.number, second.lines, second.height) == (2, (), 20)


def test_hocr_need_not_be_xml() -> None:
    html = """<html><body><br><div class="ocr_page" title='bbox 0 0 9 9'>
        <p><span class="ocr_line" title='bbox 1 2 3 4'>水渠"""
    assert texts(read(html)[0]) == ["水渠"]


# --- What is no layout file, and what means harm ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["水渠通水", "<html><body>水渠</body></html>", "<svg></svg>", "", "<", "about <alto> voices", "<!-- -->"]
)
def test_other_texts_are_none(text: str) -> None:
    assert ocrxml.sniff(text.encode()) is None


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.code == "scan"
    assert "\n" not in caught.value.message
    return caught.value.message


def test_entities_are_refused() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    for inside in (f'<!ENTITY e0 "水">{bomb}', '<!ENTITY e SYSTEM "file:///etc/passwd">', '<!ENTITY % p "x">'):
        assert "entities" in refused(f"<!DOCTYPE alto [{inside}]><alto>&e8;</alto>")


def test_a_document_type_from_outside_is_not_fetched() -> None:
    (page,) = read(f'<!DOCTYPE alto SYSTEM "http://192.0.2.1/alto.dtd"><alto>{ALTO_LINES}</alto>')
    assert len(page.lines) == 3


def test_damage_is_named_with_its_place() -> None:
    assert "line 2" in refused("<alto>\n<Layout><Page></alto>")
    assert "cut short" in refused("<alto></alto>")
    assert "within one another" in refused("<alto>" + "<a>" * 5000)
    assert "within one another" in refused("<html class='ocr_page'>" + "<div>" * 5000)
    assert "klingon" in refused('<?xml version="1.0" encoding="klingon"?><alto></alto>')


def test_what_the_parsers_stumble_over_is_refused() -> None:
    assert "klingon" in refused('<?xml version="1.0" encoding = "klingon"?><alto></alto>')
    assert "not well-formed" in refused('<?xml version="1.0" encoding="x+y"?><alto></alto>')
    assert "export it again" in refused("<html><div class='ocr_page'><![x]></div></html>")
    # Named by a declaration that is cut off before it is looked for.
    blanks = " " * 200
    assert "UTF-8" in refused(f'<?xml version="1.0"{blanks}encoding="klingon"?><alto></alto>')
    assert "UTF-8" in refused(f'<?xml version="1.0"{blanks}encoding="big5"?><alto></alto>')


def test_nonsense_numbers_lose_the_box_not_the_text() -> None:
    line = '<TextLine HPOS="nan" VPOS="1e999" WIDTH="x" HEIGHT="-5"><String CONTENT="水"/></TextLine>'
    block = f'<TextBlock HPOS="5" VPOS="6" WIDTH="-7">{line}</TextBlock>'
    (page,) = read(f'<alto><Layout><Page WIDTH="inf">{block}</Page></Layout></alto>')
    assert texts(page) == ["水"]
    assert (page.lines[0].left, page.lines[0].right) == (5, 5)
