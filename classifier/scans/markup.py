"""XML and HTML parsed to elements, and what stands in these to numbers, corners, boxes and the text of a line.

Files are not trusted: a document type may be named, but nothing is fetched, and a file that declares an entity is
refused, so none can grow or reach outside.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from classifier.errors import InputError
from classifier.scan import Point, Rule, TextLine

DEPTH = 100
"""Elements within one another that a file may have: real ones have a dozen."""

_DECLARED = re.compile(r"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_EXPAT_KNOWS = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "ascii"}
"""Encodings left to expat, which knows none of more than one byte but these."""
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())


def parse_xml(data: bytes) -> Element:
    """Return the root of an XML file, names without namespace.

    Raises
    ------
    InputError
        With code ``scan`` if the file is not well-formed, is nested too deep, or declares entities.
    """
    data, encoding = _readable(data)
    tree = _XmlTree()
    parser = expat.ParserCreate(encoding, "}")
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    parser.CharacterDataHandler = tree.builder.data
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "not well-formed")
        raise InputError(f"XML: {reason} at line {error.lineno}, column {error.offset}", code="scan") from error
    except (ValueError, LookupError) as error:  # an encoding that Python is asked for and expat cannot take
        raise InputError(f"XML: {error}; save it as UTF-8", code="scan") from error
    return tree.builder.close()


def _readable(data: bytes) -> tuple[bytes, str | None]:
    """Return an XML file in an encoding that expat knows, and which that is if not the one it declares."""
    declared = _DECLARED.match(data[:200].decode("latin-1").removeprefix("\xef\xbb\xbf"))
    if not declared:
        return data, None
    try:
        name = codecs.lookup(declared[1]).name
    except LookupError:
        raise InputError(f"XML in {declared[1]}, an unknown encoding; save it as UTF-8", code="scan") from None
    if name in _EXPAT_KNOWS:
        return data, None
    try:
        return data.decode("gb18030" if name in ("gb2312", "gbk") else name).encode(), "utf-8"
    except (UnicodeError, LookupError) as error:
        raise InputError(f"not valid {declared[1]}: {error}; save it as UTF-8", code="scan") from error


class _XmlTree:
    """Elements as expat comes upon them, to a tree that is not too deep."""

    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self.depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        _check_depth(self.depth)
        self.builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(_local(name))


def _refuse(*_: object) -> None:
    raise InputError("declares XML entities, which could be an attack; remove its DOCTYPE", code="scan")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _check_depth(depth: int) -> None:
    if depth > DEPTH:
        raise InputError(f"more than {DEPTH} elements within one another; not a layout file", code="scan")


def parse_html(data: bytes) -> Element:
    """Return the root of an HTML file, which need not be well-formed, in whatever encoding it is.

    Raises
    ------
    InputError
        With code ``scan`` if the file is nested too deep or holds a declaration that is none of HTML.
    """
    from classifier.text.reader import decode

    text, _ = decode(data, markup=True)
    parser = _HtmlTree()
    try:
        parser.feed(text)
        parser.close()
    except AssertionError as error:  # how HTMLParser takes its leave of a declaration such as <![x]>
        raise InputError(f"hOCR: {error}; export it again", code="scan") from error
    return parser.root


class _HtmlTree(HTMLParser):
    """HTML to a tree, forgiving: what is not closed ends with its parent, what was not opened is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("html")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        _check_depth(len(self.open))
        element = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        parent = self.open[-1]
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + data
        else:
            parent.text = (parent.text or "") + data


# --- Numbers and texts -----------------------------------------------------------------------------------------------

_FAR = 1e7
"""Coordinates beyond this, in either direction, are damage: the largest scans have 1e5 pixels a side."""


def number_of(value: str | None) -> float | None:
    """Return the number that an attribute holds; ``None`` if it is missing, no number, or beyond any page."""
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and -_FAR < number < _FAR else None  # false for NaN too


def points_of(text: str | None) -> tuple[Point, ...]:
    """Return the corners in ``x,y x,y`` or ``x y x y``; none unless there are three."""
    numbers = [number_of(part) for part in re.split(r"[\s,]+", (text or "").strip())]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or len(known) < 6 or len(known) % 2:
        return ()
    return tuple(zip(known[::2], known[1::2], strict=True))


def around(polygons: Iterable[tuple[Point, ...]]) -> tuple[Point, ...]:
    """Return the box around polygons, or nothing where there is none."""
    points = [point for polygon in polygons for point in polygon]
    if not points:
        return ()
    across, down = [x for x, _ in points], [y for _, y in points]
    return Rule(min(across), min(down), max(across), max(down)).corners


def rule_around(polygon: tuple[Point, ...]) -> Rule:
    """Return the box around a polygon, which must have corners."""
    (left, top), _, (right, bottom), _ = around([polygon])
    return Rule(left, top, right, bottom)


def _is_han(text: str) -> bool:
    return len(text) == 1 and "\u2e80" <= text <= "\uffef"


def join_words(words: Iterable[tuple[str, bool]]) -> str:
    """Join words, each with whether a space stands before it, as they would be typed.

    Programs set spaces between Han characters that are "words", and leave them out between Latin ones: neither is
    believed.
    """
    text = ""
    for word, spaced in words:
        if not word:
            continue
        latin = text[-1:].isascii() and text[-1:].isalnum() and word[0].isascii() and word[0].isalnum()
        if text and (latin or (spaced and not (_is_han(text[-1]) and _is_han(word)))):
            text += " "
        text += word
    return text


def mean_confidence(values: Iterable[float | None]) -> float:
    """Return the mean of what is known, each value within 0 and 1; 1.0 where nothing is."""
    known = [min(max(value, 0.0), 1.0) for value in values if value is not None]
    return sum(known) / len(known) if known else 1.0


def extent_of(
    width: float | None, height: float | None, lines: list[TextLine], pictures: list[Rule]
) -> tuple[float, float]:
    """Return the size of a page: as stated, or as far as what stands on it reaches."""
    if not width or width <= 0:
        width = max([*(line.right for line in lines), *(picture.right for picture in pictures)], default=1.0)
    if not height or height <= 0:
        height = max([*(line.bottom for line in lines), *(picture.bottom for picture in pictures)], default=1.0)
    return max(width, 1.0), max(height, 1.0)
