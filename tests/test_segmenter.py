"""The segmenter: decoding keeps its promises, jump lines are heeded, long pages are seen in windows."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier.boundaries import decoding
from classifier.boundaries import segmenter as segmenting
from classifier.boundaries.decoding import boundaries, decode
from classifier.boundaries.segmenter import HALO, WINDOW, Segmenter
from classifier.composing.compose import Composed
from classifier.document import Page, Paragraphs
from classifier.page import jumps
from classifier.page.jumps import Jump, find_jumps
from classifier.text.paragraphs import split_paragraphs, wrap_width
from classifier.text.tokens import make_cutter, tokenise

probabilities = st.lists(st.floats(0, 1, width=32), max_size=60)
jump_marks = st.builds(Jump, page=st.just("1"), opens=st.booleans(), alone=st.booleans(), onward=st.none()) | st.just(
    Jump("1", opens=True, alone=False, onward="2")
)

FROM, FROM_TEXT = Jump("1", opens=True, alone=True), Jump("1", opens=True, alone=False)
ON, ON_TEXT = Jump("4", opens=False, alone=True), Jump("4", opens=False, alone=False)
BOTH = Jump("1", opens=True, alone=False, onward="4")


def proba_of(segmenter: Segmenter, text: str) -> NDArray[np.float32]:
    return segmenter.predict_proba(tokenise(text, make_cutter()), split_paragraphs(text))


def predict(segmenter: Segmenter, values: list[float], jumps: dict[int, Jump] | None = None) -> list[int]:
    return segmenter.predict(np.array(values, dtype=np.float32), jumps)


# --- Decoding ---------------------------------------------------------------------------------------------------------


def expected(proba: list[float], ends: tuple[int, ...], price: float) -> float:
    """Return what decoding is to make greatest: articles exactly right, less their price, and right boundaries."""
    edge = [1.0, *proba, 1.0]
    total = 0.0
    for first, last in itertools.pairwise((0, *ends)):
        inside = float(np.prod([1 - edge[at] for at in range(first + 1, last)]))
        total += edge[first] * edge[last] * inside - price + decoding.BONUS * (edge[last] - 0.5)
    return total


@given(st.lists(st.floats(0.001, 0.999), max_size=9), st.floats(0.05, 0.95))
@settings(deadline=None)
def test_decoding_finds_the_best_of_all_segmentations(proba: list[float], price: float) -> None:
    n = len(proba) + 1
    likely = [at for at in range(1, n) if proba[at - 1] > decoding.LIKELY]
    best = max(
        expected(proba, (*inner, n), price)
        for size in range(len(likely) + 1)
        for inner in itertools.combinations(likely, size)
    )
    found = decode(np.array(proba), price=price)
    assert expected(proba, tuple(found), price) == pytest.approx(best, abs=1e-9)


@given(probabilities, st.floats(0.05, 0.95))
@example([], 0.4)
@example([0.0] * 60, 0.4)
@example([1.0] * 60, 0.4)
@example([0.5] * 60, 0.4)
def test_ends_ascend_to_the_number_of_paragraphs_and_certainties_are_obeyed(proba: list[float], price: float) -> None:
    found = decode(np.array(proba, dtype=np.float64), price=price)
    assert found == sorted(set(found))
    assert found[0] > 0
    assert found[-1] == len(proba) + 1
    assert {at for at, value in enumerate(proba, 1) if value == 1.0} <= set(found)
    assert not {at for at, value in enumerate(proba, 1) if value <= decoding.LIKELY} & set(found)


def test_clear_boundaries_are_found(segmenter: Segmenter) -> None:
    assert predict(segmenter, [0.01, 0.9, 0.02, 0.03, 0.97, 0.01]) == [2, 5, 7]
    assert predict(segmenter, [0.01] * 6) == [7]
    assert predict(segmenter, [0.99] * 3) == [1, 2, 3, 4]
    assert predict(segmenter, []) == [1]


def test_no_article_begins_within_a_masthead_and_under_it_only_a_clear_one(segmenter: Segmenter) -> None:
    likely = np.array([0.99, 0.9, 0.01, 0.97, 0.01], dtype=np.float32)
    assert segmenter.predict(likely, masthead=2) == [4, 6]
    likely[1] = 0.99
    assert segmenter.predict(likely, masthead=2) == [2, 4, 6]


def test_an_article_begins_under_a_list_of_contents_and_none_within(segmenter: Segmenter) -> None:
    likely = np.array([0.5, 0.9, 0.9, 0.01, 0.01], dtype=np.float32)
    assert segmenter.predict(likely, masthead=1, index=4) == [4, 6]


def test_a_higher_price_claims_fewer_articles() -> None:
    proba = np.random.default_rng(5).beta(0.4, 1.2, 80)
    counts = [len(decode(proba, price=price)) for price in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


def test_faint_doubts_cut_nothing() -> None:
    assert decode(np.full(200, 0.03), price=0.4) == [201]


def test_a_clear_boundary_is_found_among_faint_doubts() -> None:
    proba = np.full(199, 0.019)
    proba[99] = 0.97
    assert decode(proba, price=0.4) == [100, 200]


def test_a_sure_boundary_is_obeyed_even_where_it_gains_nothing() -> None:
    proba = np.full(599, 0.019)
    proba[[199, 399]] = 1.0
    assert decode(proba, price=0.4) == [200, 400, 600]


def test_decoding_a_long_page_takes_time_in_proportion() -> None:
    proba = np.random.default_rng(1).random(50_000)
    found = decode(proba, price=0.4)
    assert found[-1] == 50_001
    assert 10_000 < len(found) < 40_000


def test_the_probabilities_given_are_left_alone(segmenter: Segmenter) -> None:
    proba = np.full(6, 0.5, dtype=np.float32)
    segmenter.predict(proba, {2: FROM, 4: ON})
    assert (proba == 0.5).all()


# --- Jump lines -------------------------------------------------------------------------------------------------------

QUIET = [0.001] * 9
"""Ten paragraphs in which the model sees no boundary."""


@pytest.mark.parametrize(
    ("jumps", "ends"),
    [
        ({}, [10]),
        ({5: FROM}, [5, 10]),
        ({5: FROM_TEXT}, [5, 10]),
        ({9: FROM}, [9, 10]),
        ({9: FROM_TEXT}, [9, 10]),
        ({5: ON}, [6, 10]),
        ({5: ON_TEXT}, [6, 10]),
        ({0: ON}, [1, 10]),
        ({9: ON}, [10]),
        ({9: ON_TEXT}, [10]),
        ({5: BOTH}, [5, 6, 10]),
        ({0: BOTH}, [1, 10]),
        ({9: BOTH}, [9, 10]),
        # The page itself begins the article of a mark in its first lines: they are its headline.
        ({0: FROM}, [10]),
        ({1: FROM}, [10]),
        ({2: FROM}, [10]),
        ({3: FROM}, [3, 10]),
        # Several of them.
        ({3: FROM, 7: FROM}, [3, 7, 10]),
        ({3: ON, 7: ON}, [4, 8, 10]),
        ({4: ON, 5: FROM}, [5, 10]),
        ({4: ON, 6: FROM}, [5, 10]),  # a headline between
        ({4: ON_TEXT, 7: FROM}, [5, 10]),  # of two lines
        ({4: ON, 8: FROM}, [5, 8, 10]),  # more than a headline between
        ({4: FROM, 6: ON}, [4, 7, 10]),
        ({4: FROM, 5: ON}, [4, 6, 10]),
        # Two short continued parts, one under the other.
        ({4: FROM, 6: FROM}, [4, 6, 10]),
        ({4: FROM_TEXT, 5: FROM_TEXT}, [4, 5, 10]),
        ({4: FROM, 6: FROM_TEXT, 8: FROM}, [4, 6, 8, 10]),
        # A mark that was read twice.
        ({4: FROM, 5: FROM}, [4, 10]),
        ({4: FROM, 5: FROM_TEXT}, [4, 10]),
        ({4: ON, 5: ON}, [6, 10]),
    ],
    ids=str,
)
def test_jump_lines_force_boundaries(jumps: dict[int, Jump], ends: list[int], segmenter: Segmenter) -> None:
    assert predict(segmenter, QUIET, jumps) == ends
    # The order in which they are given plays no part.
    assert predict(segmenter, QUIET, dict(reversed(jumps.items()))) == ends


def test_a_jump_line_forbids_the_boundary_inside_its_article(segmenter: Segmenter) -> None:
    loud = [0.999] * 9
    # 上接 is not cut from the text under it, 下转 not from the text over it.
    assert 6 not in predict(segmenter, loud, {5: FROM})
    assert 5 not in predict(segmenter, loud, {5: ON})
    assert 6 in predict(segmenter, loud, {5: FROM_TEXT})
    assert 5 in predict(segmenter, loud, {5: ON_TEXT})


def test_a_headline_above_a_jump_line_belongs_to_it(segmenter: Segmenter) -> None:
    for at in (4, 3):
        seen = list(QUIET)
        seen[at - 1] = 0.6
        assert predict(segmenter, seen, {5: FROM}) == [at, 10]
        # Nearly seen is enough: something must begin here.
        seen[at - 1] = 0.2
        assert predict(segmenter, seen, {5: FROM}) == [at, 10]
        seen[at - 1] = 0.01
        assert predict(segmenter, seen, {5: FROM}) == [5, 10]
    # The article begins once.
    assert predict(segmenter, [0.001, 0.001, 0.9, 0.8, 0.7, 0.001], {5: FROM}) == [3, 7]
    # Three lines up is too far for a headline.
    far = list(QUIET)
    far[1] = 0.97
    assert predict(segmenter, far, {5: FROM}) == [2, 5, 10]


@given(probabilities, st.data())
def test_with_any_jump_lines_ends_are_sound(proba: list[float], data: st.DataObject) -> None:
    n = len(proba) + 1
    jumps = data.draw(st.dictionaries(st.integers(0, n - 1), jump_marks, max_size=8))
    ends = segmenting_of(proba).predict(np.array(proba, dtype=np.float32), jumps)
    assert ends == sorted(set(ends))
    assert ends[0] > 0
    assert ends[-1] == n
    starts = {0, *ends[:-1]}
    previous: int | None = None
    for paragraph in sorted(jumps):
        jump = jumps[paragraph]
        again = previous is not None and previous == paragraph - 1 and jumps[previous].opens and jumps[previous].alone
        if jump.opens and not again:
            # An article begins at the mark or at most two lines above it, and never above another mark.
            floor = max(paragraph - 2, 0 if previous is None else previous + 1)
            assert starts & set(range(floor, paragraph + 1))
        overruled = paragraph + 1 in jumps and not jumps[paragraph + 1].opens and jumps[paragraph + 1].alone
        if (not jump.opens or jump.onward) and not overruled:
            assert paragraph + 1 in ends
        previous = paragraph


def segmenting_of(_: object) -> Segmenter:
    """Return a segmenter that can decode and nothing else."""
    none = np.zeros(0, dtype=np.float32)
    return Segmenter(none.astype(np.uint32), none, none, none, 0.0, none, 0.0, 1.0, 0.0, 0.4)


def test_jump_marks_are_found_by_paragraph() -> None:
    long = "文" * 150
    lines = (
        "标题",
        "",
        "（上接第1版）",
        "正文。",
        f"{long}。（下转第4版）",
        f"（上接A02版）{long}",
        f"{long}上接3版{long}",
        f"（上接1版）{long}(下转5版)",
    )
    text = "\n".join(lines)
    assert find_jumps(Page(text, split_paragraphs(text))) == {
        1: Jump("1", opens=True, alone=True),
        3: Jump("4", opens=False, alone=False),
        4: Jump("A02", opens=True, alone=False),
        6: Jump("1", opens=True, alone=False, onward="5"),
    }


@pytest.mark.parametrize(
    ("above", "titles"),
    [
        (["社区食堂开张"], 1),
        (["社区食堂开张", "老人吃上热饭"], 2),
        (["社区食堂开张", "本报记者 王一二"], 2),
        (["社区食堂开张", "——走进三个街道"], 2),
        (["——走进三个街道"], 0),
        (["米饭管够。", "社区食堂开张"], 1),
        (["社区食堂开张", "米饭管够。"], 0),
        (["米饭管够。", "本报记者 王一二"], 0),
        (["米饭管够。", "（王一二）"], 0),
        (["米饭管够。", "社区食堂昨天开张，"], 0),
        (["社区食堂开张", "本报讯 社区食堂昨天开张，米饭管够。"], 0),
    ],
    ids=str,
)
def test_only_what_looks_like_a_headline_goes_with_the_mark_below(above: list[str], titles: int) -> None:
    text = "\n".join(["街道负责人说，食堂由三家单位合办。", *above, "（上接第1版）", "正文。"])
    page = Page(text, split_paragraphs(text))
    jumps = find_jumps(page)
    assert jumps[len(above) + 1].titles == titles
    # However sure the model is of a line that is no headline, the article begins at the mark.
    proba = np.full(len(page.paragraphs) - 1, 0.9, dtype=np.float32)
    starts = segmenting_of(proba).predict(proba, jumps)
    assert len(above) + 1 - titles in starts


def test_a_headline_of_four_lines_goes_with_a_mark_that_is_no_start_by_itself() -> None:
    above = ["社区食堂新事", "老人吃上热饭", "——走进三个街道", "本报记者 王一二"]
    text = "\n".join(["街道负责人说，食堂由三家单位合办。", *above, "（上接第1版）", "正文。"])
    page = Page(text, split_paragraphs(text))
    jumps = find_jumps(page)
    assert jumps[5].titles == 4
    proba = np.array([0.6, 0.0, 0.0, 0.0, 0.1, 0.0], dtype=np.float32)
    assert segmenting_of(proba).predict(proba, jumps) == [1, 7]
    proba[4] = 0.55
    assert segmenting_of(proba).predict(proba, jumps) == [1, 5, 7]


def test_a_mark_under_the_first_report_of_a_page_opens_the_next() -> None:
    text = "社区食堂开张\n本报讯 社区食堂昨天开张，米饭管够。\n（接1版）\n加工费把干茶带回家，自己找销路。"
    page = Page(text, split_paragraphs(text))
    assert segmenting_of(None).predict(np.full(3, 0.1, dtype=np.float32), find_jumps(page)) == [2, 4]


def test_a_full_line_of_wrapped_text_is_no_headline() -> None:
    body = ["街道负责人说食堂由三家单", "位合办午餐和晚餐都有行动", "不便的老人可以送餐上门。"] * 3
    text = "\n".join([*body[:-1], "（上接第1版）", *body])
    jumps = find_jumps(Page(text, split_paragraphs(text)))
    assert jumps[len(body) - 1].titles == 0


@pytest.mark.parametrize("size", [55, 60, 61, 199, 200, 201, 5000])
def test_the_middle_of_a_long_paragraph_is_not_read(size: int) -> None:
    for text in ("上接1版" + "文" * size, "文" * size + "下转1版", "文" * size + "（下转1版）" + "文" * size):
        assert find_jumps(Page(text, split_paragraphs(text))) == {}
    text = "（上接1版" + "文" * size
    assert find_jumps(Page(text, split_paragraphs(text))) == {0: FROM_TEXT}


# --- Whole pages ------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.text("中国记者，。（上接下转1版）— \u3000", max_size=50), max_size=40).map("\n".join)
    | st.text(st.characters(exclude_categories=()), max_size=200)
)
@settings(deadline=None)
@example("")
@example("一")
@example("一\n二")
def test_any_page_has_probabilities_and_ends(small: Segmenter, text: str) -> None:
    page = Page(text, split_paragraphs(text))
    n = len(page.paragraphs)
    proba = proba_of(small, text)
    assert proba.shape == (max(n - 1, 0),)
    assert proba.dtype == np.float32
    assert ((proba >= 0) & (proba <= 1)).all()
    if n:
        ends = small.predict(proba, find_jumps(page))
        assert ends == sorted(set(ends))
        assert ends[-1] == n


@pytest.fixture(scope="module", name="small")
def _small(segmenter: Segmenter) -> Segmenter:
    return segmenter


def test_boundaries_are_more_probable_than_other_gaps(segmenter: Segmenter, composed: list[Composed]) -> None:
    at, elsewhere = [], []
    for page in composed:
        proba = proba_of(segmenter, page.text)
        truth = np.zeros(len(proba), dtype=bool)
        truth[np.array(page.ends[:-1], dtype=np.int64) - 1] = True
        at += proba[truth].tolist()
        elsewhere += proba[~truth].tolist()
    assert np.mean(at) > 0.4
    assert np.mean(elsewhere) < 0.15


def test_the_same_page_has_the_same_probabilities(segmenter: Segmenter, composed: list[Composed]) -> None:
    for page in composed[:8]:
        assert proba_of(segmenter, page.text).tobytes() == proba_of(segmenter, page.text).tobytes()


def test_extreme_weights_do_not_overflow(segmenter: Segmenter, composed: list[Composed]) -> None:
    for factor in (1e4, -1e4):
        wild = replace(
            segmenter, first=segmenter.first * np.float32(factor), second=segmenter.second * np.float32(factor)
        )
        proba = proba_of(wild, composed[0].text)
        assert np.isfinite(proba).all()
        wild.predict(proba)


# --- Long pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def long_text(composed: list[Composed]) -> str:
    return "".join(page.text for page in composed)


@pytest.mark.parametrize("window", [7, 64, 500])
def test_a_long_page_seen_in_windows_has_a_probability_a_gap(
    window: int, segmenter: Segmenter, long_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmenting, "HALO", 5)
    for n_lines in (window, window + 10, window + 11, window + 12, 2 * window, 3 * window + 1):
        text = "\n".join([line for line in long_text.splitlines() if line.strip()][:n_lines])
        monkeypatch.setattr(segmenting, "WINDOW", window)
        proba = proba_of(segmenter, text)
        assert proba.shape == (len(split_paragraphs(text)) - 1,)
        assert np.isfinite(proba).all()


def test_windows_see_much_the_same_as_the_whole_page(
    segmenter: Segmenter, long_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = len(split_paragraphs(long_text))
    assert n > 500
    monkeypatch.setattr(segmenting, "WINDOW", n)
    whole = proba_of(segmenter, long_text)
    monkeypatch.setattr(segmenting, "WINDOW", 300)
    parts = proba_of(segmenter, long_text)
    # What is measured against the page (ranks, habits) is measured against the window; nothing else may change.
    assert np.median(np.abs(whole - parts)) < 0.02
    assert ((whole > 0.4) == (parts > 0.4)).mean() > 0.95
    assert np.corrcoef(whole, parts)[0, 1] > 0.9


def test_a_window_is_the_page_of_its_lines(
    segmenter: Segmenter, long_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The window of gaps 41 … 80 with its halo is the page of lines 31 … 90 (1-based), no more and no less.
    lines = [line for line in long_text.splitlines() if line.strip()][:200]
    text = "\n".join(lines)
    monkeypatch.setattr(segmenting, "WINDOW", 40)
    monkeypatch.setattr(segmenting, "HALO", 10)
    windows = proba_of(segmenter, text)
    monkeypatch.setattr(segmenting, "WINDOW", 1000)
    for at in range(1, len(windows) + 1, 40):
        low, high = max(0, at - 10), min(len(lines), at + 50)
        alone = proba_of(segmenter, "\n".join(lines[low:high]))
        begin = at - low - 1
        count = min(40, len(lines) - at)
        assert windows[at - 1 : at - 1 + count] == pytest.approx(alone[begin : begin + count], abs=1e-6)


def test_the_halo_is_wide_enough_for_the_features() -> None:
    # A similarity looks 1,000 characters ahead; lines of a column have some 15.
    assert HALO * 15 >= 1000
    assert WINDOW > 4 * HALO


def test_the_width_of_a_page_is_measured_once_for_all_jump_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []

    def measure(paragraphs: Paragraphs) -> int:
        measured.append(len(paragraphs))
        return wrap_width(paragraphs)

    monkeypatch.setattr(jumps, "wrap_width", measure)
    text = "水渠昨日通水\n（上接第1版）\n三个村的旱地有了水源。\n" * 20
    page = Page(text, split_paragraphs(text))
    assert [jump.titles for jump in find_jumps(page).values()] == [1] * 20
    assert measured == [60]


def test_segments_are_the_gaps_between_ends() -> None:
    assert boundaries([2, 5, 7]) == [(0, 2), (2, 5), (5, 7)]
    assert boundaries([1]) == [(0, 1)]
