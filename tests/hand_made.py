"""A model nobody fitted: weights written down by a rule, the same ones on every machine and with every library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.aspects import N_ASPECTS
from classifier.boundaries.cohesion import VECTOR_BITS
from classifier.boundaries.conjunctions import Conjunctions
from classifier.boundaries.context import CONTEXT_FEATURES
from classifier.boundaries.features import GAP_FEATURES
from classifier.boundaries.grams import reduce_alphabet
from classifier.boundaries.segmenter import Segmenter
from classifier.genres.genre import GenreModel
from classifier.genres.tfidf import GENRE_BITS
from classifier.model import Model
from classifier.scans.geometry import GEOMETRY_FEATURES
from classifier.scans.joining import JOINING_FEATURES
from classifier.text.cutter import make_frugal_cutter

GENRES = ("a", "b", "c", "d", "e")
ALPHABET = "的一是在了和有大这主中人上为们地个用工时要动国产以我到他会作来分生对于学下级就年"
FULL = 1 << 12
"""Weights are whole 4096ths: sums of some hundred are exact in whatever order they are taken, and seldom alike."""


def draw(name: str, *shape: int, low: int = -FULL, high: int = FULL) -> NDArray[np.int64]:
    """Return whole numbers from ``low`` to ``high`` that depend on nothing but the name and the shape."""
    count = int(np.prod(shape))
    seed = np.frombuffer(name.encode().ljust(8, b"\0")[:8], dtype="<u8")[0]
    with np.errstate(over="ignore"):  # splitmix64 (Steele et al. 2014), whose sums are meant to wrap
        z = seed + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    numbers: NDArray[np.int64] = (z % np.uint64(high - low + 1)).astype(np.int64).reshape(shape) + low
    return numbers


def weights(name: str, *shape: int, most: float = 1.0) -> NDArray[np.float32]:
    return (draw(name, *shape) * (most / FULL)).astype(np.float32)


def hand_made_model() -> Model:
    """Return a model whose answers make no sense, and change with almost anything that is measured of a page."""
    trees, depth = 32, 4
    tests = np.stack(
        [draw("aspect", trees, depth, low=0, high=N_ASPECTS - 1), draw("edge", trees, depth, low=-8, high=24)], axis=-1
    ).astype(np.int16)
    segmenter = Segmenter(
        alphabet=reduce_alphabet(ALPHABET),
        idf=weights("idf", 1 << VECTOR_BITS, most=0.5) + np.float32(1.0),
        vectors=weights("vectors", 1 << VECTOR_BITS, 12),
        first=weights("first", GAP_FEATURES, most=0.25),
        first_bias=-1.0,
        second=weights("second", CONTEXT_FEATURES, most=0.25),
        second_bias=-1.0,
        slope=1.0,
        offset=0.0,
        threshold=0.4,
        geometry=weights("geometry", GEOMETRY_FEATURES, most=0.5),
        joining=weights("joining", JOINING_FEATURES, most=0.5),
        turns=(Conjunctions(tests, weights("cells", trees, 1 << depth, most=0.25)),),
    )
    genre = GenreModel(
        genres=GENRES,
        idf=weights("genre idf", 1 << GENRE_BITS, most=0.5) + np.float32(1.0),
        weights=weights("genres", 1 << GENRE_BITS, len(GENRES)),
        bias=np.zeros(len(GENRES), dtype=np.float32),
        temperature=0.5,
        threshold=0.0,
    )
    return Model(
        Path("hand-made"),
        "option",
        {"name": "hand-made", "sha256": "0" * 64},
        segmenter,
        genre,
        make_frugal_cutter(),
        {},
    )
