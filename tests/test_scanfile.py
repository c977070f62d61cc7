"""Which files are scans, how many pages they have, and what reading one gives."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.errors import InputError
from classifier.scan import ScanPage
from classifier.scans import scanfile
from classifier.scans.scanfile import Ocr, Reading
from tests.layout_files import ALTO_LINES, HOCR
from tests.scan_files import PICTURE, TEXT, printed_pdf, scanned_pdf

ALTO = f"<alto>{ALTO_LINES}</alto>".encode()
PNG = PICTURE.read_bytes()


def tiff(pages: int = 2) -> bytes:
    file = io.BytesIO()
    blank = Image.new("1", (64, 64), 1)
    blank.save(file, "TIFF", save_all=True, append_images=[blank] * (pages - 1))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image"),
        (tiff(), "image"),
        (printed_pdf(), "pdf"),
        (b"@PJL JOB\n" + printed_pdf(), "pdf"),
        (ALTO, "alto"),
        (b"\xef\xbb\xbf" + ALTO, "alto"),
        (HOCR.encode(), "hocr"),
        (TEXT.encode(), None),
        (TEXT.encode("utf-16"), None),
        ("版面\n%PDF-1.7 是一种格式".encode(), None),
        (b"", None),
        (b"BM" + "公司昨日公布财报".encode("gb18030"), None),
        (b"II*", None),
    ],
)
def test_kinds_are_told_by_their_bytes(data: bytes, kind: str | None) -> None:
    assert scanfile.sniff(data[: scanfile.SNIFFED]) == kind
    assert scanfile.is_scan(data) == (kind is not None)


@pytest.mark.parametrize(
    ("data", "count"),
    [(PNG, 1), (tiff(3), 3), (printed_pdf(4), 4), (HOCR.encode(), 2), (ALTO, 1), (b"%PDF-1.4", 1), (TEXT.encode(), 1)],
)
def test_pages_are_counted(tmp_path: Path, data: bytes, count: int) -> None:
    path = tmp_path / "scan"
    path.write_bytes(data)
    assert scanfile.count_pages_of(data) == scanfile.count_pages_of(str(path)) == count


def test_what_is_no_file_has_one_page(tmp_path: Path) -> None:
    (tmp_path / "pages.txt").write_bytes(printed_pdf(2))  # what is called text is not looked into
    for path in (str(tmp_path), str(tmp_path / "missing.pdf"), str(tmp_path / "pages.txt"), "-", "a\0b"):
        assert scanfile.count_pages_of(path) == 1


def test_pages_come_by_number() -> None:
    page = scanfile.read_page(HOCR.encode(), 2, reading=Reading())
    assert (page.number, page.lines) == (2, ())
    page = scanfile.read_page(printed_pdf(2), 2, reading=Reading())
    assert (page.number, page.source, len(page.lines)) == (2, "pdf-text", len(TEXT.splitlines()) - 1)


def test_a_scanned_pdf_is_recognised_and_kept(tmp_path: Path) -> None:
    data, reading = scanned_pdf(), Reading(cache=tmp_path)
    page = scanfile.read_page(data, reading=reading)
    assert page.source == "ocr"
    assert page.width / page.height == pytest.approx(1000 / 640, abs=0.01)
    assert "新水渠通到三个村" in {line.text for line in page.lines}
    (entry,) = tmp_path.rglob("*.json")
    # Proof that the second reading is no reading: it says what the entry says.
    entry.write_text(entry.read_text().replace(r"\u65b0", r"\u8001"))
    again = scanfile.read_page(data, reading=reading)
    assert "老水渠通到三个村" in {line.text for line in again.lines}
    assert scanfile.read_page(data, reading=Reading(Ocr.ALWAYS, tmp_path)).lines == page.lines


def test_never_recognises_nothing() -> None:
    reading = Reading(Ocr.NEVER)
    for data in (PNG, scanned_pdf()):
        with pytest.raises(InputError, match="never") as caught:
            scanfile.read_page(data, reading=reading)
        assert caught.value.code == "scan"
    assert scanfile.read_page(printed_pdf(), reading=reading).source == "pdf-text"


def test_pictures_are_those_the_boxes_fit() -> None:
    page = ScanPage(1, 1000, 640, (), rotation=180)
    upright, turned = scanfile.picture(PNG, ScanPage(1, 1000, 640, ())), scanfile.picture(PNG, page)
    assert upright is not None
    assert turned is not None
    assert upright.shape == turned.shape == (640, 1000, 3)
    assert np.array_equal(upright[0], turned[-1][::-1])
    assert scanfile.picture(ALTO, page) is None
