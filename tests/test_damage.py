"""Characters as recognition gets them wrong."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.composing.damage import damage


@given(st.text(max_size=300), st.integers(0, 99))
def test_no_damage_changes_nothing(text: str, seed: int) -> None:
    assert damage(text, 0.0, random.Random(seed)) == text


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
def test_damage_has_the_rate_asked_for(rate: float) -> None:
    # A character that is neither confused with another nor in the pool of wrong ones: every change shows.
    size, rng = 60_000, random.Random(8)
    out = damage("霰" * size, rate, rng)
    wrong = sum(char != "霰" for char in out)
    kept = len(out) - wrong
    # 70 % wrong, 15 % missing, 15 % doubled.
    assert wrong / size == pytest.approx(0.7 * rate, rel=0.1)
    assert (size - kept) / size == pytest.approx((0.7 + 0.15 - 0.15) * rate, rel=0.25)


@given(st.text("中 \n\t文，。", max_size=200), st.integers(0, 99))
def test_damage_spares_white_space(text: str, seed: int) -> None:
    before = [char for char in text if char in "\n\t"]
    assert [char for char in damage(text, 0.9, random.Random(seed)) if char in "\n\t"] == before
