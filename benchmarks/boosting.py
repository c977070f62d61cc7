"""The conjunctions of the third pass, found by CatBoost on top of what the first two passes say.

Only the shipped model is made with it: what it finds is kept as numbers (:mod:`classifier.boundaries.conjunctions`),
and neither splitting nor training on one's own pages needs CatBoost.
"""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from classifier.boundaries.conjunctions import Conjunctions
from classifier.training import AspectSample

DEPTH = 6
SETTINGS: dict[str, Any] = {
    "learning_rate": 0.08,
    "l2_leaf_reg": 20,
    "rsm": 0.3,
    "bootstrap_type": "Bernoulli",
    "subsample": 0.7,
    "border_count": 64,
    "random_seed": 0,
    "thread_count": 2,  # sums of floats depend on it, and the same corpora are to give the same bytes
    "allow_writing_files": False,
    "verbose": 0,
}
"""Measured, see docs/design.md."""


def fit_conjunctions(sample: AspectSample, *, trees: int, depth: int = DEPTH) -> Conjunctions:
    """Fit symmetric trees by gradient boosting (Prokhorenkova et al. 2018) of log-loss, from the sample's scores."""
    from catboost import CatBoostClassifier, Pool

    pool = Pool(
        sample.aspects.astype(np.float32), sample.truth.astype(np.int64), weight=sample.weight, baseline=sample.scores
    )
    model = CatBoostClassifier(iterations=trees, depth=depth, **SETTINGS).fit(pool)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trees.json"
        model.save_model(str(file), format="json")
        return read_trees(json.loads(file.read_text("utf-8")), depth)


def read_trees(found: dict[str, Any], depth: int) -> Conjunctions:
    """Return the trees of a model in CatBoost's JSON; one with fewer levels gets tests that never hold.

    Raises
    ------
    ValueError
        If the model scales its trees, or adds to them: the first two passes have the bias.
    """
    scale, bias = found["scale_and_bias"]
    if scale != 1 or any(bias):
        raise ValueError(f"trees scaled by {scale} with a bias of {bias}")
    trees = found["oblivious_trees"]
    tests = np.zeros((len(trees), depth, 2), dtype=np.int16)
    tests[..., 1] = np.iinfo(np.int16).max
    weights = np.zeros((len(trees), 1 << depth), dtype=np.float32)
    for number, tree in enumerate(trees):
        splits = tree["splits"] or []
        for level, split in enumerate(splits):
            # Aspects are whole numbers: above 3.5 is above 3.
            tests[number, level] = split["float_feature_index"], math.floor(split["border"])
        weights[number, : 1 << len(splits)] = tree["leaf_values"]
    return Conjunctions(tests, weights.astype(np.float16))
