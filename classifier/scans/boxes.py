"""Where the lines of a scanned page stand, as arrays: turned straight, with font sizes and ruled lines.

Everything that finds columns and blocks works on these. On a page of vertical text the page is laid on its side
first, so that its columns become lines; nothing after that needs to know.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.page.headline import is_credit
from classifier.page.jumps import find_jump
from classifier.scan import Rule, ScanPage, TextLine

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STOPS = frozenset("。！？；…”」』）)】》:：.!?")
"""Characters that a paragraph may end in."""

SHORT = 6
"""Ems of text under which the size of a line is not to be told from its width."""

_SQUEEZED = frozenset("，。、；：！？“”‘’（）《》〈〉「」『』【】〔〕·…—")
"""Punctuation that is often set half as wide as a character: beside other punctuation, and to keep it off an edge."""

_LONGEST_CREDIT = 24
"""Characters of a line that names its author: a column is no wider, and what is longer has no need of it."""

_NARROW = 0.55
"""Width of a Latin letter or a digit, in ems."""


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """The lines of a page, in the order of ``page.lines``, with straight boxes in pixels; arrays of shape (n,)."""

    left: Floats
    top: Floats
    right: Floats
    bottom: Floats
    size: Floats
    """Estimated font size in pixels."""
    upright: Flags
    """Whether the line runs across the direction of most lines: a vertical headline beside horizontal text."""
    stops: Flags
    """Whether its last character may end a paragraph."""
    marked: Flags
    """Whether it begins with a mark that captions begin with."""
    folio: Flags
    """Whether it stands in the line over (or under) the page: its number, the date, the name of the paper."""
    continued: Flags
    """Whether it is a line like （上接第一版）, which only the part of an article that is continued begins with."""
    letters: Floats
    """Width of its text in ems."""
    em: float
    """Font size of the running text in pixels."""
    width: float
    height: float
    across: Floats
    """Ruled lines across the page, (k, 3): left, right, y."""
    down: Floats
    """Ruled lines down the page, (k, 3): top, bottom, x."""
    pictures: Floats
    """Photographs, (k, 4): left, top, right, bottom."""

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.left)


def ems(text: str) -> float:
    """Return the width of a text in ems: Han characters and full-width marks count 1, others a bit over a half."""
    return sum(_NARROW if char < "\u0300" else 1.0 for char in text.strip())


def skew(page: ScanPage) -> float:
    """Return the angle in radians by which the lines descend to the right: the median of the long lines' edges."""
    angles, weights = [], []
    for line in page.lines:
        if len(line.polygon) != 4 or len(line.text) < 4:
            continue
        (x0, y0), (x1, y1) = line.polygon[0], line.polygon[1]
        along, across = (y1 - y0, x0 - x1) if line.vertical else (x1 - x0, y1 - y0)
        (x3, y3), (x2, y2) = line.polygon[3], line.polygon[2]
        if line.vertical:
            # Clockwise from the outer corner of the first character: the right edge runs along the reading.
            along, across = y2 - y1, x1 - x2
        else:
            along, across = along + x2 - x3, across + y2 - y3
        if along > 3 * line.height:
            angles.append(math.atan2(across, along))
            weights.append(along)
    if not angles:
        return 0.0
    angle = weighted_median(np.array(angles), np.array(weights))
    return angle if abs(angle) < math.radians(12) else 0.0


def weighted_median(values: Floats, weights: Floats) -> float:
    """Return the value below which half the weight lies."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order[int(np.searchsorted(total, total[-1] / 2))]])


def straighten(page: ScanPage) -> Boxes:
    """Return the boxes of a page turned straight; a page of mostly vertical text is laid on its side."""
    lines = page.lines
    angle = skew(page)
    turn = _Turn(math.cos(angle), math.sin(angle), page.width, page.height, _is_vertical(lines))
    corners = [turn.box(line.polygon) for line in lines]
    left, top, right, bottom = np.array(corners, dtype=np.float64).reshape(-1, 4).T
    # Boxes without an area, which damaged files have, are given one: what follows divides by widths.
    right, bottom = np.maximum(right, left + 1.0), np.maximum(bottom, top + 1.0)
    upright = np.array(
        [line.vertical != turn.sideways and len(line.text.strip()) > 1 for line in lines], dtype=np.bool_
    )
    letters = np.array([max(ems(line.text), 0.5) for line in lines], dtype=np.float64)
    size, em = _font_sizes([line.text for line in lines], (right - left, bottom - top), letters, upright)
    across, down = _ruled(page.rules, turn, em)
    stops = np.array([line.text.rstrip()[-1:] in STOPS for line in lines], dtype=np.bool_)
    marked = np.array([_is_marked(line.text) for line in lines], dtype=np.bool_)
    pictures = [turn.box(picture.corners) for picture in page.pictures]
    return Boxes(
        left,
        top,
        right,
        bottom,
        size,
        upright,
        stops,
        marked,
        _folios(
            [line.text for line in lines], (left, top, right, bottom), page.width if turn.sideways else page.height
        ),
        np.array([(jump := find_jump(line.text)) is not None and jump.opens for line in lines], dtype=np.bool_),
        letters,
        max(em, 1.0),
        page.height if turn.sideways else page.width,
        page.width if turn.sideways else page.height,
        across,
        down,
        np.array(pictures, dtype=np.float64).reshape(-1, 4),
    )


def _font_sizes(
    texts: Sequence[str], extent: tuple[Floats, Floats], letters: Floats, upright: NDArray[np.bool_]
) -> tuple[Floats, float]:
    """Return the font size of each line, by its width and height, and that of the running text."""
    width, height = extent
    spare = np.array([0.5 * sum(char in _SQUEEZED for char in text) for text in texts], dtype=np.float64)
    size = _sizes(width, height, letters, upright)
    body = ~upright & (letters >= 4)
    em = weighted_median(size[body], letters[body]) if body.any() else (float(np.median(size)) if len(size) else 1.0)
    # A line with narrow punctuation is short for its characters.
    squeezed = ~upright & (size < em) & (width / (np.maximum(letters - spare, 0.5 * letters) + 0.3) > em)
    size = np.where(squeezed & (letters >= SHORT), em, size)
    # Of the blanks in 本报记者　张　三 and before what follows 日电 nothing is read: such lines seem too wide.
    credit = np.array([_is_credit(text.strip()) for text in texts], dtype=np.bool_)
    size = np.where(credit & ~upright & (size > em) & (size < 1.5 * em), em, size)
    # The box of two characters is cut with more room than that of twenty: only much higher ones are set larger.
    short = ~upright & (letters < SHORT)
    size = np.where(short & (size > 0.7 * em) & (size < np.where(letters < 4, 1.6, 1.35) * em), em, size)
    return size, em


def _is_credit(text: str) -> bool:
    """Tell whether a line says who wrote or sent a text, blanks read or not."""
    return len(text) <= _LONGEST_CREDIT and (is_credit(text) or _DATELINE.match(text) is not None)


_DATELINE = re.compile(r"[【（(]?(?:本[报報刊]|[^\s，。]{2,3}社)[^，。]{1,16}日\s?[电電讯訊]")


def _is_marked(text: str) -> bool:
    """Tell whether a line looks like a caption: a mark before it, or who took the picture."""
    return _CAPTION.search(text.strip()) is not None


_CAPTION = re.compile(
    r"^[■▲▼◀▶△▽◆●□]|^[图圖](?:为|為|[①②③一二三四]|\s?[0-9])|[摄攝][）)]?$|[（(].{0,6}[图圖]片?[）)]?$|[图圖]片?[）)]$|供[图圖]"
)

_DATE = re.compile(
    r"[0-9０-９〇一二三四五六七八九十]\s*月\s*[0-9０-９〇一二三四五六七八九十]+\s*日|星期[一二三四五六日]"
)
_REST = re.compile(r"[^0-9A-Za-z年月日星期一二三四五六七八九十〇版第\s\u3000.:：-]")
"""What is in the line over a page beside a date and numbers: its name, not a sentence."""

_MARGIN = 0.1
"""Share of the page's height in which a date is the paper's, at the top and at the foot."""


def _folios(texts: list[str], edges: tuple[Floats, Floats, Floats, Floats], height: float) -> Flags:
    """Tell which lines stand beside a short line with a date at the edge of the page."""
    left, top, right, bottom = edges
    found = np.zeros(len(texts), dtype=np.bool_)
    for line, text in enumerate(texts):
        edge = bottom[line] < _MARGIN * height or top[line] > (1 - _MARGIN / 2) * height
        if edge and len(text) <= 36 and _DATE.search(text) and len(_REST.findall(text)) <= 8 and "，" not in text:
            middle = (top[line] + bottom[line]) / 2
            beside = np.minimum(bottom, bottom[line]) - np.maximum(top, top[line]) > 0.4 * np.minimum(
                bottom - top, bottom[line] - top[line]
            )
            short = np.array([len(other) <= 36 for other in texts])
            if middle > height / 2 and _hangs(line, left, top, right, bottom):
                continue
            # A date in running text has more text above it and below.
            outside = (bottom < middle) if middle < height / 2 else (top > middle)
            if not (outside & ~beside).sum() > 3:
                found |= beside & short
    return found


def _hangs(line: int, left: Floats, top: Floats, right: Floats, bottom: Floats) -> bool:
    """Tell whether a line stands close under another, as the last one of a column does."""
    high = bottom[line] - top[line]
    over = (np.minimum(right, right[line]) > np.maximum(left, left[line])) & (top < top[line] - 0.5 * high)
    return bool((over & (bottom > top[line] - high)).any())


def _is_vertical(lines: tuple[TextLine, ...]) -> bool:
    """Tell whether most characters stand in vertical lines."""
    tall = sum(len(line.text) for line in lines if line.vertical)
    return 2 * tall > sum(len(line.text) for line in lines)


@dataclass(frozen=True, slots=True)
class _Turn:
    """From coordinates of the picture to straight ones."""

    cos: float
    sin: float
    width: float
    height: float
    sideways: bool

    def point(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.width / 2, y - self.height / 2
        x, y = x * self.cos + y * self.sin, y * self.cos - x * self.sin
        x, y = x + self.width / 2, y + self.height / 2
        return (y, self.width - x) if self.sideways else (x, y)

    def box(self, points: tuple[tuple[float, float], ...]) -> tuple[float, float, float, float]:
        turned = [self.point(x, y) for x, y in points]
        xs, ys = [x for x, _ in turned], [y for _, y in turned]
        return min(xs), min(ys), max(xs), max(ys)


def _sizes(wide: Floats, high: Floats, letters: Floats, upright: Flags) -> Floats:
    """Return font sizes in pixels.

    A recogniser's boxes are higher than the characters by a share of its own; the distance from character to character
    is not. Short lines take their height, corrected by what the long lines of the page say of that share.
    """
    high, wide = np.where(upright, wide, high), np.where(upright, high, wide)
    pitch = wide / (letters + 0.3)  # boxes are cut with a little room at both ends
    long = (letters >= SHORT) & (high > 0)
    share = float(np.median(high[long] / np.maximum(pitch[long], 1e-6))) if long.any() else 1.0
    share = min(max(share, 0.8), 1.6)
    size = high / share
    # The box of a few characters may be much too high, but it is as wide as they are; of the last, a full stop or a
    # quotation mark, half may be blank.
    short = np.where(letters >= 2, np.minimum(size, wide / np.maximum(letters - 0.5, 0.5)), size)
    return np.maximum(np.where(long, np.clip(pitch, 0.75 * size, 1.05 * size), short), 1.0)


def _ruled(rules: tuple[Rule, ...], turn: _Turn, em: float) -> tuple[Floats, Floats]:
    across, down = [], []
    for rule in rules:
        wide, high = rule.right - rule.left, rule.bottom - rule.top
        x, y = (rule.left + rule.right) / 2, (rule.top + rule.bottom) / 2
        ends = ((rule.left, y), (rule.right, y)) if wide >= high else ((x, rule.top), (x, rule.bottom))
        left, top, right, bottom = turn.box(ends)
        if right - left >= bottom - top and right - left > 2 * em:
            across.append((left, right, (top + bottom) / 2))
        elif bottom - top > right - left and bottom - top > 2 * em:
            down.append((top, bottom, (left + right) / 2))
    return np.array(across, dtype=np.float64).reshape(-1, 3), np.array(down, dtype=np.float64).reshape(-1, 3)
