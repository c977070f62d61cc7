"""No boundary at all: what every measure must be compared with."""

from __future__ import annotations


def segment(lines: list[str], *, n_segments: int | None = None) -> list[int]:  # noqa: ARG001 - the shape of a peer
    """Return the whole page as one segment."""
    return [len(lines)] if lines else []
