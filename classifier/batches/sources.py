"""One input of a batch: what it is called, where its bytes are, where its result goes."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from classifier import files
from classifier.batches import journal
from classifier.document import Failure

PAGE_LIMIT = 1 << 26
"""Most bytes of a member of an archive or a line of JSON: no page has 64 MB. Files are not limited."""


@dataclass(frozen=True, slots=True)
class Source:
    """One input. Small enough to be sent to a worker, with its content only where the worker could not fetch it."""

    path: str
    """What it is called in results and messages."""
    name: str = ""
    """Relative to the argument it was found under: what its result is named after."""
    place: str = ""
    """Absolute path or URL: the same for the same input from wherever the run was started."""
    target: Path | None = None
    """Where the result goes, if not back to the caller alone."""
    content: bytes | None = None
    """Its bytes where they cannot be read later: standard input, members of archives."""
    text: str | None = None
    """Its text where it never was bytes of its own: JSON."""
    id: object = None
    """What a JSON object says it is."""
    page: int = 1
    """Which page of a scan of several it is; they share ``place``."""
    remote: tuple[str, str] | None = None
    """For a URL: the argument, which names the file system, and the path there."""
    stamp: journal.Stamp | None = None
    """Of the file, before it is read."""
    records: tuple[journal.Record, ...] = ()
    """What the journal says of the result that exists, the newest first, if that has to be compared."""
    failure: Failure | None = None
    done: bool = False
    """Whether the result exists and is current."""

    def failed(self, code: str, message: str) -> Source:
        """Return the input with the reason why it has no result."""
        return replace(self, failure=Failure(code, " ".join(message.split())))

    def with_id(self, identity: object) -> Source:
        """Return the input with its identity."""
        return replace(self, id=identity)

    def with_text(self, text: str) -> Source:
        """Return the input with its text."""
        return replace(self, text=text)

    def read(self) -> bytes:
        """Return the bytes of the input. Raises :class:`classifier.errors.InputError`."""
        if self.text is not None:
            return self.text.encode("utf-8", "surrogatepass")
        if self.content is not None:
            return self.content
        if self.remote is not None:
            from classifier.batches import remote

            return remote.read_bytes(self.remote)
        return files.read_bytes(Path(self.place or self.path))

    def modified(self) -> float | None:
        """Return when the file, or the archive it is in, was last changed: seconds since 1970, if that is known."""
        if self.remote is not None or not self.place or self.place == "-":
            return None
        stamp = self.stamp or stamp_of(self.place)
        return stamp[1] / 1e9 if stamp is not None else None

    def size(self) -> int:
        """Return about how many bytes there are to work on."""
        if self.content is not None or self.text is not None:
            return len(self.content or self.text or "")
        if self.stamp is not None:
            return self.stamp[0]
        try:
            return os.stat(self.place or self.path).st_size  # noqa: PTH116 a Path for each of a million is slow
        except OSError:
            return 0


def stamp_of(path: str) -> journal.Stamp | None:
    """Return what tells a file from its other versions, ``None`` where it cannot be seen."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
