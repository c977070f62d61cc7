"""Categories: the bins that measurements fall into, and codes of several categories folded into fewer.

A bin is given by its edges, ascending; bin 0 lies below the first, and a value on an edge falls into the bin above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def edges(*values: float) -> Floats:
    """Return the edges of bins, ascending."""
    return np.asarray(values, dtype=np.float32)


LENGTHS = edges(2, 4, 6, 8, 10, 12, 14, 17, 20, 24, 28, 34, 42, 60, 90, 130, 200, 320)
RATIO = edges(0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.88, 0.95, 1.02, 1.1, 1.3)
COSINE = edges(-0.1, 0.0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.36, 0.42, 0.5, 0.6, 0.7, 0.8)
DIFFERENCE = edges(-0.4, -0.28, -0.2, -0.13, -0.08, -0.04, 0.0, 0.04, 0.08, 0.13, 0.2, 0.28, 0.4)
SCORE = edges(-2.2, -1.7, -1.3, -1.0, -0.7, -0.4, -0.2, 0.0, 0.2, 0.5, 0.9, 1.4)
SHARE = edges(0.005, 0.02, 0.05, 0.08, 0.12, 0.17, 0.23, 0.3, 0.38, 0.48, 0.6, 0.75)
COUNT = edges(0.5, 1.5, 2.5, 3.5, 4.5, 6.5, 9.5, 14.5)


@dataclass(frozen=True, slots=True, eq=False)
class Binning:
    """Bins the rows of a matrix, each by edges of its own; rows that share their edges are done in one go."""

    groups: tuple[tuple[NDArray[np.float64], Ints], ...]
    """Edges, and the rows they are for."""

    @classmethod
    def of(cls, measures: Mapping[str, Floats]) -> Binning:
        """Return the binning of rows in the order of ``measures``."""
        rows: dict[bytes, list[int]] = {}
        for row, edges in enumerate(measures.values()):
            rows.setdefault(edges.tobytes(), []).append(row)
        return cls(tuple((np.frombuffer(e, np.float32).astype(np.float64), np.array(r)) for e, r in rows.items()))

    def bins(self, values: NDArray[np.float64]) -> Ints:
        """Return the bin of each value, of the same shape (rows, n); bin 0 lies below the first edge."""
        out = np.empty(values.shape, dtype=np.int64)
        for edges, where in self.groups:
            out[where] = edges.searchsorted(values[where], side="right")
        return out


def fold(codes: Ints, bits: int) -> Ints:
    """Return ``codes`` (below 2**32) hashed to ``bits`` bits by multiply-shift."""
    return ((codes * 2654435761) & 0xFFFFFFFF) >> (32 - bits)
