"""House styles: how a page is set, drawn at random.

What decides how well a segmenter carries over to a paper it has never seen is the variety of the pages it learned
from, so every page gets a style of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from classifier.composing import phrases


@dataclass(frozen=True, slots=True)
class Style:
    """How one page is set. Probabilities are per article unless said otherwise."""

    headline: float = 1.0
    orphan_byline: float = 0.0
    """How often a story that lost its headline keeps its byline."""
    intro: float = 0.7
    subtitle: float = 0.8
    byline: float = 0.9
    own_bylines: bool = False
    """Drop the source's own byline and dateline and write new ones."""
    byline_forms: tuple[str, ...] = ()
    dateline: float = 0.0
    dateline_forms: tuple[str, ...] = ()
    signature: float = 0.0
    signature_forms: tuple[str, ...] = ()
    split_title: float = 0.0
    column_name: float = 0.0
    columns: tuple[str, ...] = ()
    """The column names this page has, with their marks."""
    kicker: float = 0.0
    """How often a line above the headline is made up where the source has none."""
    deck: float = 0.0
    """How often lines below the headline are made up where the source has none."""
    short_title: float = 0.0
    """How often a long headline is cut to one clause, as print has room for."""
    fragments: int = 0
    """Characters of the pieces that recognition finds a headline in; 0 where it reads it whole."""
    glued_byline: float = 0.0
    """How often the byline runs on into the first paragraph."""
    byline_first: float = 0.0
    """How often the byline stands above the headline."""
    note: float = 0.0
    """How often a note stands between headline and text."""
    box: float = 0.0
    """How often a small box stands in an article."""
    picture: float = 0.0
    """How often an article is but a picture and its caption."""
    strip_column: bool = False
    captions: float = 0.3
    subheads: float = 0.2
    make_subheads: float = 0.0
    end_line: float = 0.0
    end_forms: tuple[str, ...] = ()
    blank: str = "none"
    indent: str = ""
    wrap: tuple[int, ...] = ()
    hang: bool = False
    natural_headlines: bool = False
    broken: float = 0.0
    stray_blank: float = 0.0
    wrong: float = 0.0
    furniture: float = 0.0
    page_credit: float = 0.0
    traditional: bool = False
    half_width: bool = False
    ragged: bool = False
    """Wrapped lines differ by a character, as recognised lines do."""
    strays: float = 0.0
    """How often recognition doubles a line or leaves a scrap of one."""
    cut_short: float = 0.0
    headless: float = 0.0
    jump: float = 0.0
    max_paragraphs: int = 0


def draw_style(rng: random.Random, kind: str = "page") -> Style:
    """Draw the house style of one page.

    ``kind``: ``plain``, ``page``, ``web``, ``dense``, ``classified``, ``supplement``, ``mixed``, ``shorts`` or
    ``spoken``.
    """
    style = _draw_usual(rng, wrapped=0.3 if kind == "spoken" else 0.5)
    if kind == "mixed" and rng.random() < 0.5:
        style = _unadorned(style, rng)
    return _KINDS[kind](style, rng) if kind in _KINDS else style


def _draw_usual(rng: random.Random, *, wrapped: float) -> Style:
    """Draw the style of a page of no particular kind, hard-wrapped with probability ``wrapped``."""
    damage = rng.random()
    is_wrapped = rng.random() < wrapped
    width = rng.randint(11, 27)
    if rng.random() < 0.55:
        widths: tuple[int, ...] = (width,)
    else:
        widths = tuple(max(9, width + rng.choice((-6, -4, -2, 0, 0, 3, 5, 8))) for _ in range(4))
    own = rng.random() < 0.6
    style = Style(
        intro=rng.choice((0.0, 0.0, 0.5, 1.0)),
        subtitle=rng.choice((0.0, 0.6, 1.0)),
        byline=rng.choice((0.0, 0.3, 0.8, 1.0)),
        own_bylines=own,
        byline_forms=tuple(rng.sample(phrases.BYLINES, 3)),
        dateline=rng.choice((0.0, 0.4, 0.9)) if own else 0.1,
        dateline_forms=tuple(rng.sample(phrases.DATELINES, 3)),
        signature=rng.choice((0.0, 0.0, 0.4, 0.8)),
        signature_forms=tuple(rng.sample(phrases.SIGNATURES, 2)),
        split_title=rng.choice((0.0, 0.0, 0.3, 0.7)),
        column_name=rng.choice((0.0, 0.0, 0.05, 0.2, 0.6)),
        columns=_columns(rng),
        kicker=rng.choice((0.0, 0.0, 0.0, 0.3, 0.7)),
        deck=rng.choice((0.0, 0.0, 0.0, 0.3, 0.7)),
        short_title=rng.choice((0.0, 0.3, 0.7, 1.0)),
        fragments=rng.randint(4, 10) if is_wrapped and rng.random() < 0.3 else 0,
        glued_byline=rng.choice((0.0, 0.0, 0.0, 0.0, 0.3, 0.9)),
        byline_first=rng.choice((0.0, 0.9)) if rng.random() < 0.1 else 0.0,
        note=rng.choice((0.0, 0.0, 0.0, 0.15)),
        box=rng.choice((0.0, 0.0, 0.0, 0.15)),
        picture=rng.choice((0.0, 0.0, 0.1, 0.25)),
        ragged=rng.random() < 0.4,
        strays=rng.choice((0.0, 0.0, 0.0, 0.02)),
        strip_column=rng.random() < 0.7,
        captions=rng.choice((0.0, 0.2, 0.6)),
        subheads=rng.choice((0.0, 0.5, 1.0)),
        make_subheads=rng.choice((0.0, 0.0, 0.0, 0.0, 0.15, 0.4)),
        end_line=rng.choice((0.0, 0.0, 0.2, 0.9)),
        end_forms=tuple(rng.sample(phrases.END_LINES, 3)),
        blank=rng.choice(("none", "none", "all", "all", "articles", "some")),
        indent=rng.choice(("", "", "", "　　", "　　", "    ", "  ")),
        stray_blank=rng.choice((0.0, 0.0, 0.03, 0.1)),
        broken=rng.choice((0.0, 0.0, 0.15, 0.3, 0.3)),
        furniture=rng.choice((0.0, 0.0, 0.0, 0.08, 0.2, 0.5)),
        page_credit=rng.choice((0.0, 0.0, 0.4)),
        traditional=rng.random() < 0.07,
        half_width=rng.random() < 0.06,
        cut_short=rng.choice((0.0, 0.0, 0.0, 0.1, 0.3)),
        headless=rng.choice((0.0, 0.0, 0.0, 0.05, 0.15)),
        jump=rng.choice((0.0, 0.3, 0.8)),
        wrong=0.0 if damage < 0.45 else rng.choice((0.005, 0.01, 0.02, 0.04, 0.05)),
        headline=1.0 if rng.random() < 0.78 else rng.choice((0.0, 0.0, 0.5)),
        orphan_byline=rng.choice((0.0, 0.8, 1.0)),
    )
    if is_wrapped:
        style = replace(
            style,
            wrap=widths,
            hang=rng.random() < 0.5,
            natural_headlines=rng.random() < 0.5,
            blank=rng.choice(("none", "none", "none", "none", "articles", "some")),
            broken=0.0,
            indent=rng.choice(("", "", "", "　　", "  ")),
        )
    return style


def _plain(style: Style, rng: random.Random) -> Style:
    """Return the style without ornament; all articles have intro, subtitle and byline, or none has."""
    full = rng.random() < 0.6
    return replace(
        style,
        headline=1.0 if rng.random() < 0.8 else 0.0,
        intro=1.0 if full else 0.0,
        subtitle=1.0 if full else 0.0,
        byline=1.0 if full else 0.0,
        own_bylines=False,
        dateline=0.0,
        signature=0.0,
        column_name=0.0,
        subheads=1.0,
        make_subheads=0.0,
        end_line=0.0,
        cut_short=0.0,
        headless=0.0,
        furniture=rng.choice((0.0, 0.0, 0.0, 0.1)),
        page_credit=0.0,
        traditional=False,
        half_width=False,
        kicker=0.0,
        deck=0.0,
        short_title=0.0,
        glued_byline=0.0,
        byline_first=0.0,
        note=0.0,
        box=0.0,
        picture=0.0,
    )


def _dense(style: Style, rng: random.Random) -> Style:
    """Return the style with a headline over each article and hardly anything cut short."""
    return replace(
        style,
        headline=1.0,
        byline=rng.choice((0.0, 0.3, 0.8)),
        make_subheads=rng.choice((0.0, 0.0, 0.0, 0.2)),
        headless=0.0,
        cut_short=rng.choice((0.0, 0.0, 0.1)),
    )


def _classified(style: Style, _: random.Random) -> Style:
    """Return the style with headlines and texts alone, as small advertisements are set."""
    return replace(
        style,
        headline=1.0,
        byline=0.0,
        dateline=0.0,
        kicker=0.0,
        deck=0.0,
        note=0.0,
        box=0.0,
        picture=0.0,
        short_title=0.0,
        signature=0.0,
        captions=0.0,
        make_subheads=0.0,
        end_line=0.0,
        headless=0.0,
        cut_short=0.0,
    )


def _supplement(style: Style, rng: random.Random) -> Style:
    """Return the style with the author under each headline, in forms of their own."""
    return replace(
        style,
        headline=1.0,
        byline=rng.choice((0.5, 1.0, 1.0)),
        own_bylines=True,
        byline_forms=tuple(
            rng.sample(("{a}", "{a}", "□{a}", "◎{a}", "■ {a}", "文/{a}", "（{c1}）{a}", "{c1} {a}", "作者：{a}"), 2)
        ),
        dateline=0.0,
        signature=rng.choice((0.0, 0.0, 0.5)),
        kicker=0.0,
        deck=0.0,
        note=0.0,
        box=0.0,
        headless=0.0,
    )


def _mixed(style: Style, rng: random.Random) -> Style:
    """Return the style with some articles that lack a headline or their end, jump lines and stray blank lines."""
    return replace(
        style,
        blank=rng.choice(("all", "all", "none", "some")) if not style.wrap else style.blank,
        stray_blank=rng.choice((0.0, 0.03, 0.1, 0.2)),
        cut_short=0.4,
        headless=0.35,
        jump=rng.choice((0.0, 0.5, 0.5, 1.0)),
        broken=0.0 if style.wrap else rng.choice((0.0, 0.15, 0.3)),
        subheads=1.0,
        make_subheads=rng.choice((0.0, 0.3, 0.6, 0.8)),
        end_line=rng.choice((0.0, 0.0, 0.2, 0.4)),
    )


def _shorts(style: Style, rng: random.Random) -> Style:
    """Return the style with items of one to three paragraphs."""
    return replace(
        style,
        headline=rng.choice((1.0, 1.0, 0.5, 0.0)),
        intro=0.0,
        subtitle=0.0,
        byline=0.0,
        dateline=rng.choice((0.0, 0.5, 1.0)) if style.own_bylines else 0.0,
        max_paragraphs=rng.randint(1, 3),
        kicker=0.0,
        deck=0.0,
        note=0.0,
        box=0.0,
        picture=0.0,
        captions=0.0,
        headless=0.0,
        cut_short=0.0,
        make_subheads=0.0,
    )


def _spoken(style: Style, rng: random.Random) -> Style:
    """Return the style with texts one after another, most of them without a headline, and no credits."""
    return replace(
        style,
        headline=0.0 if rng.random() < 0.8 else 1.0,
        byline=0.0,
        own_bylines=False,
        dateline=0.0,
        captions=0.0,
        signature=0.0,
        make_subheads=0.0,
        furniture=0.0,
        end_line=0.0,
        column_name=0.0,
        cut_short=0.0,
        headless=0.0,
        note=0.0,
        box=0.0,
        picture=0.0,
        glued_byline=0.0,
    )


def _unadorned(style: Style, rng: random.Random) -> Style:
    """Return the style with headlines as long as they are and credits at the end, as texts of the web have them."""
    return replace(
        style,
        kicker=0.0,
        deck=0.0,
        short_title=0.0,
        glued_byline=0.0,
        byline_first=0.0,
        note=0.0,
        box=0.0,
        picture=0.0,
        fragments=0,
        column_name=style.column_name / 4,
        end_line=max(style.end_line, rng.choice((0.0, 0.3, 0.9))),
    )


_KINDS: dict[str, Callable[[Style, random.Random], Style]] = {
    "plain": _plain,
    "web": _unadorned,
    "dense": _dense,
    "classified": _classified,
    "supplement": _supplement,
    "mixed": _mixed,
    "shorts": _shorts,
    "spoken": _spoken,
}
"""What sets each kind of page apart from a page of no particular kind."""


def _columns(rng: random.Random) -> tuple[str, ...]:
    """Draw the names of the columns of a page, all in one form."""
    form = rng.choice(
        ("{}", "{}", "{}", "【{}】", "■{}", "■ {}", "●{}", "「{}」", "▍{}", "[{}]", "□ {}", "《{}》", "·{}·", "◆{}◆")
    )
    names = rng.sample(phrases.COLUMNS, rng.choice((1, 2, 5)))
    return tuple(form.format(name) for name in names)
