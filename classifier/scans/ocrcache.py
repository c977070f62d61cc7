"""What was recognised, kept beside the results, so that a new model or another format does not repeat the OCR.

An entry is a JSON file named after the bytes of the input and the settings they were read with. It can hold nothing but
texts and numbers, and one that is damaged, of another version or altered to nonsense is passed over and made anew.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from classifier.atomic import write_atomically
from classifier.scan import Rule, ScanPage, TextLine

FOLDER = ".ocr"
"""Name of the folder below ``-o DIR``. Hidden names are not searched for inputs."""

REVISION = 1
"""Raised when the same picture and settings give other lines."""

_LARGEST = 64 << 20
"""Bytes of an entry that is still read: a page has some hundred thousand."""


def key(data: bytes, *settings: object) -> str:
    """Return the name of an entry: 40 hexadecimal digits of the input's bytes and all that its reading depends on."""
    digest = hashlib.sha256(json.dumps([REVISION, *map(str, settings)]).encode())
    digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()[:40]


def load(folder: Path, name: str) -> ScanPage | None:
    """Return what was kept under a name; ``None`` if there is nothing that can be used."""
    path = _path(folder, name)
    try:
        if path.stat().st_size > _LARGEST:
            return None
        entry = json.loads(path.read_bytes())
        if entry["revision"] != REVISION or entry["name"] != name:
            return None
        return _page_of(entry["page"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def save(folder: Path, name: str, page: ScanPage) -> None:
    """Keep a page. A cache that cannot be written costs time, not the result: it is no error."""
    path = _path(folder, name)
    entry = {"revision": REVISION, "name": name, "page": _facts_of(page)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(entry, ensure_ascii=True).encode())
    except OSError:
        return


def _path(folder: Path, name: str) -> Path:
    return folder / name[:2] / f"{name}.json"


def _facts_of(page: ScanPage) -> dict[str, Any]:
    lines = [
        [line.text, line.confidence, [round(x, 1) for point in line.polygon for x in point]] for line in page.lines
    ]
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "source": page.source,
        "rotation": page.rotation,
        "lines": lines,
        "rules": [_box_of(rule) for rule in page.rules],
        "pictures": [_box_of(picture) for picture in page.pictures],
    }


def _box_of(rule: Rule) -> list[float]:
    return [round(side, 1) for side in (rule.left, rule.top, rule.right, rule.bottom)]


def _page_of(facts: dict[str, Any]) -> ScanPage:
    """Check what an entry says and make a page of it. Raises ``ValueError``, ``TypeError`` or ``KeyError``."""
    lines = []
    for text, confidence, numbers in facts["lines"]:
        values = _numbers(numbers)
        if not isinstance(text, str) or len(values) < 6 or len(values) % 2:
            raise ValueError("not a line")
        polygon = tuple(zip(values[::2], values[1::2], strict=True))
        lines.append(TextLine(text, polygon, *_numbers([confidence])))
    boxes = [[Rule(*_numbers(sides)) for sides in facts[part]] for part in ("rules", "pictures")]
    width, height = _numbers([facts["width"], facts["height"]])
    number, rotation = int(facts["number"]), int(facts["rotation"])
    rules, pictures = map(tuple, boxes)
    return ScanPage(number, width, height, tuple(lines), rules, pictures, str(facts["source"]), rotation)


def _numbers(values: list[Any]) -> list[float]:
    numbers = [float(value) for value in values]
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("not finite")
    return numbers
