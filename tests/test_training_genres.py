"""Fitting genres: what is told is learned, two genres as well as many, and temperatures are found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.genres.genre import GenreModel
from classifier.genres.tfidf import GENRE_BITS
from classifier.training.genres import fit_genre, fit_temperature
from classifier.training.rows import inverse_frequency
from tests.conftest import Text, rows_of


def test_rare_features_have_no_frequency() -> None:
    columns = np.array([1, 1, 1, 2, 2, 3])
    idf = inverse_frequency(columns, 3)
    assert idf.shape == (1 << GENRE_BITS,)
    assert idf[[0, 3]].tolist() == [0, 0]
    assert idf[1] == pytest.approx(1)
    assert idf[2] == pytest.approx(np.log(4 / 3) + 1)


def test_the_genre_model_learns_what_is_told_and_is_the_same_every_time(texts: list[Text]) -> None:
    chosen = [text for text in texts if text.genre in ("sports", "law", "rural")]
    genres = ["law", "rural", "society", "sports"]  # no text of society
    labels = np.array([genres.index(text.genre) for text in chosen])
    rows = [rows_of(text) for text in chosen]
    one, other = (fit_genre(rows, labels, genres) for _ in range(2))
    assert one.genres == tuple(genres)
    assert one.weights.tobytes() == other.weights.tobytes()
    assert one.bias.tobytes() == other.bias.tobytes()
    assert [one.weights.dtype, one.idf.dtype, one.bias.dtype] == ["float16", "float16", "float32"]
    found = np.concatenate([one.predict_proba(row) for row in rows]).argmax(axis=1)
    assert (found == labels).mean() > 0.97
    assert not (found == genres.index("society")).any()


def test_two_genres_are_told_apart_too(texts: list[Text]) -> None:
    chosen = [text for text in texts if text.genre in ("sports", "law")]
    labels = np.array([text.genre == "sports" for text in chosen]).astype(np.int64)
    model = fit_genre([rows_of(text) for text in chosen], labels, ["law", "sports"])
    found = np.concatenate([model.scores(rows_of(text)) for text in chosen])
    assert (found.argmax(axis=1) == labels).mean() > 0.97
    assert found[:, 0] == pytest.approx(-found[:, 1], abs=1e-2)


def test_held_out_texts_are_mostly_labelled_right(texts: list[Text]) -> None:
    genres = sorted({text.genre for text in texts})
    labels = np.array([genres.index(text.genre) for text in texts])
    rows = [rows_of(text) for text in texts]
    inside = [number for number in range(len(texts)) if number % 4]
    model: GenreModel = fit_genre([rows[number] for number in inside], labels[inside], genres)
    outside = range(0, len(texts), 4)
    right = [model.scores(rows[number])[0].argmax() == labels[number] for number in outside]
    assert np.mean(right) > 0.5


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0, 4.0])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    rng = np.random.default_rng(11)
    scores = rng.normal(scale=2 * temperature, size=(6000, 5)).astype(np.float32)
    chance = np.exp(scores / temperature)
    chance /= chance.sum(axis=1, keepdims=True)
    labels = (rng.random((6000, 1)) > chance.cumsum(axis=1)).sum(axis=1)
    assert fit_temperature(scores, labels) == pytest.approx(temperature, rel=0.1)


@given(st.integers(0, 999), st.floats(0.2, 5))
@settings(max_examples=20, deadline=None)
def test_scores_stretched_need_a_temperature_stretched(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(300, 4)).astype(np.float32)
    labels = np.where(rng.random(300) < 0.6, scores.argmax(axis=1), rng.integers(0, 4, 300))
    once = fit_temperature(scores, labels)
    assert fit_temperature(scores * np.float32(factor), labels) == pytest.approx(once * factor, rel=0.02)


def test_perfect_scores_are_sharpened_as_far_as_allowed() -> None:
    scores = np.eye(4, dtype=np.float32)
    assert fit_temperature(scores, np.arange(4)) < 0.03
