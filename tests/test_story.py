"""References to pages."""

from __future__ import annotations

from classifier.story import names_page, page_key


def test_sections_are_told_apart_and_a_bare_number_names_any() -> None:
    assert names_page("A04", page_key("A4"))
    assert names_page("4", page_key("A04"))
    assert not names_page("B04", page_key("A04"))
    assert sorted(["B1", "A10", "A02", "3"], key=page_key) == ["3", "A02", "A10", "B1"]
