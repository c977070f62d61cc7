"""The training side of the corpora as stories, by what kind of page they can stand on.

Everything here stays on the training side of the splits of :mod:`benchmarks.sources`; which stories share a page is
drawn by :mod:`benchmarks.draws`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import sources
from benchmarks.sources import Source
from classifier.composing.compose import Composed
from classifier.composing.manuscript import Manuscript
from classifier.labelled import corpus as corpora

_DATELINE = re.compile(r"^(?:本报|新华社|据新华社|中新社|人民网|据央视|央视)[^，。]{0,16}(?:电|讯|报道)")


@dataclass(frozen=True, slots=True)
class Pools:
    """Stories by what kind of page they can stand on."""

    pages: list[list[Manuscript]]
    """Whole newspaper pages in list order."""
    outlets: dict[str, list[Manuscript]]
    """Web news by outlet."""
    agency: list[Manuscript]
    briefs: list[Manuscript]
    days: list[list[Manuscript]]
    """Broadcasts, without headlines in the text."""
    adverts: list[Manuscript]
    notices: list[Manuscript]
    party: list[Manuscript]
    essays: list[Manuscript]
    own: list[Manuscript]
    """The starter collection ``labeled/articles``."""
    written: list[Composed]
    """The training pages of ``labeled/pages``, in the manner of papers of every kind and time."""

    @property
    def web(self) -> list[Manuscript]:
        """All web news, in a fixed order."""
        return [story for outlet in sorted(self.outlets) for story in self.outlets[outlet]]

    @property
    def printed(self) -> list[Manuscript]:
        """All newspaper articles."""
        return [story for page in self.pages for story in page if not story.credit]

    @classmethod
    def load(cls, corpus: Path, labeled: Path, *, without: frozenset[str] = frozenset()) -> Pools:
        """Read the training side of every corpus. Texts that a test page repeats are left out.

        ``without`` are days of the newspaper, ``YYYY-MM-DD``, that are left out as well.
        """
        days = _broadcast_days(corpus)
        estates = _titled(corpus, "real-estate", kind="ad")
        return cls(
            pages=[[story_of(source) for source in page] for page in _newspaper_pages(corpus, without)],
            outlets=_outlets(corpus),
            agency=[story_of(text) for text in _titled(corpus, "agency-news-2026", "agency") if _is_free(text)],
            briefs=[story_of(brief) for brief in (*_briefs(corpus), *list(_round_ups(days))[::4])],
            days=_told(days),
            adverts=[story_of(text) for text in _adverts(corpus) + estates[0::2]]
            + own_stories(labeled, only="*advert"),
            notices=[story_of(text) for text in _titled(corpus, "notices")],
            party=[story_of(text) for text in _titled(corpus, "party")],
            essays=[story_of(text) for text in _titled(corpus, "essays")],
            own=own_stories(labeled),
            written=written_pages(labeled),
        )


def _titled(corpus: Path, file: str, name: str = "", *, kind: str = "article") -> list[Source]:
    return sources.titled_texts(sources.read(corpus, file), name=name or file, kind=kind)


def _is_free(source: Source) -> bool:
    """Tell whether a text may be trained on."""
    return not sources.is_held_out(source)


def _newspaper_pages(corpus: Path, without: frozenset[str]) -> list[list[Source]]:
    """Return the newspaper's pages but for days ``without`` and texts that a test page repeats."""
    everything = sources.newspaper_pages(sources.read(corpus, "peoples-daily-2026"))
    everything += sources.newspaper_pages(sources.read(corpus, "peoples-daily-2026-01"))
    pages, test_pages = sources.split_pages(everything)
    pages = [page for page in pages if page[0].date not in without]
    pages = [[part for source in page for part in _unmerge(source)] for page in pages]
    leaked = sources.leaks([[source] for page in pages for source in page], test_pages)
    clean: list[list[Source]] = []
    number = 0
    for page in pages:
        kept = [source for at, source in enumerate(page, number) if at not in leaked]
        number += len(page)
        if kept:
            clean.append(kept)
    return clean


def _outlets(corpus: Path) -> dict[str, list[Manuscript]]:
    """Return web news by outlet."""
    outlets: dict[str, list[Manuscript]] = {}
    for source in _titled(corpus, "web-news-2022", "web"):
        if _is_free(source) and sum(map(len, source.paragraphs)) > 60:
            outlets.setdefault(source.outlet, []).append(story_of(source))
    return outlets


def _briefs(corpus: Path) -> list[Source]:
    briefs = _titled(corpus, "briefs-2022", "briefs")
    return [brief for brief in briefs if brief.date < sources.BRIEFS_TEST_FROM and _is_free(brief)]


def _broadcast_days(corpus: Path) -> list[list[Source]]:
    days = sources.broadcast_days(sources.read(corpus, "broadcast-news"))
    return [day for day in days if day and day[0].date < sources.BROADCAST_TEST_FROM]


def _round_ups(days: list[list[Source]]) -> Iterator[Source]:
    """Yield the short news of the broadcasts' round-ups."""
    for day in days:
        for item in day:
            if sources.is_round_up(item):
                yield from sources.short_news(item)


def _told(days: list[list[Source]]) -> list[list[Manuscript]]:
    """Return the broadcasts without their round-ups."""
    spoken = [[story_of(item) for item in day if not sources.is_round_up(item)] for day in days]
    return [day for day in spoken if day]


def _adverts(corpus: Path) -> list[Source]:
    """Return the texts labelled as advertisements."""
    rows = [
        row
        for row in sources.read(corpus, "genres")
        if row["genre"] in ("advert", "real-estate-advert")
        and row["title"]
        and row["source"] != "cnews"
        and not (row["source"] == "peoples-daily" and (row["date"] or "") > sources.TRAIN_UNTIL)
    ]
    return [text for text in sources.titled_texts(rows, name="genres", kind="ad") if _is_free(text)]


def written_pages(labeled: Path, *, test: bool = False) -> list[Composed]:
    """Return the pages of ``labeled/pages`` for training or for testing, in the order of their names."""
    pages = sorted(corpora.load([str(labeled / "pages")]).pages, key=lambda page: page.path)
    return [page.composed for page in pages if Path(page.path).name.startswith(sources.TEST_PAGES) is test]


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


def story_of(source: Source) -> Manuscript:
    """Return a source as the story the page setter takes."""
    return Manuscript(
        title=source.title,
        paragraphs=source.paragraphs,
        intro=source.intro,
        subtitle=source.subtitle,
        byline=source.byline,
        captions=tuple(" ".join(caption) for caption in source.captions),
        heads=source.heads,
        credit=source.kind == "credit",
    )


def own_stories(labeled: Path, *, only: str = "*") -> list[Manuscript]:
    """Return the texts of the starter collection, of the genres ``only`` matches, that have a headline."""
    stories = []
    for path in sorted(labeled.glob(f"articles/{only}/*.txt")):
        lines = path.read_text("utf-8").strip().split("\n")
        if len(lines) > 1 and len(lines[0]) <= 45 and "上接" not in lines[0] and "版" not in lines[0][-3:]:
            stories.append(Manuscript(title=lines[0], paragraphs=tuple(lines[1:])))
    return stories


def shorten(story: Manuscript, limit: int) -> Manuscript:
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
