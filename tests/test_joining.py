"""Pieces of columns that belong to articles that stand apart."""

from __future__ import annotations

import numpy as np

from classifier.scan import Rule
from classifier.scans import joining
from classifier.scans.boxes import straighten
from classifier.scans.layout import arrange_boxes
from tests.printing import LEADING, PITCH, column, page


def test_a_piece_moves_to_the_article_that_it_goes_on_from() -> None:
    # Three columns: the first and the last are of one article by their words, the one between of another.
    scan = page(*column("甲", 0, 0, 8, begins=True), *column("乙", 1, 0, 8, begins=True), *column("丙", 2, 0, 8))
    boxes = straighten(scan)
    arrangement = arrange_boxes(boxes)
    labels = np.repeat([0, 1, 1], 8)
    sums = np.zeros((25, 2))
    sums[1:] = np.cumsum(np.repeat([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], 8, axis=0), axis=0)
    parts = joining.pieces(boxes, arrangement, labels)
    assert [(part.first, part.last) for part in parts] == [(0, 8), (8, 16), (16, 24)]
    owners = np.array([0, 1, 1])
    found = joining.choices(boxes, parts, owners)
    assert {(choice.piece, choice.target, choice.side) for choice in found} >= {(1, 0, joining.LEFT)}
    ids = joining.describe(boxes, parts, owners, sums, found)
    assert ids.shape == (len(found), joining.JOINING_WIDTH)
    assert ids.max() < joining.JOINING_FEATURES
    nothing = joining.join(boxes, arrangement, labels, vectors=sums, weights=np.full(joining.JOINING_FEATURES, -1.0))
    assert [part.tolist() for part in nothing] == [list(range(8)), list(range(8, 24))]
    everything = joining.join(boxes, arrangement, labels, vectors=sums, weights=np.ones(joining.JOINING_FEATURES))
    assert sorted(np.concatenate(everything).tolist()) == list(range(24))


def test_no_piece_moves_across_a_ruled_line_that_goes_on_beyond_it() -> None:
    lines = [*column("甲", 0, 0, 8, begins=True), *column("乙", 1, 0, 8, begins=True)]

    def sides(*rules: Rule) -> set[int]:
        boxes = straighten(page(*lines, rules=rules))
        parts = joining.pieces(boxes, arrange_boxes(boxes), np.repeat([0, 1], 8))
        return {choice.side for choice in joining.choices(boxes, parts, np.array([0, 1]))}

    x, foot = PITCH - 20, 8 * LEADING
    assert sides() == {joining.LEFT, joining.RIGHT}
    assert sides(Rule(x, 0, x + 2, foot)) == {joining.LEFT, joining.RIGHT}  # it may part columns of one article
    assert sides(Rule(x, 0, x + 2, foot + 200)) == set()
