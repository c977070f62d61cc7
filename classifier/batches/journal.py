"""What has been done in an output directory: a journal of fixed-size records, and the look-up of a name in it.

``DIR/.banmian/journal`` holds segments, files to which nothing but whole records is ever appended. A segment has one
writer, so any number of processes, runs and machines can write at once without a lock, on network file systems too.
The record of a result is written *before* the result is renamed into its place. Killed between the two, a run leaves a
record without a result, which the next run notices; the opposite, a result of which nothing is known, cannot happen.

A record is 128 bytes: a million pages are a journal of 128 MB, read in about a second, of which 16 MB stay in memory.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING

from classifier.atomic import appearing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Stamp = tuple[int, int, int]
"""What tells cheaply that a file is the same as before: size in bytes, times of last change of content and of state in
nanoseconds. The last cannot be set at will, so a file that was replaced by an older one of its size is noticed."""

_LAYOUT = struct.Struct("<16sQQQ16sqqq16sqqqQ")
SIZE = _LAYOUT.size
_WORDS = struct.Struct("<15Q")
_FACTORS = tuple(0x9E3779B97F4A7C15 * (2 * place + 1) % 2**64 for place in range(15))
_MASK = 2**64 - 1

_LOCK = threading.Lock()
"""Threads of one process (a cluster's workers have some) share a segment."""

BLOCK = 1 << 14
"""Records read at a time."""

RECENT = 50_000
"""Records found by :meth:`Journal.refresh` that are kept apart before they are sorted in."""

SEGMENTS = 8
"""More closed segments than this are joined at the end of a run."""

ABANDONED = 7 * 24 * 3600.0
"""Seconds after which the segment of a run that was killed counts as closed: no page takes a week."""

GRAIN = 2_000_000_000
"""Nanoseconds. A file changed so shortly before it was read may have been changed once more within the same tick of a
coarse clock (2 s on FAT, some milliseconds elsewhere) without a trace in its times, as Git knows; then bytes decide."""


def digest(data: bytes) -> bytes:
    """Return 16 bytes that stand for ``data``."""
    return blake2b(data, digest_size=16).digest()


def number(*parts: object) -> int:
    """Return a 64-bit number that stands for values, by their representation."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "little")


def name_key(name: str) -> bytes:
    """Return the 16 bytes that stand for the name of an output, relative to its directory."""
    return digest(os.fsencode(name.replace(os.sep, "/")))


@dataclass(frozen=True, slots=True)
class Record:
    """One result that was, or was just going to be, put into its place."""

    name: bytes
    """Of the output: :func:`name_key`."""
    kind: int
    """:func:`number` of command and form. Only a result of the same kind is replaced unasked."""
    origin: int
    """:func:`number` of the input's absolute path."""
    settings: int
    """:func:`number` of the model and all options that change the result."""
    content: bytes
    """:func:`digest` of the input's bytes."""
    stamp: Stamp
    """Of the input before it was read; zeros where there is none."""
    output: bytes
    """:func:`digest` of the result's bytes, or of the name of the part that holds it."""
    size: int
    """Of the result, in bytes."""
    mtime: int
    """Of the result, in nanoseconds."""
    written: int = field(default_factory=time.time_ns)
    """When the record was made, in nanoseconds."""

    def pack(self) -> bytes:
        """Return the record as :data:`SIZE` bytes, the last eight a check of the others."""
        fields = (self.name, self.kind, self.origin, self.settings, self.content, *self.stamp)
        body = _LAYOUT.pack(*fields, self.output, self.size, self.mtime, self.written, 0)[:-8]
        return body + _check(body).to_bytes(8, "little")

    @classmethod
    def unpack(cls, data: bytes) -> Record:
        """Return the record that :meth:`pack` made ``data`` of."""
        name, kind, origin, settings, content, *stamp, output, size, mtime, written, _ = _LAYOUT.unpack(data)
        size_, modified, changed = stamp
        return cls(name, kind, origin, settings, content, (size_, modified, changed), output, size, mtime, written)

    def is_of(self, *, kind: int, settings: int) -> bool:
        """Tell whether it was made by the same command, form, model and options."""
        return (self.kind, self.settings) == (kind, settings)

    def has_seen(self, stamp: Stamp | None) -> bool:
        """Tell whether a file with this stamp is surely the one that was read."""
        return stamp is not None and any(stamp) and self.stamp == stamp and self.written - max(stamp[1:]) >= GRAIN


def _check(body: bytes) -> int:
    words = _WORDS.unpack(body)
    total: int = sum(word * factor for word, factor in zip(words, _FACTORS, strict=True))
    return (total + 1) & _MASK


# --- Writing ---------------------------------------------------------------------------------------------------------


def new_run() -> str:
    """Return a name for a run: names in order of time, no two alike."""
    return f"{time.time_ns():016x}{os.urandom(4).hex()}"


def append(folder: Path, run: str, records: list[Record]) -> None:
    """Add records to this process's segment of the run. Raises :class:`OSError`.

    The file is opened and closed each time, some microseconds: that is what makes other clients of a network file
    system see it.
    """
    data = b"".join(record.pack() for record in records)
    segment = _segment(folder, run, os.getpid())
    with _LOCK:
        _append(segment, data)


def _append(segment: Path, data: bytes) -> None:
    handle = os.open(segment, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
    try:
        torn = os.fstat(handle).st_size % SIZE
        if torn:  # a full disk: what follows must begin at a record's place again
            os.ftruncate(handle, os.fstat(handle).st_size - torn)
        written = os.write(handle, data)
        if written != len(data):
            raise OSError(28, "no space left for the journal", str(segment))
    finally:
        os.close(handle)


@lru_cache(maxsize=8)
def _segment(folder: Path, run: str, process: int) -> Path:
    return folder / f"{run}-{process}-{os.urandom(4).hex()}.open"


def close(folder: Path, run: str) -> None:
    """Join the segments of a run that is over, and, where many are closed, all of these. Raises :class:`OSError`."""
    _join(sorted(folder.glob(f"{run}-*.open")), folder / f"{run}.closed")
    closed = sorted(folder.glob("*.closed"))
    for segment in folder.glob("*.open"):
        with suppress(FileNotFoundError):
            if time.time() - segment.stat().st_mtime > ABANDONED:
                closed.append(segment)
    if len(closed) > SEGMENTS:
        _join(closed, folder / f"{new_run()}.closed")


def _join(segments: list[Path], target: Path) -> None:
    """Write the records of ``segments`` to ``target``, then delete them.

    Two runs may do so with the same segments at a time: what is there twice does no harm.
    """
    if not segments:
        return
    with appearing(target) as draft, draft.open("xb") as file:
        for segment in segments:
            for block in _blocks(segment):
                file.write(block.tobytes())
    for segment in segments:
        segment.unlink(missing_ok=True)


# --- Reading ---------------------------------------------------------------------------------------------------------


def _blocks(segment: Path, *, skip: int = 0) -> Iterator[NDArray[np.uint64]]:
    """Yield the sound records of a segment from record ``skip`` on: uint64 of shape (records, 16).

    A record cut short or damaged, as a killed machine may leave it, is left out: its page is done again.
    """
    import numpy as np

    factors = np.array(_FACTORS, dtype=np.uint64)
    try:
        file = segment.open("rb")
    except FileNotFoundError:  # joined by another run, which has its records elsewhere
        return
    with file:
        file.seek(skip * SIZE)
        while data := file.read(BLOCK * SIZE):
            whole = len(data) // SIZE * SIZE
            words = np.frombuffer(data[:whole], dtype="<u8").reshape(-1, SIZE // 8)
            sound = (words[:, :15] * factors).sum(axis=1, dtype=np.uint64) + np.uint64(1) == words[:, 15]
            yield words if sound.all() else words[sound]
            if whole < len(data):
                return


class Journal:
    """The records of all segments, found by the name of their output.

    They are copied to an unnamed temporary file, so that segments can come and go while this one is used.
    """

    def __init__(self, folder: Path) -> None:
        import tempfile

        import numpy as np

        self._folder = folder
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="banmian-", buffering=0)  # noqa: SIM115 see close()
        self._read: dict[str, int] = {}
        self._count = 0
        self._keys = np.empty(0, dtype=np.uint64)
        self._rows = np.empty(0, dtype=np.int64)
        self._recent: dict[int, list[int]] = {}
        self.refresh()

    def close(self) -> None:
        """Let go of the temporary file."""
        self._file.close()

    def __len__(self) -> int:
        """Return the number of records."""
        return self._count

    def refresh(self) -> bool:
        """Read what has been added since, by other runs for instance; return whether there was anything."""
        import numpy as np

        before, keys = self._count, []
        try:
            segments = sorted(self._folder.iterdir())
        except FileNotFoundError:
            return False
        for segment in segments:
            if segment.suffix not in (".open", ".closed"):
                continue
            try:
                whole = segment.stat().st_size // SIZE
            except FileNotFoundError:
                continue
            done = self._read.get(segment.name, 0)
            if whole <= done:
                continue
            self._read[segment.name] = whole
            for block in _blocks(segment, skip=done):
                self._file.seek(0, os.SEEK_END)
                self._file.write(block.tobytes())
                self._count += len(block)
                keys.append(block[:, 0].copy())
        if self._count == before:
            return False
        found = np.concatenate(keys)
        if len(found) + len(self._recent) <= RECENT and before:
            for row, key in enumerate(found.tolist(), before):
                self._recent.setdefault(key, []).append(row)
        else:
            self._sort(before, found)
        return True

    def _sort(self, before: int, found: NDArray[np.uint64]) -> None:
        """Sort all records by key: those sorted already, the recent ones, and ``found``, which begin at ``before``."""
        import numpy as np

        recent = [(key, row) for key, rows in self._recent.items() for row in rows]
        self._recent = {}
        keys = np.concatenate((self._keys, np.array([key for key, _ in recent], dtype=np.uint64), found))
        rows = np.array([row for _, row in recent], dtype=np.int64)
        rows = np.concatenate((self._rows, rows, np.arange(before, before + len(found), dtype=np.int64)))
        order = np.argsort(keys, kind="stable")
        self._keys, self._rows = keys[order], rows[order]

    def find(self, name: bytes) -> list[Record]:
        """Return the records of an output by its key, the newest first."""
        import numpy as np

        key = int.from_bytes(name[:8], "little")
        at = int(self._keys.searchsorted(np.uint64(key)))  # a Python int would have the whole array converted
        rows = list(self._recent.get(key, ()))
        while at < len(self._keys) and int(self._keys[at]) == key:
            rows.append(int(self._rows[at]))
            at += 1
        records = [record for record in map(self._record, rows) if record.name == name]
        return sorted(records, key=lambda record: record.written, reverse=True)

    def _record(self, row: int) -> Record:
        self._file.seek(row * SIZE)
        return Record.unpack(self._file.read(SIZE))

    def blocks(self) -> Iterator[NDArray[np.uint64]]:
        """Yield all records in no order, as uint64 of shape (records, 16), the fields of :class:`Record` in order."""
        import numpy as np

        for at in range(0, self._count, BLOCK):
            self._file.seek(at * SIZE)
            data = self._file.read(min(BLOCK, self._count - at) * SIZE)
            yield np.frombuffer(data, dtype="<u8").reshape(-1, SIZE // 8)
