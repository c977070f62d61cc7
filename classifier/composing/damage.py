"""Characters as optical recognition gets them wrong, drawn at random."""

from __future__ import annotations

import random

from classifier.composing import phrases

_WRONG_POOL = phrases.COMMON


def _confusion_table() -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in phrases.CONFUSIONS.split():
        a, b = pair[0], pair[-1]
        table.setdefault(a, b)
        table.setdefault(b, a)
    return table


_CONFUSED = _confusion_table()


def damage(text: str, rate: float, rng: random.Random) -> str:
    """Return ``text`` with a share ``rate`` of its characters wrong, missing or doubled, as OCR would have it."""
    if rate <= 0:
        return text
    out: list[str] = []
    for char in text:
        if rng.random() >= rate or char.isspace():
            out.append(char)
            continue
        what = rng.random()
        if char in "，。、；：！？“”（）":
            out.append(rng.choice(("，", "。", "、", ",", ".", "·", "：", "", "'", " ", "；")))
        elif what < 0.7:
            out.append(_CONFUSED.get(char, rng.choice(_WRONG_POOL)) if rng.random() < 0.7 else rng.choice(_WRONG_POOL))
        elif what < 0.85:
            continue
        else:
            out.append(char * 2)
    return "".join(out)
