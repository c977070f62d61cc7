"""The order of columns and of articles."""

from __future__ import annotations

from classifier.scans.boxes import straighten
from classifier.scans.columns import group
from classifier.scans.sequence import in_rows, order_groups
from classifier.scans.strands import gather
from tests.printing import LEADING, PITCH, at, column, names, page, read


def test_pieces_of_a_row_are_read_from_the_left_though_one_begins_higher() -> None:
    boxes = straighten(
        page(at("右边一块", 200, 0, size=40), at("左边一块", 0, 5, size=40), at("下面一行的字", 0, 180, size=40))
    )
    found = group(boxes, gather(boxes))
    rows = in_rows(found, list(range(len(found.strands))))
    assert [found.strands[number].lines[0] for number in rows] == [1, 0, 2]


def test_an_article_across_the_page_comes_before_those_below_it() -> None:
    y = 60 + 7 * LEADING
    lines = [
        at("上面两栏的标题", 60, 0, size=44),
        *column("甲", 0, 60, 5, begins=True),
        *column("乙", 1, 60, 5, ends=True),
        at("右下标题", PITCH + 20, y, size=36),
        *column("丁", 1, y + 60, 9, begins=True, ends=True),
        at("左下标题", 20, y, size=36),
        *column("丙", 0, y + 60, 4, begins=True, ends=True),
    ]
    assert read(page(*lines)) == [
        "上面两栏的标题",
        *names(("甲", 5), ("乙", 5)),
        "左下标题",
        *names(("丙", 4)),
        "右下标题",
        *names(("丁", 9)),
    ]


def test_every_group_with_lines_has_its_place() -> None:
    boxes = straighten(page(*column("甲", 0, 0, 4), *column("乙", 3, 300, 4), at("题目在此", 400, 0, size=50)))
    found = group(boxes, gather(boxes))
    full = [number for number, part in enumerate(found.groups) if part.heads or part.texts or part.captions]
    assert sorted(order_groups(found)) == full
