"""Pages composed from single articles, with boundaries known by construction: the training data of the segmenter.

What decides how well a segmenter carries over to a paper it has never seen is the variety of the pages it learned
from, so a page is set in a randomly drawn *house style*: its bylines, datelines, jump lines, captions, blank lines,
indents, column width, damage. Everything is drawn from one ``random.Random``, so the same seed gives the same pages.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from classifier.composing import phrases
from classifier.composing.damage import damage
from classifier.composing.manuscript import Line, Manuscript, write
from classifier.composing.style import Style
from classifier.composing.wrapping import set_block, wrap
from classifier.text.paragraphs import split_paragraphs

Draw = tuple[list[Manuscript], str]
"""The stories of one page and the kind of its style, see :func:`~classifier.composing.style.draw_style`."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A page with its true segmentation."""

    text: str
    ends: tuple[int, ...]
    """Ascending ends of the articles in paragraphs (non-blank lines); the last is their number."""


def compose_page(
    stories: Sequence[Manuscript], style: Style, rng: random.Random, *, simplified_to: str = ""
) -> Composed:
    """Set ``stories`` one after another on a page in ``style``.

    ``simplified_to`` is a string of Simplified–Traditional pairs used where the style asks for Traditional characters.
    """
    trad = str.maketrans(simplified_to[0::2], simplified_to[1::2]) if style.traditional else {}
    setter = _Setter(style, rng, trad)
    marks: list[int] = []
    setter.furnish(style.furniture)
    for number, story in enumerate(stories):
        article = write(story, style, rng)
        if not article:
            continue
        setter.put_article(article, style.wrap[number % len(style.wrap)] if style.wrap else 0)
        setter.furnish(style.furniture)
        marks.append(len(setter.lines))
    if marks and setter.begun:
        setter.furnish(style.page_credit, phrases.FURNITURE[9:])
        marks[-1] = len(setter.lines)
    return _page(setter.lines, marks)


def _page(lines: Sequence[str], marks: Sequence[int]) -> Composed:
    """Join lines to a page; ``marks`` are the numbers of lines up to the end of each article.

    Paragraphs are counted as the reader of the page will count them, whatever characters the lines have in them.
    """
    text = "\n".join(lines) + "\n"
    offsets = np.cumsum([0, *(len(line) + 1 for line in lines)])[np.array(marks, dtype=np.int64)]
    ends = np.unique(np.searchsorted(split_paragraphs(text).starts, offsets))
    return Composed(text, tuple(ends[ends > 0].tolist()))


@dataclass(slots=True)
class _Setter:
    """Collects the lines of a page."""

    style: Style
    rng: random.Random
    traditional: Mapping[int, int]
    lines: list[str] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Whether there is a line that is not blank."""
        return any(self.lines)

    def blank(self, count: int = 1) -> None:
        self.lines.extend([""] * count)

    def put(self, line: str) -> None:
        line = line.strip("\n")
        if line.strip():
            self.lines.append(line)

    def furnish(self, share: float, forms: Sequence[str] = phrases.FURNITURE) -> None:
        """Put a line that is of no article, with a probability."""
        if self.rng.random() < share:
            self.put(phrases.fill(self.rng.choice(forms), self.rng))

    def put_article(self, article: Sequence[Line], width: int) -> None:
        """Set an article in a column of ``width`` characters, 0 for a paragraph a line."""
        style, rng = self.style, self.rng
        if self.begun and style.blank in ("all", "articles", "some"):
            self.blank(rng.choice((1, 1, 1, 2, 3)) if style.stray_blank else 1)
        first = True
        for kind, raw in article:
            text = self._printed(raw)
            if not text.strip():
                continue
            if not first and _gap_blank(style, rng):
                # Strays gather where the print left room: around subheads and captions.
                stray = style.stray_blank * (3 if kind == "line" else 1)
                self.blank(rng.choice((2, 3, 3, 4)) if rng.random() < stray else 1)
            first = False
            for line in set_block(text, kind, width, style, rng):
                if line == "":
                    self.blank()
                else:
                    self.put(line)
            self.furnish(style.furniture * 0.15)

    def _printed(self, text: str) -> str:
        """Return a text as it comes from the page: damaged, in the characters of the house."""
        text = damage(text, self.style.wrong, self.rng)
        if self.style.half_width:
            text = text.translate(_HALF_WIDTH)
        return text.translate(self.traditional)


_HALF_WIDTH = str.maketrans("，。：；！？（）“”", ',.:;!?()""')


def _gap_blank(style: Style, rng: random.Random) -> bool:
    if style.blank == "all":
        return rng.random() > 0.02
    if style.blank == "some":
        return rng.random() < 0.3
    return rng.random() < style.stray_blank


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the lines of a page that is set once more fall."""

    whole: bool
    """A paragraph is a line on the page as it was."""
    width: int
    """Characters a column, 0 to leave the lines as they are."""
    wrong: float
    hang: bool
    indent: str
    blank: str
    strays: float
    """How often a blank line stands where none should, twice as often before and after short lines."""
    sure: float
    """How often the blank line between two articles is there, on a page that has these."""
    broken: float
    """How often a paragraph is two lines, as at the end of a column."""

    @classmethod
    def draw(cls, articles: Sequence[Sequence[str]], rng: random.Random) -> Self:
        """Draw a manner that suits the lines there are."""
        lengths = sorted(len(line) for lines in articles for line in lines)
        whole = lengths[len(lengths) * 3 // 4] > 32
        width = rng.randint(10, 26) if whole and rng.random() < 0.5 else 0
        blank = rng.choice(("none", "none", "articles", "all", "some", "some")) if whole else "none"
        if width:
            blank = rng.choice(("none", "none", "none", blank)) if blank != "all" else "none"
        return cls(
            whole=whole,
            width=width,
            wrong=rng.choice((0.0, 0.0, 0.01, 0.03)),
            hang=rng.random() < 0.5,
            indent=rng.choice(("", "", "　　")),
            blank=blank,
            strays=rng.choice((0.02, 0.05, 0.12, 0.25)) if blank in ("some", "articles") else 0.0,
            sure=rng.choice((1.0, 1.0, 0.6)) if blank == "articles" else 0.0,
            broken=rng.choice((0.0, 0.0, 0.05, 0.15)) if whole and not width else 0.0,
        )

    def blanks_before(self, text: str, above: str, rng: random.Random) -> int:
        """Return how many blank lines stand before a line; ``above`` is the one before it, "" in another article."""
        stray = rng.random() < self.strays * (2 if above and (not _is_running(text) or len(above) < 25) else 1)
        if not (stray or self.blank == "all" or (not above and rng.random() < self.sure)):
            return 0
        return rng.choice((1, 1, 1, 2, 3)) if self.strays else 1

    def set_line(self, text: str, rng: random.Random) -> list[str]:
        """Return a line of the page as the lines it becomes, "" for a blank one."""
        lead = self.indent if self.whole and _is_running(text) else ""
        pieces = [text]
        if self.width and len(text) > self.width:
            pieces = wrap(text, self.width, hang=self.hang, indent=len(lead))
        elif len(text) > 60 and rng.random() < self.broken:
            at = rng.randint(15, len(text) - 12)
            pieces = [text[:at], text[at:]]
        pieces[0] = lead + pieces[0]
        between = self.strays * 0.1 if self.width else 0.5
        lines = [pieces[0]]
        for piece in pieces[1:]:
            lines += ["", piece] if rng.random() < between else [piece]
        return lines


def _is_running(line: str) -> bool:
    """Tell whether a line is running text, and not a headline."""
    return len(line) > 42 or line.endswith(("。", "！", "？", "”"))


def revary(page: Composed, rng: random.Random) -> Composed:
    """Set a page whose articles are known once more: other blank lines, columns, damage, order of the articles.

    So one corrected page teaches what its articles look like and not how its lines happened to fall.
    """
    articles = _articles_of(page)
    if len(articles) > 3 and rng.random() < 0.4:
        rest = articles[1:]
        rng.shuffle(rest)
        articles = [articles[0], *rest[: rng.randint(2, len(rest))]]
    manner = _Manner.draw(articles, rng)
    lines: list[str] = []
    marks: list[int] = []
    for article in articles:
        above = ""
        for raw in article:
            text = damage(raw, manner.wrong, rng)
            if not text.strip():
                continue
            if lines:
                lines += [""] * manner.blanks_before(text, above, rng)
            lines += manner.set_line(text, rng)
            above = text
        marks.append(len(lines))
    return _page(lines, marks)


def _articles_of(page: Composed) -> list[list[str]]:
    """Return the non-blank lines of each article, stripped."""
    lines = [page.text[paragraph.start : paragraph.end] for paragraph in split_paragraphs(page.text)]
    return [lines[first:last] for first, last in zip((0, *page.ends), page.ends, strict=False)]
