"""Results on disk: the tree under ``-o DIR``, which mirrors the inputs, and atomic writing.

Nothing is ever half there: a file is written under a temporary name beside its target and renamed, a folder is built
whole and renamed. Nothing that exists is replaced unless asked for, and no name leads out of ``DIR``.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

from classifier import render
from classifier.document import PageResult
from classifier.errors import InputError
from classifier.render import Format, Verb

INDEX = "index.jsonl"
"""The file that marks a folder as one article tree written by ``--format files``."""

_SUFFIXES = {Format.FILES: "", Format.ALTO: ".alto.xml", Format.PAGE_XML: ".page.xml"}


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader, or a crash, sees the old file or the new one, never a part."""
    temporary = _temporary(path)
    try:
        with temporary.open("xb") as file:  # not tempfile: its files are private, these follow the umask
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _temporary(path: Path) -> Path:
    """Return a new hidden name in the folder of ``path``, short, so that it fits wherever the target's name does."""
    return path.with_name(f".{secrets.token_hex(8)}.tmp")


@dataclass(frozen=True, slots=True)
class OutputTree:
    """Where results go and in which form. Knows names and files, nothing of models."""

    directory: Path
    form: Format = Format.JSONL
    verb: Verb = "split"
    force: bool = False

    def target(self, name: str) -> Path:
        """Return the file or, for ``Format.FILES``, the folder for the input called ``name`` relative to its root.

        ``a/b.txt`` goes to ``DIR/a/b.txt.jsonl``. Raises :class:`InputError` (``output``) for a name that would lead
        out of the tree.
        """
        relative = PurePath(name)
        if not relative.parts or relative.is_absolute() or relative.drive or ".." in relative.parts:
            raise InputError(f"the name leads out of {self.directory}; give the input by another path", code="output")
        suffix = _SUFFIXES.get(self.form, f".{self.form}")
        return self.directory / relative.with_name(relative.name + suffix)

    def check(self, target: Path) -> None:
        """Raise :class:`InputError` (``output``) if ``target`` may not be written: called before any work is done."""
        if not os.path.lexists(target):
            return
        if not self.force:
            raise InputError(f"{target} exists already; replace it with --force", code="output")
        # --force replaces what banmian wrote, and only that: not a folder of the user's, not the input itself.
        if self.form is Format.FILES:
            if target.is_symlink() or not (target / INDEX).is_file():
                raise InputError(f"{target} is not a folder of articles; choose another -o", code="output")
        elif target.is_dir():
            raise InputError(f"{target} is a folder; choose another -o", code="output")

    def write(self, target: Path, result: PageResult) -> None:
        """Write one result, folders included. Raises :class:`InputError` (``output``) if it cannot be written."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if self.form is Format.FILES:
                with _replaced_folder(target) as folder:
                    for name, content in render.article_files(result):
                        (folder / name).write_bytes(content.encode(errors="backslashreplace"))
            else:
                content = "".join(render.stream([result], form=self.form, verb=self.verb))
                write_atomically(target, content.encode())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            message = f"cannot write {target}: {reason}; make room or choose another -o"
            raise InputError(message, code="output") from error


@contextmanager
def _replaced_folder(target: Path) -> Iterator[Path]:
    """Yield an empty temporary folder that takes the place of ``target`` if the block succeeds."""
    fresh, old = _temporary(target), _temporary(target)
    fresh.mkdir()
    try:
        yield fresh
        try:
            if target.exists():
                target.rename(old)  # a folder cannot be renamed over one that is not empty
            fresh.rename(target)
        except BaseException:
            if old.exists() and not target.exists():
                old.rename(target)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
