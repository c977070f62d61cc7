"""In what order one reads the columns under a headline, and the articles of a page."""

from __future__ import annotations

import numpy as np

from classifier.scans.boxes import Floats
from classifier.scans.groups import Group, Layout, shared
from classifier.scans.strands import Ints


def in_columns(page: Layout, group: Group) -> list[tuple[int, list[int]]]:
    """Return the strands of a group in order of reading with their lines: headline, columns from the left, captions.

    A strand occurs twice where its first line is a byline over the columns.
    """
    columns: list[list[int]] = []
    for text in sorted(group.texts, key=lambda i: page.strands[i].left):
        strand = page.strands[text]
        home = next((c for c in columns if all(shared(page.strands[other], strand) > 0.5 for other in c)), None)
        if home is None:
            columns.append([text])
        else:
            home.append(text)
    by_top = [sorted(column, key=lambda i: page.strands[i].top) for column in columns]
    heads = group.heads if group.upright else in_rows(page, group.heads)
    found = [(head, page.strands[head].lines) for head in heads]
    crown = _crown(page, by_top) if group.heads else None
    if crown is not None:
        found.append((crown[0], page.strands[crown[0]].lines[: crown[1]]))
    for text in (text for column in by_top for text in column):
        lines = page.strands[text].lines
        if crown is not None and text == crown[0]:
            lines = lines[crown[1] :]
        if lines:
            found.append((text, lines))
    captions = in_rows(page, group.captions)
    return found + [(caption, page.strands[caption].lines) for caption in captions]


def in_rows(page: Layout, strands: list[int]) -> list[int]:
    """Return strands from top to bottom, those of one row from left to right, though one piece begins a bit higher."""
    rows: list[list[int]] = []
    for number in sorted(strands, key=lambda i: page.strands[i].top):
        strand = page.strands[number]
        first = page.strands[rows[-1][0]] if rows else None
        high = min(first.bottom, strand.bottom) - strand.top if first is not None else 0.0
        if first is not None and high > 0.6 * min(first.height, strand.height):
            rows[-1].append(number)
        else:
            rows.append([number])
    return [number for row in rows for number in sorted(row, key=lambda i: page.strands[i].left)]


def _crown(page: Layout, columns: list[list[int]]) -> tuple[int, int] | None:
    """Return the strand whose first lines stand over all columns of a group, and how many: a byline, or a subtitle."""
    if len(columns) < 2:
        return None
    first = min((column[0] for column in columns), key=lambda i: page.strands[i].top)
    strand, boxes = page.strands[first], page.boxes
    rest = [page.strands[column[0]].top for column in columns if column[0] != first]
    low = min(rest)
    count = sum(float(boxes.bottom[line]) < low + 0.25 * page.em for line in strand.lines)
    if not 1 <= count <= 2 or low - float(boxes.bottom[strand.lines[count - 1]]) > 3 * page.em:
        return None
    near = [top for top in rest if top < low + 0.8 * page.em]
    return (first, count) if len(near) >= 1 else None


def order_groups(page: Layout) -> list[int]:
    """Return the groups in order of reading: cut across where nothing is cut, else down, else the topmost first."""
    boxes = []
    full = [number for number, found in enumerate(page.groups) if found.heads or found.texts or found.captions]
    for group in (page.groups[number] for number in full):
        strands = [page.strands[i] for i in (*group.heads, *group.texts)] or [page.strands[i] for i in group.captions]
        boxes.append(
            (
                min(s.left for s in strands),
                min(s.top for s in strands),
                max(s.right for s in strands),
                max(s.bottom for s in strands),
            )
        )
    edges = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    found: list[int] = []
    waiting: list[Ints] = [np.arange(len(edges))]
    while waiting:
        part = waiting.pop()
        if len(part) <= 1:
            found += part.tolist()
            continue
        pieces = _cut(edges, part, 1, 0.4 * page.em) or _cut(edges, part, 0, 0.4 * page.em)
        if pieces is None:
            first = part[int(np.argmin(edges[part, 1] + 0.25 * edges[part, 0]))]
            pieces = [np.array([first]), part[part != first]]
        waiting += pieces[::-1]
    return [full[number] for number in found]


def _cut(
    edges: Floats,
    part: Ints,
    axis: int,
    slack: float,
) -> list[Ints] | None:
    """Return the parts on both sides of every gap along an axis (0 from the left, 1 from the top), if there is one."""
    order = part[np.argsort(edges[part, axis], kind="stable")]
    reach = np.maximum.accumulate(edges[order, axis + 2])
    cuts = np.flatnonzero(edges[order[1:], axis] > reach[:-1] - slack) + 1
    return np.split(order, cuts) if len(cuts) else None
