"""Conjunctions of a few tests each, "this aspect is above that edge": categories found by boosting, not by hand.

All trees are symmetric: every level asks one question of all, so a tree of depth d is a cross of d flags and a gap
falls into one of its 2**d cells. What a cell adds to the score is a weight like any other. So the model stays a sum of
the weights of categories, and only which categories there are was found by a search (gradient boosting of oblivious
trees, Prokhorenkova et al. 2018; cells of trees as features of a linear model: He et al. 2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.aspects import N_ASPECTS

Ids = NDArray[np.int32]
Narrow = NDArray[np.int16]
Floats = NDArray[np.float32]

MAX_DEPTH = 8
"""Tests of one tree: the number of a cell fits a byte."""


@dataclass(frozen=True, slots=True, eq=False)
class Conjunctions:
    """Symmetric trees over the aspects of a gap.

    Raises
    ------
    ValueError
        If shapes do not fit, or a test is of an aspect that there is not.
    """

    tests: Narrow
    """Aspect and edge of every test, int16 (n_trees, depth, 2): it holds if the aspect is greater than the edge."""
    weights: NDArray[np.floating]
    """What each cell adds to the logit, (n_trees, 2**depth); test k decides bit k of a cell's number."""
    _aspects: NDArray[np.int64] = field(init=False, repr=False)
    _edges: Narrow = field(init=False, repr=False)
    _places: NDArray[np.int64] = field(init=False, repr=False)
    _cells: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the shapes, and number the different tests: most stand in several trees."""
        shape = self.tests.shape
        if len(shape) != 3 or shape[2] != 2 or not 1 <= shape[1] <= MAX_DEPTH or self.tests.dtype != np.int16:
            raise ValueError(f"tests of shape {shape}")
        if self.weights.shape != (shape[0], 1 << shape[1]):
            raise ValueError(f"{shape[0]} trees of depth {shape[1]} with weights of shape {self.weights.shape}")
        if self.tests.size and not 0 <= self.tests[..., 0].min() <= self.tests[..., 0].max() < N_ASPECTS:
            raise ValueError("a test of an aspect that there is not")
        aspects, edges = self.tests[..., 0].astype(np.int32), self.tests[..., 1]
        # One number a test, as the rows of a matrix are slow to sort.
        different, places = np.unique(aspects << 16 | edges.view(np.uint16), return_inverse=True)
        object.__setattr__(self, "_aspects", different.astype(np.int64) >> 16)
        object.__setattr__(self, "_edges", (different & 0xFFFF).astype(np.uint16).view(np.int16)[:, None])
        object.__setattr__(self, "_places", np.ascontiguousarray(places.reshape(shape[:2]).T))
        object.__setattr__(self, "_cells", self.weights.astype(np.float32).ravel())

    def cells(self, aspects: Narrow) -> NDArray[np.uint8]:
        """Return the cell of each tree that each gap falls into, (n_trees, n); ``aspects`` is (``N_ASPECTS``, n)."""
        holds: NDArray[np.uint8] = (aspects[self._aspects] > self._edges).view(np.uint8)
        last, *others = self._places[::-1]
        cells: NDArray[np.uint8] = holds.take(last, axis=0)
        bits = np.empty_like(cells)
        for places in others:
            cells <<= 1
            holds.take(places, axis=0, out=bits, mode="clip")  # the usual mode would copy what it writes
            cells |= bits
        return cells

    def cell_ids(self, aspects: Narrow) -> Ids:
        """Return the cells as places in ``weights.ravel()``, int32 (n_trees, n)."""
        ids = self.cells(aspects).astype(np.int32)
        ids += (np.arange(len(ids), dtype=np.int32) * self.weights.shape[1])[:, None]
        return ids

    def scores(self, aspects: Narrow) -> Floats:
        """Return what the cells add up to, float32 (n,)."""
        added: Floats = self._cells.take(self.cell_ids(aspects)).sum(axis=0)
        return added

    def with_weights(self, weights: Floats) -> Conjunctions:
        """Return the same trees with other weights, (n_trees, 2**depth), kept in half precision as these are."""
        return Conjunctions(self.tests, weights.astype(self.weights.dtype))

    def shares(self, aspects: Narrow) -> tuple[float, Floats]:
        """Share out what the cells of one gap add among the aspects that its tests ask for.

        A test is given what the mean of the cells that are left changes by when its answer is known, in the order of
        the levels (Saabas 2014).

        Returns
        -------
        constant : float
            The mean of all cells, summed over the trees.
        shares : float32, (N_ASPECTS,)
            They and the constant add up to the gap's score.
        """
        left = self.weights.astype(np.float32)
        mean = left.mean(axis=1)
        constant = float(mean.sum())
        shares = np.zeros(N_ASPECTS, dtype=np.float32)
        for level in range(self.tests.shape[1]):
            asked, edge = self.tests[:, level, 0], self.tests[:, level, 1]
            holds = (aspects[asked] > edge).astype(np.int64)
            left = left.reshape(len(left), -1, 2)[np.arange(len(left)), :, holds]
            known = left.mean(axis=1)
            np.add.at(shares, asked, known - mean)
            mean = known
        return constant, shares


def turn_arrays(turns: Sequence[Conjunctions]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of the turns of a third pass, one after another, under the names they are saved under."""
    return {
        "segmenter.tests": np.concatenate([turn.tests for turn in turns]),
        "segmenter.cells": np.concatenate([turn.weights for turn in turns]),
        "segmenter.turns": np.array([len(turn.tests) for turn in turns], dtype=np.int32),
    }


def turns_of(arrays: Mapping[str, NDArray[Any]]) -> tuple[Conjunctions, ...]:
    """Return the turns that were saved: none if there was no third pass yet, one if it knew no turns.

    Raises
    ------
    ValueError
        If the arrays do not fit one another.
    """
    if "segmenter.tests" not in arrays:
        return ()
    tests, cells = arrays["segmenter.tests"], arrays["segmenter.cells"]
    counts = arrays.get("segmenter.turns", np.array([len(tests)]))
    if counts.ndim != 1 or counts.dtype.kind != "i" or counts.min(initial=1) < 0 or counts.sum() != len(tests):
        raise ValueError(f"turns of {counts.tolist()} trees, of {len(tests)}")
    edges = np.cumsum([0, *counts.tolist()]).tolist()
    return tuple(Conjunctions(tests[low:high], cells[low:high]) for low, high in pairwise(edges))
