"""The lexicon: alphabet, document frequencies and word vectors, learned from texts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.cohesion import VECTOR_BITS
from classifier.boundaries.lines import HEAD, TAIL
from classifier.text.tokens import buckets, make_cutter, tokenise

Floats = NDArray[np.float32]

ALPHABET_SIZE = 700
"""Han characters the gap n-grams tell apart; the others are one."""

LSA_DIMENSIONS, VECTOR_DIMENSIONS = 300, 64
"""Dimensions before and after the discriminant projection (64: what 300 find, at a fifth of the cost)."""


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """What the boundary features need to know of the language."""

    alphabet: str
    idf: Floats
    """(2**VECTOR_BITS,)"""
    vectors: Floats
    """(2**VECTOR_BITS, VECTOR_DIMENSIONS), weighted by IDF."""


def fit_lexicon(texts: Iterable[Sequence[str]], *, seed: int = 0) -> Lexicon:
    """Learn the alphabet, document frequencies and word vectors from texts given as their lines.

    Word vectors are a latent semantic analysis (Deerwester et al. 1990) of passages of 60 to 300 characters, followed
    by a linear discriminant projection in which the classes are the texts: directions are kept along which passages
    of one text agree more than passages of different texts.
    """
    import scipy.linalg
    from scipy.sparse import csr_matrix, diags
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    cutter = make_cutter()
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    size = 1 << VECTOR_BITS
    frequency = np.zeros(size)
    columns, values, pointers, owners = [], [], [0], []
    for number, lines in enumerate(texts):
        for line in lines:
            seen.update({*line[:HEAD], *line[-TAIL:]})
        for passage in _passages(lines, rng.choice((60, 120, 200, 300)))[:12]:
            words = tokenise(passage, cutter).words
            if len(words) < 5:
                continue
            column, count = np.unique(buckets(words, VECTOR_BITS), return_counts=True)
            columns.append(column)
            values.append(1 + np.log(count))
            pointers.append(pointers[-1] + len(column))
            owners.append(number)
            frequency[column] += 1
    n = len(owners)
    idf = np.minimum(np.log((n + 1) / (frequency + 1)), 9.0).astype(np.float32)
    counts = csr_matrix((np.concatenate(values), np.concatenate(columns), pointers), shape=(n, size))
    rows = normalize(counts @ diags(idf)).astype(np.float32)
    svd = TruncatedSVD(LSA_DIMENSIONS, random_state=seed, n_iter=3).fit(rows)
    points = normalize(rows @ svd.components_.T)
    owner = np.unique(owners, return_inverse=True)[1]
    members = csr_matrix((np.ones(n), (owner, np.arange(n))))
    means = np.asarray((members @ points) / np.bincount(owner)[:, None])
    within = points - means[owner]
    between = means[owner] - points.mean(axis=0)
    scatter = within.T @ within / n
    ridge = 1e-3 * np.trace(scatter) / LSA_DIMENSIONS * np.eye(LSA_DIMENSIONS)
    _, directions = scipy.linalg.eigh(between.T @ between / n, scatter + ridge)
    projection = directions[:, ::-1][:, :VECTOR_DIMENSIONS]
    projection *= np.sign(projection[np.abs(projection).argmax(axis=0), np.arange(VECTOR_DIMENSIONS)])
    vectors = svd.components_.T @ projection * idf[:, None]
    vectors /= np.sqrt((vectors[frequency > 50] ** 2).sum(axis=1).mean())
    han = [char for char, _ in sorted(seen.items(), key=lambda item: (-item[1], item[0])) if "一" <= char <= "鿿"]
    return Lexicon("".join(han[:ALPHABET_SIZE]), idf, vectors.astype(np.float32))


def _passages(lines: Sequence[str], size: int) -> list[str]:
    passages, passage = [], ""
    for line in lines:
        passage += line + "\n"
        if len(passage) > size:
            passages.append(passage)
            passage = ""
    return [*passages, passage] if passage else passages
