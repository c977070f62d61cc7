"""Which texts are set for scans."""

from __future__ import annotations

from benchmarks.scan_pages import traditional
from tests.printing import sources


def test_traditional_pages_differ_and_have_the_same_length() -> None:
    (source,) = sources()[:1]
    (turned,) = traditional([source])
    assert turned.paragraphs != source.paragraphs
    assert [len(text) for text in turned.paragraphs] == [len(text) for text in source.paragraphs]
