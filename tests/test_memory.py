"""What a model keeps of its texts: it comes back from a file, and nonsense is refused."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.genres.memory import Memory
from classifier.genres.tfidf import (
    GENRE_BITS,
)

SIZE = 1 << GENRE_BITS


def memory(**changes: NDArray[np.generic]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a memory of two rows, some of them changed."""
    arrays: dict[str, NDArray[np.generic]] = {
        "memory.columns": np.array([3, 9, 4], dtype=np.int32),
        "memory.values": np.array([0.5, 0.25, 1], dtype=np.float16),
        "memory.pointers": np.array([0, 2, 3]),
        "memory.labels": np.array([1, 0]),
        "memory.seen": np.array([7, 8]),
    }
    return arrays | {f"memory.{name}": array for name, array in changes.items()}


def test_a_memory_comes_back() -> None:
    kept = Memory.of_arrays(memory(), 2)
    assert kept.arrays().keys() == memory().keys()
    for name, array in kept.arrays().items():
        assert array.dtype == memory()[name].dtype
        assert np.array_equal(array, memory()[name])
    empty = Memory.of_arrays({}, 2)
    assert [len(array) for array in empty.arrays().values()] == [0, 0, 1, 0, 0]
    assert Memory.of_arrays(empty.arrays(), 2).arrays().keys() == empty.arrays().keys()


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": np.array([3, 9])},
        {"columns": np.array([3, 9, SIZE])},
        {"columns": np.array([-1, 9, 4])},
        {"columns": np.array([3.0, 9.0, 4.0])},
        {"columns": np.array([[3, 9, 4]])},
        {"values": np.array([1, 2, 3])},
        {"values": np.array([0.5, np.nan, 1])},
        {"values": np.array([0.5])},
        {"pointers": np.array([0, 3])},
        {"pointers": np.array([1, 2, 3])},
        {"pointers": np.array([0, 5, 3])},
        {"pointers": np.array([0, 2, 4])},
        {"pointers": np.array([], dtype=np.int64), "labels": np.array([], dtype=np.int64)},
        {"labels": np.array([2, 0])},
        {"labels": np.array([-1, 0])},
        {"seen": np.array(["a"])},
    ],
    ids=str,
)
def test_a_malformed_memory_is_refused(changes: dict[str, NDArray[np.generic]]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Memory.of_arrays(memory(**changes), 2)
