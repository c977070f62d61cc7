"""The room of banmian in an output directory, ``DIR/.banmian``: journal, staging folders, list of failures.

A run begins by taking a name and removing what runs that were killed left half-written, and ends by closing its part
of the journal. Several runs may be in one directory at the same time.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from classifier import journal, serialisation
from classifier.document import PageResult
from classifier.output import FAILURES, ROOM

README = """banmian keeps here what it knows of the results in the folder above, so that a second run skips
what is done. Without this folder the results stay as they are, but banmian no longer knows that
it wrote them.
"""

LEFTOVER = 24 * 3600.0
"""Seconds after which a staging folder of another machine counts as left behind."""


class Room:
    """A run in an output directory. Use it with ``with``.

    Raises :class:`OSError` where the directory cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
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
        self.failures = listed if _is_list(listed) or not os.path.lexists(listed) else directory / ROOM / FAILURES
        """Where the list of failures goes: not over a file of that name which is something else."""
        self._failures = (self.staging / FAILURES).open("w", encoding="utf-8")
        self._failed = 0

    @property
    def journal_folder(self) -> Path:
        """Where the segments of the journal are."""
        return journal_folder(self.directory)

    @property
    def staging(self) -> Path:
        """Where the results of this run are built."""
        return self.directory / ROOM / "tmp" / self.run

    def note_failure(self, result: PageResult) -> None:
        """Add an input that failed to the list."""
        self._failures.write(serialisation.json_line(serialisation.page_object(result)) + "\n")
        self._failed += 1

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
        self._failures.close()
        with suppress(OSError):  # a full disk: the results that were written are what counts
            if self._failed:
                (self.staging / FAILURES).replace(self.failures)
            elif kind is None:
                self.failures.unlink(missing_ok=True)
            journal.close(self.journal_folder, self.run)
        shutil.rmtree(self.staging, ignore_errors=True)


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
    *_, process, machine = folder.name.split("-") if folder.name.count("-") == 2 else ("", "", "")
    if machine == f"{_machine():016x}" and process.isdigit() and os.name != "nt":
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
    except OSError:
        pass
    return True


def _machine() -> int:
    """Return a number for where a process number means something: this machine, or this container on it."""
    try:
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 what it points to is no path
    except OSError:
        space = ""
    return journal.number(socket.gethostname(), space)
