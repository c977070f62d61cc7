"""Rows of articles for tests: what the trained parts of the genre model read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.genres.tfidf import GENRE_BITS, Rows, article_rows
from classifier.text.tokens import make_cutter, tokenise

SIZE = 1 << GENRE_BITS


def offsets(*values: int) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def rows_of(text: str, *spans: tuple[int, int, int]) -> Rows:
    """Return the rows of articles given as (start, end, end of the headline)."""
    starts, ends, heads = (offsets(*column) for column in zip(*spans, strict=True)) if spans else (offsets(),) * 3
    return article_rows(tokenise(text, make_cutter()), starts, ends, heads)
