"""The genre model: scores as a dense computation gives them, labels that keep to their options."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.document import UNKNOWN, Label
from classifier.genres.genre import GenreModel, bend_scores
from tests.conftest import Text
from tests.genre_rows import SIZE, rows_of

TEXT = "深化改革开放\n全市经济社会发展取得新成效,经济总量再上台阶。\n经济 100亿元"


# --- Scores -----------------------------------------------------------------------------------------------------------


def random_model(seed: int, n_genres: int = 4) -> GenreModel:
    rng = np.random.default_rng(seed)
    return GenreModel(
        genres=tuple(f"genre-{number}" for number in range(n_genres)),
        idf=rng.uniform(0, 8, SIZE).astype(np.float16),
        weights=rng.normal(size=(SIZE, n_genres)).astype(np.float16),
        bias=rng.normal(size=n_genres).astype(np.float32),
        temperature=0.7,
        threshold=0.5,
    )


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_scikit_learn_and_scipy(seed: int, texts: list[Text]) -> None:
    from scipy.sparse import csr_matrix, diags
    from scipy.special import softmax
    from sklearn.preprocessing import normalize

    model = random_model(seed)
    chosen = texts[seed::90]
    whole = "\n".join(text.whole for text in chosen)
    ends = np.cumsum([len(text.whole) + 1 for text in chosen]) - 1
    starts = np.concatenate([[0], ends[:-1] + 1])
    found = rows_of(whole, *zip(starts.tolist(), ends.tolist(), starts.tolist(), strict=True))
    matrix = csr_matrix((found.values, found.columns, found.pointers), shape=(len(chosen), SIZE)).astype(np.float64)
    dense = normalize(matrix @ diags(model.idf.astype(np.float64))) @ model.weights.astype(np.float64) + model.bias
    assert model.scores(found) == pytest.approx(dense, abs=1e-4)
    assert model.predict_proba(found) == pytest.approx(softmax(dense / model.temperature, axis=1), abs=1e-4)


@given(st.lists(st.text("中国足球经济，。 ab12", max_size=20), min_size=1, max_size=5), st.integers(0, 3))
@settings(deadline=None)
def test_probabilities_sum_to_one(parts: list[str], seed: int) -> None:
    spans, at = [], 0
    for part in parts:
        spans.append((at, at + len(part), at))
        at += len(part) + 1
    proba = MODELS[seed].predict_proba(rows_of("\n".join(parts), *spans))
    assert proba.shape == (len(parts), 4)
    assert proba.dtype == np.float32
    assert (proba >= 0).all()
    assert proba.sum(axis=1) == pytest.approx(1, abs=1e-5)


MODELS = [random_model(seed) for seed in range(4)]


def test_huge_scores_do_not_overflow() -> None:
    model = random_model(1)
    cold = GenreModel(model.genres, model.idf, model.weights, model.bias * 1e4, 1e-3, 0.5)
    proba = cold.predict_proba(rows_of(TEXT, (0, len(TEXT), 0)))
    assert np.isfinite(proba).all()
    assert proba.sum() == pytest.approx(1)


def test_no_article_has_no_probability() -> None:
    assert MODELS[0].predict_proba(rows_of(TEXT)).shape == (0, 4)


def test_a_text_without_a_feature_gets_the_odds_of_the_bias() -> None:
    model = MODELS[0]
    proba = model.predict_proba(rows_of("", (0, 0, 0)))[0]
    expected = np.exp(model.bias / model.temperature)
    assert proba == pytest.approx(expected / expected.sum(), rel=1e-5)


# --- Labels -----------------------------------------------------------------------------------------------------------

PROBA = np.array([[0.1, 0.6, 0.25, 0.05], [0.3, 0.3, 0.2, 0.2]], dtype=np.float32)


def test_labels_list_the_best_genres_first() -> None:
    one, other = MODELS[0].labels(PROBA)
    assert isinstance(one, Label)
    assert one.genre == "genre-1"
    assert one.score == pytest.approx(0.6)
    assert [name for name, _ in one.top] == ["genre-1", "genre-2", "genre-0"]
    assert [score for _, score in one.top] == pytest.approx([0.6, 0.25, 0.1])
    # Equal ones keep the order of the model.
    assert [name for name, _ in other.top] == ["genre-0", "genre-1", "genre-2"]
    assert all(type(score) is float for _, score in one.top)
    assert type(one.score) is float


@pytest.mark.parametrize(
    ("threshold", "genres"),
    [
        (None, ["genre-1", UNKNOWN]),
        (0.0, ["genre-1", "genre-0"]),
        (0.3, ["genre-1", "genre-0"]),
        (0.31, ["genre-1", UNKNOWN]),
        (float(np.float32(0.6)), ["genre-1", UNKNOWN]),
        (0.7, [UNKNOWN, UNKNOWN]),
        (1.0, [UNKNOWN, UNKNOWN]),
    ],
)
def test_under_the_threshold_the_genre_is_unknown(threshold: float | None, genres: list[str]) -> None:
    # 0.3 as float32 lies a little above the 0.3 of a command line.
    labels = MODELS[0].labels(PROBA, threshold=threshold)
    assert [label.genre for label in labels] == genres
    assert [round(label.score, 6) for label in labels] == [0.6, 0.3]
    assert [label.top[0][0] for label in labels] == ["genre-1", "genre-0"]


@pytest.mark.parametrize(("top_k", "length"), [(0, 0), (1, 1), (2, 2), (4, 4), (99, 4)])
def test_top_k_genres_are_listed(top_k: int, length: int) -> None:
    for label in MODELS[0].labels(PROBA, top_k=top_k):
        assert len(label.top) == length
        assert [score for _, score in label.top] == sorted((score for _, score in label.top), reverse=True)


def test_no_probability_has_no_label() -> None:
    assert MODELS[0].labels(np.zeros((0, 4), dtype=np.float32)) == []


def test_the_small_model_knows_what_it_has_learned(genre: GenreModel, texts: list[Text]) -> None:
    right = 0
    for text in texts[::7]:
        rows = rows_of(text.whole, (0, len(text.whole), len(text.lines[0])))
        right += genre.labels(genre.predict_proba(rows), threshold=0.0)[0].genre == text.genre
    assert right / len(texts[::7]) > 0.95


@given(
    st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=20),
    st.one_of(st.just(0.0), st.floats(1e-9, 4.0)),
)
def test_bent_scores_keep_their_order_and_stay_finite(scores: list[float], bend: float) -> None:
    given_scores = np.array([scores], dtype=np.float32)
    bent = bend_scores(given_scores, bend)
    assert bent.dtype == np.float32
    assert np.isfinite(bent).all()
    order = np.argsort(given_scores[0], kind="stable")
    assert (np.diff(bent[0][order]) >= 0).all()


def test_a_bend_of_nothing_leaves_scores_and_a_small_one_nearly_does() -> None:
    scores = np.linspace(-2, 2, 9, dtype=np.float32)[None, :]
    assert bend_scores(scores, 0.0) is scores
    assert bend_scores(scores, 1e-9) == pytest.approx(scores, abs=1e-6)
    assert bend_scores(scores, 1.0)[0, -1] == pytest.approx(1 - np.exp(-2), rel=1e-6)
