"""Pages in JSON Lines: one JSON object a line, the text in a field of it, as data sets of texts are passed round."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from typing import IO, AnyStr, cast

from classifier.batches.sources import PAGE_LIMIT, Source
from classifier.document import Failure
from classifier.errors import InputError
from classifier.text import reader

FOLDER = 1000
"""Results in one folder: more would be slow to list."""


def find_texts(file: IO[bytes], *, path: str, name: str, field: str, encoding: str | None = None) -> Iterator[Source]:
    """Yield the text in ``field`` of every line of a file, gzipped or not, or the failure to find one.

    Line 17 of ``x.jsonl`` is called ``x.jsonl:17``; its result goes to ``x.jsonl/000000/000000017``. The ``id`` of the
    object, if it has one, is kept, whatever it is. Blank lines are skipped. Without ``encoding`` the
    file is UTF-8, as JSON has to be, or UTF-16 or UTF-32 with its mark.
    """
    number = 0
    try:
        for number, line in _lines(_unpacked(file), encoding):
            source = Source(f"{path}:{number}", name=f"{name}/{number // FOLDER:06}/{number:09}")
            found = _with_text(source, line, field, encoding)
            if number == 1 and found.failure is not None and line is not None and (shape := _shape(line)):
                yield Source(path).failed("record", f"{shape}, not JSON Lines; write each page as an object on a line")
                return
            yield found
    except InputError as error:  # no such encoding
        yield Source(path).failed(error.code, error.message)
    except UnicodeDecodeError as error:
        label = error.encoding.upper()
        yield Source(path).failed("decode", f"not valid {label} after line {number:,}; pass another --encoding NAME")
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


def _lines(file: IO[bytes], encoding: str | None) -> Iterator[tuple[int, bytes | str | None]]:
    """Yield the lines with their numbers from 1; ``None`` for one too long to be held.

    They are bytes, of which one that cannot be decoded spoils no other, but where a line break is more than a byte.
    """
    wide = _wide_encoding(file, encoding)
    if wide is None:
        yield from _numbered(file.readline, b"\n", b"\xef\xbb\xbf")
        return
    text = io.TextIOWrapper(cast("io.BufferedReader", file), encoding=wide, newline="\n")
    try:
        yield from _numbered(text.readline, "\n", "\ufeff")
    finally:
        text.detach()  # or it would close standard input


def _wide_encoding(file: IO[bytes], encoding: str | None) -> str | None:
    """Return the encoding if it is UTF-16 or UTF-32, by its name or the mark of the file."""
    if encoding is not None:
        name = reader.find_codec(encoding)
        return name if name.startswith(("utf-16", "utf-32")) else None
    head = file.peek(4)[:4]  # type: ignore[attr-defined]
    marks = (("utf-32", codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE), ("utf-16", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return next((name for name, *known in marks if head.startswith(tuple(known))), None)


def _numbered(readline: Callable[[int], AnyStr], end: AnyStr, mark: AnyStr) -> Iterator[tuple[int, AnyStr | None]]:
    number = 0
    while line := readline(PAGE_LIMIT + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(mark)
        if len(line) > PAGE_LIMIT:
            while line and not line.endswith(end):
                line = readline(PAGE_LIMIT)
            yield number, None
        elif line.strip():
            yield number, line


def _shape(line: bytes | str) -> str:
    """Return what the first line of a file begins if it is JSON, but not in lines; else ``""``."""
    bare = line.strip()
    if bare[:1] in (b"[", "["):
        return "a JSON array"
    return "a JSON object over several lines" if bare in (b"{", "{") else ""


def _with_text(source: Source, line: bytes | str | None, field: str, encoding: str | None) -> Source:
    if line is None:
        return source.failed("record", f"longer than {PAGE_LIMIT:,} bytes; cut it into pages")
    try:
        value = json.loads(_decoded(line, encoding).rstrip())
    except InputError as error:
        return source.failed(error.code, error.message)
    except json.JSONDecodeError as error:
        where = "it breaks off" if error.pos >= len(error.doc) else f"wrong from character {error.pos + 1:,} on"
        return source.failed("record", f"not valid JSON, {where}; mend the line")
    except ValueError:  # Python's limit, as long numbers take long
        return source.failed("record", "not valid JSON: a number of too many digits; mend the line")
    except RecursionError:
        return source.failed("record", "nested too deep; give an object with its text in a field")
    if not isinstance(value, dict):
        return source.failed("record", "not a JSON object; give an object a line")
    if _is_plain(value.get("id")):
        source = source.with_id(value["id"])
    text = value.get(field)
    if field in value and not isinstance(text, str):
        kind = _KINDS.get(type(text), "a number")
        return source.failed(
            "record", f"{field!r} is {kind}, not text; pass --jsonl-text with a field that is a string"
        )
    if not isinstance(text, str):
        fields = ", ".join(map(repr, list(value)[:5]))
        return source.failed("record", f"no text in {field!r}; pass --jsonl-text with one of its fields: {fields}")
    return source.with_text(text)


_KINDS = {type(None): "null", bool: "true or false", list: "a list", dict: "an object"}


def _is_plain(identity: object) -> bool:
    """Tell whether there is an identity that JSON can hold: Python writes and reads NaN, which it cannot."""
    try:
        json.dumps(identity, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return identity is not None


def _decoded(line: bytes | str, encoding: str | None) -> str:
    if isinstance(line, str):
        return line
    if encoding is not None:
        return reader.decode(line, encoding=encoding)[0]
    try:
        return line.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        message = f"not valid UTF-8 at byte {error.start}; give the encoding with --encoding, such as gb18030"
        raise InputError(message, code="decode") from None
