"""The passes of the boundary model: what they learn from, fitted anew or moved, and calibrated."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.conjunctions import Conjunctions
from classifier.boundaries.context import CONTEXT_FEATURES, context_ids
from classifier.boundaries.features import GAP_FEATURES, OFFSET_GRAMS, OFFSET_PRODUCTS, OFFSET_TYPES, Gaps
from classifier.boundaries.grams import reduce_alphabet
from classifier.boundaries.segmenter import HOPELESS, Segmenter
from classifier.composing.compose import Composed, Draw, compose_page
from classifier.composing.style import draw_style
from classifier.text.paragraphs import split_paragraphs
from classifier.text.tokens import Cutter, make_cutter, tokenise
from classifier.training.lexicon import Lexicon
from classifier.training.linear import Linear, Sample, fit_linear

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

FIRST_L2, SECOND_L2 = 20.0, 8.0
GRAM_SCALE, TYPE_SCALE = 0.4, 2.0
"""A feature scaled by s is penalised 1 / s² as much: n-grams more, block types less (docs/design.md)."""

EASY, KEPT = -5.0, 0.04
"""Gaps the filter model gives a lower logit than this are surely none; of those this share is kept, up-weighted."""

MIN_PAGES = 8
"""A feature seen on fewer pages than this gets no weight."""


def draft_segmenter(lexicon: Lexicon) -> Segmenter:
    """Return a segmenter that can describe pages but has learned nothing yet."""
    return Segmenter(
        alphabet=reduce_alphabet(lexicon.alphabet),
        idf=lexicon.idf.astype(np.float16),
        vectors=lexicon.vectors.astype(np.float16),
        first=np.zeros(GAP_FEATURES, dtype=np.float32),
        first_bias=0.0,
        second=np.zeros(CONTEXT_FEATURES, dtype=np.float32),
        second_bias=0.0,
        slope=1.0,
        offset=0.0,
        threshold=0.4,
    )


def describe_page(page: Composed, segmenter: Segmenter, cutter: Cutter) -> tuple[Gaps, Bools] | None:
    """Return the gaps of a page with a known segmentation and which of them are boundaries, or ``None`` if too short.

    Raises
    ------
    ValueError
        If ``page.ends`` does not fit the paragraphs of ``page.text``.
    """
    paragraphs = split_paragraphs(page.text)
    n = len(paragraphs)
    if n < 2 or not page.ends:
        return None
    if page.ends[-1] != n:
        raise ValueError(f"a page of {n} paragraphs whose segments end at {page.ends[-1]}")
    gaps = segmenter.describe(tokenise(page.text, cutter), paragraphs)
    truth = np.zeros(n - 1, dtype=bool)
    truth[np.array(page.ends[:-1], dtype=np.int64) - 1] = True
    return gaps, truth


def set_pages(draws: Sequence[Draw], *, seed: int, traditional: str = "") -> list[Composed]:
    """Set drawn stories as pages, each in a style of its own; page i of a seed is always the same."""
    pages = []
    for number, (stories, kind) in enumerate(draws):
        rng = random.Random(seed + number)
        pages.append(compose_page(stories, draw_style(rng, kind), rng, simplified_to=traditional))
    return pages


def first_sample(
    pages: Iterable[Composed],
    segmenter: Segmenter,
    *,
    screen: Linear | None = None,
    seed: int = 0,
    cutter: Cutter | None = None,
) -> Sample:
    """Return the rows of the first pass. ``screen`` thins out the gaps that are surely no boundary."""
    return _sample(
        pages, segmenter, lambda gaps: (gaps.ids, None), screen=screen, seed=seed, cutter=cutter or make_cutter()
    )


def second_sample(
    pages: Iterable[Composed], segmenter: Segmenter, *, first: Linear, seed: int = 0, cutter: Cutter | None = None
) -> Sample:
    """Return the rows of the second pass, with the scores of a ``first`` pass that has not seen these stories."""
    return _sample(
        pages,
        segmenter,
        lambda gaps: (context_ids(gaps, first.scores(gaps.ids)), None),
        screen=first,
        seed=seed,
        cutter=cutter or make_cutter(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class AspectSample:
    """What the third pass is fitted on: aspects of gaps, which of them are boundaries, their weight."""

    aspects: NDArray[np.int16]
    """(n, N_ASPECTS)"""
    truth: Bools
    weight: Floats
    scores: Floats
    """Logits of the passes and turns before, (n,): this one adds to them."""

    @classmethod
    def join(cls, samples: Sequence[AspectSample]) -> AspectSample:
        """Put samples one after another."""
        names = ("aspects", "truth", "weight", "scores")
        return cls(*(np.concatenate([getattr(sample, name) for sample in samples]) for name in names))


def third_sample(
    pages: Iterable[Composed],
    segmenter: Segmenter,
    *,
    first: Linear,
    second: Linear,
    turns: tuple[Conjunctions, ...] = (),
    seed: int = 0,
) -> AspectSample:
    """Return what a turn of the third pass is fitted on, with the scores of passes that have not seen these stories.

    ``turns`` are those before it.
    """
    judge = replace(install(segmenter, first, second), turns=turns)

    def rows(gaps: Gaps) -> Described:
        seen, scores = judge.third_pass(gaps, context_ids(gaps, judge.first_scores(gaps)))
        return np.ascontiguousarray(seen[-1].T), scores

    sample = _sample(pages, segmenter, rows, screen=first, seed=seed, cutter=make_cutter())
    assert sample.offset is not None, "every page has scores"
    return AspectSample(sample.ids.astype(np.int16), sample.truth, sample.weight, sample.offset)


LONGEST_PAGE = 600
"""Gaps of one page that are learned from."""

Described = tuple[NDArray[np.signedinteger], Floats | None]
"""Rows of the gaps of a page, and the offset of each."""


def _sample(
    pages: Iterable[Composed],
    segmenter: Segmenter,
    rows: Callable[[Gaps], Described],
    *,
    screen: Linear | None,
    seed: int,
    cutter: Cutter,
) -> Sample:
    rng = np.random.default_rng(seed)
    ids, truths, weights, offsets, begins, total = [], [], [], [], [], 0
    for page in pages:
        described = describe_page(page, segmenter, cutter)
        if described is None:
            continue
        gaps, truth = described
        found, offset = rows(gaps)
        keep = np.ones(len(truth), dtype=bool)
        weight = np.ones(len(truth), dtype=np.float32)
        if screen is not None:
            hard = (screen.scores(gaps.ids) > EASY) | truth
            keep = hard | (rng.random(len(truth)) < KEPT)
            weight[~hard] = 1 / KEPT
        keep[LONGEST_PAGE:] = False
        ids.append(found[keep])
        truths.append(truth[keep])
        weights.append(weight[keep])
        if offset is not None:
            offsets.append(offset[keep])
        begins.append(total)
        total += int(keep.sum())
    return Sample(
        np.concatenate(ids),
        np.concatenate(truths),
        np.concatenate(weights),
        np.array(begins, dtype=np.int64),
        np.concatenate(offsets) if offsets else None,
    )


def first_scale(sample: Sample) -> Floats:
    """Return the scale of every feature of the first pass: 0 for those seen on too few pages."""
    pages = np.zeros(GAP_FEATURES, dtype=np.int32)
    for begin, end in zip(sample.pages, [*sample.pages[1:], len(sample.truth)], strict=True):
        pages[np.unique(sample.ids[begin:end])] += 1
    scale = (pages >= MIN_PAGES).astype(np.float32)
    scale[OFFSET_TYPES:OFFSET_PRODUCTS] *= TYPE_SCALE
    scale[OFFSET_GRAMS:] *= GRAM_SCALE
    return scale


def install(segmenter: Segmenter, first: Linear, second: Linear) -> Segmenter:
    """Return the segmenter with both passes set."""
    return replace(
        segmenter,
        first=first.weights,
        first_bias=first.bias,
        second=second.weights,
        second_bias=second.bias,
        slope=1.0,
        offset=0.0,
    )


ADAPT_FOLDS = 4
ADAPT_WEIGHT = 2.0
"""Weight of a gap of the user's own pages against the pull of the base model (measured, docs/design.md)."""
CELL_L2 = 10.0
"""The pull of the base model on each cell of the third pass: a gap falls into one of every tree, and all move."""


def adapt_segmenter(base: Segmenter, pages: Sequence[Composed], *, cutter: Cutter | None = None) -> Segmenter:
    """Move a fitted segmenter towards a user's own corrected pages, no further than they warrant.

    All passes are fitted anew with their weights drawn towards those of ``base`` instead of towards zero, so that a
    handful of pages corrects habits and does not unlearn the rest. The later passes are fitted on scores that the first
    gives to pages it was not fitted on: the second on top of what the third adds, then the third on top of it. Which
    conjunctions the third asks for, in each of its turns, stays as it is; what each adds moves.
    """
    usable = [page for page in pages if len(page.ends) and page.ends[-1] > 1]
    if not usable:
        return base
    start = Linear(base.first, base.first_bias)
    scale = np.ones(GAP_FEATURES, dtype=np.float32)
    scale[OFFSET_TYPES:OFFSET_PRODUCTS] *= TYPE_SCALE
    scale[OFFSET_GRAMS:] *= GRAM_SCALE

    def fit_first(part: Sequence[Composed]) -> Linear:
        sample = first_sample(part, base, cutter=cutter)
        weight = (sample.weight * ADAPT_WEIGHT).astype(np.float32)
        return fit_linear(replace(sample, weight=weight), scale, l2=FIRST_L2, start=start)

    folds = min(ADAPT_FOLDS, len(usable))
    samples = []
    for fold in range(folds):
        inside = [page for number, page in enumerate(usable) if number % folds != fold]
        outside = [page for number, page in enumerate(usable) if number % folds == fold]
        part = fit_first(inside) if inside else start
        if base.turns:
            samples.append(_cell_sample(outside, base, first=part, cutter=cutter))
        else:
            samples.append(second_sample(outside, base, first=part, cutter=cutter))
    sample = Sample.join(samples)
    sample = replace(sample, weight=(sample.weight * ADAPT_WEIGHT).astype(np.float32))
    second = fit_linear(
        _on_top_of_cells(sample, base.turns) if base.turns else sample,
        np.ones(CONTEXT_FEATURES, dtype=np.float32),
        l2=SECOND_L2,
        start=Linear(base.second, base.second_bias),
    )
    first = fit_first(usable)
    return replace(
        base,
        first=first.weights,
        first_bias=first.bias,
        second=second.weights,
        second_bias=second.bias,
        turns=_adapt_cells(base.turns, sample, second),
    )


def _cell_sample(pages: Sequence[Composed], base: Segmenter, *, first: Linear, cutter: Cutter | None) -> Sample:
    """Return the cells that the gaps of pages fall into, as ids, turn by turn, and then the ids of the second pass.

    Gaps that are surely no boundary are thinned out: a row is long.
    """
    judge = replace(base, first=first.weights, first_bias=first.bias)

    def rows(gaps: Gaps) -> Described:
        context = context_ids(gaps, judge.first_scores(gaps))
        seen, _ = judge.third_pass(gaps, context)
        begins = np.cumsum([0, *(turn.weights.size for turn in base.turns)]).tolist()
        cells = [
            turn.cell_ids(aspects).T + begin for turn, aspects, begin in zip(base.turns, seen, begins, strict=False)
        ]
        return np.concatenate([*cells, context], axis=1), None

    return _sample(pages, base, rows, screen=first, seed=0, cutter=cutter or make_cutter())


def _cell_weights(turns: Sequence[Conjunctions]) -> tuple[int, Floats]:
    """Return how many trees some turns have, and the weights of all their cells one after another."""
    return sum(len(turn.tests) for turn in turns), np.concatenate(
        [turn.weights.astype(np.float32).ravel() for turn in turns]
    )


def _on_top_of_cells(sample: Sample, turns: Sequence[Conjunctions]) -> Sample:
    """Return the rows of the second pass of a sample of cells; what the cells add is their offset."""
    trees, weights = _cell_weights(turns)
    return replace(sample, ids=sample.ids[:, trees:], offset=weights.take(sample.ids[:, :trees]).sum(axis=1))


def _adapt_cells(turns: tuple[Conjunctions, ...], sample: Sample, second: Linear) -> tuple[Conjunctions, ...]:
    """Move what the cells add, on top of a second pass that was moved already."""
    if not turns:
        return turns
    trees, weights = _cell_weights(turns)
    scores = second.scores(sample.ids[:, trees:])
    seen = scores > HOPELESS
    if not seen.any():
        return turns
    moved = fit_linear(
        Sample(
            sample.ids[seen, :trees],
            sample.truth[seen],
            sample.weight[seen],
            np.zeros(1, dtype=np.int64),
            scores[seen],
        ),
        np.ones(len(weights), dtype=np.float32),
        l2=CELL_L2,
        start=Linear(weights, 0.0),
        move_bias=False,
    )
    pieces = np.split(moved.weights, np.cumsum([turn.weights.size for turn in turns])[:-1])
    return tuple(
        turn.with_weights(piece.reshape(turn.weights.shape)) for turn, piece in zip(turns, pieces, strict=True)
    )


def calibrate_segmenter(segmenter: Segmenter, pages: Iterable[Composed]) -> Segmenter:
    """Fit Platt scaling (Platt 1999) of the scores on pages that were not trained on."""
    from sklearn.linear_model import LogisticRegression

    cutter = make_cutter()
    scores, truths = [], []
    for page in pages:
        described = describe_page(page, segmenter, cutter)
        if described is not None:
            scores.append(segmenter.scores(described[0]))
            truths.append(described[1])
    fitted = LogisticRegression(C=1e6).fit(np.concatenate(scores)[:, None], np.concatenate(truths))
    return replace(segmenter, slope=float(fitted.coef_[0, 0]), offset=float(fitted.intercept_[0]))
