"""Cues: the words that say what a line is are seen in both scripts, and seldom where there are none."""

from __future__ import annotations

import random

import pytest

from classifier.page import cues
from tests.gap_pages import lines_of


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("（上接第1版）", cues.C_JUMP_IN),
        ("（下转第4版）", cues.C_JUMP_OUT),
        ("本报记者 王一", cues.C_REPORTER),
        ("新华社北京1月2日电", cues.C_DATELINE),
        ("本报讯（记者 王一）", cues.C_DATELINE),
        ("图为比赛现场", cues.C_CAPTION),
        ("本版责编 王一", cues.C_CREDIT),
        ("新闻热线 12345", cues.C_CONTACT),
        ("（作者为大学教授）", cues.C_ROLE),
    ],
)
def test_cues_are_seen_in_both_scripts(text: str, cue: int) -> None:
    traditional = text.translate(str.maketrans("转记报讯闻热线图为责编", "轉記報訊聞熱線圖爲責編"))
    for form in (text, traditional):
        page = f"{form}\n正文一行。"
        lines = lines_of(page)
        assert lines.head_cues[0] & cue, form


def test_hardly_any_line_has_a_cue_by_chance() -> None:
    # Cues are looked up by a hash of two characters: what is none may be taken for one, but seldom.
    rng = random.Random(2)
    text = "\n".join("".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(20)) for _ in range(4000))
    lines = lines_of(text)
    assert (lines.head_cues != 0).mean() < 0.01
