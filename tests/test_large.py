"""Large headlines of which only pieces were found."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.scans.large import Pixels, Quad, mend


def quad(left: float, top: float, right: float, bottom: float) -> Quad:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)


TEXT = [quad(20, y, 300, y + 20) for y in range(100, 300, 30)]
HEAD = quad(20, 20, 600, 80)


def picture(*printed: Quad) -> Pixels:
    """Return a page with stripes where text is."""
    pixels = np.full((400, 700, 3), 240, dtype=np.uint8)
    for corners in printed:
        (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
        pixels[top + 3 : bottom - 3, left:right:2] = 20
    return pixels


def same(found: list[Quad], expected: list[Quad]) -> bool:
    return len(found) == len(expected) and all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "pieces", [[], [quad(20, 20, 200, 80)], [quad(22, 21, 200, 79), quad(420, 22, 600, 80)], [quad(300, 20, 600, 80)]]
)
def test_a_headline_found_in_part_is_put_in_the_place_of_its_pieces(pieces: list[Quad]) -> None:
    assert same(mend(picture(HEAD, *TEXT), [*TEXT, *pieces], [HEAD], lambda _: True), [*TEXT, HEAD])


def test_two_headlines_with_nothing_between_stay_two() -> None:
    two = [quad(20, 20, 250, 80), quad(370, 20, 600, 80)]
    assert same(mend(picture(*two, *TEXT), [*TEXT, *two], [HEAD], lambda _: True), [*TEXT, *two])
    ruled = picture(*two, *TEXT)
    ruled[:, 309:312] = 20
    assert same(mend(ruled, [*TEXT, *two], [HEAD], lambda _: True), [*TEXT, *two])


def test_a_whole_headline_is_left_as_it_was_found() -> None:
    fine = quad(24, 22, 596, 78)
    assert same(mend(picture(HEAD, *TEXT), [*TEXT, fine], [HEAD], lambda _: True), [*TEXT, fine])


def test_what_cannot_be_read_and_what_holds_other_text_is_passed_over() -> None:
    piece = quad(20, 20, 200, 80)
    quads = [*TEXT, piece]
    assert same(mend(picture(HEAD, *TEXT), quads, [HEAD], lambda _: False), quads)
    # Two lines of text that ran together on the smaller picture.
    block = quad(20, 100, 600, 150)
    assert same(mend(picture(block), TEXT, [block], lambda _: True), TEXT)
    assert mend(picture(), [], [], lambda _: True) == []
