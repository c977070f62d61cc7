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

from classifier import phrases
from classifier.damage import damage
from classifier.manuscript import Line, Story, write
from classifier.paragraphs import split_paragraphs
from classifier.style import Style
from classifier.wrapping import set_block, wrap

Draw = tuple[list[Story], str]
"""The stories of one page and the kind of its style, see :func:`~classifier.style.draw_style`."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A page with its true segmentation."""

    text: str
    ends: tuple[int, ...]
    """Ascending ends of the articles in paragraphs (non-blank lines); the last is their number."""


def compose_page(stories: Sequence[Story], style: Style, rng: random.Random, *, simplified_to: str = "") -> Composed:
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

    @classmethod
    def draw(cls, articles: Sequence[Sequence[str]], rng: random.Random) -> Self:
        """Draw a manner that suits the lines there are."""
        lengths = sorted(len(line) for lines in articles for line in lines)
        whole = lengths[len(lengths) * 3 // 4] > 32
        width = rng.randint(10, 26) if whole and rng.random() < 0.5 else 0
        return cls(
            whole=whole,
            width=width,
            wrong=rng.choice((0.0, 0.0, 0.01, 0.03)),
            hang=rng.random() < 0.5,
            indent=rng.choice(("", "", "　　")),
            blank=rng.choice(("none", "none", "articles", "all", "some")) if whole and not width else "none",
        )

    def is_blank_before(self, rng: random.Random, *, first: bool) -> bool:
        """Tell whether a blank line stands before a line, which may be the ``first`` of its article."""
        stray = self.blank == "some" and rng.random() < 0.03
        return self.blank == "all" or (self.blank == "articles" and first) or stray

    def broken(self, text: str) -> list[str]:
        """Return a line of the page as the lines it becomes."""
        paragraph = len(text) > 42 or text.endswith(("。", "！", "？", "”"))
        lead = self.indent if self.whole and paragraph else ""
        pieces = [text]
        if self.width and len(text) > self.width:
            pieces = wrap(text, self.width, hang=self.hang, indent=len(lead))
        pieces[0] = lead + pieces[0]
        return [piece for piece in pieces if piece.strip()]


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
        for number, raw in enumerate(article):
            text = damage(raw, manner.wrong, rng)
            if not text.strip():
                continue
            if manner.is_blank_before(rng, first=not number) and lines:
                lines.append("")
            lines += manner.broken(text)
        marks.append(len(lines))
    return _page(lines, marks)


def _articles_of(page: Composed) -> list[list[str]]:
    """Return the non-blank lines of each article, stripped."""
    lines = [page.text[paragraph.start : paragraph.end] for paragraph in split_paragraphs(page.text)]
    return [lines[first:last] for first, last in zip((0, *page.ends), page.ends, strict=False)]
