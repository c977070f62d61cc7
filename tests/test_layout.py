"""Reading order of scanned pages."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.legibility import ReadingScore, score_order
from benchmarks.proofs import proof
from classifier.scan import Rule, ScanPage, TextLine
from classifier.scans.layout import arrange
from tests.printing import EM, LEADING, PITCH, at, column, names, page, read, sheet, upright


def test_an_empty_page_has_an_empty_order() -> None:
    assert arrange(page()).order == ()


@pytest.mark.parametrize("angle", [0.0, 1.5, -2.0])
def test_columns_under_a_headline_are_read_one_after_another(angle: float) -> None:
    lines = [
        at("两栏之上的大标题", 100, 0, size=44),
        *column("甲", 0, 80, 12, begins=True),
        *column("乙", 1, 80, 12, ends=True),
    ]
    random.Random(3).shuffle(lines)
    assert read(page(*lines, angle=angle)) == ["两栏之上的大标题", *names(("甲", 12), ("乙", 12))]


def test_each_headline_keeps_its_own_columns() -> None:
    # The first article has two columns; under each begins another article with a headline of one column.
    lines = [
        at("两栏之上的大标题", 60, 0, size=44),
        *column("甲", 0, 80, 6, begins=True),
        *column("乙", 1, 80, 6, ends=True),
        at("左边标题", 40, 80 + 7 * LEADING, size=36),
        *column("丙", 0, 80 + 9 * LEADING, 6, begins=True, ends=True),
        at("右边标题", PITCH + 40, 80 + 7 * LEADING, size=36),
        *column("丁", 1, 80 + 9 * LEADING, 6, begins=True, ends=True),
    ]
    found = read(page(*lines))
    assert found[:13] == ["两栏之上的大标题", *names(("甲", 6), ("乙", 6))]
    assert found[13:] == ["左边标题", *names(("丙", 6)), "右边标题", *names(("丁", 6))]


def test_text_goes_on_under_what_is_let_in_with_a_ruled_line() -> None:
    # The left column breaks off; at the top of the right one stands another article, under a line the first goes on.
    y = 80 + 9 * LEADING
    lines = [
        at("左栏的标题", 20, 0, size=40),
        *column("甲", 0, 80, 14, begins=True),
        at("右栏的标题", PITCH + 20, 0, size=40),
        *column("乙", 1, 80, 7, begins=True, ends=True),
        *column("丙", 1, y, 5, ends=True),
    ]
    rule = Rule(PITCH, y - 20, PITCH + 240, y - 18)
    assert read(page(*lines, rules=[rule])) == [
        "左栏的标题",
        *names(("甲", 14), ("丙", 5)),
        "右栏的标题",
        *names(("乙", 7)),
    ]


@pytest.mark.parametrize("on_right", [False, True])
def test_a_vertical_headline_heads_the_column_beside_it(on_right: bool) -> None:
    shift = 300 - PITCH if on_right else 370 - PITCH
    lines = [
        at("横排标题在上面", 0, 0, size=34),
        *column("甲", 0, 80, 12, begins=True, ends=True),
        upright("竖排标题", 556 if on_right else 310, 80, size=44),
        *[
            replace(line, polygon=tuple((x + shift, y) for x, y in line.polygon))
            for line in column("乙", 1, 80, 12, begins=True, ends=True)
        ],
    ]
    assert read(page(*lines)) == ["横排标题在上面", *names(("甲", 12)), "竖排标题", *names(("乙", 12))]


def test_two_vertical_lines_are_read_from_the_right() -> None:
    lines = [
        upright("右边一行标题", 60, 0, size=40),
        upright("左边一行标题", 10, 0, size=40),
        *[
            replace(line, polygon=tuple((x - PITCH + 120, y) for x, y in line.polygon))
            for line in column("甲", 1, 0, 10, begins=True, ends=True)
        ],
    ]
    assert read(page(*lines)) == ["右边一行标题", "左边一行标题", *names(("甲", 10))]


def test_a_page_of_vertical_text_is_read_from_right_to_left() -> None:
    lines = [upright(f"{'甲乙丙丁戊'[n]}水水水水水水水水", 300 - 30 * n, 0, size=EM) for n in range(5)]
    random.Random(1).shuffle(lines)
    assert "".join(text[0] for text in read(page(*lines))) == "甲乙丙丁戊"


def test_a_subhead_stays_in_its_column_and_heads_nothing() -> None:
    lines = [
        at("两栏之上的大标题", 60, 0, size=44),
        *column("甲", 0, 80, 5, begins=True, ends=True),
        at("小标题在此", 60, 80 + 5.4 * LEADING, size=26),
        *column("乙", 0, 80 + 7 * LEADING, 6, begins=True),
        *column("丙", 1, 80, 13, ends=True),
    ]
    assert read(page(*lines)) == ["两栏之上的大标题", *names(("甲", 5)), "小标题在此", *names(("乙", 6), ("丙", 13))]


def test_captions_come_after_the_text_around_them() -> None:
    y = 80 + 5 * LEADING
    lines = [
        at("两栏之上的大标题", 60, 0, size=44),
        *column("甲", 0, 80, 20, begins=True),
        *column("乙", 1, 80, 4),
        at("▲村民在修水渠。本报记者摄", PITCH, y + 190, size=17),
        *column("丙", 1, y + 8 * LEADING, 7, ends=True),
    ]
    picture = Rule(PITCH, y, PITCH + 240, y + 180)
    found = arrange(page(*lines, pictures=[picture]))
    assert [lines[line].text[0] for line, caption in zip(found.order, found.captions, strict=True) if caption] == ["▲"]
    assert read(page(*lines, pictures=[picture])) == [
        "两栏之上的大标题",
        *names(("甲", 20), ("乙", 4), ("丙", 7)),
        "▲村民在修水渠。本报记者摄",
    ]


def test_a_byline_in_the_middle_is_read_before_the_first_column() -> None:
    lines = [
        at("三栏之上的特大标题", 180, 0, size=48),
        at("本报记者", PITCH + 80, 66),
        *column("甲", 0, 110, 8, begins=True),
        *column("乙", 1, 110, 8),
        *column("丙", 2, 110, 8, ends=True),
    ]
    assert read(page(*lines)) == ["三栏之上的特大标题", "本报记者", *names(("甲", 8), ("乙", 8), ("丙", 8))]


def test_the_line_over_the_page_comes_first() -> None:
    lines = [
        at("标题在这里", 0, 60, size=44),
        *column("甲", 0, 140, 20, begins=True),
        *column("乙", 1, 140, 20, ends=True),
        at("06", 0, 0),
        at("综合新闻", 100, 0),
        at("2026年6月24日", 300, 0),
    ]
    assert read(page(*lines))[:4] == ["06", "综合新闻", "2026年6月24日", "标题在这里"]


def test_lines_in_a_stated_order_keep_it() -> None:
    scan = replace(page(*column("甲", 1, 0, 3), *column("乙", 0, 0, 3)), ordered=True)
    assert read(scan) == names(("甲", 3), ("乙", 3))


def test_set_pages_are_read_nearly_without_a_break() -> None:
    # What set pages cost in order is measured in benchmarks/scans.py; here it must not fall apart.
    known = [proof(sheet(number), seed=number) for number in range(3)]
    total = sum((score_order(one, arrange(one.page).order) for one in known), start=ReadingScore())
    assert total.order_error < 0.03
    assert total.error < 0.1


def test_more_lines_than_a_page_has_are_read_from_the_top() -> None:
    lines = [at("水", 30.0 * (n % 80), 30.0 * (n // 80)) for n in range(6400)]
    assert arrange(page(*lines[::-1])).order == tuple(range(6399, -1, -1))


NUMBERS = st.floats(-50, 4000, allow_nan=False)


@given(
    st.lists(
        st.tuples(NUMBERS, NUMBERS, st.floats(0, 900), st.floats(0, 900), st.text(min_size=1, max_size=9)), max_size=25
    ),
    st.lists(st.tuples(NUMBERS, NUMBERS, st.floats(0, 900), st.floats(0, 900)), max_size=4),
)
def test_every_line_is_read_once_whatever_the_boxes(
    boxes: list[tuple[float, float, float, float, str]], ruled: list[tuple[float, float, float, float]]
) -> None:
    lines = tuple(
        TextLine(text, ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))) for x, y, wide, high, text in boxes
    )
    rules = tuple(Rule(x, y, x + wide, y + high) for x, y, wide, high in ruled)
    found = arrange(ScanPage(1, 3000, 4000, lines, rules, rules[:1]))
    assert sorted(found.order) == list(range(len(lines)))
    parts = (found.blocks, found.groups, found.heads, found.captions)
    assert {len(part) for part in parts} == {len(lines)}


def shifted(lines: list[TextLine], x: float) -> list[TextLine]:
    return [replace(line, polygon=tuple((left + x, top) for left, top in line.polygon)) for line in lines]


def test_a_vertical_headline_heads_all_columns_that_begin_as_high() -> None:
    # Right under the end of another article, whose column they would seem to go on from.
    y = 60 + 7 * LEADING
    lines = [
        at("上面横排的标题占了三栏", 60, 0, size=44),
        *[line for n, name in enumerate("甲乙丙") for line in column(name, n, 60, 6, begins=n == 0, ends=n == 2)],
        upright("竖排的标题", 0, y, size=44),
        *shifted(column("丁", 0, y, 10, begins=True), 64),
        *shifted(column("戊", 1, y, 10, ends=True), 64),
    ]
    assert read(page(*lines))[19:] == ["竖排的标题", *names(("丁", 10), ("戊", 10))]


def test_a_vertical_headline_does_not_reach_across_a_ruled_line_nor_for_what_is_headed() -> None:
    y = 80 + 8 * LEADING
    lines = [
        at("左栏标题", 20, 0, size=44),
        *column("甲", 0, 60, 20, begins=True, ends=True),
        at("右栏标题", PITCH + 60, 0, size=44),
        *column("乙", 1, 60, 6, begins=True, ends=True),
        upright("竖排标题", PITCH - 34, y, size=30),
        *shifted(column("丙", 1, y, 12, begins=True, ends=True), 24),
    ]
    expected = ["左栏标题", *names(("甲", 20)), "右栏标题", *names(("乙", 6)), "竖排标题", *names(("丙", 12))]
    assert read(page(*lines)) == expected
    assert read(page(*lines, rules=[Rule(PITCH - 38, 0, PITCH - 36, y + 400)])) == expected


def test_a_column_far_from_its_headline_is_still_under_it() -> None:
    # The headline lies over the first of six columns; between stands another article, let in under a line.
    lines = [
        at("左边一栏的大标题", 0, 0, size=30),
        *column("甲", 0, 46, 14, begins=True),
        *[line for n, name in enumerate("乙丙丁己", 1) for line in column(name, n, 140, 6, begins=n == 1, ends=n == 4)],
        at("中间让进去的标题", PITCH + 60, 84, size=36),
        *column("戊", 5, 46, 14, ends=True),
    ]
    rule = Rule(PITCH, 70, 5 * PITCH - 40, 72)
    assert read(page(*lines, rules=[rule]))[: 1 + 28] == ["左边一栏的大标题", *names(("甲", 14), ("戊", 14))]


def test_a_headline_of_many_lines_beside_a_vertical_one_stays_a_headline() -> None:
    many = [
        at(text, 300, 20 + 50 * n, size=40) for n, text in enumerate(("第一行题", "第二行题", "第三行题", "第四行题"))
    ]
    lines = [upright("竖排标题在此", 240, 60, size=40), *many, *shifted(column("甲", 1, 270, 9, begins=True), 20)]
    assert len(read(page(*lines, *column("乙", 3, 0, 20)))) == len(lines) + 20


def test_a_part_continued_from_another_page_is_not_the_column_above_it() -> None:
    y = 60 + 7 * LEADING
    lines = [
        at("两栏之上的大标题", 60, 0, size=44),
        *column("甲", 0, 60, 6, begins=True),
        *column("乙", 1, 60, 6, ends=True),
        at("（上接第一版）", 0, y),
        *column("丙", 0, y + LEADING, 8),
        *column("丁", 1, y, 9, ends=True),
    ]
    assert read(page(*lines)) == [
        "两栏之上的大标题",
        *names(("甲", 6), ("乙", 6)),
        "（上接第一版）",
        *names(("丙", 8), ("丁", 9)),
    ]
