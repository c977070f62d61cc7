"""Lines joined to strands."""

from __future__ import annotations

from classifier.scan import Rule
from classifier.scans.boxes import straighten
from classifier.scans.strands import crossed, gather
from tests.printing import LEADING, PITCH, at, column, page, upright


def texts(*lines: object, **more: object) -> list[str]:
    scan = page(*lines, **more)  # type: ignore[arg-type]
    found = gather(straighten(scan))
    return ["".join(scan.lines[line].text[0] for line in strand.lines) for strand in found]


def test_columns_are_strands_and_what_lies_across_them_is_none_of_theirs() -> None:
    wide = at("横跨两栏的一行正文文字在这里一直到右边为止的导语", 0, 0)
    assert texts(wide, *column("甲", 0, 30, 5), *column("乙", 1, 30, 5)) == ["横", "甲" * 5, "乙" * 5]


def test_a_ruled_line_cuts_a_strand() -> None:
    lines = [*column("甲", 0, 0, 3), *column("乙", 0, 3 * LEADING, 3)]
    y = 3 * LEADING - 6
    assert texts(*lines) == ["甲甲甲乙乙乙"]
    assert texts(*lines, rules=[Rule(0, y, 240, y + 2)]) == ["甲甲甲", "乙乙乙"]
    assert texts(*lines, rules=[Rule(PITCH, y, PITCH + 240, y + 2)]) == ["甲甲甲乙乙乙"]


def test_a_larger_size_cuts_a_strand() -> None:
    lines = [*column("甲", 0, 0, 3), at("大一号的小标题", 0, 3 * LEADING, size=26), *column("乙", 0, 4.2 * LEADING, 3)]
    assert texts(*lines) == ["甲甲甲", "大", "乙乙乙"]


def test_vertical_lines_side_by_side_are_one_strand_from_the_right() -> None:
    found = texts(upright("左边的标题", 0, 0, size=40), upright("右边的标题", 50, 0, size=40), *column("甲", 1, 0, 9))
    assert sorted(found) == ["右左", "甲" * 9]


def test_a_line_is_crossed_only_by_rules_that_lie_over_half_of_it() -> None:
    boxes = straighten(page(*column("甲", 0, 0, 4), rules=[Rule(0, 50, 100, 52)]))
    assert crossed(boxes, (0, 150), 40, 60)
    assert not crossed(boxes, (0, 240), 40, 60)
    assert not crossed(boxes, (0, 150), 100, 140)


def test_a_size_that_drifts_down_line_by_line_cuts_a_run() -> None:
    # A headline, its subtitle and a byline over a column: none is much smaller than the one above it.
    lines = [
        at("主题一共有十个字大小", 0, 0, size=29),
        at("副题也有十个字但小些", 0, 36, size=25.5),
        at("再小一点的说明文字也", 0, 68, size=22.5),
        *column("甲", 0, 100, 5),
    ]
    assert texts(*lines, *column("乙", 1, 100, 9))[0] == "主副"


def test_a_part_that_is_continued_is_a_strand_of_its_own() -> None:
    lines = [*column("甲", 0, 0, 3), at("（上接第一版）", 0, 3 * LEADING), *column("乙", 0, 4 * LEADING, 3)]
    assert texts(*lines) == ["甲甲甲", "（乙乙乙"]
