"""Reading order of a scanned page."""

from __future__ import annotations

from dataclasses import dataclass

from classifier.scan import ScanPage


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The lines of a page in the order of reading."""

    order: tuple[int, ...]
    """Indices into ``page.lines``."""
    blocks: tuple[int, ...]
    """For each of ``order``, the number of the block the line stands in."""


def arrange(page: ScanPage) -> Arrangement:
    """Order the lines of a page from top to bottom, then from left to right."""
    order = sorted(range(len(page.lines)), key=lambda i: (page.lines[i].top, page.lines[i].left))
    return Arrangement(tuple(order), (0,) * len(order))
