"""Which results are there already: what a second run skips, does again, or must not touch.

A result is current if the input's bytes, the model and the options that matter are those it was made with. It is looked
for in three steps, each only where the one before leaves a doubt: size and times of input and result, in the process
that hands out work; a digest of the input's bytes; a digest of the result's bytes. The last two are the workers' part.

A result that is not current is replaced if its bytes are still those banmian wrote, by the same command, for the same
input. Anything else that stands in its place - a file of the user's, a result corrected by hand, that of another input
or command - is left alone and is a failure of its input, unless ``--force`` is given.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection
from dataclasses import replace

from classifier.batches import journal
from classifier.batches.inputs import failure_of
from classifier.batches.journal import Journal, Record
from classifier.batches.output import OutputTree
from classifier.batches.sources import Source
from classifier.errors import InputError
from classifier.rendering.render import Format


class Claims:
    """The names of outputs that were given to an input in this run, on disk: a million of them take no memory."""

    def __init__(self, *, folds_case: bool) -> None:
        import sqlite3

        self._folds_case = folds_case
        self._database = sqlite3.connect("")  # a temporary file that nobody else sees
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE claims (name BLOB PRIMARY KEY, path BLOB) WITHOUT ROWID")

    def close(self) -> None:
        """Forget all."""
        self._database.close()

    def claim(self, name: str, path: str) -> str | None:
        """Give a name to the input called ``path``; return the input that has it already, if one has."""
        if self._folds_case:
            name = unicodedata.normalize("NFC", name).casefold()
        key = journal.name_key(name)
        added = self._database.execute("INSERT OR IGNORE INTO claims VALUES (?, ?)", (key, os.fsencode(path)))
        if added.rowcount:
            return None
        (other,) = self._database.execute("SELECT path FROM claims WHERE name = ?", (key,)).fetchone()
        return os.fsdecode(other)


class Resumption:
    """What an output directory holds at the beginning of a run, asked input by input."""

    def __init__(
        self,
        output: OutputTree,
        known: Journal,
        *,
        settings: int,
        claims: Claims | None = None,
        parts: Collection[bytes] = (),
    ) -> None:
        self._output = output
        self._journal = known
        self._settings = settings
        self._claims = claims
        self._parts = parts
        """Digests of the names of the parts that exist, of ``Format.PARQUET``."""

    def aim(self, source: Source) -> Source:
        """Return the input with its target and what is known of it: done, to be compared, or a failure."""
        if source.failure is not None:
            return source
        try:
            target = self._output.target(source.name)
            name = str(target.relative_to(self._output.directory))
            if self._claims is not None and (other := self._claims.claim(name, source.path)) is not None:
                message = f"{target} is the output of {other} too; give them runs and -o of their own"
                if other == source.path:
                    message = "given twice; name it once, or the directory it is in"
                raise InputError(message, code="output")
            source = replace(source, target=target)
            return self._in_part(source, name) if self._output.form is Format.PARQUET else self._in_place(source, name)
        except InputError as refused:
            return replace(source, failure=failure_of(refused))

    def _in_part(self, source: Source, name: str) -> Source:
        if self._output.force:
            return source
        key = journal.name_key(name)
        records = tuple(record for record in self._journal.find(key) if record.output in self._parts)
        return self._compared(source, records, is_whole=True) if records else source

    def _in_place(self, source: Source, name: str) -> Source:
        target = source.target
        assert target is not None
        if self._output.force or not os.path.lexists(target):
            self._output.check(target)
            return source
        key = journal.name_key(name)
        records = tuple(self._journal.find(key))
        if not records and self._journal.refresh():  # another run may have come here first
            records = tuple(self._journal.find(key))
        if not records:
            self._output.check(target)
            return source  # it has gone meanwhile
        seen = self._output.look(target)
        if seen is not None and seen[0] == 0 != records[0].size:  # a machine that lost power may leave a file empty
            return source
        return self._compared(source, records, is_whole=seen == (records[0].size, records[0].mtime))

    def _compared(self, source: Source, records: tuple[Record, ...], *, is_whole: bool) -> Source:
        newest = records[0]
        current = newest.is_of(kind=self._output.kind, settings=self._settings) and newest.has_seen(source.stamp)
        return replace(source, done=True) if is_whole and current else replace(source, records=records)


def find_current(source: Source, content: bytes, *, output: OutputTree, settings: int) -> Record | None:
    """Compare an input's digest and its result in place with the journal; return the record of a current result.

    ``None`` means that the result has to be made, and may be put into its place.

    Raises
    ------
    InputError
        With code ``output``, if what stands there must not be replaced.
    """
    if not source.records or source.target is None:
        return None
    newest = source.records[0]
    ours = newest if output.form is Format.PARQUET else _find_ours(source, output)
    if ours is None:
        if newest.content == content and newest.is_of(kind=output.kind, settings=settings):
            return newest  # corrected by hand, most likely, and still the result of this input
        raise InputError(f"{source.target} was changed after banmian wrote it; replace it with --force", code="output")
    if ours.kind != output.kind:
        message = f"{source.target} is the result of another command; choose another -o, or replace it with --force"
        raise InputError(message, code="output")
    if ours.content == content and ours.settings == settings:
        return ours
    if ours.content != content and ours.origin != journal.number(source.place):
        message = f"{source.target} is the result of another input; choose another -o, or replace it with --force"
        raise InputError(message, code="output")
    return None


def is_corrected(source: Source, current: Record, *, output: OutputTree) -> bool:
    """Tell whether a result that :func:`find_current` takes for current is not the one that was written."""
    if output.form is Format.PARQUET or source.target is None:
        return False
    return output.look(source.target) != (current.size, current.mtime)


def _find_ours(source: Source, output: OutputTree) -> Record | None:
    """Return the record of the bytes that stand at the target. A run that was killed leaves one of none."""
    assert source.target is not None
    seen = output.look(source.target)
    for record in source.records:
        if seen == (record.size, record.mtime):
            return record
    found = output.digest(source.target)
    ours = next((record for record in source.records if record.output == found), None)
    return ours if ours is None or seen is None else replace(ours, size=seen[0], mtime=seen[1])


def record_of(source: Source, content: bytes, *, output: OutputTree, settings: int) -> Record:
    """Return the record of a result, but for what is known of the result itself."""
    assert source.target is not None
    return Record(
        name=journal.name_key(str(source.target.relative_to(output.directory))),
        kind=output.kind,
        origin=journal.number(source.place),
        settings=settings,
        content=content,
        stamp=source.stamp or (0, 0, 0),
        output=b"",
        size=0,
        mtime=0,
    )
