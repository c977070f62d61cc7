"""What is measured of a part alone."""

from __future__ import annotations

from classifier.stories.parts import open_marks


def test_marks_left_open_across_a_cut() -> None:
    assert open_marks("他说：“《条例》") == ("”", "")
    assert open_marks("已经实行。”会议") == ("", "”")
