"""Lines found across a gutter."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.scans.gutters import Pixels, Quad, split


def quad(left: float, top: float, right: float, *, slant: float = 0.0) -> Quad:
    drop = slant * (right - left)
    corners = [[left, top], [right, top + drop], [right, top + drop + 20], [left, top + 20]]
    return np.array(corners, dtype=np.float32)


def picture(quads: list[Quad], *, gutter: tuple[int, int] | None = (300, 320)) -> Pixels:
    """Return a page with stripes where text is, blank in the gutter."""
    pixels = np.full((400, 700, 3), 240, dtype=np.uint8)
    for corners in quads:
        left, right = int(corners[:, 0].min()), int(corners[:, 0].max())
        rows = slice(int(corners[:, 1].min()) + 3, int(corners[:, 1].max()) - 2)
        pixels[rows, left:right:4] = 20
    if gutter is not None:
        pixels[:, gutter[0] : gutter[1]] = 240
    return pixels


COLUMNS = [quad(x, y, x + 280) for x in (20, 320) for y in (0, 30, 90, 120)]


@pytest.mark.parametrize("slant", [0.0, 0.01])
def test_a_line_across_a_gutter_is_cut_there(slant: float) -> None:
    quads = [*COLUMNS, quad(20, 60, 600, slant=slant)]
    found = split(picture(quads), quads)
    assert len(found) == len(quads) + 1
    one, two = found[-2:]
    assert one[1, 0] == pytest.approx(301, abs=1)
    assert two[0, 0] == pytest.approx(319, abs=1)
    np.testing.assert_allclose(one[0], quads[-1][0])
    np.testing.assert_allclose(two[2], quads[-1][2])


def test_a_line_with_print_in_the_gutter_is_whole() -> None:
    quads = [*COLUMNS, quad(20, 60, 600)]
    assert len(split(picture(quads, gutter=None), quads)) == len(quads)


def test_lines_of_one_wide_column_are_whole() -> None:
    quads = [*COLUMNS, quad(20, 60, 600), quad(20, 150, 600)]
    assert len(split(picture(quads), quads)) == len(quads)


def test_a_headline_is_whole() -> None:
    head = np.array([[20, 50], [600, 50], [600, 90], [20, 90]], dtype=np.float32)
    quads = [*[quad(x, y, x + 280) for x in (20, 320) for y in (100, 130, 160)], head]
    assert len(split(picture(quads), quads)) == len(quads)


def test_few_lines_are_left_alone() -> None:
    assert split(np.zeros((9, 9, 3), dtype=np.uint8), []) == []
