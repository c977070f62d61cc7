"""n-grams of line ends: what is a name or a topic is only a shape to them."""

from __future__ import annotations

from classifier.boundaries.grams import reduce_alphabet


def test_names_and_topics_are_shapes_to_the_ngrams() -> None:
    table = reduce_alphabet("记者")
    assert table[ord("记")] == ord("记")
    assert table[ord("龘")] == table[ord("王")] == ord("某")
    assert table[ord("7")] == ord("0")
    assert table[ord("q")] == ord("a")
    assert table[ord("，")] == ord("，")
