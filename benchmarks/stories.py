"""The training side of the corpora as stories, and draws of stories that could share a page.

Everything here stays on the training side of the splits of :mod:`benchmarks.sources`; how a page is set is the
business of :mod:`classifier.compose`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from benchmarks import sources
from benchmarks.sources import Source
from classifier import corpus as corpora
from classifier import phrases
from classifier.compose import Composed, Draw
from classifier.manuscript import Story

_PICTURE_TITLES = ("", "", "图片新闻", "图片报道", "图说新闻")
_DATELINE = re.compile(r"^(?:本报|新华社|据新华社|中新社|人民网|据央视|央视)[^，。]{0,16}(?:电|讯|报道)")


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


@dataclass(frozen=True, slots=True)
class Pools:
    """Stories by what kind of page they can stand on."""

    pages: list[list[Story]]
    """Whole newspaper pages in list order."""
    outlets: dict[str, list[Story]]
    """Web news by outlet."""
    agency: list[Story]
    briefs: list[Story]
    days: list[list[Story]]
    """Broadcasts, without headlines in the text."""
    adverts: list[Story]
    notices: list[Story]
    party: list[Story]
    essays: list[Story]
    own: list[Story]
    """The starter collection ``labeled/articles``."""
    written: list[Composed]
    """The training pages of ``labeled/pages``, in the manner of papers of every kind and time."""

    @property
    def web(self) -> list[Story]:
        """All web news, in a fixed order."""
        return [story for outlet in sorted(self.outlets) for story in self.outlets[outlet]]

    @property
    def printed(self) -> list[Story]:
        """All newspaper articles."""
        return [story for page in self.pages for story in page if not story.credit]

    @classmethod
    def load(cls, corpus: Path, labeled: Path, *, without: frozenset[str] = frozenset()) -> Pools:
        """Read the training side of every corpus. Texts that a test page repeats are left out.

        ``without`` are days of the newspaper, ``YYYY-MM-DD``, that are left out as well.
        """
        everything = sources.newspaper_pages(sources.read(corpus, "peoples-daily-2026"))
        everything += sources.newspaper_pages(sources.read(corpus, "peoples-daily-2026-01"))
        pages, test_pages = sources.split_pages(everything)
        pages = [page for page in pages if page[0].date not in without]
        pages = [[part for source in page for part in _unmerge(source)] for page in pages]
        leaked = sources.leaks([[source] for page in pages for source in page], test_pages)
        clean: list[list[Source]] = []
        number = 0
        for page in pages:
            kept = []
            for source in page:
                if number not in leaked:
                    kept.append(source)
                number += 1
            if kept:
                clean.append(kept)
        web = sources.titled_texts(sources.read(corpus, "web-news-2022"), name="web")
        outlets: dict[str, list[Story]] = {}
        for source in web:
            if not sources.is_held_out(source) and sum(map(len, source.paragraphs)) > 60:
                outlets.setdefault(source.outlet, []).append(story_of(source))
        briefs = sources.titled_texts(sources.read(corpus, "briefs-2022"), name="briefs")
        days = sources.broadcast_days(sources.read(corpus, "broadcast-news"))
        days = [day for day in days if day and day[0].date < sources.BROADCAST_TEST_FROM]
        round_ups = [
            brief for day in days for item in day if sources.is_round_up(item) for brief in sources.short_news(item)
        ]
        spoken = [[story_of(item) for item in day if not sources.is_round_up(item)] for day in days]
        estates = sources.titled_texts(sources.read(corpus, "real-estate"), name="real-estate", kind="ad")
        adverts = [
            text
            for text in sources.titled_texts(_labelled_adverts(corpus), name="genres", kind="ad")
            if not sources.is_held_out(text)
        ]

        def titled(name: str) -> list[Story]:
            return [story_of(text) for text in sources.titled_texts(sources.read(corpus, name), name=name)]

        return cls(
            pages=[[story_of(source) for source in page] for page in clean],
            outlets=outlets,
            agency=[
                story_of(text)
                for text in sources.titled_texts(sources.read(corpus, "agency-news-2026"), name="agency")
                if not sources.is_held_out(text)
            ],
            briefs=[
                story_of(brief)
                for brief in briefs
                if brief.date < sources.BRIEFS_TEST_FROM and not sources.is_held_out(brief)
            ]
            + [story_of(brief) for brief in round_ups[::4]],
            days=[day for day in spoken if day],
            adverts=[story_of(text) for text in adverts + estates[0::2]] + own_stories(labeled, only="*advert"),
            notices=titled("notices"),
            party=titled("party"),
            essays=titled("essays"),
            own=own_stories(labeled),
            written=written_pages(labeled),
        )


def written_pages(labeled: Path, *, test: bool = False) -> list[Composed]:
    """Return the pages of ``labeled/pages`` for training or for testing, in the order of their names."""
    pages = sorted(corpora.load([str(labeled / "pages")]).pages, key=lambda page: page.path)
    return [page.composed for page in pages if Path(page.path).name.startswith(sources.TEST_PAGES) is test]


def _labelled_adverts(corpus: Path) -> list[sources.Row]:
    rows = sources.read(corpus, "genres")
    return [
        row
        for row in rows
        if row["genre"] in ("advert", "real-estate-advert")
        and row["title"]
        and row["source"] != "cnews"
        and not (row["source"] == "peoples-daily" and (row["date"] or "") > sources.TRAIN_UNTIL)
    ]


def _unmerge(source: Source) -> list[Source]:
    """Split a newspaper text in which other reports are run on: a bold line with a dateline right after it."""
    cuts = [
        number
        for number, (line, after) in enumerate(zip(source.paragraphs, source.paragraphs[1:], strict=False))
        if number and line in source.heads and _DATELINE.match(after)
    ]
    if not cuts:
        return [source]
    parts = [replace(source, paragraphs=source.paragraphs[: cuts[0]])]
    for first, last in zip(cuts, [*cuts[1:], len(source.paragraphs)], strict=True):
        parts.append(
            replace(
                source,
                title=source.paragraphs[first],
                paragraphs=source.paragraphs[first + 1 : last],
                intro="",
                subtitle="",
                byline="",
                captions=(),
            )
        )
    return [part for part in parts if part.paragraphs]


def story_of(source: Source) -> Story:
    """Return a source as the story the page setter takes."""
    return Story(
        title=source.title,
        paragraphs=source.paragraphs,
        intro=source.intro,
        subtitle=source.subtitle,
        byline=source.byline,
        captions=tuple(" ".join(caption) for caption in source.captions),
        heads=source.heads,
        credit=source.kind == "credit",
    )


def own_stories(labeled: Path, *, only: str = "*") -> list[Story]:
    """Return the texts of the starter collection, of the genres ``only`` matches, that have a headline."""
    stories = []
    for path in sorted(labeled.glob(f"articles/{only}/*.txt")):
        lines = path.read_text("utf-8").strip().split("\n")
        if len(lines) > 1 and len(lines[0]) <= 45 and "上接" not in lines[0] and "版" not in lines[0][-3:]:
            stories.append(Story(title=lines[0], paragraphs=tuple(lines[1:])))
    return stories


def shorten(story: Story, limit: int) -> Story:
    """Return the story cut after the paragraph in which it passes ``limit`` characters, its closing lines kept."""
    size = 0
    first = story.paragraphs[0] if story.paragraphs else ""
    if len(first) > limit * 1.5 and "。" in first[20:limit]:
        first = first[: first.rindex("。", 0, limit) + 1]
        story = replace(story, paragraphs=(first, *story.paragraphs[1:]))
    for number, paragraph in enumerate(story.paragraphs, 1):
        size += len(paragraph)
        if size > limit:
            last = len(story.paragraphs)
            while last - 1 > number and len(story.paragraphs[last - 1]) < 40 and len(story.paragraphs) - last < 3:
                last -= 1
            return replace(story, paragraphs=story.paragraphs[:number] + story.paragraphs[last:])
    return story


def draw_pages(pools: Pools, counts: Counts, *, seed: int) -> list[Draw]:
    """Draw the stories of many pages; the same seed draws the same."""
    rng = random.Random(seed)
    web, printed = pools.web, pools.printed
    anything = web * 2 + pools.agency + pools.briefs + printed + pools.party + pools.essays * 2 + pools.own * 4
    houses = [outlet for outlet in sorted(pools.outlets) if len(pools.outlets[outlet]) > 20]
    draws: list[Draw] = []
    for _ in range(counts.plain):
        draws.append((_as_printed(rng.choice(pools.pages), rng), "plain"))
    for _ in range(counts.newspaper):
        stories = _newspaper_page(rng.choice(pools.pages), rng)
        limits = _lengths(rng) if rng.random() < 0.5 else (4000,)
        draws.append(([s if s.credit else shorten(s, rng.choice(limits)) for s in stories], "page"))
    for _ in range(counts.dense):
        draws.append((_dense_page(pools, printed, anything, houses, rng), "dense"))
    for _ in range(counts.classified):
        draws.append((_classified(pools, anything, rng), "classified"))
    for _ in range(counts.supplement):
        draws.append((_supplement(pools, rng), "supplement"))
    for _ in range(counts.web):
        number = rng.randint(3, 9)
        choice = rng.random()
        if choice < 0.35:
            stories = rng.sample(pools.outlets[rng.choice(houses)], number)
        else:
            stories = rng.sample(web + pools.agency if choice < 0.8 else anything, number)
        if rng.random() < 0.65:
            limits, kind = (200, 400, 800, 1500, 4000), "web"
        else:
            limits, kind = _lengths(rng), "page"
        draws.append(([shorten(s, rng.choice(limits)) for s in stories], kind))
    for _ in range(counts.mixed):
        draws.append((_mixed_page(pools, printed, anything, rng), "mixed"))
    for _ in range(counts.shorts):
        choice = rng.random()
        pool = pools.briefs if choice < 0.5 else pools.agency if choice < 0.6 else printed if choice < 0.8 else anything
        draws.append((rng.sample(pool, rng.randint(5, 14)), "shorts"))
    for _ in range(counts.spoken):
        day = rng.choice(pools.days)
        if rng.random() < 0.4:
            day = day[: rng.randint(2, max(2, len(day)))]
        draws.append((list(day), "spoken"))
    return draws


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


def _dense_page(
    pools: Pools, printed: Sequence[Story], anything: Sequence[Story], houses: Sequence[str], rng: random.Random
) -> list[Story]:
    """Draw a page of many articles, most of them short: of one day, of one house, or of anywhere."""
    number = rng.randint(5, 14)
    choice = rng.random()
    if choice < 0.25:
        page = [story for story in rng.choice(pools.pages) if not story.credit]
        stories = page + rng.sample(list(printed), max(number - len(page), 0))
        rng.shuffle(stories)
    elif choice < 0.45:
        stories = rng.sample(pools.outlets[rng.choice(houses)], number)
    elif choice < 0.6:
        stories = rng.sample(pools.briefs + pools.agency, number)
    else:
        stories = rng.sample(list(anything), number)
    limits = rng.choice(_LENGTHS[2:])
    stories = [shorten(story, rng.choice(limits)) for story in stories[:14]]
    if rng.random() < 0.25:
        stories.insert(rng.randrange(len(stories) + 1), shorten(rng.choice(pools.adverts), rng.choice((120, 300, 800))))
    return stories


def _classified(pools: Pools, anything: Sequence[Story], rng: random.Random) -> list[Story]:
    """Draw a column of notices and small advertisements, now and then between other articles."""
    stories = []
    for _ in range(rng.randint(4, 13)):
        choice = rng.random()
        if choice < 0.7:
            paragraphs = [
                phrases.fill(form, rng, "一件小事") for form in rng.sample(phrases.NOTICES, rng.choice((1, 1, 1, 2)))
            ]
            paragraphs += [
                phrases.fill(rng.choice(phrases.NOTICE_ENDS), rng) for _ in range(rng.choice((0, 0, 1, 1, 2)))
            ]
            title = rng.choice(phrases.HEADINGS) if rng.random() < 0.85 else f"{rng.choice(phrases.FIRMS)}有限公司"
            stories.append(Story(title=title, paragraphs=tuple(paragraphs)))
        elif choice < 0.9:
            pool = pools.adverts if choice < 0.85 else pools.notices
            stories.append(shorten(rng.choice(pool), rng.choice((80, 150, 300, 800))))
        else:
            stories.append(shorten(rng.choice(list(anything)), rng.choice((100, 300))))
    return stories


def _supplement(pools: Pools, rng: random.Random) -> list[Story]:
    """Draw a literary page; some of its essays are set as poems, a clause a line."""
    stories = []
    for _ in range(rng.randint(3, 7)):
        story = rng.choice(pools.essays)
        if rng.random() < 0.25:
            clauses = [
                c for p in story.paragraphs for c in re.split(r"[，。；：！？“”‘’、…（）—]+", p) if 3 < len(c) < 17
            ]
            at = rng.randrange(max(1, len(clauses) - 20))
            verses = tuple(clauses[at : at + rng.randint(6, 22)])
            if len(verses) > 3:
                stories.append(replace(story, paragraphs=verses, captions=(), heads=()))
                continue
        stories.append(shorten(story, rng.choice((200, 400, 800, 1500))))
    return stories


def _as_printed(page: Sequence[Story], rng: random.Random) -> list[Story]:
    picture = rng.choice(_PICTURE_TITLES)
    return [replace(story, title=picture) if story.title == "图片报道" else story for story in page]


def _newspaper_page(page: Sequence[Story], rng: random.Random) -> list[Story]:
    stories = list(page)
    if rng.random() < 0.25:
        stories = [story for story in stories if not story.credit] or stories
        rng.shuffle(stories)
    if rng.random() < 0.2:
        stories = stories[: rng.randint(1, len(stories))]
    return [
        replace(story, title=rng.choice(_PICTURE_TITLES)) if story.title == "图片报道" else story for story in stories
    ]


def _mixed_page(pools: Pools, printed: Sequence[Story], anything: Sequence[Story], rng: random.Random) -> list[Story]:
    stories = []
    for _ in range(rng.randint(2, 5)):
        choice = rng.random()
        pool: Iterable[Story]
        if choice < 0.5:
            pool = printed
        elif choice < 0.74:
            pool = anything
        elif choice < 0.9:
            pool = pools.adverts
        else:
            pool = pools.notices + pools.party
        stories.append(shorten(rng.choice(list(pool)), rng.choice((300, 800, 1500, 3000))))
    return stories
