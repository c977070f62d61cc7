"""Pages at URLs, through fsspec: object stores, web servers, archives within them. The extra ``[remote]``.

Names are listed a directory at a time; a page is fetched by whoever works on it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, cast

from classifier import journal
from classifier.document import Failure
from classifier.errors import InputError, MissingExtraError, UsageError
from classifier.files import name_matcher
from classifier.sources import Source

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_SECRET = re.compile(r"(?<=://)[^/@\s]*@")

_PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "http": "aiohttp requests",
    "https": "aiohttp requests",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "sftp": "paramiko",
    "ssh": "paramiko",
}
"""What pip has to install besides fsspec for the commoner protocols; fsspec's own words do for the others."""

_VERSION_KEYS = (
    "ETag",
    "etag",
    "mtime",
    "LastModified",
    "last_modified",
    "updated",
    "md5Hash",
    "generation",
    "checksum",
)
"""What the file systems of fsspec call that which changes with a file's content."""


def find_files(url: str, *, glob: str) -> Iterator[Source]:
    """Yield the files that a URL stands for: itself, those that match its ``*``, or those below a directory."""
    try:
        yield from _find(url, glob)
    except FileNotFoundError:
        yield Source(shown(url), failure=Failure("missing", "no such file"))
    except UsageError:
        raise
    except Exception as error:  # whatever the library of that protocol raises
        yield Source(shown(url), failure=Failure("unreadable", _reason(error)))


def _find(url: str, glob: str) -> Iterator[Source]:
    files, top = _open(url)
    if any(sign in top for sign in "*?["):
        names = sorted(str(name) for name in files.glob(top))
        yield from (_source(url, files.info(name), name.rsplit("/", 1)[-1]) for name in names if _is_plain(files, name))
    elif top and files.isfile(top):
        yield _source(url, files.info(top), top.rstrip("/").rsplit("/", 1)[-1])
    elif files.isdir(top):
        found = False
        for entry in _walk(files, top, glob):
            found = True
            yield _source(url, entry, str(entry["name"])[len(top) :].lstrip("/"))
        if not found:
            message = f"no file matches {glob!a} in this directory; pass --glob PATTERN"
            yield Source(shown(url), failure=Failure("empty-directory", message))
    else:
        raise FileNotFoundError(url)


def _is_plain(files: AbstractFileSystem, name: str) -> bool:
    return not name.rsplit("/", 1)[-1].startswith(".") and bool(files.isfile(name))


def _walk(files: AbstractFileSystem, top: str, glob: str) -> Iterator[dict[str, Any]]:
    """Yield the files below a directory in the order of their names, hidden ones left out."""
    is_match = name_matcher(glob)
    stack = [iter([{"name": top, "type": "directory"}])]
    seen = {top}
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
        elif entry["type"] == "directory":
            listed = sorted(files.ls(entry["name"], detail=True), key=lambda found: str(found["name"]))
            fresh = [found for found in listed if found["name"] not in seen and not _base(found).startswith(".")]
            seen.update(found["name"] for found in fresh if found["type"] == "directory")
            stack.append(iter(fresh))
        elif is_match(_base(entry)):
            yield entry


def _base(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rstrip("/").rsplit("/", 1)[-1]


def _source(url: str, entry: dict[str, Any], name: str) -> Source:
    files, _ = _open(url)
    protocol, chained, rest = url.partition("::")
    if chained:
        full = f"{protocol.partition('://')[0]}://{entry['name']}::{rest}"
    else:
        full = str(files.unstrip_protocol(entry["name"]))
    versions = [str(entry[key]) for key in _VERSION_KEYS if entry.get(key)]
    # Only the first of the three numbers is a size; the second stands for a version, small so as to be no recent time.
    stamp = (int(entry.get("size") or 0), journal.number(*versions) >> 24, 0) if versions else None
    return Source(shown(full), name=name, place=shown(full), remote=(url, str(entry["name"])), stamp=stamp)


def read_bytes(remote: tuple[str, str]) -> bytes:
    """Fetch a file, given as in :attr:`Source.remote`. Raises :class:`InputError` (``missing``, ``unreadable``)."""
    url, path = remote
    try:
        files, _ = _open(url)
        return bytes(files.cat_file(path))
    except FileNotFoundError:
        raise InputError("no such file", code="missing") from None
    except Exception as error:  # whatever the library of that protocol raises
        raise InputError(_reason(error), code="unreadable") from error


def open_file(remote: tuple[str, str]) -> IO[bytes]:
    """Open a file to be read from its beginning. Raises :class:`InputError` (``missing``, ``unreadable``).

    What goes wrong while it is read is an :class:`OSError`, whatever the library of the protocol raises.
    """
    try:
        files, _ = _open(remote[0])
        return io.BufferedReader(_Guarded(cast("IO[bytes]", files.open(remote[1], "rb"))))
    except FileNotFoundError:
        raise InputError("no such file", code="missing") from None
    except Exception as error:  # whatever the library of that protocol raises
        raise InputError(_reason(error), code="unreadable") from error


class _Guarded(io.RawIOBase):
    """A file whose failures are those of files."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """Read into a buffer and return the number of bytes, 0 at the end."""
        try:
            data = self._file.read(len(buffer))
        except OSError:
            raise
        except Exception as error:  # whatever the library of that protocol raises
            raise OSError(_reason(error)) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file below."""
        self._file.close()
        super().close()


def shown(url: str) -> str:
    """Return a URL without the user names and passwords in it."""
    return _SECRET.sub("", url)


def _reason(error: Exception) -> str:
    text = shown(" ".join(str(error).split())) or type(error).__name__
    return f"cannot be read: {text}"


def _unmet(url: str, error: ImportError) -> str:
    """Return what to install for the protocols of a URL, of which one lacks its package."""
    needed = (_PACKAGES.get(part.rsplit("::", 1)[-1]) for part in url.split("://")[:-1])
    packages = " ".join(dict.fromkeys(filter(None, needed)))
    return f"needs packages that are not installed; pip install {packages}" if packages else _reason(error)


@lru_cache(maxsize=64)
def _open(url: str) -> tuple[AbstractFileSystem, str]:
    """Return the file system of a URL and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise MissingExtraError(f"the URL {shown(url)}", "remote") from None
    try:
        files, path = url_to_fs(url)
    except ImportError as error:
        raise UsageError(f"the URL {shown(url)}: {_unmet(url, error)}") from None
    return files, str(path)
