"""One input: its bytes, its size, what tells it from its other versions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifier.batches.sources import Source, stamp_of
from classifier.errors import InputError


def test_a_source_knows_when_its_file_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.touch()
    os.utime(path, (5, 1_000_000_000))
    for source in (Source("a", place=str(path)), Source("a", place="gone", stamp=stamp_of(str(path)))):
        assert source.modified() == 1_000_000_000
    unknown = (Source("-", place="-"), Source("a", place="gone"), Source("s3://a", place="s3://a", remote=("s3", "a")))
    assert [source.modified() for source in unknown] == [None] * 3


def test_bytes_come_from_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "a.txt"
    page.write_bytes(b"file")
    monkeypatch.chdir(tmp_path)
    assert Source("a.txt").read() == b"file"
    monkeypatch.chdir("/")
    assert Source("a.txt", place=str(page)).read() == b"file"  # a worker elsewhere
    assert Source("a.txt", content=b"given", place=str(page)).read() == b"given"
    assert Source("a.txt", text="\ud800字").read() == "\ud800字".encode("utf-8", "surrogatepass")
    with pytest.raises(InputError, match="no such file"):
        Source("b.txt", place=str(tmp_path / "b.txt")).read()


def test_sizes_are_known_without_reading(tmp_path: Path) -> None:
    page = tmp_path / "a.txt"
    page.write_text("x" * 10, encoding="utf-8")
    for source in (Source(str(page)), Source("-", content=b"x" * 10), Source("-", text="x" * 10)):
        assert source.size() == 10
    assert Source(str(page), stamp=(7, 1, 1)).size() == 7
    assert Source(str(tmp_path / "no.txt")).size() == 0


def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    page = tmp_path / "a.txt"
    page.write_text("x", encoding="utf-8")
    before = stamp_of(str(page))
    assert before == stamp_of(str(page))
    page.write_text("xy", encoding="utf-8")
    assert stamp_of(str(page)) != before
    assert stamp_of(str(tmp_path / "no.txt")) is None
    assert stamp_of("\0") is None


def test_a_failure_is_one_line() -> None:
    failed = Source("a").failed("record", "two\nlines").failure
    assert failed is not None
    assert (failed.code, failed.message) == ("record", "two lines")
