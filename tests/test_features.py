"""Gap features: every page has some, every id is in range, and nothing that means nothing moves them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classifier.boundaries.context import context_ids
from classifier.boundaries.features import GAP_FEATURES, GAP_WIDTH, Gaps
from classifier.boundaries.grams import GRAMS
from classifier.boundaries.measures import MEASURES
from classifier.composing.compose import Composed
from classifier.document import Paragraphs
from classifier.text.paragraphs import split_paragraphs
from tests.gap_pages import describe, page_text


def check(gaps: Gaps, n: int) -> None:
    assert gaps.ids.shape == (n - 1, GAP_WIDTH)
    assert gaps.ids.dtype == np.int32
    assert gaps.ids.min() >= 0
    assert gaps.ids.max() < GAP_FEATURES
    # Every column has ids of its own, but for those of one n-gram table: no two columns of a gap can meet.
    assert gaps.after.shape == gaps.before.shape == (n - 1,)
    index = np.arange(1, n)
    assert (gaps.after > index).all()
    assert (gaps.after <= n).all()
    assert (gaps.before < index).all()
    assert (gaps.before >= 0).all()
    assert gaps.offsets.shape == (n + 1,)
    assert (np.diff(gaps.offsets) > 0).all()
    assert np.isfinite(gaps.vectors).all()


@given(page_text)
@settings(deadline=None, max_examples=200)
@example("甲\n乙")
@example("\n\n甲\r\n\r\n\r\n乙")
@example("。\n。\n。\n。")
@example("\u3000" * 9 + "甲\n" + " " * 9 + "乙\n\t丙")
@example("\ud800\n\udfff")
@example("\U0001f600\n\U00020000")
@example("（" * 30 + "\n" + "）" * 30)
@example("字" * 5000 + "\n" + "字")
@example("\n".join("字" * 20 for _ in range(30)))
def test_any_page_of_two_paragraphs_has_features_in_range(text: str) -> None:
    n = len(split_paragraphs(text))
    if n < 2:
        return
    check(describe(text), n)


@given(page_text)
@settings(deadline=None)
def test_columns_have_ids_of_their_own(text: str) -> None:
    n = len(split_paragraphs(text))
    if n < 2:
        return
    ids = describe(text).ids[:, : GAP_WIDTH - 3 * GRAMS]
    # Before the n-grams, which share a table a line, no id occurs in two columns.
    owner = np.broadcast_to(np.arange(ids.shape[1]), ids.shape).ravel()
    pairs = np.unique(np.stack([ids.ravel(), owner]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]


@given(page_text, st.text("\n\r \u3000\t\u200b", max_size=12))
@settings(deadline=None)
def test_what_is_blank_after_the_page_changes_nothing(text: str, blank: str) -> None:
    if len(split_paragraphs(text)) < 2:
        return
    one, other = describe(text), describe(text + "\n" + blank)
    assert np.array_equal(one.ids, other.ids)
    assert np.array_equal(one.patterns, other.patterns)
    scores = np.linspace(-3, 3, len(one.ids))
    assert np.array_equal(context_ids(one, scores), context_ids(other, scores))


@given(page_text, st.integers(1, 5))
@settings(deadline=None)
def test_blank_lines_before_the_page_change_nothing(text: str, count: int) -> None:
    if len(split_paragraphs(text)) < 2:
        return
    assert np.array_equal(describe(text).ids, describe("\n" * count + text).ids)


@pytest.mark.xfail(reason="distances count the characters of the file, line ends and indents included")
@pytest.mark.parametrize("end", ["\r\n", "\n\n"], ids=ascii)
def test_line_ends_are_no_distance(end: str, composed: list[Composed]) -> None:
    columns = [number for number, name in enumerate(MEASURES) if "blank" not in name]
    for page in composed[:16]:
        text = "\n".join(page.text.split("\n"))
        one, other = describe(text), describe(text.replace("\n", end))
        assert np.array_equal(one.ids[:, columns], other.ids[:, columns])


@given(page_text)
@settings(deadline=None)
def test_ids_do_not_depend_on_the_integers_of_the_platform(text: str) -> None:
    # Where NumPy's default integer has 32 bits, offsets arrive as such.
    paragraphs = split_paragraphs(text)
    if len(paragraphs) < 2:
        return
    small = Paragraphs(*(getattr(paragraphs, name).astype(np.int32) for name in ("starts", "ends", "lines")))
    one, other = describe(text), describe(text, paragraphs=small)
    for name in ("ids", "patterns", "kinds", "after", "before", "offsets"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert np.array_equal(one.vectors, other.vectors)


def test_integers_of_a_page_are_of_stated_size(composed: list[Composed]) -> None:
    gaps = describe(composed[0].text)
    assert {gaps.patterns.dtype, gaps.after.dtype, gaps.before.dtype, gaps.offsets.dtype} == {np.dtype(np.int64)}


def test_the_same_page_has_the_same_features(composed: list[Composed]) -> None:
    for page in composed[:8]:
        assert np.array_equal(describe(page.text).ids, describe(page.text).ids)


def test_a_traditional_page_has_the_features_of_the_simplified_one() -> None:
    simplified = (
        "国务院发布决定\n本报记者 张伟\n新华社北京电 国务院日前发布关于深化改革的决定。\n会议强调，要扩大开放。\n"
    )
    traditional = (
        "國務院發布決定\n本報記者 張偉\n新華社北京電 國務院日前發布關於深化改革的決定。\n會議強調，要擴大開放。\n"
    )
    assert np.array_equal(describe(simplified).ids, describe(traditional).ids)
