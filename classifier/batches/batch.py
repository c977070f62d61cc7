"""Many inputs: split or classify each, in input order, on one core, several, or a cluster.

Inputs are pulled as they are needed, so the length of a run costs no memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import lru_cache, partial
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO

from classifier.batches import inputs, journal, resume
from classifier.batches.inputs import STDIN as STDIN  # part of this module's interface
from classifier.batches.labelling import label_chunk
from classifier.batches.output import OutputTree
from classifier.batches.sources import Source
from classifier.batches.work import Work, settings_of
from classifier.document import PageResult
from classifier.errors import ModelError, UsageError
from classifier.rendering.render import Format

if TYPE_CHECKING:
    from classifier.batches.rooms import Room
    from classifier.files import PassedOver
    from classifier.model import Model

CHUNK_BYTES, CHUNK_FILES = 1 << 18, 64
"""A worker gets inputs by the chunk: so many bytes, about half a second of work, or so many files."""


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

    With ``work.output``, results that are there already and current are skipped, see :mod:`classifier.batches.resume`,
    and inputs that failed are listed there.

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
            from classifier.batches import parquet

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
    from classifier.batches.rooms import Room

    if output.form is Format.PARQUET:
        from classifier.batches import parquet

        parquet.require()
    try:
        return stack.enter_context(Room(output.directory, say=say))
    except OSError as error:
        message = f"-o {output.directory}: {error.strerror or error}; give a directory that can be written"
        raise UsageError(message) from error


def _aimed(
    found: Iterator[tuple[int, Source]], paths: Sequence[str], *, work: Work, room: Room, stack: ExitStack
) -> Iterator[Source]:
    """Yield the inputs that were found with what is known of them, see :class:`~.resume.Resumption`."""
    assert work.output is not None
    parts: Iterable[bytes] = ()
    if work.in_parts:
        from classifier.batches import parquet

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


def _do(
    sources: Iterator[Source], *, work: Work, model: Model, jobs: int, cluster: str | None, singly: bool
) -> Generator[PageResult]:
    if cluster is not None:
        from classifier.batches.cluster import Cluster

        with closing(Cluster(cluster, model=model, work=work)) as crew:
            for results in crew.run(_chunks(sources, jobs=crew.size, in_parts=work.in_parts)):
                yield from results
        return
    if jobs > 1:
        # Workers start in about a second: not worth it for a single file.
        first = list(islice(sources, 2))
        sources = chain(first, sources)
        if len(first) > 1:
            from classifier.batches.workers import Workers

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
        from classifier.batches import parquet

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
