"""Reading order of a scanned page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.scan import ScanPage

if TYPE_CHECKING:
    from classifier.scans.boxes import Boxes


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The lines of a page in the order of reading."""

    order: tuple[int, ...]
    """Indices into ``page.lines``."""
    blocks: tuple[int, ...]
    """For each of ``order``, the number of the block the line stands in: lines below one another in one column."""
    groups: tuple[int, ...] = ()
    """For each of ``order``, the number of the group: a headline and the columns it heads."""
    heads: tuple[bool, ...] = ()
    """For each of ``order``, whether the line is of a headline block."""
    captions: tuple[bool, ...] = ()
    """For each of ``order``, whether the line is of a caption."""


MOST_LINES = 6000
"""Lines of a page up to which columns are looked for; a newspaper page has 1,500 at most. The time grows faster than
their number."""


def arrange(page: ScanPage) -> Arrangement:
    """Return the lines of a page in the order of reading.

    Lines with less than one character are kept too: every index of ``page.lines`` occurs once.
    """
    from classifier.scans.boxes import straighten

    return arrange_boxes(straighten(page), ordered=page.ordered) if page.lines else Arrangement((), ())


def arrange_boxes(boxes: Boxes, *, ordered: bool = False) -> Arrangement:
    """Return the lines of a page in the order of reading, from their boxes.

    Lines that are ``ordered`` keep the order they have.
    """
    from classifier.scans import fragments
    from classifier.scans.columns import group
    from classifier.scans.sequence import in_columns, order_groups
    from classifier.scans.strands import gather

    n = len(boxes)
    if n > MOST_LINES:
        by_top = range(n) if ordered else np.lexsort((boxes.left, boxes.top)).tolist()
        return Arrangement(tuple(by_top), (0,) * n, (0,) * n, (False,) * n, (False,) * n)
    whole = fragments.rows(boxes)
    merged = fragments.merge(boxes, whole)
    found = group(merged, gather(merged))
    order: list[int] = []
    blocks: list[int] = []
    groups: list[int] = []
    heads: list[bool] = []
    captions: list[bool] = []
    for number, index in enumerate(order_groups(found)):
        part = found.groups[index]
        for strand, lines in in_columns(found, part):
            for line in (piece for row in lines for piece in whole[row]):
                order.append(line)
                blocks.append(strand)
                groups.append(number)
                heads.append(strand in part.heads)
                captions.append(strand in part.captions)
    if ordered:
        by_line = sorted(range(len(order)), key=order.__getitem__)
        blocks, groups = [blocks[at] for at in by_line], [groups[at] for at in by_line]
        heads, captions = [heads[at] for at in by_line], [captions[at] for at in by_line]
        order.sort()
    return Arrangement(tuple(order), tuple(blocks), tuple(groups), tuple(heads), tuple(captions))
