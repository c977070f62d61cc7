"""One article written as lines, in a house style."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from classifier.composing import phrases
from classifier.composing.manuscript import Line, Manuscript, write
from classifier.composing.style import Style

STORY = Manuscript(title="题" * 9, paragraphs=tuple(f"第{n}段" + "文" * 70 + "。" for n in range(6)))
BARE = Style(captions=0.0)


def written(story: Manuscript, style: Style, *, times: int) -> Iterator[list[Line]]:
    for seed in range(times):
        yield write(story, style, random.Random(seed))


def test_a_headless_continued_part_has_a_jump_line_and_no_headline() -> None:
    heads = 0
    for lines in written(STORY, replace(BARE, headless=1.0, jump=1.0), times=60):
        text = "".join(text for _, text in lines)
        assert "接" in text
        assert "第0段" not in text
        heads += "题题" in text
    assert heads < 20  # rarely the headline is repeated over the jump line


def test_an_article_cut_short_ends_with_its_jump_line() -> None:
    for lines in written(STORY, replace(BARE, cut_short=1.0, jump=1.0), times=40):
        assert "转" in lines[-1][1]
        assert lines[0] == ("head", STORY.title)


def test_credits_are_written_as_they_are() -> None:
    story = Manuscript(title="本版责编：王一", paragraphs=("版式设计：李二",), credit=True)
    for lines in written(story, Style(headless=1.0, picture=1.0), times=5):
        assert lines == [("line", "本版责编：王一"), ("line", "版式设计：李二")]


def test_an_article_without_text_comes_to_nothing() -> None:
    assert list(written(Manuscript(title="题", paragraphs=(" ", "")), BARE, times=3)) == [[], [], []]


def test_a_dateline_of_the_house_takes_the_place_of_the_articles_own() -> None:
    story = replace(STORY, paragraphs=("本报北京3月2日电　春风吹来。", "桥北下雨。"))
    house = replace(BARE, byline=0.0, own_bylines=True, dateline=1.0, dateline_forms=("【甲乙】",))
    for lines in written(story, house, times=5):
        assert ("para", "【甲乙】春风吹来。") in lines


def test_a_note_stands_before_the_first_paragraph() -> None:
    for lines in written(STORY, replace(BARE, note=1.0), times=5):
        assert [kind for kind, _ in lines[:3]] == ["head", "line", "para"]


def test_a_box_adds_a_heading_and_a_paragraph() -> None:
    for lines in written(STORY, replace(BARE, box=1.0), times=5):
        (at,) = (number for number, line in enumerate(lines) if line[0] == "line")
        assert lines[at][1] in phrases.BOXES
        assert lines[at + 1][0] == "para"
        assert len(lines) == 1 + 6 + 2


def test_a_picture_is_written_as_its_caption() -> None:
    for lines in written(STORY, replace(BARE, picture=1.0), times=20):
        assert [kind for kind, _ in lines][-1] == "line"
        assert not any(kind == "para" for kind, _ in lines)
