"""Ruled lines and photographs found in the picture of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.scan import Rule, TextLine

Pixels = NDArray[np.uint8]
Mask = NDArray[Any]

_SIDE = 2000
"""Pixels to which the longer side is brought down: a hairline of 0.2 mm on a broadsheet still has one."""

_LEAST_LENGTH = 4.0
"""Line heights a rule is long at least: the longest stroke of a character has one."""

_THICKEST = 0.6
"""Line heights a rule is thick at most; what is thicker is a bar of colour or a picture."""

_RESTLESS, _DARK = 12.0, 70.0
"""Grey levels of spread, or below those of the paper, that tell a photograph; that of a real scan spreads by 2 to 6."""

_PICTURE_SIDE, _PICTURE_FILL, _PICTURE_TEXT = 4.0, 0.5, 0.3
"""A photograph is so many line heights wide and high, fills so much of its box, and has no more under lines of text."""


def find_rules(pixels: Pixels, lines: Sequence[TextLine]) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Find ruled lines and photographs.

    Parameters
    ----------
    pixels
        uint8 of shape (height, width, 3), blue, green, red.
    lines
        The lines of text: their height is the measure, and they are no part of a picture.

    Returns
    -------
    tuple of tuple of Rule
        The ruled lines, horizontal and vertical, and the boxes of photographs, in pixels.
    """
    import cv2

    if not lines:
        return (), ()
    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    grey: Mask = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    em = max(float(np.median([line.height for line in lines])) * scale, 4.0)
    boxes = [[max(int(value * scale), 0) for value in (line.left, line.top, line.right, line.bottom)] for line in lines]
    pictures = _find_pictures(grey, boxes, em)
    rules = [
        rule
        for rule in (*_find_straight(grey, em, upright=False), *_find_straight(grey, em, upright=True))
        if not any(_holds(picture, rule) for picture in pictures) and not _crosses_text(rule, boxes)
    ]
    return tuple(_scaled(rule, 1 / scale) for rule in rules), tuple(_scaled(box, 1 / scale) for box in pictures)


def _find_straight(grey: Mask, em: float, *, upright: bool) -> list[Rule]:
    """Find dark or light lines in one direction; ``em`` is the height of a line of text in pixels."""
    import cv2

    if upright:
        lying = _find_straight(grey.T, em, upright=False)
        return [Rule(rule.top, rule.left, rule.bottom, rule.right) for rule in lying]
    grey = np.ascontiguousarray(grey)
    # A line is darker than what lies above and below it: a black hat of its thickness keeps it and drops shading.
    thickness = max(int(_THICKEST * em) | 1, 3)
    tall = cv2.getStructuringElement(cv2.MORPH_RECT, (1, thickness + 2))
    contrast: Mask = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, tall)
    mask: Mask = (contrast > 40).astype(np.uint8)
    # Skew of two degrees moves a line by a pixel in 28: thicken it by one on both sides before looking for its length.
    mask = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    length = max(int(_LEAST_LENGTH * em / 2), 12)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, int(em) | 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for left, top, width, height, _ in stats[1:].tolist():
        slant = 0.04 * width
        if width >= _LEAST_LENGTH * em and height <= thickness + 2 + slant:
            found.append(Rule(float(left), float(top), float(left + width), float(top + height)))
    return found


def _find_pictures(grey: Mask, boxes: Sequence[Sequence[int]], em: float) -> list[Rule]:
    """Find areas that are neither paper nor text: restless, or dark, over more than a line of text."""
    import cv2

    paper = float(np.percentile(grey, 90))
    side = int(em) | 1
    beside = np.ones(grey.shape, dtype=np.float32)
    for left, top, right, bottom in boxes:
        beside[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2] = 0
    tones = grey.astype(np.float32)
    count, total, squares = (
        np.asarray(cv2.boxFilter(values, -1, (side, side), normalize=False))
        for values in (beside, tones * beside, tones * tones * beside)
    )
    mean = total / np.maximum(count, 1)
    spread = np.sqrt(np.maximum(squares / np.maximum(count, 1) - mean * mean, 0))
    is_picture = ((spread > _RESTLESS) | (mean < paper - _DARK)) & (count > 0.3 * side * side)
    mask: Mask = is_picture.astype(np.uint8)
    wide = np.ones((2 * side + 1, 2 * side + 1), np.uint8)  # rules, specks and margins of text are narrower
    mask = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_OPEN, wide), cv2.MORPH_CLOSE, wide)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for left, top, width, height, area in stats[1:].tolist():
        covered = 1 - float(beside[top : top + height, left : left + width].mean())
        if (
            min(width, height) >= _PICTURE_SIDE * em
            and area >= _PICTURE_FILL * width * height
            and covered <= _PICTURE_TEXT
            and width * height < 0.9 * grey.size
        ):
            found.append(Rule(float(left), float(top), float(left + width), float(top + height)))
    return found


def _holds(box: Rule, rule: Rule) -> bool:
    """Tell whether a line lies in a photograph, and does not reach far beyond it as the edge of a frame does."""
    middle_x, middle_y = (rule.left + rule.right) / 2, (rule.top + rule.bottom) / 2
    if not (box.left <= middle_x <= box.right and box.top <= middle_y <= box.bottom):
        return False
    wide, high = rule.right - rule.left, rule.bottom - rule.top
    return wide < 1.5 * (box.right - box.left) and high < 1.5 * (box.bottom - box.top)


def _crosses_text(rule: Rule, boxes: Sequence[Sequence[int]]) -> bool:
    """Tell whether a line found lies inside a line of text for half its length: strokes and underlines do."""
    upright = rule.bottom - rule.top > rule.right - rule.left
    covered = 0.0
    for left, top, right, bottom in boxes:
        if upright:
            inside = left + 0.15 * (right - left) < (rule.left + rule.right) / 2 < right - 0.15 * (right - left)
            covered += max(0.0, min(rule.bottom, bottom) - max(rule.top, top)) if inside else 0.0
        else:
            inside = top + 0.15 * (bottom - top) < (rule.top + rule.bottom) / 2 < bottom - 0.15 * (bottom - top)
            covered += max(0.0, min(rule.right, right) - max(rule.left, left)) if inside else 0.0
    return covered > 0.5 * max(rule.bottom - rule.top, rule.right - rule.left)


def _scaled(box: Rule, scale: float) -> Rule:
    return Rule(box.left * scale, box.top * scale, box.right * scale, box.bottom * scale)
