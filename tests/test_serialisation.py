"""JSON in which no character acts."""

from __future__ import annotations

from classifier.rendering.serialisation import json_line


def test_json_line_escapes_what_a_terminal_would_obey() -> None:
    line = json_line(["\x7f\x9b\u202e\udcff\U000e0001", "全文"])
    assert line == r'["\u007f\u009b\u202e\udcff\udb40\udc01", "全文"]'
