"""What the models see: for every gap of a page a row of feature ids, for every article a sparse TF-IDF row.

A gap is the place before paragraph ``i``. Everything about it is a category: measurements are binned, cues are flags,
characters near the ends of a line are hashed n-grams over a reduced alphabet. So a gap is a row of ``GAP_WIDTH``
integers, a linear model is one vector of weights, and a logit is ``weights[ids].sum()``.

Lines are first joined to *blocks*: the run of lines that a line would belong to if an article began at the gap. In
a page with one paragraph a line a block is a paragraph, in hard-wrapped text it is the re-joined paragraph or
headline, so one model serves both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.document import Paragraphs
from classifier.table import Table
from classifier.tokens import (
    BULLET,
    CLOSE,
    COLON,
    COMMA,
    DASH,
    DIGIT,
    HAN,
    LATIN,
    OPEN,
    SPACE,
    STOP,
    Tokens,
    buckets,
    classify_chars,
    codepoints,
    gram_codes,
    hash_ngrams,
    mix,
)

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

HEAD, TAIL = 12, 6
"""Characters read at the head and at the tail of a line for n-grams."""

CUE_HEAD, CUE_TAIL = 26, 10
"""Characters read at the head and at the tail of a line for cues."""

_DATELINE_HEAD = 17
"""Characters in which a dateline must show."""

GRAM_BITS = 15
"""log2 of the n-gram buckets of one position (previous, this or next line)."""

VECTOR_BITS = 15
"""log2 of the rows of the word-vector table."""

WINDOWS = (60, 150, 400, 1000)
"""Characters on either side of a gap over which word vectors are compared."""

REACH = (120, 350, 1000)
"""Longest distance, in characters, of a repeated word that still counts as a link across a gap."""

RARE_REACH = (300, 1200)
"""The same for rare words (names, mostly): those with an IDF over ``RARE``."""

RARE = 6.0

MAX_COLUMN = 46
"""A column wider than this many characters is taken for one paragraph a line, not for wrapped text."""

_CUE_BITS = 20
"""log2 of the buckets of the cue table: so many that hardly any other pair falls into one of a cue's."""

# Cue flags of a line, from two-character strings in its head or tail.
(
    C_JUMP_IN,
    C_JUMP_OUT,
    C_REPORTER,
    C_DATELINE,
    C_ATTRIBUTION,
    C_CAPTION,
    C_CREDIT,
    C_CONTACT,
    C_SOURCE,
    C_ROLE,
) = (1 << i for i in range(10))

_CUES: dict[int, str] = {
    C_JUMP_IN: "上接 紧接 接第 上按",
    C_JUMP_OUT: "下转 转第 下接 转A",
    C_REPORTER: "记者 通讯 特派 撰文 作者 编译 实习 特约 文/ 文｜ 文丨 □本 ■本 ◎本 文图 整理 采写 见习 文、 评论员",
    C_DATELINE: "日电 社电 报讯 日讯 讯（ 电（ 讯】 道】 网讯 本台 专电 电〓 讯〕 报导 日消",
    C_ATTRIBUTION: "本报 新华 据新 中新 时报 晚报 据中 据央 报道 日报 获悉 据《",
    C_CAPTION: "图为 摄） 供图 图片 摄影 资料 人摄 者摄 社发 社记 图） 图： 图/ 影报 摄。 发（ 图源 截图",
    C_CREDIT: (
        "责编 责任 编辑 校对 版式 美编 主编 组版 审读 值班 审核 终审 检校 视觉 监制 统筹 版面 图编 实编 制图 本版"
    ),
    C_CONTACT: "邮箱 电话 热线 网址 邮编 地址 传真 .c ww 印刷 定价 零售 广告 发行 微信 期号 星期 农历 日星",
    C_SOURCE: "来源 据《 摘自 （据 原标 选自 （原 作者 此前 延伸 相关",
    C_ROLE: (
        "教授 主任 单位 院长 委员 博士 研究 学院 书记 局长 党校 会长 供职 译） 医师 药师 医生 律师 法官 老师 教师 工程 "
        "农艺 专家 营养 评论 教练 馆长 校长 医院 大学"
    ),
}

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤施洪翟葛温庄柳岳倪俞樊章"
    "詹吉欧齐易乔伍庞颜鲁申常康牛关左尚焦殷祝骆安柯管卓成路翁童耿游聂窦甘巩季裴包屈司柴霍牟宁华艾党苗凌费景祁栾欧阳"
)

# Block types: the coarse shape of a block, the alphabet of the type n-grams.
TYPES = (
    "edge",
    "jump-in",
    "jump-out",
    "credit",
    "byline",
    "caption",
    "dash",
    "numbered",
    "marked",
    "tiny",
    "short",
    "medium",
    "short-sentence",
    "dateline",
    "attributed",
    "open-long",
    "quoted",
    "long",
    "source",
    "name",
    "signed",
    "contact",
    "bullet",
    "speaker",
)
T = {name: number for number, name in enumerate(TYPES)}
N_TYPES = len(TYPES)


def _edges(*values: float) -> Floats:
    return np.asarray(values, dtype=np.float32)


_LENGTHS = _edges(2, 4, 6, 8, 10, 12, 14, 17, 20, 24, 28, 34, 42, 60, 90, 130, 200, 320)
_RATIO = _edges(0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.88, 0.95, 1.02, 1.1, 1.3)
_COSINE = _edges(-0.1, 0.0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.36, 0.42, 0.5, 0.6, 0.7, 0.8)
_DIFFERENCE = _edges(-0.4, -0.28, -0.2, -0.13, -0.08, -0.04, 0.0, 0.04, 0.08, 0.13, 0.2, 0.28, 0.4)
_SCORE = _edges(-2.2, -1.7, -1.3, -1.0, -0.7, -0.4, -0.2, 0.0, 0.2, 0.5, 0.9, 1.4)
_SHARE = _edges(0.005, 0.02, 0.05, 0.08, 0.12, 0.17, 0.23, 0.3, 0.38, 0.48, 0.6, 0.75)
_COUNT = _edges(0.5, 1.5, 2.5, 3.5, 4.5, 6.5, 9.5, 14.5)
_FLAG = _edges(0.5)

MEASURES: dict[str, Floats] = {
    "line length": _LENGTHS,
    "previous line length": _LENGTHS,
    "next line length": _LENGTHS,
    "block length": _LENGTHS,
    "previous block length": _LENGTHS,
    "next block length": _LENGTHS,
    "block length / page": _RATIO,
    "previous block length / page": _RATIO,
    "fill of line": _RATIO,
    "fill of previous line": _RATIO,
    "fill of next line": _RATIO,
    "lines in block": _COUNT,
    "lines in previous block": _COUNT,
    "column width change": _edges(-3.5, -1.5, -0.5, 0.5, 1.5, 3.5),
    "blank lines before - usual": _edges(-0.5, 0.5, 1.5),
    "blank lines after block - usual": _edges(-0.5, 0.5, 1.5),
    "indent - usual": _edges(-1.5, -0.5, 0.5, 1.5),
    "previous indent - usual": _edges(-1.5, -0.5, 0.5, 1.5),
    "next indent - usual": _edges(-1.5, -0.5, 0.5, 1.5),
    "open brackets before": _edges(-0.5, 0.5, 1.5),
    "digits share": _SHARE,
    "punctuation share": _SHARE,
    "previous punctuation share": _SHARE,
    "spaces inside": _COUNT,
    "lines from page start": _COUNT,
    "running text before": _edges(1, 30, 100, 300),
    "running text after": _edges(1, 30, 100, 300),
    "lines to page end": _COUNT,
    "links forward": _SHARE,
    "links backward": _SHARE,
    "links forward - backward": _DIFFERENCE,
    "previous links forward - backward": _DIFFERENCE,
    **{f"links across {reach}": _SHARE for reach in REACH},
    **{f"links across {reach}, rank": _SCORE for reach in REACH},
    **{f"rare words across {reach}": _COUNT for reach in RARE_REACH},
    **{f"rare words across {reach}, rank": _SCORE for reach in RARE_REACH},
    **{f"similarity {window}": _COSINE for window in WINDOWS},
    **{f"similarity {window}, rank": _SCORE for window in WINDOWS},
    **{f"similarity {window}, dip": _DIFFERENCE for window in WINDOWS},
    "block like what follows": _COSINE,
    "block like what precedes": _COSINE,
    "block like what follows - precedes": _DIFFERENCE,
    "previous block like what follows - precedes": _DIFFERENCE,
}
"""Every binned measurement and the edges of its bins (bin 0 lies below the first edge)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Binning:
    """Bins the rows of a matrix, each by edges of its own; rows that share their edges are done in one go."""

    groups: tuple[tuple[NDArray[np.float64], Ints], ...]
    """Edges, and the rows they are for."""

    @classmethod
    def of(cls, measures: dict[str, Floats]) -> _Binning:
        """Return the binning of rows in the order of ``measures``."""
        rows: dict[bytes, list[int]] = {}
        for row, edges in enumerate(measures.values()):
            rows.setdefault(edges.tobytes(), []).append(row)
        return cls(tuple((np.frombuffer(e, np.float32).astype(np.float64), np.array(r)) for e, r in rows.items()))

    def bins(self, values: NDArray[np.float64]) -> Ints:
        """Return the bin of each value, of the same shape (rows, n); bin 0 lies below the first edge."""
        out = np.empty(values.shape, dtype=np.int64)
        for edges, where in self.groups:
            out[where] = edges.searchsorted(values[where], side="right")
        return out


_NAMES = tuple(MEASURES)
_BINNING = _Binning.of(MEASURES)
_BINS = max(len(edges) for edges in MEASURES.values()) + 1
N_MEASURES = len(_NAMES)

# Type n-grams: offsets, relative to the gap, of the blocks that make each n-gram (-1 is the block before the gap).
_TYPE_GRAMS = ((-1, 0), (-1, 0, 1), (0, 1, 2), (-2, -1, 0), (0, 1), (-2, -1))
_TYPE_SIZE = N_TYPES**3

_HEAD_GRAMS = HEAD + HEAD + (HEAD - 1)
_TAIL_GRAMS = TAIL + TAIL + (TAIL - 1)
GRAMS = _HEAD_GRAMS + _TAIL_GRAMS

# Headline groups: the run of blocks that are no running text, before and after the gap.
_BODY = ("short-sentence", "dateline", "attributed", "open-long", "quoted", "long", "bullet", "speaker")
_SIGNED = ("byline", "name", "caption")
_RUN = 4
"""Blocks of a run that are counted."""
_GROUP_SIZES = (
    (_RUN + 1) * 4 * N_TYPES * N_TYPES,
    (_RUN + 1) * 2 * N_TYPES * N_TYPES,
    (_RUN + 1) * 2 * (_RUN + 1) * 4 * N_TYPES,
    1 << 16,
)
_GROUPS = len(_GROUP_SIZES)

# Products of binned measurements and block types: what one of them means depends on the other. "type N" is the type
# of the block N places from the gap, "group" the headline group the gap would begin.
_PRODUCT_BITS = 13
_PRODUCTS: tuple[tuple[str, ...], ...] = (
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

_AROUND = (-2, -1, 0, 1, 2)
"""Blocks whose types the n-grams and products read, by their place from the gap."""
_OPERANDS = {name: row for row, name in enumerate((*_NAMES, *(f"type {place}" for place in _AROUND), "group"))}


def _factors(products: Iterable[tuple[str, ...]]) -> tuple[tuple[Ints, Ints], ...]:
    """Return, for products of two and of three, their numbers and the rows of their operands."""
    found = []
    for size in (2, 3):
        numbers = [number for number, names in enumerate(products) if len(names) == size]
        operands = [[_OPERANDS[name] for name in names] for names in products if len(names) == size]
        found.append((np.array(numbers, np.int64), np.array(operands, np.int64).reshape(-1, size).T))
    return tuple(found)


_FACTORS = _factors(_PRODUCTS)

# Crosses of a few flags, four values each: (stop before, stop after block, short, wrapped, blank, …).
_CROSSES = 6
_CROSS_SIZE = 512

OFFSET_TYPES = N_MEASURES * _BINS
OFFSET_CROSSES = OFFSET_TYPES + len(_TYPE_GRAMS) * _TYPE_SIZE
OFFSET_GROUPS = OFFSET_CROSSES + _CROSSES * _CROSS_SIZE
OFFSET_PRODUCTS = OFFSET_GROUPS + sum(_GROUP_SIZES)
OFFSET_GRAMS = OFFSET_PRODUCTS + len(_PRODUCTS) * (1 << _PRODUCT_BITS)
GAP_FEATURES = OFFSET_GRAMS + 3 * (1 << GRAM_BITS)
"""Size of the weight vector of the gap model."""
GAP_WIDTH = N_MEASURES + len(_TYPE_GRAMS) + _CROSSES + _GROUPS + len(_PRODUCTS) + 3 * GRAMS
"""Feature ids a gap has."""


@cache
def _surname_table() -> Bools:
    table = np.zeros(1 << 16, dtype=bool)
    table[codepoints(_SURNAMES)] = True
    return table


@cache
def _cue_table() -> NDArray[np.uint16]:
    table = np.zeros(1 << _CUE_BITS, dtype=np.uint16)
    for flag, words in _CUES.items():
        for word in words.split():
            from classifier.tokens import normalise_text

            pair = hash_ngrams(codepoints(normalise_text(word)), 2)
            table[buckets(pair, _CUE_BITS)] |= flag
    return table


_NUMERALS = "一二三四五六七八九十"


@cache
def _numeral_table() -> Bools:
    table = np.zeros(1 << 16, dtype=bool)
    table[codepoints(_NUMERALS)] = True
    return table


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Line-level arrays of one page, each of length n_paragraphs unless said otherwise."""

    length: Ints
    """Characters."""
    indent: Ints
    """White-space characters before the text of the line."""
    blank: Ints
    """Blank lines before."""
    width: Ints
    """Width of the column the line stands in, 0 where the text is not wrapped."""
    full: Bools
    """The line reaches the end of its column."""
    stop: Bools
    """The line ends a sentence."""
    head: NDArray[np.uint32]
    """Normalised codes of the first ``HEAD`` characters, (n, HEAD), 0 where the line is shorter."""
    tail: NDArray[np.uint32]
    """The last ``TAIL`` characters, (n, TAIL), padded on the left."""
    head_cues: NDArray[np.uint16]
    tail_cues: NDArray[np.uint16]
    first: NDArray[np.uint8]
    """Class of the first character."""
    last: NDArray[np.uint8]
    """Class of the last character."""
    counts: NDArray[np.int64]
    """Characters of each class, (n, 13)."""
    numbered: Bools
    """The line begins like 一、 （一） 1. 01."""
    name: Bools
    """The line is one person's name, or several, and nothing else."""
    signed: Bools
    """The line ends in a space and what may be a name: 市中医院主任医师 桑松."""
    spaced: Bools
    """The line has a space inside."""
    spoken: Bools
    """The line begins like 记者：, 问：, someone's name and a colon."""

    def between(self, low: int, high: int) -> Lines:
        """Return the lines ``[low, high)``."""
        return Lines(*(getattr(self, name)[low:high] for name in self.__slots__))


def _columns(length: Ints, bounds: Sequence[int]) -> Ints:
    """Return the width of the column each line stands in: the largest width that three lines near it share."""
    near = 5
    pages = range(len(bounds) - 1)
    # Between pages stand as many lines without a character as one looks to either side.
    place = np.arange(len(length)) + np.repeat(np.arange(1, len(bounds)) * near, np.diff(bounds))
    padded = np.zeros(len(length) + len(bounds) * near, dtype=np.int64)
    padded[place] = length
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * near + 1)[place - near]  # (n, 11)
    around.sort(axis=1)
    # Sorted in ascending order, a width shared by three lines is one where the third largest is within a character.
    shared = (around[:, 2:] - around[:, :-2] <= 1) & (around[:, :-2] > 5) & (around[:, 2:] <= MAX_COLUMN)
    rows = np.arange(len(length))
    widest = shared.shape[1] - 1 - np.argmax(shared[:, ::-1], axis=1)
    width = np.where(shared[rows, widest], around[rows, widest + 2], 0)
    for number in pages:
        if bounds[number + 1] - bounds[number] < 4:
            width[bounds[number] : bounds[number + 1]] = 0
    # A line much longer than that column says the text is not wrapped there.
    return np.where(length > width + 3, 0, width)


def measure_lines(tokens: Tokens, paragraphs: Paragraphs, bounds: Sequence[int] | None = None) -> Lines:
    """Measure every line of a page once, or of several one after another: page i is ``[bounds[i], bounds[i + 1])``."""
    bounds = [0, len(paragraphs)] if bounds is None else bounds
    codes, classes = tokens.codes, tokens.classes
    starts, ends, lines = paragraphs.starts, paragraphs.ends, paragraphs.lines
    n = len(starts)
    length = ends - starts
    column = np.arange(CUE_HEAD)
    head = codes.take(starts[:, None] + column, mode="clip")
    head[column >= length[:, None]] = 0
    column = np.arange(-CUE_TAIL, 0)
    tail = codes.take(ends[:, None] + column, mode="clip")
    tail[-column > length[:, None]] = 0
    head_kind, tail_kind = classify_chars(head[:, :7]), classify_chars(tail[:, -4:])
    table = _cue_table()
    found_cues = table[buckets(mix(gram_codes(head.T.astype(np.uint64), 2)), _CUE_BITS)]
    # A dateline stands at the very start; further on the same words are prose.
    found_cues[_DATELINE_HEAD:] &= ~np.uint16(C_DATELINE)
    head_cues = np.bitwise_or.reduce(found_cues, axis=0)
    tail_cues = np.bitwise_or.reduce(table[buckets(mix(gram_codes(tail.T.astype(np.uint64), 2)), _CUE_BITS)], axis=0)
    counts = _count_classes(classes, starts, ends)
    last = tail_kind[:, -1]
    # A closing quotation mark or bracket after a full stop still ends a sentence.
    stop = (last == STOP) | ((last == CLOSE) & (tail_kind[:, -2] == STOP))
    first, second, third = head_kind[:, 0], head_kind[:, 1], head_kind[:, 2]
    numeral = _numeral_table().take(head[:, :2], mode="clip")
    comma_like = (second == COMMA) | (head[:, 1] == ord("."))
    numbered = (
        (numeral[:, 0] & (second == COMMA))
        | ((first == OPEN) & numeral[:, 1] & (third == CLOSE))
        | ((first == DIGIT) & (comma_like | (head[:, 1] == ord(" "))))
        | ((first == DIGIT) & (second == DIGIT) & ((third == HAN) & (head[:, 2] != ord("年")) & (length < 20)))
    )
    name = (
        (counts[:, HAN] + counts[:, SPACE] == length)
        & (counts[:, HAN] <= 12)
        & (length >= 2)
        & (length <= 18)
        & _surname_table()[np.minimum(head[:, 0], 0xFFFF)]
        & ((counts[:, HAN] <= 3) | (counts[:, SPACE] * 4 + 3 >= counts[:, HAN]))
    )
    tail_space = tail_kind[:, -4:-2] == SPACE
    tail_name = _surname_table()[np.minimum(tail[:, -3:-1], 0xFFFF)]
    signed = (
        (last == HAN)
        & (tail_kind[:, -2] == HAN)
        & ((tail_space[:, 0] & tail_name[:, 0] & (tail_kind[:, -3] == HAN)) | (tail_space[:, 1] & tail_name[:, 1]))
    )
    spaced = counts[:, SPACE] > 0
    spoken = (head_kind[:, 1:7] == COLON).any(axis=1) & (first == HAN)
    width = _columns(length, bounds)
    line_end_before = np.empty(n, dtype=np.int64)
    line_end_before[0] = 0
    line_end_before[1:] = ends[:-1]
    indent = np.minimum(_leading_space(classes, starts, line_end_before), 8)
    blank = np.zeros(n, dtype=np.int64)
    blank[1:] = np.minimum(np.diff(lines) - 1, 9)
    blank[[bound for bound in bounds if bound < n]] = 0
    full = (width > 0) & (length + np.minimum(indent, 2) >= width - 1)
    return Lines(
        length,
        indent,
        blank,
        width,
        full,
        stop,
        head[:, :HEAD],
        tail[:, -TAIL:],
        head_cues,
        tail_cues,
        first,
        last,
        counts,
        numbered,
        name,
        signed,
        spaced,
        spoken,
    )


def _count_classes(classes: NDArray[np.uint8], starts: Ints, ends: Ints) -> Ints:
    """Return how many characters of each class each line has, (n, 13)."""
    n = len(starts)
    # Lines and what stands between them take turns, so that one count serves all.
    edges = np.empty(2 * n + 2, dtype=np.int64)
    edges[0], edges[1:-1:2], edges[2:-1:2], edges[-1] = 0, starts, ends, len(classes)
    place = np.repeat(np.arange(0, 13 * (2 * n + 1), 13), np.diff(edges))
    found = np.bincount(place + classes, minlength=13 * (2 * n + 1))
    return found.reshape(-1, 13)[1::2]


def _leading_space(classes: NDArray[np.uint8], starts: Ints, floor: Ints) -> Ints:
    """Count the white-space characters just before each start, at most four, not going below ``floor``."""
    found = np.zeros(len(starts), dtype=np.int64)
    going = np.ones(len(starts), dtype=bool)
    for step in range(1, 5):
        at = starts - step
        going &= at >= floor
        going &= classes[np.maximum(at, 0)] == SPACE
        found += going
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """For every gap ``i`` the block that would begin there and the block that would end there.

    All of length n_paragraphs; index ``i`` stands for the gap before line ``i``. ``after[i]`` is the line that follows
    the block beginning at ``i``, ``before[i]`` the first line of the block ending at line ``i - 1``.
    """

    after: Ints
    before: Ints


def join_blocks(lines: Lines, bounds: Sequence[int] | None = None) -> Blocks:
    """Join wrapped lines to blocks: a line goes on from a full one unless blank lines or an indent part them.

    ``bounds`` is that of :func:`measure_lines`; ``before`` of the first line of a page is that line.
    """
    n = len(lines.length)
    bounds = [0, n] if bounds is None else bounds
    joined = np.zeros(n + 1, dtype=bool)
    joined[1:n] = lines.full[:-1] & (np.abs(lines.width[1:] - lines.width[:-1]) <= 1)
    for low, high in pairwise(bounds):
        if low < high:
            page = slice(low, high)
            joined[page] &= lines.blank[page] <= _usual_blank(lines.blank[page])
            joined[page] &= lines.indent[page] <= lines.indent[page].min()
            joined[low] = False
    index = np.arange(n + 1)
    breaks = np.where(joined, n, index)
    after = np.minimum.accumulate(breaks[::-1])[::-1][1:]
    first = np.maximum.accumulate(np.where(joined, 0, index))
    before = np.zeros(n, dtype=np.int64)
    before[1:] = first[: n - 1]
    starts = [bound for bound in bounds if bound < n]
    before[starts] = starts
    return Blocks(after, before)


def _usual_blank(blank: Ints) -> int:
    """Return the number of blank lines that usually stands between two lines of a page."""
    if len(blank) < 2:
        return 0
    return int(np.bincount(blank[1:]).argmax())


def _type_blocks(lines: Lines, first: Ints, last: Ints, size: Ints) -> NDArray[np.int64]:
    """Return the type of the blocks ``[first, last]`` of ``size`` characters."""
    head, tail = lines.head_cues[first], lines.tail_cues[last]
    cues = head | tail
    stop = lines.stop[last]
    begins, ends = lines.first[first], lines.last[last]
    short = size <= 42
    brief = size <= 26
    open_end = ~stop
    marked = (begins == BULLET) | ((begins == OPEN) & (lines.head[first, 0] == ord("【")))
    han = lines.counts[:, HAN][first]
    conditions = [
        (cues & C_JUMP_IN > 0) & brief,
        (cues & C_JUMP_OUT > 0) & brief,
        ((cues & C_CREDIT > 0) & short & open_end) | ((han == 0) & (size < 30)),
        (cues & C_CONTACT > 0) & short & open_end,
        (cues & C_CAPTION > 0) & (size <= 90) & (open_end | (tail & C_CAPTION > 0)),
        (cues & C_REPORTER > 0) & short & open_end,
        lines.name[first] & (first == last),
        lines.signed[last] & (size <= 30) & ((cues & C_ROLE > 0) | lines.spaced[first]) & open_end,
        (cues & (C_SOURCE | C_ROLE) > 0) & short & (begins == OPEN),
        (begins == OPEN) & (ends == CLOSE) & brief,
        (begins == DASH) & short,
        lines.numbered[first] & brief & open_end,
        marked & short & open_end,
        lines.spoken[first] & stop,
        marked & stop,
        (head & C_DATELINE > 0) & (size > 20),
        (head & C_ATTRIBUTION > 0) & (size > 42) & stop,
        open_end & (size <= 6),
        open_end & (size <= 22),
        open_end & (size <= 44),
        stop & short,
        open_end & (ends != COLON),
        begins == OPEN,
    ]
    conditions.append(np.ones(len(size), dtype=bool))
    kinds: Ints = _CONDITION_TYPES[np.argmax(np.stack(conditions), axis=0)]
    return kinds


def _block_types(lines: Lines, blocks: Blocks, bounds: Sequence[int]) -> tuple[Ints, Ints]:
    """Return the types of the blocks that begin at each line and of those that end before it.

    ``bounds`` is that of :func:`measure_lines`. Before the first line of a page is its edge.
    """
    n = len(lines.length)
    line = np.arange(n)
    total = np.concatenate([[0], np.cumsum(lines.length)])
    first, last = np.concatenate([line, blocks.before]), np.concatenate([blocks.after, np.maximum(line, 1)]) - 1
    last[n:] = np.maximum(last[n:], blocks.before)
    kinds = _type_blocks(lines, first, last, total[last + 1] - total[first])
    kinds[n:][[bound for bound in bounds if bound < n]] = T["edge"]
    return kinds[:n], kinds[n:]


_CONDITION_TYPES = np.array(
    [
        T[kind]
        for kind in (
            "jump-in jump-out credit contact caption byline name byline source signed dash numbered marked speaker "
            "bullet dateline attributed tiny short medium short-sentence open-long quoted long"
        ).split()
    ],
    dtype=np.int64,
)
"""The types, in the order of the conditions of :func:`_type_blocks`; the first that holds counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """How words repeat over a page: lexical chains (Hearst 1997; Stokes et al. 2004) as difference arrays."""

    across: Floats
    """(n, len(REACH)) IDF mass of words linked across the gap, divided by the mass near it."""
    forward: Floats
    """Share of a line's IDF mass that comes again within 400 characters after the line."""
    backward: Floats
    rare: Floats
    """(n, len(RARE_REACH)) how many repetitions of rare words reach across the gap."""


def _word_lines(tokens: Tokens, paragraphs: Paragraphs) -> Ints:
    return np.searchsorted(paragraphs.starts, tokens.starts, side="right") - 1


def _stable_order(hashes: NDArray[np.uint64]) -> Ints:
    """Return an order in which equal hashes lie together, in the order they have.

    What a stable sort does, in a third of its time: numbers take the place of the lowest bits, which no two of the
    hashes of a text differ in alone.
    """
    low = np.uint64((1 << len(hashes).bit_length()) - 1)
    keys = (hashes & ~low) | np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    keys &= low
    return keys.view(np.int64)


def _link_words(paragraphs: Paragraphs, words: _Words) -> Links:
    """Count the repetitions that reach across each gap."""
    line_of, idf = words.line_of, words.idf
    n = len(paragraphs)
    n_words = len(line_of)
    across = np.zeros((n, len(REACH)), dtype=np.float32)
    forward = np.zeros(n, dtype=np.float32)
    backward = np.zeros(n, dtype=np.float32)
    rare = np.zeros((n, len(RARE_REACH)), dtype=np.float32)
    if n_words < 2:
        return Links(across, forward, backward, rare)
    order = _stable_order(words.hashes)
    ordered = words.hashes.take(order)
    same = ordered[1:] == ordered[:-1]
    left, right = order[:-1][same], order[1:][same]
    apart = line_of[right] > line_of[left]
    left, right = left[apart], right[apart]
    line_left, line_right = line_of[left], line_of[right]
    distance = paragraphs.starts[line_right] - paragraphs.ends[line_left]
    weight = idf[left].astype(np.float64)
    mass = np.bincount(line_of, weights=idf, minlength=n)
    total = np.concatenate([[0.0], np.cumsum(mass)])
    starts = paragraphs.starts
    for column, reach in enumerate(REACH):
        near = distance <= reach
        change = np.bincount(line_left[near] + 1, weights=weight[near], minlength=n + 1)[: n + 1]
        change = change - np.bincount(line_right[near] + 1, weights=weight[near], minlength=n + 1)[: n + 1]
        low = np.searchsorted(starts, starts - reach)
        high = np.searchsorted(starts, starts + reach)
        index = np.arange(n)
        around = np.minimum(total[index] - total[low], total[high] - total[index])
        across[:, column] = np.cumsum(change)[:n] / np.maximum(around, 4.0)
    names = weight > RARE
    for column, reach in enumerate(RARE_REACH):
        near = names & (distance <= reach)
        change = np.bincount(line_left[near] + 1, minlength=n + 1)[: n + 1]
        change = change - np.bincount(line_right[near] + 1, minlength=n + 1)[: n + 1]
        rare[:, column] = np.cumsum(change)[:n]
    near = distance <= 400
    own = np.maximum(mass, 1.0)
    forward = (np.bincount(line_left[near], weights=weight[near], minlength=n) / own).astype(np.float32)
    backward = (np.bincount(line_right[near], weights=weight[near], minlength=n) / own).astype(np.float32)
    return Links(across, forward, backward, rare)


def line_vectors(words: NDArray[np.uint64], line_of: Ints, n: int, vectors: Table) -> Floats:
    """Return the sum of the vectors of the words of each line, (n, dimensions). ``words`` are hashes."""
    out = np.zeros((n, vectors.width), dtype=np.float32)
    if len(line_of) == 0:
        return out
    rows = vectors.take(buckets(words, VECTOR_BITS), np.empty((len(words), vectors.width), dtype=np.float32))
    begins = np.flatnonzero(np.diff(line_of, prepend=-1))
    out[line_of[begins]] = np.add.reduceat(rows, begins, axis=0)
    return out


_ONE_THREAD = 4096
"""Products of 64 numbers up to which OpenBLAS keeps to one thread: to wake others for less costs more than it saves."""

GRAM_LIMIT = 260
"""Lines up to which the products of all sums with all are worth computing: for more they are too many."""


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """The word vectors of the lines of a page, summed, so that any run of lines can be compared with any other."""

    sums: NDArray[np.float64]
    """Sums over the lines before each line, (n + 1, dimensions)."""
    products: NDArray[np.float64] | None
    """``sums @ sums.T`` on a page of few lines, else ``None``: with it a comparison costs ten look-ups."""

    @classmethod
    def of(cls, sums: NDArray[np.float64]) -> Spans:
        """Return the spans of a page."""
        n = len(sums)
        if n > GRAM_LIMIT:
            return cls(sums, None)
        products = np.empty((n, n))
        step = max(1, _ONE_THREAD // n)
        for begin in range(0, n, step):
            np.matmul(sums[begin : begin + step], sums.T, out=products[begin : begin + step])
        return cls(sums, products)

    def cosines(self, first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> Floats:
        """Return the cosine of each pair of runs ``[first[0], first[1])`` and ``[second[0], second[1])``, any shape.

        0.3 (neither like nor unlike) where a run is empty.
        """
        (a, b), (c, d) = first, second
        if self.products is None:
            width = self.sums.shape[1]
            left = (self.sums.take(b, axis=0) - self.sums.take(a, axis=0)).astype(np.float32)
            right = (self.sums.take(d, axis=0) - self.sums.take(c, axis=0)).astype(np.float32)
            return _cosine(left.reshape(-1, width), right.reshape(-1, width)).reshape(np.shape(b))
        n = len(self.sums)
        flat = self.products.ravel()
        square = flat[:: n + 1]
        row_a, row_b = a * n, b * n
        dot = flat.take(row_b + d) - flat.take(row_b + c) - flat.take(row_a + d) + flat.take(row_a + c)
        one = square.take(b) - 2 * flat.take(row_b + a) + square.take(a)
        other = square.take(d) - 2 * flat.take(d * n + c) + square.take(c)
        norm = np.sqrt(np.maximum(one * other, 0.0))
        return np.where(norm > 1e-6, dot / np.maximum(norm, 1e-6), 0.3).astype(np.float32)


def _cosine(a: Floats, b: Floats) -> Floats:
    """Return the cosine of each pair of rows, 0.3 (neither like nor unlike) where one is empty."""
    dot = np.einsum("ij,ij->i", a, b)
    norm = np.sqrt(np.einsum("ij,ij->i", a, a) * np.einsum("ij,ij->i", b, b))
    return np.where(norm > 1e-6, dot / np.maximum(norm, 1e-6), 0.3).astype(np.float32)


def _rank(values: Floats) -> Floats:
    """Return how many standard deviations each value lies over the mean of its page, (rows, n)."""
    if values.shape[1] < 3:
        return np.zeros_like(values)
    mean = values.mean(axis=1, keepdims=True)
    apart = values - mean
    spread = np.sqrt((apart * apart).mean(axis=1, keepdims=True))
    ranked: Floats = apart / np.where(spread > 1e-6, spread, np.float32(1.0))
    return ranked


def _dip(values: Floats) -> Floats:
    """Return how far each value lies over the mean of its neighbours (negative: a valley, as in TextTiling)."""
    first, last = values[:, :1], values[:, -1:]
    padded = np.concatenate([first, first, values, last, last], axis=1)
    around = (padded[:, :-4] + padded[:, 1:-3] + padded[:, 3:-1] + padded[:, 4:]) / 4
    dips: Floats = values - around
    return dips


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

    @property
    def vectors(self) -> NDArray[np.float64]:
        """Sums of the word vectors of the lines before each line, (n + 1, dimensions)."""
        return self.spans.sums


def describe_gaps(
    tokens: Tokens,
    paragraphs: Paragraphs,
    alphabet: NDArray[np.uint32],
    idf: NDArray[np.floating] | Table,
    vectors: NDArray[np.floating] | Table,
) -> Gaps:
    """Describe the gaps before paragraphs 1 … n-1 of a page with at least two paragraphs.

    Parameters
    ----------
    alphabet
        uint32 (65536,): the reduced alphabet of the n-grams, see :func:`reduce_alphabet`.
    idf
        (2**VECTOR_BITS,) inverse document frequency of each word bucket, in nats.
    vectors
        (2**VECTOR_BITS, dimensions) word vectors, already weighted by IDF.
    """
    return describe_pages(tokens, paragraphs, (0, len(paragraphs)), alphabet, idf, vectors)[0]


def describe_pages(
    tokens: Tokens,
    paragraphs: Paragraphs,
    bounds: Sequence[int],
    alphabet: NDArray[np.uint32],
    idf: NDArray[np.floating] | Table,
    vectors: NDArray[np.floating] | Table,
) -> list[Gaps]:
    """Describe the gaps of several pages that are set one after another, see :func:`describe_gaps`.

    ``bounds`` are the paragraphs before each page, and all, (n_pages + 1,). A page of less than two has no gaps and is
    left out of the result. What is measured line by line is measured for all at once, and so is what is made of the
    measures.
    """
    pages = [(low, high) for low, high in pairwise(bounds) if high - low > 1]
    if not pages:
        return []
    vectors = vectors if isinstance(vectors, Table) else Table(vectors)
    idf = idf if isinstance(idf, Table) else Table(idf)
    lines = measure_lines(tokens, paragraphs, bounds)
    grams = _line_grams(lines, alphabet)
    line_of = _word_lines(tokens, paragraphs)
    weight = idf.take(buckets(tokens.words, VECTOR_BITS))
    blocks = join_blocks(lines, bounds)
    kind, kind_before = _block_types(lines, blocks, bounds)
    looks = []
    for low, high in pages:
        first, last = line_of.searchsorted([low, high]).tolist()
        words = _Words(tokens.words[first:last], line_of[first:last] - low, weight[first:last])
        page = _PageLines(
            paragraphs[low:high],
            lines.between(low, high),
            Blocks(blocks.after[low:high] - low, blocks.before[low:high] - low),
            np.append(kind[low:high], 0),
            kind_before[low:high],
            grams[:, low:high],
        )
        looks.append(_look(page, words, _spans(words, high - low, vectors)))
    ids = _encode(looks)
    edges = np.cumsum([0, *(high - low - 1 for low, high in pages)]).tolist()
    return [look.gaps(ids[:, low:high].T) for look, (low, high) in zip(looks, pairwise(edges), strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """The words of a page: hashes, the line each stands in, IDF; all of shape (n_words,)."""

    hashes: NDArray[np.uint64]
    line_of: Ints
    idf: Floats


def _spans(words: _Words, n: int, vectors: Table) -> Spans:
    """Return the word vectors of any run of the ``n`` lines of a page."""
    sums = np.zeros((n + 1, vectors.width), dtype=np.float64)
    np.cumsum(line_vectors(words.hashes, words.line_of, n, vectors), axis=0, out=sums[1:])
    return Spans.of(sums)


@dataclass(frozen=True, slots=True, eq=False)
class _PageLines:
    """The lines of one page."""

    paragraphs: Paragraphs
    lines: Lines
    blocks: Blocks
    kind: Ints
    """Types of the blocks that begin at each line, and of what follows the page, (n + 1,)."""
    kind_before: Ints
    """Types of the blocks that end before each line, (n,)."""
    grams: Ids


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What is known of the gaps of one page before it is made categories; rows by gaps."""

    measured: NDArray[np.float64]
    """Of :data:`MEASURES`, (``N_MEASURES``, n - 1)."""
    around: Ints
    """Types of the blocks around, in the order of ``_AROUND``."""
    crosses: Ints
    groups: Ints
    grams: Ids
    """n-grams of the previous, this and the next line, (3 ``GRAMS``, n - 1)."""
    patterns: Ints
    blocks: Blocks
    total: Ints
    spans: Spans
    running: Ints

    def gaps(self, ids: Ids) -> Gaps:
        """Return the gaps with their ids."""
        kinds, before, after = self.around[1:4].T, self.blocks.before[1:], self.blocks.after[1:]
        return Gaps(ids, self.patterns, kinds, after, before, self.total, self.spans, self.running)


def _look(page: _PageLines, words: _Words, spans: Spans) -> _Look:
    """Measure the gaps of a page."""
    paragraphs, lines, blocks, grams = page.paragraphs, page.lines, page.blocks, page.grams
    n = len(paragraphs)
    gap = np.arange(1, n)
    before, after = blocks.before[1:], blocks.after[1:]
    total = np.concatenate([[0], np.cumsum(lines.length)])

    # Blocks around each gap: this one [gap, after), the previous [before, gap), the next [after, after_next), ….
    size = total[blocks.after] - total[:n]
    kind, kind_before = page.kind, page.kind_before
    size = np.append(size, 0)
    following = np.append(blocks.after, n)
    next_first = after
    next_after = following[next_first]
    around = np.stack(
        [
            kind_before[before] * (before > 0),
            kind_before[1:],
            kind[1:n],
            kind[next_first],
            kind[next_after],
        ]
    )  # in the order of _AROUND
    running = np.concatenate([[0], np.cumsum(np.where(_type_sets()[0][kind[:n]], lines.length, 0))])
    measured = _measurements(paragraphs, lines, blocks, total, size, words)
    measured["running text before"] = running[gap]
    measured["running text after"] = running[n] - running[gap]
    measured.update(_similarities(paragraphs, spans, before, after))
    stacked = np.empty((N_MEASURES, n - 1))
    for number, name in enumerate(_NAMES):
        stacked[number] = measured[name]
    return _Look(
        stacked,
        around,
        np.stack(_crosses(lines, blocks, size)),
        np.stack(_groups(kind, kind_before, blocks, around)),
        np.concatenate([grams[:, :-1], grams[:, 1:], _next_rows(grams, next_first)]),
        _patterns(lines, around, grams),
        blocks,
        total,
        spans,
        running,
    )


def _encode(looks: Sequence[_Look]) -> Ids:
    """Return the ids of all gaps of some pages, (``GAP_WIDTH``, n_gaps)."""

    def join(parts: Iterable[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(list(parts), axis=1)

    measured, around = join(look.measured for look in looks), join(look.around for look in looks)
    n = measured.shape[1]
    # Filled row by row: a row lies together in memory, a column of the transposed does not.
    ids = np.empty((GAP_WIDTH, n), dtype=np.int32)
    bins = _BINNING.bins(measured)
    np.add(bins, np.arange(N_MEASURES)[:, None] * _BINS, out=ids[:N_MEASURES], casting="unsafe")
    column = N_MEASURES
    for number, places in enumerate(_TYPE_GRAMS):
        code = around[places[0] + 2]
        for place in places[1:]:
            code = code * N_TYPES + around[place + 2]
        ids[column] = code + (OFFSET_TYPES + number * _TYPE_SIZE)
        column += 1
    groups = join(look.groups for look in looks)
    for codes, sizes, base in (
        (join(look.crosses for look in looks), [_CROSS_SIZE] * _CROSSES, OFFSET_CROSSES),
        (groups, _GROUP_SIZES, OFFSET_GROUPS),
    ):
        bases = base + np.cumsum([0, *sizes[:-1]])
        np.add(codes, bases[:, None], out=ids[column : column + len(codes)], casting="unsafe")
        column += len(codes)
    operands = np.concatenate([bins, around, groups[:1]])
    for numbers, factors in _FACTORS:
        code = operands[factors[0]]
        for rows in factors[1:]:
            code = code * 64 + operands[rows]
        code = _fold(code, _PRODUCT_BITS) + (OFFSET_PRODUCTS + (numbers << _PRODUCT_BITS))[:, None]
        ids[column + numbers] = code
    column += len(_PRODUCTS)
    at = 0
    bases = np.repeat(OFFSET_GRAMS + np.arange(3, dtype=np.int32) * (1 << GRAM_BITS), GRAMS).astype(np.int32)[:, None]
    for look in looks:
        width = look.grams.shape[1]
        np.add(look.grams, bases, out=ids[column:, at : at + width])
        at += width
    return ids


@cache
def _type_sets() -> tuple[Bools, Bools, Bools]:
    """Return which types are running text (or the page's edge), which name an author, which is a dash line."""
    body, signed, dash = (np.zeros(N_TYPES, dtype=bool) for _ in range(3))
    body[[T["edge"], *(T[name] for name in _BODY)]] = True
    signed[[T[name] for name in _SIGNED]] = True
    dash[T["dash"]] = True
    return body, signed, dash


def _groups(kind: Ints, kind_before: Ints, blocks: Blocks, around: Ints) -> list[Ints]:
    """Return codes of the headline group a gap would begin, and of the one it would cut or follow.

    A headline group is a run of blocks that are no running text: kicker, headline, subtitle, byline. It goes with
    the text below it, so a gap inside one is hardly ever a boundary.
    """
    body, signed, dash = _type_sets()
    n = len(blocks.after)
    following = np.append(blocks.after, n)
    at = np.arange(1, n)
    run = np.zeros(n - 1, dtype=np.int64)
    has_name = np.zeros(n - 1, dtype=bool)
    has_dash = np.zeros(n - 1, dtype=bool)
    alive = np.ones(n - 1, dtype=bool)
    text = around[2]
    for _ in range(_RUN):
        text = np.where(alive, kind[at], text)
        alive = alive & ~body[kind[at]]
        run += alive
        has_name |= alive & signed[kind[at]]
        has_dash |= alive & dash[kind[at]]
        at = following[at]
    text = np.where(alive, kind[at], text)
    back = np.zeros(n - 1, dtype=np.int64)
    back_name = np.zeros(n - 1, dtype=bool)
    alive = np.ones(n - 1, dtype=bool)
    at = np.arange(1, n)
    for _ in range(_RUN):
        # at 0 there is nothing before; its type is "edge", which ends the run
        alive = alive & ~body[kind_before[at]]
        back += alive
        back_name |= alive & signed[kind_before[at]]
        at = blocks.before[at]
    marks = has_name * 2 + has_dash
    four = ((around[1] * N_TYPES + around[2]) * N_TYPES + around[3]) * N_TYPES + around[4]
    return [
        ((run * 4 + marks) * N_TYPES + text) * N_TYPES + around[2],
        ((back * 2 + back_name) * N_TYPES + around[1]) * N_TYPES + around[2],
        (((back * 2 + back_name) * (_RUN + 1) + run) * 4 + marks) * N_TYPES + text,
        _fold(four, 16),
    ]


def _fold(codes: Ints, bits: int) -> Ints:
    """Return ``codes`` (below 2**32) hashed to ``bits`` bits by multiply-shift."""
    return ((codes * 2654435761) & 0xFFFFFFFF) >> (32 - bits)


def _patterns(lines: Lines, around: Ints, grams: Ids) -> Ints:
    """Return codes of six looks of each gap, from the coarsest to the finest, (n - 1, ``N_PATTERNS``)."""
    extra_blank = np.minimum(lines.blank[1:], 3)
    indent = np.minimum(lines.indent[1:], 4)
    head = _HEAD_GRAMS - (HEAD - 1) - HEAD
    opening = grams[head, 1:].astype(np.int64)
    first_of_next = np.append(opening[1:], 0)
    last_of_previous = grams[_HEAD_GRAMS + TAIL + TAIL - 1, :-1].astype(np.int64)
    before, here, after = around[1], around[2], around[3]
    out = np.empty((N_PATTERNS, len(here)), dtype=np.int64)
    out[0] = here * N_TYPES + after
    out[1] = before * N_TYPES**2 + out[0]
    out[2] = (extra_blank * 8 + indent) * N_TYPES + here
    out[3] = opening * N_TYPES + here
    out[4] = (last_of_previous * N_TYPES + here) * N_TYPES + before
    out[5] = first_of_next * N_TYPES**2 + out[0]
    return out.T


N_PATTERNS = 6


def _next_rows(grams: Ids, next_first: Ints) -> Ids:
    """Return the n-grams of the lines ``next_first``; a line after the last has none but 0."""
    rows = grams.take(next_first, axis=1, mode="clip")
    rows[:, next_first == grams.shape[1]] = 0
    return rows


def _crosses(lines: Lines, blocks: Blocks, size: Ints) -> list[Ints]:
    """Return small products of flags that a sum of single flags cannot express."""
    n = len(lines.length)
    after = blocks.after[1:]
    stop_before = lines.stop[:-1].astype(np.int64)
    stop_block = lines.stop[after - 1].astype(np.int64)
    usual = _usual_blank(lines.blank)
    extra_blank = (lines.blank[1:] > usual).astype(np.int64)
    page_blank = np.int64(min(usual, 1))
    full_before = lines.full[:-1].astype(np.int64)
    wrapped = (lines.width[1:] > 0).astype(np.int64)
    small = np.searchsorted([9, 24, 45], size[1:n], side="right").astype(np.int64)
    small_before = np.searchsorted([9, 24, 45], size[blocks.before[1:]], side="right").astype(np.int64)
    next_size = np.searchsorted([9, 24, 45], size[after], side="right").astype(np.int64)
    # How telling a blank line or an indent is depends on how many of the page's lines have one.
    blank_share = np.searchsorted([1e-9, 0.06, 0.15, 0.3, 0.6], float(extra_blank.mean()), side="right")
    few_blank = np.minimum(lines.blank[1:], 3).astype(np.int64)
    indents = np.minimum(lines.indent[1:], 3).astype(np.int64)
    indents_next = np.append(indents[1:], 0)
    indent_share = np.searchsorted([1e-9, 0.1, 0.3, 0.6, 0.9], float((lines.indent > 0).mean()), side="right")
    close_before = lines.last[:-1]
    ending = np.select(
        [lines.stop[:-1], close_before == COMMA, close_before == CLOSE, close_before == HAN], [0, 1, 2, 3], 4
    ).astype(np.int64)
    begin = lines.first[1:].astype(np.int64)
    return [
        ((stop_before * 2 + stop_block) * 4 + small) * 4 + next_size,
        (((stop_before * 2 + full_before) * 2 + wrapped) * 2 + extra_blank) * 4 + small,
        ((extra_blank * 2 + page_blank) * 2 + stop_before) * 16 + small_before * 4 + small,
        ending * 16 + begin,
        (((np.int64(blank_share) * 4 + few_blank) * 2 + stop_before) * 4 + small),
        ((np.int64(indent_share) * 4 + indents) * 4 + indents_next) * 4 + small,
    ]


def _measurements(
    paragraphs: Paragraphs, lines: Lines, blocks: Blocks, total: Ints, size: Ints, words: _Words
) -> dict[str, NDArray[np.generic]]:
    """Return :data:`MEASURES` without the similarities for the gaps 1 … n-1, each of shape (n - 1,)."""
    n = len(paragraphs)
    gap = np.arange(1, n)
    before, after = blocks.before[1:], blocks.after[1:]
    length = lines.length
    last_length = np.append(length, 0)
    page_length = max(_quantile(size[:n], 0.75), 20.0)
    width = np.where(lines.width > 0, lines.width, max(_quantile(length, 0.9), 20.0))
    fill = np.append((length + np.minimum(lines.indent, 2)) / width, 0.0)
    usual_blank = _usual_blank(lines.blank)
    usual_indent = int(np.bincount(lines.indent).argmax())
    blank = np.append(lines.blank, 0)
    indent = np.append(lines.indent, usual_indent)
    nesting = np.cumsum(lines.counts[:, OPEN] - lines.counts[:, CLOSE])
    base = np.concatenate([[0], nesting])[before]
    links = _link_words(paragraphs, words)
    punctuation = (lines.counts[:, COMMA] + lines.counts[:, STOP]) / length
    out: dict[str, NDArray[np.generic]] = {
        "line length": length[1:],
        "previous line length": length[:-1],
        "next line length": last_length[gap + 1],
        "block length": size[1:n],
        "previous block length": total[gap] - total[before],
        "next block length": size[after],
        "block length / page": size[1:n] / page_length,
        "previous block length / page": (total[gap] - total[before]) / page_length,
        "fill of line": fill[1:n],
        "fill of previous line": fill[: n - 1],
        "fill of next line": fill[gap + 1],
        "lines in block": after - gap,
        "lines in previous block": gap - before,
        "column width change": lines.width[1:] - lines.width[:-1],
        "blank lines before - usual": lines.blank[1:] - usual_blank,
        "blank lines after block - usual": blank[after] - usual_blank,
        "indent - usual": lines.indent[1:] - usual_indent,
        "previous indent - usual": lines.indent[:-1] - usual_indent,
        "next indent - usual": indent[gap + 1] - usual_indent,
        "open brackets before": nesting[:-1] - base,
        "digits share": lines.counts[1:, DIGIT] / length[1:],
        "punctuation share": punctuation[1:],
        "previous punctuation share": punctuation[:-1],
        "spaces inside": lines.counts[1:, SPACE],
        "lines from page start": gap,
        "lines to page end": n - gap,
        "links forward": links.forward[1:],
        "links backward": links.backward[1:],
        "links forward - backward": links.forward[1:] - links.backward[1:],
        "previous links forward - backward": links.forward[:-1] - links.backward[:-1],
    }
    for name, reaches, found in (("links", REACH, links.across), ("rare words", RARE_REACH, links.rare)):
        rows = np.ascontiguousarray(found[1:].T)
        for reach, row, ranked in zip(reaches, rows, _rank(rows), strict=True):
            out[f"{name} across {reach}"] = row
            out[f"{name} across {reach}, rank"] = ranked
    return out


def _quantile(values: Ints, share: float) -> float:
    """Return a quantile between neighbours by their distance, as ``np.percentile`` does at ten times the cost."""
    ordered = np.sort(values)
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    one, other, part = float(ordered[low]), float(ordered[high]), place - low
    return other - (other - one) * (1 - part) if part >= 0.5 else one + (other - one) * part


def _similarities(paragraphs: Paragraphs, spans: Spans, before: Ints, after: Ints) -> dict[str, NDArray[np.generic]]:
    """Compare the word vectors on both sides of each gap, at several widths."""
    n = len(paragraphs)
    gap = np.arange(1, n)
    starts, ends = paragraphs.starts, paragraphs.ends
    here = starts[gap]
    windows = np.array(WINDOWS)[:, None]
    low = np.minimum(ends.searchsorted(here - windows, side="right"), gap - 1)
    high = np.maximum(starts.searchsorted(here + windows), gap + 1)
    reach = 400
    low_400, high_400 = low[WINDOWS.index(reach)], high[WINDOWS.index(reach)]
    beyond = np.minimum(np.maximum(starts.searchsorted(ends[after - 1] + reach), np.minimum(after + 1, n)), n)
    low_before = np.minimum(ends.searchsorted(starts[before] - reach, side="right"), before)
    gaps = np.broadcast_to(gap, low.shape)
    # Rows: the windows; this block and what follows, and what precedes; the previous block and the same.
    found = spans.cosines(
        (np.vstack([low, gap, gap, before, before]), np.vstack([gaps, after, after, gap, gap])),
        (np.vstack([gaps, after, low_400, gap, low_before]), np.vstack([high, beyond, gap, high_400, before])),
    )
    similar, (follows, precedes, previous_follows, previous_precedes) = found[: len(WINDOWS)], found[len(WINDOWS) :]
    out: dict[str, NDArray[np.generic]] = {}
    for form, rows in (("", similar), (", rank", _rank(similar)), (", dip", _dip(similar))):
        out.update({f"similarity {window}{form}": row for window, row in zip(WINDOWS, rows, strict=True)})
    out["block like what follows"] = follows
    out["block like what precedes"] = precedes
    out["block like what follows - precedes"] = follows - precedes
    out["previous block like what follows - precedes"] = previous_follows - previous_precedes
    return out


def reduce_alphabet(kept: str) -> NDArray[np.uint32]:
    """Return the table that maps a code point to the alphabet of the n-grams, uint32 of shape (65536,).

    The Han characters of ``kept`` stand for themselves, every other Han character for one, digits for ``0``, Latin
    letters for ``a``: names, places and topics become shapes, so that what is learned carries to other papers.
    """
    table = np.arange(0x10000, dtype=np.uint32)
    kinds = classify_chars(table)
    han = kinds == HAN
    han[codepoints(kept)] = False
    table[han] = ord("某")
    table[kinds == DIGIT] = ord("0")
    table[kinds == LATIN] = ord("a")
    return table


def _line_grams(lines: Lines, alphabet: NDArray[np.uint32]) -> Ids:
    """Return the n-gram buckets of each line's head and tail, int32 of shape (``GRAMS``, n)."""
    n = len(lines.length)
    head = np.empty((HEAD + 1, n), dtype=np.uint64)
    head[0] = 1
    head[1:] = alphabet.take(lines.head.T, mode="clip")
    tail = np.empty((TAIL + 1, n), dtype=np.uint64)
    tail[-1] = 2
    tail[:-1] = alphabet.take(lines.tail.T, mode="clip")
    # Different marks keep an n-gram of the head apart from the same one of the tail.
    tail += np.uint64(0x10000)
    parts = []
    for wide, single in ((head, head[1:]), (tail, tail[:-1])):
        parts += [gram_codes(single, 1), gram_codes(wide, 2), gram_codes(wide, 3)]
    return buckets(mix(np.concatenate(parts)), GRAM_BITS).astype(np.int32)


# The second pass: what the first pass thinks of the gaps around, and whether the page's own habits agree.

_LOGITS = _edges(
    -7, -5.5, -4.5, -3.5, -2.8, -2.2, -1.7, -1.3, -1, -0.7, -0.4, -0.1, 0.2, 0.5, 0.9, 1.4, 2, 2.8, 3.8, 5, 7
)
_NEAR_LOGITS = _edges(-5, -3, -2, -1, 0, 1, 2, 4)
_SHARES = _edges(0.01, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.95)
_SPANS = _edges(1, 8, 16, 30, 50, 80, 120, 180, 260, 380, 550, 800, 1200, 2000)
_MASSES = _edges(0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2)

CONTEXT: dict[str, Floats] = {
    "own score": _LOGITS,
    "score one line before": _NEAR_LOGITS,
    "score two lines before": _NEAR_LOGITS,
    "score one line after": _NEAR_LOGITS,
    "score two lines after": _NEAR_LOGITS,
    "score at previous block": _NEAR_LOGITS,
    "score at next block": _NEAR_LOGITS,
    "score - best of three before": _DIFFERENCE * 10,
    "score - best of three after": _DIFFERENCE * 10,
    "boundaries expected in the 60 characters before": _MASSES,
    "boundaries expected in the 60 characters after": _MASSES,
    "characters since likely boundary": _SPANS,
    "characters to likely boundary": _SPANS,
    "running text since likely boundary": _SPANS,
    "running text to likely boundary": _SPANS,
    "boundaries expected on the page / 1000 characters": _edges(0.5, 1, 1.5, 2, 3, 4, 6, 9, 14, 20),
    "article before like article after": _COSINE,
    "article after like the page": _COSINE,
    **{f"page's habit {number}": _SHARES for number in range(N_PATTERNS)},
    **{f"page's habit {number}, evidence": _COUNT for number in range(N_PATTERNS)},
}
"""Every measurement of the second pass and the edges of its bins."""

N_CONTEXT = len(CONTEXT)
_CONTEXT_BINS = max(len(edges) for edges in CONTEXT.values()) + 1
_PAIRS = (
    *(("own score", name) for name in CONTEXT if name != "own score"),
    ("characters since likely boundary", "characters to likely boundary"),
    ("running text since likely boundary", "running text to likely boundary"),
    ("page's habit 0", "page's habit 4"),
    ("score at previous block", "score at next block"),
)
_CONTEXT_BINNING = _Binning.of(CONTEXT)
_PAIR_ROWS = np.array([[list(CONTEXT).index(name) for name in pair] for pair in _PAIRS]).T
_COARSE = 10
"""Bins of the own score in its products with block types."""
OFFSET_PAIRS = N_CONTEXT * _CONTEXT_BINS
OFFSET_KINDS = OFFSET_PAIRS + len(_PAIRS) * _CONTEXT_BINS**2
CONTEXT_FEATURES = OFFSET_KINDS + 2 * N_TYPES**2 * _COARSE
"""Size of the weight vector of the second pass."""
CONTEXT_WIDTH = N_CONTEXT + len(_PAIRS) + 2
"""Feature ids a gap has in the second pass."""


def context_ids(gaps: Gaps, scores: NDArray[np.floating]) -> Ids:
    """Return the feature ids of the second pass, int32 (n - 1, ``CONTEXT_WIDTH``).

    ``scores`` are the logits of the first pass, (n - 1,).
    """
    return context_of_pages([gaps], [scores])[0]


def context_of_pages(pages: Sequence[Gaps], scores: Sequence[NDArray[np.floating]]) -> list[Ids]:
    """Return :func:`context_ids` of several pages."""
    if not pages:
        return []
    bins = _CONTEXT_BINNING.bins(np.concatenate([_context(*page) for page in zip(pages, scores, strict=True)], axis=1))
    kinds = np.concatenate([gaps.kinds.T for gaps in pages], axis=1)
    ids = np.empty((CONTEXT_WIDTH, bins.shape[1]), dtype=np.int32)
    np.add(bins, np.arange(N_CONTEXT)[:, None] * _CONTEXT_BINS, out=ids[:N_CONTEXT], casting="unsafe")
    products = bins[_PAIR_ROWS[0]] * _CONTEXT_BINS + bins[_PAIR_ROWS[1]]
    bases = OFFSET_PAIRS + np.arange(len(_PAIRS))[:, None] * _CONTEXT_BINS**2
    np.add(products, bases, out=ids[N_CONTEXT : N_CONTEXT + len(_PAIRS)], casting="unsafe")
    coarse = bins[0] * _COARSE // (len(_LOGITS) + 1)
    for number in range(2):
        pair = kinds[number] * N_TYPES + kinds[number + 1]
        ids[N_CONTEXT + len(_PAIRS) + number] = pair * _COARSE + coarse + OFFSET_KINDS + number * N_TYPES**2 * _COARSE
    edges = np.cumsum([0, *map(len, scores)]).tolist()
    return [ids[:, low:high].T for low, high in pairwise(edges)]


def _context(gaps: Gaps, scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the measurements of :data:`CONTEXT` of a page, (``N_CONTEXT``, n - 1)."""
    scores = scores.astype(np.float32)
    n = len(scores) + 1
    gap = np.arange(1, n)
    proba = 1.0 / (1.0 + np.exp(-scores))
    edge = np.full(3, -8.0, dtype=np.float32)
    padded = np.concatenate([edge, scores, edge])
    start = gaps.offsets[gap]
    mass = np.concatenate([[0.0], np.cumsum(proba)])
    by_line = np.concatenate([[0.0], scores, [0.0]])  # score of the gap before line i; the page's ends are sure
    by_line[0] = by_line[n] = 8.0
    low = np.searchsorted(start, start - 60)
    high = np.searchsorted(start, start + 60, side="right")
    index = gap - 1
    likely = np.concatenate([[0], gap[scores > -0.7], [n]])
    begin = likely[likely.searchsorted(gap) - 1]
    finish = likely[likely.searchsorted(gap, side="right")]
    length = max(float(gaps.offsets[n]), 1.0)
    # Articles on both sides of the gap; the one after it and what is left of the page without it.
    beside, whole = _like_the_page(gaps.spans, begin, gap, finish)
    values: dict[str, NDArray[np.generic]] = {
        "own score": scores,
        "score one line before": padded[2:-4],
        "score two lines before": padded[1:-5],
        "score one line after": padded[4:-2],
        "score two lines after": padded[5:-1],
        "score at previous block": by_line[gaps.before],
        "score at next block": by_line[gaps.after],
        "score - best of three before": scores - np.maximum(np.maximum(padded[2:-4], padded[1:-5]), padded[:-6]),
        "score - best of three after": scores - np.maximum(np.maximum(padded[4:-2], padded[5:-1]), padded[6:]),
        "boundaries expected in the 60 characters before": mass[index] - mass[low],
        "boundaries expected in the 60 characters after": mass[high] - mass[index + 1],
        "characters since likely boundary": start - gaps.offsets[begin],
        "characters to likely boundary": gaps.offsets[finish] - start,
        "running text since likely boundary": gaps.running[gap] - gaps.running[begin],
        "running text to likely boundary": gaps.running[finish] - gaps.running[gap],
        "boundaries expected on the page / 1000 characters": np.full(n - 1, (mass[-1] + 1) * 1000 / length),
        "article before like article after": beside,
        "article after like the page": whole,
    }
    others, support = _habits(gaps.patterns.T, proba)
    prior = (float(proba.mean()) + 0.02) / 1.02
    shares = (support - proba + prior) / (others + 1.0)
    for number in range(N_PATTERNS):
        values[f"page's habit {number}"] = shares[number]
        values[f"page's habit {number}, evidence"] = others[number]
    stacked = np.empty((N_CONTEXT, n - 1))
    for number, name in enumerate(CONTEXT):
        stacked[number] = values[name]
    return stacked


def _like_the_page(spans: Spans, begin: Ints, gap: Ints, finish: Ints) -> tuple[Floats, Floats]:
    """Compare the likely article after each gap with the one before it, and with the page without it."""
    beside = spans.cosines((begin, gap), (gap, finish))
    own = (spans.sums.take(finish, axis=0) - spans.sums.take(gap, axis=0)).astype(np.float32)
    page = (spans.sums[-1] - spans.sums[0]).astype(np.float32)
    return beside, _cosine(own, page - own)


def _habits(patterns: Ints, proba: NDArray[np.floating]) -> tuple[Ints, NDArray[np.float64]]:
    """Return, for each look of each gap, how many other gaps look so, and the sum of P over all that do.

    ``patterns`` is (looks, n), as are the results.
    """
    looks, n = patterns.shape
    keys = (patterns << _PLACE_BITS) | np.arange(n)
    keys.sort(axis=1)
    order, ordered = keys & ((1 << _PLACE_BITS) - 1), keys >> _PLACE_BITS
    first = np.ones((looks, n), dtype=bool)
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=first[:, 1:])
    group = np.cumsum(first) - 1  # each look begins a group of its own, so one numbering serves all
    count = np.bincount(group)
    weight = np.bincount(group, weights=proba[order].ravel())
    others, support = np.empty((looks, n), dtype=np.int64), np.empty((looks, n))
    rows = np.arange(looks)[:, None]
    others[rows, order] = (count[group] - 1).reshape(looks, n)
    support[rows, order] = weight[group].reshape(looks, n)
    return others, support


_PLACE_BITS = 32
"""Bits under a code for the place of its gap; codes have fewer than 31."""
