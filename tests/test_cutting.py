"""Scanned pages cut by text and geometry, and parts joined that stand apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from benchmarks import scan_training
from benchmarks.legibility import ReadingScore, score_articles
from benchmarks.newsprint import FURNITURE
from benchmarks.proofs import proof
from classifier import cutting, geometry, joining, placement
from classifier.boxes import straighten
from classifier.errors import ModelError
from classifier.layout import arrange_boxes
from classifier.model import Model
from classifier.scan import PlacedText, ScanPage, TextLine
from tests.printing import LEADING, at, column, page, sheet


@pytest.fixture(scope="module")
def trained(model: Model) -> Model:
    """The small model, with weights for scans fitted on a dozen set pages."""
    seen = [scan_training.see(sheet(n), model.segmenter, model.cutter, seed=n) for n in range(100, 112)]
    weights = scan_training.fit_geometry(seen)
    samples = [scan_training.joining_sample(item, weights, model.segmenter) for item in seen]
    return replace(
        model, segmenter=replace(model.segmenter, geometry=weights, joining=scan_training.fit_joining(samples))
    )


def score(model: Model, number: int) -> ReadingScore:
    known = proof(sheet(number), seed=number)
    found = cutting.cut(known.page, model)
    truth = known.articles[list(found.placed.order)]
    labels = np.repeat(np.arange(len(found.ends)), np.diff([0, *found.ends]))
    return score_articles(truth, labels, np.ones(len(truth), dtype=np.int64))


def test_geometry_cuts_better_than_text_alone(model: Model, trained: Model) -> None:
    numbers = range(4)
    plain = replace(model, segmenter=replace(model.segmenter, geometry=None, joining=None))
    without = sum((score(plain, n) for n in numbers), start=ReadingScore())
    with_it = sum((score(trained, n) for n in numbers), start=ReadingScore())
    assert with_it.b_cubed > without.b_cubed
    assert with_it.b_cubed > 0.85


def test_articles_tile_the_text_and_every_line_has_its_place(trained: Model) -> None:
    known = proof(sheet(1), seed=1)
    placed, articles = placement.split(known.page, trained, threshold=0.0)
    lines = placed.text.splitlines()
    assert sorted(placed.order) == list(range(len(known.page.lines)))
    assert [line.strip() for line in lines] == [" ".join(known.page.lines[i].text.split()) for i in placed.order]
    assert articles[0].first_line == 1
    assert articles[-1].last_line == len(lines)
    for one, two in pairwise(articles):
        assert two.first_line == one.last_line + 1
    assert all(article.regions for article in articles)
    assert known.articles.max() > FURNITURE


def test_paragraphs_are_indented_as_they_are_printed() -> None:
    scan = page(*column("甲", 0, 0, 4, begins=True, ends=True), *column("乙", 0, 4 * LEADING, 4, begins=True))
    boxes = straighten(scan)
    arrangement = arrange_boxes(boxes)
    lines = cutting.written(scan, boxes, arrangement, range(8)).split("\n")
    assert [line.startswith("\u3000\u3000") for line in lines] == [True] + [False] * 3 + [True] + [False] * 3


def test_an_empty_page_has_no_articles(model: Model) -> None:
    blank = ScanPage(1, 100, 100, (TextLine(" ", ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))),))
    assert placement.split(blank, model) == (PlacedText("", blank, (), ()), ())


def test_a_single_line_is_an_article(trained: Model) -> None:
    placed, articles = placement.split(page(at("只有一行字。", 0, 0)), trained, threshold=0.0)
    assert placed.text == "只有一行字。"
    assert len(articles) == 1


def test_weights_of_another_version_are_refused(trained: Model) -> None:
    short = replace(trained, segmenter=replace(trained.segmenter, geometry=np.zeros(3, dtype=np.float32)))
    with pytest.raises(ModelError, match="3 weights for the geometry of scans where"):
        cutting.cut(page(*column("甲", 0, 0, 4)), short)


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
