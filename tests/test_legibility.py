"""The scores of the scans benchmark."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.legibility import ReadingScore, distance, score_articles, score_order
from benchmarks.newsprint import FURNITURE
from benchmarks.proofs import CLEAN, proof
from tests.printing import sheet


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
