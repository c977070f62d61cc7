"""Set pages as a recogniser would hand them over, and which printed line each recognised line is.

:func:`proof` needs no picture: perfect text in boxes that shake a little, on a page that is turned, now and then a line
lost or broken in two. It is quick enough to train on. :func:`match` says what a real recogniser found of a page.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.newsprint import FURNITURE, Print, Sheet
from classifier.scan import Point, Rule, ScanPage, TextLine

UNKNOWN = -1
"""Index of the printed line of a recognised line that is none: specks, letters in a photograph."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A recognised page whose truth is known."""

    sheet: Sheet
    page: ScanPage
    prints: tuple[int, ...]
    """For each of ``page.lines`` the index of the printed line it is, or :data:`UNKNOWN`."""

    @property
    def articles(self) -> NDArray[np.int64]:
        """Article of each of ``page.lines``, int64 (n,); :data:`~benchmarks.newsprint.FURNITURE` for those of none."""
        numbers = [self.sheet.prints[i].article if i != UNKNOWN else FURNITURE for i in self.prints]
        return np.array(numbers, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Damage:
    """What goes wrong on the way from paper to boxes."""

    skew: float = 2.0
    """Greatest angle in degrees."""
    shake: float = 0.06
    """Standard deviation of the edges, in font sizes."""
    lost: float = 0.004
    """Share of lines not found."""
    broken: float = 0.01
    """Share of lines found in two pieces."""
    unruled: float = 0.08
    """Share of ruled lines not found."""
    pictured: float = 0.5
    """Share of pages whose photographs are found."""


CLEAN = Damage(skew=0.0, shake=0.0, lost=0.0, broken=0.0, unruled=0.0, pictured=1.0)


def proof(sheet: Sheet, *, seed: int, damage: Damage = Damage()) -> Proof:
    """Return a set page with perfect text in the boxes of a recogniser, its lines in any order."""
    chance = random.Random(seed)
    angle = math.radians(chance.uniform(-damage.skew, damage.skew))
    lines: list[tuple[int, TextLine]] = []
    for number, line in enumerate(sheet.prints):
        if chance.random() < damage.lost:
            continue
        for part in _pieces(line, chance) if chance.random() < damage.broken else (line,):
            lines.append((number, TextLine(part.text, _quad(part, chance, damage, _turn(sheet, angle)))))
    chance.shuffle(lines)
    turn = _turn(sheet, angle)
    return Proof(
        sheet,
        ScanPage(
            1,
            sheet.width,
            sheet.height,
            tuple(line for _, line in lines),
            tuple(_turned(rule, turn) for rule in sheet.rules if chance.random() >= damage.unruled),
            tuple(_turned(box, turn) for box in sheet.pictures) if chance.random() < damage.pictured else (),
            "ocr",
        ),
        tuple(number for number, _ in lines),
    )


def _pieces(line: Print, chance: random.Random) -> Sequence[Print]:
    """Break a line in two, as recognisers do at a wide space."""
    if len(line.text) < 6 or line.vertical:
        return (line,)
    cut = chance.randint(2, len(line.text) - 2)
    at = line.left + (line.right - line.left) * cut / len(line.text)
    return replace(line, text=line.text[:cut], right=at), replace(line, text=line.text[cut:], left=at)


@dataclass(frozen=True, slots=True)
class _Turn:
    x: float
    y: float
    cos: float
    sin: float

    def __call__(self, x: float, y: float) -> Point:
        x, y = x - self.x, y - self.y
        return x * self.cos - y * self.sin + self.x, x * self.sin + y * self.cos + self.y


def _turn(sheet: Sheet, angle: float) -> _Turn:
    return _Turn(sheet.width / 2, sheet.height / 2, math.cos(angle), math.sin(angle))


def _quad(line: Print, chance: random.Random, damage: Damage, turn: _Turn) -> tuple[Point, ...]:
    def shaken(value: float) -> float:
        return value + chance.gauss(0, damage.shake * line.size)

    left, right = shaken(line.left), shaken(line.right)
    top, bottom = shaken(line.top - 0.08 * line.size), shaken(line.bottom + 0.08 * line.size)
    return turn(left, top), turn(right, top), turn(right, bottom), turn(left, bottom)


def _turned(box: Rule, turn: _Turn) -> Rule:
    corners = [turn(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Rule(min(xs), min(ys), max(xs), max(ys))


def match(sheet: Sheet, page: ScanPage, *, angle: float = 0.0) -> Proof:
    """Find the printed line of each recognised line: the one whose box it shares most with.

    ``angle`` is by how many degrees the picture was turned counter-clockwise, see :func:`benchmarks.presswork.age`.
    """
    turn = _turn(sheet, math.radians(-angle))
    boxes = []
    for line in sheet.prints:
        middle = turn((line.left + line.right) / 2, (line.top + line.bottom) / 2)
        wide, high = (line.right - line.left) / 2, (line.bottom - line.top) / 2
        boxes.append((middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high))
    left, top, right, bottom = np.array(boxes, dtype=np.float64).reshape(-1, 4).T
    found = []
    for read in page.lines:
        # Boxes of a turned line overlap those of its neighbours: compare middles and half heights.
        middle_x, middle_y = (read.left + read.right) / 2, (read.top + read.bottom) / 2
        wide = read.right - read.left
        high = min(read.bottom - read.top, 1.3 * _thickness(read))
        x = np.minimum(right, middle_x + wide / 2) - np.maximum(left, middle_x - wide / 2)
        y = np.minimum(bottom, middle_y + high / 2) - np.maximum(top, middle_y - high / 2)
        shared = np.maximum(x, 0) * np.maximum(y, 0)
        best = int(np.argmax(shared)) if len(shared) else 0
        enough = len(shared) > 0 and shared[best] > 0.25 * max(wide * high, 1.0)
        found.append(best if enough else UNKNOWN)
    return Proof(sheet, page, tuple(found))


def _thickness(line: TextLine) -> float:
    """Return the height of a line, or the width of a vertical one, whatever its angle."""
    (x0, y0), (x1, y1), (x2, y2) = line.polygon[:3]
    return max(min(math.hypot(x1 - x0, y1 - y0), math.hypot(x2 - x1, y2 - y1)), 1.0)
