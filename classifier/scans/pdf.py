"""PDF pages: their text layer as lines with boxes where it is sound, their picture where it is not."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.errors import InputError
from classifier.scan import TextLine
from classifier.scans.recognition import missing_extra

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

Pixels = NDArray[np.uint8]

DPI = 200
"""Dots per inch at which a page is measured and rendered: body text of 9 points is 25 pixels high then."""

_LARGEST = 100e6
"""Pixels a rendered page has at most; a larger one is coarser. A broadsheet has 13 million at 200 dpi."""

_LEAST_CHARACTERS, _MOST_BAD, _LEAST_HAN, _LEAST_COMMON = 50, 0.02, 0.3, 0.8
"""A text layer is sound if it has so many characters, no larger share of them means nothing (private use, controls,
U+FFFD), so many are Han, and so many of these are everyday ones. Fonts without a map to Unicode give private-use
characters, Latin letters or rare Han."""


_ONE_THREAD = threading.Lock()
"""PDFium must not be used by two threads at a time, and pages may be counted while others are read."""


class _Char(NamedTuple):
    """A character and its box in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def count_pages(data: bytes) -> int:
    """Return the number of pages of a PDF."""
    with _opened(data) as document:
        return len(document)


def read(data: bytes, number: int, *, ocr: str) -> tuple[tuple[float, float], tuple[TextLine, ...] | None, Pixels]:
    """Read one page.

    Parameters
    ----------
    number
        From 1.
    ocr
        ``auto`` takes the text layer if it is sound, ``never`` as it is, ``always`` not at all.

    Returns
    -------
    tuple
        Width and height in pixels at :data:`DPI`; the lines of the text layer, or ``None`` if the page has to be
        recognised; its picture, uint8 of shape (height, width, 3), blue, green, red.

    Raises
    ------
    InputError
        With code ``scan`` if the file is damaged or locked, or without text that ``never`` could take.
    """
    with _opened(data) as document:
        try:
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(DPI / 72, (_LARGEST / max(width * height, 1.0)) ** 0.5)
            picture = np.ascontiguousarray(page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3])
            size = float(picture.shape[1]), float(picture.shape[0])
            lines = None if ocr == "always" else _text_lines(page, size, even_unsound=ocr == "never")
        except InputError:
            raise
        except Exception as error:  # pypdfium2 raises PdfiumError, which cannot be named without importing it
            raise _damaged(error) from error
    if lines is None and ocr == "never":
        raise InputError("a PDF page without text, and --ocr never; leave it out", code="scan")
    return size, lines, picture


@contextmanager
def _opened(data: bytes) -> Iterator[PdfDocument]:
    try:
        import pypdfium2
    except ImportError:
        raise missing_extra("a PDF document, which needs the extra ocr") from None
    with _ONE_THREAD:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise _damaged(error) from error
        try:
            yield document
        finally:
            document.close()


def _damaged(error: Exception) -> InputError:
    reason = " ".join(str(error).split()) or type(error).__name__
    if "password" in reason.lower():
        return InputError("a PDF locked with a password; save it without", code="scan")
    return InputError(f"a damaged PDF: {reason.rstrip('.')}; export it again", code="scan")


def _text_lines(page: PdfPage, size: tuple[float, float], *, even_unsound: bool) -> tuple[TextLine, ...] | None:
    characters = list(_characters(page, size))
    text = "".join(character.text for character in characters)
    if even_unsound:
        return tuple(_lines(characters)) if text.strip() else None
    return tuple(_lines(characters)) if is_sound(text) else None


def is_sound(text: str) -> bool:
    """Tell whether the text of a text layer is what a reader of the page would type."""
    printed = [character for character in text if not character.isspace()]
    if len(printed) < _LEAST_CHARACTERS:
        return False
    bad = sum(character == "\ufffd" or not character.isprintable() for character in printed)
    han = [character for character in printed if "\u3400" <= character <= "\u9fff"]
    everyday = sum(_is_everyday(character) for character in han)
    return (
        bad <= _MOST_BAD * len(printed)
        and len(han) >= _LEAST_HAN * len(printed)
        and everyday >= _LEAST_COMMON * len(han)
    )


def _is_everyday(character: str) -> bool:
    """Tell whether a character is of the first level of GB2312 or Big5: what schools teach."""
    for encoding, end in (("gb2312", 0xD8), ("big5", 0xC7)):
        try:
            if character.encode(encoding)[0] < end:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _characters(page: PdfPage, size: tuple[float, float]) -> Iterator[_Char]:
    """Yield the characters of a page with their boxes in pixels of the page as it is shown, turned or cropped."""
    import ctypes

    from pypdfium2 import raw

    textpage = page.get_textpage()
    x, y = ctypes.c_int(), ctypes.c_int()
    fine = 16  # PDFium gives whole numbers only
    shown = round(size[0] * fine), round(size[1] * fine)

    def shown_at(across: float, down: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page, 0, 0, *shown, 0, across, down, x, y)
        return x.value / fine, y.value / fine

    last = None
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, index)
        if code == 0 or raw.FPDFText_IsGenerated(textpage, index) == 1:
            if code == 0x20 and last is not None:  # PDFium's word for a gap
                yield _Char(" ", last.right, last.top, last.right, last.bottom)
            continue
        text = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        left, bottom, right, top = _em_box(textpage, index, text)
        corners = shown_at(left, top), shown_at(right, bottom)
        (x0, x1), (y0, y1) = (sorted(pair) for pair in zip(*corners, strict=True))
        last = _Char(text, x0, y0, x1, y1)
        yield last


def _em_box(textpage: PdfTextPage, index: int, text: str) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of a character as it is set, in points: the ink of 一 is a stroke only.

    The em square stands on a baseline at 0.12 of its height. A character that is turned keeps the box of its ink.
    """
    import ctypes

    from pypdfium2 import raw

    left, bottom, right, top = textpage.get_charbox(index)
    matrix, x, y = raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetMatrix(textpage, index, matrix)
    raw.FPDFText_GetCharOrigin(textpage, index, x, y)
    size = raw.FPDFText_GetFontSize(textpage, index) * abs(matrix.d)
    if abs(matrix.b) + abs(matrix.c) > 0.1 * abs(matrix.d) or not max(right - left, top - bottom) < 1.5 * size < 1e4:
        return left, bottom, right, top
    if unicodedata.east_asian_width(text) in "WF":
        left, right = x.value, x.value + size * abs(matrix.a / matrix.d)
    return left, y.value - 0.12 * size, max(right, left), y.value + 0.88 * size


def _lines(characters: list[_Char]) -> Iterator[TextLine]:
    """Join characters, in the order of the file, to lines; a vertical line is found by its second character."""
    line: list[_Char] = []
    for character in characters:
        if line and not _goes_on(line, character):
            yield from _line(line)
            line = []
        if line or not character.text.isspace():
            line.append(character)
    yield from _line(line)


def _goes_on(line: list[_Char], after: _Char) -> bool:
    """Tell whether a character is the next one of a line: beside the last one or, in a vertical line, below it."""
    if after.text == " ":
        return True
    inked = [character for character in line if character.text != " "]
    last = inked[-1]
    em = max(last.bottom - last.top, 1.0)
    if not 0.6 * em < max(after.bottom - after.top, 1.0) < 1.7 * em:
        return False
    middle, next_middle = (last.top + last.bottom) / 2, (after.top + after.bottom) / 2
    beside = abs(next_middle - middle) < 0.5 * em and -0.5 * em < after.left - last.right < 1.2 * em
    across = abs((after.left + after.right) - (last.left + last.right)) / 2
    below = across < 0.3 * em and -0.5 * em < after.top - last.bottom < 1.2 * em
    if len(inked) == 1:
        return beside or below
    is_vertical = abs(inked[1].left - inked[0].left) < abs(inked[1].top - inked[0].top)
    return below if is_vertical else beside


def _line(line: list[_Char]) -> Iterator[TextLine]:
    text = "".join(character.text for character in line).strip()
    if text:
        left, right = min(character.left for character in line), max(character.right for character in line)
        top, bottom = min(character.top for character in line), max(character.bottom for character in line)
        yield TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)))
