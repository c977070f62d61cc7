"""From the arguments of a command to the inputs they stand for, lazily and in order."""

from __future__ import annotations

import os
import re
import stat
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from classifier import files
from classifier.batches.sources import Source, stamp_of
from classifier.document import Failure
from classifier.errors import InputError
from classifier.scans import scanfile

STDIN = "-"

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

JSON = (".jsonl", ".jsonl.gz", ".json", ".ndjson", ".ndjson.gz")
"""Ends of the names of JSON; its first lines would make a page of some sort, but nobody wants that."""

_SEPARATORS = os.sep + (os.altsep or "")

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)")


def is_archive(path: str) -> bool:
    """Tell by its name whether an argument is an archive of pages."""
    return path.lower().endswith(ARCHIVES)


def is_url(argument: str) -> bool:
    r"""Tell whether an argument is a URL and not a path (``C:\pages`` is a path)."""
    return _URL.match(argument) is not None


def is_pipe(argument: str) -> bool:
    """Tell whether an argument is standard input, or a path where another program may still be writing (a FIFO)."""
    if argument == STDIN:
        return True
    try:
        mode = os.stat(argument).st_mode  # noqa: PTH116 a URL is no Path
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@dataclass(frozen=True, slots=True)
class Search:
    """How inputs are looked for."""

    glob: str = "*.txt"
    field: str | None = None
    """The field of JSON objects that holds the text, if inputs are JSON Lines."""
    outputs: tuple[Path, ...] = ()
    """The directories results go to: what lies in them is no input."""
    stamped: bool = False
    """Whether to note size and times of files, as a run that writes results needs them."""
    paged: bool = False
    """Whether scans of several pages are to be taken page by page."""
    encoding: str | None = None
    """That of JSON Lines, if they are not as JSON has to be."""
    passed_over: files.PassedOver | None = None
    """Told what is skipped in directories."""


def find_inputs(argument: str, search: Search, *, stdin: BinaryIO | None = None) -> Iterator[Source]:
    """Yield the inputs that one argument stands for; those that cannot be read come with a failure."""
    if search.field is not None:
        for source in _find(argument, search, stdin):
            yield from _records(source, search.field, search.encoding, stdin)
    elif search.paged:
        for source in _find(argument, search, stdin):
            if refused := _refusal(source, argument):
                yield source.failed(*refused)
            else:
                yield from find_pages(source)
    else:
        yield from _find(argument, search, stdin)


def _refusal(source: Source, argument: str) -> tuple[str, str] | None:
    """Return why something found is not read as a page, as its name says what it is; ``None`` if it may be one."""
    if source.failure is not None:
        return None
    if source.path == argument and set("*?") & set(argument) and not is_url(argument) and not os.path.lexists(argument):
        return "missing", "no such file, and no pattern is expanded here; give the directory and --glob PATTERN"
    if source.path.lower().endswith(JSON):
        return "record", "JSON, not running text; name the field of the text with --jsonl-text FIELD"
    if source.content is None and is_archive(source.path) and source.path != argument:
        return "archive", "an archive, and those in directories are not opened; give it as PATH"
    return None


def find_pages(source: Source) -> Iterator[Source]:
    """Yield the pages of a source: itself, unless it is a PDF, TIFF or layout file of several.

    Page 2 of ``issue.pdf`` is called ``issue.pdf#page=2``, as browsers do, and its result after ``issue.pdf.page-02``.
    """
    if source.failure is not None or (source.remote is not None and source.path.lower().endswith(".txt")):
        yield source
        return
    try:
        content = source.read() if source.remote is not None else source.content
    except InputError as error:
        yield source.failed(error.code, error.message)
        return
    try:
        count = scanfile.count_pages_of(source.place or source.path if content is None else content)
    except Exception as error:  # a bug that one file brings out: the others are worth having
        yield replace(source, failure=failure_of_bug(error))
        return
    if count == 1:
        yield source
        return
    digits = max(2, len(str(count)))
    for number in range(1, count + 1):
        name = f"{source.name}.page-{number:0{digits}}"
        yield replace(source, path=f"{source.path}#page={number}", name=name, page=number)


def _find(argument: str, search: Search, stdin: BinaryIO | None) -> Iterator[Source]:
    if argument == STDIN:
        content = stdin.read() if stdin is not None and search.field is None else None
        yield Source(STDIN, name="stdin", place=STDIN, content=content)
    elif is_url(argument):
        from classifier.batches import remote, urls

        if is_archive(argument) and "::" not in argument:
            message = "archives are read from this machine's disks; fetch it, or give zip://*.txt::URL for a zip file"
            yield Source(remote.shown(argument), failure=Failure("archive", message))
            return
        yield from urls.find_files(argument, glob=search.glob)
    elif is_archive(argument) and not os.path.isdir(argument):  # noqa: PTH112
        from classifier.batches import archives

        yield from archives.find_pages(argument, glob=search.glob)
    else:
        yield from _find_files(argument, search)


def _find_files(argument: str, search: Search) -> Iterator[Source]:
    hidden = tuple(filter(None, (_output_inside(argument, output) for output in search.outputs)))
    top = files.absolute(argument)
    for path, error in files.find_files([argument], glob=search.glob, passed_over=search.passed_over):
        if hidden and path.startswith(hidden):
            continue
        name = Path(path).name if path == argument else path[len(argument) :].lstrip(_SEPARATORS)
        place = top if path == argument else os.path.join(top, path[len(argument) :].lstrip(_SEPARATORS))  # noqa: PTH118
        if error is not None:
            yield Source(path, name=name, place=place, failure=failure_of(error))
        else:
            yield Source(path, name=name, place=place, stamp=stamp_of(place) if search.stamped else None)


def _output_inside(argument: str, output: Path) -> str:
    """Return the prefix of paths under a directory argument that are this run's own output, or ``""``."""
    if not Path(argument).is_dir():
        return ""
    root, directory = Path(argument).resolve(), output.resolve()
    if directory == root or not directory.is_relative_to(root):
        return ""
    return os.path.join(argument, directory.relative_to(root), "")  # noqa: PTH118 Path would print "./a" as "a"


def _records(source: Source, field: str, encoding: str | None, stdin: BinaryIO | None) -> Iterator[Source]:
    """Yield the texts of a file of JSON Lines."""
    from classifier.batches import records, remote

    if source.failure is not None:
        yield source
        return
    try:
        if source.path == STDIN and stdin is not None:
            file = stdin
        elif source.remote is not None:
            file = remote.open_file(source.remote)  # type: ignore[assignment]
        else:
            file = open(source.place, "rb")  # noqa: PTH123, SIM115 closed below
    except (FileNotFoundError, NotADirectoryError):
        yield source.failed("missing", "no such file")
        return
    except InputError as error:
        yield source.failed(error.code, error.message)
        return
    except OSError as error:
        yield source.failed("unreadable", files.unreadable(error).message)
        return
    try:
        texts = records.find_texts(file, path=source.path, name=source.name, field=field, encoding=encoding)
        for number, text in enumerate(texts):
            yield replace(text, place=f"{source.place}:{number}", stamp=source.stamp)
    finally:
        if file is not stdin:
            file.close()


def find_all(
    arguments: Sequence[str], search: Search, *, stdin: BinaryIO | None = None
) -> Iterator[tuple[int, Source]]:
    """Yield the inputs of all arguments, each with the number of its argument.

    Of several directories each keeps its name, ``1998/a.txt`` and ``1999/a.txt``, as an archive always does; a single
    one stands for what is in it, ``a.txt``.
    """
    for number, (argument, folder) in enumerate(zip(arguments, folder_names(arguments), strict=True)):
        top = argument.rstrip(_SEPARATORS) + _SEPARATORS[0]
        for source in find_inputs(argument, search, stdin=stdin):
            below = folder and source.name and source.path.startswith(top)
            yield number, replace(source, name=f"{folder}/{source.name}") if below else source


def folder_names(arguments: Sequence[str]) -> list[str]:
    """Return the folder that results of what is below each argument go to; ``""`` where it is none of several."""
    folders = [is_url(argument) or os.path.isdir(argument) for argument in arguments]  # noqa: PTH112
    several = sum(folders) > 1
    return [
        _base_name(argument) if several and folder else "" for argument, folder in zip(arguments, folders, strict=True)
    ]


def find_clash(arguments: Sequence[str]) -> tuple[str, str, str] | None:
    """Return two directories or archives whose results would go to one folder, and its name; ``None`` if no two do."""
    seen: dict[str, str] = {}
    for argument, folder in zip(arguments, folder_names(arguments), strict=True):
        packed = is_archive(argument) and not is_url(argument) and not os.path.isdir(argument)  # noqa: PTH112
        name = folder or (os.path.basename(argument) if packed else "")  # noqa: PTH119 as results are named
        if name and name in seen:
            return seen[name], argument, name
        seen[name] = argument
    return None


def _base_name(argument: str) -> str:
    full = argument.rstrip("/") if is_url(argument) else files.absolute(argument)
    return re.split(r"[/\\]" if os.name == "nt" else "/", full)[-1]


def failure_of(error: InputError) -> Failure:
    """Return an input error as a value."""
    return Failure(error.code, " ".join(error.message.split()))


def failure_of_bug(error: Exception) -> Failure:
    """Return an exception that nobody foresaw as the failure of the input it came with, inside its ``except``."""
    message = " ".join(f"{type(error).__name__}: {error}; this is a bug, run with -v for the traceback".split())
    return Failure("internal", message, traceback.format_exc())
