"""Composed pages: the segmentation is known by construction, and the reader sees the same lines."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.composing.compose import Composed, compose_page, revary
from classifier.composing.manuscript import Manuscript
from classifier.composing.style import Style, draw_style
from classifier.text.paragraphs import split_paragraphs
from classifier.training import set_pages

KINDS = ("page", "mixed", "shorts", "spoken")
INK = "霰霭霾靛鞑韬颦飓馥骥"
"""Characters that no byline, caption or furniture has: the text of story i is written in the i-th."""


def marked_story(mark: str, rng: random.Random) -> Manuscript:
    """Return a story whose every line holds ``mark`` in each clause, and none of the other marks."""

    def clauses(count: int) -> str:
        return "，".join(mark * rng.randint(4, 19) for _ in range(count)) + "。"

    paragraphs = tuple(clauses(rng.randint(1, 12)) for _ in range(rng.randint(1, 9)))
    return Manuscript(
        title=mark * rng.randint(4, 30),
        paragraphs=paragraphs,
        intro=mark * 8 if rng.random() < 0.3 else "",
        subtitle="——" + mark * 9 if rng.random() < 0.3 else "",
        captions=(mark * 10 + "。",) if rng.random() < 0.3 else (),
        heads=paragraphs[1:2] if len(paragraphs) > 3 and rng.random() < 0.3 else (),
    )


def segments(page: Composed) -> list[str]:
    """Return the text of each article of a page."""
    paragraphs = split_paragraphs(page.text)
    lines = [page.text[paragraph.start : paragraph.end] for paragraph in paragraphs]
    return ["\n".join(lines[first:last]) for first, last in zip((0, *page.ends), page.ends, strict=False)]


def check_tiling(page: Composed) -> None:
    assert list(page.ends) == sorted(set(page.ends))
    if page.ends:
        assert page.ends[0] > 0
        assert page.ends[-1] == len(split_paragraphs(page.text))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(60))
def test_the_reader_sees_the_lines_that_were_set(kind: str, seed: int, stories: list[Manuscript]) -> None:
    rng = random.Random(seed)
    chosen = rng.sample(stories, rng.randint(1, 7))
    page = compose_page(chosen, draw_style(rng, kind), rng)
    check_tiling(page)
    assert len(page.ends) <= len(chosen)
    # A style never loses a whole story; only one of nothing but a subhead could be.
    assert len(page.ends) == len(chosen)


def marks_of_articles(kind: str, seed: int) -> tuple[list[set[str]], list[set[str]]]:
    """Return the marks found in each article of a page, and those that should be."""
    rng = random.Random(seed)
    chosen = [marked_story(mark, rng) for mark in INK[: rng.randint(2, 7)]]
    style = replace(draw_style(rng, kind), wrong=0.0, traditional=False)
    page = compose_page(chosen, style, rng)
    check_tiling(page)
    return [set(segment) & set(INK) for segment in segments(page)], [{mark} for mark in INK[: len(chosen)]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(60))
def test_every_article_holds_lines_of_its_own_story_and_no_other(kind: str, seed: int) -> None:
    found, expected = marks_of_articles(kind, seed)
    assert len(found) == len(expected)
    assert all(marks <= mark for marks, mark in zip(found, expected, strict=True))


@pytest.mark.xfail(reason="a headless part can be cut down to its end line, （作者单位：…）, which is no article")
def test_every_article_keeps_some_of_its_text() -> None:
    empty = []
    for kind in KINDS:
        for seed in range(60):
            found, expected = marks_of_articles(kind, seed)
            if found != expected:
                empty.append((kind, seed))
    assert empty == []


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_style_tiles_any_page(data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 10**6))
    rng = random.Random(seed)
    style = draw_style(rng, data.draw(st.sampled_from(KINDS)))
    line = st.text("中文报道，。：“”（）、 \u3000ab1", min_size=1, max_size=90)
    chosen = [
        Manuscript(
            title=data.draw(line),
            paragraphs=tuple(data.draw(st.lists(line, max_size=5))),
            byline=data.draw(st.just("") | line),
            captions=tuple(data.draw(st.lists(line, max_size=2))),
            credit=data.draw(st.booleans()),
        )
        for _ in range(data.draw(st.integers(0, 4)))
    ]
    page = compose_page(chosen, style, rng)
    assert page.text.endswith("\n")
    check_tiling(page)
    assert len(page.ends) <= len(chosen)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_sets_the_same_page(kind: str, stories: list[Manuscript]) -> None:
    for seed in range(20):
        pages = []
        for _ in range(2):
            rng = random.Random(seed)
            pages.append(compose_page(stories[seed : seed + 4], draw_style(rng, kind), rng))
        assert pages[0] == pages[1]


def test_page_i_of_a_seed_does_not_depend_on_the_other_pages(stories: list[Manuscript]) -> None:
    draws = [(stories[at : at + 3], KINDS[at % 4]) for at in range(12)]
    pages = set_pages(draws, seed=5)
    assert pages == set_pages(draws, seed=5)
    assert pages[:7] == set_pages(draws[:7], seed=5)
    assert pages != set_pages(draws, seed=6)
    assert len({page.text for page in pages}) == len(pages)


def test_styles_vary(stories: list[Manuscript]) -> None:
    styles = [draw_style(random.Random(seed), "page") for seed in range(200)]
    assert len({style.blank for style in styles}) == 4
    assert len({style.indent for style in styles}) >= 3
    assert 0.3 < sum(bool(style.wrap) for style in styles) / 200 < 0.7
    assert 0.3 < sum(style.wrong > 0 for style in styles) / 200 < 0.8
    texts = {compose_page(stories[:3], style, random.Random(1)).text for style in styles}
    assert len(texts) > 180


def test_a_plain_style_sets_every_line_as_it_is() -> None:
    story = Manuscript(
        title="社区食堂开张 老人吃上热饭",
        paragraphs=("本报讯 社区食堂昨天开张。", "首日来了八十位老人。"),
        intro="民生一线",
        subtitle="——桥北街道见闻",
        byline="本报记者 王一",
    )
    style = Style(intro=1, subtitle=1, byline=1, captions=0, subheads=1)
    for seed in range(10):
        page = compose_page([story, story], style, random.Random(seed))
        lines = page.text.splitlines()
        assert page.ends == (6, 12)
        assert lines[0] == lines[6] == "民生一线"
        assert "".join(lines[1].split()) == "社区食堂开张老人吃上热饭"
        assert lines[2:6] == ["——桥北街道见闻", "本报记者 王一", *story.paragraphs]


def test_wrapped_lines_keep_to_the_column() -> None:
    story = Manuscript(title="题" * 9, paragraphs=("文" * 400 + "。",) * 3)
    style = Style(wrap=(18,), hang=True, indent="\u3000\u3000", captions=0.0)
    for seed in range(20):
        page = compose_page([story] * 2, style, random.Random(seed))
        lines = page.text.splitlines()
        widths = {len(line) for line in lines}
        assert sum(line.startswith("\u3000\u3000文") for line in lines) == 6
        assert max(widths) <= 20
        assert 18 in widths


@pytest.mark.parametrize("seed", range(30))
def test_a_page_set_once_more_has_the_same_articles(seed: int) -> None:
    rng = random.Random(seed)
    style = Style(captions=0.0)
    page = compose_page([marked_story(mark, rng) for mark in INK[:3]], style, rng)
    other = revary(page, random.Random(seed))
    check_tiling(other)
    assert [set(segment) & set(INK) for segment in segments(other)] == [{mark} for mark in INK[:3]]
    assert other == revary(page, random.Random(seed))


def test_pages_set_once_more_differ_in_columns_blank_lines_and_damage() -> None:
    rng = random.Random(3)
    page = compose_page([marked_story(mark, rng) for mark in INK[:6]], Style(captions=0.0), rng)
    others = [revary(page, random.Random(seed)) for seed in range(60)]
    assert len({other.text for other in others}) > 40
    assert {len(other.ends) for other in others} >= {3, 4, 5, 6}
    assert {"\n\n" in other.text for other in others} == {True, False}
    assert {max(map(len, other.text.splitlines())) < 30 for other in others} == {True, False}
    assert {set(other.text) <= set(page.text) for other in others} == {True, False}


def test_stray_blank_lines_and_broken_paragraphs_leave_the_articles_whole() -> None:
    rng = random.Random(4)
    page = compose_page([marked_story(mark, rng) for mark in INK[:3]], Style(captions=0.0), rng)
    others = [revary(page, random.Random(seed)) for seed in range(200)]
    for other in others:
        check_tiling(other)
        assert [set(segment) & set(INK) for segment in segments(other)] == [{mark} for mark in INK[:3]]
    # Of the pages with a paragraph a line, some have fewer blank lines than boundaries, others many more.
    blanks = {sum(not line for line in other.text.splitlines()) for other in others if len(other.ends) == 3}
    assert {0, 1, 2} < blanks
    assert max(blanks) > len(split_paragraphs(page.text))
    assert any(len(split_paragraphs(other.text)) > len(split_paragraphs(page.text)) for other in others)


def test_traditional_pages_have_traditional_characters() -> None:
    story = Manuscript(title="国际新闻网络发布会", paragraphs=("国际新闻" * 20,))
    page = compose_page([story], Style(traditional=True, captions=0.0), random.Random(1), simplified_to="国國际際闻聞")
    assert "國際新聞" in page.text
    assert "国" not in page.text


@pytest.mark.parametrize("odd", ["\u200b", "\xad", "\ufeff", "\u2028", "\x0b", "\x85"], ids=ascii)
def test_invisible_characters_and_odd_line_ends_do_not_upset_the_count(odd: str) -> None:
    story = Manuscript(title="标题" + odd + "一二三四", paragraphs=("正文" * 9 + odd + "。", odd, "正" * 80 + "。"))
    for seed in range(20):
        rng = random.Random(seed)
        page = compose_page([story] * 2, draw_style(rng, "page"), rng)
        check_tiling(page)
        assert len(page.ends) == 2
        check_tiling(revary(page, rng))
