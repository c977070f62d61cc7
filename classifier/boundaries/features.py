"""What the boundary model sees: for every gap of a page a row of feature ids.

A gap is the place before paragraph ``i``. Everything about it is a category: measurements are binned, cues are flags,
characters near the ends of a line are hashed n-grams over a reduced alphabet. So a gap is a row of ``GAP_WIDTH``
integers, a linear model is one vector of weights, and a logit is ``weights[ids].sum()``.

Here what :mod:`~classifier.boundaries.measures`, :mod:`~classifier.boundaries.blocks` and
:mod:`~classifier.boundaries.grams` know of a gap becomes ids: first those of the measurements, then of n-grams of block
types, crosses, headline groups, products, and n-grams.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.bins import fold
from classifier.boundaries.blocks import GROUP_SIZES, N_TYPES, Blocks, block_types, headline_groups, join_blocks
from classifier.boundaries.cohesion import VECTOR_BITS, Spans, Words, word_lines
from classifier.boundaries.grams import GRAM_BITS, GRAMS, grams_of, line_grams
from classifier.boundaries.habits import looks_of_gaps
from classifier.boundaries.lines import Lines, measure_lines, usual_blank
from classifier.boundaries.measures import BINNING, MEASURES, N_MEASURES, PageLines, measure_gaps
from classifier.document import Paragraphs
from classifier.table import Table
from classifier.text.tokens import CLOSE, COMMA, HAN, Tokens, buckets

Ids = NDArray[np.int32]
Ints = NDArray[np.int64]
Narrow = NDArray[np.int16]

BINS = max(len(edges) for edges in MEASURES.values()) + 1
"""Ids that each measurement has, whether it has so many bins or fewer."""

TYPE_GRAMS = ((-1, 0), (-1, 0, 1), (0, 1, 2), (-2, -1, 0), (0, 1), (-2, -1))
"""The block n-grams: places, relative to the gap, of the blocks that make each (-1 is the block before the gap)."""

TYPE_GRAM_IDS = N_TYPES**3
"""Ids that each of the block n-grams has: the types of its blocks are digits to the base ``N_TYPES``."""

_PRODUCT_BITS = 13
"""log2 of the ids that each product has."""

PRODUCTS: tuple[tuple[str, ...], ...] = (
    ("block length", "similarity 400"),
    ("block length", "links across 350"),
    ("block length", "block like what follows - precedes"),
    ("block length", "previous block length"),
    ("block length", "next block length"),
    ("similarity 150", "similarity 1000"),
    ("similarity 60", "similarity 400"),
    ("similarity 400, rank", "links across 350, rank"),
    ("similarity 1000, rank", "links across 1000, rank"),
    ("type 0", "similarity 400"),
    ("type 0", "links across 350"),
    ("type 0", "type 1", "similarity 400, rank"),
    ("type -1", "type 0", "links across 350, rank"),
    ("type 0", "blank lines before - usual", "indent - usual"),
    ("type 0", "fill of previous line", "indent - usual"),
    ("type -1", "type 0", "fill of previous line"),
    ("type 0", "links forward - backward"),
    ("type 0", "type 1", "rare words across 1200"),
    ("rare words across 300", "rare words across 1200, rank"),
    ("block length", "rare words across 300"),
    ("group", "rare words across 1200, rank"),
    ("type 0", "block like what follows - precedes"),
    ("group", "similarity 400, rank"),
    ("group", "links across 350, rank"),
    ("group", "blank lines before - usual"),
    ("fill of previous line", "fill of line", "fill of next line"),
    ("lines in block", "fill of line", "previous punctuation share"),
    ("column width change", "fill of previous line", "indent - usual"),
)
"""Products of binned measurements and block types: what one of them means depends on the other.

``type N`` is the type of the block N places from the gap, ``group`` the headline group the gap would begin.
"""

_AROUND = (-2, -1, 0, 1, 2)
"""Blocks whose types the n-grams and products read, by their place from the gap."""
_OPERANDS = {name: row for row, name in enumerate((*MEASURES, *(f"type {place}" for place in _AROUND), "group"))}


def _factors(products: Iterable[tuple[str, ...]]) -> tuple[tuple[Ints, Ints], ...]:
    """Return, for products of two and of three, their numbers and the rows of their operands."""
    found = []
    for size in (2, 3):
        numbers = [number for number, names in enumerate(products) if len(names) == size]
        operands = [[_OPERANDS[name] for name in names] for names in products if len(names) == size]
        found.append((np.array(numbers, np.int64), np.array(operands, np.int64).reshape(-1, size).T))
    return tuple(found)


_FACTORS = _factors(PRODUCTS)

N_CROSSES, _CROSS_SIZE = 6, 512
"""Crosses of a few flags each, see :func:`_crosses`, and the ids that each of them has."""

N_GROUPS = len(GROUP_SIZES)
"""Ids of headline groups that a gap has."""

OFFSET_TYPES = N_MEASURES * BINS
OFFSET_CROSSES = OFFSET_TYPES + len(TYPE_GRAMS) * TYPE_GRAM_IDS
OFFSET_GROUPS = OFFSET_CROSSES + N_CROSSES * _CROSS_SIZE
OFFSET_PRODUCTS = OFFSET_GROUPS + sum(GROUP_SIZES)
OFFSET_GRAMS = OFFSET_PRODUCTS + len(PRODUCTS) * (1 << _PRODUCT_BITS)
GAP_FEATURES = OFFSET_GRAMS + 3 * (1 << GRAM_BITS)
"""Size of the weight vector of the gap model."""
GAP_WIDTH = N_MEASURES + len(TYPE_GRAMS) + N_CROSSES + N_GROUPS + len(PRODUCTS) + 3 * GRAMS
"""Feature ids a gap has."""

_ORDERED_GROUPS = 3
"""Headline groups whose codes have an order; the last is hashed."""

CATEGORIES: tuple[str, ...] = (
    *MEASURES,
    *(f"type of block {place:+}" for place in _AROUND),
    *(f"cross {number}" for number in range(N_CROSSES)),
    *(f"headline group {number}" for number in range(_ORDERED_GROUPS)),
)
"""Names of the rows of :attr:`Gaps.categories`."""
N_CATEGORIES = len(CATEGORIES)


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """What the features know of the language."""

    alphabet: NDArray[np.uint32]
    """The reduced alphabet of the n-grams, see :func:`~classifier.boundaries.grams.reduce_alphabet`, (65536,)."""
    idf: Table
    """Inverse document frequency of each word bucket, in nats, (2**VECTOR_BITS,)."""
    vectors: Table
    """Word vectors, already weighted by IDF, (2**VECTOR_BITS, dimensions)."""

    @classmethod
    def of(cls, alphabet: NDArray[np.uint32], idf: NDArray[np.floating], vectors: NDArray[np.floating]) -> Vocabulary:
        """Return the vocabulary that these arrays are."""
        return cls(alphabet, Table(idf), Table(vectors))


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """The gaps before paragraphs 1 … n-1 of a page: what the first pass scores and what the second looks at."""

    ids: Ids
    """Feature ids of the first pass, int32 (n - 1, ``GAP_WIDTH``)."""
    patterns: Ints
    """Codes of the ways the page can look at a gap, (n - 1, ``N_PATTERNS``): equal codes, equal look."""
    kinds: Ints
    """Types of the blocks before, after and next after the gap, (n - 1, 3)."""
    after: Ints
    """Line that follows the block beginning at the gap, (n - 1,)."""
    before: Ints
    """First line of the block that ends at the gap, (n - 1,)."""
    offsets: Ints
    """Characters of the page before each line, (n + 1,)."""
    spans: Spans
    """The word vectors of any run of lines."""
    running: Ints
    """Characters of running text (no headlines, bylines, captions …) before each line, (n + 1,)."""
    categories: Narrow
    """Bins of the measurements, types of the blocks around, crosses and headline groups: what the ids of the first pass
    are made of, as numbers that have an order; int16 (``N_CATEGORIES``, n - 1)."""

    @property
    def vectors(self) -> NDArray[np.float64]:
        """Sums of the word vectors of the lines before each line, (n + 1, dimensions)."""
        return self.spans.sums


def describe_gaps(tokens: Tokens, paragraphs: Paragraphs, vocabulary: Vocabulary) -> Gaps:
    """Describe the gaps before paragraphs 1 … n-1 of a page with at least two paragraphs."""
    return describe_pages(tokens, paragraphs, (0, len(paragraphs)), vocabulary)[0]


def describe_pages(tokens: Tokens, paragraphs: Paragraphs, bounds: Sequence[int], vocabulary: Vocabulary) -> list[Gaps]:
    """Describe the gaps of several pages that are set one after another, see :func:`describe_gaps`.

    ``bounds`` are the paragraphs before each page, and all, (n_pages + 1,). A page of less than two has no gaps and is
    left out of the result. What is measured line by line is measured for all at once, and so is what is made of the
    measures.
    """
    pages = [(low, high) for low, high in pairwise(bounds) if high - low > 1]
    if not pages:
        return []
    lines = measure_lines(tokens, paragraphs, bounds)
    grams = line_grams(lines, vocabulary.alphabet)
    line_of = word_lines(tokens, paragraphs)
    weight = vocabulary.idf.take(buckets(tokens.words, VECTOR_BITS))
    blocks = join_blocks(lines, bounds)
    kind, kind_before = block_types(lines, blocks, bounds)
    looks = []
    for low, high in pages:
        first, last = line_of.searchsorted([low, high]).tolist()
        words = Words(tokens.words[first:last], line_of[first:last] - low, weight[first:last])
        page = PageLines.of(
            paragraphs[low:high],
            lines.between(low, high),
            Blocks(blocks.after[low:high] - low, blocks.before[low:high] - low),
            kind[low:high],
            kind_before[low:high],
        )
        looks.append(_look(page, grams[:, low:high], words, Spans.of(words, high - low, vocabulary.vectors)))
    ids, categories = _encode(looks)
    edges = np.cumsum([0, *(high - low - 1 for low, high in pages)]).tolist()
    return [
        look.gaps(ids[:, low:high].T, categories[:, low:high])
        for look, (low, high) in zip(looks, pairwise(edges), strict=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What is known of the gaps of one page before it is made categories; rows by gaps."""

    page: PageLines
    spans: Spans
    measured: NDArray[np.float64]
    """Of :data:`~classifier.boundaries.measures.MEASURES`, (``N_MEASURES``, n - 1)."""
    around: Ints
    """Types of the blocks around, in the order of ``_AROUND``."""
    crosses: Ints
    groups: Ints
    grams: Ids
    """n-grams of the previous, this and the next line, (3 ``GRAMS``, n - 1)."""
    patterns: Ints

    def gaps(self, ids: Ids, categories: Narrow) -> Gaps:
        """Return the gaps with their ids."""
        page = self.page
        kinds, before, after = self.around[1:4].T, page.blocks.before[1:], page.blocks.after[1:]
        return Gaps(ids, self.patterns, kinds, after, before, page.total, self.spans, page.running, categories)


def _look(page: PageLines, grams: Ids, words: Words, spans: Spans) -> _Look:
    """Measure the gaps of a page, whose lines have these n-grams."""
    around = _types_around(page)
    return _Look(
        page,
        spans,
        measure_gaps(page, words, spans),
        around,
        np.stack(_crosses(page.lines, page.blocks, page.size)),
        np.stack(headline_groups(page.kind, page.kind_before, page.blocks, around)),
        np.concatenate([grams[:, :-1], grams[:, 1:], grams_of(grams, page.blocks.after[1:])]),
        looks_of_gaps(page.lines, around, grams),
    )


def _types_around(page: PageLines) -> Ints:
    """Return the types of the blocks around each gap, in the order of ``_AROUND``, (5, n - 1)."""
    n = len(page.paragraphs)
    before, after = page.blocks.before[1:], page.blocks.after[1:]
    # This block is [gap, after), the previous [before, gap), the next [after, after_next), ….
    after_next = np.append(page.blocks.after, n)[after]
    kind, kind_before = page.kind, page.kind_before
    return np.stack([kind_before[before] * (before > 0), kind_before[1:], kind[1:n], kind[after], kind[after_next]])


def _encode(looks: Sequence[_Look]) -> tuple[Ids, Narrow]:
    """Return the ids of all gaps of some pages, (``GAP_WIDTH``, n_gaps), and their categories."""

    def join(parts: Iterable[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(list(parts), axis=1)

    around, groups = join(look.around for look in looks), join(look.groups for look in looks)
    binned = BINNING.bins(join(look.measured for look in looks))
    # Filled row by row: a row lies together in memory, a column of the transposed does not.
    ids = np.empty((GAP_WIDTH, binned.shape[1]), dtype=np.int32)
    np.add(binned, np.arange(N_MEASURES)[:, None] * BINS, out=ids[:N_MEASURES], casting="unsafe")
    column = N_MEASURES
    for number, places in enumerate(TYPE_GRAMS):
        code = around[places[0] + 2]
        for place in places[1:]:
            code = code * N_TYPES + around[place + 2]
        ids[column] = code + (OFFSET_TYPES + number * TYPE_GRAM_IDS)
        column += 1
    crosses = join(look.crosses for look in looks)
    for codes, sizes, base in (
        (crosses, [_CROSS_SIZE] * N_CROSSES, OFFSET_CROSSES),
        (groups, GROUP_SIZES, OFFSET_GROUPS),
    ):
        bases = base + np.cumsum([0, *sizes[:-1]])
        np.add(codes, bases[:, None], out=ids[column : column + len(codes)], casting="unsafe")
        column += len(codes)
    _encode_products(np.concatenate([binned, around, groups[:1]]), ids[column : column + len(PRODUCTS)])
    _encode_grams([look.grams for look in looks], ids[column + len(PRODUCTS) :])
    categories = np.concatenate([binned, around, crosses, groups[:_ORDERED_GROUPS]], dtype=np.int16, casting="unsafe")
    return ids, categories


def _encode_products(operands: Ints, out: Ids) -> None:
    """Put the ids of :data:`PRODUCTS` into ``out``; the rows of ``operands`` are those of ``_OPERANDS``."""
    for numbers, factors in _FACTORS:
        code = operands[factors[0]]
        for rows in factors[1:]:
            code = code * 64 + operands[rows]
        out[numbers] = fold(code, _PRODUCT_BITS) + (OFFSET_PRODUCTS + (numbers << _PRODUCT_BITS))[:, None]


def _encode_grams(grams: Sequence[Ids], out: Ids) -> None:
    """Put the ids of the n-grams of pages, one after another, into ``out``; each of the three lines has its own."""
    bases = np.repeat(OFFSET_GRAMS + np.arange(3, dtype=np.int32) * (1 << GRAM_BITS), GRAMS).astype(np.int32)[:, None]
    at = 0
    for page in grams:
        width = page.shape[1]
        np.add(page, bases, out=out[:, at : at + width])
        at += width


_SMALL = (9, 24, 45)
"""Sizes of a block, in characters, from which crosses take it for a larger one."""

_BLANK_SHARES, _INDENT_SHARES = (1e-9, 0.06, 0.15, 0.3, 0.6), (1e-9, 0.1, 0.3, 0.6, 0.9)
"""Edges of the share of a page's gaps with a blank line more than usual, and of that of its indented lines."""


def _crosses(lines: Lines, blocks: Blocks, size: Ints) -> list[Ints]:
    """Return small products of flags that a sum of single flags cannot express."""
    n = len(lines.length)
    after = blocks.after[1:]
    stop_before = lines.stop[:-1].astype(np.int64)
    stop_block = lines.stop[after - 1].astype(np.int64)
    full_before = lines.full[:-1].astype(np.int64)
    wrapped = (lines.width[1:] > 0).astype(np.int64)
    usual = usual_blank(lines.blank)
    extra_blank = (lines.blank[1:] > usual).astype(np.int64)
    page_blank = np.int64(min(usual, 1))
    few_blank = np.minimum(lines.blank[1:], 3).astype(np.int64)
    indents = np.minimum(lines.indent[1:], 3).astype(np.int64)
    indents_next = np.append(indents[1:], 0)
    # How telling a blank line or an indent is depends on how many of the page's lines have one.
    blank_share = np.searchsorted(_BLANK_SHARES, float(extra_blank.mean()), side="right")
    indent_share = np.searchsorted(_INDENT_SHARES, float((lines.indent > 0).mean()), side="right")
    small, small_before, next_size = (
        np.searchsorted(_SMALL, some, side="right").astype(np.int64)
        for some in (size[1:n], size[blocks.before[1:]], size[after])
    )
    return [
        ((stop_before * 2 + stop_block) * 4 + small) * 4 + next_size,
        (((stop_before * 2 + full_before) * 2 + wrapped) * 2 + extra_blank) * 4 + small,
        ((extra_blank * 2 + page_blank) * 2 + stop_before) * 16 + small_before * 4 + small,
        _ending(lines) * 16 + lines.first[1:].astype(np.int64),
        (((np.int64(blank_share) * 4 + few_blank) * 2 + stop_before) * 4 + small),
        ((np.int64(indent_share) * 4 + indents) * 4 + indents_next) * 4 + small,
    ]


def _ending(lines: Lines) -> Ints:
    """Return how the line before each gap ends: with a full stop, a comma, a closing mark, a character, else."""
    last = lines.last[:-1]
    ends = [lines.stop[:-1], last == COMMA, last == CLOSE, last == HAN]
    return np.select(ends, [0, 1, 2, 3], 4).astype(np.int64)
