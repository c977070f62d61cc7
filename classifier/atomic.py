"""Files and folders that appear at their place when they are whole: built under a hidden name, then renamed.

A reader, or a run that was killed, sees the old one or the new one and never a part. Nothing is flushed to the disk
before the rename: that outlasts a crash of the program, and after one of the machine what lost its bytes fails the
checks of whoever reads it (a model its digest, a result its journal).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def hidden_name(path: Path) -> Path:
    """Return a new hidden name in the folder of ``path``, short, so that it fits wherever the target's name does."""
    return path.with_name(f".{os.urandom(8).hex()}.tmp")


@contextmanager
def appearing(target: Path, *, draft: Path | None = None) -> Iterator[Path]:
    """Yield the path to build ``target`` at, a file or a folder; it is put in its place if nothing is raised.

    The caller creates it, as files and folders are usually created (:mod:`tempfile` would make them private). ``draft``
    is another path than a hidden one beside the target, on the same disk. It is gone in the end, whatever happens.
    """
    draft = draft or hidden_name(target)
    try:
        yield draft
        put(draft, target)
    finally:
        remove(draft)


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, whole or not at all."""
    with appearing(path) as draft, draft.open("xb") as file:
        file.write(data)


def put(draft: Path, target: Path) -> None:
    """Rename a file or a folder into its place, over the file or the folder that is there.

    A folder cannot be renamed over one that is not empty: the old one is moved aside, and back if the new one cannot
    come. Nothing but that is deleted, and only once the new one is there.
    """
    if not draft.is_dir():
        draft.replace(target)
        return
    old = draft.with_name(f"{draft.name}.old")
    if target.exists():
        target.rename(old)
    try:
        draft.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    remove(old)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there and can be removed."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
