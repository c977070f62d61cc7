"""Frozen value types of scanned pages: recognised lines with their boxes, ruled lines, photographs.

All coordinates are pixels of the page picture (for PDF and XML: of the page as their file measures it), x to the right
and y downwards. Nothing heavy is imported here.
"""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TextLine:
    """One recognised line of text, horizontal or vertical."""

    text: str
    polygon: tuple[Point, ...]
    """Corners in pixels, clockwise from the outer corner of the first character; at least three."""
    confidence: float = 1.0
    """How sure the recogniser is, 0 to 1; 1.0 where it does not say."""

    @property
    def left(self) -> float:
        """Least x."""
        return min(x for x, _ in self.polygon)

    @property
    def top(self) -> float:
        """Least y."""
        return min(y for _, y in self.polygon)

    @property
    def right(self) -> float:
        """Greatest x."""
        return max(x for x, _ in self.polygon)

    @property
    def bottom(self) -> float:
        """Greatest y."""
        return max(y for _, y in self.polygon)

    @property
    def vertical(self) -> bool:
        """Whether the characters stand below one another: more than one of them, and clearly taller than wide."""
        # Two characters are 2 high and 1 wide; a lying 米。, whose box is that of the ink, is as high as wide.
        return len(self.text.strip()) > 1 and self.bottom - self.top > 1.3 * (self.right - self.left)

    @property
    def height(self) -> float:
        """Estimate of the font size in pixels: the extent across the direction of reading."""
        return self.right - self.left if self.vertical else self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Rule:
    """A box in pixels: a ruled line, a separator, or the area of a photograph."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def corners(self) -> tuple[Point, ...]:
        """The box as a polygon, clockwise from its upper left corner."""
        return (self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)


@dataclass(frozen=True, slots=True)
class ScanPage:
    """One page picture, or one page of a PDF, ALTO, PAGE or hOCR file."""

    number: int
    """1-based within its file."""
    width: float
    height: float
    lines: tuple[TextLine, ...]
    """In the order they were recognised or stored, which need not be that of reading."""
    rules: tuple[Rule, ...] = ()
    """Ruled lines, horizontal and vertical."""
    pictures: tuple[Rule, ...] = ()
    """Photograph areas, where known."""
    source: str = ""
    """Where the lines come from: ``ocr``, ``pdf-text``, ``alto``, ``page-xml`` or ``hocr``."""
    rotation: int = 0
    """Degrees, clockwise, by which the picture was turned upright before it was read: 0, 90, 180 or 270. All boxes are
    those of the turned picture."""
    ordered: bool = False
    """Whether the lines stand in a reading order that the file itself states (PAGE ``ReadingOrder``)."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page picture that belongs to one article."""

    page: int
    """Number of the page within its file, from 1."""
    polygon: tuple[Point, ...]
    """Corners in pixels, clockwise from the upper left one, the first not repeated."""


@dataclass(frozen=True, slots=True)
class PlacedText:
    """The text of a scanned page and where each of its lines stands.

    Line ``i`` of ``text``, counted from 0, is ``page.lines[order[i]]``, in block ``blocks[i]``.
    """

    text: str
    page: ScanPage
    order: tuple[int, ...]
    blocks: tuple[int, ...]
