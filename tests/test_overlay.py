"""Pages drawn with their articles tinted."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from classifier.scans import images, overlay
from classifier.scans.recognition import Pixels
from tests.scan_files import PICTURE
from tests.test_grouping import result


def drawn(pixels: Pixels | None, *, genre: str = "rural") -> Pixels:
    page = result()
    page = replace(page, articles=tuple(replace(article, genre=genre) for article in page.articles))
    picture = Image.open(io.BytesIO(overlay.draw(page, pixels)))
    assert picture.format == "JPEG"
    return np.asarray(picture.convert("RGB"))


def colour_at(picture: Pixels, x: int, y: int) -> list[float]:
    return [float(value) for value in np.median(picture[y - 2 : y + 3, x - 2 : x + 3], axis=(0, 1))]


def test_articles_have_their_own_colours() -> None:
    picture = drawn(images.read(PICTURE.read_bytes()))
    assert picture.shape == (640, 1000, 3)
    first, second, outside = colour_at(picture, 300, 98), colour_at(picture, 800, 98), colour_at(picture, 300, 620)
    assert outside == [255, 255, 255]
    assert first[2] > first[0] + 40  # blue
    assert second[0] > second[2] + 40  # red


def test_print_stays_readable() -> None:
    before, after = images.read(PICTURE.read_bytes()), drawn(images.read(PICTURE.read_bytes()))
    inside = (slice(104, 380), slice(42, 470))
    dark, light = before[inside].max(axis=2) < 50, before[inside].min(axis=2) > 250
    grey = after[inside].mean(axis=2)
    assert grey[light].mean() - grey[dark].mean() > 100


@pytest.mark.parametrize("genre", ["rural", "农村", "unknown", "a" * 300])
def test_a_layout_file_is_drawn_on_white_whatever_its_genres(genre: str) -> None:
    assert drawn(None, genre=genre).shape == (640, 1000, 3)


def test_a_system_without_fonts_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay, "_FONTS", ())
    assert drawn(None, genre="农村").shape == (640, 1000, 3)


def test_large_pages_are_brought_down() -> None:
    page = result()
    assert page.scan is not None
    large = replace(page.scan, page=replace(page.scan.page, width=10_000, height=6400))
    picture = Image.open(io.BytesIO(overlay.draw(replace(page, scan=large), None)))
    assert picture.size == (2400, 1536)
