"""Many inputs: split or classify each, in input order, on one core, several, or a cluster.

An input that cannot be read is a result like any other (:class:`classifier.document.Failure`), and so is a bug that one
page brings out: the rest goes on. Inputs are pulled as they are needed, so the length of a run costs no memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from classifier import inputs, journal, reader, resume, scanfile
from classifier.document import UNKNOWN, Article, Label, PageResult
from classifier.errors import InputError, ModelError, UsageError
from classifier.inputs import STDIN as STDIN  # part of this module's interface
from classifier.journal import Record
from classifier.listing import counted
from classifier.mojibake import is_garbled
from classifier.output import OutputTree
from classifier.render import Format, Verb
from classifier.sources import Source

if TYPE_CHECKING:
    from classifier.files import PassedOver
    from classifier.model import Model
    from classifier.rooms import Room

REVISION = 3
"""Raised when the same model, options and input give another result: what was written before is then done again.
``test_batch.py`` holds what a model gave at each revision, and fails when that is no longer so."""

CHUNK_BYTES, CHUNK_FILES = 1 << 18, 64
"""A worker gets inputs by the chunk: so many bytes, about half a second of work, or so many files."""


_JSON = re.compile(r'\s*(\[\s*)?\{\s*"[^"\n]{1,80}"\s*:')
"""How JSON begins, and no page does: standard input, and files by any name."""


@dataclass(frozen=True, slots=True)
class Work:
    """What to do with every input: all that a worker process needs to know besides the model."""

    verb: Verb = "split"
    encoding: str | None = None
    threshold: float | None = None
    top_k: int = 3
    glob: str = "*.txt"
    field: str | None = None
    """The field of JSON objects that holds the text, if the inputs are JSON Lines."""
    output: OutputTree | None = None
    """Where to write results, or ``None`` to hand them back only."""
    keep_text: bool = False
    """Whether results carry their page's text, as the form ``text`` needs it."""
    reading: scanfile.Reading = scanfile.USUAL
    """How scans are read."""
    overlay: OutputTree | None = None
    """Where to write the pictures of scans with their articles tinted, if anywhere."""
    scans_only: bool = False
    """Whether text files fail: for forms of output that say where things stand on a picture."""
    settings: int = 0
    """What the journal knows the model and the options above by: :func:`settings_of`. :func:`run` fills it in."""

    @property
    def search(self) -> inputs.Search:
        """How inputs are looked for."""
        outputs = tuple(tree.directory for tree in (self.output, self.overlay) if tree is not None)
        written = self.output is not None
        return inputs.Search(
            self.glob, self.field, outputs, stamped=written, paged=self.encoding is None, encoding=self.encoding
        )

    @property
    def in_parts(self) -> bool:
        """Whether results are written many in a file."""
        return self.output is not None and self.output.form is Format.PARQUET


@dataclass(slots=True)
class Tally:
    """How a run went, counted result by result. As a string, the line that closes the run."""

    verb: Verb = "split"
    done: int = 0
    articles: int = 0
    unknown: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, result: PageResult) -> None:
        """Count one result."""
        if result.failure is not None:
            self.failed += 1
            return
        if result.skipped:
            self.skipped += 1
            return
        self.done += 1
        self.articles += len(result.articles)
        self.unknown += sum(article.genre == UNKNOWN for article in result.articles)
        self.unknown += result.label is not None and result.label.genre == UNKNOWN

    @property
    def total(self) -> int:
        """How many inputs were seen."""
        return self.done + self.failed + self.skipped

    def __str__(self) -> str:
        """Return ``212 pages, 1,904 articles, 37 unknown, 1 failed``, and ``, 198 already done`` if some were."""
        counts = [counted(self.done, "page" if self.verb == "split" else "text")]
        if self.verb == "split":
            counts.append(counted(self.articles, "article"))
        counts += [f"{self.unknown:,} unknown", f"{self.failed:,} failed"]
        return ", ".join([*counts, f"{self.skipped:,} already done"] if self.skipped else counts)


def run(
    paths: Sequence[str],
    *,
    work: Work,
    model: Model,
    jobs: int = 1,
    stdin: BinaryIO | None = None,
    cluster: str | None = None,
    say: Callable[[str], None] = lambda _: None,
    passed_over: PassedOver | None = None,
) -> Generator[PageResult]:
    """Yield a result for every input, in input order whatever ``jobs`` is.

    With ``work.output``, results that are there already and current are skipped, see :mod:`classifier.resume`, and
    inputs that failed are listed there.

    Parameters
    ----------
    paths
        Files, directories (searched for ``work.glob``), archives, URLs and ``-``, which stands for ``stdin``.
    jobs
        Worker processes, at least 1; with 1 everything happens in this one. See :func:`classifier.processor.cores`.
    cluster
        Address of a Dask scheduler whose workers do the work instead.
    say
        Is told, in a line, why the list of failures is not where it usually is.
    passed_over
        Told what is skipped in directories.

    Raises
    ------
    UsageError
        If the output directory cannot be written, an extra is missing or the cluster cannot be reached.
    WorkerError
        If workers cannot go on.
    """
    with ExitStack() as stack:
        room = None
        sources: Iterator[Source]
        if cluster is not None:
            work = _absolute(work)
        search = replace(work.search, passed_over=passed_over)
        if work.output is None:
            sources = (source for _, source in inputs.find_all(paths, search, stdin=stdin))
            if work.overlay is not None and len(paths) > 1:
                sources = _shown_once(sources, overlay=work.overlay, stack=stack)
        else:
            room = _enter(work.output, stack, say=say)
            work = replace(work, output=replace(work.output, run=room.run), settings=settings_of(work, model))
            found = inputs.find_all(paths, search, stdin=stdin)
            sources = _aimed(found, paths, work=work, room=room, stack=stack)
        # Who writes to a pipe may wait for the result of one text before sending the next.
        singly = any(map(inputs.is_pipe, paths)) and not work.in_parts
        results = _do(sources, work=work, model=model, jobs=jobs, cluster=cluster, singly=singly)
        for result in stack.enter_context(closing(results)):
            if room is not None and result.failure is not None:
                room.note_failure(result)
            yield result
        if work.output is not None and work.in_parts:
            from classifier import parquet

            parquet.sweep(work.output)


def _absolute(work: Work) -> Work:
    """Return the work with paths that mean the same to workers, which have working directories of their own."""
    trees = {
        name: replace(tree, directory=tree.directory.resolve())
        for name, tree in (("output", work.output), ("overlay", work.overlay))
        if tree is not None
    }
    cache = work.reading.cache
    return replace(work, **trees, reading=replace(work.reading, cache=None if cache is None else cache.resolve()))  # type: ignore[arg-type]


def _enter(output: OutputTree, stack: ExitStack, *, say: Callable[[str], None]) -> Room:
    from classifier.rooms import Room

    if output.form is Format.PARQUET:
        from classifier import parquet

        parquet.require()
    try:
        return stack.enter_context(Room(output.directory, say=say))
    except OSError as error:
        message = f"-o {output.directory}: {error.strerror or error}; give a directory that can be written"
        raise UsageError(message) from error


def _aimed(
    found: Iterator[tuple[int, Source]], paths: Sequence[str], *, work: Work, room: Room, stack: ExitStack
) -> Iterator[Source]:
    """Yield the inputs that were found with what is known of them, see :class:`classifier.resume.Resumption`."""
    assert work.output is not None
    parts: Iterable[bytes] = ()
    if work.in_parts:
        from classifier import parquet

        parts = parquet.part_names(work.output.directory)
    known = stack.enter_context(closing(journal.Journal(room.journal_folder)))
    folds = room.folds_case()
    claims = None
    if folds or len(paths) > 1 or not all(map(os.path.isdir, paths)):  # else no two inputs can have one name
        claims = stack.enter_context(closing(resume.Claims(folds_case=folds)))
    aim = resume.Resumption(work.output, known, settings=work.settings, claims=claims, parts=frozenset(parts)).aim
    return (aim(source) for _, source in found)


def _shown_once(sources: Iterator[Source], *, overlay: OutputTree, stack: ExitStack) -> Iterator[Source]:
    """Yield the inputs, those as failures whose picture would replace that of another; results say so by themselves."""
    claims = stack.enter_context(closing(resume.Claims(folds_case=False)))
    for source in sources:
        is_text = source.text is not None or source.path.lower().endswith(".txt")
        other = None if is_text or source.failure is not None else claims.claim(source.name, source.path)
        if other is not None:
            message = f"{overlay.directory} has the picture of {other} under this name; give them an --overlay each"
            source = source.failed("output", "given twice; name it once" if other == source.path else message)
        yield source


def settings_of(work: Work, model: Model) -> int:
    """Return a number that stands for the model and every option that changes a result."""
    config = hashlib.sha256(json.dumps(model.config, sort_keys=True).encode()).hexdigest()
    columns = ("id",) if work.output is not None and work.output.form is Format.TSV else ()  # since 0.2
    return journal.number(
        REVISION,
        config,
        work.threshold,
        work.top_k,
        work.encoding,
        work.field,
        work.reading.ocr,
        "" if work.overlay is None else str(work.overlay.directory.absolute()),
        *columns,
    )


# --- One input -------------------------------------------------------------------------------------------------------


def label(source: Source, *, work: Work, model: Model) -> PageResult:
    """Read one input, split or classify it and, with ``work.output``, write the result. Failures are values."""
    return label_chunk([source], work=work, model=model)[0]


def label_chunk(chunk: list[Source], *, work: Work, model: Model) -> list[PageResult]:
    """Do :func:`label` for some inputs; where results are written in parts, to a part of their own."""
    begun = [_guarded(source, partial(_begin, source, work, model)) for source in chunk]
    _label_texts([item for item in begun if isinstance(item, _Begun)], work, model)
    outcomes = [
        _guarded(item.source, partial(_end, item, work, model)) if isinstance(item, _Begun) else item for item in begun
    ]
    results = [result for result, _ in outcomes]
    if work.output is not None and work.in_parts:
        results = _write_part(chunk, outcomes, work.output)
    results = [result if work.keep_text else replace(result, text="") for result in results]
    return [replace(result, scan=None) for result in results] if work.output is not None else results


Outcome = tuple[PageResult, Record | None]
"""The result for an input and, if it is to be written to a part, its record."""
_Some = TypeVar("_Some")


@dataclass(slots=True)
class _Begun:
    """An input that was read and is to be labelled."""

    source: Source
    record: Record | None
    """What the journal will know of it, if its result is written."""
    text: str
    encoding: str
    answer: tuple[Article, ...] | Label | None = None


def _guarded(source: Source, do: Callable[[], _Some]) -> _Some | Outcome:
    """Return what is done with an input, or the result that says why it could not be done."""
    try:
        return do()
    except InputError as error:
        return PageResult(source.path, id=source.id, failure=inputs.failure_of(error)), None
    except ModelError:
        raise  # of no page: weights that are no numbers
    except Exception as error:  # a bug, in one page: the others are worth having
        return PageResult(source.path, id=source.id, failure=inputs.failure_of_bug(error)), None


def _begin(source: Source, work: Work, model: Model) -> _Begun | Outcome:
    """Read an input, if there is anything to do. Raises :class:`InputError`."""
    if source.failure is not None:
        return PageResult(source.path, id=source.id, failure=source.failure), None
    if source.done:
        return PageResult(source.path, id=source.id, skipped=True), None
    content = source.read()
    record = None
    if work.output is not None and source.target is not None:
        fingerprint, output = journal.digest(content), work.output
        current = resume.find_current(source, fingerprint, output=output, settings=work.settings)
        record = resume.record_of(source, fingerprint, output=output, settings=work.settings)
        if current is not None:
            _renew(current, record, source, output)
            corrected = resume.is_corrected(source, current, output=output)
            return PageResult(source.path, id=source.id, skipped=True, corrected=corrected), None
    if source.text is not None:
        return _Begun(source, record, source.text, "utf-8")
    if work.encoding is None and scanfile.is_scan(content):
        # Done now: its bytes are many, and need not wait for those of others.
        from classifier import scanning

        return _finish(source, record, scanning.label(source, content, work=work, model=model), work)
    if work.scans_only:
        raise InputError("a text file, in which nothing has a place; give a scan or another --format", code="scan")
    text, encoding = reader.decode(content, encoding=work.encoding)
    if work.encoding is None and _JSON.match(text):
        raise InputError("JSON, not running text; name the field of the text with --jsonl-text FIELD", code="record")
    return _Begun(source, record, text, encoding)


def _label_texts(begun: Sequence[_Begun], work: Work, model: Model) -> None:
    """Split or classify what was read, all at once."""
    texts = [item.text for item in begun]
    try:
        answers = _answers(texts, work, model)
    except Exception:  # a bug that one of them brings out: it is found when each is done by itself
        return
    for item, answer in zip(begun, answers, strict=True):
        item.answer = answer


def _answers(texts: Sequence[str], work: Work, model: Model) -> Sequence[tuple[Article, ...] | Label]:
    do = model.split_many if work.verb == "split" else model.classify_many
    return do(texts, threshold=work.threshold, top_k=work.top_k)


def _end(item: _Begun, work: Work, model: Model) -> Outcome:
    """Return the result for an input that was read, and write it if that is to be done."""
    answer = item.answer if item.answer is not None else _answers([item.text], work, model)[0]
    garbled = is_garbled(item.text)
    result = PageResult(item.source.path, item.encoding, model.id, id=item.source.id, garbled=garbled, text=item.text)
    named = {"label": answer} if isinstance(answer, Label) else {"articles": answer}
    return _finish(item.source, item.record, replace(result, **named), work)


def _finish(source: Source, record: Record | None, result: PageResult, work: Work) -> Outcome:
    """Write a result, unless that is done by the part or not at all."""
    if record is None or work.in_parts:
        return result, record
    assert work.output is not None
    assert source.target is not None
    _write(result, record, source.target, work.output)
    return result, None


def _write_part(chunk: Sequence[Source], outcomes: Sequence[Outcome], output: OutputTree) -> list[PageResult]:
    """Write the results that have a record to a part; return all, or failures for those that could not be written."""
    from classifier import parquet

    fresh = zip(chunk, outcomes, strict=True)
    pages = [(source, result, record) for source, (result, record) in fresh if record is not None]
    try:
        if pages:
            parquet.write_part(pages, output)
    except InputError as error:
        failure = inputs.failure_of(error)
        return [
            result if record is None else PageResult(result.path, id=result.id, failure=failure)
            for result, record in outcomes
        ]
    return [result for result, _ in outcomes]


def _write(result: PageResult, record: Record, target: Path, output: OutputTree) -> None:
    """Put a result into its place, its record into the journal first."""
    staged = output.stage(target, result)
    _note(replace(record, output=staged.digest, size=staged.size, mtime=staged.mtime), target, output)
    output.put(staged, target)


def _renew(current: Record, record: Record, source: Source, output: OutputTree) -> None:
    """Note that an input is the one that was read, so that the next run need not read it again."""
    if source.stamp is not None and source.target is not None and not current.has_seen(source.stamp):
        known = replace(record, output=current.output, size=current.size, mtime=current.mtime)
        _note(known, source.target, output)


def _note(record: Record, target: Path, output: OutputTree) -> None:
    if not output.run:
        return
    from classifier.rooms import journal_folder

    try:
        journal.append(journal_folder(output.directory), output.run, [record])
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"cannot note that {target} is written: {reason}; make room or choose another -o"
        raise InputError(message, code="output") from error


# --- Many inputs -----------------------------------------------------------------------------------------------------


def _do(
    sources: Iterator[Source], *, work: Work, model: Model, jobs: int, cluster: str | None, singly: bool
) -> Generator[PageResult]:
    if cluster is not None:
        from classifier.cluster import Cluster

        with closing(Cluster(cluster, model=model, work=work)) as crew:
            for results in crew.run(_chunks(sources, jobs=crew.size, in_parts=work.in_parts)):
                yield from results
        return
    if jobs > 1:
        # Workers start in about a second: not worth it for a single file.
        first = list(islice(sources, 2))
        sources = chain(first, sources)
        if len(first) > 1:
            from classifier.workers import Workers

            task = partial(_label_in_worker, work=work, where=str(model.path), digest=model.digest)
            with closing(Workers(task, jobs=jobs)) as workers:
                for results in workers.run(_chunks(sources, jobs=jobs, in_parts=work.in_parts)):
                    yield from results
            return
    chunks = ([source] for source in sources) if singly else _chunks(sources, jobs=1, in_parts=work.in_parts)
    for chunk in chunks:
        yield from label_chunk(chunk, work=work, model=model)


def _chunks(sources: Iterable[Source], *, jobs: int, in_parts: bool = False) -> Iterator[list[Source]]:
    """Yield the inputs in chunks: small ones first, so that a short list too keeps every worker busy.

    What is done already, or has failed, costs nothing and does not count.
    """
    most_bytes, most_files = CHUNK_BYTES, CHUNK_FILES
    if in_parts:
        from classifier import parquet

        most_bytes, most_files = parquet.PART_BYTES, parquet.PART_PAGES
    chunk: list[Source] = []
    size = files = number = 0
    for source in sources:
        chunk.append(source)
        if source.failure is None and not source.done:
            size += source.size()
            files += 1
        turn = number // jobs
        limit = min(most_files, 16 << min(turn, 16)) if in_parts else min(most_files, 1 + turn)
        if size >= most_bytes or files >= limit or len(chunk) >= most_files:
            yield chunk
            chunk, size, files, number = [], 0, 0, number + 1
    if chunk:
        yield chunk


def _label_in_worker(chunk: list[Source], *, work: Work, where: str, digest: str) -> list[PageResult]:
    """Label a chunk in a worker process."""
    return label_chunk(chunk, work=work, model=_model(where, digest))


@lru_cache(maxsize=1)
def _model(where: str, digest: str) -> Model:
    """Return the model, loaded once a worker."""
    from classifier.model import load_model

    model = load_model(where)
    if model.digest != digest:
        raise ModelError(f"{where}: the model was replaced during the run; run again")
    return model
