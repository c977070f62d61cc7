"""Aspects: what the third pass sees is what the first two saw, at the gap and at those beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.boundaries.aspects import (
    ASPECTS,
    N_ASPECTS,
    NOTHING,
    PARTS,
    describe_aspects,
    renew_aspects,
    sum_parts,
)
from classifier.boundaries.conjunctions import Conjunctions
from classifier.boundaries.context import CONTEXT_BINS, bin_context, bins_of, context_ids
from classifier.boundaries.features import GAP_FEATURES
from classifier.boundaries.measures import MEASURES
from classifier.boundaries.segmenter import HOPELESS, Segmenter
from classifier.composing.compose import Composed
from classifier.document import Page
from classifier.explain import explain_gaps
from classifier.model import Model, load_model, named_arrays, segmenter_settings
from classifier.modeldir import save_model
from classifier.text.paragraphs import split_paragraphs
from classifier.text.tokens import tokenise
from classifier.training import adapt_segmenter
from tests.gap_pages import describe, page_text

WEIGHTS = np.random.default_rng(3).normal(scale=0.1, size=GAP_FEATURES).astype(np.float32)
ROW = {name: row for row, name in enumerate(ASPECTS)}


def aspects_of(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the aspects of a page, what its parts add, and its scores."""
    gaps = describe(text)
    added = sum_parts(WEIGHTS, gaps.ids)
    scores = added.sum(axis=0)
    return describe_aspects(gaps, added, scores, bin_context([gaps], [scores])), added, scores


@given(page_text)
@settings(deadline=None)
def test_any_page_has_aspects_that_are_small_numbers(text: str) -> None:
    n = len(split_paragraphs(text))
    if n < 2:
        return
    aspects, added, scores = aspects_of(text)
    assert aspects.shape == (N_ASPECTS, n - 1)
    assert aspects.dtype == np.int16
    assert aspects.min() >= NOTHING
    assert added.shape == (len(PARTS), n - 1)
    gaps = describe(text)
    assert scores == pytest.approx(WEIGHTS[gaps.ids].sum(axis=1), abs=1e-3)
    assert (bins_of(context_ids(gaps, scores)) == bin_context([gaps], [scores])).all()
    other = scores[::-1] + np.float32(0.5)
    context = bin_context([gaps], [other])
    assert (renew_aspects(aspects, gaps, other, context) == describe_aspects(gaps, added, other, context)).all()


@given(st.integers(0, 5))
@settings(deadline=None, max_examples=6)
def test_gaps_beside_are_those_at_the_blocks_around(composed: list[Composed], number: int) -> None:
    text = composed[number % len(composed)].text
    gaps, (aspects, _, scores) = describe(text), aspects_of(text)
    n = len(scores)
    assert n > 4
    for name in ("block length", "similarity 1000"):
        assert ROW[name] == list(MEASURES).index(name)
        for gap in range(n):
            before, after = int(gaps.before[gap]) - 1, int(gaps.after[gap]) - 1
            expected = aspects[ROW[name], before] if before >= 0 else NOTHING
            assert aspects[ROW[f"{name}, at previous block"], gap] == expected
            expected = aspects[ROW[name], after] if after < n else NOTHING
            assert aspects[ROW[f"{name}, at next block"], gap] == expected
    own = context_ids(gaps, scores)[:, 0]
    assert (aspects[ROW["own score"]] == own % CONTEXT_BINS).all()
    assert aspects[ROW["score, rank on the page"], int(scores.argmax())] == 20


def short_lines(weight: float) -> Conjunctions:
    """Return a turn that adds ``weight`` where a line is short and takes it away elsewhere."""
    tests = np.array([[[ROW["line length"], 8]]], dtype=np.int16)
    return Conjunctions(tests, np.array([[weight, -weight]], dtype=np.float16))


def second_turn() -> Conjunctions:
    """Return a turn that asks for the score."""
    tests = np.array([[[ROW["score"], 19]], [[ROW["score two blocks before"], 12]]], dtype=np.int16)
    return Conjunctions(tests, np.array([[-2.0, 1.0], [0.0, 0.5]], dtype=np.float16))


@pytest.mark.parametrize("turns", [(short_lines(3.0),), (short_lines(2.0), short_lines(1.0))])
def test_a_model_with_a_third_pass_is_saved_and_read_and_cuts_otherwise(
    model: Model, composed: list[Composed], tmp_path: Path, turns: tuple[Conjunctions, ...]
) -> None:
    text = composed[0].text
    changed = replace(model.segmenter, turns=turns)
    config = {key: value for key, value in model.config.items() if key not in ("format", "sha256")}
    config["segmenter"] = config["segmenter"] | segmenter_settings(changed)
    save_model(tmp_path / "third", config=config, arrays=named_arrays(changed, model.genre) | model.memory.arrays())
    loaded = load_model(tmp_path / "third")
    assert len(loaded.segmenter.turns) == len(turns)
    proba = loaded.boundary_proba(text)
    assert proba.tolist() == replace(model, segmenter=changed).boundary_proba(text).tolist()
    before = model.boundary_proba(text)
    length = np.array([len(line.strip()) for line in text.split("\n") if line.strip()])[1:]
    doubtful = (before > 0.01) & (before < 0.99)
    assert doubtful.any()
    assert ((proba > before) == (length < 20))[doubtful].all()
    many = [article.start for page in loaded.split_many([text, composed[1].text, text]) for article in page]
    alone = [article.start for page in map(loaded.split, [text, composed[1].text, text]) for article in page]
    assert many == alone


def test_a_turn_sees_the_scores_of_the_one_before(model: Model, composed: list[Composed]) -> None:
    """Not those of the passes before, which the first turn sees."""
    plain = replace(model.segmenter, turns=())
    gaps = plain.describe(tokenise(composed[0].text, model.cutter), split_paragraphs(composed[0].text))
    added, own, before = sum_parts(plain.first, gaps.ids), plain.first_scores(gaps), plain.scores(gaps)
    first, second = short_lines(3.0), second_turn()
    one = before + np.where(
        before > HOPELESS, first.scores(describe_aspects(gaps, added, own, bin_context([gaps], [own]))), 0
    ).astype(np.float32)
    two = one + second.scores(describe_aspects(gaps, added, one, bin_context([gaps], [one])))
    segmenter = replace(plain, turns=(first, second))
    clear = (one > HOPELESS).nonzero()[0]
    assert len(clear) > 5
    assert segmenter.scores(gaps)[clear] == pytest.approx(two[clear], abs=1e-3)
    looks, scores = segmenter.third_pass(gaps, context_ids(gaps, own))
    assert len(looks) == 3
    assert scores == pytest.approx(segmenter.scores(gaps), abs=1e-3)


@pytest.mark.parametrize("pages", [[""], ["一行"], ["\n \n"], ["一行", "", "另一行\n"], ["一行\n两行", "一行"]])
def test_texts_without_gaps_have_no_turns(model: Model, pages: list[str]) -> None:
    turned = replace(model, segmenter=replace(model.segmenter, turns=(short_lines(3.0), second_turn())))
    for text, articles in zip(pages, turned.split_many(pages), strict=True):
        assert turned.split(text) == articles
        assert "\n".join(text[article.start : article.end] for article in articles) == text.strip()
        assert len(turned.boundary_proba(text)) == max(len(text.split()) - 1, 0)


def test_pages_of_ones_own_move_all_passes(model: Model, composed: list[Composed]) -> None:
    turns = (short_lines(-3.0), short_lines(-1.0))
    wrong = replace(model.segmenter, turns=turns)
    pages = composed[:12]
    moved = adapt_segmenter(wrong, pages)
    for turn, other in zip(moved.turns, turns, strict=True):
        assert turn.tests is other.tests
        assert (turn.weights != other.weights).any()

    def loss(segmenter: Segmenter) -> float:
        total, gaps = 0.0, 0
        for page in pages:
            proba = replace(model, segmenter=segmenter).boundary_proba(page.text).astype(np.float64)
            truth = np.zeros(len(proba), dtype=bool)
            truth[np.array(page.ends[:-1], dtype=np.int64) - 1] = True
            total -= float(np.log(np.clip(np.where(truth, proba, 1 - proba), 1e-6, 1)).sum())
            gaps += len(proba)
        return total / gaps

    assert loss(moved) < 0.7 * loss(wrong)


def test_an_explanation_shares_out_what_the_third_pass_adds(model: Model, composed: list[Composed]) -> None:
    text = composed[0].text
    page, tokens = Page(text, split_paragraphs(text)), tokenise(text, model.cutter)
    plain = explain_gaps(model, page, tokens, [3], shown=1000)[0][1]
    third = replace(model, segmenter=replace(model.segmenter, turns=(short_lines(2.0), short_lines(1.0))))
    told = explain_gaps(third, page, tokens, [3], shown=1000)[0][1]
    (added,) = set(told) - set(plain)
    assert added.name.startswith("line length ")
    assert added.name.endswith(", with others")
    assert abs(added.weight) == 3.0
