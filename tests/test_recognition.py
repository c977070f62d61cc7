"""The page of ``scan_files`` recognised: upright, on its head, askew; and empty ones."""

from __future__ import annotations

import logging
import re
from difflib import SequenceMatcher

import numpy as np
import pytest
from PIL import Image

from classifier.scan import TextLine
from classifier.scans import images, recognition
from classifier.scans.recognition import Pixels
from tests.scan_files import PICTURE, SCANS, TEXT, VERTICAL

LINES = [line for line in TEXT.splitlines() if line]


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    return images.read(PICTURE.read_bytes())


def likeness(lines: tuple[TextLine, ...]) -> float:
    """Return the share of characters read rightly, lines of both columns in any order."""
    columns = sorted(lines, key=lambda line: (line.left > 480, line.top))
    found = "".join("".join(line.text.split()) for line in columns)
    return SequenceMatcher(None, "".join(TEXT.split()), found, autojunk=False).ratio()


def test_every_line_is_found_and_read(pixels: Pixels, capfd: pytest.CaptureFixture[str]) -> None:
    found = recognition.read_page(pixels)
    assert found.rotation == 0
    assert len(found.lines) == len(LINES)
    assert likeness(found.lines) > 0.98
    head = min(found.lines, key=lambda line: (line.left > 480, line.top))
    assert head.text == LINES[0]
    assert 35 < head.left < 45
    assert 35 < head.top < 60
    assert head.confidence > 0.9
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("RapidOCR").level >= logging.CRITICAL


def test_two_threads_read_the_same(pixels: Pixels) -> None:
    part = pixels[:220]
    assert recognition.read_page(part, threads=2) == recognition.read_page(part, threads=1)


def test_a_page_that_does_not_stand_upright_is_turned(pixels: Pixels) -> None:
    part = pixels[:220]
    upright = recognition.read_page(part)
    for rotation in (90, 180, 270):
        found = recognition.read_page(recognition.turned(part, -rotation % 360))
        assert found.rotation == rotation
        assert [line.text for line in found.lines] == [line.text for line in upright.lines]
        assert found.lines[0].left == pytest.approx(upright.lines[0].left, abs=2)


def test_a_page_set_vertically_stays_as_it_is() -> None:
    found = recognition.read_page(images.read((SCANS / "vertical.png").read_bytes()))
    assert found.rotation == 0
    assert all(line.vertical for line in found.lines)
    columns = sorted(found.lines, key=lambda line: -line.left)
    assert re.sub(r"\W", "", "".join(line.text for line in columns)) == re.sub(r"\W", "", VERTICAL)


def test_a_page_askew_is_read(pixels: Pixels) -> None:
    turned = np.asarray(Image.fromarray(pixels[:220]).rotate(2, expand=True, fillcolor=(255, 255, 255)))
    found = recognition.read_page(np.ascontiguousarray(turned))
    assert {LINES[0], "少年足球赛昨日收官"} <= {line.text for line in found.lines}
    longest = max(found.lines, key=lambda line: line.right - line.left)
    (x0, y0), (x1, y1) = longest.polygon[:2]
    assert (y0 - y1) / (x1 - x0) == pytest.approx(np.tan(np.radians(2)), abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (50, 50), (600, 400)])
def test_an_empty_page_has_no_lines(size: tuple[int, int]) -> None:
    white = np.full((*size, 3), 255, dtype=np.uint8)
    assert recognition.read_page(white).lines == ()


def test_a_vertical_line_is_laid_on_its_side() -> None:
    pixels = np.full((300, 100, 3), 255, dtype=np.uint8)
    pixels[40:60, 40:60] = 0
    quad = np.array([[30, 30], [70, 30], [70, 270], [30, 270]], dtype=np.float32)
    line = recognition.crop(pixels, quad)
    assert line.shape == (40, 240, 3)
    assert line[:, :40].min() == 0  # its first character is left
    assert line[:, 60:].min() == 255
    assert recognition.crop(pixels, quad, margin=0.25).shape == (60, 240, 3)


def test_version_names_the_models() -> None:
    assert recognition.version().startswith("rapidocr 3.")
    assert "onnx" in recognition.version()
