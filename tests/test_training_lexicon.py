"""The lexicon: words of a topic come together, and the same texts give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.boundaries.cohesion import VECTOR_BITS
from classifier.text.tokens import buckets, make_cutter, tokenise
from classifier.training.lexicon import ALPHABET_SIZE, Lexicon, fit_lexicon


def test_the_lexicon_has_the_shapes_it_says(lexicon: Lexicon) -> None:
    assert lexicon.idf.shape == (1 << VECTOR_BITS,)
    assert lexicon.vectors.shape == (1 << VECTOR_BITS, 12)
    assert lexicon.idf.dtype == lexicon.vectors.dtype == np.float32
    assert np.isfinite(lexicon.vectors).all()
    assert (lexicon.idf >= 0).all()
    assert len(set(lexicon.alphabet)) == len(lexicon.alphabet) == ALPHABET_SIZE
    assert {"的", "记", "者", "本"} <= set(lexicon.alphabet)
    assert all("一" <= char <= "鿿" for char in lexicon.alphabet)


TOPICS = ("足球 联赛 球队 主场 进球 教练", "水稻 丰收 农民 粮食 收割 播种", "法院 判决 原告 被告 审理 律师")


def topic_texts(seed: int = 0) -> list[Sequence[str]]:
    """Return 60 texts of one topic each, and words that all share."""
    rng = np.random.default_rng(seed)
    found: list[Sequence[str]] = []
    for number in range(60):
        words = TOPICS[number % 3].split() + "记者 昨天 城市 表示 工作 发展".split()
        found.append(["，".join(rng.choice(words, 8)) + "。" for _ in range(24)])
    return found


def fit_small(texts: list[Sequence[str]], seed: int = 0) -> Lexicon:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("classifier.training.lexicon.LSA_DIMENSIONS", 8)
        patch.setattr("classifier.training.lexicon.VECTOR_DIMENSIONS", 3)
        return fit_lexicon(texts, seed=seed)


def test_word_vectors_bring_words_of_a_topic_together() -> None:
    lexicon = fit_small(topic_texts())

    def vector(word: str) -> NDArray[np.float32]:
        (hashed,) = tokenise(word, make_cutter()).words
        found = lexicon.vectors[buckets(np.array([hashed]), VECTOR_BITS)[0]]
        return np.asarray(found / np.linalg.norm(found), dtype=np.float32)

    ball, league, rice, court = map(vector, ("足球", "联赛", "水稻", "法院"))
    assert ball @ league > 0.9
    assert ball @ rice < 0.5
    assert ball @ court < 0.5
    # A word of every text says little.
    (common,) = buckets(tokenise("记者", make_cutter()).words, VECTOR_BITS)
    (special,) = buckets(tokenise("足球", make_cutter()).words, VECTOR_BITS)
    assert lexicon.idf[common] < lexicon.idf[special]


def test_the_lexicon_is_the_same_every_time() -> None:
    one, other = fit_small(topic_texts()), fit_small(topic_texts())
    assert one.alphabet == other.alphabet
    assert one.idf.tobytes() == other.idf.tobytes()
    assert one.vectors.tobytes() == other.vectors.tobytes()


def test_word_vectors_are_one_long_on_average() -> None:
    lexicon = fit_small(topic_texts())
    norms = np.linalg.norm(lexicon.vectors, axis=1)
    assert np.sqrt((norms[norms > 0] ** 2).mean()) == pytest.approx(1, rel=0.3)
