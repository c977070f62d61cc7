"""Results on disk: the tree under ``-o DIR``, which mirrors the inputs.

Nothing is ever half there (:mod:`classifier.atomic`): a file or a folder is built in the staging folder of its run or
beside its target, and renamed when it is whole. Nothing that exists is replaced unless asked for or known, by the
journal of the directory, to be banmian's own. No name leads out of ``DIR``.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from classifier.atomic import hidden_name, put, remove
from classifier.batches import journal
from classifier.document import PageResult
from classifier.errors import InputError
from classifier.rendering import render
from classifier.rendering.render import Format, Verb

INDEX = "index.jsonl"
"""The file that marks a folder as one article tree written by ``--format files``."""

ROOM = ".banmian"
"""The folder in ``DIR`` with its journal and what is being written. Hidden, so no run takes it for input."""

FAILURES = "_failures.jsonl"
"""The file in ``DIR`` that lists the inputs which failed in the last run: the objects of ``--format jsonl``.
Whatever reads a directory of Parquet files passes over names with this first character."""

_SUFFIXES = {Format.FILES: "", Format.ALTO: ".alto.xml", Format.PAGE_XML: ".page.xml"}


@dataclass(frozen=True, slots=True)
class Staged:
    """A result that is written but not yet in its place."""

    path: Path
    digest: bytes
    """Of its bytes: :func:`classifier.batches.journal.digest`."""
    size: int
    """In bytes, of a folder of all its files; ``mtime`` in nanoseconds, of a folder a number that stands for the names,
    sizes and times of its files. Neither changes when it is put in place."""
    mtime: int


@dataclass(frozen=True, slots=True)
class OutputTree:
    """Where results go and in which form. Knows names and files, nothing of models."""

    directory: Path
    form: Format = Format.JSONL
    verb: Verb = "split"
    force: bool = False
    run: str = ""
    """Name of the staging folder of this run (:class:`~.rooms.Room`), or ``""`` to stage beside targets."""

    @property
    def staging(self) -> Path:
        """Where the results of this run are built."""
        return self.directory / ROOM / "tmp" / self.run

    @property
    def kind(self) -> int:
        """What a record of the journal calls results of this command in this form."""
        return journal.number(self.verb, str(self.form))

    def target(self, name: str) -> Path:
        """Return the file or, for ``Format.FILES``, the folder for the input called ``name`` relative to its root.

        ``a/b.txt`` goes to ``DIR/a/b.txt.jsonl``. Raises :class:`InputError` (``output``) for a name that would lead
        out of the tree or is taken by banmian itself.
        """
        relative = PurePath(name)
        if not relative.parts or relative.is_absolute() or relative.drive or ".." in relative.parts:
            raise InputError(f"the name leads out of {self.directory}; give the input by another path", code="output")
        suffix = _SUFFIXES.get(self.form, f".{self.form}")
        relative = relative.with_name(relative.name + suffix)
        if relative.parts[0].casefold() in (ROOM, FAILURES):
            message = f"{relative.parts[0]} in {self.directory} is banmian's own; give the input another name"
            raise InputError(message, code="output")
        return self.directory / relative

    def check(self, target: Path) -> None:
        """Raise :class:`InputError` (``output``) if ``target``, of which nothing is known, may not be written."""
        if not os.path.lexists(target):
            return
        if not self.force:
            message = f"{target} exists already and is not known as banmian's; replace it with --force"
            raise InputError(message, code="output")
        # --force replaces what banmian wrote, and only that: not a folder of the user's, not the input itself.
        if self.form is Format.FILES:
            if target.is_symlink() or not (target / INDEX).is_file():
                raise InputError(f"{target} is not a folder of articles; choose another -o", code="output")
        elif target.is_dir():
            raise InputError(f"{target} is a folder; choose another -o", code="output")

    def look(self, target: Path) -> tuple[int, int] | None:
        """Return size and time of change of a result in its place, as in :class:`Staged`; ``None`` if there is none."""
        try:
            if self.form is Format.FILES:
                return _look_into(target)
            found = os.lstat(target)
        except OSError:
            return None
        return found.st_size, found.st_mtime_ns

    def digest(self, target: Path) -> bytes:
        """Return the digest of a result in its place, or of nothing where it cannot be read."""
        try:
            if self.form is not Format.FILES:
                return journal.digest(target.read_bytes())
            return _digest_of([(file.name, file.read_bytes()) for file in target.iterdir()])
        except OSError:
            return b""

    def write(self, target: Path, result: PageResult) -> None:
        """Write one result, folders included. Raises :class:`InputError` (``output``) if it cannot be written."""
        self.put(self.stage(target, result), target)

    def stage(self, target: Path, result: PageResult) -> Staged:
        """Build a result under a temporary name. Raises :class:`InputError` (``output``)."""
        if self.form is Format.FILES:
            files = [(name, text.encode(errors="backslashreplace")) for name, text in render.article_files(result)]
        else:
            text = "".join(render.stream([result], form=self.form, verb=self.verb))
            files = [("", text.encode())]
        path = self.staging / os.urandom(8).hex() if self.run else hidden_name(target)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return self._build(path, files)
        except OSError as error:
            remove(path)
            raise _cannot_write(target, error) from error
        except BaseException:
            remove(path)
            raise

    def _build(self, path: Path, files: list[tuple[str, bytes]]) -> Staged:
        if self.form is not Format.FILES:
            ((_, data),) = files
            with path.open("xb") as file:
                file.write(data)
            return Staged(path, journal.digest(data), len(data), path.stat().st_mtime_ns)
        path.mkdir()
        for name, data in files:
            (path / name).write_bytes(data)
        return Staged(path, _digest_of(files), *_look_into(path))

    def put(self, staged: Staged, target: Path) -> None:
        """Rename a staged result into its place. Raises :class:`InputError` (``output``)."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                put(staged.path, target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                # A folder of the tree lies on another disk: from the staging folder nothing can be renamed to it.
                beside = hidden_name(target)
                try:
                    (shutil.copytree if staged.path.is_dir() else shutil.copy2)(staged.path, beside)
                    put(beside, target)
                finally:
                    remove(beside)
        except OSError as error:
            raise _cannot_write(target, error) from error
        finally:
            remove(staged.path)


def _look_into(folder: Path) -> tuple[int, int]:
    """Return the size of all files of a folder, and a number that changes with the name, size or time of any."""
    with os.scandir(folder) as entries:
        found = sorted((entry.name, *_size_and_time(entry)) for entry in entries)
    return sum(size for _, size, _ in found), journal.number(found) >> 1


def _size_and_time(entry: os.DirEntry[str]) -> tuple[int, int]:
    stat = entry.stat(follow_symlinks=False)
    return stat.st_size, stat.st_mtime_ns


def _digest_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return one digest for the files of a folder, whatever their order."""
    return journal.digest(b"".join(sorted(os.fsencode(name) + b"\0" + journal.digest(data) for name, data in files)))


def _cannot_write(target: Path, error: OSError) -> InputError:
    reason = error.strerror or type(error).__name__
    return InputError(f"cannot write {target}: {reason}; make room or choose another -o", code="output")
