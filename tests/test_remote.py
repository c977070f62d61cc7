"""URLs, through fsspec's file systems for memory, files and zip: no network."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from classifier.batches.inputs import Search, find_inputs, is_url
from classifier.batches.remote import open_file, read_bytes, shown
from classifier.batches.sources import Source
from classifier.batches.urls import find_files
from classifier.errors import InputError, UsageError

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
    with pytest.raises(UsageError, match="zip://"):
        list(find_inputs(f"file://{tmp_path}/x.zip", Search("*.txt")))


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


def test_json_lines_at_a_url() -> None:
    fsspec.filesystem("memory").pipe_file("/lines/x.jsonl", b'{"text": "a"}\n{"text": "b"}\n')
    found = list(find_inputs("memory://lines/x.jsonl", Search(field="text")))
    assert [source.text for source in found] == ["a", "b"]


def test_what_is_a_url() -> None:
    assert all(map(is_url, ["s3://b/x", "memory://x", "zip://a::s3://b", "simplecache::https://x"]))
    assert not any(map(is_url, ["C:\\x", "a/b", "-", "a:b", "上://x"]))


def test_secrets_are_not_shown() -> None:
    assert shown("ftp://me:word@host/a") == "ftp://host/a"
    assert shown("zip://x::sftp://me:word@host/a") == "zip://x::sftp://host/a"


def test_without_the_package_of_a_protocol_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(UsageError, match=r"s3://bucket/pages: needs packages .*; pip install s3fs$"):
        list(find_files("s3://bucket/pages", glob="*.txt"))


def test_without_the_extra_the_error_names_the_command() -> None:
    code = (
        "import sys; sys.modules['fsspec'] = sys.modules['fsspec.core'] = None\n"
        "from classifier.__main__ import main; sys.argv = ['banmian', 'split', 's3://bucket/pages']; sys.exit(main())"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "pip install 'banmian[remote]'" in done.stderr


class Failing(fsspec.AbstractFileSystem):  # type: ignore[misc] # fsspec has no types
    """A file system whose library fails in its own way, at once or while a file is read."""

    protocol = "failing"

    def _open(self, path: str, *_: object, **__: object) -> io.BytesIO:
        if path == "gone":
            raise RuntimeError("token expired")
        return Torn(b"abc")


class Torn(io.BytesIO):
    def read(self, *_: object) -> bytes:
        raise RuntimeError("connection lost")


def test_what_a_library_raises_is_a_failure_of_the_file() -> None:
    fsspec.register_implementation("failing", Failing, clobber=True)
    with pytest.raises(InputError) as refused:
        open_file(("failing://", "gone"))
    assert (refused.value.code, "token expired" in refused.value.message) == ("unreadable", True)
    with open_file(("failing://", "torn")) as file, pytest.raises(OSError, match="connection lost"):
        file.read()
