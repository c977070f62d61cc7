"""Pieces of a line put together."""

from __future__ import annotations

import numpy as np

from classifier.scan import Rule
from classifier.scans.boxes import straighten
from classifier.scans.fragments import merge, rows
from tests.printing import EM, at, column, names, page, read, upright


def test_pieces_are_put_together_from_the_left_and_columns_are_not() -> None:
    lines = [at("后面一半文字", 6 * EM + 4, 1), at("前面一半文字", 0, 0), *column("乙", 1, 0, 3)]
    boxes = straighten(page(*lines))
    found = rows(boxes)
    assert sorted(found) == [[1, 0], [2], [3], [4]]
    merged = merge(boxes, found)
    row = found.index([1, 0])
    assert merged.letters[row] == 12
    assert (merged.left[row], merged.right[row]) == (boxes.left[1], boxes.right[0])


def test_a_ruled_line_keeps_pieces_apart() -> None:
    lines = [at("前面一半文字", 0, 0), at("后面一半文字", 6 * EM + 8, 0)]
    assert rows(straighten(page(*lines))) == [[0, 1]]
    assert rows(straighten(page(*lines, rules=[Rule(6 * EM + 3, -40, 6 * EM + 5, 60)]))) == [[0], [1]]


def test_vertical_lines_and_other_sizes_are_left_alone() -> None:
    lines = [*column("甲", 0, 0, 8), upright("竖排标题在此", 12 * EM + 3, 0, size=40), at("大字", 20 * EM, 0, size=50)]
    assert rows(straighten(page(*lines))) == [[n] for n in range(10)]


def test_a_broken_line_does_not_break_its_column() -> None:
    lines = column("甲", 0, 0, 9, begins=True)
    whole = lines[4]
    parts = [at(whole.text[:5], 0, whole.top), at(whole.text[5:], 5 * EM + 2, whole.top + 1)]
    scan = page(*lines[:4], *parts[::-1], *lines[5:], *column("乙", 1, 0, 9, ends=True))
    assert [text for text in read(scan) if text] == names(("甲", 9), ("乙", 9))
    assert np.isfinite(straighten(scan).size).all()


def test_a_character_torn_from_a_vertical_line_is_put_back() -> None:
    lines = [*column("甲", 0, 0, 8), upright("交部发言人答问", 300, 42, size=36), at("外", 302, 0, size=36)]
    assert [9, 8] in rows(straighten(page(*lines)))
    apart = [*lines[:9], at("外", 302, -60, size=36)]
    assert [9, 8] not in rows(straighten(page(*apart)))


def test_two_characters_torn_from_a_headline_are_put_back() -> None:
    head = [at("一张", 0, 0, size=30), at("超薄铝箔怎样诞生", 62, 0, size=30)]
    assert rows(straighten(page(*head, *column("甲", 0, 60, 8), *column("乙", 1, 60, 8))))[0] == [0, 1]
