"""Headlines with the columns they head, while they are being found: what the rooms of the layout share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from classifier.scans.boxes import Boxes
from classifier.scans.strands import Strand


@dataclass(slots=True, eq=False)
class Group:
    """A headline block and the strands of text that it heads, as indices of strands."""

    heads: list[int]
    texts: list[int] = field(default_factory=list)
    captions: list[int] = field(default_factory=list)
    upright: bool = False
    """The headline stands beside the text."""


@dataclass(slots=True, eq=False)
class Layout:
    """The strands of a page on their way into groups."""

    boxes: Boxes
    strands: list[Strand]
    groups: list[Group] = field(default_factory=list)
    owner: dict[int, int] = field(default_factory=dict)
    """Group of each strand that has one."""

    @property
    def em(self) -> float:
        """Return the font size of running text in pixels."""
        return self.boxes.em

    def own(self, strand: int, group: int) -> None:
        """Make a strand text of a group."""
        if strand in self.owner:
            self.groups[self.owner[strand]].texts.remove(strand)
        self.owner[strand] = group
        self.groups[group].texts.append(strand)

    def begin(self, heads: list[int], *, upright: bool = False) -> int:
        """Make a group of headline strands."""
        self.groups.append(Group(heads, upright=upright))
        for head in heads:
            self.owner[head] = len(self.groups) - 1
        return len(self.groups) - 1

    def head_box(self, group: int) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of a group's headline block."""
        heads = [self.strands[head] for head in self.groups[group].heads]
        return (
            min(head.left for head in heads),
            min(head.top for head in heads),
            max(head.right for head in heads),
            max(head.bottom for head in heads),
        )


def shared(one: Strand, other: Strand) -> float:
    """Return the share of the narrower strand's width that lies over or under the other."""
    both = min(one.right, other.right) - max(one.left, other.left)
    return max(both, 0.0) / max(min(one.width, other.width), 1.0)


def goes_on(boxes: Boxes, strand: Strand) -> bool:
    """Tell whether the last line of a strand breaks off: it is full and does not end in a full stop."""
    line = strand.lines[-1]
    right = float(np.max(boxes.right[strand.lines[-6:]]))
    return not boxes.stops[line] and bool(boxes.right[line] > right - 1.6 * boxes.size[line])


def begins(boxes: Boxes, strand: Strand) -> bool | None:
    """Tell whether the first line of a strand is indented; ``None`` if there is no other line to tell by."""
    if len(strand.lines) < 2:
        return None
    first, second = strand.lines[0], strand.lines[1]
    indent = boxes.left[first] - min(boxes.left[second], float(np.median(boxes.left[strand.lines])))
    return bool(indent > 1.1 * boxes.size[first])


def heads(page: Layout, strand: int) -> bool:
    """Tell whether a strand is of a headline block."""
    return strand in page.owner and strand in page.groups[page.owner[strand]].heads
