"""PDFs with a text layer, without one, turned, vertical, locked and damaged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from classifier.errors import InputError
from classifier.scans import pdf
from tests.scan_files import COLUMNS, TEXT, printed_pdf, scanned_pdf, text_pdf

LINES = [line for line in TEXT.splitlines() if line]


def test_a_sound_text_layer_is_taken_with_its_places() -> None:
    (width, height), lines, pixels = pdf.read(printed_pdf(), 1, ocr="auto")
    assert (width, height) == (1389, 889)  # 500 x 320 points at 200 dpi
    assert pixels.shape == (889, 1389, 3)
    assert lines is not None
    assert [line.text for line in lines] == LINES
    head, body = lines[0], lines[1]
    assert head.left == pytest.approx(20 * pdf.DPI / 72, abs=1)
    assert head.right == pytest.approx((20 + 20 * len(head.text)) * pdf.DPI / 72, abs=1)
    assert head.height > 1.5 * body.height
    first_right = lines[len(COLUMNS[0].splitlines())]
    assert first_right.left == pytest.approx(265 * pdf.DPI / 72, abs=1)


def test_a_turned_page_is_measured_as_it_is_shown() -> None:
    (width, height), lines, pixels = pdf.read(printed_pdf(rotate=90), 1, ocr="auto")
    assert (width, height) == (889, 1389)
    assert pixels.shape == (1389, 889, 3)
    assert lines is not None
    assert all(line.vertical for line in lines if len(line.text) > 2)
    assert all(line.left >= 0 and line.right <= width and line.bottom <= height for line in lines)


def test_vertical_headlines_and_columns_are_lines_of_their_own() -> None:
    headline = [(sign, 20.0, 280.0 - 20 * n, 20.0) for n, sign in enumerate("水渠通到三个村")]
    body = [("东岭水渠昨日正式通水，下游三个村从此有了水源。", 60.0, 280.0 - 16 * n, 10.0) for n in range(3)]
    beside = [("少年足球赛昨日收官。", 315.0, 280.0, 10.0)]
    _, lines, _ = pdf.read(text_pdf([[*headline, body[0], *beside, *body[1:]]]), 1, ocr="auto")
    assert lines is not None
    assert lines[0].text == "水渠通到三个村"
    assert lines[0].vertical
    assert [line.text for line in lines[1:]] == [body[0][0], beside[0][0], body[1][0], body[2][0]]


def test_a_page_without_text_is_to_be_recognised() -> None:
    assert pdf.read(scanned_pdf(), 1, ocr="auto")[1] is None
    assert pdf.read(printed_pdf(), 1, ocr="always")[1] is None
    with pytest.raises(InputError, match="without text") as caught:
        pdf.read(scanned_pdf(), 1, ocr="never")
    assert caught.value.code == "scan"


def test_an_unsound_layer_is_taken_only_when_asked_for() -> None:
    unsound = text_pdf([[("\ue123\ue456\ue789" * 20, 20.0, 100.0, 10.0)]])
    assert pdf.read(unsound, 1, ocr="auto")[1] is None
    lines = pdf.read(unsound, 1, ocr="never")[1]
    assert lines is not None
    assert lines


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        (TEXT, True),
        ("發展經濟，改善民生，這是會議的主題。記者昨日從市政府獲悉，水利工程已經完成。" * 2, True),
        (TEXT[:30], False),
        ("", False),
        ("\ufffd" + TEXT[:20] * 2, False),
        ("The quick brown fox jumps over the lazy dog. " * 9, False),
        ("".join(chr(code) for code in range(0x4E8A, 0x4F60)), False),
    ],
)
def test_sound_is_what_reads_as_chinese(text: str, sound: bool) -> None:
    assert pdf.is_sound(text) is sound


def test_pages_are_counted() -> None:
    assert pdf.count_pages(printed_pdf(3)) == 3


def test_pages_may_be_counted_while_others_are_read() -> None:
    data = printed_pdf(5)
    with ThreadPoolExecutor(4) as pool:
        counts = pool.map(pdf.count_pages, [data] * 40)
        pages = pool.map(lambda number: pdf.read(data, number, ocr="auto")[1], [1, 2, 3, 4, 5])
        assert set(counts) == {5}
        assert len(set(pages)) == 1


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", printed_pdf()[:200]])
def test_a_damaged_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="damaged PDF") as caught:
        pdf.read(data, 1, ocr="auto")
    assert caught.value.code == "scan"
    assert "\n" not in caught.value.message
