"""Draws of stories that could share a page; how the page is set is the business of ``composing``."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

from benchmarks.stories import Pools, shorten
from classifier.composing import phrases
from classifier.composing.compose import Draw
from classifier.composing.manuscript import Manuscript

_PICTURE_TITLES = ("", "", "图片新闻", "图片报道", "图说新闻")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many pages of each kind to draw."""

    plain: int
    """Newspaper pages as they were printed, the damage apart."""
    newspaper: int
    """Newspaper pages in other houses' styles."""
    web: int
    mixed: int
    shorts: int
    spoken: int
    dense: int = 1
    """Pages of many short articles, as local papers have them."""
    classified: int = 1
    """Columns of notices and small advertisements."""
    supplement: int = 1
    """Literary pages."""

    def times(self, factor: float) -> Counts:
        """Return the counts multiplied."""
        return Counts(*(max(1, round(getattr(self, kind.name) * factor)) for kind in fields(self)))

    def without_short(self) -> Counts:
        """Return the counts without the pages of many short articles, of notices and of literature."""
        return replace(self, dense=0, classified=0, supplement=0)


USUAL = Counts(
    plain=700, newspaper=800, web=1000, mixed=900, shorts=350, spoken=300, dense=800, classified=100, supplement=100
)


def draw_pages(pools: Pools, counts: Counts, *, seed: int) -> list[Draw]:
    """Draw the stories of many pages; the same seed draws the same."""
    table = _Table.lay(pools, random.Random(seed))
    kinds = (
        (counts.plain, table.plain),
        (counts.newspaper, table.newspaper),
        (counts.dense, table.dense),
        (counts.classified, table.classified),
        (counts.supplement, table.supplement),
        (counts.web, table.web_page),
        (counts.mixed, table.mixed),
        (counts.shorts, table.shorts),
        (counts.spoken, table.spoken),
    )
    return [draw() for count, draw in kinds for _ in range(count)]


_LENGTHS = (
    (4000,),
    (300, 800, 1500, 4000),
    (200, 400, 800),
    (100, 200, 400, 800),
    (80, 150, 250),
    (60, 120, 300, 1000),
)


def _lengths(rng: random.Random) -> tuple[int, ...]:
    """Draw how long the articles of a page may be, in characters."""
    return rng.choice(_LENGTHS)


@dataclass(frozen=True, slots=True)
class _Table:
    """What pages are drawn from."""

    pools: Pools
    rng: random.Random
    web: list[Manuscript]
    printed: list[Manuscript]
    anything: list[Manuscript]
    houses: list[str]
    """Outlets with stories enough for pages of their own."""

    @classmethod
    def lay(cls, pools: Pools, rng: random.Random) -> Self:
        """Put the stories together that are drawn from together."""
        web, printed = pools.web, pools.printed
        anything = web * 2 + pools.agency + pools.briefs + printed + pools.party + pools.essays * 2 + pools.own * 4
        houses = [outlet for outlet in sorted(pools.outlets) if len(pools.outlets[outlet]) > 20]
        return cls(pools, rng, web, printed, anything, houses)

    def plain(self) -> Draw:
        """Draw a newspaper page as it was printed."""
        return _as_printed(self.rng.choice(self.pools.pages), self.rng), "plain"

    def newspaper(self) -> Draw:
        """Draw a newspaper page, its articles shortened or not."""
        rng = self.rng
        stories = _newspaper_page(rng.choice(self.pools.pages), rng)
        limits = _lengths(rng) if rng.random() < 0.5 else (4000,)
        return [s if s.credit else shorten(s, rng.choice(limits)) for s in stories], "page"

    def dense(self) -> Draw:
        """Draw a page of many articles, most of them short: of one day, of one house, or of anywhere."""
        pools, rng = self.pools, self.rng
        number = rng.randint(5, 14)
        choice = rng.random()
        if choice < 0.25:
            page = [story for story in rng.choice(pools.pages) if not story.credit]
            stories = page + rng.sample(self.printed, max(number - len(page), 0))
            rng.shuffle(stories)
        elif choice < 0.45:
            stories = rng.sample(pools.outlets[rng.choice(self.houses)], number)
        elif choice < 0.6:
            stories = rng.sample(pools.briefs + pools.agency, number)
        else:
            stories = rng.sample(self.anything, number)
        limits = rng.choice(_LENGTHS[2:])
        stories = [shorten(story, rng.choice(limits)) for story in stories[:14]]
        if rng.random() < 0.25:
            at = rng.randrange(len(stories) + 1)
            stories.insert(at, shorten(rng.choice(pools.adverts), rng.choice((120, 300, 800))))
        return stories, "dense"

    def classified(self) -> Draw:
        """Draw a column of notices and small advertisements, now and then between other articles."""
        pools, rng = self.pools, self.rng
        stories = []
        for _ in range(rng.randint(4, 13)):
            choice = rng.random()
            if choice < 0.7:
                stories.append(_notice(rng))
            elif choice < 0.9:
                pool = pools.adverts if choice < 0.85 else pools.notices
                stories.append(shorten(rng.choice(pool), rng.choice((80, 150, 300, 800))))
            else:
                stories.append(shorten(rng.choice(self.anything), rng.choice((100, 300))))
        return stories, "classified"

    def supplement(self) -> Draw:
        """Draw a literary page; some of its essays are set as poems."""
        rng = self.rng
        stories = []
        for _ in range(rng.randint(3, 7)):
            story = rng.choice(self.pools.essays)
            poem = _poem(story, rng) if rng.random() < 0.25 else None
            stories.append(poem or shorten(story, rng.choice((200, 400, 800, 1500))))
        return stories, "supplement"

    def web_page(self) -> Draw:
        """Draw web news of one outlet or of several, set as on the web or in a newspaper."""
        pools, rng = self.pools, self.rng
        number = rng.randint(3, 9)
        choice = rng.random()
        if choice < 0.35:
            stories = rng.sample(pools.outlets[rng.choice(self.houses)], number)
        else:
            stories = rng.sample(self.web + pools.agency if choice < 0.8 else self.anything, number)
        limits: tuple[int, ...]
        if rng.random() < 0.65:
            limits, kind = (200, 400, 800, 1500, 4000), "web"
        else:
            limits, kind = _lengths(rng), "page"
        return [shorten(s, rng.choice(limits)) for s in stories], kind

    def mixed(self) -> Draw:
        """Draw a few articles of any kind, advertisements and notices among them."""
        pools, rng = self.pools, self.rng
        stories = []
        for _ in range(rng.randint(2, 5)):
            choice = rng.random()
            if choice < 0.5:
                pool = self.printed
            elif choice < 0.74:
                pool = self.anything
            elif choice < 0.9:
                pool = pools.adverts
            else:
                pool = pools.notices + pools.party
            stories.append(shorten(rng.choice(pool), rng.choice((300, 800, 1500, 3000))))
        return stories, "mixed"

    def shorts(self) -> Draw:
        """Draw short news."""
        choice = self.rng.random()
        if choice < 0.5:
            pool = self.pools.briefs
        elif choice < 0.6:
            pool = self.pools.agency
        else:
            pool = self.printed if choice < 0.8 else self.anything
        return self.rng.sample(pool, self.rng.randint(5, 14)), "shorts"

    def spoken(self) -> Draw:
        """Draw a broadcast or its beginning."""
        day = self.rng.choice(self.pools.days)
        if self.rng.random() < 0.4:
            day = day[: self.rng.randint(2, max(2, len(day)))]
        return list(day), "spoken"


def _notice(rng: random.Random) -> Manuscript:
    """Make up a notice or a small advertisement."""
    forms = rng.sample(phrases.NOTICES, rng.choice((1, 1, 1, 2)))
    paragraphs = [phrases.fill(form, rng, "一件小事") for form in forms]
    paragraphs += [phrases.fill(rng.choice(phrases.NOTICE_ENDS), rng) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    title = rng.choice(phrases.HEADINGS) if rng.random() < 0.85 else f"{rng.choice(phrases.FIRMS)}有限公司"
    return Manuscript(title=title, paragraphs=tuple(paragraphs))


def _poem(story: Manuscript, rng: random.Random) -> Manuscript | None:
    """Return an essay as a poem, a clause a line, or ``None`` where it has too few clauses that are short."""
    clauses = [c for p in story.paragraphs for c in re.split(r"[，。；：！？“”‘’、…（）—]+", p) if 3 < len(c) < 17]
    at = rng.randrange(max(1, len(clauses) - 20))
    verses = tuple(clauses[at : at + rng.randint(6, 22)])
    return replace(story, paragraphs=verses, captions=(), heads=()) if len(verses) > 3 else None


def _as_printed(page: Sequence[Manuscript], rng: random.Random) -> list[Manuscript]:
    picture = rng.choice(_PICTURE_TITLES)
    return [replace(story, title=picture) if story.title == "图片报道" else story for story in page]


def _newspaper_page(page: Sequence[Manuscript], rng: random.Random) -> list[Manuscript]:
    stories = list(page)
    if rng.random() < 0.25:
        stories = [story for story in stories if not story.credit] or stories
        rng.shuffle(stories)
    if rng.random() < 0.2:
        stories = stories[: rng.randint(1, len(stories))]
    return [
        replace(story, title=rng.choice(_PICTURE_TITLES)) if story.title == "图片报道" else story for story in stories
    ]
