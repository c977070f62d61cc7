"""Runs of characters that the texts of an issue share, and what usually stands where."""

from __future__ import annotations

import numpy as np

from classifier.stories.runs import Collocations, hash_runs, share_runs


def test_runs_of_han_characters_are_told_from_others() -> None:
    hashes, han = hash_runs("山水A山水", 2)
    assert hashes[0] == hashes[3]
    assert han.tolist() == [True, False, False, True]
    assert not len(hash_runs("山", 2)[0])


def test_what_two_texts_alone_have_counts_and_what_all_have_does_not() -> None:
    common = "全面推进乡村振兴"
    texts = [common + "老茶山合作社", common + "新来的老茶山合", common + "港口吞吐量上升"]
    alike, alone = share_runs(texts)
    assert np.allclose(alike, alike.T)
    assert alike[0, 1] > 0
    assert alike[0, 2] == alike[1, 2] == 0
    assert np.isclose(alone[0, 1], np.log1p(1))
    assert not alone[0, 2]


def test_a_cosine_of_runs_as_it_is_defined() -> None:
    texts = ["甲乙丙丁戊", "甲乙丙丁己", "庚辛壬癸子"]
    rare, shared = np.log(3), np.log(3 / 2)
    assert np.isclose(share_runs(texts)[0][0, 1], shared**2 / (rare**2 + shared**2))


def test_texts_too_short_for_a_run_share_nothing() -> None:
    alike, alone = share_runs(["山", ""])
    assert not alike.any()
    assert not alone.any()


def test_what_begins_as_sentences_do_and_what_stands_inside() -> None:
    collocations = Collocations(["会议强调，要发展生产。" * 20, "会议结束。", "展生产。"])
    assert collocations.inside("会议结束") < 0 < collocations.inside("展生产。")
    assert collocations.inside("会") == 0


def test_characters_that_meet_more_often_than_by_chance() -> None:
    collocations = Collocations(["会议强调，要发展生产。" * 20, "会议结束。"])
    assert collocations.meet("发", "展") > collocations.meet("发", "会")
    assert 0 <= collocations.meet("猫", "狗") <= 7
