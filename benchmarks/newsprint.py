"""Printed newspaper pages: where every line stands and which article it is of.

Values alone: how a page comes to be is the business of :mod:`benchmarks.makeup`; Chromium paints it
(:mod:`benchmarks.presswork`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from benchmarks.sources import Source
from classifier.scan import Rule

FURNITURE = -1
"""Article number of lines that are of no article: the line over the page."""


@dataclass(frozen=True, slots=True)
class Print:
    """One printed line: the box of its characters in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    """Font size in pixels."""
    article: int
    """Number of the article on the page, or :data:`FURNITURE`."""
    kind: str
    """``head``, ``kicker``, ``byline``, ``body``, ``subhead``, ``caption``, ``folio``."""
    vertical: bool = False
    bold: bool = False

    def moved(self, x: float, y: float) -> Print:
        """Return the line at another place."""
        return replace(self, left=self.left + x, right=self.right + x, top=self.top + y, bottom=self.bottom + y)


@dataclass(slots=True)
class Piece:
    """A part of a page, its corner at the origin."""

    width: float
    height: float = 0.0
    prints: list[Print] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    pictures: list[Rule] = field(default_factory=list)
    tints: list[Rule] = field(default_factory=list)
    """Areas of a light background."""
    waste: float = 0.0
    """Height left blank, in pixels, summed over columns."""

    def put(self, other: Piece, x: float, y: float) -> None:
        """Set another piece into this one."""
        self.prints += [line.moved(x, y) for line in other.prints]
        for mine, theirs in ((self.rules, other.rules), (self.pictures, other.pictures), (self.tints, other.tints)):
            mine += [_moved(box, x, y) for box in theirs]
        self.waste += other.waste


def _moved(box: Rule, x: float, y: float) -> Rule:
    return Rule(box.left + x, box.top + y, box.right + x, box.bottom + y)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that is set. Lines of one article stand in their order of reading."""

    width: float
    height: float
    prints: tuple[Print, ...]
    rules: tuple[Rule, ...]
    pictures: tuple[Rule, ...]
    tints: tuple[Rule, ...]
    serif: bool
    sources: tuple[Source, ...]
    """The text of each article, by number."""
