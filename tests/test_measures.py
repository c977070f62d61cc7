"""What is measured of a gap means what its name says."""

from __future__ import annotations

from classifier.boundaries.measures import MEASURES
from tests.gap_pages import describe


def measured(text: str, name: str) -> list[int]:
    """Return the bins of one measurement at each gap."""
    column = list(MEASURES).index(name)
    ids = describe(text).ids[:, column]
    return (ids - ids.min() + 0).tolist() if len(set(ids.tolist())) > 1 else [0] * len(ids)


def test_repeated_words_link_across_a_gap() -> None:
    one = "苹果丰收，果农采摘苹果，苹果装车运往外地市场销售。"
    other = "足球比赛，球队训练足球，足球联赛周末继续进行争夺。"
    bins = measured("\n".join([one] * 3 + [other] * 3), "links across 350")
    assert bins[2] == min(bins)
    assert bins[2] < min(bins[:2] + bins[3:])


def test_more_blank_lines_are_a_higher_bin() -> None:
    page = "甲甲\n乙乙\n丙丙\n\n丁丁\n\n\n戊戊"
    assert measured(page, "blank lines before - usual") == [0, 0, 1, 2]
