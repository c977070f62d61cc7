"""Texts set one after another: what is found in each is what is found in it alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import article, bundle, genre
from classifier.bundle import Bundle, bundles
from classifier.compose import Composed
from classifier.document import Page
from classifier.model import Model
from classifier.reader import split_paragraphs
from classifier.segmenter import HALO, WINDOW
from classifier.tokens import make_cutter, tokenise

CUTTER = make_cutter()

alphabet = st.sampled_from("中国人民日报的，。（）“a1 \u3000\n\r\x0b\u2028\ud800\U00020000\U0001f600一")
texts = st.lists(st.text(alphabet, max_size=40), min_size=1, max_size=8)


@given(texts)
@settings(deadline=None)
def test_each_text_is_read_as_if_it_were_alone(found: list[str]) -> None:
    whole = Bundle.of(found, CUTTER)
    for number, (text, page) in enumerate(zip(found, whole.pages(), strict=True)):
        alone = split_paragraphs(text)
        for name in ("starts", "ends", "lines"):
            assert np.array_equal(getattr(page.paragraphs, name), getattr(alone, name))
        inside = whole.tokens.between(whole.offsets[number], whole.offsets[number] + len(text))
        tokens = tokenise(text, CUTTER)
        for name in ("codes", "classes", "starts", "lengths", "words"):
            assert np.array_equal(getattr(inside, name), getattr(tokens, name))


@given(st.lists(st.integers(0, 30).map("字".__mul__), max_size=20), st.integers(5, 25))
def test_bundles_keep_the_order_and_long_texts_are_alone(found: list[str], longest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "MOST", 40)
        groups = list(bundles(found, longest=longest))
    assert [text for group in groups for text in group] == found
    for group in groups:
        assert group
        assert len(group) == 1 or (sum(len(text) + 1 for text in group) <= 40 and max(map(len, group)) <= longest)


@given(texts)
@settings(deadline=None, max_examples=25)
def test_many_texts_have_the_labels_they_have_alone(model: Model, found: list[str]) -> None:
    for label, text in zip(model.classify_many(found), found, strict=True):
        (alone,) = model.classify_many([text])
        assert label.genre == alone.genre
        assert [name for name, _ in label.top] == [name for name, _ in alone.top]
        assert dict(label.top) == pytest.approx(dict(alone.top), abs=1e-5)


def test_many_articles_have_the_labels_they_have_alone(model: Model, composed: list[Composed]) -> None:
    found = [page.text for page in composed] + ["", "题\n" + "长文。" * genre.LONGEST, "\n\n"]
    for label, text in zip(model.classify_many(found), found, strict=True):
        alone = model.classify(text)
        assert label.genre == alone.genre
        assert dict(label.top) == pytest.approx(dict(alone.top), abs=1e-5)


def test_many_pages_have_the_articles_they_have_alone(model: Model, composed: list[Composed]) -> None:
    long = "\n".join(page.text for page in composed)
    assert len(long) > bundle.MOST
    found = ["", "一行", *(page.text for page in composed), "\r\n", long, "（上接第一版）\r正文。\r", "末行\n\n二"]
    together = model.split_many(found)
    assert sum(map(len, together)) > len(composed)
    for text, articles in zip(found, together, strict=True):
        alone = model.split(text)
        assert [(a.start, a.end, a.first_line, a.last_line, a.title, a.genre) for a in articles] == [
            (a.start, a.end, a.first_line, a.last_line, a.title, a.genre) for a in alone
        ]
        for one, other in zip(articles, alone, strict=True):
            assert one.score == pytest.approx(other.score, abs=1e-5)
            assert one.boundary_score == pytest.approx(other.boundary_score, abs=1e-5)


def test_a_page_of_very_many_lines_does_not_upset_those_beside_it(model: Model, composed: list[Composed]) -> None:
    page = composed[0].text
    lines = "\n".join(f"第{number}行。" for number in range(WINDOW + 2 * HALO + 50))
    assert len(page) * 2 + len(lines) < bundle.MOST
    first, middle, last = model.split_many([page, lines, page])
    assert first == last == model.split(page)
    assert middle == model.split(lines)


def test_rows_are_the_same_in_blocks(composed: list[Composed], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Bundle.of([page.text for page in composed[:4]], CUTTER)
    at = [np.array(offsets) for offsets in zip(*_articles(whole), strict=True)]
    one = genre.article_rows(whole.tokens, *at)
    monkeypatch.setattr(genre, "BLOCK", 500)
    other = genre.article_rows(whole.tokens, *at)
    assert np.array_equal(one.pointers, other.pointers)
    assert np.array_equal(one.columns, other.columns)
    assert one.values == pytest.approx(other.values, rel=1e-6)


def _articles(whole: Bundle) -> list[tuple[int, int, int]]:
    """Return start, end and end of the headline of an article a page, the last of them without a headline."""
    found = []
    for number, page in enumerate(whole.pages()):
        lines, offset = page.paragraphs, whole.offsets[number]
        head = int(lines.ends[0]) if number < 3 else int(lines.starts[0])
        found.append((int(lines.starts[0]) + offset, int(lines.ends[-1]) + offset, head + offset))
    return found


def test_a_bug_in_one_text_of_a_chunk_spares_the_others(
    model: Model, composed: list[Composed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classifier.batch import Work, run

    for number, page in enumerate(composed[:5]):
        (tmp_path / f"{number}.txt").write_text(page.text + ("\n坏页" if number == 2 else ""), "utf-8")
    right = list(run([str(tmp_path)], work=Work(), model=model))
    build = article.find_headlines

    def fail(page: Page, *rest: object, **named: object) -> object:
        if page.text.endswith("坏页"):
            raise RuntimeError("a bug")
        return build(page, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(article, "find_headlines", fail)
    found = list(run([str(tmp_path)], work=Work(), model=model))
    assert [result.failure is not None for result in found] == [False, False, True, False, False]
    for one, other in zip(found, right, strict=True):
        if one.failure is None:
            assert [a.title for a in one.articles] == [a.title for a in other.articles]
