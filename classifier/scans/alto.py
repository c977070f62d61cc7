"""Pages of ALTO XML, 1 to 4: lines of strings, words that a hyphen divides made whole.

Units are those of the file: pixels, tenths of millimetres or 1/1200 inch.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from classifier.scan import Point, Rule, ScanPage, TextLine
from classifier.scans.markup import around, extent_of, join_words, mean_confidence, number_of, points_of, rule_around


def pages(root: Element) -> Iterator[ScanPage]:
    """Yield the pages of an ALTO file, given its root."""
    for number, page in enumerate(root.iter("Page"), 1):
        lines = list(_lines(page))
        pictures = [rule_around(box) for element in page.iter("Illustration") if (box := _box(element))]
        rules = [rule_around(box) for element in page.iter("GraphicalElement") if (box := _box(element))]
        width, height = extent_of(number_of(page.get("WIDTH")), number_of(page.get("HEIGHT")), lines, pictures)
        yield ScanPage(number, width, height, tuple(lines), tuple(rules), tuple(pictures), "alto")


def _box(element: Element) -> tuple[Point, ...]:
    shape = element.find("Shape/Polygon")
    if shape is not None and (points := points_of(shape.get("POINTS"))):
        return points
    left, top, width, height = (number_of(element.get(key)) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    if left is None or top is None:
        return ()
    return Rule(left, top, left + max(width or 0.0, 0.0), top + max(height or 0.0, 0.0)).corners


def _lines(page: Element) -> Iterator[TextLine]:
    hyphenated = False
    for block in page.iter("TextBlock"):
        for element in block.iter("TextLine"):
            words, hyphenated = _words(element, hyphenated)
            box = _box(element) or around(map(_box, element.iter("String"))) or _box(block)
            text = join_words(words)
            if text.strip() and box:
                confidence = mean_confidence(number_of(word.get("WC")) for word in element.iter("String"))
                yield TextLine(text, box, confidence)


def _words(line: Element, hyphenated: bool) -> tuple[list[tuple[str, bool]], bool]:
    """Return the words of a line, each with whether a space stands before it, and whether a word goes on after it.

    ``hyphenated`` is whether one goes on from the line before: it was given there, whole.
    """
    words: list[tuple[str, bool]] = []
    spaced = False
    for child in line:
        if child.tag == "SP":
            spaced = True
        elif child.tag == "String":
            part, content = child.get("SUBS_TYPE"), child.get("CONTENT") or ""
            whole = child.get("SUBS_CONTENT")
            if part == "HypPart1" and whole:
                content, hyphenated = whole, True  # the whole word stands where it begins
            elif part == "HypPart2" and hyphenated:
                content, hyphenated = "", False
            words.append((content, spaced))
            spaced = False
        elif child.tag == "HYP" and not hyphenated:
            words.append((child.get("CONTENT") or "", False))
    return words, hyphenated
