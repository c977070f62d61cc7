"""How good a segmentation, a set of labels, or a set of probabilities is. Scores are values that add up.

A score of one page plus a score of another is the score of both pages: counts are added and ratios are taken last,
so that a page of two articles does not weigh as much as a page of twenty. ``sum(scores, start=SegmentationScore())``
pools any number of pages.

The boundary convention is the one of the package: ``ends`` is the ascending list of segment ends in paragraphs
(non-blank lines), and its last element is the number of paragraphs.

Zero-division is decided here once: where there was nothing to find and nothing was claimed, the answer was right, so
precision, recall, F1 and accuracy are 1 and error rates are 0; where only one of the two is empty, it was wrong, so
they are 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.document import UNKNOWN

ECE_BINS = 15
"""Bins of the expected calibration error, as in Guo et al. (2017)."""


@dataclass(frozen=True, slots=True)
class PRF:
    """Counts of things found (``tp``), claimed wrongly (``fp``) and missed (``fn``), with their ratios."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @classmethod
    def of_sets(cls, true: frozenset[object], found: frozenset[object]) -> PRF:
        """Compare what was found with what there is."""
        right = len(true & found)
        return cls(right, len(found) - right, len(true) - right)

    def __add__(self, other: PRF) -> PRF:
        """Return the counts of both."""
        return PRF(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of what was claimed that is right."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else float(self.fn == 0)

    @property
    def recall(self) -> float:
        """Share of what there is that was found."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else float(self.fp == 0)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 1.0


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors among a number of cases: windows for Pk and WindowDiff."""

    errors: int = 0
    cases: int = 0

    def __add__(self, other: ErrorRate) -> ErrorRate:
        """Return the counts of both."""
        return ErrorRate(self.errors + other.errors, self.cases + other.cases)

    @property
    def rate(self) -> float:
        """Share of the cases that are errors; lower is better."""
        return self.errors / self.cases if self.cases else 0.0


@dataclass(frozen=True, slots=True)
class SegmentationScore:
    """How well pages were cut into articles."""

    boundary: PRF = PRF()
    """Inner boundaries, each by itself; the end of the page does not count."""
    article: PRF = PRF()
    """Whole articles: one is right when both its ends are."""
    pk: ErrorRate = ErrorRate()
    window_diff: ErrorRate = ErrorRate()
    pages: int = 0

    def __add__(self, other: SegmentationScore) -> SegmentationScore:
        """Return the score of the pages of both."""
        return SegmentationScore(
            self.boundary + other.boundary,
            self.article + other.article,
            self.pk + other.pk,
            self.window_diff + other.window_diff,
            self.pages + other.pages,
        )


def score_ends(true: Sequence[int], predicted: Sequence[int]) -> SegmentationScore:
    """Score the segmentation of one page.

    Parameters
    ----------
    true, predicted
        Ends in paragraphs, ascending; both end with the number of paragraphs. Two empty lists are an empty page.

    Raises
    ------
    ValueError
        When a list does not ascend from above 0, or the two do not end alike.
    """
    _check_ends(true, predicted)
    pk, window_diff = _window_errors(true, predicted)
    return SegmentationScore(
        boundary=PRF.of_sets(frozenset(true[:-1]), frozenset(predicted[:-1])),
        article=PRF.of_sets(frozenset(_segments(true)), frozenset(_segments(predicted))),
        pk=pk,
        window_diff=window_diff,
        pages=1,
    )


def _segments(ends: Sequence[int]) -> Iterable[tuple[int, int]]:
    return pairwise((0, *ends))


def _check_ends(true: Sequence[int], predicted: Sequence[int]) -> None:
    for ends in (true, predicted):
        if any(first >= last for first, last in _segments(ends)):
            raise ValueError(f"ends do not ascend: {list(ends)}")
    if tuple(true[-1:]) != tuple(predicted[-1:]):
        raise ValueError(f"pages of {true[-1:]} and {predicted[-1:]} paragraphs cannot be compared")


def window_size(true: Sequence[int]) -> int:
    """Return the window of Pk and WindowDiff in paragraphs: half the mean reference segment, at least 2.

    A half is rounded to the even neighbour, as segeval does.
    """
    return max(2, round(true[-1] / len(true) / 2)) if true else 2


def _window_errors(true: Sequence[int], predicted: Sequence[int]) -> tuple[ErrorRate, ErrorRate]:
    """Return the wrong windows of one page by Pk and by WindowDiff.

    A window of size k is the pair of paragraphs i and i + k, for every i for which both exist: n - k windows, none on
    a page of k paragraphs or fewer. Pk (Beeferman, Berger and Lafferty 1999, "Statistical models for text
    segmentation") counts those whose two ends are in one segment by one segmentation and not by the other;
    WindowDiff (Pevzner and Hearst 2002, "A critique and improvement of an evaluation metric for text segmentation")
    those with a different number of boundaries between the ends. Pages are pooled by adding windows, each page with
    its own k.
    """
    if not true:
        return ErrorRate(), ErrorRate()
    k = window_size(true)
    count = max(true[-1] - k, 0)
    in_true, in_predicted = (numbers[k:] - numbers[:count] for numbers in map(_segment_numbers, (true, predicted)))
    torn = int(np.count_nonzero((in_true == 0) != (in_predicted == 0)))
    return ErrorRate(torn, count), ErrorRate(int(np.count_nonzero(in_true != in_predicted)), count)


def _segment_numbers(ends: Sequence[int]) -> NDArray[np.int64]:
    """Return the segment that each paragraph is in; int64, shape (n_paragraphs,)."""
    return np.repeat(np.arange(len(ends), dtype=np.int64), [last - first for first, last in _segments(ends)])


@dataclass(frozen=True, slots=True)
class GenreScore:
    """How well articles were labelled.

    ``unknown`` is an answer that is never right and that costs no genre any precision.
    """

    confusion: Mapping[tuple[str, str], int] = field(default_factory=Counter)
    """How often a genre (first) was labelled as a genre (second)."""
    top2: int = 0
    """How often the genre is one of the two best."""

    @classmethod
    def of_rankings(
        cls, true: Iterable[str], ranked: Iterable[Sequence[str]], *, labels: Iterable[str] | None = None
    ) -> GenreScore:
        """Score articles whose genres are ``true`` and whose best genres, best first, are ``ranked``.

        ``labels`` are the answers given, where they are not always the best genre (``unknown``).
        """
        rankings = [tuple(ranking) for ranking in ranked]
        genres = list(true)
        answers = [ranking[0] for ranking in rankings] if labels is None else list(labels)
        hits = sum(genre in ranking[:2] for genre, ranking in zip(genres, rankings, strict=True))
        return cls(Counter(zip(genres, answers, strict=True)), hits)

    def __add__(self, other: GenreScore) -> GenreScore:
        """Return the score of the articles of both."""
        return GenreScore(Counter(self.confusion) + Counter(other.confusion), self.top2 + other.top2)

    @property
    def count(self) -> int:
        """Number of articles."""
        return sum(self.confusion.values())

    @property
    def accuracy(self) -> float:
        """Share of the articles labelled right."""
        right = sum(count for (true, label), count in self.confusion.items() if true == label)
        return right / self.count if self.count else 1.0

    @property
    def top2_accuracy(self) -> float:
        """Share of the articles whose genre is one of the two best."""
        return self.top2 / self.count if self.count else 1.0

    @property
    def genres(self) -> list[str]:
        """The genres that occur as truth or as answer, in alphabetical order, without ``unknown``."""
        return sorted({genre for pair in self.confusion for genre in pair} - {UNKNOWN})

    def per_genre(self) -> dict[str, PRF]:
        """Return the counts of each genre that occurs."""
        found = dict.fromkeys(self.genres, PRF())
        for (true, label), count in self.confusion.items():
            if true == label:
                found[true] += PRF(tp=count)
            else:
                found[true] += PRF(fn=count)
                if label != UNKNOWN:
                    found[label] += PRF(fp=count)
        return found

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the genres that occur, each weighing the same."""
        scores = [prf.f1 for prf in self.per_genre().values()]
        return sum(scores) / len(scores) if scores else 1.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence."""

    low: float
    high: float
    count: int
    confidence: float
    """Their mean confidence."""
    accuracy: float
    """The share of them that is right."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """How far confidences are from the share of right answers, in bins of equal width.

    The three arrays are of shape (n_bins,): number of answers (int64), sum of their confidences (float64) and number
    of right ones (int64). Bin m of M holds the confidences in ``((m - 1) / M, m / M]``, the first also 0.
    """

    counts: NDArray[np.int64]
    confidences: NDArray[np.float64]
    rights: NDArray[np.int64]

    @classmethod
    def of_pairs(cls, confidences: ArrayLike, rights: ArrayLike, *, bins: int = ECE_BINS) -> Calibration:
        """Sort answers into bins.

        Parameters
        ----------
        confidences
            Probability given to each answer; float, shape (n,).
        rights
            Whether each answer is right; bool, shape (n,).
        bins
            Number of bins.
        """
        proba = np.asarray(confidences, dtype=np.float64).reshape(-1)
        right = np.asarray(rights, dtype=np.bool_).reshape(-1)
        at = np.clip(np.ceil(proba * bins).astype(np.int64) - 1, 0, bins - 1)
        return cls(
            np.bincount(at, minlength=bins).astype(np.int64),
            np.bincount(at, weights=proba, minlength=bins).astype(np.float64),
            np.bincount(at[right], minlength=bins).astype(np.int64),
        )

    def __add__(self, other: Calibration) -> Calibration:
        """Return the bins of both, which must be equally many."""
        return Calibration(self.counts + other.counts, self.confidences + other.confidences, self.rights + other.rights)

    @property
    def ece(self) -> float:
        """Expected calibration error: mean distance of confidence and accuracy over bins, weighted by their answers.

        Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks", equation 3.
        """
        total = int(self.counts.sum())
        return float(np.abs(self.confidences - self.rights).sum() / total) if total else 0.0

    def reliability(self) -> list[Bin]:
        """Return the bins that are not empty, in ascending order."""
        size = len(self.counts)
        return [
            Bin(m / size, (m + 1) / size, int(n), float(self.confidences[m] / n), float(self.rights[m] / n))
            for m, n in enumerate(self.counts)
            if n
        ]
