"""Pages in JSON Lines: one JSON object a line, the text in a field of it, as data sets of texts are passed round."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import IO, cast

from classifier.document import Failure
from classifier.sources import PAGE_LIMIT, Source

FOLDER = 1000
"""Results in one folder: more would be slow to list."""


def find_texts(file: IO[bytes], *, path: str, name: str, field: str) -> Iterator[Source]:
    """Yield the text in ``field`` of every line of a file, gzipped or not, or the failure to find one.

    Line 17 of ``x.jsonl`` is called ``x.jsonl:17``; its result goes to ``x.jsonl/000000/000000017``. The ``id`` of the
    object, if it has one that is a string or a whole number, is kept. Blank lines are skipped.
    """
    try:
        for number, line in _lines(_unpacked(file)):
            source = Source(f"{path}:{number}", name=f"{name}/{number // FOLDER:06}/{number:09}")
            yield _with_text(source, line, field)
    except (EOFError, OSError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        yield Source(path, failure=Failure("unreadable", f"cannot be read to its end: {reason}"))


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    buffered = cast(
        "io.BufferedReader", file if hasattr(file, "peek") else io.BufferedReader(cast("io.RawIOBase", file))
    )
    if buffered.peek(2)[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=buffered))
    return buffered


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines with their numbers from 1; ``None`` for one too long to be held."""
    number = 0
    while line := file.readline(PAGE_LIMIT + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) > PAGE_LIMIT:
            while line and not line.endswith(b"\n"):
                line = file.readline(PAGE_LIMIT)
            yield number, None
        elif line.strip():
            yield number, line


def _with_text(source: Source, line: bytes | None, field: str) -> Source:
    if line is None:
        return source.failed("record", f"longer than {PAGE_LIMIT:,} bytes; cut it into pages")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return source.failed("record", f"not valid JSON ({' '.join(str(error).split())}); mend the line")
    if not isinstance(value, dict):
        return source.failed("record", "not a JSON object; give an object a line")
    identity = value.get("id")
    if isinstance(identity, str | int) and not isinstance(identity, bool):
        source = source.with_id(identity)
    text = value.get(field)
    if not isinstance(text, str):
        fields = ", ".join(map(repr, list(value)[:5]))
        return source.failed("record", f"no text in {field!r}; pass --jsonl-text with one of its fields: {fields}")
    return source.with_text(text)
