"""Files: found below the paths that stand for them, and their bytes."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from classifier.errors import InputError


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file. A FIFO is read to its end; a device or a socket is refused: it may have no end.

    Raises
    ------
    InputError
        With code ``missing`` or ``unreadable``. The message does not name the path.
    """
    try:
        # Before opening: the mere opening of a device can do something (rewind a tape, hang up a line).
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError("a directory, not a file", code="unreadable")
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise InputError("a device or socket, not a file; copy its contents to a file first", code="unreadable")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("no such file", code="missing") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise unreadable(error) from error


def unreadable(error: OSError | ValueError) -> InputError:
    """Return the error for a file that the system does not let be read."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return InputError(f"cannot be read: {reason}", code="unreadable")


def absolute(path: str) -> str:
    """Return an absolute path of the same file. Links are followed, and the disk asked, only where ``..`` needs it."""
    if os.name != "nt" and ".." in Path(path).parts:  # behind a link it is the folder above what the link leads to
        folder, name = os.path.split(path)
        with suppress(ValueError):  # a NUL in the path
            return os.path.join(os.path.realpath(folder), name) if name != ".." else os.path.realpath(path)  # noqa: PTH118
    return os.path.abspath(path)  # noqa: PTH100


@dataclass(slots=True)
class Names:
    """Some of the names of things that are passed over, and how many there are."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Note one more."""
        self.count += 1
        if len(self.first) < 3:
            self.first.append(name)

    def __str__(self) -> str:
        """Return the first names, and a mark that there are more."""
        return ", ".join(self.first) + (", …" if self.count > len(self.first) else "")


@dataclass(slots=True)
class PassedOver:
    """What a search of directories left out that might have been meant."""

    folders: Names = field(default_factory=Names)
    """Links to directories."""
    hidden: Names = field(default_factory=Names)
    """Hidden files whose names match. Those of macOS for the attributes of another, ``._a.txt``, do not count."""


def find_files(
    paths: Sequence[str], *, glob: str = "*.txt", passed_over: PassedOver | None = None
) -> Iterator[tuple[str, InputError | None]]:
    """Find the files that paths stand for, lazily.

    A directory stands for the files in and below it whose name matches ``glob`` in any case, in the order of their
    names, a subdirectory among them; ``*.{jpg,pdf}`` matches both endings. Hidden names are skipped, and so are links
    to directories, which could lead back, and what is neither a file nor a link to one: to open a FIFO could block the
    batch. Any other path stands for itself, whatever its name and whether or not it exists, and so does ``-``.

    Only the names of one directory and of those above it are held at a time. ``passed_over`` is told what is skipped.

    Yields
    ------
    tuple
        A path, joined from the directory as given and the names below it, so that it prints as it was typed; and
        ``None``, or the :class:`InputError` that stands for what could not be found there: ``empty-directory`` or
        ``unreadable``. Its message does not name the path.
    """
    is_match = name_matcher(glob)
    for path in paths:
        # os.path, because Path would print "./a//b" as "a/b".
        if path == "-" or not os.path.isdir(path):  # noqa: PTH112
            yield path, None
            continue
        n_found = 0
        for found in _walk(path, is_match, passed_over):
            n_found += 1
            yield found
        if not n_found:
            yield (
                path,
                InputError(f"no file matches {glob!a} in this directory; pass --glob PATTERN", code="empty-directory"),
            )


def name_matcher(glob: str) -> Callable[[str], bool]:
    """Return a function that tells whether a name matches a pattern, in any case."""
    is_match = re.compile("|".join(map(fnmatch.translate, _alternatives(glob.lower())))).match
    return lambda name: is_match(name.lower()) is not None


def _alternatives(glob: str) -> list[str]:
    """Return the patterns that one with braces stands for: ``*.{jpg,pdf}`` for two."""
    braces = re.search(r"\{([^{}]*,[^{}]*)\}", glob)
    if braces is None:
        return [glob]
    return [glob[: braces.start()] + part + glob[braces.end() :] for part in braces[1].split(",")]


def _walk(
    top: str, is_match: Callable[[str], bool], passed_over: PassedOver | None
) -> Iterator[tuple[str, InputError | None]]:
    # A stack, not recursion: a path can be deeper than Python's stack.
    stack: list[tuple[str, Iterator[str]]] = []
    folder: str | None = top
    while folder is not None or stack:
        if folder is not None:
            try:
                stack.append((folder, _list_sorted(folder)))
                if passed_over is not None:
                    _note_skipped(folder, is_match, passed_over)
            except OSError as error:
                yield folder, unreadable(error)
            folder = None
            continue
        above, names = stack[-1]
        name = next(names, None)
        if name is None:
            stack.pop()
            continue
        path = os.path.join(above, name)  # noqa: PTH118 Path would print "./a" as "a"
        if name.endswith("/"):
            folder = path[:-1]
        elif is_match(name) and _may_be_file(path):
            yield path, None


def _list_sorted(folder: str) -> Iterator[str]:
    """Return the names in a folder that are not hidden, in order, those of folders with a slash at the end.

    Names, not entries: a million of these would take 300 MB.
    """
    with os.scandir(folder) as entries:
        names = [f"{entry.name}/" if _is_folder(entry) else entry.name for entry in entries if entry.name[0] != "."]
    names.sort(key=lambda name: name.rstrip("/"))
    return iter(names)


def _note_skipped(folder: str, is_match: Callable[[str], bool], passed_over: PassedOver) -> None:
    """Note links to directories, and hidden files that match, in a folder."""
    folders, hidden = [], []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name[0] == ".":
                if not entry.name.startswith("._") and is_match(entry.name) and entry.is_file():
                    hidden.append(entry.path)
            elif entry.is_symlink() and os.path.isdir(entry.path):  # noqa: PTH112
                folders.append(entry.path)
    for path in sorted(folders):
        passed_over.folders.add(path)
    for path in sorted(hidden):
        passed_over.hidden.add(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False  # gone, or of unknown type in a folder whose entries may not be looked at


def _may_be_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 a Path for each of a million names is slow
    except OSError:
        return True  # a broken link: reading it will say so
