"""What is measured of an article that may be part of a story, whatever it is compared with.

Whether it breaks off or begins in mid-sentence, what its headline and its lines look like, and what its words are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.cohesion import RARE, VECTOR_BITS
from classifier.boundaries.lines import MAX_COLUMN
from classifier.genres.tfidf import GENRE_BITS
from classifier.page.headline import is_credit
from classifier.page.jumps import without_jump
from classifier.story import Part, page_key
from classifier.text.tokens import HAN, Tokens, buckets, hash_ngrams, normalise_text, tokenise

if TYPE_CHECKING:
    from classifier.model import Model

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

NEAR = 400
"""Characters on either side of a cut that are compared more closely than the whole."""

LINE, STUB = 18, 3
"""A last line of so many characters, or so many fewer than the line before it, is running text that breaks off."""

SPAN = 12
"""Characters on either side of a cut that are cut into words to see whether one spans it."""

CAPTION = 260
"""Characters of the longest caption."""

PICTURE = 300
"""The same of a picture whose agency is named, its headline included."""

OPENING = 40
"""Characters at a cut whose words are looked for in the other part."""

TOP, LEAST_REPEATED = 160, 6
"""Characters a headline is looked for in, and those of the shortest line that can be one repeated."""

BRIEF = 90
"""Characters of a part without a sentence that is no part of a story: names of editors, a heading."""

COMMON = 2.0
"""Words of a lower IDF say nothing where they come again."""

TOP_GENRES = 3
"""Genres of an article that are compared: what the results of ``split`` hold unless asked for more."""

_PICTURE = re.compile(r"图为|[摄攝供]图?[）)]?\s*$|社发[）)]?\s*$|影报道|图①|①", re.MULTILINE)
_ONWARD = re.compile(
    r"[“‘]?(?:会[议見见]|文章|全会|报告|通知|意见|公报|双方|据介绍|据了解|此外|同时|目前|其中|其间|期间|与此同时|"
    r"这|该|他|她|它|随后|接着|当天|当日|为此|于是|但|而|不过|然而|因此|如今|也|还|再|又|除了|不仅|不止|一方面|另一方面|"
    r"第[二三四五六]|[二三四五六]是|[^，。：“”]{2,12}(?:[说指]|表示|指出|强调|介绍|认为|告诉))"
)
_EDITORS = re.compile(
    r"[■●]?(?:本版|[一二三四五六七八九十]{1,3}版)?\s*(?:责编|责任编辑|本版编辑|本期统筹|版式设计|版式|邮箱|投稿邮箱|美编|校对|电子信箱)"
    r"(?:[：:\s]|[一-鿿]{2,3}(?:\s|$)).{0,60}$"
)
_DATED = re.compile(r"(?:[0-9０-９〇○一二三四五六七八九十]{1,4}年)?[0-9０-９]{1,2}月[0-9０-９]{1,2}日|近日|日前|昨日")
_DATELINE = re.compile(
    r"[【（(]?(?:本报|新华社|中新社|人民网)[^，。]{0,22}?[0-9０-９]{1,2}月?[0-9０-９]{0,2}日?(?:电|讯)|[（(]记者"
)
_PHOTO = re.compile(
    r"摄[（(][^）)]{2,8}[）)]\s*$|[（(](?:新华社发|影像中国|人民视觉|资料图片|视觉中国)[）)]\s*$", re.MULTILINE
)
_POINTER = re.compile(r"(?:相关报道|报道|全文|详见|内容)[^。]{0,6}第?[0-9一二三四五六七八九十、—至]{1,9}版[）)]?$")
_STOPS = "。！？!?…"
_PAIRS = {"“": "”", "‘": "’", "（": "）", "(": ")", "《": "》", "「": "」", "『": "』"}
_CLOSERS = "".join(_PAIRS.values())
_COMMAS = "，、；：,;:"


@dataclass(frozen=True, slots=True, eq=False)
class PartFeatures:
    """What is measured once of a part, whatever it is compared with."""

    page: tuple[str, int]
    tail: str
    """The last characters of its running text."""
    head: str
    unstopped: bool
    unfinished: bool
    comma: bool
    headless: bool
    plain: bool
    """It has no headline, and its first line is too long for one, ends a sentence or is full."""
    full: bool
    """Its headline is as long as the lines below it: a line of wrapped text, most likely."""
    sentence: bool
    """Its headline has a comma or a full stop."""
    inside: bool
    """It begins with what cannot begin a sentence."""
    credit: bool
    caption: bool
    signed: bool
    """It ends in a credit."""
    brief: bool
    """It is a line or two without a sentence, such as the editors of a page."""
    onward: bool
    dated: bool
    quoted: bool
    edge: tuple[int, int]
    """Character it begins with and ends with, punctuation left out at neither; 0: it has none."""
    opened: str
    """Closers that its quotations and brackets still wait for."""
    closed: str
    """The first closer that nothing in it opened, or ``""``."""
    words: Hashes
    """Hashes of its words, ascending and unique."""
    weights: Floats
    """TF-IDF of these words, unit norm."""
    rare: Floats
    """The same for words over an IDF of ``RARE`` alone."""
    title: tuple[Hashes, Floats]
    pairs: tuple[Hashes, Floats]
    """Hashes of its pairs of characters and their TF-IDF, unit norm."""
    opening: tuple[Hashes, Floats]
    """Hashes of the words near its beginning and their IDF, of sum 1."""
    close: tuple[Hashes, Floats]
    meaning: tuple[Floats, Floats, Floats]
    """Word vectors of the whole, the head and the tail, unit norm, (dimensions,)."""
    genres: dict[str, float]
    size: int
    whole: str
    """Its text without line ends, normalised."""
    body: str
    """The same below its headline."""
    dateline: bool
    picture: bool
    points: bool
    """It ends in a reference to a report on another page, which does not continue it."""


def running_lines(part: Part) -> list[str]:
    """Return the lines of a part without jump lines, and without what is printed of a page at its first or last."""
    lines = [line for line in (without_jump(line).strip() for line in part.text.splitlines()) if line]
    first, last = 0, len(lines)
    while first < last and _EDITORS.match(lines[first]):
        first += 1
    while last > first and _EDITORS.match(lines[last - 1]):
        last -= 1
    return lines[first:last]


def _tail(lines: Sequence[str]) -> tuple[str, bool, bool]:
    """Return the end of the running text, below which a credit or two may stand.

    And whether it lacks a full stop, and whether, besides, it is a line long enough to break off.
    """
    last = len(lines) - 1
    while last > 0 and len(lines) - last <= 2 and len(lines[last]) <= 2 * LINE and is_credit(lines[last]):
        last -= 1
    line = lines[last] if lines else ""
    plain = line.rstrip("”’）)》」』")
    above = len(lines[last - 1]) if last > 0 else 0
    long = len(line) >= LINE or (last > 0 and 6 <= above <= len(line) + STUB)
    unstopped = bool(plain) and plain[-1] not in _STOPS and line[-1] not in _CLOSERS
    return line, unstopped, unstopped and long


def open_marks(text: str) -> tuple[str, str]:
    """Return the closers that ``text`` leaves open, innermost last, and its first closer that nothing opened."""
    waiting: list[str] = []
    lone = ""
    for char in text:
        if char in _PAIRS:
            waiting.append(_PAIRS[char])
        elif char in _CLOSERS:
            if char in waiting:
                del waiting[len(waiting) - 1 - waiting[::-1].index(char) :]
            else:
                lone = lone or char
    return "".join(waiting), lone


def _unit(vector: Floats) -> Floats:
    norm = float(np.sqrt(vector @ vector))
    return vector / norm if norm > 0 else vector


def read_part(part: Part, model: Model, *, lines: list[str], repeated: int) -> PartFeatures:
    """Measure one part, whose first ``repeated`` lines are the headline of another."""
    title = part.article.title
    body = lines[repeated:] if repeated else _below(lines, title)
    tail, unstopped, unfinished = _tail(body)
    head = body[0] if body else ""
    tokens = tokenise("\n".join(lines), model.cutter)
    words, weights, rare = _weigh_words(tokens, model)
    named = np.unique(tokenise(title, model.cutter).words)
    length = len(tokens.codes)
    full, sentence = _is_full(lines), any(char in "，。；" for char in title)
    headless = not title or (full and sentence)  # a line of wrapped text, taken for a headline
    opened, _ = open_marks(tail)
    _, closed = open_marks("".join(body[:2]))
    return PartFeatures(
        page=page_key(part.page),
        tail=tail[-SPAN:],
        head=head[:SPAN],
        unstopped=unstopped,
        unfinished=unfinished,
        comma=unfinished and tail[-1] in _COMMAS,
        headless=headless,
        plain=bool(lines) and headless and (len(lines[0]) > 45 or lines[0][-1] in _STOPS or full),
        full=full and not headless,
        sentence=sentence and not headless,
        inside=bool(head) and head[0] in _STOPS + _COMMAS + _CLOSERS,
        credit=is_credit(head),
        caption=length < CAPTION and _PICTURE.search("\n".join(lines)) is not None,
        signed=tail != (body[-1] if body else "") or (bool(tail) and is_credit(tail) and len(tail) <= 2 * LINE),
        brief=length < BRIEF and not any(char in "。！？" for char in "".join(lines)),
        onward=_ONWARD.match(head) is not None,
        dated=_DATED.match(head) is not None,
        quoted=head[:1] in "“‘「",
        edge=(ord(normalise_text(head[0])[0]) if head else 0, ord(normalise_text(tail[-1])[0]) if tail else 0),
        opening=_edge_words("".join(body[:3])[:OPENING], model),
        close=_edge_words("".join(body[-3:])[-OPENING:], model),
        opened=opened,
        closed=closed,
        words=words,
        weights=weights,
        rare=rare,
        title=(named, _rarity(named, model)),
        pairs=_character_pairs(tokens, model),
        meaning=_meanings(tokens, model),
        genres=dict(part.article.top[:TOP_GENRES]),
        size=sum(map(len, body)),
        whole=normalise_text("".join(lines)),
        body=normalise_text("".join(body)),
        dateline=_DATELINE.search("".join(body[:3])[: OPENING + 6]) is not None,
        picture=sum(map(len, lines)) < PICTURE and _PHOTO.search("\n".join(lines)) is not None,
        points=_POINTER.search("".join(body)[-OPENING:]) is not None,
    )


def _rarity(words: Hashes, model: Model) -> Floats:
    """Return the IDF of words, (len(words),)."""
    return model.segmenter.idf[buckets(words, VECTOR_BITS)].astype(np.float64)


def _weigh_words(tokens: Tokens, model: Model) -> tuple[Hashes, Floats, Floats]:
    """Return the words, ascending and unique, their TF-IDF, and that of the rare ones alone, both of unit norm."""
    words, counts = np.unique(tokens.words, return_counts=True)
    rarity = _rarity(words, model)
    weights = (1.0 + np.log(counts)) * rarity if len(words) else np.zeros(0)
    return words, _unit(weights), _unit(np.where(rarity > RARE, weights, 0.0))


def _meanings(tokens: Tokens, model: Model) -> tuple[Floats, Floats, Floats]:
    """Return what the whole, its first ``NEAR`` characters and its last are about."""
    length = len(tokens.codes)
    return (
        _meaning(tokens, model),
        _meaning(tokens.between(0, min(NEAR, length)), model),
        _meaning(tokens.between(max(0, length - NEAR), length), model),
    )


def _meaning(tokens: Tokens, model: Model) -> Floats:
    """Return the sum of the vectors of the words, of unit norm, (dimensions,)."""
    rows = model.segmenter.vectors[buckets(tokens.words, VECTOR_BITS)].astype(np.float64)
    return _unit(rows.sum(axis=0))


def _edge_words(text: str, model: Model) -> tuple[Hashes, Floats]:
    """Return the words of a piece of text and their IDF, of sum 1, that of common words 0."""
    found = np.unique(tokenise(text, model.cutter).words)
    weight = _rarity(found, model)
    weight = np.where(weight > COMMON, weight, 0.0)
    return found, weight / max(float(weight.sum()), 1e-9)


def _character_pairs(tokens: Tokens, model: Model) -> tuple[Hashes, Floats]:
    """Return the hashes of the pairs of Han characters and their TF-IDF, of unit norm."""
    han = (tokens.classes[:-1] == HAN) & (tokens.classes[1:] == HAN)
    found = hash_ngrams(tokens.codes, 2)[han] if len(tokens.codes) > 1 else np.zeros(0, dtype=np.uint64)
    pairs, counts = np.unique(found, return_counts=True)
    weights = (1.0 + np.log(counts)) * model.genre.idf[buckets(pairs, GENRE_BITS)].astype(np.float64)
    return pairs, _unit(weights)


def _repeatable(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first lines, without white space, as far as they can be a headline that is repeated."""
    found: list[str] = []
    for line in lines[:4]:
        squeezed = "".join(line.split())
        if not LEAST_REPEATED <= len(squeezed) <= TOP // 2 or squeezed[-1] in "。；，、":
            break
        found.append(squeezed)
    return tuple(found)


def repetitions(running: Sequence[list[str]], place: NDArray[np.int64]) -> tuple[list[int], NDArray[np.bool_]]:
    """Return how many first lines of each part stand at the top of another, and of which, (n,) and (n, n).

    What stands at the top of several is the name of a column.
    """
    n = len(running)
    tops = ["".join("".join(lines)[: 2 * TOP].split())[:TOP] for lines in running]
    counts = [0] * n
    again = np.zeros((n, n), dtype=bool)
    for j, lines in enumerate(running):
        for line in _repeatable(lines):
            found = [i for i in range(n) if line in tops[i] and place[i] != place[j]]
            if not 1 <= len(found) <= 2 or (counts[j] and not again[found, j].any()):
                break
            counts[j] += 1
            again[found, j] = True
        if counts[j] == len(lines):
            counts[j] = 0
            again[:, j] = False
    return counts, again


def _is_full(lines: list[str]) -> bool:
    """Tell whether the first line is as long as those below it, an indent of two apart."""
    sizes = [len(line) for line in lines[:4]]
    if len(sizes) < 3 or not 8 <= sizes[0] <= MAX_COLUMN:
        return False
    column = max(sizes[1:])
    return -3 <= sizes[0] - column <= 1 and sum(column - size <= 2 for size in sizes[1:]) >= 2 - (len(sizes) < 4)


def _below(lines: list[str], title: str) -> list[str]:
    """Return the lines below the headline."""
    squeezed = "".join(title.split())
    used = 0
    while used < min(len(lines) - 1, 5) and squeezed and "".join(lines[used].split()) in squeezed:
        used += 1
    return lines[used:]
