"""Draws of stories that share a page."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, fields

import pytest

from benchmarks.draws import Counts, draw_pages
from benchmarks.stories import Pools
from classifier.composing.manuscript import Manuscript

COUNTS = Counts(plain=3, newspaper=4, web=5, mixed=6, shorts=7, spoken=8, dense=9, classified=10, supplement=11)


@pytest.fixture(scope="module")
def pools(stories: list[Manuscript]) -> Pools:
    """Return the labelled articles as if they were corpora."""
    pages = [stories[at : at + 5] for at in range(0, 60, 5)]
    return Pools(
        pages=pages,
        outlets={"甲": stories[60:100], "乙": stories[100:105]},
        agency=stories[105:130],
        briefs=stories[130:160],
        days=pages,
        adverts=stories[160:180],
        notices=stories[180:190],
        party=stories[190:200],
        essays=stories[200:220],
        own=stories[220:],
        written=[],
    )


def test_each_kind_of_page_is_drawn_as_often_as_asked(pools: Pools) -> None:
    draws = draw_pages(pools, COUNTS, seed=1)
    assert len(draws) == sum(astuple(COUNTS))
    assert all(stories for stories, _ in draws)
    kinds = Counter(kind for _, kind in draws)
    # News of the web is set on the web or in a newspaper.
    assert kinds["web"] + kinds["page"] == COUNTS.web + COUNTS.newspaper
    for kind in {field.name for field in fields(Counts)} - {"web", "newspaper"}:
        assert kinds[kind] == getattr(COUNTS, kind)


def test_a_seed_draws_the_same(pools: Pools) -> None:
    assert draw_pages(pools, COUNTS, seed=1) == draw_pages(pools, COUNTS, seed=1)
    assert draw_pages(pools, COUNTS, seed=1) != draw_pages(pools, COUNTS, seed=2)


def test_pages_of_one_house_are_of_houses_with_many_stories(pools: Pools) -> None:
    few = {story.title for story in pools.outlets["乙"]}
    for stories, kind in draw_pages(pools, COUNTS, seed=3):
        if kind in ("web", "dense"):
            assert not {story.title for story in stories} <= few


def test_counts_are_multiplied_and_never_nought() -> None:
    assert COUNTS.times(2).plain == 6
    assert min(astuple(COUNTS.times(0.01))) == 1
    assert COUNTS.without_short().dense == 0
    assert COUNTS.without_short().web == COUNTS.web
