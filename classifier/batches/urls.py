"""Inputs at URLs, found: a file, those below a directory, those that match a pattern.

Names are listed a directory at a time; a page is fetched by whoever works on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from classifier.batches import journal
from classifier.batches.remote import open_system, reason, shown
from classifier.batches.sources import Source
from classifier.document import Failure
from classifier.errors import UsageError
from classifier.files import name_matcher

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

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
        yield Source(shown(url), failure=Failure("unreadable", reason(error)))


def _find(url: str, glob: str) -> Iterator[Source]:
    files, top = open_system(url)
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
        elif entry["type"] != "other" and is_match(_base(entry)):  # a pipe, a device
            yield entry


def _base(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rstrip("/").rsplit("/", 1)[-1]


def _source(url: str, entry: dict[str, Any], name: str) -> Source:
    files, _ = open_system(url)
    protocol, chained, rest = url.partition("::")
    if chained:
        full = f"{protocol.partition('://')[0]}://{entry['name']}::{rest}"
    else:
        full = str(files.unstrip_protocol(entry["name"]))
    versions = [str(entry[key]) for key in _VERSION_KEYS if entry.get(key)]
    # Only the first of the three numbers is a size; the second stands for a version, small so as to be no recent time.
    stamp = (int(entry.get("size") or 0), journal.number(*versions) >> 24, 0) if versions else None
    return Source(shown(full), name=name, place=shown(full), remote=(url, str(entry["name"])), stamp=stamp)
