"""Frozen value types: what a page is made of and what is said of it.

Offsets are code points into the decoded text of the page, half-open. Line numbers are 1-based and count lines as
``str.splitlines`` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:  # annotations alone need NumPy and scans, and `--help` and the public types do without them
    import numpy as np
    from numpy.typing import NDArray

    from classifier.scan import PlacedText, Region

UNKNOWN = "unknown"
"""The genre of an article whose best genre scores below the threshold. Never the name of a real genre."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One non-blank line of a page, without the white space around it.

    In a page with one paragraph a line this is the paragraph; in hard-wrapped text it is one line of it. It is the
    unit of segmentation: articles begin and end between two of these.
    """

    start: int
    """Code-point offset of its first non-space character."""
    end: int
    """Code-point offset just after its last non-space character."""
    line: int
    """1-based line number."""


@dataclass(frozen=True, slots=True, eq=False)
class Paragraphs(Sequence[Paragraph]):
    """The paragraphs of a page as parallel arrays, so that a page of 100,000 lines costs three arrays.

    All three are int64 of shape (n_paragraphs,), strictly ascending; ranges ``[starts[i], ends[i])`` are disjoint
    and not empty.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of paragraphs."""
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> Paragraph: ...
    @overload
    def __getitem__(self, index: slice) -> Paragraphs: ...
    def __getitem__(self, index: int | slice) -> Paragraph | Paragraphs:
        """Return one :class:`Paragraph`, or a :class:`Paragraphs` for a slice."""
        if isinstance(index, slice):
            return Paragraphs(self.starts[index], self.ends[index], self.lines[index])
        return Paragraph(int(self.starts[index]), int(self.ends[index]), int(self.lines[index]))

    def __iter__(self) -> Iterator[Paragraph]:
        """Iterate over the paragraphs in order."""
        for start, end, line in zip(self.starts.tolist(), self.ends.tolist(), self.lines.tolist(), strict=True):
            yield Paragraph(start, end, line)


@dataclass(frozen=True, slots=True)
class Page:
    """A decoded page and its paragraphs."""

    text: str
    paragraphs: Paragraphs
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a page: where it is, what it is called, what genre it is."""

    start: int
    end: int
    first_line: int
    last_line: int
    title: str
    """Its headline, or ``""`` where it has none (a continued part)."""
    genre: str
    """Genre id, or ``unknown`` where the best one scores below the threshold."""
    score: float
    """Calibrated probability of the best genre (also when ``genre`` is ``unknown``)."""
    top: tuple[tuple[str, float], ...]
    """The best genres with their probabilities, best first."""
    boundary_score: float
    """Calibrated probability that an article begins at ``start`` (1.0 for the first of a page)."""
    continued_from: str | None = None
    """Page reference of a jump line such as ``(上接1版)``: ``"1"``."""
    continued_on: str | None = None
    """Page reference of a jump line such as ``（下转第4版）``: ``"4"``."""
    regions: tuple[Region, ...] = ()
    """Where it stands on the picture, in reading order; of scans only."""


@dataclass(frozen=True, slots=True)
class Label:
    """The genre of one text: what ``classify`` says of a file."""

    genre: str
    score: float
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an input has no result. ``code`` is stable and machine-readable, ``message`` is one line for people."""

    code: str
    message: str
    traceback: str = field(default="", repr=False, compare=False)
    """Of an ``internal`` failure, which is a bug; for a bug report, not part of any output contract."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """The outcome for one input file of ``split`` or ``classify``: articles, a label, or a failure.

    ``text`` is kept only for renderers that need it (``files``, first words of an untitled article) and is not part
    of any output contract. ``scan`` is what a picture, PDF or layout file was read as; ``None`` for a text file.
    """

    path: str
    encoding: str | None = None
    model: str = ""
    articles: tuple[Article, ...] = ()
    label: Label | None = None
    failure: Failure | None = None
    id: object = None
    """What the JSON object of an input says it is: any JSON, ``None`` without one."""
    skipped: bool = False
    """Whether nothing was done, because the result is there and current."""
    corrected: bool = False
    """Whether that result was changed after it was written, and left alone."""
    garbled: bool = False
    """Whether the text seems to have been read in a wrong encoding before it came here."""
    text: str = field(default="", repr=False, compare=False)
    scan: PlacedText | None = field(default=None, repr=False, compare=False)
    modified: float | None = field(default=None, repr=False, compare=False)
    """When the file of a scan was last changed, in seconds since 1970; ``None`` where that is not known."""

    @property
    def shown_id(self) -> str | None:
        """The identity as text: a string as it is, anything else as JSON."""
        import json

        if self.id is None or isinstance(self.id, str):
            return self.id
        return json.dumps(self.id, ensure_ascii=False)
