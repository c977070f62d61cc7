"""What a model keeps of the texts it was trained on: rows of values, not texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.genres.tfidf import GENRE_BITS

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What a model keeps of the texts it was trained on, so that it can learn more without them.

    Rows of hashed TF-IDF values, not texts. ``columns``, ``values`` and ``pointers`` are a CSR matrix of shape
    (n_rows, 2**GENRE_BITS); a row holds its greatest values, scaled as in the whole row. ``labels`` index the genres
    of the model.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float16]
    pointers: Ints
    labels: Ints
    seen: Ints
    """Fingerprints (``labelled.duplicates.fingerprint``) of what was trained on, ascending, (n_texts,)."""

    @classmethod
    def empty(cls) -> Memory:
        """Return the memory of a model that keeps nothing."""
        none = np.zeros(0, dtype=np.int64)
        return cls(none.astype(np.int32), none.astype(np.float16), np.zeros(1, dtype=np.int64), none, none)

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[np.generic]], n_genres: int) -> Memory:
        """Return the memory that a weights file holds, if any, after checking that it is one.

        Raises
        ------
        ValueError
            If its arrays do not fit together.
        """
        if "memory.columns" not in arrays:
            return cls.empty()
        found = cls(*(np.array(arrays[f"memory.{name}"]) for name in cls.__slots__))
        sound = (
            all(array.ndim == 1 for array in (found.columns, found.values, found.pointers, found.labels, found.seen))
            and all(array.dtype.kind == "i" for array in (found.columns, found.pointers, found.labels, found.seen))
            and found.values.dtype.kind == "f"
            and len(found.pointers) == len(found.labels) + 1
            and found.pointers[0] == 0
            and bool((np.diff(found.pointers) >= 0).all())
            and found.pointers[-1] == len(found.columns) == len(found.values)
            and not ((found.columns < 0) | (found.columns >= 1 << GENRE_BITS)).any()
            and not ((found.labels < 0) | (found.labels >= n_genres)).any()
            and bool(np.isfinite(found.values).all())
        )
        if not sound:
            raise ValueError("the kept rows do not fit together")
        return found

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays under the names they have in a weights file."""
        return {f"memory.{name}": getattr(self, name) for name in self.__slots__}
