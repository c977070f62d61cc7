"""What makes a model worse is found."""

from __future__ import annotations

import random

from classifier.labelled import checks
from classifier.labelled.corpus import Corpus, LabelledText


def sentences(seed: int, count: int = 12) -> list[str]:
    rng = random.Random(seed)
    return ["".join(chr(rng.randint(0x4E00, 0x9000)) for _ in range(25)) + "。" for _ in range(count)]


def test_check_finds_what_makes_a_model_worse() -> None:
    text = "".join(sentences(1))
    texts = [
        LabelledText("a.txt", text, "cars"),
        LabelledText("b.txt", text + "。", "cars"),
        LabelledText("c.txt", text + "另外一句话说的是别的事情。", "games"),
        LabelledText("d.txt", "本报讯\n锟斤拷锟斤拷", "law"),
    ]
    found = checks.check(Corpus(tuple(texts)), known=["law"])
    assert len(found) == 5
    assert found[0].startswith("d.txt:2: ")
    assert "b.txt: the same text as a.txt; keep one" in found
    assert any(line.startswith("c.txt: shares most of its text with a.txt, but games here and cars") for line in found)
    assert [line.split(":")[0] for line in found[-2:]] == ["cars", "games"]
