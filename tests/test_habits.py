"""The page's habits: gaps that look alike speak for one another."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from classifier.boundaries.context import CONTEXT, context_ids
from classifier.boundaries.habits import LOOKS, habits
from classifier.composing.compose import compose_page
from classifier.composing.manuscript import Manuscript
from classifier.composing.style import Style
from tests.gap_pages import describe


def test_other_gaps_of_the_same_look_are_counted() -> None:
    looks = np.array([[5, 7, 5, 5], [1, 2, 3, 4]])
    proba = np.array([0.1, 0.2, 0.3, 0.4])
    others, support = habits(looks, proba)
    assert others.tolist() == [[2, 0, 2, 2], [0, 0, 0, 0]]
    assert np.allclose(support, [[0.8, 0.2, 0.8, 0.8], [0.1, 0.2, 0.3, 0.4]])


def test_a_page_in_a_habit_is_seen_to_agree() -> None:
    rng = random.Random(3)
    story = Manuscript(title="社区食堂开张老人吃上热饭", paragraphs=("本报讯 首日来了八十位老人，" * 6 + "。",) * 4)
    page = compose_page([story] * 8, replace(Style(), captions=0.0), rng)
    gaps = describe(page.text)
    scores = np.full(len(gaps.ids), -4.0, dtype=np.float32)
    scores[np.array(page.ends[:-1]) - 1] = 3.0
    name = f"boundaries where alike: {LOOKS[1]}"
    column = list(CONTEXT).index(name)
    bins = context_ids(gaps, scores)[:, column]
    truth = np.zeros(len(bins), dtype=bool)
    truth[np.array(page.ends[:-1]) - 1] = True
    assert bins[truth].min() > bins[~truth].max()
