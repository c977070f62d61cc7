"""Texts that were read in a wrong encoding are told from those that speak of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.text.mojibake import find_sign, is_garbled

LABELED = Path(__file__).resolve().parents[1] / "labeled"
TEXT = (LABELED / "pages" / "seed-like-1.txt").read_text("utf-8")

GARBLED = {
    "UTF-8 as Latin-1": TEXT.encode().decode("latin-1"),
    "UTF-8 as Windows-1252": TEXT.encode().decode("cp1252", "replace"),
    "UTF-8 as GB18030": TEXT.encode().decode("gb18030", "replace"),
    "GB18030 as Latin-1": TEXT.encode("gb18030").decode("latin-1"),
    "GB18030 as UTF-8": TEXT.encode("gb18030").decode("utf-8", "replace"),
    "twice": TEXT.encode("gb18030").decode("utf-8", "replace").encode().decode("gb18030", "replace"),
    "ASCII": TEXT.encode("ascii", "replace").decode(),
}


@pytest.mark.parametrize("way", GARBLED)
def test_every_wrong_way_shows(way: str) -> None:
    assert is_garbled(GARBLED[way])
    assert find_sign(GARBLED[way])


def test_no_labelled_text_shows_any() -> None:
    texts = [path.read_text("utf-8") for path in LABELED.rglob("*.txt")]
    assert len(texts) > 1000
    assert not any(map(find_sign, texts))


def test_one_place_is_not_all() -> None:
    text = TEXT.replace("，", "\ufffd", 3)
    assert find_sign(text)
    assert not is_garbled(text)
    assert not is_garbled("")
    assert not is_garbled("à la carte, Café “Élysée”, Mallarmé — Renée，水渠通水。真的吗????")
