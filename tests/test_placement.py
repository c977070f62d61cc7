"""The text of a scanned page and the places of its articles."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from classifier.document import Article
from classifier.scan import PlacedText, ScanPage, TextLine
from classifier.scans import placement
from tests.scan_files import COLUMNS, box, column_page, line


def article(first: int, last: int) -> Article:
    return Article(0, 0, first, last, "", "society", 0.9, (), 1.0)


def in_order(page: ScanPage) -> PlacedText:
    """Return the lines as they are, each column a block."""
    text = "\n".join(line.text for line in page.lines)
    split = len(COLUMNS[0].splitlines())
    blocks = tuple(int(number >= split) for number in range(len(page.lines)))
    return PlacedText(text, page, tuple(range(len(page.lines))), blocks)


def test_a_line_is_a_line_whatever_it_holds() -> None:
    blank = [line(text, 0, 60 + 20 * n, 9, 69 + 20 * n) for n, text in enumerate("\u200b\u00ad\ufeff\x01")]
    lines = [line("水\u2028渠\n通", 0, 0, 9, 9), line("  ", 0, 20, 9, 29), line("水", 0, 40, 9, 49), *blank]
    placed = placement.place(ScanPage(1, 100, 200, tuple(lines)))
    assert placed.text == "水 渠 通\n水"
    assert placed.order == (0, 2)
    assert len(placed.blocks) == 2


@given(st.lists(st.text(max_size=5), max_size=6))
def test_lines_of_text_and_of_page_are_as_many(texts: list[str]) -> None:
    lines = [line(text, 0, 20 * n, 99, 20 * n + 10) for n, text in enumerate(texts)]
    placed = placement.place(ScanPage(1, 100, 200, tuple(lines)))
    assert len(placed.text.splitlines()) == len(placed.order) == len(placed.blocks)


def test_a_column_is_one_region_and_two_are_two() -> None:
    placed = in_order(column_page())
    n_left = len(COLUMNS[0].splitlines())
    (region,) = placement.regions(placed, article(1, n_left))
    assert region.page == 1
    assert region.polygon[0] == (40, 40)
    assert region.polygon == box(40, 40, max(x.right for x in placed.page.lines[:n_left]), region.polygon[2][1])
    both = placement.regions(placed, article(n_left - 1, n_left + 2))
    assert [part.polygon[0][0] for part in both] == [40, 530]


def test_a_jump_to_the_head_of_the_next_column_is_seen_without_blocks() -> None:
    placed = replace(in_order(column_page()), blocks=(0,) * len(column_page().lines))
    assert len(placement.regions(placed, article(1, len(placed.order)))) == 2


def test_an_outline_follows_a_notch_and_not_the_ends_of_paragraphs() -> None:
    rows = [line("水" * 10, 0, 20 * n, 200, 20 * n + 16) for n in range(9)]
    rows[2] = line("水" * 3, 0, 40, 60, 56)
    assert placement.outline(rows) == box(0, 0, 200, 176)
    for n in (4, 5, 6):
        rows[n] = line("水" * 5, 0, 20 * n, 100, 20 * n + 16)
    assert placement.outline(rows) == (
        (0, 0), (200, 0), (200, 78), (100, 78), (100, 138), (200, 138), (200, 176), (0, 176),
    )  # fmt: skip


@given(st.lists(st.tuples(*[st.integers(0, 300)] * 2, *[st.integers(1, 200)] * 2), min_size=1, max_size=12))
def test_an_outline_has_right_angles_and_stays_in_the_box(sizes: list[tuple[int, ...]]) -> None:
    lines = [line("水渠", x, y, x + width, y + height) for x, y, width, height in sizes]
    polygon, bounds = placement.outline(lines), placement.bounds(lines)
    around = [*polygon, polygon[0]]
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(around))
    assert all(bounds.left <= x <= bounds.right and bounds.top <= y <= bounds.bottom for x, y in polygon)


def test_vertical_lines_stand_beside_one_another() -> None:
    lines = tuple(TextLine("水渠通水", box(200 - 40 * n, 0, 230 - 40 * n, 200)) for n in range(3))
    assert all(line.vertical and line.height == 30 for line in lines)
    placed = PlacedText("\n".join(line.text for line in lines), ScanPage(1, 300, 300, lines), (0, 1, 2), (0, 0, 0))
    (region,) = placement.regions(placed, article(1, 3))
    assert region.polygon == box(120, 0, 230, 200)
