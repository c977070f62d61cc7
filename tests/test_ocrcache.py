"""What was recognised, kept and found again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from classifier.scan import Rule
from classifier.scans import ocrcache
from tests.scan_files import column_page

PAGE = replace(column_page(), rules=(Rule(500, 40, 502, 600),), pictures=(Rule(1, 2, 3, 4),), rotation=180)
NAME = ocrcache.key(b"picture", 1, "auto")


def test_a_page_comes_back_as_it_was(tmp_path: Path) -> None:
    assert ocrcache.load(tmp_path, NAME) is None
    ocrcache.save(tmp_path, NAME, PAGE)
    assert ocrcache.load(tmp_path, NAME) == PAGE


def test_names_depend_on_bytes_and_settings() -> None:
    names = {ocrcache.key(*case) for case in ((b"a", 1), (b"b", 1), (b"a", 2), (b"a", 1, "always"), (b"a", 11))}
    assert len(names) == 5


@pytest.mark.parametrize(
    "change",
    [
        {"revision": 0},
        {"name": "another"},
        {"page": None},
        {"page": {"lines": []}},
        {"page": {"lines": [["水", 1.0, [1, 2, 3]]]}},
        {"page": {"lines": [["水", 1.0, [1, 2, 3, 4, 5, float("nan")]]]}},
        {"page": {"lines": [[5, 1.0, [1, 2, 3, 4, 5, 6]]]}},
        {"page": {"rules": [[1, 2]]}},
        {"page": {"width": "wide"}},
    ],
)
def test_an_altered_entry_is_passed_over(tmp_path: Path, change: dict[str, Any]) -> None:
    ocrcache.save(tmp_path, NAME, PAGE)
    (path,) = tmp_path.rglob("*.json")
    entry = json.loads(path.read_bytes())
    for key, value in change.items():
        whole = isinstance(value, dict) and key == "page" and value != {"lines": []}
        entry[key] = entry[key] | value if whole else value
    path.write_text(json.dumps(entry))
    assert ocrcache.load(tmp_path, NAME) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_a_damaged_entry_is_passed_over(tmp_path: Path, content: bytes) -> None:
    ocrcache.save(tmp_path, NAME, PAGE)
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(content)
    assert ocrcache.load(tmp_path, NAME) is None
    ocrcache.save(tmp_path, NAME, PAGE)
    assert ocrcache.load(tmp_path, NAME) == PAGE


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ocrcache.save(tmp_path / "file", NAME, PAGE)
    assert ocrcache.load(tmp_path / "file", NAME) is None
