"""Hard-wrapped text, as recognition gives it."""

from __future__ import annotations


def wrapped(*blocks: str, width: int = 18, indent: str = "\u3000\u3000") -> list[str]:
    """Return headlines (without a full stop) and paragraphs wrapped to lines."""
    lines: list[str] = []
    for block in blocks:
        text = (indent if block.endswith("。") else "") + block
        lines += [text[at : at + width] for at in range(0, len(text), width)]
    return lines
