"""Results as Parquet: one row an article, or a classified text, in part files of many pages. The extra ``[parquet]``.

A part never grows. A page that is done again gets rows in a new part; :func:`sweep`, at the end of a run, takes its old
rows out of the old one. So whoever reads ``DIR/part-*.parquet`` after a run finds every page once.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.atomic import appearing, put, remove
from classifier.batches import journal
from classifier.batches.journal import Journal, Record
from classifier.batches.output import OutputTree
from classifier.batches.sources import Source
from classifier.document import PageResult
from classifier.errors import InputError, MissingExtraError
from classifier.rendering.render import Verb
from classifier.rendering.serialisation import article_object, page_object

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

PATTERN = "part-*.parquet"
SUFFIX = ".parquet"

PART_BYTES, PART_PAGES = 4 << 20, 512
"""A part holds so much text or so many pages: some seconds of work, which is what a kill can cost."""

Finished = tuple[Source, PageResult, Record]


def require() -> None:
    """Raise :class:`MissingExtraError` if pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise MissingExtraError("--format parquet", "parquet") from None


def schema(verb: Verb) -> pa.Schema:
    """Return the columns, the same for every part: additions come last, and nothing is ever taken away."""
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    top = pa.list_(pa.struct([("genre", text), ("score", number)]))
    head = [("page", text), ("path", text), ("id", text), ("encoding", text), ("model", text)]
    if verb == "classify":
        return pa.schema([*head, ("genre", text), ("score", number), ("top", top)])
    places = [("article", pa.int32()), ("start", pa.int64()), ("end", pa.int64())]
    lines = [("first_line", pa.int64()), ("last_line", pa.int64())]
    label = [("title", text), ("genre", text), ("score", number), ("top", top), ("boundary_score", number)]
    jumps = [("continued_from", text), ("continued_on", text)]
    region = pa.struct([("page", pa.int32()), ("polygon", pa.list_(pa.list_(pa.int64())))])
    return pa.schema([*head, *places, *lines, *label, *jumps, ("text", text), ("regions", pa.list_(region))])


def rows(page: str, result: PageResult) -> Iterator[dict[str, object]]:
    """Yield the rows of a page; ``regions`` of scans only, as in JSON, pixels of the page picture."""
    whole = page_object(result)
    head = {"page": page, "path": result.path, "id": result.shown_id}
    head |= {"encoding": result.encoding, "model": result.model}
    if result.label is not None:
        yield _row(head | {key: whole[key] for key in ("genre", "score", "top")})
    for number, article in enumerate(result.articles, 1):
        found = article_object(article)
        yield _row(head | {"article": number, **found, "text": result.text[article.start : article.end]})


def _row(fields: dict[str, Any]) -> dict[str, object]:
    fields["top"] = [{"genre": genre, "score": score} for genre, score in fields["top"]]
    return {key: _storable(value) if isinstance(value, str) else value for key, value in fields.items()}


def _storable(text: str) -> str:
    r"""Return text that is valid Unicode: half a pair of surrogates, as in a name that is not UTF-8, as ``\udcc3``."""
    return text.encode("utf-8", "backslashreplace").decode()


# --- Parts -----------------------------------------------------------------------------------------------------------


def part_names(directory: Path) -> dict[bytes, str]:
    """Return the parts that are there by the digests that the journal knows them by."""
    return {journal.digest(path.name.encode()): path.name for path in directory.glob(PATTERN)}


def write_part(pages: Sequence[Finished], output: OutputTree) -> None:
    """Write the pages to a new part. Raises :class:`InputError` (``output``)."""
    import pyarrow as pa

    found = [row for source, result, _ in pages for row in rows(_page(source, output), result)]
    name = f"part-{output.run.partition('-')[0]}-{secrets.token_hex(4)}{SUFFIX}"
    staged = output.staging / name
    try:
        staged.parent.mkdir(parents=True, exist_ok=True)
        with appearing(output.directory / name, draft=staged):
            _write(pa.Table.from_pylist(found, schema=schema(output.verb)), staged)
            status, key = staged.stat(), journal.digest(name.encode())
            size, mtime = status.st_size, status.st_mtime_ns
            known = [replace(record, output=key, size=size, mtime=mtime) for _, _, record in pages]
            journal.append(journal_of(output), output.run, known)
    except OSError as error:
        reason = error.strerror or " ".join(str(error).split())
        message = f"cannot write {output.directory / name}: {reason}; make room or choose another -o"
        raise InputError(message, code="output") from error


def journal_of(output: OutputTree) -> Path:
    """Return the journal's folder."""
    from classifier.batches.rooms import journal_folder

    return journal_folder(output.directory)


def _write(table: pa.Table, path: Path) -> None:
    from pyarrow.parquet import write_table

    write_table(table, path, compression="zstd")


def _page(source: Source, output: OutputTree) -> str:
    assert source.target is not None
    return source.target.relative_to(output.directory).as_posix().removesuffix(SUFFIX)


# --- Sweeping --------------------------------------------------------------------------------------------------------


def sweep(output: OutputTree) -> int:
    """Take the rows of pages that were done again since out of the older parts; return from how many parts.

    A part of which nothing is left is deleted, any other replaced whole. Raises :class:`InputError` (``output``).
    """
    names = part_names(output.directory)
    known = Journal(journal_of(output))
    try:
        stale, whole = _find_stale(known, names)
    finally:
        known.close()
    try:
        for name, keys in stale.items():
            path = output.directory / name
            if len(keys) == whole[name]:
                path.unlink(missing_ok=True)
            else:
                with suppress(FileNotFoundError):  # another run swept it
                    _take_out(path, keys, output)
    except OSError as error:
        message = f"cannot sweep old rows out of {output.directory}: {error.strerror or error}; run again"
        raise InputError(message, code="output") from error
    return len(stale)


def _find_stale(known: Journal, names: dict[bytes, str]) -> tuple[dict[str, set[bytes]], dict[str, int]]:
    """Return the keys of pages whose newest rows are in another part, by part, and the pages of each such part."""
    import numpy as np

    order = sorted(names, key=lambda key: int.from_bytes(key[:8], "little"))
    parts = np.array([int.from_bytes(key[:8], "little") for key in order], dtype=np.uint64)
    stale: dict[str, set[bytes]] = {}
    whole: dict[str, int] = {}
    if not len(parts):
        return stale, whole
    found: list[NDArray[np.uint64]] = []
    for block in known.blocks():
        present = block[np.isin(block[:, 10], parts)]
        found.append(present[:, [0, 1, 10, 14]])  # the name's key, the part, the time: see journal.Record
    table = np.concatenate(found) if found else np.empty((0, 4), dtype=np.uint64)
    table = table[np.lexsort((table[:, 3], table[:, 1], table[:, 0]))]
    last = np.ones(len(table), dtype=np.bool_)
    last[:-1] = (table[1:, :2] != table[:-1, :2]).any(axis=1)
    newest = np.flatnonzero(last)[np.cumsum(last) - last]  # for each row, that of the same page which counts
    is_old = table[:, 2] != table[newest, 2]
    touched = np.unique(table[is_old, 2])
    for part in touched.tolist():
        name = names[order[int(parts.searchsorted(np.uint64(part)))]]
        here = table[:, 2] == np.uint64(part)
        keys = table[here & is_old][:, :2]
        stale[name] = {row.tobytes() for row in np.unique(keys, axis=0)}
        whole[name] = len(np.unique(table[here][:, :2], axis=0))
    return stale, whole


def _take_out(path: Path, keys: set[bytes], output: OutputTree) -> None:
    """Write a part anew without some pages. Raises :class:`OSError`, :class:`FileNotFoundError` if it has gone."""
    while not _try_take_out(path, keys, output):
        pass  # another run swept it meanwhile: what that took out must not come back


def _try_take_out(path: Path, keys: set[bytes], output: OutputTree) -> bool:
    """Do so, unless the part is another by the time that it is to be replaced; return whether it was done."""
    import pyarrow as pa
    from pyarrow.parquet import read_table

    seen = _look(path)
    table = read_table(path)
    pages: Iterable[str] = table.column("page").to_pylist()
    staged = output.staging / f"{path.name}.{secrets.token_hex(4)}"
    try:
        _write(table.filter(pa.array([_key(page) not in keys for page in pages], type=pa.bool_())), staged)
        if _look(path) != seen:
            return False
        put(staged, path)
    finally:
        remove(staged)
    return True


def _look(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _key(page: str) -> bytes:
    """Return the key of a page by what its column says; :func:`_storable` may have spelled out some bytes of it."""
    return journal.name_key(
        re.sub(r"\\udc([89a-f][0-9a-f])", lambda found: chr(0xDC00 + int(found[1], 16)), page) + SUFFIX
    )
