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


def rows_of(lefts: list[float], rights: list[float]) -> list[TextLine]:
    return [line("水渠", x0, 20 * n, x1, 20 * n + 16) for n, (x0, x1) in enumerate(zip(lefts, rights, strict=True))]


def test_an_outline_follows_a_notch_on_the_left_too() -> None:
    rows = rows_of([0, 0, 100, 90, 120, 0, 0], [200] * 7)
    assert placement.outline(rows) == (
        (0, 0), (200, 0), (200, 136), (0, 136), (0, 98), (90, 98), (90, 38), (0, 38),
    )  # fmt: skip


def test_a_notch_at_the_top_or_the_foot_is_cut_off_the_corner() -> None:
    assert placement.outline(rows_of([0] * 6, [100, 120, 90, 200, 200, 200])) == (
        (0, 0), (120, 0), (120, 58), (200, 58), (200, 116), (0, 116),
    )  # fmt: skip
    assert placement.outline(rows_of([100, 120, 90, 0, 0, 0], [200] * 6)) == (
        (90, 0), (200, 0), (200, 116), (0, 116), (0, 58), (90, 58),
    )  # fmt: skip


def test_a_row_between_two_notches_is_as_wide_as_the_box() -> None:
    ends = [100, 100, 100, 200, 120, 120, 120]
    assert placement.outline(rows_of([0] * 7, [float(end) for end in ends])) == (
        (0, 0), (100, 0), (100, 58), (200, 58), (200, 78), (120, 78), (120, 136), (0, 136),
    )  # fmt: skip
    assert placement.outline(rows_of([200.0 - end for end in ends], [200] * 7)) == (
        (100, 0), (200, 0), (200, 136), (80, 136), (80, 78), (0, 78), (0, 58), (100, 58),
    )  # fmt: skip


def test_edges_that_differ_by_three_line_heights_are_straight() -> None:
    # Lines are 16 high: what ends 48 before the others is ragged, what ends 49 before them keeps away.
    assert len(placement.outline(rows_of([0] * 6, [200, 200, 152, 152, 152, 200]))) == 4
    assert len(placement.outline(rows_of([0] * 6, [200, 200, 151, 151, 151, 200]))) == 8
    assert len(placement.outline(rows_of([0, 0, 48, 48, 48, 0], [200] * 6))) == 4
    assert len(placement.outline(rows_of([0, 0, 49, 49, 49, 0], [200] * 6))) == 8


def pieces_of(y: float, *lower: float) -> list[TextLine]:
    """Return a row that was found in four pieces, all but the first lower than it by some pixels."""
    places = zip((0, 50, 100, 150), (0.0, *lower), strict=True)
    return [line("水渠", x, y + low, x + 40 + 10 * (x == 150), y + low + 16) for x, low in places]


def test_lines_side_by_side_are_one_row_of_the_outline() -> None:
    # Three pieces of one row, taken for rows, would be a notch.
    assert placement.outline(pieces_of(0, 7, 7, 7)) == box(0, 0, 200, 23)
    rows = [*pieces_of(0, 7, 7, 7), *pieces_of(30, 0, 0, 0), *pieces_of(60, 5, 5, 5)]
    assert placement.outline(rows) == box(0, 0, 200, 81)


def test_what_begins_under_the_middle_of_a_row_is_the_next() -> None:
    steps = [line("水渠", 0, 8 * n, 200 if n > 2 else 90, 8 * n + 16) for n in range(6)]
    assert placement.outline(steps) == (
        (0, 0), (90, 0), (90, 28), (200, 28), (200, 56), (0, 56),
    )  # fmt: skip
    # Lines that overlap by more are two a row: four short ones are two rows and no notch, six are three and one.
    steps = [line("水渠", 0, 7 * n, 200 if n > 3 else 90, 7 * n + 16) for n in range(9)]
    assert placement.outline(steps) == box(0, 0, 200, 72)
    steps = [line("水渠", 0, 7 * n, 200 if n > 5 else 90, 7 * n + 16) for n in range(9)]
    assert placement.outline(steps) == (
        (0, 0), (90, 0), (90, 46.5), (200, 46.5), (200, 72), (0, 72),
    )  # fmt: skip
    # The middle of the first line of a row, not of the last one: one that slopes does not go on and on.
    tops = [0, 7, 10, 17, 20, 27, 30, 37, 40]
    steps = [line("水渠", 0, y, 200 if y > 27 else 90, y + 16) for y in tops]
    assert len(placement.outline(steps)) == 6


def test_a_notch_may_begin_in_the_second_row_and_end_in_the_last_but_one() -> None:
    assert placement.outline(rows_of([0] * 5, [200, 100, 100, 100, 200])) == (
        (0, 0), (200, 0), (200, 18), (100, 18), (100, 78), (200, 78), (200, 96), (0, 96),
    )  # fmt: skip
    assert placement.outline(rows_of([0, 90, 90, 90, 0], [200] * 5)) == (
        (0, 0), (200, 0), (200, 96), (0, 96), (0, 78), (90, 78), (90, 18), (0, 18),
    )  # fmt: skip


def test_the_middle_one_of_the_heights_says_how_ragged_an_edge_may_be() -> None:
    rows = rows_of([0] * 7, [200, 200, 140, 140, 140, 200, 200])
    assert len(placement.outline(rows)) == 8
    tall = [line("水渠", 0, 20 * n, 200 if n > 2 else 140, 20 * n + (30 if n != 3 else 6)) for n in range(3)]
    assert len(placement.outline([*rows[:1], *tall, *rows[5:]])) == 4
    flat = [line("水渠", 0, 20 * n, 160 if n in (2, 3, 4) else 200, 20 * n + (6 if n < 3 else 16)) for n in range(7)]
    assert len(placement.outline(flat)) == 4


def test_vertical_lines_have_a_straight_outline() -> None:
    lines = [TextLine("水渠", box(200 - 40 * n, 0, 230 - 40 * n, 60 if n < 3 else 300)) for n in range(6)]
    across = [line("水" * 10, 0, 320 + 20 * n, 230 if n < 3 else 60, 336 + 20 * n) for n in range(6)]
    assert placement.outline([*lines, *across]) == box(0, 0, 230, 436)
