"""The methods that banmian is measured against, each a function of the lines of a page.

``segment(lines, *, n_segments=None)`` returns the ends of the segments in lines. ``n_segments`` is the true number of
segments, given only to methods that take one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

Segment = Callable[..., list[int]]


@dataclass(frozen=True, slots=True)
class Peer:
    """A method, how the tables call it, and what it needs."""

    name: str
    module: str
    takes_count: bool = False
    """Whether it can be given the true number of segments."""
    needs: str = ""
    """A package that must be installed for it, besides those of banmian."""

    @property
    def is_installed(self) -> bool:
        """Whether the package it needs is there."""
        return not self.needs or find_spec(self.needs) is not None

    def load(self) -> Segment:
        """Import the method."""
        segment: Segment = import_module(f"benchmarks.peers.{self.module}").segment
        return segment


PEERS = (
    Peer("one segment", "one"),
    Peer("headline rule", "headline"),
    Peer("TextTiling", "texttiling", needs="nltk"),
    Peer("C99", "c99", takes_count=True),
    Peer("U00", "u00", takes_count=True),
)
