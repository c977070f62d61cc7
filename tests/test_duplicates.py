"""What is found to be the same, whatever its layout."""

from __future__ import annotations

import random

from classifier.labelled.duplicates import find_twins, fingerprint


def sentences(seed: int, count: int = 12) -> list[str]:
    rng = random.Random(seed)
    return ["".join(chr(rng.randint(0x4E00, 0x9000)) for _ in range(25)) + "。" for _ in range(count)]


def test_layout_and_punctuation_do_not_make_a_text_another() -> None:
    assert fingerprint("今年雨水足，\n稻子长得好。") == fingerprint("今年 雨水足稻子\n\n长得好")
    assert fingerprint("今年雨水足") != fingerprint("今年雨水多")
    assert fingerprint("開門紅") == fingerprint("开门红")


def test_twins_are_found_across_line_breaks() -> None:
    whole = sentences(1)
    wrapped = "\n".join("".join(whole)[at : at + 14] for at in range(0, 26 * 12, 14))
    part = "".join(whole[:3] + sentences(2, 2))
    texts = ["".join(whole), "".join(sentences(3)), wrapped, part]
    assert [(twins.first, twins.second, twins.exact) for twins in find_twins(texts)] == [(0, 2, True), (0, 3, False)]
