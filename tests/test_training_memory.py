"""What a model keeps of its training texts: little, of every genre, and the same in any order."""

from __future__ import annotations

import numpy as np

from classifier.genres.genre import GenreModel
from classifier.training.memory import MEMORY_WIDTH, genre_memory
from tests.conftest import Text, rows_of


def test_memory_is_small_balanced_and_deterministic(texts: list[Text], genre: GenreModel) -> None:
    rows = [rows_of(text) for text in texts]
    labels = np.array([genre.genres.index(text.genre) for text in texts])
    found = genre_memory(rows, labels, genre.idf, seen=[3, 1, 3], limit=150_000)
    assert 6 * len(found.columns) <= 150_000
    counts = np.bincount(found.labels, minlength=len(genre.genres))
    assert counts.min() >= 1
    assert counts.max() - counts.min() <= 1
    assert np.diff(found.pointers).max() <= MEMORY_WIDTH
    assert found.seen.tolist() == [1, 3]
    order = np.random.default_rng(0).permutation(len(rows))
    again = genre_memory([rows[i] for i in order], labels[order], genre.idf, seen=[1, 3], limit=150_000)
    assert all(np.array_equal(found.arrays()[name], again.arrays()[name]) for name in found.arrays())
