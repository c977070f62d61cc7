"""Articles written back as ALTO or PAGE XML, for the programs of archives that show and search them.

In ALTO 4 an article is a ``ComposedBlock`` of type ``article`` with its text blocks and a tag for its genre. In PAGE
2019 it is an ordered group of the reading order, and its text regions are joined by relations.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from classifier.document import Article, PageResult
from classifier.scan import PlacedText, Point, Region, TextLine
from classifier.scans import placement

ALTO = "http://www.loc.gov/standards/alto/ns-v4#"
PAGE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"

# What XML 1.0 cannot hold even escaped, and lone surrogates.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def alto(result: PageResult) -> bytes:
    """Return a page as ALTO 4.4, in UTF-8. Raises ``ValueError`` for a result without ``scan``."""
    scan = _scan_of(result)
    root = Element("alto", {"xmlns": ALTO, "xmlns:xsi": _SCHEMA})
    root.set("xsi:schemaLocation", f"{ALTO} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd")
    description = SubElement(root, "Description")
    SubElement(description, "MeasurementUnit").text = "pixel"
    source = SubElement(description, "sourceImageInformation")
    SubElement(source, "fileName").text = _clean(result.path)
    processing = SubElement(description, "Processing", {"ID": "banmian"})
    SubElement(processing, "processingStepDescription").text = "article segmentation"
    SubElement(processing, "processingStepSettings").text = _clean(f"model {result.model}")
    software = SubElement(processing, "processingSoftware")
    SubElement(software, "softwareName").text = "banmian"
    tags = SubElement(root, "Tags")
    page = SubElement(
        SubElement(root, "Layout"), "Page", {"ID": f"page{scan.page.number}", "PHYSICAL_IMG_NR": str(scan.page.number)}
    )
    page.set("WIDTH", str(round(scan.page.width)))
    page.set("HEIGHT", str(round(scan.page.height)))
    space = SubElement(page, "PrintSpace", _alto_box([(0.0, 0.0), (scan.page.width, scan.page.height)]))
    for number, article in enumerate(result.articles, 1):
        label = {"ID": f"tag{number}", "TYPE": "genre", "LABEL": _clean(article.genre)}
        label["DESCRIPTION"] = _clean(f"{article.score:.4f} {article.title}".strip())
        SubElement(tags, "LayoutTag", label)
        points = [point for region in article.regions for point in region.polygon]
        group = SubElement(space, "ComposedBlock", {"ID": f"article{number}", "TYPE": "article"})
        group.attrib |= {**_alto_box(points), "TAGREFS": f"tag{number}"}
        for part, (region, lines) in enumerate(_parts(scan, article), 1):
            name = f"article{number}_block{part}"
            block = SubElement(group, "TextBlock", {"ID": name} | _alto_box(region.polygon))
            SubElement(SubElement(block, "Shape"), "Polygon", {"POINTS": _points(region.polygon)})
            for row, line in enumerate(lines, 1):
                _alto_line(block, f"{name}_line{row}", line)
    if not len(tags):
        root.remove(tags)
    return _written(root)


def _alto_line(block: Element, name: str, line: TextLine) -> None:
    element = SubElement(block, "TextLine", {"ID": name} | _alto_box(line.polygon))
    SubElement(SubElement(element, "Shape"), "Polygon", {"POINTS": _points(line.polygon)})
    word = {"ID": f"{name}_string", "CONTENT": _clean(line.text)} | _alto_box(line.polygon)
    SubElement(element, "String", word | {"WC": f"{min(max(line.confidence, 0.0), 1.0):.3f}"})


def _alto_box(points: Sequence[Point]) -> dict[str, str]:
    left, top = round(min(x for x, _ in points)), round(min(y for _, y in points))
    right, bottom = round(max(x for x, _ in points)), round(max(y for _, y in points))
    return {"HPOS": str(left), "VPOS": str(top), "WIDTH": str(right - left), "HEIGHT": str(bottom - top)}


def page_xml(result: PageResult) -> bytes:
    """Return a page as PAGE XML of 2019-07-15, in UTF-8. Raises ``ValueError`` for a result without ``scan``."""
    scan = _scan_of(result)
    root = Element(
        "PcGts", {"xmlns": PAGE, "xmlns:xsi": _SCHEMA, "xsi:schemaLocation": f"{PAGE} {PAGE}/pagecontent.xsd"}
    )
    metadata = SubElement(root, "Metadata")
    SubElement(metadata, "Creator").text = _clean(f"banmian, model {result.model}")
    time = _time(result)
    for name in ("Created", "LastChange"):
        SubElement(metadata, name).text = time
    page = SubElement(root, "Page", {"imageFilename": _clean(result.path)})
    page.set("imageWidth", str(round(scan.page.width)))
    page.set("imageHeight", str(round(scan.page.height)))
    order, relations = Element("ReadingOrder"), Element("Relations")
    articles = SubElement(order, "OrderedGroup", {"id": "articles"})
    if result.articles:
        page.append(order)
    if any(len(article.regions) > 1 for article in result.articles):
        page.append(relations)
    for number, article in enumerate(result.articles, 1):
        group = SubElement(articles, "OrderedGroupIndexed", {"id": f"article{number}", "index": str(number - 1)})
        group.set("caption", _clean(article.title))
        group.set("type", "article")
        group.set("custom", f"article {{genre:{_clean(article.genre)}; score:{article.score:.4f};}}")
        names: list[str] = []
        for part, (region, lines) in enumerate(_parts(scan, article)):
            names.append(f"article{number}_region{part + 1}")
            SubElement(group, "RegionRefIndexed", {"index": str(part), "regionRef": names[-1]})
            _page_region(page, names[-1], region, lines)
        for before, after in pairwise(names):
            relation = SubElement(relations, "Relation", {"type": "join"})
            SubElement(relation, "SourceRegionRef", {"regionRef": before})
            SubElement(relation, "TargetRegionRef", {"regionRef": after})
    return _written(root)


def _time(result: PageResult) -> str:
    """Return the time that the schema wants, in UTC as it says.

    The same page is to give the same file whenever it is split, so it is the time of the input: that of writing only
    where no other is known. As builds are made alike, ``SOURCE_DATE_EPOCH`` stands for it where it is set.
    """
    from datetime import UTC, datetime

    set_time = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = float(set_time) if set_time.isdecimal() else result.modified
    try:
        time = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):  # beyond the years that Python or the system counts
        time = datetime.now(UTC)
    return time.isoformat(timespec="seconds").removesuffix("+00:00")


def _page_region(page: Element, name: str, region: Region, lines: Sequence[TextLine]) -> None:
    element = SubElement(page, "TextRegion", {"id": name})
    SubElement(element, "Coords", {"points": _points(region.polygon, comma=True)})
    for row, line in enumerate(lines, 1):
        part = SubElement(element, "TextLine", {"id": f"{name}_line{row}"})
        SubElement(part, "Coords", {"points": _points(line.polygon, comma=True)})
        equivalent = SubElement(part, "TextEquiv", {"conf": f"{min(max(line.confidence, 0.0), 1.0):.3f}"})
        SubElement(equivalent, "Unicode").text = _clean(line.text)


def _scan_of(result: PageResult) -> PlacedText:
    if result.scan is None:
        raise ValueError(f"{result.path} is no scan: nothing is known of where its lines stand")
    return result.scan


def _parts(scan: PlacedText, article: Article) -> Iterator[tuple[Region, list[TextLine]]]:
    """Yield the regions of an article, each with the lines in it."""
    runs = placement.runs(scan, range(article.first_line - 1, article.last_line))
    for region, run in zip(article.regions, runs, strict=True):
        yield region, [scan.page.lines[scan.order[number]] for number in run]


def _points(polygon: Sequence[Point], *, comma: bool = False) -> str:
    # PAGE wants "x,y x,y"; ALTO leaves it open, and its examples have spaces only.
    return " ".join(f"{max(round(x), 0)}{',' if comma else ' '}{max(round(y), 0)}" for x, y in polygon)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _written(root: Element) -> bytes:
    indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode() + b"\n"
