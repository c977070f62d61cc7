"""What the places of lines say of boundaries."""

from __future__ import annotations

import numpy as np

from classifier.scans import geometry
from classifier.scans.boxes import straighten
from classifier.scans.layout import arrange_boxes
from tests.printing import EM, LEADING, PITCH, at, column, page


def test_a_line_under_a_new_headline_differs_from_the_next_of_its_column() -> None:
    scan = page(
        at("一个大标题", 0, 0, size=40),
        *column("甲", 0, 60, 5, begins=True, ends=True),
        at("另一个标题", 0, 60 + 6.5 * LEADING, size=40),
        *column("乙", 0, 60 + 9 * LEADING, 5, begins=True, ends=True),
    )
    boxes = straighten(scan)
    arrangement = arrange_boxes(boxes)
    ids = geometry.describe(boxes, arrangement, np.full(11, 0.2))
    assert ids.shape == (11, geometry.GEOMETRY_WIDTH)
    assert ids.min() >= 0
    assert ids.max() < geometry.GEOMETRY_FEATURES
    assert (ids[5] != ids[2]).sum() > geometry.GEOMETRY_WIDTH // 2
    np.testing.assert_array_equal(ids[2], ids[3])


def test_the_text_says_something_else_in_other_places() -> None:
    scan = page(*column("甲", 0, 0, 6), *column("乙", 1, 0, 6))
    boxes = straighten(scan)
    arrangement = arrange_boxes(boxes)
    low, high = (geometry.describe(boxes, arrangement, np.full(11, proba)) for proba in (0.01, 0.99))
    changed = (low != high).sum(axis=1)
    assert (changed == changed[0]).all()
    assert 0 < changed[0] < geometry.GEOMETRY_WIDTH


def test_a_column_is_as_wide_as_the_lines_around() -> None:
    scan = page(*column("甲", 0, 0, 6, begins=True, ends=True))
    boxes = straighten(scan)
    left, right = geometry.columns(boxes, arrange_boxes(boxes))
    np.testing.assert_allclose(left, 0, atol=0.01)
    np.testing.assert_allclose(right, 12 * EM, atol=0.01)
    assert PITCH > 12 * EM
