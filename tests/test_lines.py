"""Lines: their columns, ends and shapes are measured as one sees them."""

from __future__ import annotations

import pytest

from tests.gap_pages import lines_of, set_paragraphs


def columns_of(text: str) -> list[int]:
    """Return the column width that each line is taken to stand in."""
    return [int(width) for width in lines_of(text).width]


@pytest.mark.parametrize("width", [10, 18, 27, 40])
def test_the_width_of_a_column_is_found(width: int) -> None:
    text, _ = set_paragraphs([width * 4 + 3, width * 3 + 2, width * 5 + 4], width, "")
    assert set(columns_of(text)) == {width}


def test_columns_of_two_widths_are_told_apart() -> None:
    one, _ = set_paragraphs([15 * 9 + 4] * 3, 15, "")
    other, _ = set_paragraphs([24 * 9 + 4] * 3, 24, "")
    widths = columns_of(one + "\n" + other)
    n = len(one.splitlines())
    assert set(widths[: n - 5]) == {15}
    assert set(widths[n + 5 :]) == {24}


def test_lines_in_a_column_are_measured() -> None:
    text = "\u3000\u3000" + "中" * 18 + "\n" + "\n".join(["中" * 20] * 4) + "\n中中中。\n\n短"
    lines = lines_of(text)
    assert lines.length.tolist() == [18, 20, 20, 20, 20, 4, 1]
    assert lines.indent.tolist() == [2, 0, 0, 0, 0, 0, 0]
    assert lines.blank.tolist() == [0, 0, 0, 0, 0, 0, 1]
    assert lines.full.tolist() == [True] * 5 + [False] * 2
    assert lines.stop.tolist() == [False] * 5 + [True, False]


@pytest.mark.parametrize("ending", ["。", "！", "？", "。”", "？」", "。）", "!", "…", "……"])
def test_the_end_of_a_sentence_is_seen(ending: str) -> None:
    text = f"他说要去{ending}\n后来没有去"
    lines = lines_of(text)
    assert lines.stop.tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "name"),
    [("王伟", True), ("张  伟", True), ("王一 李四", True), ("春暖花开", False), ("王府井大街今日开张", False)],
)
def test_names_are_seen(text: str, name: bool) -> None:
    page = f"{text}\n正文一行。"
    assert lines_of(page).name[0] == name
