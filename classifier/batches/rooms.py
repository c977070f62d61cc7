"""The room of banmian in an output directory, ``DIR/.banmian``: journal, staging folders, list of failures.

A run begins by taking a name and removing what runs that were killed left half-written, and ends by closing its part
of the journal. Several runs may be in one directory at the same time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType

from classifier.batches import journal
from classifier.batches.output import FAILURES, ROOM
from classifier.document import PageResult
from classifier.errors import UsageError
from classifier.rendering import serialisation

README = """banmian keeps here what it knows of the results in the folder above, so that a second run skips
what is done. Without this folder the results stay as they are, but banmian no longer knows that
it wrote them.
"""

LEFTOVER = 24 * 3600.0
"""Seconds after which a staging folder of another machine counts as left behind."""

_RUN = re.compile(r"[0-9a-f]{24}-([0-9]+)-([0-9a-f]{16})")
"""The name of a run, and so of its staging folder, with the numbers of its process and its machine."""


class Room:
    """A run in an output directory. Use it with ``with``.

    Parameters
    ----------
    say
        Is told, in a line, what a user has to know of the list of failures.

    Raises
    ------
    OSError
        If the directory cannot be written.
    UsageError
        If the room is a link to somewhere else, where nothing may be cleared away.
    """

    def __init__(self, directory: Path, *, say: Callable[[str], None] = lambda _: None) -> None:
        self.directory = directory
        self._say = say
        _refuse_links(directory)
        self.run = f"{journal.new_run()}-{os.getpid()}-{_machine():016x}"
        self.journal_folder.mkdir(parents=True, exist_ok=True)
        staging = directory / ROOM / "tmp"
        staging.mkdir(exist_ok=True)
        for folder in staging.iterdir():
            if _is_left_behind(folder):
                shutil.rmtree(folder, ignore_errors=True)
        self.staging.mkdir()
        readme = directory / ROOM / "README.txt"
        if not readme.exists():
            readme.write_text(README, encoding="utf-8")
        listed = directory / FAILURES
        self._taken = os.path.lexists(listed) and not _is_list(listed)
        self.failures = directory / ROOM / FAILURES if self._taken else listed
        """Where the list of failures goes: not over a file of that name which is something else."""
        self._failures = (self.staging / FAILURES).open("w", encoding="utf-8")
        self._failed = 0
        self._unlisted: OSError | None = None

    @property
    def journal_folder(self) -> Path:
        """Where the segments of the journal are."""
        return journal_folder(self.directory)

    @property
    def staging(self) -> Path:
        """Where the results of this run are built."""
        return self.directory / ROOM / "tmp" / self.run

    def note_failure(self, result: PageResult) -> None:
        """Add an input that failed to the list; a full disk ends the list and not the run."""
        self._failed += 1
        if self._unlisted is not None:
            return
        try:
            self._failures.write(serialisation.json_line(serialisation.page_object(result)) + "\n")
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """Let go of the list, of which there would be a part only."""
        self._unlisted = error
        with suppress(OSError):  # what it still holds is written once more, in vain
            self._failures.close()

    def folds_case(self) -> bool:
        """Tell whether names that differ only in case are one name here, as they usually are on macOS and Windows."""
        (self.staging / "case").touch()
        return (self.staging / "CASE").exists()

    def __enter__(self) -> Room:
        """Return the room."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Put the list of failures in its place, close the run's part of the journal, remove its staging folder.

        Of a run that did not come to its end, the list holds what it had come to.
        """
        for step in (self._failures.close, partial(self._put_list, ended=kind is None)):
            try:
                step()
            except OSError as failed:
                self._give_up(failed)
        with suppress(OSError):  # a full disk: the results that were written are what counts
            journal.close(self.journal_folder, self.run)
        shutil.rmtree(self.staging, ignore_errors=True)
        if self._failed and self._unlisted is not None:
            reason = self._unlisted.strerror or self._unlisted
            self._say(f"{self.failures}: cannot be written: {reason}; make room and run again to list what failed")
        elif self._failed and self._taken:
            listed = self.directory / FAILURES
            self._say(f"{listed}: no list of failures, so it is left alone; that of this run is {self.failures}")

    def _put_list(self, *, ended: bool) -> None:
        """Put the list of failures in its place, or remove that of an earlier run. Raises :class:`OSError`."""
        if self._failed and self._unlisted is None:
            (self.staging / FAILURES).replace(self.failures)
        elif self._failed or ended:
            self.failures.unlink(missing_ok=True)


def _refuse_links(directory: Path) -> None:
    """Refuse to clear away what lies behind a link: banmian makes none, and it may be anybody's."""
    for path in (directory / ROOM, directory / ROOM / "tmp", journal_folder(directory)):
        if path.is_symlink():
            raise UsageError(f"{path}: a link, where banmian keeps what is its own; remove it, or choose another -o")


def find_list(directory: Path) -> Path | None:
    """Return where the list of failures of the last run in an output directory is, if there is one."""
    return next((path for path in (directory / FAILURES, directory / ROOM / FAILURES) if _is_list(path)), None)


def journal_folder(directory: Path) -> Path:
    """Return where the segments of the journal of an output directory are."""
    return directory / ROOM / "journal"


def _is_list(path: Path) -> bool:
    """Tell whether a file is a list of failures, so that nothing else of that name is deleted."""
    try:
        with path.open(encoding="utf-8") as file:
            return "error" in json.loads(file.readline(1 << 20))
    except (OSError, ValueError, TypeError):
        return False


def _is_left_behind(folder: Path) -> bool:
    """Tell whether the run that a staging folder belongs to is over, killed most likely."""
    name = _RUN.fullmatch(folder.name)
    if name is None or folder.is_symlink():  # not banmian's
        return False
    process, machine = name.groups()
    if machine == f"{_machine():016x}" and os.name != "nt":
        return not _is_alive(int(process))  # Windows: to ask would be to send Ctrl-C
    try:
        return time.time() - folder.stat().st_mtime > LEFTOVER
    except OSError:
        return False


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def _machine() -> int:
    """Return a number for where a process number means something: this machine, or this container on it."""
    try:
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 what it points to is no path
    except OSError:
        space = ""
    return journal.number(socket.gethostname(), space)
