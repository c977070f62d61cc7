"""Value types of stories over several pages: their parts, how these were joined, and references to pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifier.document import Article


@dataclass(frozen=True, slots=True)
class Part:
    """An article and where it stands: what may be a part of a story."""

    path: str
    page: str
    """Reference of its page: ``"4"``, ``"A04"``."""
    article: Article
    text: str
    """Its own text, from ``article.start`` to ``article.end``."""


@dataclass(frozen=True, slots=True)
class Join:
    """How a part came to follow the one before it."""

    score: float
    """Probability that it continues it."""
    by: str
    """``marks`` where the jump lines of both agree, ``mark`` where one of them says so, ``text`` otherwise."""


@dataclass(frozen=True, slots=True)
class Story:
    """The parts of one report in reading order."""

    parts: tuple[Part, ...]
    joins: tuple[Join, ...]
    """How each part but the first was joined, (n_parts - 1,)."""

    @property
    def id(self) -> str:
        """Name of the story: path and first line of its first part, ``1998-05-12/01.txt:3``. The same on every run."""
        return f"{self.parts[0].path}:{self.parts[0].article.first_line}"

    @property
    def title(self) -> str:
        """The headline of the first part that has one, or ``""``."""
        return next((part.article.title for part in self.parts if part.article.title), "")

    @property
    def genre(self) -> str:
        """The genre of its longest part."""
        return max(self.parts, key=lambda part: part.article.end - part.article.start).article.genre


def page_key(reference: str) -> tuple[str, int]:
    """Return a page reference as something that sorts and compares: ``"A04"`` and ``"A4"`` are ``("A", 4)``.

    >>> page_key("A04"), page_key("12")
    (('A', 4), ('', 12))
    """
    digits = re.search(r"[0-9]+$", reference)
    number = int(digits.group()) if digits else 0
    return reference[: digits.start() if digits else None].strip("-_ ").upper(), number


def names_page(reference: str, page: tuple[str, int]) -> bool:
    """Tell whether the reference of a jump line names a page. ``（下转4版）`` names A04 as well."""
    section, number = page_key(reference)
    return number == page[1] and section in ("", page[0])
