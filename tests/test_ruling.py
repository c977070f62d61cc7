"""Rules and photographs found on drawn pages."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.scan import TextLine
from classifier.scans import images, ruling
from classifier.scans.ruling import Pixels
from tests.scan_files import PICTURE, column_page, line


def page(width: int = 1000, height: int = 1400) -> Pixels:
    noise = np.random.default_rng(0).normal(240, 4, (height, width, 1))
    return np.repeat(noise.clip(0, 255).astype(np.uint8), 3, axis=2)


def columns() -> list[TextLine]:
    return [line("水渠" * 8, x, 40 + 36 * n, x + 384, 64 + 36 * n) for n in range(14) for x in (40.0, 560.0)]


def test_the_rule_between_the_columns_is_found() -> None:
    rules, pictures = ruling.find_rules(images.read(PICTURE.read_bytes()), column_page().lines)
    (rule,) = rules
    assert rule.left == pytest.approx(500, abs=4)
    assert rule.right - rule.left < 10
    assert (rule.top, rule.bottom) == pytest.approx((40, 600), abs=4)
    assert pictures == ()


@pytest.mark.parametrize("thickness", [1, 3, 8])
@pytest.mark.parametrize("slope", [0.0, 0.03])
def test_thin_thick_and_slanting_rules_are_found(thickness: int, slope: float) -> None:
    pixels = page()
    for x in range(100, 900):
        y = 700 + round(slope * (x - 100))
        pixels[y : y + thickness, x] = 20
    rules, _ = ruling.find_rules(pixels, columns())
    length = sum(rule.right - rule.left for rule in rules)
    assert 700 < length < 850
    assert all(rule.top > 690 and rule.bottom < 745 for rule in rules)


def test_a_photograph_is_a_picture_and_its_edges_are_no_rules() -> None:
    pixels = page()
    photograph = np.random.default_rng(1).integers(30, 200, (30, 40, 3)).astype(np.uint8)
    pixels[700:1000, 100:500] = np.kron(photograph, np.ones((10, 10, 1), dtype=np.uint8))
    rules, pictures = ruling.find_rules(pixels, columns())
    (picture,) = pictures
    sides = (picture.left, picture.top, picture.right, picture.bottom)
    assert sides == pytest.approx((100, 700, 500, 1000), abs=30)
    assert rules == ()


def test_text_is_neither() -> None:
    pixels, lines = page(), columns()
    for part in lines:
        for x in range(int(part.left), int(part.right), 24):
            pixels[int(part.top) + 4 : int(part.bottom) - 4 : 5, x + 2 : x + 22] = 30
    assert ruling.find_rules(pixels, lines) == ((), ())


def test_a_page_without_text_has_no_measure() -> None:
    assert ruling.find_rules(page(60, 60), []) == ((), ())


def test_the_edge_of_a_frame_over_a_photograph_is_a_rule() -> None:
    pixels = page()
    photograph = np.random.default_rng(1).integers(30, 200, (20, 30, 3)).astype(np.uint8)
    pixels[700:900, 350:650] = np.kron(photograph, np.ones((10, 10, 1), dtype=np.uint8))
    pixels[712:715, 60:940] = 20
    rules, pictures = ruling.find_rules(pixels, columns())
    assert len(pictures) == 1
    assert any(rule.right - rule.left > 300 for rule in rules)
