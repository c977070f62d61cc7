"""What a model keeps of its training texts, so that it can learn more without them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.genres.memory import Memory
from classifier.genres.tfidf import GENRE_BITS, Rows
from classifier.training.rows import weigh_rows

Ints = NDArray[np.int64]

SAME = 0.9
"""A kept row that shares this much of its length with a user's row is the same text."""

MEMORY_BYTES, MEMORY_WIDTH = 3_000_000, 250
"""What a model keeps of its training texts at most, and of one text."""


def genre_memory(
    rows: Sequence[Rows],
    labels: Ints,
    idf: NDArray[np.floating],
    *,
    seen: Iterable[int] = (),
    limit: int = MEMORY_BYTES,
    width: int = MEMORY_WIDTH,
) -> Memory:
    """Return what a model keeps of its training rows: the greatest values of as many rows of each genre as have room.

    Parameters
    ----------
    rows, labels
        The rows trained on and their genres; :class:`~classifier.genres.tfidf.Rows` may hold several rows.
    idf
        That of the model.
    seen
        Fingerprints of the texts trained on.
    limit
        Bytes of all kept rows.
    width
        Values kept of one row.
    """
    return _keep_rows(weigh_rows(rows, idf), labels, seen=seen, limit=limit, width=width)


def extend_memory(
    memory: Memory, rows: Sequence[Rows], labels: Ints, idf: NDArray[np.floating], *, seen: Iterable[int]
) -> Memory:
    """Return a memory that keeps rows of a user's texts, then, as far as there is room, what was kept before."""
    from scipy.sparse import vstack

    if not rows:
        return replace(memory, seen=np.array(sorted(set(seen)), dtype=np.int64))
    own = weigh_rows(rows, idf)
    kept, kept_labels = without_twins(memory_matrix(memory), memory.labels, own)
    matrix = vstack([own, kept]).tocsr()
    return _keep_rows(matrix, np.concatenate([labels, kept_labels]), seen=seen, first=len(labels))


def _keep_rows(
    matrix: Any,  # noqa: ANN401 - SciPy has no types
    labels: Ints,
    *,
    seen: Iterable[int],
    limit: int = MEMORY_BYTES,
    width: int = MEMORY_WIDTH,
    first: int = 0,
) -> Memory:
    """Keep rows of all genres in turn, of each the first ``first`` of the matrix before others, until ``limit``."""
    import zlib

    kept: list[tuple[NDArray[np.int32], NDArray[np.float16]]] = []
    for at in range(matrix.shape[0]):
        part = slice(matrix.indptr[at], matrix.indptr[at + 1])
        columns, values = matrix.indices[part], matrix.data[part]
        # Ties by column, so that the order of the entries does not matter.
        best = np.lexsort((columns, -values))[:width]
        best = best[np.argsort(columns[best])]
        kept.append((columns[best].astype(np.int32), values[best].astype(np.float16)))
    digests = [zlib.crc32(columns.tobytes()) for columns, _ in kept]
    queues = []
    for label in np.unique(labels).tolist():
        own = np.flatnonzero(labels == label).tolist()
        queues.append(sorted(own, key=lambda at: (at >= first, digests[at], at)))
    chosen: list[int] = []
    size = 0
    for turn in range(max(map(len, queues), default=0)):
        for queue in queues:
            if turn < len(queue):
                size += 6 * len(kept[queue[turn]][0]) + 16
                if size <= limit:
                    chosen.append(queue[turn])
        if size > limit:
            break
    if not chosen:
        return replace(Memory.empty(), seen=np.array(sorted(set(seen)), dtype=np.int64))
    return Memory(
        np.concatenate([kept[at][0] for at in chosen]),
        np.concatenate([kept[at][1] for at in chosen]),
        np.cumsum([0, *(len(kept[at][0]) for at in chosen)], dtype=np.int64),
        np.array([labels[at] for at in chosen], dtype=np.int64),
        np.array(sorted(set(seen)), dtype=np.int64),
    )


def memory_matrix(memory: Memory) -> Any:  # noqa: ANN401 - SciPy has no types
    """Return the kept rows as a SciPy CSR matrix of float32."""
    from scipy.sparse import csr_matrix

    shape = len(memory.labels), 1 << GENRE_BITS
    return csr_matrix((memory.values.astype(np.float32), memory.columns, memory.pointers), shape=shape)


def without_twins(kept: Any, labels: Ints, own: Any) -> tuple[Any, Ints]:  # noqa: ANN401 - SciPy has no types
    """Return the kept rows without those of texts that are also among ``own``."""
    if kept.shape[0] == 0:
        return kept, labels
    length = np.maximum(np.asarray(kept.multiply(kept).sum(axis=1)).ravel(), 1e-9)
    most = np.zeros(kept.shape[0])
    turned = kept.T.tocsr()
    for at in range(0, own.shape[0], 256):
        most = np.maximum(most, np.asarray((own[at : at + 256] @ turned).max(axis=0).todense()).ravel())
    keep = np.flatnonzero(most < SAME * length)
    return kept[keep], labels[keep]
