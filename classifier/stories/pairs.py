"""Pairs of parts, compared: whether the second could continue the first.

What their jump lines say, whether the first breaks off and the second begins in mid-sentence, whether a word spans the
cut, what words they share and whether either shares more with another part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.genres.tfidf import GENRE_BITS
from classifier.stories.parts import PartFeatures, read_part, repetitions, running_lines
from classifier.stories.runs import Collocations, share_runs
from classifier.story import Part, names_page, page_key
from classifier.text.tokens import Cutter, buckets, hash_ngrams, normalise_text

if TYPE_CHECKING:
    from classifier.model import Model

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Reals = NDArray[np.floating]
Columns = dict[str, NDArray[np.float32]]
Ints = NDArray[np.int64]

SAME = 0.8
"""Headlines that share so much of the IDF of their words are the same."""

MEET = 4.0
"""Added to the mutual information of characters across a cut: less than its negative is never."""

FEATURES = (
    "both marks agree",
    "mark on names this page",
    "mark on names another page",
    "mark from names that page",
    "mark from names another page",
    "neither has a mark",
    "neither has a mark, others have",
    "no full stop",
    "breaks off",
    "ends in a comma",
    "headless",
    "first line is no headline",
    "headline is a full line",
    "headline has a comma",
    "begins in mid-sentence",
    "breaks off, headless",
    "word across the cut",
    "quotation across the cut",
    "words alike",
    "words alike, less the best other after",
    "words alike, less the best other before",
    "rare words alike",
    "share of the second that the two alone have",
    "share of the first that the two alone have",
    "pairs of characters alike",
    "share of the second's pairs that the two alone have",
    "meaning alike",
    "meaning alike, less the best other after",
    "meaning alike, less the best other before",
    "meaning alike near the cut",
    "headline words in the second",
    "same headline, theirs alone",
    "genres alike",
    "on an earlier page",
    "pages between",
    "log length of the first",
    "log length of the second",
    "second begins with a credit",
    "second is a caption",
    "first is a caption",
    "first ends in a credit",
    "second ends in a credit",
    "opens as what goes on",
    "opens with a date",
    "opens with a quotation",
    "headline again",
    "headline again, breaks off",
    "characters across the cut",
    "characters across the cut, less the best other before",
    "opening's words in the first",
    "opening's words in the first, less the best other before",
    "close's words in the second",
    "close's words in the second, less the best other after",
    "words alike, headless",
    "meaning alike, headless",
    "rare words alike, headless",
    "words alike, less the part above",
    "the part above breaks off, headless",
    "the part below is headless",
    "runs alike",
    "runs alike, headless",
    "runs that the two alone have",
    "begins as inside a sentence",
    "begins as inside a sentence, no full stop",
    "characters that meet in the issue",
    "first is on the front page",
    "first has a headline",
    "second opens with a dateline",
    "first opens with a dateline",
    "second is a picture",
    "first is a picture",
    "first points to another page",
)
"""What describes a pair, in the order of the weights of :mod:`classifier.stories.stitch`."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The measurements of every pair of parts of an issue."""

    values: NDArray[np.float32]
    """(n, n, len(FEATURES)), which is 300 bytes a pair; entry [i, j] says how part j would continue part i."""
    allowed: Bools
    """(n, n): the parts stand on different pages, and each has a word."""


def describe_pairs(parts: Sequence[Part], model: Model) -> Pairs:
    """Measure every pair of the parts of one issue. Time and memory grow with the square of their number."""
    n = len(parts)
    values = np.zeros((n, n, len(FEATURES)), dtype=np.float32)
    put = {name: values[:, :, column] for column, name in enumerate(FEATURES)}
    pages = [page_key(part.page) for part in parts]
    keys = sorted(set(pages))
    place = np.array([keys.index(page) for page in pages], dtype=np.int64)
    running = [running_lines(part) for part in parts]
    repeated, again = repetitions(running, place)
    read = [
        read_part(part, model, lines=lines, repeated=count)
        for part, lines, count in zip(parts, running, repeated, strict=True)
    ]
    marked = [part.article.continued_on is not None or part.article.continued_from is not None for part in parts]
    worded = np.array([len(found.words) > 0 and not found.brief for found in read])
    worded |= np.array(marked) & np.array([len(found.words) > 0 for found in read])
    allowed = (place[:, None] != place[None, :]) & worded[:, None] & worded[None, :]
    _compare_marks(parts, read, put)
    _compare_words(read, put, allowed)
    _compare_pairs(read, put)
    _compare_edges(read, put, allowed, model)
    _compare_looks(read, put, again)
    open_ = _column(read, "headless") | _column(read, "full") | (np.array(repeated) > 0)
    _compare_neighbours(read, put, place, open_)
    _compare_runs(read, put, place, open_)
    _compare_places(read, put, place)
    _compare_cuts(read, put, allowed, model.cutter)
    return Pairs(values, allowed)


def _column(read: Sequence[PartFeatures], name: str) -> Bools:
    """Return one flag of all parts, (n,)."""
    return np.array([getattr(found, name) for found in read], dtype=bool)


_LOOKS_OF_FIRST = {
    "no full stop": "unstopped",
    "breaks off": "unfinished",
    "ends in a comma": "comma",
    "first is a caption": "caption",
    "first ends in a credit": "signed",
    "first opens with a dateline": "dateline",
    "first is a picture": "picture",
    "first points to another page": "points",
}
_LOOKS_OF_SECOND = {
    "first line is no headline": "plain",
    "headline is a full line": "full",
    "headline has a comma": "sentence",
    "headless": "headless",
    "begins in mid-sentence": "inside",
    "second begins with a credit": "credit",
    "second is a caption": "caption",
    "second ends in a credit": "signed",
    "opens as what goes on": "onward",
    "opens with a date": "dated",
    "opens with a quotation": "quoted",
    "second opens with a dateline": "dateline",
    "second is a picture": "picture",
}
"""Features that are a flag of one of the two parts."""


def _compare_looks(read: Sequence[PartFeatures], put: Columns, again: Bools) -> None:
    """Say what each part looks like; ``again``: the headline of the second stands in the first."""
    for name, flag in _LOOKS_OF_FIRST.items():
        put[name][:] = _column(read, flag)[:, None]
    for name, flag in _LOOKS_OF_SECOND.items():
        put[name][:] = _column(read, flag)[None, :]
    unfinished = _column(read, "unfinished")
    put["breaks off, headless"][:] = unfinished[:, None] & _column(read, "headless")[None, :]
    put["headline again"][:] = again
    put["headline again, breaks off"][:] = again & unfinished[:, None]


def _compare_neighbours(read: Sequence[PartFeatures], put: Columns, place: Ints, open_: Bools) -> None:
    """Compare with the parts above and below; ``open_`` are those that may have no headline of their own."""
    unfinished = _column(read, "unfinished")
    for name in ("words alike", "meaning alike", "rare words alike"):
        put[f"{name}, headless"][:] = put[name] * open_[None, :]
    above = np.flatnonzero(place[1:] == place[:-1])  # parts with another one below them
    put["words alike, less the part above"][:] = put["words alike"]
    for i in above:
        put["words alike, less the part above"][:, i + 1] -= put["words alike"][i, i + 1]
        put["the part above breaks off, headless"][:, i + 1] = unfinished[i] & open_[i + 1]
        put["the part below is headless"][i] = open_[i + 1]


def _compare_runs(read: Sequence[PartFeatures], put: Columns, place: Ints, open_: Bools) -> None:
    """Compare the runs of characters; ``open_`` are the parts that may have no headline of their own."""
    alike, alone = share_runs([found.whole for found in read])
    put["runs alike"][:] = alike
    put["runs alike, headless"][:] = alike * open_[None, :]
    put["runs that the two alone have"][:] = alone
    unstopped = _column(read, "unstopped")
    collocations = Collocations([found.body for found in read])
    inside = np.array([collocations.inside(found.body) for found in read])
    put["begins as inside a sentence"][:] = inside[None, :]
    put["begins as inside a sentence, no full stop"][:] = inside[None, :] * unstopped[:, None]
    meet: dict[tuple[str, str], float] = {}  # few characters begin and end all parts
    for i in np.flatnonzero(unstopped).tolist():
        for j in np.flatnonzero(place != place[i]).tolist():
            if read[j].body:
                edge = normalise_text(read[i].tail)[-1], read[j].body[0]
                if edge not in meet:
                    meet[edge] = collocations.meet(*edge)
                put["characters that meet in the issue"][i, j] = meet[edge]
    put["first is on the front page"][:] = (place == 0)[:, None]
    put["first has a headline"][:] = ~open_[:, None]


def _compare_places(read: Sequence[PartFeatures], put: Columns, place: Ints) -> None:
    """Compare where the parts stand and how long they are."""
    put["on an earlier page"][:] = place[None, :] < place[:, None]
    put["pages between"][:] = np.minimum(np.abs(place[None, :] - place[:, None]), 8) / 8
    size = np.log([max(found.size, 1) for found in read])
    put["log length of the first"][:] = size[:, None]
    put["log length of the second"][:] = size[None, :]


def _compare_cuts(read: Sequence[PartFeatures], put: Columns, allowed: Bools, cutter: Cutter) -> None:
    """Tell whether a word or a quotation reaches across the cut, where there can be one."""
    open_ = _column(read, "headless") | _column(read, "full")
    for i in np.flatnonzero(_column(read, "unstopped")).tolist():
        for j in np.flatnonzero(open_ & allowed[i]).tolist():
            one, other = read[i], read[j]
            put["word across the cut"][i, j] = word_across(one.tail, other.head, cutter)
            put["quotation across the cut"][i, j] = bool(other.closed) and one.opened.endswith(other.closed)


def _compare_marks(parts: Sequence[Part], read: Sequence[PartFeatures], put: Columns) -> None:
    """Compare what the jump lines say with where the other part stands."""
    n = len(parts)
    on, back = np.full((n, n), -1), np.full((n, n), -1)  # -1: no jump line; else whether it names the other's page
    for i, part in enumerate(parts):
        if part.article.continued_on is not None:
            on[i] = [names_page(part.article.continued_on, found.page) for found in read]
        if part.article.continued_from is not None:
            back[:, i] = [names_page(part.article.continued_from, found.page) for found in read]
    put["both marks agree"][:] = (on == 1) & (back == 1)
    put["mark on names this page"][:] = on == 1
    put["mark on names another page"][:] = on == 0
    put["mark from names that page"][:] = back == 1
    put["mark from names another page"][:] = back == 0
    neither = (on == -1) & (back == -1)
    put["neither has a mark"][:] = neither
    put["neither has a mark, others have"][:] = neither * min(int((~neither).any(axis=0).sum()) / 3, 1)


def _compare_words(read: Sequence[PartFeatures], put: Columns, allowed: Bools) -> None:
    """Compare what the parts are about."""
    n = len(read)
    vocabulary = np.unique(np.concatenate([words for found in read for words in (found.words, found.title[0])]))
    whole = _Sparse.of([(found.words, found.weights) for found in read], vocabulary)
    rare = _Sparse.of([(found.words, found.rare) for found in read], vocabulary)
    named = _Sparse.of([found.title for found in read], vocabulary)
    mass = named.times(np.ones(len(vocabulary)), n)
    same = np.zeros((n, n), dtype=bool)
    for j in range(n):
        put["words alike"][:, j] = whole.times(whole.dense(j, len(vocabulary)), n)
        put["rare words alike"][:, j] = rare.times(rare.dense(j, len(vocabulary)), n)
        there = whole.dense(j, len(vocabulary)) > 0
        put["headline words in the second"][:, j] = named.times(there, n) / np.maximum(mass, 1e-9)
        also = named.dense(j, len(vocabulary)) > 0
        same[:, j] = named.times(also, n) / np.maximum(np.maximum(mass, mass[j]), 1e-9) > SAME
    # "Pictures", "In brief": a headline that many share is that of a column.
    alone = (mass > 0) & (same.sum(axis=0) <= 3)
    put["same headline, theirs alone"][:] = same & alone[:, None] & alone[None, :]
    names = sorted({name for found in read for name in found.genres})
    genres = np.sqrt([[found.genres.get(name, 0.0) for name in names] for found in read])
    put["genres alike"][:] = genres @ genres.T
    meaning, head, tail = (np.stack([found.meaning[place] for found in read]) for place in range(3))
    put["meaning alike"][:] = meaning @ meaning.T
    put["meaning alike near the cut"][:] = tail @ head.T
    share = whole.alone(vocabulary, n)
    put["share of the second that the two alone have"][:] = share.T
    put["share of the first that the two alone have"][:] = share
    rivals = np.array([found.headless or found.full for found in read])
    for name in ("words alike", "meaning alike"):
        after, before = _best_others(put[name], allowed, rivals)
        put[f"{name}, less the best other after"][:] = put[name] - after
        put[f"{name}, less the best other before"][:] = put[name] - before


def _compare_pairs(read: Sequence[PartFeatures], put: Columns) -> None:
    """Compare the pairs of characters: names that no dictionary has are cut one way here and another there."""
    n = len(read)
    vocabulary = np.unique(np.concatenate([found.pairs[0] for found in read]))
    pairs = _Sparse.of([found.pairs for found in read], vocabulary)
    for j in range(n):
        put["pairs of characters alike"][:, j] = pairs.times(pairs.dense(j, len(vocabulary)), n)
    put["share of the second's pairs that the two alone have"][:] = pairs.alone(vocabulary, n).T


def _compare_edges(read: Sequence[PartFeatures], put: Columns, allowed: Bools, model: Model) -> None:
    """Compare what stands at the cut: whether two characters often meet, and whether the words there come again."""
    n = len(read)
    first, last = (np.array([found.edge[side] for found in read], dtype=np.uint32) for side in (0, 1))
    idf = model.genre.idf.astype(np.float64)

    def rarity(codes: NDArray[np.uint32]) -> Floats:
        return idf[buckets(hash_ngrams(codes, codes.shape[-1])[..., 0], GENRE_BITS)]

    both = np.stack(np.broadcast_arrays(last[:, None], first[None, :]), axis=-1)
    # Pointwise mutual information by document frequencies; idf 0 is a pair the model has never kept.
    together = rarity(both)
    together = np.where(together > 0, together, idf.max())
    meet = rarity(last[:, None])[:, None] + rarity(first[:, None])[None, :] - together
    unstopped = np.array([found.unstopped for found in read])
    meet = np.clip(meet + MEET, 0.0, 8.0) / 4 * unstopped[:, None]
    put["characters across the cut"][:] = meet
    vocabulary = np.unique(
        np.concatenate([w for found in read for w in (found.words, found.opening[0], found.close[0])])
    )
    whole = _Sparse.of([(found.words, np.ones(len(found.words))) for found in read], vocabulary)
    opening = _Sparse.of([found.opening for found in read], vocabulary)
    close = _Sparse.of([found.close for found in read], vocabulary)
    for i in range(n):
        there = whole.dense(i, len(vocabulary))
        put["opening's words in the first"][i] = opening.times(there, n)
        put["close's words in the second"][:, i] = close.times(there, n)
    rivals = np.array([found.headless or found.full for found in read])
    different = ~np.eye(n, dtype=bool)
    for name in ("characters across the cut", "opening's words in the first"):
        put[f"{name}, less the best other before"][:] = put[name] - _best_others(put[name], allowed)[1]
    name = "close's words in the second"
    put[f"{name}, less the best other after"][:] = put[name] - _best_others(put[name], different, rivals)[0]


def word_across(before: str, after: str, cutter: Cutter) -> bool:
    """Tell whether a word of two characters or more reaches across the cut between two pieces of text."""
    joined = normalise_text(before + after)
    at = 0
    for word in cutter.cut(joined):
        if at < len(before) < at + len(word):
            return any(char.isalnum() for char in word)
        at += len(word)
    return False


@dataclass(frozen=True, slots=True, eq=False)
class _Sparse:
    """Sparse rows, one a part, that are multiplied by one dense column at a time: memory stays linear."""

    rows: Ints
    columns: Ints
    values: Floats
    pointers: Ints

    @classmethod
    def of(cls, rows: Sequence[tuple[NDArray[np.uint64], Floats]], vocabulary: NDArray[np.uint64]) -> _Sparse:
        """Return rows of (words, values)."""
        sizes = [len(words) for words, _ in rows]
        columns = np.searchsorted(vocabulary, np.concatenate([words for words, _ in rows]))
        values = np.concatenate([values for _, values in rows])
        return cls(np.repeat(np.arange(len(rows)), sizes), columns, values, np.concatenate([[0], np.cumsum(sizes)]))

    def dense(self, row: int, width: int) -> Floats:
        """Return one row with its zeros."""
        part = slice(self.pointers[row], self.pointers[row + 1])
        out = np.zeros(width)
        out[self.columns[part]] = self.values[part]
        return out

    def times(self, column: Floats | Bools, n: int) -> Floats:
        """Return the product of each row with a dense column, (n,)."""
        found: Floats = np.bincount(self.rows, self.values * column[self.columns], n).astype(np.float64)
        return found

    def alone(self, vocabulary: NDArray[np.uint64], n: int) -> Floats:
        """Return what share of row i lies on columns that only the rows i and j have, (n, n)."""
        order = np.argsort(self.columns, kind="stable")
        count = np.bincount(self.columns, minlength=len(vocabulary))[self.columns[order]]
        two = order[count == 2]
        one, other = two[0::2], two[1::2]
        out = np.zeros((n, n))
        np.add.at(out, (self.rows[one], self.rows[other]), self.values[one])
        np.add.at(out, (self.rows[other], self.rows[one]), self.values[other])
        mass = np.bincount(self.rows, self.values, n)
        return out / np.maximum(mass, 1e-9)[:, None]


def _best_others(alike: Reals, allowed: Bools, rivals: Bools | None = None) -> tuple[Reals, Reals]:
    """Return, for each pair, the greatest value of another pair with the same first part, and the same second part.

    Of other second parts only ``rivals`` count, if given.
    """
    lowest = alike.min(initial=0.0)
    everything = np.where(allowed, alike, lowest)
    out = []
    for axis in (1, 0):
        masked = everything if rivals is None or axis == 0 else np.where(rivals[None, :], everything, lowest)
        if masked.shape[axis] < 2:
            out.append(np.zeros_like(masked))
            continue
        two = np.sort(masked, axis=axis).take([-2, -1], axis=axis)
        second, first = two.take([0], axis=axis), two.take([1], axis=axis)
        out.append(np.where(everything >= first, second, first))
    return out[0], out[1]
