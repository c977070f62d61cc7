"""Evaluation: what is scored of labelled data is what the model does with them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from classifier.evaluation import evaluate
from classifier.labelled import corpus
from classifier.metrics import SegmentationScore
from classifier.model import Model
from classifier.rendering import listing
from tests.conftest import Text


def test_evaluation_scores_genres_and_pages(model: Model, texts: list[Text]) -> None:
    labelled = Path(__file__).resolve().parents[1] / "labeled"
    found = evaluate(model, corpus.load([str(labelled)]))
    facts = found.facts()
    pages = corpus.load([str(labelled)]).pages
    articles = len(texts) + sum(len(page.ends) for page in pages)
    assert facts["genre"]["articles"] == articles
    assert facts["pages"]["pages"] == len(pages) > 200
    assert sum(count for _, _, count in facts["genre"]["confusion"]) == articles
    one_by_one = sum((score_page(model, page) for page in pages), SegmentationScore())
    assert found.pages == one_by_one
    shown = "".join(listing.score_lines(facts))
    assert "sports" in shown
    assert "WindowDiff" in shown
    assert json.loads(json.dumps(facts)) == facts
    assert replace(found, pages=SegmentationScore()).facts().keys() == {"genre"}


def score_page(model: Model, page: corpus.LabelledPage) -> SegmentationScore:
    return evaluate(model, corpus.Corpus(pages=(page,))).pages


def test_evaluation_says_of_a_text_what_classify_says(model: Model, texts: list[Text]) -> None:
    some = texts[::7]
    labelled = corpus.Corpus(tuple(corpus.LabelledText(text.name, text.whole, text.genre) for text in some))
    found = evaluate(model, labelled)
    right = sum(model.classify(text.whole, threshold=0).genre == text.genre for text in some)
    assert found.genre.accuracy == pytest.approx(right / len(some))
