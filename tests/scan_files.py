"""Scans for tests: the picture of a small page and what stands on it, and PDFs written by hand.

``scans/page.png`` has two articles in two columns with a rule between, set from ``scans/page.txt``, which was written
for this project.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from classifier.scan import ScanPage, TextLine

SCANS = Path(__file__).resolve().parent / "scans"
PICTURE = SCANS / "page.png"
TEXT = (SCANS / "page.txt").read_text("utf-8")
"""In reading order, a line of print a line."""
COLUMNS = TEXT.split("\n\n")
VERTICAL = "东岭水渠昨日正式通水，三个村的旱地有了水源。老周说，过去浇地要等五天，如今半天就能浇完。"
"""What ``scans/vertical.png`` says, in four columns."""


def box(left: float, top: float, right: float, bottom: float) -> tuple[tuple[float, float], ...]:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def line(text: str, left: float, top: float, right: float, bottom: float, *, confidence: float = 1.0) -> TextLine:
    return TextLine(text, box(left, top, right, bottom), confidence)


def column_page() -> ScanPage:
    """The page of the picture as its lines would be recognised, one column after the other."""
    lines = []
    for number, column in enumerate(COLUMNS):
        left = 40.0 + 490 * number
        for row, text in enumerate(column.splitlines()):
            top, size = (40.0, 40.0) if row == 0 else (68.0 + 36 * row, 24.0)
            lines.append(line(text, left, top, left + size * len(text), top + size))
    return ScanPage(1, 1000.0, 640.0, tuple(lines), source="ocr")


def text_pdf(pages: Sequence[Sequence[tuple[str, float, float, float]]], *, rotate: int = 0) -> bytes:
    """Return a PDF of 500 by 320 points: on each page texts with x, y of their baseline from below, and font size.

    Its font comes along, every character a box, so that what is read does not depend on the fonts of the machine.
    """
    font = 3 + 2 * len(pages)
    signs = sorted({sign for texts in pages for text, *_ in texts for sign in text})
    codes = {sign: code for code, sign in enumerate(signs, 1)}  # one byte each, so 255 of them at most
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{3 + 2 * n} 0 R' for n in range(len(pages)))}] >>",
    ]
    for number, texts in enumerate(pages):
        shown = [
            f"/F1 {size} Tf 1 0 0 1 {x} {y} Tm <{bytes(codes[sign] for sign in text).hex()}> Tj"
            for text, x, y, size in texts
        ]
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 320] /Rotate {rotate} "
            f"/Resources << /Font << /F1 {font} 0 R >> >> /Contents {4 + 2 * number} 0 R >>"
        )
        objects.append(_stream(f"BT {' '.join(shown)} ET"))
    last = len(signs)
    objects += [
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 -120 1000 880] /FontMatrix [0.001 0 0 0.001 0 0] "
        f"/CharProcs << /box {font + 2} 0 R >> /Encoding << /Differences [1 {'/box ' * last}] >> "
        f"/FirstChar 1 /LastChar {last} /Widths [{'1000 ' * last}] /ToUnicode {font + 1} 0 R >>",
        _stream(
            "/CIDInit /ProcSet findresource begin begincmap /CMapName /Boxes def "
            "1 begincodespacerange <01> <FF> endcodespacerange "
            f"{last} beginbfchar {' '.join(f'<{codes[sign]:02x}> <{ord(sign):04x}>' for sign in signs)} endbfchar "
            "endcmap end"
        ),
        _stream("1000 0 0 -120 1000 880 d1 50 -70 900 900 re f"),
    ]
    file = io.BytesIO()
    file.write(b"%PDF-1.5\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(file.tell())
        file.write(f"{number} 0 obj\n{content}\nendobj\n".encode())
    start = file.tell()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    file.write(f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}".encode())
    file.write(f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return file.getvalue()


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def printed_pdf(pages: int = 1, *, rotate: int = 0) -> bytes:
    """Return a PDF whose pages have the texts of the picture, at half its size."""
    texts = [
        (line.text, line.left / 2, 320 - line.bottom / 2 + line.height * 0.06, line.height / 2)
        for line in column_page().lines
    ]
    return text_pdf([texts] * pages, rotate=rotate)


def scanned_pdf() -> bytes:
    """Return a PDF that holds nothing but the picture."""
    from PIL import Image

    file = io.BytesIO()
    with Image.open(PICTURE) as picture:
        picture.convert("L").save(file, "PDF", resolution=144)
    return file.getvalue()
