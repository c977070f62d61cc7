"""Stories: the parts of one report on several pages of an issue, found and put in order.

Every pair of articles on different pages is described by a handful of numbers: what their jump lines say, whether the
first breaks off and the second begins in mid-sentence, whether a word spans the cut, what words they share and whether
either shares more with another article. A linear model makes of them the probability that the second continues the
first, rather than another article or none. Then pairs are accepted from the most probable down, so that every part has
at most one before it and one after it; what hangs together is a story.

The weights are numbers in this module, fitted by ``benchmarks/stitching.py --fit`` on newspaper pages whose reports
were cut in two and three. They know no word of a text, only the measurements above, so they hold for any model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.cohesion import RARE, VECTOR_BITS
from classifier.document import Article
from classifier.genre import GENRE_BITS
from classifier.headline import is_credit
from classifier.jumps import without_jump
from classifier.lines import MAX_COLUMN
from classifier.tokens import HAN, Cutter, Tokens, buckets, hash_ngrams, normalise_text, tokenise

if TYPE_CHECKING:
    from classifier.model import Model

Floats = NDArray[np.float64]

LIKELY = 0.2
"""Pairs at least this probable are joined, unless the caller asks for another probability."""

NEAR = 400
"""Characters on either side of a cut that are compared more closely than the whole."""

LINE, STUB = 18, 3
"""A last line of so many characters, or so many fewer than the line before it, is running text that breaks off."""

SAME = 0.8
"""Headlines that share so much of the IDF of their words are the same."""

SPAN = 12
"""Characters on either side of a cut that are cut into words to see whether one spans it."""

CAPTION = 260
"""Characters of the longest caption."""

OPENING = 40
"""Characters at a cut whose words are looked for in the other part."""

TOP, LEAST_REPEATED = 160, 6
"""Characters a headline is looked for in, and those of the shortest line that can be one repeated."""

BRIEF = 90
"""Characters of a part without a sentence that is no part of a story: names of editors, a heading."""

COMMON = 2.0
"""Words of a lower IDF say nothing where they come again."""

MEET = 4.0
"""Added to the mutual information of characters across a cut: less than its negative is never."""

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
_STOPS = "。！？!?…"
_PAIRS = {"“": "”", "‘": "’", "（": "）", "(": ")", "《": "》", "「": "」", "『": "』"}
_CLOSERS = "".join(_PAIRS.values())
_COMMAS = "，、；：,;:"

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
)
"""What describes a pair, in the order of :data:`WEIGHTS`."""

WEIGHTS: tuple[float, ...] = (
    -0.322,  # both marks agree
    3.506,  # mark on names this page
    -5.010,  # mark on names another page
    12.010,  # mark from names that page
    -0.351,  # mark from names another page
    0.994,  # neither has a mark
    -4.708,  # neither has a mark, others have
    -0.440,  # no full stop
    -0.195,  # breaks off
    0.063,  # ends in a comma
    5.209,  # headless
    2.070,  # first line is no headline
    3.434,  # headline is a full line
    1.665,  # headline has a comma
    7.663,  # begins in mid-sentence
    0.703,  # breaks off, headless
    1.785,  # word across the cut
    7.547,  # quotation across the cut
    5.968,  # words alike
    3.677,  # words alike, less the best other after
    1.324,  # words alike, less the best other before
    5.482,  # rare words alike
    34.924,  # share of the second that the two alone have
    -15.325,  # share of the first that the two alone have
    -22.086,  # pairs of characters alike
    -30.829,  # share of the second's pairs that the two alone have
    8.242,  # meaning alike
    1.953,  # meaning alike, less the best other after
    0.026,  # meaning alike, less the best other before
    2.476,  # meaning alike near the cut
    1.904,  # headline words in the second
    0.494,  # same headline, theirs alone
    2.165,  # genres alike
    -5.203,  # on an earlier page
    0.009,  # pages between
    -0.602,  # log length of the first
    -0.302,  # log length of the second
    -4.132,  # second begins with a credit
    -6.988,  # second is a caption
    -3.608,  # first is a caption
    -4.282,  # first ends in a credit
    0.387,  # second ends in a credit
    1.285,  # opens as what goes on
    -3.430,  # opens with a date
    1.086,  # opens with a quotation
    3.438,  # headline again
    0.278,  # headline again, breaks off
    1.577,  # characters across the cut
    0.681,  # characters across the cut, less the best other before
    2.041,  # opening's words in the first
    -1.682,  # opening's words in the first, less the best other before
    -0.686,  # close's words in the second
    0.356,  # close's words in the second, less the best other after
    5.566,  # words alike, headless
    -0.828,  # meaning alike, headless
    -5.906,  # rare words alike, headless
    8.210,  # words alike, less the part above
    -0.467,  # the part above breaks off, headless
    -0.061,  # the part below is headless
)
BIAS = -12.306


@dataclass(frozen=True, slots=True)
class Part:
    """An article and where it stands: what may be a part of a story."""

    path: str
    page: str
    """Reference of its page: ``"4"``, ``"A04"``."""
    article: Article
    text: str
    """Its own text, from ``article.start`` to ``article.end``."""


@dataclass(frozen=True, slots=True)
class Join:
    """How a part came to follow the one before it."""

    score: float
    """Probability that it continues it."""
    by: str
    """``marks`` where the jump lines of both agree, ``mark`` where one of them says so, ``text`` otherwise."""


@dataclass(frozen=True, slots=True)
class Story:
    """The parts of one report in reading order."""

    parts: tuple[Part, ...]
    joins: tuple[Join, ...]
    """How each part but the first was joined, (n_parts - 1,)."""

    @property
    def id(self) -> str:
        """Name of the story: path and first line of its first part, ``1998-05-12/01.txt:3``. The same on every run."""
        return f"{self.parts[0].path}:{self.parts[0].article.first_line}"

    @property
    def title(self) -> str:
        """The headline of the first part that has one, or ``""``."""
        return next((part.article.title for part in self.parts if part.article.title), "")

    @property
    def genre(self) -> str:
        """The genre of its longest part."""
        return max(self.parts, key=lambda part: part.article.end - part.article.start).article.genre


def page_key(reference: str) -> tuple[str, int]:
    """Return a page reference as something that sorts and compares: ``"A04"`` and ``"A4"`` are ``("A", 4)``.

    >>> page_key("A04"), page_key("12")
    (('A', 4), ('', 12))
    """
    digits = re.search(r"[0-9]+$", reference)
    number = int(digits.group()) if digits else 0
    return reference[: digits.start() if digits else None].strip("-_ ").upper(), number


def names_page(reference: str, page: tuple[str, int]) -> bool:
    """Tell whether the reference of a jump line names a page. ``（下转4版）`` names A04 as well."""
    section, number = page_key(reference)
    return number == page[1] and section in ("", page[0])


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
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
    words: NDArray[np.uint64]
    """Hashes of its words, ascending and unique."""
    weights: Floats
    """TF-IDF of these words, unit norm."""
    rare: Floats
    """The same for words over an IDF of ``RARE`` alone."""
    title: tuple[NDArray[np.uint64], Floats]
    pairs: tuple[NDArray[np.uint64], Floats]
    """Hashes of its pairs of characters and their TF-IDF, unit norm."""
    opening: tuple[NDArray[np.uint64], Floats]
    """Hashes of the words near its beginning and their IDF, of sum 1."""
    close: tuple[NDArray[np.uint64], Floats]
    meaning: tuple[Floats, Floats, Floats]
    """Word vectors of the whole, the head and the tail, unit norm, (dimensions,)."""
    genres: dict[str, float]
    size: int


def _running(part: Part) -> list[str]:
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


def _open_marks(text: str) -> tuple[str, str]:
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


def _read(part: Part, model: Model, *, lines: list[str], repeated: int) -> _Reading:
    """Measure one part, whose first ``repeated`` lines are the headline of another."""
    idf, vectors = model.segmenter.idf, model.segmenter.vectors
    title = part.article.title
    body = lines[repeated:] if repeated else _below(lines, title)
    tail, unstopped, unfinished = _tail(body)
    head = body[0] if body else ""
    tokens = tokenise("\n".join(lines), model.cutter)
    words, counts = np.unique(tokens.words, return_counts=True)
    rarity = idf[buckets(words, VECTOR_BITS)].astype(np.float64)
    weights = (1.0 + np.log(counts)) * rarity if len(words) else np.zeros(0)
    named = np.unique(tokenise(title, model.cutter).words)
    named_weight = idf[buckets(named, VECTOR_BITS)].astype(np.float64)
    length = len(tokens.codes)
    han = (tokens.classes[:-1] == HAN) & (tokens.classes[1:] == HAN)
    pairs, pair_counts = np.unique(hash_ngrams(tokens.codes, 2)[han] if length > 1 else words[:0], return_counts=True)
    pair_weights = (1.0 + np.log(pair_counts)) * model.genre.idf[buckets(pairs, GENRE_BITS)].astype(np.float64)

    def meaning(found: Tokens) -> Floats:
        rows = vectors[buckets(found.words, VECTOR_BITS)].astype(np.float64)
        return _unit(rows.sum(axis=0))

    full, sentence = _is_full(lines), any(char in "，。；" for char in title)
    headless = not title or (full and sentence)  # a line of wrapped text, taken for a headline

    def edge(text: str) -> tuple[NDArray[np.uint64], Floats]:
        found = np.unique(tokenise(text, model.cutter).words)
        weight = idf[buckets(found, VECTOR_BITS)].astype(np.float64)
        weight = np.where(weight > COMMON, weight, 0.0)
        return found, weight / max(float(weight.sum()), 1e-9)

    opened, _ = _open_marks(tail)
    _, closed = _open_marks("".join(body[:2]))
    return _Reading(
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
        caption=len(tokens.codes) < CAPTION and _PICTURE.search("\n".join(lines)) is not None,
        signed=tail != (body[-1] if body else "") or (bool(tail) and is_credit(tail) and len(tail) <= 2 * LINE),
        brief=len(tokens.codes) < BRIEF and not any(char in "。！？" for char in "".join(lines)),
        onward=_ONWARD.match(head) is not None,
        dated=_DATED.match(head) is not None,
        quoted=head[:1] in "“‘「",
        edge=(ord(normalise_text(head[0])[0]) if head else 0, ord(normalise_text(tail[-1])[0]) if tail else 0),
        opening=edge("".join(body[:3])[:OPENING]),
        close=edge("".join(body[-3:])[-OPENING:]),
        opened=opened,
        closed=closed,
        words=words,
        weights=_unit(weights),
        rare=_unit(np.where(rarity > RARE, weights, 0.0)),
        title=(named, named_weight),
        pairs=(pairs, _unit(pair_weights)),
        meaning=(
            meaning(tokens),
            meaning(tokens.between(0, min(NEAR, length))),
            meaning(tokens.between(max(0, length - NEAR), length)),
        ),
        genres=dict(part.article.top[:TOP_GENRES]),
        size=sum(map(len, body)),
    )


def _repeatable(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first lines, without white space, as far as they can be a headline that is repeated."""
    found: list[str] = []
    for line in lines[:4]:
        squeezed = "".join(line.split())
        if not LEAST_REPEATED <= len(squeezed) <= TOP // 2 or squeezed[-1] in "。；，、":
            break
        found.append(squeezed)
    return tuple(found)


def _repetitions(running: Sequence[list[str]], place: NDArray[np.int64]) -> tuple[list[int], NDArray[np.bool_]]:
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


def _spans(before: str, after: str, cutter: Cutter) -> bool:
    """Tell whether a word of two characters or more reaches across the cut between two pieces of text."""
    joined = normalise_text(before + after)
    at = 0
    for word in cutter.cut(joined):
        if at < len(before) < at + len(word):
            return any(char.isalnum() for char in word)
        at += len(word)
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The measurements of every pair of parts of an issue."""

    values: Floats
    """(n, n, len(FEATURES)); entry [i, j] says how part j would continue part i."""
    allowed: NDArray[np.bool_]
    """(n, n): the parts stand on different pages, and each has a word."""


def describe_pairs(parts: Sequence[Part], model: Model) -> Pairs:
    """Measure every pair of the parts of one issue. Time and memory grow with the square of their number."""
    n = len(parts)
    values = np.zeros((n, n, len(FEATURES)))
    put = {name: values[:, :, column] for column, name in enumerate(FEATURES)}
    pages = [page_key(part.page) for part in parts]
    keys = sorted(set(pages))
    place = np.array([keys.index(page) for page in pages], dtype=np.int64)
    running = [_running(part) for part in parts]
    repeated, again = _repetitions(running, place)
    read = [
        _read(part, model, lines=lines, repeated=count)
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

    def column(name: str) -> NDArray[np.bool_]:
        return np.array([getattr(found, name) for found in read], dtype=bool)

    unfinished, headless = column("unfinished"), column("headless")
    put["no full stop"][:] = column("unstopped")[:, None]
    put["first line is no headline"][:] = column("plain")[None, :]
    put["headline is a full line"][:] = column("full")[None, :]
    put["headline has a comma"][:] = column("sentence")[None, :]
    put["breaks off"][:] = unfinished[:, None]
    put["ends in a comma"][:] = column("comma")[:, None]
    put["headless"][:] = headless[None, :]
    put["begins in mid-sentence"][:] = column("inside")[None, :]
    put["breaks off, headless"][:] = unfinished[:, None] & headless[None, :]
    put["second begins with a credit"][:] = column("credit")[None, :]
    put["second is a caption"][:] = column("caption")[None, :]
    put["first is a caption"][:] = column("caption")[:, None]
    put["first ends in a credit"][:] = column("signed")[:, None]
    put["second ends in a credit"][:] = column("signed")[None, :]
    put["opens as what goes on"][:] = column("onward")[None, :]
    put["opens with a date"][:] = column("dated")[None, :]
    put["opens with a quotation"][:] = column("quoted")[None, :]
    put["headline again"][:] = again
    put["headline again, breaks off"][:] = again & unfinished[:, None]
    open_ = headless | column("full") | (np.array(repeated) > 0)
    for name in ("words alike", "meaning alike", "rare words alike"):
        put[f"{name}, headless"][:] = put[name] * open_[None, :]
    above = np.flatnonzero(place[1:] == place[:-1])  # parts with another one below them
    put["words alike, less the part above"][:] = put["words alike"]
    for i in above:
        put["words alike, less the part above"][:, i + 1] -= put["words alike"][i, i + 1]
        put["the part above breaks off, headless"][:, i + 1] = unfinished[i] & open_[i + 1]
        put["the part below is headless"][i] = open_[i + 1]
    put["on an earlier page"][:] = place[None, :] < place[:, None]
    put["pages between"][:] = np.minimum(np.abs(place[None, :] - place[:, None]), 8) / 8
    size = np.log([max(found.size, 1) for found in read])
    put["log length of the first"][:] = size[:, None]
    put["log length of the second"][:] = size[None, :]
    for i in np.flatnonzero(column("unstopped")):
        for j in np.flatnonzero((headless | column("full")) & allowed[i]):
            one, other = read[i], read[j]
            put["word across the cut"][i, j] = _spans(one.tail, other.head, model.cutter)
            put["quotation across the cut"][i, j] = bool(other.closed) and one.opened.endswith(other.closed)
    return Pairs(values, allowed)


def _compare_marks(parts: Sequence[Part], read: Sequence[_Reading], put: dict[str, Floats]) -> None:
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


def _compare_words(read: Sequence[_Reading], put: dict[str, Floats], allowed: NDArray[np.bool_]) -> None:
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


def _compare_pairs(read: Sequence[_Reading], put: dict[str, Floats]) -> None:
    """Compare the pairs of characters: names that no dictionary has are cut one way here and another there."""
    n = len(read)
    vocabulary = np.unique(np.concatenate([found.pairs[0] for found in read]))
    pairs = _Sparse.of([found.pairs for found in read], vocabulary)
    for j in range(n):
        put["pairs of characters alike"][:, j] = pairs.times(pairs.dense(j, len(vocabulary)), n)
    put["share of the second's pairs that the two alone have"][:] = pairs.alone(vocabulary, n).T


def _compare_edges(read: Sequence[_Reading], put: dict[str, Floats], allowed: NDArray[np.bool_], model: Model) -> None:
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


@dataclass(frozen=True, slots=True, eq=False)
class _Sparse:
    """Sparse rows, one a part, that are multiplied by one dense column at a time: memory stays linear."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Floats
    pointers: NDArray[np.int64]

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

    def times(self, column: Floats | NDArray[np.bool_], n: int) -> Floats:
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


def _best_others(
    alike: Floats, allowed: NDArray[np.bool_], rivals: NDArray[np.bool_] | None = None
) -> tuple[Floats, Floats]:
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


def probabilities(pairs: Pairs) -> Floats:
    """Return P(part j continues part i), (n, n); 0 on the same page.

    A part continues one other or none: the softmax over all that could come before it and, with a score of 0, nothing
    (a conditional logit, McFadden 1974). So what is just like ten others gets a tenth.
    """
    scores = np.where(pairs.allowed, pairs.values @ np.array(WEIGHTS) + BIAS, -np.inf)
    most = np.maximum(scores.max(axis=0, initial=0.0), 0.0)
    odds = np.exp(scores - most)
    found: Floats = odds / (np.exp(-most) + odds.sum(axis=0))
    return found


def match(proba: Floats, *, least: float = LIKELY) -> dict[int, tuple[int, float]]:
    """Return which part follows which, and how probable that was: one at most on either side, and no circle.

    Greedy, from the most probable pair down, ties in the order of the parts. A part that has what follows it is no
    longer there to be continued: what is left for the others is divided among the rest, nothing included. So the third
    part of a story, most like the long first one, is found to continue the second.
    """
    left = proba.copy()
    nothing = np.maximum(1.0 - proba.sum(axis=0), 0.0)
    after: dict[int, tuple[int, float]] = {}
    while left.size and (score := float(left.max())) >= max(least, 1e-12):
        one, other = (int(found) for found in np.unravel_index(int(left.argmax()), left.shape))
        end = other
        while end in after:
            end = after[end][0]
        if end == one:
            left[one, other] = 0.0
            continue
        after[one] = other, score
        left[:, other] = 0.0
        left[one] = 0.0
        rest = left.sum(axis=0) + nothing
        rest = np.where(rest > 1e-9, rest, 1.0)
        left, nothing = left / rest, nothing / rest
    return after


def stitch(parts: Iterable[Part], model: Model, *, least: float = LIKELY) -> list[Story]:
    """Put the parts of the stories of one issue together.

    Parameters
    ----------
    parts
        The articles of all pages of the issue, in the order of their pages.
    model
        Its words and word vectors are used.
    least
        Probability from which two parts are joined, 0 to 1.

    Returns
    -------
    list of Story
        Every part is in exactly one, most of them alone; in the order of their first parts.
    """
    parts = list(parts)
    if not parts:
        return []
    pairs = describe_pairs(parts, model)
    proba = probabilities(pairs)
    after = match(proba, least=least)
    both, on, back = (FEATURES.index(name) for name in FEATURES[:2] + FEATURES[3:4])
    stories = []
    for first in sorted(set(range(len(parts))) - {other for other, _ in after.values()}):
        chain = [first]
        joins = []
        while chain[-1] in after:
            one, (other, score) = chain[-1], after[chain[-1]]
            found = pairs.values[one, other]
            by = "marks" if found[both] else "mark" if found[on] or found[back] else "text"
            joins.append(Join(score, by))
            chain.append(other)
        stories.append(Story(tuple(parts[number] for number in chain), tuple(joins)))
    return stories
