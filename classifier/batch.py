"""Many files: find them, read them, split or classify each, in input order, on one core or several.

A file that cannot be read is a result like any other (:class:`classifier.document.Failure`), and so is a bug that one
page brings out: the rest goes on. Inputs are pulled as they are needed, so the length of a run costs no memory.
"""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from classifier import reader, scanfile
from classifier.document import UNKNOWN, Failure, PageResult
from classifier.errors import BanmianError, InputError, ModelError
from classifier.output import OutputTree
from classifier.output import write_atomically as write_atomically  # part of this module's interface
from classifier.render import Verb

if TYPE_CHECKING:
    from classifier.model import Model

STDIN = "-"

CHUNK_BYTES, CHUNK_FILES = 1 << 18, 64
"""A worker gets inputs by the chunk: so many bytes, about half a second of work, or so many files."""

WINDOW = 16
"""Chunks a worker gets before the next window opens. Within one, results wait in memory for a slow reader (joblib
dispatches whether or not they are taken), so it is bounded; at its end workers idle for half a chunk, 3 %."""


@dataclass(frozen=True, slots=True)
class Work:
    """What to do with every input: all that a worker process needs to know besides the model."""

    verb: Verb = "split"
    encoding: str | None = None
    threshold: float | None = None
    top_k: int = 3
    glob: str = "*.txt"
    output: OutputTree | None = None
    """Where to write results, or ``None`` to hand them back only."""
    keep_text: bool = False
    """Whether results carry their page's text, as the forms ``text`` and ``files`` need it."""
    reading: scanfile.Reading = scanfile.USUAL
    """How scans are read."""
    overlay: OutputTree | None = None
    """Where to write the pictures of scans with their articles tinted, if anywhere."""
    scans_only: bool = False
    """Whether text files fail: for forms of output that say where things stand on a picture."""


@dataclass(frozen=True, slots=True)
class Source:
    """One input: what it is called, where its result goes, or why it has none."""

    path: str
    target: Path | None = None
    content: bytes | None = None
    """Its bytes where they cannot be read from ``path`` later: standard input."""
    failure: Failure | None = None
    name: str = ""
    """Its name relative to the argument it was found under; results are named after it."""
    file: str = ""
    """The file it is in, where ``path`` names a page of it as well."""
    page: int = 1
    """Which page of a scan it is."""


@dataclass(slots=True)
class Tally:
    """How a run went, counted result by result. As a string, the line that closes the run."""

    verb: Verb = "split"
    done: int = 0
    articles: int = 0
    unknown: int = 0
    failed: int = 0

    def add(self, result: PageResult) -> None:
        """Count one result."""
        if result.failure is not None:
            self.failed += 1
            return
        self.done += 1
        self.articles += len(result.articles)
        self.unknown += sum(article.genre == UNKNOWN for article in result.articles)
        self.unknown += result.label is not None and result.label.genre == UNKNOWN

    def __str__(self) -> str:
        """Return ``212 pages, 1,904 articles, 37 unknown, 1 failed``."""
        counts = [_count(self.done, "page" if self.verb == "split" else "text")]
        if self.verb == "split":
            counts.append(_count(self.articles, "article"))
        return ", ".join([*counts, f"{self.unknown:,} unknown", f"{self.failed:,} failed"])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def run(
    paths: Sequence[str], *, work: Work, model: Model, jobs: int = 1, stdin: BinaryIO | None = None
) -> Generator[PageResult]:
    """Yield a result for every input, in input order whatever ``jobs`` is.

    Parameters
    ----------
    paths
        Files, directories (searched for ``work.glob``) and ``-``, which stands for ``stdin``.
    jobs
        Worker processes, at least 1; with 1 everything happens in this one. See :func:`cores`.
    """
    sources = find_sources(paths, work=work, stdin=stdin)
    if jobs > 1:
        # Workers start in about a second: not worth it for a single file.
        first = list(islice(sources, 2))
        sources = chain(first, sources)
        if len(first) > 1:
            yield from _run_parallel(sources, work=work, model=model, jobs=jobs)
            return
    for source in sources:
        yield label(source, work=work, model=model)


def cores() -> int:
    """Return the number of processor cores this process may use (affinity and container limits counted)."""
    import joblib

    return int(joblib.cpu_count())


def find_sources(paths: Sequence[str], *, work: Work, stdin: BinaryIO | None = None) -> Iterator[Source]:
    """Yield the inputs that ``paths`` stand for, lazily; those that cannot be read or written come with a failure."""
    # Only different arguments can claim one output name, so a run over one directory, however large, remembers none.
    claimed: dict[str, int] | None = {} if len(paths) > 1 else None
    for number, argument in enumerate(paths):
        hidden = _output_inside(argument, work.output)
        for path, error in reader.find_files([argument], glob=work.glob):
            if hidden and path.startswith(hidden):
                continue
            if error is not None:
                yield Source(path, failure=_failure(error))
                continue
            content = stdin.read() if path == STDIN and stdin is not None else None
            whole = Source(path, None, content, name=_output_name(path, argument))
            for source in find_pages(whole) if work.encoding is None else [whole]:
                if work.output is None:
                    yield source
                    continue
                try:
                    target, name = work.output.target(source.name), os.path.normcase(source.name)
                    if claimed is not None and (other := claimed.setdefault(name, number)) != number:
                        message = f"{target} is the output of {paths[other]} too; give them runs and -o of their own"
                        raise InputError(message, code="output")
                    work.output.check(target)
                except InputError as refused:
                    yield Source(source.path, failure=_failure(refused))
                    continue
                yield replace(source, target=target)


def find_pages(source: Source) -> Iterator[Source]:
    """Yield the pages of a source: itself, unless it is a PDF, TIFF or layout file of several.

    Page 2 of ``issue.pdf`` is called ``issue.pdf#page=2``, as browsers do, and its result after ``issue.pdf.page-02``.
    """
    count = scanfile.count_pages_of(source.path if source.content is None else source.content)
    if count == 1:
        yield source
        return
    digits = max(2, len(str(count)))
    for number in range(1, count + 1):
        name = f"{source.name}.page-{number:0{digits}}"
        yield replace(source, path=f"{source.path}#page={number}", name=name, file=source.path, page=number)


def _output_name(path: str, argument: str) -> str:
    """Return the name of an input relative to the argument it was found under."""
    if path == STDIN:
        return "stdin"
    if path == argument:
        return Path(path).name
    return str(Path(path).relative_to(argument))


def _output_inside(argument: str, output: OutputTree | None) -> str:
    """Return the prefix of paths under a directory argument that are this run's own output, or ``""``."""
    if output is None or argument == STDIN or not Path(argument).is_dir():
        return ""
    root, directory = Path(argument).resolve(), output.directory.resolve()
    if directory == root or not directory.is_relative_to(root):
        return ""
    return os.path.join(argument, directory.relative_to(root), "")  # noqa: PTH118 Path would print "./a" as "a"


def label(source: Source, *, work: Work, model: Model) -> PageResult:
    """Read one input, split or classify it and, with ``work.output``, write the result. Failures are values."""
    path = source.path
    if source.failure is not None:
        return PageResult(path, failure=source.failure)
    try:
        content = reader.read_bytes(Path(source.file or path)) if source.content is None else source.content
        result = _read_and_label(source, content, work, model)
        if work.output is not None and source.target is not None:
            work.output.write(source.target, result)
            result = replace(result, scan=None)
        return result if work.keep_text else replace(result, text="")
    except InputError as error:
        return PageResult(path, failure=_failure(error))
    except Exception as error:  # a bug, in one page: the others are worth having
        message = f"{type(error).__name__}: {error}; this is a bug, run with -v for the traceback"
        return PageResult(path, failure=Failure("internal", _one_line(message), traceback.format_exc()))


def _read_and_label(source: Source, content: bytes, work: Work, model: Model) -> PageResult:
    """Return the result for the bytes of an input. Raises :class:`InputError`."""
    if work.encoding is None and scanfile.is_scan(content):
        from classifier import scanning

        return scanning.label(source, content, work=work, model=model)
    if work.scans_only:
        raise InputError("a text file, in which nothing has a place; give a scan or another --format", code="scan")
    text, encoding = reader.decode(content, encoding=work.encoding)
    result = PageResult(source.path, encoding, model.id, text=text)
    if work.verb == "split":
        return replace(result, articles=model.split(text, threshold=work.threshold, top_k=work.top_k))
    return replace(result, label=model.classify(text, threshold=work.threshold, top_k=work.top_k))


def _failure(error: InputError) -> Failure:
    """Return an input error as a value."""
    return Failure(error.code, _one_line(error.message))


def _one_line(message: str) -> str:
    return " ".join(message.split())


def _run_parallel(sources: Iterable[Source], *, work: Work, model: Model, jobs: int) -> Iterator[PageResult]:
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    chunks = _chunks(sources, jobs=jobs)
    tasks = (delayed(_label_chunk)(chunk, work, str(model.path), model.digest) for chunk in chunks)
    try:
        with Parallel(n_jobs=jobs, batch_size=1, return_as="generator") as parallel:
            while window := list(islice(tasks, WINDOW * jobs)):
                outcomes = parallel(window)
                try:
                    for results in outcomes:
                        yield from results
                finally:
                    with warnings.catch_warnings():  # stopped early (a broken pipe, Ctrl-C): joblib's advice is idle
                        warnings.simplefilter("ignore")
                        outcomes.close()
    except TerminatedWorkerError as error:
        message = "a worker process was killed, perhaps for want of memory; run with fewer -j"
        raise BanmianError(message) from error


def _chunks(sources: Iterable[Source], *, jobs: int) -> Iterator[list[Source]]:
    """Yield the inputs in chunks: small ones first, so that a short list too keeps every worker busy."""
    chunk: list[Source] = []
    size = number = 0
    for source in sources:
        chunk.append(source)
        size += _size(source)
        if size >= CHUNK_BYTES or len(chunk) >= min(CHUNK_FILES, 1 + number // jobs):
            yield chunk
            chunk, size, number = [], 0, number + 1
    if chunk:
        yield chunk


def _size(source: Source) -> int:
    if source.content is not None:
        return len(source.content)
    try:
        return Path(source.file or source.path).stat().st_size
    except OSError:
        return 0


def _label_chunk(chunk: list[Source], work: Work, where: str, digest: str) -> list[PageResult]:
    """Label a chunk in a worker process."""
    model = _model(where, digest)
    return [label(source, work=work, model=model) for source in chunk]


@lru_cache(maxsize=1)
def _model(where: str, digest: str) -> Model:
    """Return the model, loaded once a worker."""
    from classifier.model import load_model

    model = load_model(where)
    if model.digest != digest:
        raise ModelError(f"{where}: the model was replaced during the run; run again")
    return model
