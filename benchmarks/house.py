"""What a newspaper does always or never, drawn once a page: sizes, columns, ruled lines, boxes."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class House:
    """What a newspaper does always: sizes in pixels, shares between 0 and 1."""

    size: float
    """Font size of running text."""
    leading: float
    measure: int
    """Characters a column."""
    gutter: float
    columns: int
    head: float
    """Size of headlines beside the usual."""
    centred: bool
    """Headlines and bylines are centred, else begin at the left."""
    serif: bool
    rule_across: float
    """Share of stacked articles with a ruled line between."""
    rule_down: float
    column_rules: bool
    boxes: float
    vertical: float
    """Share of articles whose headline stands beside the text."""
    insets: float
    pictures: float
    bylines: bool

    @property
    def pitch(self) -> float:
        """Distance from column to column."""
        return self.measure * self.size + self.gutter

    def width(self, columns: int) -> float:
        """Return the width of so many columns."""
        return columns * self.pitch - self.gutter

    @classmethod
    def draw(cls, chance: random.Random, characters: float) -> House:
        """Draw the habits of a house whose page holds about so many characters."""
        size = chance.choice((22.0, 24.0, 26.0, 28.0))
        leading = size * chance.uniform(1.3, 1.65)
        gutter = size * chance.uniform(1.2, 2.4)
        measure = chance.randint(12, 22)
        # Headlines and pictures take a fifth; a page is higher than it is wide.
        width = math.sqrt(characters * size * leading * 1.2 / chance.uniform(0.95, 1.55))
        columns = min(max(round(width / (measure * size + gutter)), 3), 6)
        return cls(
            size=size,
            leading=leading,
            measure=measure,
            gutter=gutter,
            columns=columns,
            head=chance.uniform(0.8, 1.2),
            centred=chance.random() < 0.65,
            serif=chance.random() < 0.8,
            rule_across=chance.choice((0.0, 0.4, 1.0)),
            rule_down=chance.choice((0.0, 0.3, 0.8)),
            column_rules=chance.random() < 0.06,
            boxes=chance.uniform(0.05, 0.3),
            vertical=chance.choice((0.0, 0.12, 0.25)),
            insets=chance.uniform(0.2, 0.7),
            pictures=chance.uniform(0.2, 0.6),
            bylines=chance.random() < 0.85,
        )
