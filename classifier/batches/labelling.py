"""Inputs labelled: read, split or classified, and their results written, one by one or in parts.

An input that cannot be read is a result like any other (:class:`classifier.document.Failure`), and so is a bug that one
page brings out: the rest goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from classifier.batches import inputs, journal, resume
from classifier.batches.journal import Record
from classifier.batches.output import OutputTree
from classifier.batches.sources import Source
from classifier.batches.work import Work
from classifier.document import Article, Label, PageResult
from classifier.errors import InputError, ModelError
from classifier.scans import scanfile
from classifier.text import reader
from classifier.text.mojibake import is_garbled

if TYPE_CHECKING:
    from classifier.model import Model

_JSON = re.compile(r'\s*(\[\s*)?\{\s*"[^"\n]{1,80}"\s*:')
"""How JSON begins, and no page does: standard input, and files by any name."""


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
        from classifier.batches import scanning

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
    from classifier.batches import parquet

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
    from classifier.batches.rooms import journal_folder

    try:
        journal.append(journal_folder(output.directory), output.run, [record])
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"cannot note that {target} is written: {reason}; make room or choose another -o"
        raise InputError(message, code="output") from error
