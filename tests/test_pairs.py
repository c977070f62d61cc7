"""Pairs of parts: what speaks for it that one continues the other is seen, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classifier.model import Model, load_model
from classifier.stories.pairs import FEATURES, describe_pairs, word_across
from classifier.stories.stitch import BIAS, WEIGHTS, probabilities
from tests.conftest import Text
from tests.story_parts import cut, part, pick_long


@pytest.fixture(scope="module")
def long_texts(texts: list[Text]) -> list[Text]:
    return pick_long(texts)


def test_every_feature_has_a_weight() -> None:
    assert len(FEATURES) == len(set(FEATURES)) == len(WEIGHTS)
    assert BIAS < 0


def test_a_mark_that_names_another_page_keeps_parts_apart(long_texts: list[Text], model: Model) -> None:
    head, tail = cut(long_texts[0])
    parts = [part("1", head, title=long_texts[0].lines[0], on="7"), part("2", tail, source="5")]
    agreeing = [replace(parts[0], article=replace(parts[0].article, continued_on="2")), parts[1]]
    against, half = (probabilities(describe_pairs(found, model))[0, 1] for found in (parts, agreeing))
    assert against < half


def test_editors_above_a_part_do_not_hide_that_it_goes_on(long_texts: list[Text], model: Model) -> None:
    head, tail = cut(long_texts[0])
    first = part("1", head, title=long_texts[0].lines[0])
    bare, covered = (
        describe_pairs([first, part("2", above + tail)], model).values[0, 1]
        for above in ("", "本版责编：王小明　李大力\n")
    )
    assert np.allclose(bare, covered)


def test_a_headline_again_is_that_of_the_other_and_not_of_a_column(long_texts: list[Text], model: Model) -> None:
    head, tail = cut(long_texts[0])
    title = long_texts[0].lines[0]
    assert len(title) >= 6
    parts = [part("1", head, title=title), part("2", f"{title}\n{tail}", title=title)]
    again = FEATURES.index("headline again")
    assert describe_pairs(parts, model).values[0, 1, again] == 1
    column = [part(str(n), f"{title}\n{text.whole}", title=title) for n, text in enumerate(long_texts[1:5], 3)]
    assert not describe_pairs(parts + column, model).values[:, :, again].any()


def test_characters_that_often_meet_speak_for_a_cut_between_them() -> None:
    model = load_model()
    column = FEATURES.index("characters across the cut")
    first = part("1", "会议在北京举行\n" + "这项工作事关全局，各地要认真研究，推动经济高质量发", title="会议在北京举行")
    rests = [part("2", begins + "取得新的成效，群众得到实惠。") for begins in ("展", "猫")]
    found = describe_pairs([first, *rests], model).values[0, :, column]
    assert found[1] > found[2]


def test_a_word_across_the_cut(model: Model) -> None:
    assert word_across("推动经济高质量发", "展取得新成效", model.cutter)
    assert not word_across("会议强调，", "展望未来", model.cutter)


def test_a_part_with_a_dateline_of_its_own_is_seen(model: Model) -> None:
    first = part("1", "会议在甲市举行\n代表们认真讨论了报告，", title="会议在甲市举行")
    rests = [
        part("2", "大家一致认为要抓好落实。群众得到实惠。"),
        part("3", "新华社甲市5月12日电 大家一致认为要抓好落实。"),
        part("4", "茶农在山上采茶。\n王小明摄（影像中国）"),
        part("5", "会议闭幕\n大家一致认为要抓好落实。（相关报道见第六版）", title="会议闭幕"),
    ]
    found = describe_pairs([first, *rests], model).values
    opens, picture, points, front = (
        FEATURES.index(name)
        for name in (
            "second opens with a dateline",
            "second is a picture",
            "first points to another page",
            "first is on the front page",
        )
    )
    assert found[0, 1:, opens].tolist() == [0, 1, 0, 0]
    assert found[0, 1:, picture].tolist() == [0, 0, 1, 0]
    assert found[:, 0, points].tolist() == [0, 0, 0, 0, 1]
    assert found[:, 0, front].tolist() == [1, 0, 0, 0, 0]


def test_runs_of_an_issue_tell_which_part_goes_on(model: Model) -> None:
    first = part("1", "山村有了合作社\n老茶山合作社的茶农告诉大家，合作社要发", title="山村有了合作社")
    rests = [part("2", "展茶业，老茶山合作社的茶农忙了。"), part("3", "猫在港口码头装卸货物的工人忙了。")]
    other = part("4", "各地发展生产\n要发展生产，发展经济，发展教育。", title="各地发展生产")
    values = describe_pairs([first, *rests, other], model).values[0]
    for name in ("runs that the two alone have", "runs alike, headless", "characters that meet in the issue"):
        assert values[1, FEATURES.index(name)] > values[2, FEATURES.index(name)]
