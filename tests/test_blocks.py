"""Blocks: wrapped lines are joined again, and nothing else is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.boundaries.blocks import join_blocks
from tests.gap_pages import lines_of, set_paragraphs


@given(
    # The last line of a paragraph is clearly shorter than the column.
    st.lists(st.tuples(st.integers(4, 8), st.integers(1, 8)), min_size=2, max_size=12),
    st.integers(12, 40),
    st.sampled_from(["", "\u3000\u3000", "  "]),
)
@settings(deadline=None)
def test_wrapped_paragraphs_are_joined_again(sizes: list[tuple[int, int]], width: int, indent: str) -> None:
    lengths = [full * width + rest - len(indent) for full, rest in sizes]
    text, begins = set_paragraphs(lengths, width, indent)
    blocks = join_blocks(lines_of(text))
    ends = [*begins[1:], len(blocks.after)]
    assert blocks.after[begins].tolist() == ends
    assert blocks.before[begins[1:]].tolist() == begins[:-1]
    # From a line inside a paragraph the block is what is left of it.
    for begin, end in zip(begins, ends, strict=True):
        assert (blocks.after[begin:end] == end).all()


@given(st.lists(st.integers(50, 300), min_size=2, max_size=10))
@settings(deadline=None)
def test_a_paragraph_a_line_is_a_block(lengths: list[int]) -> None:
    text = "\n".join("中" * length for length in lengths)
    lines = lines_of(text)
    blocks = join_blocks(lines)
    assert blocks.after.tolist() == list(range(1, len(lengths) + 1))
    assert not lines.width.any()


def test_a_blank_line_or_an_indent_parts_what_a_full_line_would_join() -> None:
    full = "中" * 20
    after = join_blocks(lines_of("\n".join([full] * 8))).after
    assert after.tolist() == [8] * 8
    parted = "\n".join([full] * 4) + "\n\n" + "\n".join([full] * 4)
    lines = lines_of(parted)
    assert join_blocks(lines).after.tolist() == [4] * 4 + [8] * 4
    indented = "\n".join([full] * 4) + "\n\u3000\u3000" + full[2:] + "\n" + "\n".join([full] * 3)
    lines = lines_of(indented)
    assert join_blocks(lines).after.tolist() == [4] * 4 + [8] * 4
