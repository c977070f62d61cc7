"""Held out: one in five of each kind, twins together."""

from __future__ import annotations

import random

from classifier.labelled.holdout import hold_out


def sentences(seed: int, count: int = 12) -> list[str]:
    rng = random.Random(seed)
    return ["".join(chr(rng.randint(0x4E00, 0x9000)) for _ in range(25)) + "。" for _ in range(count)]


def test_one_in_five_is_held_out_of_each_kind() -> None:
    texts = ["".join(sentences(seed, 3)) for seed in range(60)]
    kinds = ["cars"] * 50 + ["games"] * 10
    out = hold_out(texts, kinds)
    assert (sum(out[:50]), sum(out[50:])) == (10, 2)
    order = random.Random(1).sample(range(60), 60)
    assert hold_out([texts[i] for i in order], [kinds[i] for i in order]) == [out[i] for i in order]
    assert hold_out(texts, kinds, seed=1) != out


def test_twins_are_held_out_together() -> None:
    texts = ["".join(sentences(seed // 2, 3)) + "。" * (seed % 2) for seed in range(40)]
    out = hold_out(texts, ["cars"] * 40)
    assert out[::2] == out[1::2]
    assert any(out)
