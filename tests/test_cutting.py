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
from classifier.document import Page
from classifier.errors import ModelError
from classifier.model import Model
from classifier.page.jumps import Jump
from classifier.scan import PlacedText, ScanPage, TextLine
from classifier.scans import cutting, placement
from classifier.scans.boxes import straighten
from classifier.scans.layout import Arrangement, arrange_boxes
from classifier.text.paragraphs import split_paragraphs
from classifier.text.tokens import make_cutter, tokenise
from tests.printing import LEADING, at, column, page, sheet


@pytest.fixture(scope="module")
def trained(model: Model) -> Model:
    """The small model, with weights for scans fitted on a few set pages."""
    seen = [scan_training.see(sheet(n), model.segmenter, model.cutter, seed=n) for n in range(100, 108)]
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
    numbers = range(3)
    plain = replace(model, segmenter=replace(model.segmenter, geometry=None, joining=None))
    without = sum((score(plain, n) for n in numbers), start=ReadingScore())
    with_it = sum((score(trained, n) for n in numbers), start=ReadingScore())
    assert with_it.b_cubed > without.b_cubed
    assert with_it.b_cubed > 0.85


@pytest.mark.parametrize("blank", ["\u200b", "\u00ad", "\ufeff", "\x01", " \u200b "])
def test_a_line_without_ink_is_no_line(blank: str, trained: Model) -> None:
    known = proof(sheet(1), seed=1).page
    bare, articles = placement.split(known, trained)
    extra = replace(known.lines[3], text=blank)
    placed, found = placement.split(replace(known, lines=(*known.lines[:3], extra, *known.lines[3:])), trained)
    assert (placed.text, found) == (bare.text, articles)
    assert placement.split(replace(known, lines=(extra,)), trained)[1] == ()


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


def arranged(groups: str, heads: str = "", captions: str = "", *, proba: float = 0.5) -> cutting.Described:
    """Return a page, a sign for each of its lines: its group; x where it is of a headline, of a caption."""
    n = len(groups)
    scan = page(*column("甲", 0, 0, n))
    marks = [tuple(sign == "x" for sign in marked.ljust(n)) for marked in (heads, captions)]
    arrangement = Arrangement(tuple(range(n)), (0,) * n, tuple(map(int, groups)), *marks)
    text = "\n".join(line.text for line in scan.lines)
    return cutting.Described(
        scan,
        tuple(range(n)),
        straighten(scan),
        arrangement,
        Page(text, split_paragraphs(text)),
        tokenise(text, make_cutter()),
        np.full(n - 1, proba),
    )


def heeded(found: cutting.Described, jumps: dict[int, Jump]) -> dict[int, float]:
    """Return the gaps whose probability the jump lines change."""
    proba = found.proba.copy()
    cutting.heed(proba, found, jumps)
    return {int(gap): float(proba[gap]) for gap in np.flatnonzero(proba != found.proba)}


def opening(*, alone: bool) -> Jump:
    return Jump("1", opens=True, alone=alone)


@pytest.mark.parametrize(
    ("groups", "heads", "line", "gap"),
    [
        ("00011111", "   xx   ", 5, 2),  # right under a headline of two lines
        ("00011111", "   x    ", 4, 2),
        ("000111111", "   x     ", 8, 2),  # four lines further down: a byline, an introduction
        ("0001111111", "   x      ", 9, 8),  # five
        ("00011111", "        ", 5, 4),  # the group has no headline
        ("00011111", "x       ", 5, 4),  # another has one
        ("00011111", "     x  ", 5, 4),  # the line itself is one
        ("00011111", "      x ", 5, 4),  # one that comes later
        ("00000000", "        ", 5, 4),
        ("01011111", " x      ", 4, 3),  # the group is in two pieces
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_a_part_that_is_continued_begins_with_the_headline_over_it(
    groups: str, heads: str, line: int, gap: int, alone: bool
) -> None:
    changed = heeded(arranged(groups, heads), {line: opening(alone=alone)})
    after = {line: pytest.approx(0.05)} if alone and line < len(groups) - 1 else {}
    assert changed == {gap: 0.95, **after}


@pytest.mark.parametrize("heads", ["", "x", "xx"])
def test_a_part_that_is_continued_at_the_head_of_the_page_needs_no_boundary(heads: str) -> None:
    assert heeded(arranged("0000", heads), {len(heads): opening(alone=False)}) == {}


@pytest.mark.parametrize("line", [0, 2, 4])
def test_a_part_that_goes_on_elsewhere_ends_there_unless_captions_follow(line: int) -> None:
    jump = Jump("4", opens=False, alone=True)
    last = line == 4
    assert heeded(arranged("00000"), {line: jump}) == ({} if last else {line: 0.95})
    assert heeded(arranged("00000", captions=" " * (line + 1) + "x"[: 4 - line]), {line: jump}) == {}
    before = arranged("00000", captions=" " * line + "x")
    assert heeded(before, {line: jump}) == ({} if last else {line: 0.95})


def test_a_boundary_that_is_surer_than_a_jump_line_stays() -> None:
    sure, none = arranged("00000", proba=0.99), arranged("00000", proba=0.01)
    assert heeded(sure, {1: Jump("4", opens=False, alone=True)}) == {}
    assert heeded(sure, {2: opening(alone=True)}) == {2: pytest.approx(0.05)}
    assert heeded(none, {2: opening(alone=True)}) == {1: 0.95}
    none.proba[0] = 0.99  # it is another gap's
    assert heeded(none, {2: opening(alone=True)}) == {1: 0.95}


def test_every_jump_line_of_a_page_is_heeded() -> None:
    found = arranged("000011111", "    x    ")
    jumps = {2: Jump("4", opens=False, alone=True), 5: opening(alone=False), 7: Jump("5", opens=False, alone=False)}
    assert heeded(found, jumps) == {2: 0.95, 3: 0.95, 7: 0.95}
