"""ALTO, PAGE and hOCR told from other texts."""

from __future__ import annotations

import pytest

from classifier.scans import ocrxml


@pytest.mark.parametrize(
    "text", ["水渠通水", "<html><body>水渠</body></html>", "<svg></svg>", "", "<", "about <alto> voices", "<!-- -->"]
)
def test_other_texts_are_none(text: str) -> None:
    assert ocrxml.sniff(text.encode()) is None
