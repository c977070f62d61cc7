"""The rule a careful person would write first: an article begins with a headline."""

from __future__ import annotations

MAX_LENGTH = 30
"""Characters of a headline: 94 in 100 of the July newspaper's are no longer."""

SENTENCE_END = ("。", "！", "？", "…", "”", "）", ".", "!", "?", ")")
"""What a paragraph ends with and a headline does not. Headlines ending in ``？`` or ``）`` are lost to the rule."""


def segment(lines: list[str], *, n_segments: int | None = None) -> list[int]:  # noqa: ARG001 - the shape of a peer
    """Begin a segment at every short line without a full stop that follows a line with one."""
    ends = [
        i
        for i in range(1, len(lines))
        if len(lines[i]) <= MAX_LENGTH and not lines[i].endswith(SENTENCE_END) and lines[i - 1].endswith(SENTENCE_END)
    ]
    return [*ends, len(lines)] if lines else []
