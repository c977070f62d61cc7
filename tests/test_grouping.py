"""Articles as ALTO and PAGE XML, read back with our own reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from classifier.document import Article, PageResult
from classifier.rendering.render import Format, stream
from classifier.scan import PlacedText, ScanPage
from classifier.scans import grouping, ocrxml, placement
from tests.scan_files import COLUMNS, column_page

N_LEFT = len(COLUMNS[0].splitlines())


def result(*, title: str = "新水渠", page: ScanPage | None = None) -> PageResult:
    """Return the page with its two articles, the second of which begins in the first column."""
    page = page or column_page()
    n = len(page.lines)
    placed = PlacedText(
        "\n".join(x.text for x in page.lines), page, tuple(range(n)), (0,) * N_LEFT + (1,) * (n - N_LEFT)
    )
    articles = []
    for first, last, genre in ((1, N_LEFT - 2, "rural"), (N_LEFT - 1, n, "sports")):
        article = Article(0, 9, first, last, title, genre, 0.91234, ((genre, 0.91234),), 1.0)
        articles.append(replace(article, regions=placement.regions(placed, article)))
    return PageResult("a&b.jpg", None, "tiny@1", tuple(articles), scan=placed, modified=1_000_000_000.9)


@pytest.mark.parametrize(("write", "kind"), [(grouping.alto, "alto"), (grouping.page_xml, "page-xml")])
def test_what_is_written_can_be_read(write: Callable[[PageResult], bytes], kind: ocrxml.Kind) -> None:
    written = write(result())
    assert ocrxml.sniff(written[: ocrxml.SNIFFED]) == kind
    (page,) = ocrxml.read(written, kind)
    expected = column_page()
    assert [line.text for line in page.lines] == [line.text for line in expected.lines]
    assert [line.polygon for line in page.lines] == [line.polygon for line in expected.lines]
    assert (page.width, page.height) == (expected.width, expected.height)
    assert page.ordered == (kind == "page-xml")
    assert write(result()) == written


def test_alto_has_a_block_an_article() -> None:
    root = ElementTree.fromstring(grouping.alto(result()))
    space = {"a": grouping.ALTO}
    blocks = root.findall(".//a:ComposedBlock", space)
    assert [block.get("TYPE") for block in blocks] == ["article", "article"]
    assert [len(block.findall("a:TextBlock", space)) for block in blocks] == [1, 2]
    tags = {tag.get("ID"): tag for tag in root.findall("a:Tags/a:LayoutTag", space)}
    assert [tags[block.get("TAGREFS")].get("LABEL") for block in blocks] == ["rural", "sports"]
    assert tags["tag1"].get("DESCRIPTION") == "0.9123 新水渠"
    identifiers = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(identifiers) == len(set(identifiers))


def test_page_has_a_group_an_article_and_joins_its_regions() -> None:
    root = ElementTree.fromstring(grouping.page_xml(result()))
    space = {"p": grouping.PAGE}
    groups = root.findall(".//p:OrderedGroupIndexed", space)
    assert [(group.get("type"), group.get("caption")) for group in groups] == [("article", "新水渠")] * 2
    assert "genre:sports" in str(groups[1].get("custom"))
    refs = [[ref.get("regionRef") for ref in group] for group in groups]
    assert [len(names) for names in refs] == [1, 2]
    (relation,) = root.findall(".//p:Relation", space)
    assert [part.get("regionRef") for part in relation] == refs[1]
    regions = {region.get("id") for region in root.findall(".//p:TextRegion", space)}
    assert regions == {name for names in refs for name in names}


def times(result: PageResult) -> list[str]:
    root = ElementTree.fromstring(grouping.page_xml(result))
    return [str(root.findtext(f".//p:{name}", None, {"p": grouping.PAGE})) for name in ("Created", "LastChange")]


def test_page_has_the_time_of_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert times(result()) == ["2001-09-09T01:46:40"] * 2
    before = datetime.now(UTC)
    for unknown in (None, 1e30):
        created, changed = times(replace(result(), modified=unknown))
        assert created == changed
        assert 0 <= (datetime.fromisoformat(f"{created}Z") - before).total_seconds() + 1 < 60
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert times(result()) == ["1970-01-02T00:00:00"] * 2


@pytest.mark.parametrize("write", [grouping.alto, grouping.page_xml])
def test_a_hostile_title_and_text_stay_text(write: Callable[[PageResult], bytes]) -> None:
    page = column_page()
    bad = replace(page.lines[0], text='<x a="&\x00\ud800"/>]]>')
    written = write(result(title='"><script>\x1b', page=replace(page, lines=(bad, *page.lines[1:]))))
    root = ElementTree.fromstring(written)
    assert not [element for element in root.iter() if element.tag.rpartition("}")[2] in ("script", "x")]
    kind = ocrxml.sniff(written[: ocrxml.SNIFFED])
    assert kind is not None
    assert ocrxml.read(written, kind)[0].lines[0].text == '<x a="&\ufffd\ufffd"/>]]>'


def test_an_empty_page_is_a_page() -> None:
    empty = PageResult("a.png", None, "m", scan=PlacedText("", ScanPage(1, 10, 20, ()), (), ()))
    for form, kind in ((Format.ALTO, "alto"), (Format.PAGE_XML, "page-xml")):
        (text,) = stream([empty], form=form)
        (page,) = ocrxml.read(text.encode(), kind)
        assert (page.lines, page.width, page.height) == ((), 10, 20)


def test_a_text_file_has_no_places() -> None:
    with pytest.raises(ValueError, match="no scan"):
        grouping.alto(PageResult("a.txt"))
