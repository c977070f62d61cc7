"""URLs, through fsspec's file systems for memory, files and zip: no network."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import fsspec
import pytest

from classifier.batches.inputs import Search, find_inputs, is_url
from classifier.batches.remote import open_file, shown
from classifier.batches.urls import find_files
from classifier.errors import InputError, UsageError


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
