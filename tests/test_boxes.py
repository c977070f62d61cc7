"""Boxes of lines turned straight."""

from __future__ import annotations

import math

import numpy as np
import pytest

from classifier.scan import Rule, ScanPage, TextLine
from classifier.scans.boxes import ems, skew, straighten
from tests.printing import EM, LEADING, at, column, page, upright


@pytest.mark.parametrize("angle", [-2.0, -0.5, 0.0, 1.7])
def test_the_skew_is_that_of_the_lines(angle: float) -> None:
    lines = [*column("甲", 0, 0, 8), at("标题", 300, 0, size=60), upright("竖排标题在此", 500, 0, size=40)]
    assert math.degrees(skew(page(*lines, angle=angle))) == pytest.approx(angle, abs=0.01)


def test_straight_boxes_are_those_of_the_page_before_it_was_turned() -> None:
    lines = column("甲", 0, 0, 6)
    straight, turned = straighten(page(*lines)), straighten(page(*lines, angle=1.5))
    np.testing.assert_allclose(turned.left, straight.left, atol=0.01)
    np.testing.assert_allclose(turned.bottom, straight.bottom, atol=0.01)


def test_sizes_do_not_depend_on_how_much_room_a_recogniser_leaves() -> None:
    def loose(line: TextLine) -> TextLine:
        (x0, y0), (x1, _), (_, y1), _ = line.polygon
        return TextLine(line.text, ((x0, y0 - 4), (x1, y0 - 4), (x1, y1 + 4), (x0, y1 + 4)))

    lines = [*column("甲", 0, 0, 8), at("大一号的标题在这里", 0, 300, size=30), at("短。", 0, 400)]
    sizes = straighten(page(*map(loose, lines))).size / straighten(page(*lines)).size
    assert sizes == pytest.approx(1.0, abs=0.06)
    assert straighten(page(*lines)).em == pytest.approx(EM, rel=0.08)


def test_a_page_of_vertical_lines_lies_on_its_side() -> None:
    lines = [upright("甲水水水水水水水", 100, 0, size=EM), upright("乙水水水水水水水", 70, 0, size=EM)]
    boxes = straighten(page(*lines))
    assert not boxes.upright.any()
    assert boxes.top[0] < boxes.top[1]


def test_a_vertical_headline_on_a_page_of_lying_lines_stands() -> None:
    boxes = straighten(page(*column("甲", 0, 0, 8), upright("竖排标题", 300, 0, size=40)))
    assert boxes.upright.tolist() == [False] * 8 + [True]
    assert boxes.size[8] == pytest.approx(40, rel=0.08)


def test_rules_are_told_by_their_longer_side_and_dots_are_none() -> None:
    rules = [Rule(0, 100, 200, 102), Rule(50, 0, 52, 300), Rule(5, 5, 9, 8)]
    boxes = straighten(page(*column("甲", 0, 0, 8), rules=rules))
    assert boxes.across.tolist() == [[0.0, 200.0, 101.0]]
    assert boxes.down.tolist() == [[0.0, 300.0, 51.0]]


def test_a_date_at_the_edge_makes_a_folio_and_one_in_the_text_does_not() -> None:
    body = [at("5月24日，比赛开始", 0, 200), *column("甲", 0, 230, 20)]
    boxes = straighten(page(at("06", 0, 0), at("2026年6月24日", 300, 0), *body))
    assert boxes.folio.tolist() == [True, True] + [False] * 21
    assert not straighten(page(at("5月24日，比赛开始", 0, 0), *column("甲", 0, 30, 20))).folio.any()


def test_boxes_without_an_area_get_one() -> None:
    lines = (TextLine("水", ((5.0, 5.0), (5.0, 5.0), (5.0, 5.0))), TextLine("", ((0.0, 0.0), (9.0, 0.0), (9.0, 0.0))))
    boxes = straighten(ScanPage(1, 10, 10, lines))
    assert (boxes.right > boxes.left).all()
    assert (boxes.bottom > boxes.top).all()
    assert (boxes.size >= 1).all()


def test_latin_letters_are_half_as_wide() -> None:
    assert ems("水渠") == 2
    assert ems("AB12") == pytest.approx(2.2)


def wide(text: str, x: float, y: float, width: float, *, high: float = EM) -> TextLine:
    """Return a line in a box of any proportions."""
    return TextLine(text, ((x, y), (x + width, y), (x + width, y + high), (x, y + high)))


def size_of(line: TextLine) -> float:
    """Return the font size of a line on a page of text, in those of the text."""
    boxes = straighten(page(*column("甲", 0, 0, 12), *column("乙", 1, 0, 12), line))
    return float(boxes.size[-1] / boxes.em)


@pytest.mark.parametrize("text", ["伤。”", "期待。”", "一把。”"])
def test_a_few_characters_in_a_high_box_are_no_headline(text: str) -> None:
    ink = (len(text) - 0.5) * EM  # half of the last mark is blank
    assert size_of(wide(text, 0, 400, ink + 6, high=2 * EM)) == 1.0
    assert size_of(wide("南湾", 0, 400, 2 * 4 * EM, high=4 * EM)) > 3


def test_narrow_punctuation_does_not_make_a_line_small() -> None:
    text = "作者”，而是“竞争者”，削弱了"
    assert size_of(wide(text, 0, 400, 13.6 * EM)) == 1.0
    assert size_of(wide("没有标点的一行小字说明文章", 0, 400, 11 * EM)) < 0.9


@pytest.mark.parametrize("text", ["本报记者李纵", "本报北京5月7日电经"])
def test_blanks_that_are_not_read_do_not_make_credits_large(text: str) -> None:
    assert size_of(wide(text, 0, 400, 1.35 * EM * len(text), high=1.4 * EM)) == 1.0
    assert size_of(wide("外交官答问摘要", 0, 400, 1.35 * EM * 7, high=1.4 * EM)) > 1.2


def test_a_date_in_the_last_line_of_a_column_is_not_that_of_the_paper() -> None:
    lines = [*column("甲", 0, 0, 60), at("（2026年6月18日）", 0, 60 * LEADING)]
    assert not straighten(page(*lines)).folio.any()
    apart = [*column("甲", 0, 0, 60), at("第3版 2026年6月18日", 0, 63 * LEADING)]
    assert straighten(page(*apart)).folio.tolist() == [False] * 60 + [True]
