"""How well a scanned page was read: its characters, their order, its articles. Scores add up over pages."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.newsprint import FURNITURE
from benchmarks.proofs import UNKNOWN, Proof

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """Counts of one page or of many."""

    pages: int = 0
    edits: int = 0
    """Edit distance of the ordered text to the true one; text at a wrong place counts twice, once there and once
    where it is missing."""
    characters: int = 0
    breaks: int = 0
    """Printed lines of an article that do not follow the line before them."""
    pairs: int = 0
    exact: int = 0
    """Characters of articles that were found exactly: all their lines and no others."""
    claimed: int = 0
    true: int = 0
    precision_sum: float = 0.0
    """B-cubed (Bagga and Baldwin 1998): for each line, the share of its found article that is of its true one …"""
    recall_sum: float = 0.0
    """… and the share of its true article that is in its found one."""
    lines: int = 0
    genres_right: int = 0
    genres: int = 0
    seconds: float = 0.0

    def __add__(self, other: ReadingScore) -> ReadingScore:
        """Return the counts of both."""
        return ReadingScore(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def error(self) -> float:
        """Character error rate of the ordered text."""
        return self.edits / max(self.characters, 1)

    @property
    def order_error(self) -> float:
        """Share of lines that do not follow the line before them."""
        return self.breaks / max(self.pairs, 1)

    @property
    def exact_f1(self) -> float:
        """F1 of articles found exactly, each weighing as many characters as it has."""
        return 2 * self.exact / max(self.claimed + self.true, 1)

    @property
    def b_cubed(self) -> float:
        """B-cubed F1 over lines."""
        precision, recall = self.precision_sum / max(self.lines, 1), self.recall_sum / max(self.lines, 1)
        return 2 * precision * recall / max(precision + recall, 1e-9)

    @property
    def genre_accuracy(self) -> float:
        """Share of the labelled articles, of those found at all, whose genre is right."""
        return self.genres_right / max(self.genres, 1)


def plain(text: str) -> str:
    """Return a text as it is compared: full-width forms as their plain ones, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def distance(one: str, other: str) -> int:
    """Return the edit distance of two texts, bit-parallel (Myers 1999, in Hyyrö's form)."""
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for at, char in enumerate(one):
        places[char] = places.get(char, 0) | (1 << at)
    mask, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    plus, minus, score = mask, 0, len(one)
    for char in other:
        same = places.get(char, 0)
        zero = (((same & plus) + plus) ^ plus) | same | minus
        up, down = minus | (mask & ~(zero | plus)), plus & zero
        score += bool(up & last) - bool(down & last)
        up = ((up << 1) | 1) & mask
        plus, minus = ((down << 1) & mask) | (mask & ~(zero | up)), up & zero
    return score


def true_text(proof: Proof, order: Sequence[int]) -> str:
    """Return the text as it should be read, its articles and captions in the order in which ``order`` begins them.

    Which of two articles comes first is nobody's error, nor is the place of a caption.
    """
    prints = proof.sheet.prints
    units: dict[tuple[int, bool], list[int]] = {}
    for number, line in enumerate(prints):
        if line.article != FURNITURE:
            units.setdefault((line.article, line.kind == "caption"), []).append(number)
    places = {proof.prints[line]: at for at, line in enumerate(order) if proof.prints[line] != UNKNOWN}

    def begins(unit: list[int]) -> float:
        # The median of the first lines: a headline torn from its text does not drag the text along.
        found = [places[number] for number in unit if number in places][:9]
        return float(np.median(found)) if found else float("inf")

    return "".join(prints[number].text for unit in sorted(units.values(), key=begins) for number in unit)


def score_order(proof: Proof, order: Sequence[int]) -> ReadingScore:
    """Score the order of the lines of a page; ``order`` are indices into its lines."""
    prints = proof.sheet.prints
    read = [line for line in order if proof.prints[line] == UNKNOWN or prints[proof.prints[line]].article != FURNITURE]
    text = plain("".join(proof.page.lines[line].text for line in read))
    truth = plain(true_text(proof, order))
    sequence = [proof.prints[line] for line in order if proof.prints[line] != UNKNOWN]
    follows = {a: b for a, b in pairwise(sequence) if a != b}
    present = sorted(set(sequence))
    breaks = pairs = 0
    for a, b in pairwise(present):
        one, two = prints[a], prints[b]
        if one.article == two.article != FURNITURE and (one.kind == "caption") == (two.kind == "caption"):
            pairs += 1
            breaks += follows.get(a) != b
    return ReadingScore(pages=1, edits=distance(truth, text), characters=len(truth), breaks=breaks, pairs=pairs)


def score_articles(articles: Ints, labels: Ints, sizes: Ints) -> ReadingScore:
    """Score which lines were put into one article.

    Parameters
    ----------
    articles, labels
        True and found article of each line, (n,); lines that are of no article do not count.
    sizes
        Characters of each line, (n,).
    """
    real = articles != FURNITURE
    articles, labels, sizes = articles[real], labels[real], sizes[real]
    both = Counter(zip(articles.tolist(), labels.tolist(), strict=True))
    of_true, of_found = Counter(articles.tolist()), Counter(labels.tolist())
    total = int(sizes.sum())
    right = {a for (a, b), count in both.items() if count == of_true[a] == of_found[b]}
    return ReadingScore(
        exact=int(sizes[np.isin(articles, list(right))].sum()),
        claimed=total,
        true=total,
        precision_sum=sum(count * count / of_found[b] for (_, b), count in both.items()),
        recall_sum=sum(count * count / of_true[a] for (a, _), count in both.items()),
        lines=len(articles),
    )
