"""What there is to know of a model, as lines."""

from __future__ import annotations

from classifier.rendering.listing import info_lines


def test_info_is_lines_of_key_and_value() -> None:
    info = {
        "name": "mine",
        "format_version": 1,
        "genres": [["law", "法治"], ["world", "国际"]],
        "scores": {"f1": 0.98765},
    }
    assert "".join(info_lines(info)) == (
        "name            mine\nformat version  1\ngenres\n  law  法治\n  world  国际\nscores\n  f1  0.9877\n"
    )
    assert "".join(info_lines({"name": "\x1b[2J", "date": None})) == "name  ␛[2J\ndate  -\n"
