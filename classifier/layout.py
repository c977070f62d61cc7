"""Reading order of a scanned page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.scan import ScanPage

if TYPE_CHECKING:
    from classifier.boxes import Boxes


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


def arrange(page: ScanPage) -> Arrangement:
    """Return the lines of a page in the order of reading.

    Lines with less than one character are kept too: every index of ``page.lines`` occurs once.
    """
    from classifier.boxes import straighten

    return arrange_boxes(straighten(page)) if page.lines else Arrangement((), ())


def arrange_boxes(boxes: Boxes) -> Arrangement:
    """Return the lines of a page in the order of reading, from their boxes."""
    from classifier.columns import group, in_columns, order_groups
    from classifier.strands import gather

    found = group(boxes, gather(boxes))
    order, blocks, groups, heads, captions = [], [], [], [], []
    for number, index in enumerate(order_groups(found)):
        part = found.groups[index]
        for strand, lines in in_columns(found, part):
            for line in lines:
                order.append(line)
                blocks.append(strand)
                groups.append(number)
                heads.append(strand in part.heads)
                captions.append(strand in part.captions)
    return Arrangement(tuple(order), tuple(blocks), tuple(groups), tuple(heads), tuple(captions))
