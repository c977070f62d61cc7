"""Fitting: it finds what is there, keeps what no evidence speaks against, and gives the same bytes every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier import features, training
from classifier.cohesion import VECTOR_BITS
from classifier.compose import Composed, Story
from classifier.context import CONTEXT_FEATURES
from classifier.genre import GENRE_BITS, GenreModel
from classifier.segmenter import Segmenter
from classifier.tokens import make_cutter
from classifier.training import (
    Lexicon,
    Linear,
    Sample,
    describe_page,
    draft_segmenter,
    first_sample,
    first_scale,
    fit_lexicon,
    fit_linear,
    fit_temperature,
    inverse_frequency,
    second_sample,
    set_pages,
)
from tests.conftest import Text, draw_stories, rows_of


def toy(n: int = 400, *, seed: int = 0, noise: float = 0.0, size: int = 50) -> tuple[Sample, NDArray[np.bool_]]:
    """Return rows of three ids, one of them telling (even: a boundary), and the truth."""
    rng = np.random.default_rng(seed)
    telling = rng.integers(0, 10, n)
    ids = np.stack([telling, rng.integers(10, 30, n), rng.integers(30, size, n)], axis=1).astype(np.int32)
    truth = telling % 2 == 0
    truth ^= rng.random(n) < noise
    return Sample(ids, truth, np.ones(n, dtype=np.float32), np.arange(0, n, 40)), truth


ONES = np.ones(50, dtype=np.float32)


# --- The linear model -------------------------------------------------------------------------------------------------


def test_a_separable_toy_is_separated() -> None:
    sample, truth = toy()
    fitted = fit_linear(sample, ONES, l2=0.1)
    assert ((fitted.scores(sample.ids) > 0) == truth).all()
    assert fitted.weights.dtype == np.float32
    assert fitted.weights[:10:2].min() > 1
    assert fitted.weights[1:10:2].max() < -1
    assert np.abs(fitted.weights[10:]).max() < 1
    # And on rows it has not seen.
    other, truth = toy(seed=1)
    assert ((fitted.scores(other.ids) > 0) == truth).all()


def test_the_fit_is_that_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    sample, truth = toy(noise=0.2)
    dense = np.zeros((len(truth), 50))
    np.put_along_axis(dense, sample.ids.astype(np.int64), 1, axis=1)
    weight = np.random.default_rng(3).uniform(0.5, 3, len(truth)).astype(np.float32)
    reference = LogisticRegression(C=1 / 2.0, max_iter=2000, tol=1e-8).fit(dense, truth, sample_weight=weight)
    fitted = fit_linear(replace(sample, weight=weight), ONES, l2=2.0, iterations=500)
    assert fitted.weights == pytest.approx(reference.coef_[0], abs=5e-3)
    assert fitted.bias == pytest.approx(reference.intercept_[0], abs=5e-3)


def test_a_scale_of_zero_gives_no_weight() -> None:
    sample, _ = toy()
    scale = ONES.copy()
    scale[:4] = 0
    fitted = fit_linear(sample, scale, l2=0.1)
    assert (fitted.weights[:4] == 0).all()
    assert fitted.weights[4] > 0


def test_a_feature_scaled_up_is_penalised_less() -> None:
    sample, _ = toy(noise=0.2)
    plain = fit_linear(sample, ONES, l2=20.0).weights
    scale = ONES.copy()
    scale[0] = 4
    assert fit_linear(sample, scale, l2=20.0).weights[0] > 1.3 * plain[0]


def test_a_heavier_row_counts_like_a_repeated_one() -> None:
    sample, truth = toy(n=60, noise=0.3)
    weight = np.ones(60, dtype=np.float32)
    weight[:20] = 3
    again = np.concatenate([np.arange(60), np.arange(20), np.arange(20)])
    repeated = Sample(sample.ids[again], truth[again], np.ones(100, dtype=np.float32), sample.pages)
    one = fit_linear(replace(sample, weight=weight), ONES, l2=1.0, iterations=300)
    other = fit_linear(repeated, ONES, l2=1.0, iterations=300)
    assert one.weights == pytest.approx(other.weights, abs=5e-3)


def test_without_evidence_the_start_is_kept() -> None:
    sample, _ = toy()
    rng = np.random.default_rng(5)
    start = Linear(rng.normal(size=50).astype(np.float32), 0.7)
    silent = replace(sample, weight=np.zeros(len(sample.truth), dtype=np.float32))
    kept = fit_linear(silent, ONES, l2=1.0, start=start)
    assert np.array_equal(kept.weights, start.weights)
    assert kept.bias == start.bias
    # A feature that does not occur stays as it was, whatever the others learn.
    seen = replace(sample, ids=np.minimum(sample.ids, 40))
    moved = fit_linear(seen, ONES, l2=1.0, start=start)
    assert np.array_equal(moved.weights[41:], start.weights[41:])
    assert not np.allclose(moved.weights[:10], start.weights[:10], atol=0.1)


def test_the_more_it_costs_the_less_the_start_is_moved() -> None:
    sample, _ = toy(noise=0.1)
    start = Linear(np.zeros(50, dtype=np.float32), 0.0)
    far = [np.abs(fit_linear(sample, ONES, l2=l2, start=start).weights).sum() for l2 in (1.0, 30.0, 1e6)]
    assert far[0] > far[1] > far[2]
    assert far[2] < 0.01


def test_a_fit_gives_the_same_bytes() -> None:
    sample, _ = toy(noise=0.2)
    one, other = (fit_linear(sample, ONES, l2=1.0) for _ in range(2))
    assert one.weights.tobytes() == other.weights.tobytes()
    assert one.bias == other.bias


# --- Samples ----------------------------------------------------------------------------------------------------------


def test_samples_are_joined_end_to_end() -> None:
    one, other = toy(n=80)[0], toy(n=120, seed=1)[0]
    both = Sample.join([one, other])
    assert len(both.ids) == len(both.truth) == len(both.weight) == 200
    assert both.pages.tolist() == [*one.pages.tolist(), *(other.pages + 80).tolist()]
    assert np.array_equal(both.ids[80:], other.ids)


def test_a_page_is_described_with_its_truth(composed: list[Composed], lexicon: Lexicon) -> None:
    draft = draft_segmenter(lexicon)
    for page in composed[:12]:
        described = describe_page(page, draft, make_cutter())
        assert described is not None
        gaps, truth = described
        assert len(gaps.ids) == len(truth) == page.ends[-1] - 1
        assert (np.flatnonzero(truth) + 1).tolist() == list(page.ends[:-1])


@pytest.mark.parametrize("text", ["", "\n", "一行\n"])
def test_a_page_too_short_to_cut_is_left_out(text: str, lexicon: Lexicon) -> None:
    ends = (1,) if text.strip() else ()
    assert describe_page(Composed(text, ends), draft_segmenter(lexicon), make_cutter()) is None


def test_ends_that_do_not_fit_are_refused(lexicon: Lexicon) -> None:
    with pytest.raises(ValueError, match="3 paragraphs whose segments end at 2"):
        describe_page(Composed("一\n二\n三\n", (1, 2)), draft_segmenter(lexicon), make_cutter())


def test_a_sample_holds_every_gap(composed: list[Composed], lexicon: Lexicon) -> None:
    sample = first_sample(composed, draft_segmenter(lexicon))
    gaps = [page.ends[-1] - 1 for page in composed if page.ends and page.ends[-1] > 1]
    assert len(sample.truth) == sum(min(count, training.LONGEST_PAGE) for count in gaps)
    assert sample.pages.tolist() == np.cumsum([0, *gaps[:-1]]).tolist()
    assert (sample.weight == 1).all()
    assert sample.truth.sum() == sum(len(page.ends) - 1 for page in composed if page.ends)


def test_a_screen_keeps_every_boundary_and_the_weight_of_the_rest(composed: list[Composed], lexicon: Lexicon) -> None:
    draft = draft_segmenter(lexicon)
    whole = first_sample(composed, draft)
    screen = Linear(np.zeros(features.GAP_FEATURES, dtype=np.float32), training.EASY - 1)
    thin = first_sample(composed, draft, screen=screen, seed=1)
    assert thin.truth.sum() == whole.truth.sum()
    assert set(thin.weight[thin.truth].tolist()) == {1.0}
    assert set(thin.weight[~thin.truth].tolist()) == {np.float32(1 / training.KEPT)}
    assert len(thin.truth) < 0.3 * len(whole.truth)
    assert thin.weight[~thin.truth].sum() == pytest.approx((~whole.truth).sum(), rel=0.35)
    again = first_sample(composed, draft, screen=screen, seed=1)
    assert np.array_equal(thin.ids, again.ids)


def test_features_of_few_pages_get_no_weight(composed: list[Composed], lexicon: Lexicon) -> None:
    sample = first_sample(composed, draft_segmenter(lexicon))
    scale = first_scale(sample)
    pages = Counter(number for part in np.split(sample.ids, sample.pages[1:]) for number in set(part.ravel().tolist()))
    often = {number for number, count in pages.items() if count >= training.MIN_PAGES}
    assert 0 < len(often) < len(pages)
    assert set(np.flatnonzero(scale).tolist()) == often
    assert scale[features.OFFSET_GRAMS :].max() == np.float32(training.GRAM_SCALE)
    assert scale[features.OFFSET_TYPES : features.OFFSET_CROSSES].max() == np.float32(training.TYPE_SCALE)


def test_two_passes_learn_to_cut_pages_not_seen(segmenter: Segmenter, stories: list[Story]) -> None:
    pages = set_pages(draw_stories(stories, count=24, seed=500), seed=500)
    right = wrong = missed = 0
    for page in pages:
        described = describe_page(page, segmenter, make_cutter())
        if described is None:
            continue
        gaps, truth = described
        logits = segmenter.slope * segmenter.scores(gaps) + segmenter.offset
        found = logits > np.log(segmenter.threshold / (1 - segmenter.threshold))
        right += int((found & truth).sum())
        wrong += int((found & ~truth).sum())
        missed += int((~found & truth).sum())
    assert 2 * right / (2 * right + wrong + missed) > 0.6  # the shipped model, with 400 times the pages, has over 0.8


def test_training_twice_gives_the_same_bytes(composed: list[Composed], lexicon: Lexicon) -> None:
    results = []
    for _ in range(2):
        draft = draft_segmenter(lexicon)
        sample = first_sample(composed[:16], draft)
        first = fit_linear(sample, first_scale(sample), l2=8.0, iterations=10)
        context = second_sample(composed[:16], draft, first=first)
        second = fit_linear(context, np.ones(CONTEXT_FEATURES, dtype=np.float32), l2=3.0, iterations=10)
        results.append((first.weights.tobytes(), first.bias, second.weights.tobytes(), second.bias))
    assert results[0] == results[1]


def test_calibration_makes_probabilities_true(segmenter: Segmenter, stories: list[Story]) -> None:
    assert segmenter.slope > 0
    # Half as steep and shifted before, the same after.
    skewed = replace(segmenter, second=segmenter.second * 2, second_bias=segmenter.second_bias * 2 + 3)
    pages = set_pages(draw_stories(stories, count=16, seed=77), seed=77)
    again = training.calibrate_segmenter(skewed, pages)
    assert again.slope == pytest.approx(segmenter.slope / 2, rel=0.02)
    assert again.offset == pytest.approx(segmenter.offset - 3 * again.slope, abs=0.1)


# --- The lexicon ------------------------------------------------------------------------------------------------------


def test_the_lexicon_has_the_shapes_it_says(lexicon: Lexicon) -> None:
    assert lexicon.idf.shape == (1 << VECTOR_BITS,)
    assert lexicon.vectors.shape == (1 << VECTOR_BITS, 12)
    assert lexicon.idf.dtype == lexicon.vectors.dtype == np.float32
    assert np.isfinite(lexicon.vectors).all()
    assert (lexicon.idf >= 0).all()
    assert len(set(lexicon.alphabet)) == len(lexicon.alphabet) == training.ALPHABET_SIZE
    assert {"的", "记", "者", "本"} <= set(lexicon.alphabet)
    assert all("一" <= char <= "鿿" for char in lexicon.alphabet)


TOPICS = ("足球 联赛 球队 主场 进球 教练", "水稻 丰收 农民 粮食 收割 播种", "法院 判决 原告 被告 审理 律师")


def topic_texts(seed: int = 0) -> list[Sequence[str]]:
    """Return 60 texts of one topic each, and words that all share."""
    rng = np.random.default_rng(seed)
    found: list[Sequence[str]] = []
    for number in range(60):
        words = TOPICS[number % 3].split() + "记者 昨天 城市 表示 工作 发展".split()
        found.append(["，".join(rng.choice(words, 8)) + "。" for _ in range(24)])
    return found


def fit_small(texts: list[Sequence[str]], seed: int = 0) -> Lexicon:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "LSA_DIMENSIONS", 8)
        patch.setattr(training, "VECTOR_DIMENSIONS", 3)
        return fit_lexicon(texts, seed=seed)


def test_word_vectors_bring_words_of_a_topic_together() -> None:
    from classifier.tokens import buckets, tokenise

    lexicon = fit_small(topic_texts())

    def vector(word: str) -> NDArray[np.float32]:
        (hashed,) = tokenise(word, make_cutter()).words
        found = lexicon.vectors[buckets(np.array([hashed]), VECTOR_BITS)[0]]
        return np.asarray(found / np.linalg.norm(found), dtype=np.float32)

    ball, league, rice, court = map(vector, ("足球", "联赛", "水稻", "法院"))
    assert ball @ league > 0.9
    assert ball @ rice < 0.5
    assert ball @ court < 0.5
    # A word of every text says little.
    (common,) = buckets(tokenise("记者", make_cutter()).words, VECTOR_BITS)
    (special,) = buckets(tokenise("足球", make_cutter()).words, VECTOR_BITS)
    assert lexicon.idf[common] < lexicon.idf[special]


def test_the_lexicon_is_the_same_every_time() -> None:
    one, other = fit_small(topic_texts()), fit_small(topic_texts())
    assert one.alphabet == other.alphabet
    assert one.idf.tobytes() == other.idf.tobytes()
    assert one.vectors.tobytes() == other.vectors.tobytes()


def test_word_vectors_are_one_long_on_average() -> None:
    lexicon = fit_small(topic_texts())
    norms = np.linalg.norm(lexicon.vectors, axis=1)
    assert np.sqrt((norms[norms > 0] ** 2).mean()) == pytest.approx(1, rel=0.3)


# --- Genre ------------------------------------------------------------------------------------------------------------


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
    one, other = (training.fit_genre(rows, labels, genres) for _ in range(2))
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
    model = training.fit_genre([rows_of(text) for text in chosen], labels, ["law", "sports"])
    found = np.concatenate([model.scores(rows_of(text)) for text in chosen])
    assert (found.argmax(axis=1) == labels).mean() > 0.97
    assert found[:, 0] == pytest.approx(-found[:, 1], abs=1e-2)


def test_held_out_texts_are_mostly_labelled_right(texts: list[Text]) -> None:
    genres = sorted({text.genre for text in texts})
    labels = np.array([genres.index(text.genre) for text in texts])
    rows = [rows_of(text) for text in texts]
    inside = [number for number in range(len(texts)) if number % 4]
    model: GenreModel = training.fit_genre([rows[number] for number in inside], labels[inside], genres)
    outside = range(0, len(texts), 4)
    right = [model.scores(rows[number])[0].argmax() == labels[number] for number in outside]
    assert np.mean(right) > 0.5


# --- Temperature ------------------------------------------------------------------------------------------------------


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
