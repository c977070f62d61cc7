"""Files that are scans: which they are, how many pages they have, and one of their pages read.

Pictures, PDFs and the layout files of digitisation programmes (ALTO, PAGE, hOCR) are told by their first bytes. All
else is text. What is heavy is imported when a picture or a PDF is read, and not before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from classifier.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.scan import Rule, ScanPage, TextLine

Kind = Literal["image", "pdf", "alto", "page-xml", "hocr"]

SNIFFED = 4096
"""Bytes that :func:`sniff` looks at."""

MOST_PAGES = 10_000
"""Pages of one file: more are the invention of a damaged one."""

LARGEST = 1 << 30
"""Bytes of one file that are read: a TIFF of a broadsheet at 600 dpi, not compressed, has 400 million."""

_IMAGES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
    b"\x00\x00\x00\x0cjP  ",
    b"\xff\x4f\xff\x51",
)


_ONE_PAGE = (*_IMAGES[:4], *_IMAGES[-2:])
"""Picture formats of one page; animations are no pages."""


PICTURES = (".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".jp2", ".bmp", ".gif")
"""Endings of files that will probably have to be recognised."""


class Ocr(StrEnum):
    """When pages are recognised."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Reading:
    """How scans are read."""

    ocr: Ocr = Ocr.AUTO
    cache: Path | None = None
    """Where to keep what was recognised, see :mod:`classifier.scans.ocrcache`."""
    threads: int = 0
    """Cores that one page may use; 0 for all."""


USUAL = Reading()
"""How scans are read unless asked for otherwise."""


def sniff(head: bytes) -> Kind | None:
    """Tell from its first :data:`SNIFFED` bytes what kind of scan a file is; ``None`` for a text file."""
    if head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or _is_bmp(head):
        return "image"
    if b"%PDF-" in head[:1024] and (head.startswith(b"%PDF-") or b"\x00" not in head[:16]):
        return "pdf" if _is_pdf(head) else None
    if b"<" in head[:64] or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        from classifier.scans import ocrxml

        return ocrxml.sniff(head)
    return None


def _is_bmp(head: bytes) -> bool:
    return head.startswith(b"BM") and head[6:10] == b"\0\0\0\0" and head[14:18] in (b"\x28\0\0\0", b"\x7c\0\0\0")


def _is_pdf(head: bytes) -> bool:
    """Tell a PDF, before whose mark some programs leave a few lines, from a text that speaks of one."""
    return head.startswith(b"%PDF-") or (b"\n%PDF-" in head[:1024] and b" obj" in head)


def is_scan(data: bytes) -> bool:
    """Tell a scan from a text file."""
    return sniff(data[:SNIFFED]) is not None


def count_pages_of(source: str | bytes) -> int:
    """Return the number of pages of a file, by its path or its bytes; 1 for anything that is not a readable scan.

    Files called ``.txt`` are not looked at: of a million of them each would have to be opened once more.
    """
    if isinstance(source, bytes):
        return count_pages(source)
    try:
        if source == "-" or source.lower().endswith(".txt") or not Path(source).is_file():
            return 1
        with Path(source).open("rb") as file:
            head = file.read(SNIFFED)
            if sniff(head) is None or head.startswith(_ONE_PAGE):
                return 1
            return count_pages(head + file.read(LARGEST))
    except (OSError, ValueError):
        return 1


def count_pages(data: bytes) -> int:
    """Return the number of pages of a scan; 1 for anything else and for what cannot be read, as reading it will say."""
    kind = sniff(data[:SNIFFED])
    try:
        if kind == "pdf":
            from classifier.scans import pdf

            return min(pdf.count_pages(data), MOST_PAGES)
        if kind == "image":
            from classifier.scans import images

            return min(images.count_pages(data), MOST_PAGES)
        if kind is not None:
            from classifier.scans import ocrxml

            return len(ocrxml.read(data, kind))
    except (InputError, ImportError):
        pass
    return 1


def read_page(data: bytes, number: int = 1, *, reading: Reading) -> ScanPage:
    """Read one page of a scan, without the blanks that recognition may have left between all characters.

    Parameters
    ----------
    data
        The bytes of the file.
    number
        From 1.

    Returns
    -------
    ScanPage
        Without lines if the page is empty.

    Raises
    ------
    InputError
        With code ``missing-extra`` if packages are needed that are not installed, ``scan`` if the file is damaged or
        ``--ocr never`` leaves no text, ``too-large`` if its pixels are too many.
    """
    return _closed_up(_read_page(data, number, reading))


def _closed_up(page: ScanPage) -> ScanPage:
    from classifier.text.spacing import close_up

    closed = close_up("\n".join(" ".join(line.text.split()) for line in page.lines))
    if closed is None:
        return page
    texts = closed.text.split("\n")
    lines = tuple(replace(line, text=text) for line, text in zip(page.lines, texts, strict=True))
    return replace(page, lines=lines)


def _read_page(data: bytes, number: int, reading: Reading) -> ScanPage:
    kind = sniff(data[:SNIFFED])
    if kind in ("alto", "page-xml", "hocr"):
        from classifier.scans import ocrxml

        pages = ocrxml.read(data, kind)
        return pages[min(number, len(pages)) - 1]
    if kind == "image" and reading.ocr is Ocr.NEVER:
        raise InputError("a picture, and --ocr never; leave it out or choose --ocr auto", code="scan")
    name = ""
    if reading.cache is not None:
        from classifier.scans import ocrcache, recognition

        name = ocrcache.key(data, number, reading.ocr, recognition.version())
        if (kept := ocrcache.load(reading.cache, name)) is not None:
            return kept
    try:
        page = _read_pdf(data, number, reading) if kind == "pdf" else _read_image(data, number, reading)
    except ImportError as error:  # one of the packages is there and another is not
        from classifier.scans.recognition import missing_extra

        raise missing_extra("needs OCR") from error
    if reading.cache is not None:
        ocrcache.save(reading.cache, name, page)
    return page


def picture(data: bytes, page: ScanPage) -> NDArray[np.uint8] | None:
    """Return the picture of a page that was read, upright as its boxes are; ``None`` if the file holds none.

    uint8 of shape (height, width, 3), blue, green, red.
    """
    kind = sniff(data[:SNIFFED])
    if kind == "image":
        from classifier.scans import images

        pixels = images.read(data, page.number)
    elif kind == "pdf":
        from classifier.scans import pdf

        pixels = pdf.read(data, page.number, ocr="always")[2]
    else:
        return None
    return _turned(pixels, page.rotation)


def _turned(pixels: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    if not rotation:
        return pixels
    from classifier.scans.recognition import turned

    return turned(pixels, rotation)


def _read_image(data: bytes, number: int, reading: Reading) -> ScanPage:
    from classifier.scans import images

    return _recognise(images.read(data, number), number, reading)


def _read_pdf(data: bytes, number: int, reading: Reading) -> ScanPage:
    from classifier.scan import ScanPage
    from classifier.scans import pdf, ruling

    (width, height), lines, pixels = pdf.read(data, number, ocr=reading.ocr)
    if lines is None:
        return _recognise(pixels, number, reading)
    rules, pictures = ruling.find_rules(pixels, lines)
    return ScanPage(number, width, height, lines, rules, pictures, "pdf-text")


def _recognise(pixels: NDArray[np.uint8], number: int, reading: Reading) -> ScanPage:
    from classifier.scan import ScanPage
    from classifier.scans import recognition, ruling

    found = recognition.read_page(pixels, threads=reading.threads)
    pixels = _turned(pixels, found.rotation)
    rules, pictures = ruling.find_rules(pixels, found.lines)
    # A sun, a wheel or a window in a photograph is read as a character now and then; banners in it are longer.
    lines = tuple(line for line in found.lines if len(line.text.strip()) > 1 or not _is_inside(line, pictures))
    height, width = pixels.shape[:2]
    return ScanPage(number, float(width), float(height), lines, rules, pictures, "ocr", found.rotation)


def _is_inside(line: TextLine, pictures: tuple[Rule, ...]) -> bool:
    x, y = (line.left + line.right) / 2, (line.top + line.bottom) / 2
    return any(box.left <= x <= box.right and box.top <= y <= box.bottom for box in pictures)
