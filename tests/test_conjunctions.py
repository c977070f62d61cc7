"""Conjunctions of tests: cells, what they add up to, and how that is shared out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.boosting import read_trees
from classifier.boundaries.aspects import N_ASPECTS
from classifier.boundaries.conjunctions import Conjunctions, turn_arrays, turns_of


def drawn(seed: int, trees: int, depth: int) -> Conjunctions:
    rng = np.random.default_rng(seed)
    tests = np.stack([rng.integers(0, N_ASPECTS, (trees, depth)), rng.integers(-1, 5, (trees, depth))], axis=-1)
    return Conjunctions(tests.astype(np.int16), rng.normal(size=(trees, 1 << depth)).astype(np.float32))


def one_by_one(conjunctions: Conjunctions, aspects: np.ndarray) -> float:
    """Walk down every tree for one gap."""
    total = 0.0
    for tests, weights in zip(conjunctions.tests.tolist(), conjunctions.weights.tolist(), strict=True):
        cell = sum(1 << level for level, (aspect, edge) in enumerate(tests) if aspects[aspect] > edge)
        total += weights[cell]
    return total


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), trees=st.integers(1, 30), depth=st.integers(1, 8), n=st.integers(0, 6))
def test_scores_are_those_of_a_walk_down_every_tree_and_are_shared_out_whole(
    seed: int, trees: int, depth: int, n: int
) -> None:
    conjunctions = drawn(seed, trees, depth)
    aspects = np.random.default_rng(seed + 1).integers(-1, 6, (N_ASPECTS, n)).astype(np.int16)
    scores = conjunctions.scores(aspects)
    assert scores.shape == (n,)
    for gap in range(n):
        assert scores[gap] == pytest.approx(one_by_one(conjunctions, aspects[:, gap]), abs=1e-3)
        constant, shares = conjunctions.shares(aspects[:, gap])
        assert constant + shares.sum() == pytest.approx(scores[gap], abs=1e-3)
        asked = set(conjunctions.tests[..., 0].ravel().tolist())
        assert not np.delete(shares, sorted(asked)).any()


def test_an_aspect_that_decides_alone_has_the_whole_share() -> None:
    tests = np.array([[[3, 2], [7, 0]]], dtype=np.int16)
    decided_by_the_second = Conjunctions(tests, np.array([[-1.0, -1.0, 5.0, 5.0]], dtype=np.float32))
    aspects = np.zeros(N_ASPECTS, dtype=np.int16)
    aspects[7] = 1
    constant, shares = decided_by_the_second.shares(aspects)
    assert (constant, shares[3], shares[7]) == (2.0, 0.0, 3.0)


@pytest.mark.parametrize(
    ("tests", "weights"),
    [
        (np.zeros((2, 3), np.int16), np.zeros((2, 8), np.float32)),
        (np.zeros((2, 9, 2), np.int16), np.zeros((2, 512), np.float32)),
        (np.zeros((2, 3, 2), np.int16), np.zeros((2, 4), np.float32)),
        (np.zeros((2, 3, 2), np.int32), np.zeros((2, 8), np.float32)),
        (np.full((2, 3, 2), N_ASPECTS, np.int16), np.zeros((2, 8), np.float32)),
        (np.full((2, 3, 2), -1, np.int16), np.zeros((2, 8), np.float32)),
    ],
)
def test_arrays_that_are_no_trees_are_refused(tests: np.ndarray, weights: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"tests|trees|test of"):
        Conjunctions(tests, weights)


def test_shallow_trees_of_catboost_keep_their_cells() -> None:
    found = {
        "scale_and_bias": [1, [0]],
        "oblivious_trees": [
            {"splits": [{"float_feature_index": 4, "border": 2.5}], "leaf_values": [-0.5, 0.75]},
            {"splits": None, "leaf_values": [0.125]},
        ],
    }
    conjunctions = read_trees(found, 3)
    aspects = np.zeros((N_ASPECTS, 2), dtype=np.int16)
    aspects[4] = 2, 3
    assert conjunctions.scores(aspects).tolist() == [-0.375, 0.875]
    with pytest.raises(ValueError, match="bias"):
        read_trees(found | {"scale_and_bias": [1, [0.3]]}, 3)


def test_the_trees_say_what_catboost_says(tmp_path: Path) -> None:
    catboost = pytest.importorskip("catboost")
    rng = np.random.default_rng(0)
    aspects = rng.integers(-1, 20, (400, N_ASPECTS)).astype(np.float32)
    truth = (aspects[:, 3] > 9) ^ (aspects[:, 5] > 9)
    model = catboost.CatBoostClassifier(iterations=30, depth=4, verbose=0, allow_writing_files=False)
    model.fit(catboost.Pool(aspects, truth.astype(int), baseline=np.zeros(400)))
    model.save_model(str(tmp_path / "trees.json"), format="json")
    conjunctions = read_trees(json.loads((tmp_path / "trees.json").read_text("utf-8")), 4)
    scores = conjunctions.scores(aspects.T.astype(np.int16))
    assert scores == pytest.approx(model.predict(aspects, prediction_type="RawFormulaVal"), abs=0.02)
    assert ((scores > 0) == truth).mean() > 0.95


def test_turns_are_read_as_they_were_saved() -> None:
    turns = (drawn(1, 5, 3), drawn(2, 1, 3), drawn(3, 9, 3))
    arrays = turn_arrays(turns)
    for turn, other in zip(turns_of(arrays), turns, strict=True):
        assert (turn.tests == other.tests).all()
        assert (turn.weights == other.weights).all()
    assert turns_of({}) == ()
    before_turns = {name: array for name, array in arrays.items() if name != "segmenter.turns"}
    (single,) = turns_of(before_turns)
    assert len(single.tests) == 15


@pytest.mark.parametrize("counts", [[5, 9], [16, -1], [[15]], [7.0, 8.0]])
def test_turns_of_other_numbers_of_trees_are_refused(counts: list[float]) -> None:
    arrays = turn_arrays([drawn(1, 15, 3)]) | {"segmenter.turns": np.array(counts)}
    with pytest.raises(ValueError, match="turns of"):
        turns_of(arrays)
