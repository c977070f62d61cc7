"""Evaluation: how good a model is on labelled data, its boundaries and its genres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from classifier.article import Segmentation, segment_rows, text_rows
from classifier.document import Page
from classifier.genres.genre import GenreModel
from classifier.genres.tfidf import Rows
from classifier.labelled.corpus import Corpus, LabelledPage
from classifier.metrics import Calibration, GenreScore, SegmentationScore, score_ends
from classifier.model import Model
from classifier.page.jumps import find_jumps
from classifier.text.paragraphs import split_paragraphs
from classifier.text.tokens import Cutter, tokenise


@dataclass(frozen=True, slots=True)
class Items:
    """Labelled texts and articles of pages as feature rows."""

    rows: list[Rows]
    genres: list[str]
    owners: list[int]
    """Which text, or after these which page, each row is of."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a model is on labelled data."""

    genre: GenreScore = field(default_factory=GenreScore)
    calibration: Calibration = field(default_factory=lambda: Calibration.of_pairs([], []))
    pages: SegmentationScore = field(default_factory=SegmentationScore)

    def facts(self) -> dict[str, Any]:
        """Return the scores, ready for JSON."""
        found: dict[str, Any] = {}
        if self.genre.count:
            found["genre"] = {
                "articles": self.genre.count,
                "accuracy": round(self.genre.accuracy, 4),
                "top2_accuracy": round(self.genre.top2_accuracy, 4),
                "macro_f1": round(self.genre.macro_f1, 4),
                "calibration_error": round(self.calibration.ece, 4),
                "genres": {
                    genre: {
                        "articles": prf.tp + prf.fn,
                        "precision": round(prf.precision, 4),
                        "recall": round(prf.recall, 4),
                        "f1": round(prf.f1, 4),
                    }
                    for genre, prf in self.genre.per_genre().items()
                },
                "confusion": [
                    [true, label, count]
                    for (true, label), count in sorted(
                        self.genre.confusion.items(), key=lambda entry: (-entry[1], entry[0])
                    )
                ],
            }
        if self.pages.pages:
            found["pages"] = {
                "pages": self.pages.pages,
                "boundary_precision": round(self.pages.boundary.precision, 4),
                "boundary_recall": round(self.pages.boundary.recall, 4),
                "boundary_f1": round(self.pages.boundary.f1, 4),
                "article_f1": round(self.pages.article.f1, 4),
                "pk": round(self.pages.pk.rate, 4),
                "window_diff": round(self.pages.window_diff.rate, 4),
            }
        return found


def describe(corpus: Corpus, cutter: Cutter) -> Items:
    """Return the feature rows of all that has a genre."""
    items = Items([], [], [])
    for number, text in enumerate(corpus.texts):
        page = Page(text.text, split_paragraphs(text.text))
        _add(items, [text_rows(page, tokenise(text.text, cutter))], [text.genre], number)
    for number, labelled in enumerate(corpus.pages, len(corpus.texts)):
        if any(labelled.genres):
            page = labelled.page
            tokens = tokenise(page.text, cutter)
            rows, _ = segment_rows([Segmentation(page, labelled.ends, find_jumps(page))], tokens)
            _add(items, _single(rows), labelled.genres, number)
    return items


def _single(rows: Rows) -> Iterable[Rows]:
    for begin, end in zip(rows.pointers[:-1].tolist(), rows.pointers[1:].tolist(), strict=True):
        yield Rows(rows.columns[begin:end], rows.values[begin:end], np.array([0, end - begin], dtype=np.int64))


def _add(items: Items, rows: Iterable[Rows], genres: Sequence[str], owner: int) -> None:
    for row, genre in zip(rows, genres, strict=True):
        if genre:
            items.rows.append(row)
            items.genres.append(genre)
            items.owners.append(owner)


def select_items(items: Items, mask: Sequence[bool]) -> Items:
    """Return the rows of the texts and pages that ``mask`` marks, (n_texts + n_pages,)."""
    keep = [number for number, owner in enumerate(items.owners) if mask[owner]]
    return Items([items.rows[i] for i in keep], [items.genres[i] for i in keep], [items.owners[i] for i in keep])


def evaluate(model: Model, corpus: Corpus) -> Evaluation:
    """Score a model on labelled texts, and on labelled pages: their boundaries, and the genres of their articles."""
    return Evaluation(*score_genres(model.genre, describe(corpus, model.cutter)), score_pages(model, corpus.pages))


def score_genres(genre: GenreModel, items: Items) -> tuple[GenreScore, Calibration]:
    """Score the genres that a model gives to rows of known genre."""
    if not items.rows:
        return GenreScore(), Calibration.of_pairs([], [])
    proba = np.concatenate([genre.predict_proba(rows) for rows in items.rows])
    order = np.argsort(-proba, axis=1, kind="stable")[:, :2]
    ranked = [[genre.genres[at] for at in row] for row in order.tolist()]
    right = [ranking[0] == true for ranking, true in zip(ranked, items.genres, strict=True)]
    return GenreScore.of_rankings(items.genres, ranked), Calibration.of_pairs(proba.max(axis=1), right)


def score_pages(model: Model, pages: Iterable[LabelledPage]) -> SegmentationScore:
    """Score the boundaries that a model finds on labelled pages."""
    return sum((score_ends(page.ends, model.split_ends(page.text)) for page in pages), start=SegmentationScore())
