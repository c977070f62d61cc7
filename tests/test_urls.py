"""Inputs at URLs found, through fsspec's file systems for memory, files and zip: no network."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from classifier.batches.inputs import Search, find_inputs
from classifier.batches.remote import read_bytes
from classifier.batches.sources import Source
from classifier.batches.urls import find_files
from classifier.errors import InputError

TEXT = "一段文字。\n".encode()


@pytest.fixture
def bucket() -> Iterator[str]:
    """Return the URL of a directory in memory."""
    files = fsspec.filesystem("memory")
    for name in ("b/2.txt", "a.txt", "b/1.TXT", "b/x.md", ".hidden/c.txt", "b/.c.txt"):
        files.pipe_file(f"/bucket/{name}", TEXT + name.encode())
    yield "memory://bucket"
    files.rm("/bucket", recursive=True)


def names(found: Iterator[Source]) -> list[str]:
    return [source.name for source in found]


def test_a_directory_is_read_in_the_order_of_names(bucket: str) -> None:
    found = list(find_files(bucket, glob="*.txt"))
    assert [source.path for source in found] == [f"memory:///bucket/{name}" for name in ("a.txt", "b/1.TXT", "b/2.txt")]
    assert names(iter(found)) == ["a.txt", "b/1.TXT", "b/2.txt"]
    assert [source.read() for source in found] == [TEXT + b"a.txt", TEXT + b"b/1.TXT", TEXT + b"b/2.txt"]


def test_a_file_a_pattern_and_what_is_not_there(bucket: str) -> None:
    assert names(find_files(f"{bucket}/b/x.md", glob="*.txt")) == ["x.md"]
    assert names(find_files(f"{bucket}/b/*.txt", glob="*.txt")) == ["2.txt"]
    for url, code in ((f"{bucket}/no.txt", "missing"), ("nope://x/y", "unreadable")):
        (failed,) = find_files(url, glob="*.txt")
        assert failed.failure is not None
        assert failed.failure.code == code
    (empty,) = find_files(f"{bucket}/b", glob="*.pdf")
    assert empty.failure is not None
    assert empty.failure.code == "empty-directory"
    with pytest.raises(InputError) as missing:
        read_bytes((bucket, "/bucket/gone.txt"))
    assert missing.value.code == "missing"


def test_files_and_archives_within(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(TEXT)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("d/1.txt", TEXT)
    (plain,) = find_files(f"file://{tmp_path}/in", glob="*.txt")
    assert (plain.name, plain.read()) == ("a.txt", TEXT)
    assert plain.stamp is not None
    (packed,) = find_files(f"zip://d::file://{tmp_path}/x.zip", glob="*.txt")
    assert (packed.name, packed.read()) == ("1.txt", TEXT)
    assert packed.path == f"zip://d/1.txt::file://{tmp_path}/x.zip"
    (refused,) = find_inputs(f"file://{tmp_path}/x.zip", Search("*.txt"))
    assert refused.failure is not None
    assert (refused.failure.code, "zip://" in refused.failure.message) == ("archive", True)


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(TEXT)
    os.mkfifo(tmp_path / "a.txt")
    (plain,) = find_files(f"file://{tmp_path}", glob="*.txt")
    assert plain.name == "b.txt"


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    stamps = set()
    for content in (b"a", b"b", b"bb"):
        path.write_bytes(content)
        (source,) = find_files(f"file://{path}", glob="*.txt")
        stamps.add(source.stamp)
    assert len(stamps) == 3
