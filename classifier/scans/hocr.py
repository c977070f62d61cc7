"""Pages of hOCR: HTML whose classes say what an element is, and whose titles say where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from classifier.scan import Point, Rule, ScanPage, TextLine
from classifier.scans.markup import around, extent_of, join_words, mean_confidence, number_of, rule_around

_LINES = {"ocr_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat", "ocrx_line"}
_WORDS = {"ocrx_word", "ocr_word"}
_PHOTOS = {"ocr_photo", "ocr_image", "ocr_linedrawing"}


def _classes(element: Element) -> set[str]:
    return set((element.get("class") or "").split())


def _properties(element: Element) -> dict[str, list[str]]:
    parts = (part.split() for part in (element.get("title") or "").split(";"))
    return {part[0]: part[1:] for part in parts if part}


def _box(element: Element) -> tuple[Point, ...]:
    numbers = [number_of(value) for value in _properties(element).get("bbox", ())]
    known = [number for number in numbers if number is not None]
    return Rule(*known).corners if len(known) == 4 else ()


def pages(root: Element) -> Iterator[ScanPage]:
    """Yield the pages of an hOCR file, given its root; where none is marked, all of it is one, unless that is empty."""
    marked = [element for element in root.iter() if "ocr_page" in _classes(element)]
    for number, page in enumerate(marked or [root], 1):
        lines = list(_lines(page))
        pictures = [rule_around(box) for part in page.iter() if _classes(part) & _PHOTOS and (box := _box(part))]
        rules = [rule_around(box) for part in page.iter() if "ocr_separator" in _classes(part) and (box := _box(part))]
        box = _box(page)
        if page is root and not lines:
            return
        width, height = extent_of(box[2][0] if box else None, box[2][1] if box else None, lines, pictures)
        yield ScanPage(number, width, height, tuple(lines), tuple(rules), tuple(pictures), "hocr")


def _lines(page: Element) -> Iterator[TextLine]:
    elements = [part for part in page.iter() if _classes(part) & _LINES]
    for element in elements or [part for part in page.iter() if "ocr_par" in _classes(part)]:
        words = [part for part in element.iter() if _classes(part) & _WORDS]
        if words:
            text = join_words((" ".join("".join(word.itertext()).split()), True) for word in words)
        else:
            text = " ".join("".join(element.itertext()).split())
        box = _box(element) or around(map(_box, words))
        if text.strip() and box:
            scores = [number_of(next(iter(_properties(word).get("x_wconf", ())), None)) for word in words]
            yield TextLine(text, box, mean_confidence(None if score is None else score / 100 for score in scores))
