"""The text of a scanned page made from its lines, and the places of articles found from the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from classifier.document import Article
from classifier.scan import PlacedText, Point, Region, Rule, ScanPage, TextLine
from classifier.scans.layout import arrange
from classifier.text.paragraphs import is_blank

if TYPE_CHECKING:
    from classifier.model import Model

_JUMP = 2.0
"""Line heights by which a line may lie above the one before it, or beyond its column, and still go on with it."""

_SNAP = 3.0
"""Line heights within which the edges of the lines of a region count as one straight edge: indents and last lines."""


def place(page: ScanPage) -> PlacedText:
    """Put the lines of a page into reading order and join them to a text, a line of the page a line of the text."""
    arrangement = arrange(page)
    pairs = [
        (number, block)
        for number, block in zip(arrangement.order, arrangement.blocks, strict=True)
        if not is_blank(page.lines[number].text)
    ]
    # A line stays a line: what str.splitlines takes for an end would move every number after it.
    text = "\n".join(" ".join(page.lines[number].text.split()) for number, _ in pairs)
    return PlacedText(text, page, tuple(number for number, _ in pairs), tuple(block for _, block in pairs))


def split(
    page: ScanPage, model: Model, *, threshold: float | None = None, top_k: int = 3
) -> tuple[PlacedText, tuple[Article, ...]]:
    """Split a scanned page into its articles, each with its regions.

    The lines of the text are in reading order, those of one article together. ``threshold`` and ``top_k`` are those of
    :meth:`classifier.model.Model.split`.
    """
    from classifier.scans.cutting import cut

    found = cut(page, model)
    placed = found.placed
    articles = model.label(
        placed.text, found.ends, proba=found.proba, heads=found.heads, threshold=threshold, top_k=top_k
    )
    return placed, tuple(replace(article, regions=regions(placed, article)) for article in articles)


def regions(placed: PlacedText, article: Article) -> tuple[Region, ...]:
    """Return where an article stands: an outline for every run of its lines that lie below one another."""
    numbers = range(article.first_line - 1, article.last_line)
    return tuple(
        Region(placed.page.number, outline([placed.page.lines[placed.order[i]] for i in run]))
        for run in runs(placed, numbers)
    )


def runs(placed: PlacedText, numbers: Sequence[int]) -> Iterator[list[int]]:
    """Cut line numbers (0-based, of the text) where the block changes or the next line does not follow below."""
    run: list[int] = []
    for number in numbers:
        if run and not _follows(placed, run[-1], number):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _follows(placed: PlacedText, number: int, after: int) -> bool:
    if after != number + 1 or placed.blocks[number] != placed.blocks[after]:
        return False
    here, there = placed.page.lines[placed.order[number]], placed.page.lines[placed.order[after]]
    if here.vertical or there.vertical:
        return here.vertical and there.vertical and there.left < here.right + _JUMP * here.height
    height = max(here.height, there.height)
    overlap = min(here.right, there.right) - max(here.left, there.left)
    return -_JUMP * height < there.top - here.top < 4 * _JUMP * height and overlap > -_JUMP * height


def outline(lines: Sequence[TextLine]) -> tuple[Point, ...]:
    """Return a polygon with right angles around lines, clockwise from its upper left corner.

    It follows the lines where a photograph or a box cuts into their column, and is a rectangle otherwise.
    """
    box = bounds(lines)
    if any(line.vertical for line in lines):
        return box.corners
    height = sorted(line.height for line in lines)[len(lines) // 2]
    rows: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: line.top):
        if rows and line.top < (rows[-1][0].top + rows[-1][0].bottom) / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    boxes = [bounds(row) for row in rows]
    left = _edge([row.left for row in boxes], limit=box.left, slack=_SNAP * height)
    right = _edge([row.right for row in boxes], limit=box.right, slack=_SNAP * height)
    # Last lines of paragraphs end early: only several neighbouring short rows are a notch.
    levels = [box.top, *((above.bottom + below.top) / 2 for above, below in pairwise(boxes))]
    points: list[Point] = [(left[0], box.top), (right[0], box.top)]
    for i in range(1, len(boxes)):
        if right[i] != right[i - 1]:
            points += [(right[i - 1], levels[i]), (right[i], levels[i])]
    points += [(right[-1], box.bottom), (left[-1], box.bottom)]
    for i in range(len(boxes) - 1, 0, -1):
        if left[i] != left[i - 1]:
            points += [(left[i], levels[i]), (left[i - 1], levels[i])]
    return tuple(points)


_NOTCH_ROWS = 3
"""Fewest neighbouring rows that make a notch in a region: one or two short rows end a paragraph or begin one."""


def _edge(values: list[float], *, limit: float, slack: float) -> list[float]:
    """Return the edge of a region at each row: the limit, except along runs of rows that all keep away from it."""
    edge = [limit] * len(values)
    first = 0
    while first < len(values):
        last = first
        while last < len(values) and abs(values[last] - limit) > slack:
            last += 1
        if last - first >= _NOTCH_ROWS:
            run = values[first:last]
            edge[first:last] = [min(run) if min(run) > limit else max(run)] * (last - first)
        first = max(last, first + 1)
    return edge


def bounds(lines: Sequence[TextLine]) -> Rule:
    """Return the box around lines, of which there is at least one."""
    return Rule(
        min(line.left for line in lines),
        min(line.top for line in lines),
        max(line.right for line in lines),
        max(line.bottom for line in lines),
    )
