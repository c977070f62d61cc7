"""Text broken into printed lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.linebreaks import break_lines, ems


@given(st.text("水渠，。AB12", max_size=60), st.integers(4, 20))
def test_broken_lines_hold_the_text_and_are_not_too_wide(text: str, measure: int) -> None:
    lines = break_lines(text, measure, indent=2)
    assert "".join(lines).strip() == text.strip()
    assert all(ems(line.rstrip("，。")) <= measure + 0.02 for line in lines)
