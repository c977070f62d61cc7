"""What digitisation programmes hold already: pages as ALTO XML, PAGE XML and hOCR, read into lines with boxes.

ALTO 1 to 4 and PAGE 2009 to 2019 are known by their elements, whatever their namespace. Units are those of the file:
pixels, or tenths of millimetres or 1/1200 inch in some ALTO. Files are not trusted: a document type may be named, but
nothing is fetched, and a file that declares an entity is refused, so none can grow or reach outside.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html.parser import HTMLParser
from typing import Literal
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from classifier.errors import InputError
from classifier.scan import Point, Rule, ScanPage, TextLine

Kind = Literal["alto", "page-xml", "hocr"]

DEPTH = 100
"""Elements within one another that a file may have: real ones have a dozen."""

SNIFFED = 4096
"""Bytes at the head of a file that are looked at to tell what it is."""

_XML_ROOT = re.compile(r"<(?:[A-Za-z][\w.-]*:)?(alto|PcGts)[\s>]")
_HOCR = re.compile(r"""class=["']ocr(_page|x_word|_line)|ocr-system|ocr-capabilities""")
_DECLARED = re.compile(r"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_EXPAT_KNOWS = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "ascii"}


def sniff(head: bytes) -> Kind | None:
    """Tell from the first :data:`SNIFFED` bytes which of the formats a file has, or that it has none."""
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = head[: len(head) & ~1].decode("utf-16", errors="replace")
    else:
        text = head.decode("utf-8", errors="replace").removeprefix("\ufeff")
    if not text.lstrip().startswith("<"):
        return None
    if root := _XML_ROOT.search(text):
        return "alto" if root[1] == "alto" else "page-xml"
    return "hocr" if _HOCR.search(text) else None


@lru_cache(maxsize=1)
def read(data: bytes, kind: Kind) -> tuple[ScanPage, ...]:
    """Read all pages of a file. The last file read is remembered: its pages are asked for one by one.

    Raises
    ------
    InputError
        With code ``scan`` if the file is not well-formed, declares entities or holds no page.
    """
    if kind == "hocr":
        pages = list(_hocr_pages(_parse_html(data)))
    else:
        root = _parse_xml(data)
        pages = list(_alto_pages(root) if kind == "alto" else _page_pages(root))
    if not pages:
        raise InputError(f"no page in this {_NAMES[kind]} file; was it cut short?", code="scan")
    return tuple(pages)


_NAMES: dict[Kind, str] = {"alto": "ALTO", "page-xml": "PAGE XML", "hocr": "hOCR"}


# --- Parsing, safely -------------------------------------------------------------------------------------------------


def _parse_xml(data: bytes) -> Element:
    """Return the root of an XML file, names without namespace."""
    encoding = None
    declared = _DECLARED.match(data[:200].decode("latin-1").removeprefix("\xef\xbb\xbf"))
    if declared:
        try:
            name = codecs.lookup(declared[1]).name
        except LookupError:
            raise InputError(f"XML in {declared[1]}, an unknown encoding; save it as UTF-8", code="scan") from None
        if name not in _EXPAT_KNOWS:  # expat knows no encoding of more than one byte but these
            try:
                data, encoding = data.decode("gb18030" if name in ("gb2312", "gbk") else name).encode(), "utf-8"
            except (UnicodeError, LookupError) as error:
                raise InputError(f"not valid {declared[1]}: {error}; save it as UTF-8", code="scan") from error
    builder = TreeBuilder()
    parser = expat.ParserCreate(encoding, "}")
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise InputError(f"more than {DEPTH} elements within one another; not a layout file", code="scan")
        builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(name))

    def refuse(*_: object) -> None:
        raise InputError("declares XML entities, which could be an attack; remove its DOCTYPE", code="scan")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "not well-formed")
        raise InputError(f"XML: {reason} at line {error.lineno}, column {error.offset}", code="scan") from error
    except (ValueError, LookupError) as error:  # an encoding that Python is asked for and expat cannot take
        raise InputError(f"XML: {error}; save it as UTF-8", code="scan") from error
    return builder.close()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())


class _TreeParser(HTMLParser):
    """HTML to a tree, forgiving: what is not closed ends with its parent, what was not opened is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("html")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(self.open) > DEPTH:
            raise InputError(f"more than {DEPTH} elements within one another; not a layout file", code="scan")
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


def _parse_html(data: bytes) -> Element:
    from classifier.text.reader import decode

    text, _ = decode(data, markup=True)
    parser = _TreeParser()
    try:
        parser.feed(text)
        parser.close()
    except AssertionError as error:  # how HTMLParser takes its leave of a declaration such as <![x]>
        raise InputError(f"hOCR: {error}; export it again", code="scan") from error
    return parser.root


# --- Numbers and texts -----------------------------------------------------------------------------------------------

_FAR = 1e7
"""Coordinates beyond this, in either direction, are damage: the largest scans have 1e5 pixels a side."""


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and -_FAR < number < _FAR else None  # false for NaN too


def _points(text: str | None) -> tuple[Point, ...]:
    """Return the corners in ``x,y x,y`` or ``x y x y``; none unless there are three."""
    numbers = [_number(part) for part in re.split(r"[\s,]+", (text or "").strip())]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or len(known) < 6 or len(known) % 2:
        return ()
    return tuple(zip(known[::2], known[1::2], strict=True))


def _around(polygons: Iterable[tuple[Point, ...]]) -> tuple[Point, ...]:
    """Return the box around polygons, or nothing where there is none."""
    points = [point for polygon in polygons for point in polygon]
    if not points:
        return ()
    across, down = [x for x, _ in points], [y for _, y in points]
    return Rule(min(across), min(down), max(across), max(down)).corners


def _rule(polygon: tuple[Point, ...]) -> Rule:
    (left, top), _, (right, bottom), _ = _around([polygon])
    return Rule(left, top, right, bottom)


def _is_han(text: str) -> bool:
    return len(text) == 1 and "\u2e80" <= text <= "\uffef"


def _join(words: Iterable[tuple[str, bool]]) -> str:
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


def _confidence(values: Iterable[float | None]) -> float:
    known = [min(max(value, 0.0), 1.0) for value in values if value is not None]
    return sum(known) / len(known) if known else 1.0


def _extent(
    width: float | None, height: float | None, lines: list[TextLine], pictures: list[Rule]
) -> tuple[float, float]:
    """Return the size of a page: as stated, or as far as what stands on it reaches."""
    if not width or width <= 0:
        width = max([*(line.right for line in lines), *(picture.right for picture in pictures)], default=1.0)
    if not height or height <= 0:
        height = max([*(line.bottom for line in lines), *(picture.bottom for picture in pictures)], default=1.0)
    return max(width, 1.0), max(height, 1.0)


# --- ALTO ------------------------------------------------------------------------------------------------------------


def _alto_pages(root: Element) -> Iterator[ScanPage]:
    for number, page in enumerate(root.iter("Page"), 1):
        lines = list(_alto_lines(page))
        pictures = [_rule(box) for element in page.iter("Illustration") if (box := _alto_box(element))]
        rules = [_rule(box) for element in page.iter("GraphicalElement") if (box := _alto_box(element))]
        width, height = _extent(_number(page.get("WIDTH")), _number(page.get("HEIGHT")), lines, pictures)
        yield ScanPage(number, width, height, tuple(lines), tuple(rules), tuple(pictures), "alto")


def _alto_box(element: Element) -> tuple[Point, ...]:
    shape = element.find("Shape/Polygon")
    if shape is not None and (points := _points(shape.get("POINTS"))):
        return points
    left, top, width, height = (_number(element.get(key)) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    if left is None or top is None:
        return ()
    return Rule(left, top, left + max(width or 0.0, 0.0), top + max(height or 0.0, 0.0)).corners


def _alto_lines(page: Element) -> Iterator[TextLine]:
    hyphenated = False
    for block in page.iter("TextBlock"):
        for element in block.iter("TextLine"):
            words: list[tuple[str, bool]] = []
            spaced = False
            for child in element:
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
            box = _alto_box(element) or _around(map(_alto_box, element.iter("String"))) or _alto_box(block)
            text = _join(words)
            if text.strip() and box:
                confidence = _confidence(_number(word.get("WC")) for word in element.iter("String"))
                yield TextLine(text, box, confidence)


# --- PAGE ------------------------------------------------------------------------------------------------------------

_PICTURES = ("ImageRegion", "GraphicRegion", "LineDrawingRegion", "ChartRegion", "MapRegion")


def _page_pages(root: Element) -> Iterator[ScanPage]:
    for number, page in enumerate(root.iter("Page"), 1):
        regions = list(page.iter("TextRegion"))
        order = _page_order(page.find("ReadingOrder"))
        if order:
            # Regions that the order does not name come last, as the file has them.
            regions.sort(key=lambda region: order.get(region.get("id") or "", len(order)))
        lines = [line for region in regions for line in _page_lines(region)]
        pictures = [_rule(box) for tag in _PICTURES for element in page.iter(tag) if (box := _page_box(element))]
        rules = [_rule(box) for element in page.iter("SeparatorRegion") if (box := _page_box(element))]
        width, height = _extent(_number(page.get("imageWidth")), _number(page.get("imageHeight")), lines, pictures)
        yield ScanPage(
            number, width, height, tuple(lines), tuple(rules), tuple(pictures), "page-xml", ordered=bool(order)
        )


def _page_order(element: Element | None) -> dict[str, int]:
    """Return the place of each region that a reading order names."""
    if element is None:
        return {}

    def refs(group: Element) -> Iterator[str]:
        children = sorted(group, key=lambda child: _number(child.get("index")) or 0.0)
        for child in children:
            if child.get("regionRef"):
                yield child.get("regionRef", "")
            yield from refs(child)

    order: dict[str, int] = {}
    for name in refs(element):
        order.setdefault(name, len(order))
    return order


def _page_box(element: Element) -> tuple[Point, ...]:
    coords = element.find("Coords")
    if coords is None:
        return ()
    if coords.get("points"):
        return _points(coords.get("points"))
    return _points(" ".join(f"{point.get('x')},{point.get('y')}" for point in coords.iter("Point")))


def _page_text(element: Element) -> tuple[str, float | None]:
    """Return the text of a region, line, word or glyph itself and its confidence."""
    texts = sorted(element.findall("TextEquiv"), key=lambda text: _number(text.get("index")) or 0.0)
    for text in texts:
        unicode = text.find("Unicode")
        if unicode is not None and unicode.text and unicode.text.strip():
            return unicode.text, _number(text.get("conf"))
    return "", None


def _page_lines(region: Element) -> Iterator[TextLine]:
    elements = region.findall("TextLine")
    region_box = _page_box(region)
    n_found = 0
    for element in elements:
        text, confidence = _page_text(element)
        words = element.findall("Word")
        if not text:
            texts = [_page_text(word) for word in words]
            texts = [
                found if found[0] else ("".join(_page_text(glyph)[0] for glyph in word.findall("Glyph")), None)
                for found, word in zip(texts, words, strict=True)
            ]
            text = _join((word, True) for word, _ in texts)
            confidence = _confidence(score for _, score in texts)
        box = _page_box(element) or _around(map(_page_box, words)) or region_box
        if text.strip() and box:
            n_found += 1
            yield TextLine(text, box, _confidence([confidence]))
    if not n_found and region_box and region.find(".//TextRegion") is None:
        text, confidence = _page_text(region)
        yield from _spread(text, region_box, _confidence([confidence]))


def _spread(text: str, polygon: tuple[Point, ...], confidence: float) -> Iterator[TextLine]:
    """Yield the lines of a text of which only the common box is known, one below the other in it."""
    lines = [line for line in text.splitlines() if line.strip()]
    box = _rule(polygon)
    step = (box.bottom - box.top) / max(len(lines), 1)
    for number, line in enumerate(lines):
        top = box.top + number * step
        yield TextLine(line, Rule(box.left, top, box.right, top + step).corners, confidence)


# --- hOCR ------------------------------------------------------------------------------------------------------------

_LINES = {"ocr_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat", "ocrx_line"}
_WORDS = {"ocrx_word", "ocr_word"}
_PHOTOS = {"ocr_photo", "ocr_image", "ocr_linedrawing"}


def _classes(element: Element) -> set[str]:
    return set((element.get("class") or "").split())


def _properties(element: Element) -> dict[str, list[str]]:
    parts = (part.split() for part in (element.get("title") or "").split(";"))
    return {part[0]: part[1:] for part in parts if part}


def _hocr_box(element: Element) -> tuple[Point, ...]:
    numbers = [_number(value) for value in _properties(element).get("bbox", ())]
    known = [number for number in numbers if number is not None]
    return Rule(*known).corners if len(known) == 4 else ()


def _hocr_pages(root: Element) -> Iterator[ScanPage]:
    pages = [element for element in root.iter() if "ocr_page" in _classes(element)] or [root]
    for number, page in enumerate(pages, 1):
        lines = list(_hocr_lines(page))
        pictures = [_rule(box) for part in page.iter() if _classes(part) & _PHOTOS and (box := _hocr_box(part))]
        rules = [_rule(box) for part in page.iter() if "ocr_separator" in _classes(part) and (box := _hocr_box(part))]
        box = _hocr_box(page)
        if page is root and not lines:
            return
        width, height = _extent(box[2][0] if box else None, box[2][1] if box else None, lines, pictures)
        yield ScanPage(number, width, height, tuple(lines), tuple(rules), tuple(pictures), "hocr")


def _hocr_lines(page: Element) -> Iterator[TextLine]:
    elements = [part for part in page.iter() if _classes(part) & _LINES]
    for element in elements or [part for part in page.iter() if "ocr_par" in _classes(part)]:
        words = [part for part in element.iter() if _classes(part) & _WORDS]
        if words:
            text = _join((" ".join("".join(word.itertext()).split()), True) for word in words)
        else:
            text = " ".join("".join(element.itertext()).split())
        box = _hocr_box(element) or _around(map(_hocr_box, words))
        if text.strip() and box:
            scores = [_number(next(iter(_properties(word).get("x_wconf", ())), None)) for word in words]
            yield TextLine(text, box, _confidence(None if score is None else score / 100 for score in scores))
