"""Texts set one after another: what is found in each is what is found in it alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier import article
from classifier.boundaries import features
from classifier.boundaries.segmenter import HALO, WINDOW
from classifier.composing.compose import Composed
from classifier.document import Article
from classifier.genres import form, tfidf
from classifier.model import Model, load_model
from classifier.page import bundle
from classifier.page.bundle import Bundle, bundles
from classifier.text.paragraphs import split_paragraphs
from classifier.text.tokens import make_cutter, tokenise

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


def test_what_is_read_of_a_long_text_is_counted_below_its_masthead() -> None:
    masthead = "江北日报　2010年10月13日　星期三\n　2　\n民生\n"
    body = "".join(f"第{number}户人家领到了新房的钥匙。\n" for number in range(2 * tfidf.LONGEST // 15))
    read = Bundle.of([masthead + "\n\n" + body], CUTTER, longest=tfidf.LONGEST)
    whole = Bundle.of([masthead + "\n\n" + body], CUTTER)
    start = len(masthead) + 2
    assert start + tfidf.LONGEST < len(read.tokens.codes) < len(whole.tokens.codes)
    assert all(
        np.array_equal(*(getattr(found.tokens.between(start, start + tfidf.LONGEST), name) for found in (read, whole)))
        for name in ("codes", "words")
    )


def test_many_short_texts_are_not_all_in_one_bundle() -> None:
    groups = list(bundles(["", "字"] * bundle.MOST_TEXTS))
    assert [len(group) for group in groups] == [bundle.MOST_TEXTS] * 2


class _Story(str, Enum):  # noqa: UP042 StrEnum formats as its value, which would prove nothing
    """Strings that format as something else than they are."""

    LONG = "城里的桥修好了\n本报讯 昨天，城里的桥修好了。"
    SHORT = "一行"


def test_a_string_of_a_kind_is_read_as_what_it_is(model: Model) -> None:
    assert model.split_many(list(_Story)) == [model.split(story.value) for story in _Story]
    assert model.classify_many(list(_Story)) == [model.classify(story.value) for story in _Story]


def test_what_is_no_string_is_refused(model: Model) -> None:
    for texts_in_bytes in ([b"a"], [b"a", b"b"]):
        with pytest.raises((TypeError, AttributeError)):
            model.split_many(texts_in_bytes)  # type: ignore[arg-type]


def _odd_texts(composed: list[Composed]) -> list[str]:
    """Return texts of every kind: none, blank, control characters, lone surrogates, wrapped, without a line end."""
    odd = ["", " \u3000", "\n\n\r", "\x00", "\ud800", "\x1c\x1d", "一", "“", "（下转第4版）", "\ufeff题\r正文。\r"]
    found = [page.text for page in composed[:12]]
    flat = [text.replace("\n", "") for text in found[:3]]
    control = ["\x00".join(found[0].splitlines(keepends=True)), "\u3000\ud83d" + found[1] + "\x85\u2028（"]
    return [*odd, *found, *flat, *control, *(text[:30] for text in found)]


def _tempting_texts(composed: list[Composed]) -> list[str]:
    """Return texts that, were their ends not seen, would go on in the next: wrapped ones, parts of words and quotes."""
    flat = [page.text.replace("\n", "") for page in composed[:3]]
    wrapped = ["\n".join(text[at : at + 17] for at in range(0, len(text) // 17 * 17, 17)) for text in flat]
    return [*wrapped, "通讯员、我", "们去看，咱", "们说：“必", "须", "你我", *wrapped]


@pytest.mark.parametrize("seed", range(8))
def test_gaps_and_forms_are_described_as_if_each_text_were_alone(
    model: Model, composed: list[Composed], seed: int
) -> None:
    found = Random(seed).sample(_odd_texts(composed), 20) + _tempting_texts(composed)
    whole, segmenter = Bundle.of(found, CUTTER), model.segmenter
    vocabulary = features.Vocabulary.of(segmenter.alphabet, segmenter.idf, segmenter.vectors)
    described = iter(features.describe_pages(whole.tokens, whole.page.paragraphs, whole.bounds, vocabulary))
    forms = form.describe_forms(whole.tokens.codes, *_whole_texts(whole))
    for number, text in enumerate(found):
        alone = Bundle.of([text], CUTTER)
        assert np.array_equal(forms[number], form.describe_forms(alone.tokens.codes, *_whole_texts(alone))[0])
        if len(alone.page.paragraphs) < 2:
            continue
        gaps, expected = next(described), segmenter.describe(alone.tokens, alone.page.paragraphs)
        for name in ("ids", "patterns", "kinds", "after", "before", "offsets", "running"):
            assert np.array_equal(getattr(gaps, name), getattr(expected, name)), name
    assert next(described, None) is None


def _whole_texts(whole: Bundle) -> tuple[NDArray[np.int64], ...]:
    """Return start, end and end of the headline, which none has, of each text as one article."""
    starts, ends = [], []
    for number, offset in enumerate(whole.offsets[:-1]):
        lines = whole.paragraphs(number)
        starts.append(int(lines.starts[0]) if len(lines) else offset)
        ends.append(int(lines.ends[-1]) if len(lines) else offset)
    return np.array(starts), np.array(ends), np.array(starts)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", [40, 1000, 1 << 15])
def test_no_text_depends_on_those_beside_it(model: Model, composed: list[Composed], seed: int, most: int) -> None:
    found = Random(seed).sample(_odd_texts(composed), 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "MOST", most)
        pages, labels = model.split_many(found), model.classify_many(found)
    for text, page, label in zip(found, pages, labels, strict=True):
        _assert_same(page, model.split(text))
        alone = model.classify(text)
        assert label.genre == alone.genre
        assert label.score == pytest.approx(alone.score, abs=1e-5)


def test_threads_can_share_a_model(model: Model, composed: list[Composed]) -> None:
    found = _odd_texts(composed)
    fresh = load_model(model.path)  # its tables are still to be converted
    groups = [Random(number).sample(found, 6) for number in range(24)]
    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(fresh.split_many, groups))
        labels = list(pool.map(fresh.classify_many, groups))
    assert labels == [model.classify_many(group) for group in groups]
    assert pages == [model.split_many(group) for group in groups]


@given(texts)
@settings(deadline=None, max_examples=25)
def test_many_texts_have_the_labels_they_have_alone(model: Model, found: list[str]) -> None:
    for label, text in zip(model.classify_many(found), found, strict=True):
        (alone,) = model.classify_many([text])
        assert label.genre == alone.genre
        assert [name for name, _ in label.top] == [name for name, _ in alone.top]
        assert dict(label.top) == pytest.approx(dict(alone.top), abs=1e-5)


def test_many_articles_have_the_labels_they_have_alone(model: Model, composed: list[Composed]) -> None:
    found = [page.text for page in composed] + ["", "题\n" + "长文。" * tfidf.LONGEST, "\n\n"]
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
        _assert_same(articles, model.split(text))


def _assert_same(articles: tuple[Article, ...], alone: tuple[Article, ...]) -> None:
    """Articles are those found in the page alone, but for what floating point makes of another order of sums."""
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
    one = tfidf.article_rows(whole.tokens, *at)
    monkeypatch.setattr(tfidf, "BLOCK", 500)
    other = tfidf.article_rows(whole.tokens, *at)
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
    from classifier.batches.batch import run
    from classifier.batches.work import Work

    for number, page in enumerate(composed[:5]):
        (tmp_path / f"{number}.txt").write_text(page.text + ("\n坏页" if number == 2 else ""), "utf-8")
    right = list(run([str(tmp_path)], work=Work(), model=model))
    build = article.find_headlines

    def fail(cut: article.Segmentation) -> object:
        if cut.page.text.endswith("坏页"):
            raise RuntimeError("a bug")
        return build(cut)

    monkeypatch.setattr(article, "find_headlines", fail)
    found = list(run([str(tmp_path)], work=Work(), model=model))
    assert [result.failure is not None for result in found] == [False, False, True, False, False]
    for one, other in zip(found, right, strict=True):
        if one.failure is None:
            assert [a.title for a in one.articles] == [a.title for a in other.articles]
