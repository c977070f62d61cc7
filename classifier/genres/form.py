"""The form of an article as categories: how often it asks, quotes, says "we"; how its headline, head and end look.

Genres are decided by form first, and a comment on a harvest shares its words with a report of it. Everything is a
category, a bin of a rate or a flag, and a category is one more bucket of the genre's rows
(:mod:`classifier.genres.tfidf`): training, retraining and explaining need not know of them. Nothing depends on where
lines end, so wrapped text has the form it had before.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.text.paragraphs import codepoints
from classifier.text.tokens import buckets, gram_codes, hash_ngrams, mix, mixed_buckets, normalise_text

Ints = NDArray[np.int64]

HEAD, TAIL = 50, 60
"""Characters read at the head of the running text and at its end for cues."""

_RATES: dict[str, str] = {
    "quotation marks": "“",
    "question marks": "？",
    "exclamation marks": "！",
    "I": "我",
    "you": "你 您",
    "he, she": "他 她",
    "list commas": "、",
    "semicolons": "；",
    "colons": "：",
    "titles in brackets": "《",
    "digits": "0 1 2 3 4 5 6 7 8 9",
    "Latin letters": "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "的": "的",
    "了": "了",
    "years": "年",
    "dashes": "—",
    "ellipses": "…",
    "we": "我们 咱们",
    "reporters": "记者",
    "said": "表示 介绍 告诉 指出 认为 说： 说， 说。 说道",
    "must": "必须 需要 应当 应该 不能 不要 只有 才能",
    "counted points": "第一 第二 第三 第四 第五 第六 第七 第八 第九 第十 其一 其二",
}
"""What is counted, as characters or pairs of them; its number per thousand characters is binned."""

_HEAD_CUES: dict[str, str] = {
    "a dateline": "日电 社电 报讯 日讯 消息 日电 社讯 网讯",
    "a reporter": "记者 通讯",
    "a recent day": "近日 日前 连日 不久 昨日 今天 昨天",
    "these times": "近年 今年 当前 如今 时下 当下",
    "the leader": "近平 总书",
    "an editor's note": "编者 开栏 编辑 读者",
    "a month": "1月 2月 3月 4月 5月 6月 7月 8月 9月 0月",
}
_TAIL_CUES: dict[str, str] = {
    "the author": "作者 （作",
    "taken down": "整理 采访",
    "a photographer": "摄） 人摄 者摄 摄影 社发 像中 民视",
    "helpers": "参与 采写",
    "a dateline": "电） 华社",
    "an editor": "编者 编辑 校对 责编",
    "a source": "来源 数据 转载",
    "a picture": "图为",
}
_TEXT_CUES: dict[str, str] = {
    "a way to call": "电话 热线 ww .c 邮箱 地址 咨询 网址 传真",
    "a picture": "图为",
    "question and answer": "问： 答：",
    "articles of law": "条第 章第 一条 二条 三条",
}
_HEADLINE_CUES: dict[str, str] = {
    "a question": "？",
    "an exclamation": "！",
    "quotation marks": "“",
    "a dash": "—",
    "a space": " ",
    "a comma": "， 、",
    "a colon": "：",
}

_PER_THOUSAND = np.array([0.01, 0.5, 1, 2, 3, 4.5, 6, 9, 13, 20, 32, 50])
_LENGTHS = np.array([60, 100, 150, 220, 320, 450, 650, 900, 1200, 1600, 2200, 3000, 4500])
_SENTENCES = np.array([12, 18, 24, 30, 36, 42, 50, 60, 80])
_HEADLINES = np.array([1, 6, 9, 12, 15, 18, 22, 27, 34])
_LAST = "。！？”）…"
"""Last characters that are told apart."""

NAMES: tuple[str, ...] = (
    "length",
    "characters a sentence",
    "headline length",
    "last character",
    "first character is a quotation mark",
    *(f"{name} / 1000 characters" for name in _RATES),
    *(f"head names {name}" for name in _HEAD_CUES),
    *(f"end names {name}" for name in _TAIL_CUES),
    *(f"text has {name}" for name in _TEXT_CUES),
    *(f"headline has {name}" for name in _HEADLINE_CUES),
)
"""What each column of :func:`describe_forms` says."""

_BINS = 16
_SALT, _COLUMN_SALT = 0x666F726D, 0x636F6C75


@cache
def _tables() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the cues of each character, (65536,), and of each pair's bucket, (65536,), as bits."""
    words = [(word, bit) for bit, cue in enumerate(_all_cues()) for word in cue.split() or [cue]]
    tables = []
    for size in (1, 2):
        # All of a size at once: word by word it takes 5 ms, and every run over one page waits for it.
        some = [(word, bit) for word, bit in words if len(word) == size]
        codes = codepoints(normalise_text("".join(word for word, _ in some))).reshape(-1, size)
        at = codes if size == 1 else buckets(hash_ngrams(codes, 2), 16)
        table = np.zeros(1 << 16, dtype=np.uint64)
        np.bitwise_or.at(table, at[:, 0], np.uint64(1) << np.array([bit for _, bit in some], dtype=np.uint64))
        tables.append(table)
    return tables[0], tables[1]


def _all_cues() -> list[str]:
    return [words for group in (_RATES, _HEAD_CUES, _TAIL_CUES, _TEXT_CUES, _HEADLINE_CUES) for words in group.values()]


@cache
def _patterns() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]]:
    """Return which cues begin with each character, (65536,), with each pair's bucket, (65536,), and cues by pattern.

    The first two are rows of the third, (patterns, cues) of zeros and ones; row 0 has none. What a cue is made of is
    either characters or pairs, so one place never counts twice.
    """
    table = np.concatenate(_tables())
    some = np.flatnonzero(table)
    bits, at = np.unique(table[some], return_inverse=True)
    rows = np.zeros(len(table), dtype=np.uint8)
    rows[some] = at + 1
    bits = np.append(np.zeros(1, dtype=np.uint64), bits)
    cues = (bits[:, None] >> np.arange(len(_all_cues()), dtype=np.uint64) & np.uint64(1)).astype(np.float64)
    return rows[: 1 << 16], rows[1 << 16 :], cues


def describe_forms(codes: NDArray[np.uint32], starts: Ints, ends: Ints, headline_ends: Ints) -> Ints:
    """Return the categories of articles ``[starts[i], ends[i])``, int64 (n_articles, len(NAMES)).

    ``codes`` are normalised; ``headline_ends[i]`` is ``starts[i]`` where article i has no headline. Articles are
    disjoint and ascending.
    """
    out = np.zeros((len(starts), len(NAMES)), dtype=np.int64)
    if len(starts) == 0:
        return out
    base = int(starts[0])
    codes = codes[base : int(ends[-1])]
    heads = np.minimum(headline_ends, ends)
    kept = np.flatnonzero(codes != 0x0A)  # where lines end is no matter of form
    text = codes.take(kept)
    begin, body, end = kept.searchsorted(np.stack([starts, heads, ends]) - base)
    length = np.maximum(end - body, 1)
    counts, flags = _count_cues(text, begin, body, end)
    stops = np.flatnonzero((text == ord("。")) | (text == ord("!")) | (text == ord("?")))
    sentences = np.maximum(stops.searchsorted(end) - stops.searchsorted(body), 1)
    out[:, 0] = np.searchsorted(_LENGTHS, length, side="right")
    out[:, 1] = np.searchsorted(_SENTENCES, length / sentences, side="right")
    out[:, 2] = np.searchsorted(_HEADLINES, heads - starts, side="right")
    for number, (low, high) in enumerate(zip(body.tolist(), end.tolist(), strict=True)):
        low, high = _strip(text, low, high)
        if low < high:
            out[number, 3] = _last_table().take(text[high - 1], mode="clip")
            out[number, 4] = text[low] == ord("“")
    rates = 5 + len(_RATES)
    out[:, 5:rates] = np.searchsorted(_PER_THOUSAND, counts * (1000 / length)[:, None], side="right")
    out[:, rates:] = flags
    return out


def _strip(text: NDArray[np.uint32], low: int, high: int) -> tuple[int, int]:
    """Return the range without the blanks at its ends."""
    while low < high and text[low] <= 0x20:
        low += 1
    while low < high and text[high - 1] <= 0x20:
        high -= 1
    return low, high


def _count_cues(
    text: NDArray[np.uint32], begin: Ints, body: Ints, end: Ints
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how often each rate's cues are in ``text[body[i]:end[i]]``, and which of the other cues are there at all.

    ``text[begin[i]:body[i]]`` is the headline. Shapes (n, len(_RATES)) and (n, all the others).
    """
    single, pair, cues = _patterns()
    n = len(begin)
    wide = text.astype(np.int64)  # as a look-up needs it; hashes are calculated without a sign
    pairs = pair.take(mixed_buckets(gram_codes(wide.view(np.uint64), 2), 16))
    inner = end[(end > 0) & (end < len(text))]
    pairs[inner - 1] = 0  # the next character is another article's
    found = []
    bounds = np.append(begin, len(text))
    for rows in (single.take(wide, mode="clip"), pairs):
        place = np.flatnonzero(rows != 0)
        article = np.repeat(np.arange(n), np.diff(place.searchsorted(bounds)))
        found.append((place, article, article * len(cues) + rows.take(place)))
    place, article, key = (np.concatenate(both) for both in zip(*found, strict=True))
    first, last = body.take(article), end.take(article)
    in_body = (place >= first) & (place < last)
    zones = (
        (in_body & (place < first + HEAD), _HEAD_CUES),
        (in_body & (place >= last - TAIL), _TAIL_CUES),
        (in_body, _TEXT_CUES),
        (place < first, _HEADLINE_CUES),
    )
    counts = [np.bincount(key[zone], minlength=n * len(cues)).reshape(n, -1) for zone, _ in zones]
    seen = [numbers.astype(np.float64) for numbers in counts]  # products of integers take five times as long
    flags, at = [], len(_RATES)
    for numbers, (_, group) in zip(seen, zones, strict=True):
        flags.append(numbers @ cues[:, at : at + len(group)] > 0)
        at += len(group)
    return seen[2] @ cues[:, : len(_RATES)], np.concatenate(flags, axis=1)


@cache
def _last_table() -> Ints:
    """Return the number of each character as the last of an article, 0 of those not told apart, (65536,)."""
    table = np.zeros(1 << 16, dtype=np.int64)
    table[codepoints(normalise_text(_LAST))] = np.arange(1, len(_LAST) + 1)
    return table


def labels(forms: Ints) -> list[str]:
    """Return in words what the categories of one article say."""
    edges = [_LENGTHS, _SENTENCES, _HEADLINES, None, None, *([_PER_THOUSAND] * len(_RATES))]
    said = []
    for number, (name, value) in enumerate(zip(NAMES, forms.tolist(), strict=True)):
        ends = edges[number] if number < len(edges) else None
        if ends is not None:
            low = f"{ends[value - 1]:g}" if value else "0"
            said.append(f"{name}: {low} or more" if value == len(ends) else f"{name}: {low} to {ends[value]:g}")
        elif name == "last character":
            said.append(f"{name}: {_LAST[value - 1]}" if value else f"{name}: another")
        else:
            said.append(name if value else f"not: {name}")
    return said


def form_buckets(forms: Ints, bits: int) -> Ints:
    """Return the bucket of each category of :func:`describe_forms`, of the same shape."""
    keys: Ints = np.arange(len(NAMES), dtype=np.int64) * _BINS + forms + (_SALT << 32)
    return buckets(mix(keys.astype(np.uint64)), bits)


def all_buckets(bits: int) -> Ints:
    """Return the bucket of every category there is, ascending."""
    forms = np.arange(_BINS)[:, None].repeat(len(NAMES), axis=1)
    found: Ints = np.unique(form_buckets(forms, bits))
    return found


def column_bucket(codes: NDArray[np.uint32], bits: int) -> int | None:
    """Return the bucket of the column that a headline names in brackets at its end; None if it names none.

    What follows a dot names a series within the column and is left out: （美丽中国·绿色故事）is （美丽中国）.
    """
    name = column_name(codes)
    if name is None:
        return None
    total = _COLUMN_SALT
    for code in name:
        total = (total * 0x100000001B3 ^ code) & 0xFFFFFFFFFFFFFFFF
    return int(buckets(mix(np.array([total], dtype=np.uint64)), bits)[0])


def column_name(codes: NDArray[np.uint32]) -> list[int] | None:
    """Return the normalised codes of the column that a headline names, white space left out."""
    found = [code for code in codes[-40:].tolist() if code > 0x20]
    if not found or found[-1] != 0x29 or 0x28 not in found:
        return None
    name = found[len(found) - found[::-1].index(0x28) : -1]
    name = name[: name.index(0xB7)] if 0xB7 in name else name
    return name if 2 <= len(name) <= 16 else None
