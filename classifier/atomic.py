"""Files and folders that appear at their place when they are whole: built under a hidden name, then renamed.

A reader sees the old one or the new one and never a part, and so it stays if the run is killed; but between the two
renames that replace a folder there is none of its name. A run killed there leaves the old one under a hidden name, from
which :func:`bring_back` takes it. (Results of ``-o DIR`` are made again instead: the next run misses them.)

Nothing is flushed to the disk before the rename: that outlasts a crash of the program, and after one of the machine
what lost its bytes fails the checks of whoever reads it (a model its digest, a result its journal).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
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

    A folder cannot be renamed over one that is not empty: the old one is moved aside, beside the draft, and back if the
    new one cannot come. Nothing but that is deleted, and only once the new one is there.
    """
    if not draft.is_dir():
        draft.replace(target)
        return
    old = draft.with_name(draft.name + _ending(target))
    if target.exists():
        target.rename(old)
    try:
        draft.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    remove(old)


def moved_aside(target: Path) -> Path | None:
    """Return the folder that a run killed inside :func:`put` left of ``target``, the last one; ``None`` if it is there.

    It is looked for beside the target, where drafts are that have no other place.
    """
    if os.path.lexists(target) or not target.name:
        return None
    try:
        left = [path for path in target.parent.glob(f".*.tmp{_ending(target)}") if path.is_dir()]
        return max(left, key=lambda path: path.stat().st_mtime_ns, default=None)
    except OSError:
        return None


def bring_back(target: Path) -> bool:
    """Give back its name to what :func:`moved_aside` finds, and remove the draft that was to replace it.

    Return whether there was anything. Raises :class:`OSError`.
    """
    old = moved_aside(target)
    if old is None:
        return False
    old.rename(target)
    remove(old.with_name(old.name.removesuffix(_ending(target))))
    return True


def _ending(target: Path) -> str:
    """Return how the name ends under which ``target`` is moved aside: short, and another for another target."""
    return f".{blake2b(os.fsencode(target.name), digest_size=8).hexdigest()}.old"


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there and can be removed."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
