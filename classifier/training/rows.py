"""Genre rows as matrices: entries of many rows together, document frequencies, rows weighed by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.genres.form import all_buckets
from classifier.genres.tfidf import GENRE_BITS, Rows

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

FORM_FREQUENCY = 2.5
"""What stands for the inverse document frequency of a category of form."""


def genre_matrix(rows: Sequence[Rows]) -> tuple[Floats, Ints, Ints]:
    """Return the entries of many rows as one CSR matrix (values, columns, pointers)."""
    pointers = [np.zeros(1, dtype=np.int64)]
    at = 0
    for part in rows:
        pointers.append(part.pointers[1:] + at)
        at += int(part.pointers[-1])
    return (
        np.concatenate([part.values for part in rows]),
        np.concatenate([part.columns for part in rows]),
        np.concatenate(pointers),
    )


def inverse_frequency(columns: Ints, n: int, *, least: int = 2) -> Floats:
    """Return ln(n / df) + 1 of every bucket, 0 for those in fewer than ``least`` of ``n`` texts.

    Categories of form all count the same: a rare length says no more than a frequent one.
    """
    frequency = np.bincount(columns, minlength=1 << GENRE_BITS)
    idf = np.log((n + 1) / (frequency + 1)) + 1
    idf[all_buckets(GENRE_BITS)] = FORM_FREQUENCY
    idf[frequency < least] = 0
    return idf.astype(np.float32)


def weigh_rows(rows: Sequence[Rows], idf: NDArray[np.floating]) -> Any:  # noqa: ANN401 - SciPy has no types
    """Return the TF-IDF rows of unit length as a SciPy CSR matrix of float32."""
    from scipy.sparse import csr_matrix, diags
    from sklearn.preprocessing import normalize

    values, columns, pointers = genre_matrix(rows)
    matrix = csr_matrix((values, columns, pointers), shape=(len(pointers) - 1, 1 << GENRE_BITS), dtype=np.float32)
    return normalize(matrix @ diags(idf.astype(np.float32))).astype(np.float32).tocsr()
