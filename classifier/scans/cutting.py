"""A scanned page cut into articles: its text and the places of its lines decide together.

The lines are put in order, the text model says how probable a boundary is at each gap, the geometry of the page weighs
that against what it sees itself, dynamic programming picks the articles, and parts that stand apart are joined. In the
end the order of the lines is changed so that every article is in one piece: what follows needs to know no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.decoding import boundaries, decode
from classifier.boundaries.segmenter import Segmenter
from classifier.document import Page
from classifier.errors import ModelError
from classifier.page.jumps import Jump, find_jumps
from classifier.scan import PlacedText, ScanPage
from classifier.scans import geometry, joining
from classifier.scans.boxes import Boxes, straighten
from classifier.scans.layout import Arrangement, arrange_boxes
from classifier.text.paragraphs import is_blank, split_paragraphs
from classifier.text.tokens import Cutter, Tokens, tokenise

if TYPE_CHECKING:
    from classifier.model import Model

Floats = NDArray[np.float64]

INDENT = "\u3000\u3000"
"""What stands for the indent of a paragraph in the text of a page."""

_INDENTED = (1.2, 3.2)
"""Font sizes by which the first line of a paragraph is indented; one that is further in is centred."""

MOST_LINES = 4000
"""Lines of a page up to which parts are joined; no newspaper page has as many."""

_JUMP_SURE, _JUMP_FAR = 0.95, 4
"""Probability of a boundary that a jump line sets at least, and lines under the headline of a group up to which a
上接 is that group's."""


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """A page in reading order, with all that the geometry needs to know of it."""

    page: ScanPage
    """Without lines that are blank."""
    kept: tuple[int, ...]
    """Where its lines stand in the page as it was read."""
    boxes: Boxes
    arrangement: Arrangement
    text: Page
    tokens: Tokens
    proba: Floats
    """P(boundary) by the text alone, (n - 1,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A page whose articles are known."""

    placed: PlacedText
    ends: list[int]
    """Ends of the articles in lines of ``placed``."""
    proba: NDArray[np.float32]
    """P(an article begins there) of each gap between lines of ``placed``, (n - 1,)."""
    heads: list[int]
    """Lines of headline that each article begins with, as they are printed; 0 where the layout shows none."""


def describe(page: ScanPage, segmenter: Segmenter, cutter: Cutter) -> Described:
    """Put a page with at least one line of text into order and score its gaps by the text alone."""
    kept = tuple(number for number, line in enumerate(page.lines) if not is_blank(line.text))
    page = replace(page, lines=tuple(page.lines[number] for number in kept))
    boxes = straighten(page)
    arrangement = arrange_boxes(boxes, ordered=page.ordered)
    text = written(page, boxes, arrangement, range(len(kept)))
    document = Page(text, split_paragraphs(text))
    tokens = tokenise(text, cutter)
    proba = segmenter.predict_proba(tokens, document.paragraphs)
    return Described(page, kept, boxes, arrangement, document, tokens, proba.astype(np.float64))


def written(page: ScanPage, boxes: Boxes, arrangement: Arrangement, order: Sequence[int]) -> str:
    """Return the text of a page: a line for each of ``order``, which are places in the arrangement.

    The first lines of paragraphs are indented as they are printed.
    """
    left, _ = geometry.columns(boxes, arrangement)
    lines = []
    for at in order:
        number = arrangement.order[at]
        # A line stays a line: what str.splitlines takes for an end would move every number after it.
        text = " ".join(page.lines[number].text.split())
        indent = (boxes.left[number] - left[at]) / boxes.size[number]
        starts = _INDENTED[0] < indent < _INDENTED[1] and not arrangement.heads[at] and not boxes.upright[number]
        lines.append(INDENT + text if starts else text)
    return "\n".join(lines)


def cut(page: ScanPage, model: Model) -> Cut:
    """Cut a page into articles, each of them in one piece of the text."""
    if all(is_blank(line.text) for line in page.lines):
        return Cut(PlacedText("", page, (), ()), [], np.zeros(0, dtype=np.float32), [])
    segmenter = model.segmenter
    found = describe(page, segmenter, model.cutter)
    n = len(found.kept)
    jumps = find_jumps(found.text)
    if segmenter.geometry is None:
        proba = found.proba
        ends = segmenter.predict(proba.astype(np.float32), jumps)
    else:
        _check(model, "geometry", segmenter.geometry, geometry.GEOMETRY_FEATURES)
        proba = weigh(found, segmenter.geometry)
        heed(proba, found, jumps)
        set_apart(proba, found)
        ends = decode(proba, price=segmenter.threshold)
    parts = [np.arange(first, last) for first, last in boundaries(ends)]
    if segmenter.joining is not None and len(parts) > 1 and n <= MOST_LINES and not page.ordered:
        _check(model, "joining", segmenter.joining, joining.JOINING_FEATURES)
        labels = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        vectors = segmenter.describe(found.tokens, found.text.paragraphs).vectors
        parts = joining.join(found.boxes, found.arrangement, labels, vectors=vectors, weights=segmenter.joining)
    return _settle(found, page, parts, proba)


def _check(model: Model, name: str, weights: NDArray[np.floating], size: int) -> None:
    # Here and not where models are loaded: text needs none of this.
    if len(weights) != size:
        found = f"{len(weights)} weights for the {name} of scans where {size} are expected"
        raise ModelError(f"{model.path}: {found}; train it again or install the version it was made with")


def weigh(found: Described, weights: NDArray[np.floating]) -> Floats:
    """Return P(boundary) by text and geometry together, float64 (n - 1,)."""
    scores = weights[geometry.describe(found.boxes, found.arrangement, found.proba)].sum(axis=1)
    proba: Floats = 1.0 / (1.0 + np.exp(-np.clip(scores.astype(np.float64), -30, 30)))
    return proba


def heed(proba: Floats, found: Described, jumps: dict[int, Jump]) -> None:
    """Make the probabilities respect jump lines, where the layout does not know better.

    On a page 上接 stands under the headline of its article: that is the group's, whatever lies between. After 下转
    come the captions.
    """
    groups, heads, captions = found.arrangement.groups, found.arrangement.heads, found.arrangement.captions
    for line, jump in jumps.items():
        if jump.opens:
            first = line
            while first and groups[first - 1] == groups[line]:
                first -= 1
            under = sum(not heads[i] for i in range(first, line))
            at = first if any(heads[first:line]) and under <= _JUMP_FAR else line
            if at:
                proba[at - 1] = max(proba[at - 1], _JUMP_SURE)
            if line < len(proba) and jump.alone:
                proba[line] = min(proba[line], 1 - _JUMP_SURE)
        elif line < len(proba) and not captions[line + 1]:
            proba[line] = max(proba[line], _JUMP_SURE)


def set_apart(proba: Floats, found: Described) -> None:
    """Make the line over the page, with its number and date, a part of its own for the time of cutting."""
    folio = found.boxes.folio[list(found.arrangement.order)]
    proba[folio[1:] & folio[:-1]] = 0.0
    proba[folio[1:] != folio[:-1]] = 1.0


def _put_away(parts: Sequence[NDArray[np.int64]], folio: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Return the articles with the line over the page at the end of the first: every line must be in one."""
    articles = [part[~folio[part]] for part in parts]
    articles = [part for part in articles if len(part)]
    if not articles:
        return list(parts)
    articles[0] = np.concatenate([articles[0], np.flatnonzero(folio)])
    return articles


def _settle(found: Described, page: ScanPage, parts: Sequence[NDArray[np.int64]], proba: Floats) -> Cut:
    if not page.ordered:
        parts = _put_away(parts, found.boxes.folio[list(found.arrangement.order)])
    order = np.concatenate(parts).tolist()
    text = written(found.page, found.boxes, found.arrangement, order)
    numbers = tuple(found.kept[found.arrangement.order[at]] for at in order)
    blocks = tuple(found.arrangement.blocks[at] for at in order)
    ends = np.cumsum([len(part) for part in parts]).tolist()
    scores = np.zeros(max(len(order) - 1, 0), dtype=np.float32)
    for part, end in zip(parts[1:], ends, strict=False):
        scores[end - 1] = proba[part[0] - 1] if part[0] else 1.0
    heads = [int(np.argmin([*(found.arrangement.heads[at] for at in part), False])) for part in parts]
    return Cut(PlacedText(text, page, numbers, blocks), ends, scores, heads)
