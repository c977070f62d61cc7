"""Pages set for the scans benchmark, and its scores."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.legibility import ReadingScore, distance, score_articles, score_order
from benchmarks.newsprint import FURNITURE, break_lines, ems, set_page
from benchmarks.proofs import CLEAN, match, proof
from benchmarks.scan_pages import traditional
from benchmarks.sources import Source
from tests.printing import sheet, sources


@given(st.text("水渠，。AB12", max_size=60), st.integers(4, 20))
def test_broken_lines_hold_the_text_and_are_not_too_wide(text: str, measure: int) -> None:
    lines = break_lines(text, measure, indent=2)
    assert "".join(lines).strip() == text.strip()
    assert all(ems(line.rstrip("，。")) <= measure + 0.02 for line in lines)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_printed_over_something_else_and_no_text_is_lost(seed: int) -> None:
    page = sheet(seed)
    boxes = [(line.left, line.top, line.right, line.bottom) for line in page.prints]
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left < right <= page.width + 1
        assert 0 <= top < bottom <= page.height
        for other in boxes[number + 1 :]:
            wide = min(right, other[2]) - max(left, other[0])
            high = min(bottom, other[3]) - max(top, other[1])
            assert wide < 3 or high < 3
    for number, source in enumerate(page.sources):
        body = "".join(x.text for x in page.prints if x.article == number and x.kind in ("body", "subhead"))
        assert "".join(body.split()) == "".join("".join(source.paragraphs).split())


def test_a_seed_sets_one_page() -> None:
    texts = sources()[:3]
    assert set_page(texts, seed=5, tries=3) == set_page(texts, seed=5, tries=3)
    assert set_page(texts, seed=5, tries=3) != set_page(texts, seed=6, tries=3)
    with pytest.raises(ValueError, match="no text"):
        set_page([Source("题", ())], seed=1)


def test_a_clean_proof_is_matched_line_by_line() -> None:
    known = proof(sheet(2), seed=3, damage=CLEAN)
    assert match(sheet(2), known.page).prints == known.prints
    assert len(known.page.lines) == len(sheet(2).prints)


def test_the_true_order_has_no_error_and_a_swap_has_some() -> None:
    known = proof(sheet(2), seed=3, damage=CLEAN)
    order = sorted(range(len(known.prints)), key=lambda line: known.prints[line])
    found = score_order(known, order)
    assert (found.edits, found.breaks) == (0, 0)
    body = [at for at, line in enumerate(order) if known.sheet.prints[known.prints[line]].kind == "body"]
    order[body[3]], order[body[5]] = order[body[5]], order[body[3]]
    assert score_order(known, order).breaks >= 3
    assert score_order(known, order).edits > 0


def test_which_article_comes_first_is_nobodys_error() -> None:
    known = proof(sheet(2), seed=3, damage=CLEAN)
    prints = known.sheet.prints
    order = sorted(range(len(known.prints)), key=lambda i: (-prints[known.prints[i]].article, known.prints[i]))
    assert score_order(known, order).edits == 0


@given(st.text("水渠通", max_size=12), st.text("水渠通", max_size=12))
def test_the_distance_is_levenshteins(one: str, other: str) -> None:
    row = list(range(len(other) + 1))
    for number, char in enumerate(one, 1):
        before, row = row, [number]
        for at, there in enumerate(other, 1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (char != there)))
    assert distance(one, other) == row[-1]


def test_b_cubed_by_hand() -> None:
    # True articles of 2 and 3 lines, found as 1 and 4: precision (1 + (1/4 + 3 * 3/4)) / 5, recall (1/2 + 1/2 + 3) / 5.
    truth = np.array([0, 0, 1, 1, 1, FURNITURE])
    found = score_articles(truth, np.array([0, 1, 1, 1, 1, 0]), np.full(6, 10))
    precision, recall = (1 + 2.5) / 5, 4 / 5
    assert found.b_cubed == pytest.approx(2 * precision * recall / (precision + recall))
    assert found.exact == 0
    right = score_articles(truth, np.array([4, 4, 7, 7, 7, 9]), np.full(6, 10))
    assert (right.exact_f1, right.b_cubed) == (1.0, 1.0)
    assert (found + right).lines == 10
    assert ReadingScore().b_cubed == 0


def test_traditional_pages_differ_and_have_the_same_length() -> None:
    (source,) = sources()[:1]
    (turned,) = traditional([source])
    assert turned.paragraphs != source.paragraphs
    assert [len(text) for text in turned.paragraphs] == [len(text) for text in source.paragraphs]


def test_lines_of_an_article_stand_in_their_order() -> None:
    page = sheet(3)
    body = [line for line in page.prints if line.article == 0 and line.kind == "body"]
    for one, two in pairwise(body):
        assert two.top > one.top or two.left > one.left
