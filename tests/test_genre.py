"""The genre half: rows counted right, scores as a dense computation gives them, labels that keep to their options."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier.document import UNKNOWN, Label
from classifier.form import column_bucket, describe_forms, form_buckets
from classifier.genre import (
    COLUMN_WEIGHT,
    FORM_WEIGHT,
    GENRE_BITS,
    HEADLINE_MARK,
    HEADLINE_WEIGHT,
    LEAD,
    LEAD_MARK,
    LONGEST,
    TAIL,
    TAIL_MARK,
    GenreModel,
    Memory,
    Rows,
    article_rows,
    bend_scores,
)
from classifier.paragraphs import codepoints
from classifier.tokens import buckets, hash_ngrams, hash_words, make_cutter, mix, tokenise
from tests.conftest import Text

SIZE = 1 << GENRE_BITS


def offsets(*values: int) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def rows_of(text: str, *spans: tuple[int, int, int]) -> Rows:
    """Return the rows of articles given as (start, end, end of the headline)."""
    starts, ends, heads = (offsets(*column) for column in zip(*spans, strict=True)) if spans else (offsets(),) * 3
    return article_rows(tokenise(text, make_cutter()), starts, ends, heads)


def row(rows: Rows, index: int) -> dict[int, float]:
    part = slice(rows.pointers[index], rows.pointers[index + 1])
    return dict(zip(rows.columns[part].tolist(), rows.values[part].tolist(), strict=True))


def word_bucket(word: str) -> int:
    hashed = hash_words(codepoints(word), offsets(0), offsets(len(word)))
    return int(buckets(mix(hashed), GENRE_BITS)[0])


def gram_bucket(gram: str) -> int:
    return int(buckets(hash_ngrams(codepoints(gram), len(gram)), GENRE_BITS)[0])


def occurrences(text: str) -> list[tuple[int, int]]:
    """Return offset and bucket of the features of a normalised text, found the slow way: words, characters, pairs."""
    found, at = [], 0
    for word in make_cutter().cut(text):
        if any(char.isalnum() for char in word):
            found.append((at, word_bucket(word)))
        at += len(word)
    for at, char in enumerate(text):
        if not char.isspace():
            found.append((at, gram_bucket(char)))
            if at + 1 < len(text) and not text[at + 1].isspace():
                found.append((at, gram_bucket(text[at : at + 2])))
    return found


def expected_row(text: str, head: int = 0) -> dict[int, float]:
    """Return the row of a normalised text whose first ``head`` characters are its headline."""
    counts: Counter[int] = Counter()
    for at, bucket in occurrences(text):
        counts[bucket] += HEADLINE_WEIGHT if at < head else 1
        counts[bucket ^ HEADLINE_MARK] += at < head
        counts[bucket ^ LEAD_MARK] += head <= at < head + LEAD
        counts[bucket ^ TAIL_MARK] += at >= max(head, len(text) - TAIL)
    values = {bucket: 1 + math.log(number) for bucket, number in counts.items() if number}
    length = math.sqrt(sum(value * value for value in values.values()))
    forms = describe_forms(codepoints(text), offsets(0), offsets(len(text)), offsets(head))
    for bucket in form_buckets(forms, GENRE_BITS)[0].tolist():
        values[bucket] = values.get(bucket, 0.0) + FORM_WEIGHT * length
    column = column_bucket(codepoints(text[:head]), GENRE_BITS)
    if column is not None:
        values[column] = values.get(column, 0.0) + COLUMN_WEIGHT * length
    return values


# --- Rows -------------------------------------------------------------------------------------------------------------

TEXT = "深化改革开放\n全市经济社会发展取得新成效,经济总量再上台阶。\n经济 100亿元"


def test_a_row_counts_words_characters_pairs_and_forms() -> None:
    found = rows_of(TEXT, (0, len(TEXT), 0))
    assert row(found, 0) == pytest.approx(expected_row(TEXT), rel=1e-6)
    assert [found.columns.dtype, found.values.dtype, found.pointers.dtype] == ["int64", "float32", "int64"]


def test_headline_lead_and_end_count_once_more_as_such() -> None:
    text = f"{TEXT.replace(chr(10), '(人民时评)' + chr(10), 1)}\n{'经济总量再上台阶。' * 20}\n(作者为研究员)"
    head = text.index("\n")
    assert HEADLINE_WEIGHT > 1
    assert len(text) > head + LEAD + TAIL
    assert row(rows_of(text, (0, len(text), head)), 0) == pytest.approx(expected_row(text, head), rel=1e-6)


def test_articles_are_counted_apart() -> None:
    texts = [TEXT, "足球联赛周末开战\n主队二比一取胜。", "楼盘盛大开放"]
    whole = "\n\n".join(texts)
    spans, at = [], 0
    for text in texts:
        spans.append((at, at + len(text), at + max(text.find("\n"), 0)))
        at += len(text) + 2
    together = rows_of(whole, *spans)
    assert together.pointers.tolist()[0] == 0
    for index, text in enumerate(texts):
        alone = rows_of(text, (0, len(text), max(text.find("\n"), 0)))
        assert row(together, index) == row(alone, 0)


def test_what_lies_outside_the_articles_is_not_counted() -> None:
    whole = "页眉页眉\n" + TEXT + "\n页脚页脚"
    assert row(rows_of(whole, (5, 5 + len(TEXT), 5)), 0) == row(rows_of(TEXT, (0, len(TEXT), 0)), 0)


def test_columns_ascend_within_a_row_and_pointers_count_them() -> None:
    found = rows_of(TEXT, (0, 6, 0), (7, len(TEXT), 7))
    assert found.pointers.tolist() == [0, found.pointers[1], len(found.columns)]
    for index in range(2):
        part = found.columns[found.pointers[index] : found.pointers[index + 1]]
        assert (np.diff(part) > 0).all()
        assert part.min() >= 0
        assert part.max() < SIZE


def test_no_article_has_no_row_and_an_empty_one_an_empty_row() -> None:
    for text in ("", "\n", TEXT):
        none = rows_of(text)
        assert (none.pointers.tolist(), len(none.columns)) == ([0], 0)
        empty = rows_of(text, (0, 0, 0))
        assert (empty.pointers.tolist(), len(empty.columns)) == ([0, 0], 0)
    blank = rows_of(" \u3000\n ", (0, 4, 0))
    assert blank.pointers.tolist() == [0, 0]


def test_only_the_beginning_of_a_very_long_article_is_read() -> None:
    text = "经济" * (LONGEST // 2) + "足球" * 50
    found = row(rows_of(text, (0, len(text), 0)), 0)
    assert gram_bucket("经济") in found
    assert gram_bucket("足球") not in found


@given(
    st.lists(st.text("中国足球经济，。 \u3000ab12\U00020000", min_size=1, max_size=30), min_size=1, max_size=6),
    st.data(),
)
@settings(deadline=None)
def test_rows_of_any_articles_are_those_of_each_alone(parts: list[str], data: st.DataObject) -> None:
    spans, at = [], 0
    for part in parts:
        head = data.draw(st.integers(0, len(part)))
        spans.append((at, at + len(part), at + head))
        at += len(part) + 1
    together = rows_of("\n".join(parts), *spans)
    for index, (part, (start, _, head)) in enumerate(zip(parts, spans, strict=True)):
        assert row(together, index) == row(rows_of(part, (0, len(part), head - start)), 0)


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


# --- What a model keeps of its texts ---------------------------------------------------------------------------------


def memory(**changes: NDArray[np.generic]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a memory of two rows, some of them changed."""
    arrays: dict[str, NDArray[np.generic]] = {
        "memory.columns": np.array([3, 9, 4], dtype=np.int32),
        "memory.values": np.array([0.5, 0.25, 1], dtype=np.float16),
        "memory.pointers": np.array([0, 2, 3]),
        "memory.labels": np.array([1, 0]),
        "memory.seen": np.array([7, 8]),
    }
    return arrays | {f"memory.{name}": array for name, array in changes.items()}


def test_a_memory_comes_back() -> None:
    kept = Memory.of_arrays(memory(), 2)
    assert kept.arrays().keys() == memory().keys()
    for name, array in kept.arrays().items():
        assert array.dtype == memory()[name].dtype
        assert np.array_equal(array, memory()[name])
    empty = Memory.of_arrays({}, 2)
    assert [len(array) for array in empty.arrays().values()] == [0, 0, 1, 0, 0]
    assert Memory.of_arrays(empty.arrays(), 2).arrays().keys() == empty.arrays().keys()


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": np.array([3, 9])},
        {"columns": np.array([3, 9, SIZE])},
        {"columns": np.array([-1, 9, 4])},
        {"columns": np.array([3.0, 9.0, 4.0])},
        {"columns": np.array([[3, 9, 4]])},
        {"values": np.array([1, 2, 3])},
        {"values": np.array([0.5, np.nan, 1])},
        {"values": np.array([0.5])},
        {"pointers": np.array([0, 3])},
        {"pointers": np.array([1, 2, 3])},
        {"pointers": np.array([0, 5, 3])},
        {"pointers": np.array([0, 2, 4])},
        {"pointers": np.array([], dtype=np.int64), "labels": np.array([], dtype=np.int64)},
        {"labels": np.array([2, 0])},
        {"labels": np.array([-1, 0])},
        {"seen": np.array(["a"])},
    ],
    ids=str,
)
def test_a_malformed_memory_is_refused(changes: dict[str, NDArray[np.generic]]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Memory.of_arrays(memory(**changes), 2)


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
