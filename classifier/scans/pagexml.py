"""Pages of PAGE XML, 2009 to 2019: text regions in reading order where the file gives one, and their lines."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from classifier.scan import Point, Rule, ScanPage, TextLine
from classifier.scans.markup import around, extent_of, join_words, mean_confidence, number_of, points_of, rule_around

_PICTURES = ("ImageRegion", "GraphicRegion", "LineDrawingRegion", "ChartRegion", "MapRegion")


def pages(root: Element) -> Iterator[ScanPage]:
    """Yield the pages of a PAGE file, given its root: one, as a rule."""
    for number, page in enumerate(root.iter("Page"), 1):
        regions = list(page.iter("TextRegion"))
        order = _order(page.find("ReadingOrder"))
        if order:
            # Regions that the order does not name come last, as the file has them.
            regions.sort(key=lambda region: order.get(region.get("id") or "", len(order)))
        lines = [line for region in regions for line in _lines(region)]
        pictures = [rule_around(box) for tag in _PICTURES for element in page.iter(tag) if (box := _box(element))]
        rules = [rule_around(box) for element in page.iter("SeparatorRegion") if (box := _box(element))]
        width, height = extent_of(
            number_of(page.get("imageWidth")), number_of(page.get("imageHeight")), lines, pictures
        )
        yield ScanPage(
            number, width, height, tuple(lines), tuple(rules), tuple(pictures), "page-xml", ordered=bool(order)
        )


def _order(element: Element | None) -> dict[str, int]:
    """Return the place of each region that a reading order names."""
    if element is None:
        return {}

    def refs(group: Element) -> Iterator[str]:
        children = sorted(group, key=lambda child: number_of(child.get("index")) or 0.0)
        for child in children:
            if child.get("regionRef"):
                yield child.get("regionRef", "")
            yield from refs(child)

    order: dict[str, int] = {}
    for name in refs(element):
        order.setdefault(name, len(order))
    return order


def _box(element: Element) -> tuple[Point, ...]:
    coords = element.find("Coords")
    if coords is None:
        return ()
    if coords.get("points"):
        return points_of(coords.get("points"))
    return points_of(" ".join(f"{point.get('x')},{point.get('y')}" for point in coords.iter("Point")))


def _text(element: Element) -> tuple[str, float | None]:
    """Return the text of a region, line, word or glyph itself and its confidence."""
    texts = sorted(element.findall("TextEquiv"), key=lambda text: number_of(text.get("index")) or 0.0)
    for text in texts:
        unicode = text.find("Unicode")
        if unicode is not None and unicode.text and unicode.text.strip():
            return unicode.text, number_of(text.get("conf"))
    return "", None


def _lines(region: Element) -> Iterator[TextLine]:
    elements = region.findall("TextLine")
    region_box = _box(region)
    n_found = 0
    for element in elements:
        text, confidence = _text(element)
        words = element.findall("Word")
        if not text:
            texts = [_text(word) for word in words]
            texts = [
                found if found[0] else ("".join(_text(glyph)[0] for glyph in word.findall("Glyph")), None)
                for found, word in zip(texts, words, strict=True)
            ]
            text = join_words((word, True) for word, _ in texts)
            confidence = mean_confidence(score for _, score in texts)
        box = _box(element) or around(map(_box, words)) or region_box
        if text.strip() and box:
            n_found += 1
            yield TextLine(text, box, mean_confidence([confidence]))
    if not n_found and region_box and region.find(".//TextRegion") is None:
        text, confidence = _text(region)
        yield from _spread(text, region_box, mean_confidence([confidence]))


def _spread(text: str, polygon: tuple[Point, ...], confidence: float) -> Iterator[TextLine]:
    """Yield the lines of a text of which only the common box is known, one below the other in it."""
    lines = [line for line in text.splitlines() if line.strip()]
    box = rule_around(polygon)
    step = (box.bottom - box.top) / max(len(lines), 1)
    for number, line in enumerate(lines):
        top = box.top + number * step
        yield TextLine(line, Rule(box.left, top, box.right, top + step).corners, confidence)
