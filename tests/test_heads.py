"""Headline blocks, and subheads that are none."""

from __future__ import annotations

import pytest

from classifier.scan import ScanPage
from classifier.scans.boxes import straighten
from classifier.scans.columns import group
from classifier.scans.strands import gather
from tests.printing import LEADING, PITCH, at, column, page


def headlines(scan: ScanPage) -> list[list[str]]:
    """Return the first two characters of the lines of each headline block."""
    boxes = straighten(scan)
    found = group(boxes, gather(boxes))
    blocks = [[line for head in part.heads for line in found.strands[head].lines] for part in found.groups]
    return [[scan.lines[line].text[:2] for line in block] for block in blocks if block]


def test_kicker_headline_and_subtitle_are_one_block() -> None:
    lines = [
        at("肩题在主题的上面", 150, 0, size=26),
        at("主题占了两栏", 60, 34, size=60),
        at("副题在主题的下面", 150, 104, size=26),
        *column("甲", 0, 150, 8, begins=True),
        *column("乙", 1, 150, 8, ends=True),
    ]
    assert headlines(page(*lines)) == [["肩题", "主题", "副题"]]


def test_headlines_side_by_side_are_two_blocks() -> None:
    lines = [
        at("左边标题", 20, 0, size=40),
        at("右边标题", PITCH + 20, 0, size=40),
        *column("甲", 0, 60, 8, begins=True, ends=True),
        *column("乙", 1, 60, 8, begins=True, ends=True),
    ]
    assert headlines(page(*lines)) == [["左边"], ["右边"]]


def test_a_headline_found_in_two_pieces_is_one_block() -> None:
    lines = [
        at("前半标题", 20, 0, size=50),
        at("后半标题", 232, 4, size=50),
        *column("甲", 0, 80, 8, begins=True),
        *column("乙", 1, 80, 8, ends=True),
    ]
    assert headlines(page(*lines)) == [["前半", "后半"]]


@pytest.mark.parametrize(("gap", "size", "is_headline"), [(0.4, 26.0, False), (2.5, 34.0, True)])
def test_a_subhead_stands_close_and_is_not_much_larger(gap: float, size: float, is_headline: bool) -> None:
    y = 60 + 8 * LEADING + gap * 20
    lines = [
        at("大标题在上面", 0, 0, size=40),
        *column("甲", 0, 60, 8, begins=True, ends=True),
        at("中间的题", 60, y, size=size),
        *column("乙", 0, y + size + 14, 8, begins=True, ends=True),
    ]
    assert headlines(page(*lines)) == ([["大标"], ["中间"]] if is_headline else [["大标"]])


def test_a_label_of_two_characters_heads_nothing() -> None:
    lines = [
        at("大标题在上面", 0, 0, size=40),
        *column("甲", 0, 60, 8, begins=True, ends=True),
        at("独眼", 600, 60, size=60),
    ]
    assert headlines(page(*lines)) == [["大标"]]


def test_a_headline_between_the_columns_of_another_is_no_subtitle() -> None:
    lines = [
        at("三栏之上的大标题在这里", 40, 0, size=50),
        *column("甲", 0, 60, 14, begins=True),
        at("中间的标题", PITCH + 30, 62, size=34),
        *column("乙", 1, 110, 6, begins=True, ends=True),
        *column("丙", 2, 60, 14, ends=True),
    ]
    assert headlines(page(*lines)) == [["三栏"], ["中间"]]


def test_a_headline_with_a_short_byline_is_as_large_as_its_characters() -> None:
    lines = [
        at("略大一号的标题在此处", 0, 0, size=27),
        at("卡尔", 0, 33),
        *column("甲", 0, 60, 8, begins=True),
        *column("乙", 1, 0, 10, ends=True),
    ]
    assert headlines(page(*lines))[0][:1] == ["略大"]
