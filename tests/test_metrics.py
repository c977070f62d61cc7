"""Scores: values worked out by hand, and what must hold of any score."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.document import UNKNOWN
from classifier.metrics import PRF, Calibration, ErrorRate, GenreScore, SegmentationScore, score_ends, window_size

pages = st.lists(st.integers(1, 9), max_size=12).map(lambda masses: list(accumulate(masses)))


def ends(*masses: int) -> list[int]:
    """Return the ends of segments of these lengths."""
    return list(accumulate(masses))


@st.composite
def page_pairs(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Draw two segmentations of one page."""
    true = draw(pages)
    if not true:
        return [], []
    inner = draw(st.sets(st.integers(1, max(true[-1] - 1, 1))))
    return true, sorted({end for end in inner if end < true[-1]} | {true[-1]})


def test_boundaries_and_articles_are_counted_without_the_end_of_the_page() -> None:
    score = score_ends(ends(3, 3, 4), ends(3, 5, 2))
    assert score.boundary == PRF(tp=1, fp=1, fn=1)
    assert score.article == PRF(tp=1, fp=2, fn=2)
    assert score.boundary.f1 == 0.5
    assert score.article.f1 == pytest.approx(1 / 3)
    assert score.pages == 1


# Predicted and reference segment lengths and the errors of Pk and WindowDiff, by hand; they are the cases that
# segeval's own tests work out as well.
WINDOWS = [
    ((5, 3, 5), (5, 3, 5), 0, 0, 11),
    ((2, 3, 6), (2, 2, 7), 2, 2, 9),
    ((13,), (4, 4, 5), 4, 4, 11),
    ((1,) * 13, (4, 4, 5), 7, 11, 11),
    ((5, 3, 5), (4, 4, 5), 2, 2, 11),
    ((5, 3, 5), (5, 1, 2, 5), 1, 2, 11),
    ((4, 4, 5), (5, 1, 2, 5), 3, 3, 11),
    ((1,) * 13, (13,), 7, 7, 7),
    ((13,), (1,) * 13, 11, 11, 11),
    ((12,), (6, 6), 3, 3, 9),
    ((5, 7), (6, 6), 2, 2, 9),
    ((1, 5, 6), (6, 6), 1, 1, 9),
    ((5, 1, 1, 5), (6, 6), 2, 5, 9),
    # Coders 1 and 2 of Hearst's "Stargazers" text (1997) against two hypotheses.
    ((2, 6, 4, 2, 4, 3), (2, 3, 3, 1, 3, 6, 3), 5, 6, 19),
    ((2, 1, 1, 1, 5, 8, 2, 1), (2, 3, 3, 1, 3, 6, 3), 7, 9, 19),
    ((2, 6, 4, 2, 4, 3), (2, 8, 2, 4, 2, 3), 8, 8, 19),
    ((2, 1, 1, 1, 5, 8, 2, 1), (2, 8, 2, 4, 2, 3), 8, 9, 19),
]


@pytest.mark.parametrize(("predicted", "true", "pk", "window_diff", "windows"), WINDOWS)
def test_windows_agree_with_published_values(
    predicted: tuple[int, ...], true: tuple[int, ...], pk: int, window_diff: int, windows: int
) -> None:
    score = score_ends(ends(*true), ends(*predicted))
    assert score.pk == ErrorRate(pk, windows)
    assert score.window_diff == ErrorRate(window_diff, windows)


@pytest.mark.parametrize(("masses", "size"), [((5,), 2), ((10, 10), 5), ((5, 5), 2), ((7, 7), 4), ((1, 1), 2)])
def test_half_a_window_is_rounded_to_the_even_number(masses: tuple[int, ...], size: int) -> None:
    assert window_size(ends(*masses)) == size


def test_a_page_shorter_than_its_window_has_no_windows() -> None:
    assert score_ends([1, 2], [2]).pk == ErrorRate(0, 0)
    assert score_ends([1], [1]) == SegmentationScore(article=PRF(tp=1), pages=1)
    assert score_ends([], []) == SegmentationScore(pages=1)


@pytest.mark.parametrize(("true", "predicted"), [([3, 2], [2]), ([0, 2], [2]), ([3], [4]), ([], [1]), ([2, 2], [2])])
def test_what_is_no_segmentation_of_the_page_is_refused(true: list[int], predicted: list[int]) -> None:
    with pytest.raises(ValueError, match=r"ascend|compared"):
        score_ends(true, predicted)


@given(pages)
def test_the_true_segmentation_is_perfect(true: list[int]) -> None:
    score = score_ends(true, true)
    assert score.boundary.f1 == score.article.f1 == score.boundary.precision == score.article.recall == 1.0
    assert score.pk.rate == score.window_diff.rate == 0.0


@given(page_pairs())
def test_scores_are_ratios_and_windowdiff_is_no_kinder_than_pk(pair: tuple[list[int], list[int]]) -> None:
    score = score_ends(*pair)
    ratios = (score.boundary.f1, score.article.f1, score.pk.rate, score.window_diff.rate)
    assert all(0.0 <= ratio <= 1.0 for ratio in ratios)
    assert score.window_diff.errors >= score.pk.errors
    assert score.article.tp <= score.boundary.tp + 1


@given(page_pairs(), page_pairs())
def test_scores_of_pages_add_up(one: tuple[list[int], list[int]], other: tuple[list[int], list[int]]) -> None:
    first, second = score_ends(*one), score_ends(*other)
    both = sum((first, second), start=SegmentationScore())
    assert both == first + second == second + first
    assert both.boundary.tp == first.boundary.tp + second.boundary.tp
    assert both.pk.cases == first.pk.cases + second.pk.cases
    assert both.pages == 2


def test_zero_division_is_right_when_there_was_nothing_to_find() -> None:
    assert (PRF().precision, PRF().recall, PRF().f1) == (1.0, 1.0, 1.0)
    assert (PRF(fn=1).precision, PRF(fn=1).recall, PRF(fn=1).f1) == (0.0, 0.0, 0.0)
    assert (PRF(fp=1).precision, PRF(fp=1).recall, PRF(fp=1).f1) == (0.0, 0.0, 0.0)
    assert ErrorRate().rate == 0.0
    assert GenreScore().accuracy == GenreScore().macro_f1 == GenreScore().top2_accuracy == 1.0
    assert Calibration.of_pairs([], []).ece == 0.0


def test_genres_by_hand() -> None:
    true = ["law", "law", "law", "sports", "sports", "world"]
    ranked = [
        ("law", "world"),
        ("law", "sports"),
        ("world", "law"),
        ("sports", "law"),
        ("law", "world"),
        ("law", "world"),
    ]
    score = GenreScore.of_rankings(true, ranked)
    assert score.confusion == {
        ("law", "law"): 2,
        ("law", "world"): 1,
        ("sports", "sports"): 1,
        ("sports", "law"): 1,
        ("world", "law"): 1,
    }
    assert score.accuracy == 0.5
    assert score.top2_accuracy == pytest.approx(5 / 6)
    assert score.per_genre() == {"law": PRF(2, 2, 1), "sports": PRF(1, 0, 1), "world": PRF(0, 1, 1)}
    assert score.macro_f1 == pytest.approx((4 / 7 + 2 / 3 + 0) / 3)


def test_unknown_is_never_right_and_is_no_genre() -> None:
    score = GenreScore.of_rankings(["law", "law"], [("law", "world")] * 2, labels=["law", UNKNOWN])
    assert score.genres == ["law"]
    assert score.accuracy == 0.5
    assert score.top2_accuracy == 1.0
    assert score.per_genre() == {"law": PRF(1, 0, 1)}


genre_names = st.sampled_from(["law", "sports", "world"])


@given(st.lists(genre_names), st.lists(genre_names))
def test_genre_scores_add_up(first: list[str], second: list[str]) -> None:
    def score(genres: list[str]) -> GenreScore:
        return GenreScore.of_rankings(genres, [("law", "world")] * len(genres))

    assert score(first) + score(second) == score(first + second)
    perfect = GenreScore.of_rankings(first, [(genre, "law") for genre in first])
    assert perfect.accuracy == perfect.macro_f1 == 1.0


def test_calibration_by_hand() -> None:
    found = Calibration.of_pairs([0.9, 0.9, 0.9, 0.9, 0.2], [True, True, True, False, False], bins=10)
    assert found.ece == pytest.approx((4 * (0.9 - 0.75) + 0.2) / 5)
    low, high = found.reliability()
    assert (low.low, low.high, low.count, low.accuracy) == (0.1, 0.2, 1, 0.0)
    assert (high.count, high.accuracy) == (4, 0.75)
    assert high.confidence == pytest.approx(0.9)


def test_certain_and_right_is_calibrated() -> None:
    assert Calibration.of_pairs([1.0, 0.0], [True, False]).ece == 0.0
    assert Calibration.of_pairs([1.0, 0.0], [False, True]).ece == 1.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans())), st.lists(st.tuples(st.floats(0, 1), st.booleans())))
def test_calibrations_add_up(first: list[tuple[float, bool]], second: list[tuple[float, bool]]) -> None:
    def score(pairs: list[tuple[float, bool]]) -> Calibration:
        return Calibration.of_pairs([p for p, _ in pairs], [r for _, r in pairs])

    both = score(first) + score(second)
    pooled = score(first + second)
    assert np.array_equal(both.counts, pooled.counts)
    assert np.array_equal(both.rights, pooled.rights)
    assert both.ece == pytest.approx(pooled.ece)
    assert 0.0 <= both.ece <= 1.0
