"""Fits what only scans need: how places and text decide together, and which parts of columns belong together.

Both are fitted on pages set from the training texts, with boxes that shake and lines that are lost, never on pictures.
They see the text through its calibrated probabilities alone, so that they can be fitted again without it, and it
without them: ``python benchmarks/train_default.py --corpus DIR --only geometry``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import scan_pages
from benchmarks.newsprint import FURNITURE, Sheet
from benchmarks.proofs import proof
from classifier import training
from classifier.boundaries.decoding import decode
from classifier.boundaries.segmenter import Segmenter
from classifier.scans import cutting, geometry, joining
from classifier.scans.cutting import Described
from classifier.text.tokens import Cutter, make_cutter
from classifier.training import Linear, Sample

Ints = NDArray[np.int64]
Seen = tuple[Described, Ints]
"""A page in reading order, and the true article of each line."""

PAGES = 600
GEOMETRY_L2, JOINING_L2 = 10.0, 3.3
"""Chosen on 100 set pages left out of the training ones: 2, 10, 50 and 3.3, 10, 33 (docs/design.md)."""

SETTING_TRIES = 8
"""Ways a training page is set from which the best is taken: fewer than for a test page, so that some are odd."""


def train(corpus: Path, segmenter: Segmenter, *, pages: int = PAGES, jobs: int = 1) -> Segmenter:
    """Return the segmenter with its weights for scans."""
    from joblib import Parallel, delayed

    texts = scan_pages.newspaper(corpus, test=False)
    sheets = list(scan_pages.sheets(texts, count=pages, seed=10_000, tries=SETTING_TRIES))
    plain = replace(segmenter, geometry=None, joining=None)
    chunks = [sheets[at : at + 20] for at in range(0, len(sheets), 20)]
    parts = Parallel(n_jobs=jobs)(delayed(_see)(chunk, plain, number * 20) for number, chunk in enumerate(chunks))
    seen = [item for part in parts for item in part]
    weights = fit_geometry(seen)
    # Parts are joined on pages cut by weights that have not seen them, as all pages to come will be.
    halves = seen[::2], seen[1::2]
    cut_by = [fit_geometry(half) for half in halves]
    samples = [joining_sample(item, cut_by[1 - number], plain) for number, half in enumerate(halves) for item in half]
    return replace(segmenter, geometry=weights, joining=fit_joining(samples))


def _see(sheets: Sequence[Sheet], segmenter: Segmenter, seed: int) -> list[Seen]:
    cutter = make_cutter()
    return [see(sheet, segmenter, cutter, seed=seed + number) for number, sheet in enumerate(sheets)]


def see(sheet: Sheet, segmenter: Segmenter, cutter: Cutter, *, seed: int) -> Seen:
    """Put a set page into reading order and say which article each line is of."""
    known = proof(sheet, seed=seed)
    found = cutting.describe(known.page, segmenter, cutter)
    lines = [found.kept[line] for line in found.arrangement.order]
    return found, known.articles[lines]


def fit_geometry(seen: Sequence[Seen]) -> NDArray[np.float32]:
    """Fit the weights of :mod:`classifier.scans.geometry`."""
    samples = []
    for found, articles in seen:
        ids = geometry.describe(found.boxes, found.arrangement, found.proba)
        known = (articles[1:] != FURNITURE) & (articles[:-1] != FURNITURE)
        samples.append(_sample(ids[known], (articles[1:] != articles[:-1])[known]))
    return _weights(samples, geometry.GEOMETRY_FEATURES, l2=GEOMETRY_L2)


def joining_sample(item: Seen, weights: NDArray[np.float32], segmenter: Segmenter) -> Sample:
    """Return the choices on a page that was cut, and which of them are right."""
    found, articles = item
    ends = decode(cutting.weigh(found, weights), price=segmenter.threshold)
    labels = np.repeat(np.arange(len(ends)), np.diff([0, *ends]))
    parts = joining.pieces(found.boxes, found.arrangement, labels)
    owners = np.array([labels[part.first] for part in parts], dtype=np.int64)
    choices = joining.choices(found.boxes, parts, owners)
    vectors = segmenter.describe(found.tokens, found.text.paragraphs).vectors
    ids = joining.describe(found.boxes, parts, owners, vectors, choices)
    mine = [_most(articles[part.first : part.last]) for part in parts]
    theirs = [_most(articles[labels == label]) for label in range(len(ends))]
    truth = []
    for choice in choices:
        article, own = mine[choice.piece], int(owners[choice.piece])
        elsewhere = theirs[own] != article or choice.target < own  # of two parts the later one moves
        truth.append(article != FURNITURE and theirs[choice.target] == article and elsewhere)
    return _sample(ids, np.array(truth, dtype=np.bool_))


def fit_joining(samples: Sequence[Sample]) -> NDArray[np.float32]:
    """Fit the weights of :mod:`classifier.scans.joining`."""
    return _weights(samples, joining.JOINING_FEATURES, l2=JOINING_L2)


def _most(articles: Ints) -> int:
    real = articles[articles != FURNITURE]
    return int(np.bincount(real).argmax()) if len(real) else FURNITURE


def _sample(ids: NDArray[np.int32], truth: NDArray[np.bool_]) -> Sample:
    return Sample(ids, truth, np.ones(len(truth), dtype=np.float32), np.zeros(1, dtype=np.int64))


def _weights(samples: Sequence[Sample], size: int, *, l2: float) -> NDArray[np.float32]:
    fitted: Linear = training.fit_linear(Sample.join(samples), np.ones(size, dtype=np.float32), l2=l2, iterations=200)
    weights = fitted.weights.astype(np.float32)
    weights[0] += np.float32(fitted.bias)  # category 0 is every row's
    return weights


def held_out(corpus: Path, *, pages: int) -> list[Sheet]:
    """Return training pages set in ways that :func:`train` does not use: to choose the penalties on."""
    texts = scan_pages.newspaper(corpus, test=False)[::-1]
    return list(islice(scan_pages.sheets(texts, count=pages, seed=90_000, tries=SETTING_TRIES), pages))
