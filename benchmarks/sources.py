"""Reading the corpora, and the one place that says which texts are for training and which for testing.

A corpus is a ``NAME.jsonl.gz`` file of a corpus directory, one JSON object a line. Whatever its layout, it becomes
lists of :class:`Source`: one text with the parts of its headline block kept apart, so that a test page can be set in
many ways. Nothing here sets a page; see :mod:`benchmarks.tracks`.

The splits, all by date or by outlet and never by chance, so that a new text falls on its side without a list:

* newspaper pages: training up to :data:`TRAIN_UNTIL`, development test from the next day on;
* briefs and broadcasts: the last 20 % of their days are for testing;
* web news: the outlets of :data:`HELD_OUT_OUTLETS` are for testing, whole;
* developers' project texts, which have no date: every second one is for testing;
* pages written for this project: those whose names begin as :data:`TEST_PAGES` says.

A text for testing may still be repeated among the training texts (the same list printed twice, a report taken over
from another outlet): :func:`leaks` finds those, and they are dropped from *training*.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

Row = dict[str, Any]

TRAIN_UNTIL = "2026-06-30"
"""Last day of the newspaper pages that may be trained on; later pages are the development test."""

BRIEFS_TEST_FROM = "2024-01-21"
"""First test day of the briefs: 95 of their 473 days."""

BROADCAST_TEST_FROM = "2025-11-10"
"""First test day of the broadcasts: 285 of their 1,423 days."""

HELD_OUT_OUTLETS = frozenset(
    {
        "中新网",  # an agency's site; the next is the same house under its other name
        "中国新闻网",
        "参考消息",  # an agency's digest of the foreign press
        "北京日报",  # municipal party paper
        "解放日报",  # municipal party paper
        "华商报",  # metropolitan papers
        "潇湘晨报",
        "都市快报",
        "法治日报",  # a trade paper
        "封面新闻",  # portals of regional press groups
        "新黄河",
        "界面新闻",  # a finance portal
        "南方周末",  # weeklies
        "中国新闻周刊",
    }
)
"""Outlets of the web news that are never trained on: 1,144 texts of every kind of house."""

TEST_PAGES = ("blind-", "seed-like-")
"""Beginnings of the names of those pages of ``labeled/pages`` that are never trained on; the first were written for
testing, by writers who saw neither the training pages nor what any model makes of theirs."""

LONG_PARAGRAPH = 40
"""Characters from which a paragraph found in two texts is taken for a copy and not for a formula."""

EDGES = (60, 80)
"""Characters at the head and the tail of a text in which a house names itself."""

ROUND_UPS = frozenset({"环球扫描", "八方速递"})
"""Newspaper columns of unrelated short news, listed as one article: each of their news is taken for one."""

_BREAKS = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\ue000-\uf8ff]")
_JUNK_LINE = re.compile(r'^(["\'>_\s]+|undefined|查看原图.*|(项目详情|项目简介|楼盘简介|产品简介)[:：]?)$')
_LINK_LIST = re.compile(r"^(此前报道|相关报道|延伸阅读|相关链接|记者会更多要点|更多新闻)[:：]?$")


@dataclass(frozen=True, slots=True)
class Source:
    """One text and the parts of its headline block; every part is one line, ``""`` where there is none."""

    title: str
    paragraphs: tuple[str, ...]
    """The running text, subheads included."""
    intro: str = ""
    """The line above the headline."""
    subtitle: str = ""
    byline: str = ""
    captions: tuple[tuple[str, ...], ...] = ()
    """Captions of its pictures, each one line or more."""
    heads: tuple[str, ...] = ()
    """Those paragraphs that are subheads, where the corpus says so."""
    outlet: str = ""
    date: str = ""
    """``YYYY-MM-DD``, or ``""``."""
    kind: str = "article"
    """``article``, ``ad`` or ``credit`` (a line naming the editors of the page)."""
    page_key: str = ""
    """Names the page or the text in its corpus; the same for all texts of a page."""

    @property
    def head_block(self) -> tuple[str, ...]:
        """The lines above the text: intro, headline, subtitle, byline, those there are."""
        return tuple(part for part in (self.intro, self.title, self.subtitle, self.byline) if part)


def read(corpus: Path, name: str) -> list[Row]:
    """Return the rows of one corpus, in file order."""
    with gzip.open(corpus / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def tidy(line: str) -> str:
    """Return a line without line breaks, invisible characters and the white space around it."""
    return _INVISIBLE.sub("", _BREAKS.sub(" ", line or "")).strip(" \t\xa0\u2002\u2003\u3000_")


def paragraphs_of(text: str) -> tuple[str, ...]:
    """Return the non-blank lines of a text up to a list of links, without what the crawl left between them."""
    kept = []
    for line in map(tidy, _BREAKS.split(text or "")):
        if _LINK_LIST.match(line):
            break
        if line and not _JUNK_LINE.match(line):
            kept.append(line)
    return tuple(kept)


def newspaper_pages(rows: Iterable[Row]) -> list[list[Source]]:
    """Return the printed pages as lists of texts in the order of the page's list; pages without text are left out."""
    pages = []
    for row in rows:
        key = f"{row['date']}:{row['page']:02d}"
        page: list[Source] = []
        for text in row["articles"]:
            if _is_printed(text):
                source = _newspaper_text(text, row=row, key=key)
                page += _column_of(source) if source.title in ROUND_UPS else [source]
        if page:
            pages.append(page)
    return pages


def _is_printed(text: Row) -> bool:
    """Tell whether an entry of a page's list has lines of its own; an image or an empty entry has none."""
    kind = text.get("kind", "article")
    if kind == "credit":
        return bool(tidy(text["title"]))
    return bool(paragraphs_of(text["text"])) and (kind in ("article", "ad") or len(text["text"]) >= LONG_PARAGRAPH)


def _newspaper_text(text: Row, *, row: Row, key: str) -> Source:
    kind = text.get("kind", "article")
    return Source(
        title=tidy(text["title"]),
        paragraphs=paragraphs_of(text["text"]),
        intro=tidy(text.get("intro", "")),
        subtitle=tidy(text.get("subtitle", "")),
        byline=tidy(text.get("byline", "")),
        captions=tuple(filter(None, map(paragraphs_of, text.get("captions", ())))),
        heads=tuple(map(tidy, text.get("heads", ()))),
        outlet=row.get("paper", "人民日报"),
        date=row["date"],
        kind=kind if kind in ("ad", "credit") else "article",
        page_key=key,
    )


def _column_of(text: Source) -> list[Source]:
    """Return the short news of a newspaper's round-up, the first under the name of the column."""
    first, *rest = short_news(text)
    return [replace(first, intro=text.title), *rest]


def broadcast_days(rows: Iterable[Row]) -> list[list[Source]]:
    """Return the broadcasts, one list of items a day; a round-up of short news is still one item."""
    days = []
    for row in rows:
        items = [
            Source(
                title=tidy(item["title"]),
                paragraphs=paragraphs_of(item["text"]),
                outlet=row["paper"],
                date=row["date"],
                page_key=row["date"],
            )
            for item in row["articles"]
        ]
        days.append([item for item in items if item.paragraphs])
    return days


def is_round_up(item: Source) -> bool:
    """Tell whether an item of a broadcast is a round-up of unrelated short news."""
    return "快讯" in item.title


def short_news(item: Source) -> list[Source]:
    """Return the short news of a round-up, whose lines alternate between a headline and its text."""
    news: list[Source] = []
    for line in item.paragraphs:
        if len(line) <= 40 and not line.endswith(("。", "！", "？", "”", "；")):
            news.append(replace(item, title=line, paragraphs=()))
        elif news:
            news[-1] = replace(news[-1], paragraphs=(*news[-1].paragraphs, line))
    return [brief for brief in news if brief.paragraphs]


def titled_texts(rows: Iterable[Row], *, name: str, kind: str = "article") -> list[Source]:
    """Return one source for each row that has a title and a text; ``name`` goes before the row number in its key."""
    texts = []
    for number, row in enumerate(rows):
        source = Source(
            title=tidy(row["title"]),
            paragraphs=paragraphs_of(row["text"]),
            subtitle=tidy(row.get("tagline", "")),
            byline=tidy(row.get("byline", "")),
            outlet=row.get("outlet", ""),
            date=row.get("date") or "",
            kind=kind,
            page_key=f"{name}:{number}",
        )
        if source.title and source.paragraphs:
            texts.append(source)
    return texts


def is_held_out(source: Source, *, outlets: frozenset[str] = HELD_OUT_OUTLETS) -> bool:
    """Tell whether a text comes from a held-out outlet, by its field or because that house names itself in it.

    The outlet of a crawled text is often the outlet it quotes, so both ends of the text are searched as well. What
    this is true of must not be trained on.
    """
    return source.outlet in outlets or any(outlet in _edges(source) for outlet in outlets)


def is_outlet_test(source: Source, *, other_houses: frozenset[str]) -> bool:
    """Tell whether a text can stand for its held-out outlet: no house that is trained on names itself in it."""
    return source.outlet in HELD_OUT_OUTLETS and not any(house in _edges(source) for house in other_houses)


def _edges(source: Source) -> str:
    text = "\n".join(source.paragraphs)
    return f"{text[: EDGES[0]]}\n{text[-EDGES[1] :]}"


def split_pages(pages: Iterable[list[Source]]) -> tuple[list[list[Source]], list[list[Source]]]:
    """Return the newspaper pages for training and for testing, by date."""
    train: list[list[Source]] = []
    test: list[list[Source]] = []
    for page in pages:
        (train if page[0].date <= TRAIN_UNTIL else test).append(page)
    return train, test


def leaks(train: Sequence[Sequence[Source]], test: Iterable[Iterable[Source]]) -> set[int]:
    """Return the indices of the training pages that share a long paragraph with a test page.

    A list of names printed on two days, a law quoted twice, a page repeated in the same issue. Give one-text pages
    to learn which texts to drop instead of which pages. White space does not count in the comparison.
    """
    seen = {mark for page in test for mark in _long_paragraphs(page)}
    return {i for i, page in enumerate(train) if not seen.isdisjoint(_long_paragraphs(page))}


def _long_paragraphs(page: Iterable[Source]) -> set[int]:
    """Return the hashes of a page's paragraphs of at least :data:`LONG_PARAGRAPH` characters."""
    squeezed = ("".join(line.split()) for source in page for line in source.paragraphs)
    return {hash(line) for line in squeezed if len(line) >= LONG_PARAGRAPH}
