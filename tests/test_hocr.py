"""hOCR, well-formed and not."""

from __future__ import annotations

import pytest

from tests.layout_files import HOCR, read, texts


def test_hocr_is_read_with_its_empty_page() -> None:
    first, second = read(HOCR)
    assert texts(first) == ["水渠", "A&B"]
    assert first.lines[0].confidence == pytest.approx(0.8)
    assert (first.lines[0].left, first.lines[0].bottom) == (10, 50)
    assert (first.width, first.height, first.source) == (800, 600, "hocr")
    assert (len(first.pictures), len(first.rules)) == (1, 1)
    assert (second.number, second.lines, second.height) == (2, (), 20)


def test_hocr_need_not_be_xml() -> None:
    html = """<html><body><br><div class="ocr_page" title='bbox 0 0 9 9'>
        <p><span class="ocr_line" title='bbox 1 2 3 4'>水渠"""
    assert texts(read(html)[0]) == ["水渠"]
