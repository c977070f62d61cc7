"""Fitting boundaries: samples hold what pages have, and two passes learn to cut pages they have not seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from classifier.boundaries import features
from classifier.boundaries.context import CONTEXT_FEATURES
from classifier.boundaries.segmenter import Segmenter
from classifier.composing.compose import Composed
from classifier.composing.manuscript import Manuscript
from classifier.text.tokens import make_cutter
from classifier.training import boundaries
from classifier.training.boundaries import (
    describe_page,
    draft_segmenter,
    first_sample,
    first_scale,
    second_sample,
    set_pages,
)
from classifier.training.lexicon import Lexicon
from classifier.training.linear import Linear, fit_linear
from tests.conftest import draw_stories


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
    assert len(sample.truth) == sum(min(count, boundaries.LONGEST_PAGE) for count in gaps)
    assert sample.pages.tolist() == np.cumsum([0, *gaps[:-1]]).tolist()
    assert (sample.weight == 1).all()
    assert sample.truth.sum() == sum(len(page.ends) - 1 for page in composed if page.ends)


def test_a_screen_keeps_every_boundary_and_the_weight_of_the_rest(composed: list[Composed], lexicon: Lexicon) -> None:
    draft = draft_segmenter(lexicon)
    whole = first_sample(composed, draft)
    screen = Linear(np.zeros(features.GAP_FEATURES, dtype=np.float32), boundaries.EASY - 1)
    thin = first_sample(composed, draft, screen=screen, seed=1)
    assert thin.truth.sum() == whole.truth.sum()
    assert set(thin.weight[thin.truth].tolist()) == {1.0}
    assert set(thin.weight[~thin.truth].tolist()) == {np.float32(1 / boundaries.KEPT)}
    assert len(thin.truth) < 0.3 * len(whole.truth)
    assert thin.weight[~thin.truth].sum() == pytest.approx((~whole.truth).sum(), rel=0.35)
    again = first_sample(composed, draft, screen=screen, seed=1)
    assert np.array_equal(thin.ids, again.ids)


def test_features_of_few_pages_get_no_weight(composed: list[Composed], lexicon: Lexicon) -> None:
    sample = first_sample(composed, draft_segmenter(lexicon))
    scale = first_scale(sample)
    pages = Counter(number for part in np.split(sample.ids, sample.pages[1:]) for number in set(part.ravel().tolist()))
    often = {number for number, count in pages.items() if count >= boundaries.MIN_PAGES}
    assert 0 < len(often) < len(pages)
    assert set(np.flatnonzero(scale).tolist()) == often
    assert scale[features.OFFSET_GRAMS :].max() == np.float32(boundaries.GRAM_SCALE)
    assert scale[features.OFFSET_TYPES : features.OFFSET_CROSSES].max() == np.float32(boundaries.TYPE_SCALE)


def test_two_passes_learn_to_cut_pages_not_seen(segmenter: Segmenter, stories: list[Manuscript]) -> None:
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


def test_calibration_makes_probabilities_true(segmenter: Segmenter, stories: list[Manuscript]) -> None:
    assert segmenter.slope > 0
    # Half as steep and shifted before, the same after.
    skewed = replace(segmenter, second=segmenter.second * 2, second_bias=segmenter.second_bias * 2 + 3)
    pages = set_pages(draw_stories(stories, count=16, seed=77), seed=77)
    again = boundaries.calibrate_segmenter(skewed, pages)
    assert again.slope == pytest.approx(segmenter.slope / 2, rel=0.02)
    assert again.offset == pytest.approx(segmenter.offset - 3 * again.slope, abs=0.1)
