"""Builds the test pages of every track, with their true ends, the same ones for the same seed.

The pages are set here and nowhere else: this module shares no code with whatever sets the pages a model is trained
on, so that a habit of the trainer's cannot become the benchmark's. A page is made as lists of lines, one list an
article, ``""`` being a blank line; whatever damage is done to the lines, the ends are counted last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from benchmarks import pieces, sources
from benchmarks.damage import (
    Confusions,
    Furniture,
    cut_paragraphs,
    misread_line,
    spoil_line,
    wrap,
    wrap_headline,
)
from benchmarks.sources import Source
from classifier.labelled import corpus

Lines = list[str]
P = TypeVar("P")

LABELED = Path(__file__).resolve().parents[1] / "labeled"

MAX_COLUMN = 40
"""Characters that the lines of a column stay under."""

MAX_SINGLE = 0.10
"""Largest share of pages of one article in a track; more of them are left out."""


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A test page and the truth about it."""

    text: str
    ends: tuple[int, ...]
    """Ends of its articles in non-blank lines, ascending; the last is their number."""
    track: str
    key: str
    """Which page of which corpus it was made from."""
    genres: tuple[str, ...] | None = None
    """Genre of each article where it was labelled by hand, ``""`` where it was not; None where none was."""

    @property
    def lines(self) -> list[str]:
        """The non-blank lines, without the white space around them."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]


@dataclass(slots=True)
class Corpora:
    """The texts that test pages are made of, all from the test side of the splits."""

    pages: list[list[Source]]
    """Newspaper pages of July."""
    days: list[list[Source]]
    """Broadcasts of the last 20 % of the days, without round-ups."""
    columns: dict[str, list[list[Source]]]
    """Short news by kind, in groups that could share a column: one day or a few days."""
    outlets: dict[str, list[Source]]
    """Web news of the held-out outlets."""
    adverts: list[Source]
    genres: dict[str, str]
    """Title to genre, for texts labelled by hand."""
    confusions: Confusions
    seed_page: Path | None = None
    natural: list[list[Source]] = field(init=False)
    """``pages`` in an order drawn once, single-article pages thinned: five tracks set the same pages differently."""

    def __post_init__(self) -> None:
        """Draw the order of the natural pages."""
        pages = self.pages[:]
        Random("natural").shuffle(pages)
        self.natural = thin_singles(pages, count=len)

    @classmethod
    def load(cls, directory: Path, *, seed_page: Path | None = None) -> Corpora:
        """Read the test side of every corpus in a directory."""
        _, pages = sources.split_pages(sources.newspaper_pages(sources.read(directory, "peoples-daily-2026")))
        days = sources.broadcast_days(sources.read(directory, "broadcast-news"))
        days = [day for day in days if day and day[0].date >= sources.BROADCAST_TEST_FROM]
        briefs = sources.titled_texts(sources.read(directory, "briefs-2022"), name="briefs")
        web = sources.titled_texts(sources.read(directory, "web-news-2022"), name="web")
        estates = sources.titled_texts(sources.read(directory, "real-estate"), name="real-estate", kind="ad")
        return cls(
            pages=pages,
            days=[[item for item in day if pieces.is_told(item)] for day in days],
            columns={
                "newspaper": pieces.short_articles(pages),
                "briefs": pieces.brief_columns([b for b in briefs if b.date >= sources.BRIEFS_TEST_FROM]),
                "broadcast": [
                    [brief for item in day if sources.is_round_up(item) for brief in sources.short_news(item)]
                    for day in days
                ],
            },
            outlets=pieces.by_outlet(web),
            adverts=[text for page in pages for text in page if pieces.is_advertorial(text)] + estates[1::2],
            genres=_genres(sources.read(directory, "genres")),
            confusions=Confusions.from_texts(line for page in pages for text in page for line in text.paragraphs),
            seed_page=seed_page,
        )


def _genres(rows: Iterable[sources.Row]) -> dict[str, str]:
    return {f"{row['date']}:{sources.tidy(row['title'])}": row["genre"] for row in rows if row["title"]}


def thin_singles(pages: Sequence[P], *, count: Callable[[P], int]) -> list[P]:
    """Leave out pages of one article beyond :data:`MAX_SINGLE` of those before them, in order."""
    kept: list[P] = []
    singles = 0
    for page in pages:
        single = count(page) < 2
        if single and singles + 1 > MAX_SINGLE * (len(kept) + 1):
            continue
        singles += single
        kept.append(page)
    return kept


def gold_page(articles: Sequence[Lines], *, track: str, key: str, genres: Sequence[str] = ()) -> GoldPage:
    """Join the lines of the articles to a page and count its ends; an article left without lines is left out."""
    ends: list[int] = []
    labels: list[str] = []
    lines: Lines = []
    count = 0
    for i, article in enumerate(articles):
        lines += article
        found = sum(1 for line in article if line.strip())
        if found:
            count += found
            ends.append(count)
            labels.append(genres[i] if genres else "")
    return GoldPage("\n".join(lines) + "\n", tuple(ends), track, key, tuple(labels) if any(labels) else None)


def space(articles: Sequence[Lines], *, blank: bool, indent: bool = False) -> list[Lines]:
    """Put a blank line after every line, and two ideographic spaces before those of running text, or neither."""
    out = []
    for article in articles:
        lines = ["　　" + line if indent and pieces.is_running_text(line) else line for line in article]
        out.append([part for line in lines for part in ((line, "") if blank else (line,))])
    return out


def _labels(page: Sequence[Source], corpora: Corpora) -> list[str]:
    fixed = {"credit": "notice", "ad": "advert"}
    return [corpora.genres.get(f"{text.date}:{text.title}", fixed.get(text.kind, "")) for text in page]


def natural(track: str, corpora: Corpora, *, pages: int, seed: int) -> list[GoldPage]:
    """Set July's newspaper pages: ``clean``, ``bare``, ``broken``, ``wrapped`` or ``noisy``."""
    build = {"clean": _clean, "bare": _bare, "broken": _broken, "wrapped": _wrapped, "noisy": _noisy}[track]
    out = []
    for page in corpora.natural[:pages]:
        rng = Random(f"{seed}:{track}:{page[0].page_key}")
        style = pieces.Style.draw(rng)
        articles = build([pieces.respaced(text, style) for text in page], style, rng, corpora.confusions)
        out.append(gold_page(articles, track=track, key=page[0].page_key, genres=_labels(page, corpora)))
    return thin_singles(out, count=lambda found: len(found.ends))


def _clean(page: list[Source], style: pieces.Style, rng: Random, _: Confusions) -> list[Lines]:
    indent = rng.random() < 0.25
    return space([[*text.head_block, *text.paragraphs] for text in page], blank=True, indent=indent and style.indented)


def _bare(page: list[Source], style: pieces.Style, rng: Random, _: Confusions) -> list[Lines]:
    articles = [[line for line in (text.title, *text.paragraphs) if line] for text in page]
    return space(articles, blank=rng.random() < 0.5, indent=style.indented)


def _broken(page: list[Source], style: pieces.Style, rng: Random, _: Confusions) -> list[Lines]:
    bylines = rng.random() < 0.4
    articles = []
    for text in page:
        # A credit is all "headline": it is what the line is about that was lost, not its type size.
        lines = [text.title] if text.kind == "credit" else [text.byline] if bylines and text.byline else []
        articles.append([*lines, *cut_paragraphs(text.paragraphs, rng, share=0.3, shortest=20)])
    return space(articles, blank=rng.random() < 0.5, indent=style.indented and rng.random() < 0.3)


def _columns(page: list[Source], rng: Random) -> list[Lines]:
    """Set a page in columns of one width; headlines are set in the column or, on some pages, across two."""
    width = float(rng.randrange(14, 27))
    across = rng.random() < 0.4
    hanging, captions, indent = rng.random() < 0.5, rng.random() < 0.5, 2.0 if rng.random() < 0.8 else 0.0
    articles = []
    for text in page:
        head_width = rng.uniform(1.0, 2.0) * width if across else rng.uniform(0.7, 1.0) * width
        lines: Lines = []
        if text.kind == "credit":
            lines += wrap(text.title, width=width, hanging=hanging)
        for part in (text.intro, text.title, text.subtitle) if text.kind != "credit" else ():
            for half in pieces.headline_parts(part, rng):
                lines += wrap_headline(half, width=head_width)
        lines += wrap(text.byline, width=width, hanging=hanging)
        body = [part for line in text.paragraphs for part in wrap(line, width=width, indent=indent, hanging=hanging)]
        if captions:
            shown = [part for line in sum(text.captions, ()) for part in wrap(line, width=width, hanging=hanging)]
            body = shown + body if rng.random() < 0.3 else body + shown
        articles.append(lines + body)
    return articles


def _wrapped(page: list[Source], _: pieces.Style, rng: Random, confusions: Confusions) -> list[Lines]:
    return [
        [misread_line(line, rng, confusions=confusions, wrong=0.01) for line in article]
        for article in _columns(page, rng)
    ]


def _noisy(page: list[Source], _: pieces.Style, rng: Random, confusions: Confusions) -> list[Lines]:
    articles = [article for article in _columns(page, rng) if article]
    # A running head stands at the top and belongs to the first article; any other line, to the article before it. None
    # stands at the very end: there a line of editors is an article of its own, as the corpus has it.
    found = Furniture.draw(rng, date=page[0].date)
    for _number in range(rng.randrange(2, 7)):
        article = rng.choice(articles)
        where = rng.random()
        if where < 0.3:
            articles[0].insert(0, found.running_head(rng))
        elif where < 0.55 and article is not articles[-1]:
            article.append(found.line(rng))
        else:
            article.insert(rng.randrange(1, max(2, len(article))), found.line(rng))
    half_width = rng.random() < 0.3
    punctuation = 0.5 if half_width else 0.12
    return [
        [spoil_line(line, rng, confusions=confusions, wrong=0.04, punctuation=punctuation) for line in article]
        for article in articles
    ]


def mixed(corpora: Corpora, *, pages: int, seed: int) -> list[GoldPage]:
    """Set pages of two to four pieces: reports cut short, continued parts, advertorials."""
    dates = sorted({page[0].date for page in corpora.pages})
    pools = {d: [t for page in corpora.pages if page[0].date == d for t in page if pieces.is_report(t)] for d in dates}
    out = []
    for number in range(pages):
        rng = Random(f"{seed}:mixed:{number}")
        date = rng.choice([d for d in dates if len(pools[d]) >= 4])
        texts, articles = pieces.mixed_page(pools[date], corpora.adverts, rng)
        out.append(gold_page(articles, track="mixed", key=f"mixed:{number}:{date}", genres=_labels(texts, corpora)))
    return out


def shorts(corpora: Corpora, *, pages: int, seed: int) -> list[GoldPage]:
    """Set columns of short news of one to three lines, with and without headlines."""
    out = []
    for number in range(pages):
        rng = Random(f"{seed}:shorts:{number}")
        kind = rng.choices(("newspaper", "briefs", "broadcast"), weights=(4, 4, 2))[0]
        column = pieces.column(corpora.columns[kind], rng)
        articles = pieces.set_column(column, rng)
        key = f"shorts:{number}:{kind}:{column[0].date}"
        out.append(gold_page(articles, track="shorts", key=key, genres=_labels(column, corpora)))
    return out


def broadcast(corpora: Corpora, *, pages: int, seed: int) -> list[GoldPage]:
    """Run the items of one day together, without headlines."""
    days = [day for day in corpora.days if len(day) > 1]
    Random(f"{seed}:broadcast").shuffle(days)
    out = []
    for day in days[:pages]:
        rng = Random(f"{seed}:broadcast:{day[0].date}")
        articles = space([list(item.paragraphs) for item in day], blank=rng.random() < 0.5, indent=rng.random() < 0.3)
        out.append(gold_page(articles, track="broadcast", key=day[0].date, genres=_labels(day, corpora)))
    return out


def outlets(corpora: Corpora, *, pages: int, seed: int) -> list[GoldPage]:
    """Run four to eight titled texts of one held-out outlet together."""
    out = []
    for outlet in sorted(corpora.outlets):
        rng = Random(f"{seed}:outlets:{outlet}")
        for number, group in enumerate(pieces.groups(corpora.outlets[outlet], rng, low=4, high=8)):
            articles = [[text.title, *text.paragraphs] for text in group]
            spaced = space(articles, blank=rng.random() < 0.5, indent=rng.random() < 0.25)
            key = f"{outlet}:{number}"
            out.append(gold_page(spaced, track="outlets", key=key, genres=_labels(group, corpora)))
    Random(f"{seed}:outlets").shuffle(out)
    return out[:pages]


def written_pages(labeled: Path, *, wrapped: bool) -> list[GoldPage]:
    """Read the test pages of ``labeled/pages``: those with a paragraph a line, or the ``wrapped`` ones."""
    found = corpus.load([str(labeled / "pages")]).pages
    out = []
    for page in sorted(found, key=lambda page: page.path):
        if Path(page.path).name.startswith("blind-") and is_wrapped(page.text) is wrapped:
            track = "columns" if wrapped else "papers"
            out.append(GoldPage(page.text, page.ends, track, Path(page.path).stem, page.genres))
    return out


def is_wrapped(text: str) -> bool:
    """Tell whether a page is set in columns: hardly any line is longer than a column is wide."""
    lengths = sorted(len(line.strip()) for line in text.splitlines() if line.strip())
    return lengths[len(lengths) * 9 // 10] < MAX_COLUMN


def seed_page(path: Path) -> GoldPage:
    """Read a page and its gold articles from ``NAME.txt`` and ``NAME.gold.json`` beside it."""
    text = path.read_bytes().decode("utf-8")
    gold = json.loads(path.with_suffix(".gold.json").read_bytes())["articles"]
    ends: list[int] = []
    offset = count = 0
    stops = [article["start"] for article in gold[1:]] + [len(text) + 1]
    for line in text.splitlines(keepends=True):
        if line.strip():
            start = offset + len(line) - len(line.lstrip())
            if start >= stops[len(ends)]:
                ends.append(count)
            count += 1
        offset += len(line)
    return GoldPage(text, (*ends, count), "seed", path.stem, tuple(article["genre"] for article in gold))


NATURAL = ("clean", "bare", "broken", "wrapped", "noisy")
COMPOSED: dict[str, Callable[..., list[GoldPage]]] = {
    "mixed": mixed,
    "shorts": shorts,
    "broadcast": broadcast,
    "outlets": outlets,
}
WRITTEN = ("papers", "columns")
TRACKS = (*NATURAL, *COMPOSED, *WRITTEN, "seed")
"""Every track, in the order of the tables."""


def build(track: str, corpora: Corpora, *, pages: int = 150, seed: int = 0) -> list[GoldPage]:
    """Build up to ``pages`` pages of one track, or all that were written; fewer are the beginning of more.

    Raises
    ------
    ValueError
        When there is no such track.
    """
    if track in NATURAL:
        return natural(track, corpora, pages=pages, seed=seed)
    if track in COMPOSED:
        return COMPOSED[track](corpora, pages=pages, seed=seed)
    if track in WRITTEN:
        return written_pages(LABELED, wrapped=track == "columns")
    if track == "seed":
        return [seed_page(corpora.seed_page)] if corpora.seed_page and corpora.seed_page.exists() else []
    raise ValueError(f"{track}: no such track; choose from {', '.join(TRACKS)}")
