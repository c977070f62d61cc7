"""Markup in the encodings of China, damaged, with numbers that are none, and files that mean harm."""

from __future__ import annotations

import pytest

from classifier.errors import InputError
from tests.layout_files import ALTO_LINES, read, texts


def test_encodings_of_china_are_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?><alto><Layout><Page><TextBlock HPOS="1" VPOS="1"><TextLine>' + (
        '<String CONTENT="水渠"/></TextLine></TextBlock></Page></Layout></alto>'
    )
    for name in ("GB2312", "gb18030", "Big5", "UTF-8"):
        assert texts(read(text.format(name), encoding=name)[0]) == ["水渠"]
    assert texts(read(text.format("UTF-16"), encoding="utf-16")[0]) == ["水渠"]


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
