"""Tables of half-precision weights, looked up row by row.

Weights are stored as float16, mapped into memory and shared by all processes. Turning half precision into single takes
2 ns a number, more than all the rest of a look-up, so a table that is much used is converted whole, once; a run over
one page never pays for that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Table:
    """Rows of a matrix, or entries of a vector, as float32. The values are the same before and after the conversion."""

    __slots__ = ("_full", "_left", "_stored")

    def __init__(self, stored: NDArray[np.floating]) -> None:
        self._stored = stored
        self._full: Floats | None = np.asarray(stored) if stored.dtype == np.float32 else None
        self._left = len(stored)

    @property
    def width(self) -> int:
        """Numbers in a row, 1 for the entries of a vector."""
        return 1 if self._stored.ndim == 1 else self._stored.shape[1]

    def take(self, rows: NDArray[np.integer], out: Floats | None = None) -> Floats:
        """Return the rows of these numbers, float32 (len(rows), ...), in ``out`` if it is given; all must exist."""
        # Not mode "raise": to look for bad numbers takes as long as the rest.
        if self._full is None:
            self._left -= len(rows)
            if self._left > 0:
                found = self._stored.take(rows, axis=0, mode="clip")
                if out is None:
                    return found.astype(np.float32)
                out[...] = found
                return out
            self._full = self._stored.astype(np.float32)
        return self._full.take(rows, axis=0, mode="clip", out=out)
