"""Results of ``split`` and ``classify`` in all forms: lines for people, JSON and TSV for programs, a file an article.

Everything here is pure: functions take results and return or yield strings, and ``classifier.__main__`` or
``classifier.batches.output`` writes them. Importing this module is cheap, ``--help`` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Literal

from classifier.document import PageResult
from classifier.rendering.escaping import visible
from classifier.rendering.excerpt import first_words, heading
from classifier.rendering.filename import file_name
from classifier.rendering.listing import mark
from classifier.rendering.serialisation import article_object, json_line, page_object, rounded

Verb = Literal["split", "classify"]
"""The two commands whose results are rendered here."""


class Format(StrEnum):
    """Forms of output, by the name the command line gives them."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    TSV = "tsv"
    FILES = "files"
    PARQUET = "parquet"
    ALTO = "alto"
    PAGE_XML = "page-xml"


SPLIT_COLUMNS = (
    "path",
    "first_line",
    "last_line",
    "start",
    "end",
    "genre",
    "score",
    "title",
    "continued_from",
    "continued_on",
    "id",
)
CLASSIFY_COLUMNS = ("path", "genre", "score", "id")
"""``id`` is last and always there: the header does not depend on the inputs, nor the place of a column on the ids."""


def stream(results: Iterable[PageResult], *, form: Format, verb: Verb = "split", colour: bool = False) -> Iterator[str]:
    """Yield ``results`` in one of the forms that are a stream, a piece as soon as its page is there.

    The pieces joined are the whole output, ending in a newline unless it is empty. Failures are part of JSON and
    JSONL; in text and TSV they have no place, use :func:`failure_line`. ``colour`` counts for text alone.
    """
    match form:
        case Format.TEXT:
            return _text(results, colour=colour)
        case Format.JSON:
            return _json_array(results)
        case Format.JSONL:
            return (json_line(page_object(result)) + "\n" for result in results)
        case Format.TSV:
            return _tsv(results, columns=SPLIT_COLUMNS if verb == "split" else CLASSIFY_COLUMNS)
        case Format.ALTO | Format.PAGE_XML:
            return _layout_files(results, form)
        case Format.FILES | Format.PARQUET:
            raise ValueError(f"{form} is not a stream: use article_files, or classifier.batches.parquet")


LAYOUT_FORMS = (Format.ALTO, Format.PAGE_XML)
"""Forms that say where things stand on a page, which is known of scans only."""


def _layout_files(results: Iterable[PageResult], form: Format) -> Iterator[str]:
    from classifier.scans import grouping

    write = grouping.alto if form is Format.ALTO else grouping.page_xml
    return (write(result).decode() for result in results if result.failure is None)


def _text(results: Iterable[PageResult], *, colour: bool) -> Iterator[str]:
    for result in results:
        path = visible(result.path)
        if result.label is not None:
            yield f"{path}\t{mark(result.label.genre, result.label.score, colour=colour)}\n"
        lines = [
            f"{path}:{article.first_line}-{article.last_line}\t"
            f"{mark(article.genre, article.score, colour=colour)}\t{visible(heading(article, result.text))}\n"
            for article in result.articles
        ]
        if lines:
            yield "".join(lines)


def _json_array(results: Iterable[PageResult]) -> Iterator[str]:
    before = "[\n"
    for result in results:
        yield before + json_line(page_object(result))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _tsv(results: Iterable[PageResult], *, columns: tuple[str, ...]) -> Iterator[str]:
    yield "\t".join(columns) + "\n"
    for result in results:
        rows = [article_object(article) for article in result.articles]
        if result.label is not None:
            rows.append({"genre": result.label.genre, "score": rounded(result.label.score)})
        if rows:
            yield "".join(
                "\t".join(
                    _cell(value) for value in map({"path": result.path, "id": result.shown_id, **row}.get, columns)
                )
                + "\n"
                for row in rows
            )


def _cell(value: object) -> str:
    return "" if value is None else visible(str(value))


def failure_line(result: PageResult) -> str:
    """Return a failed result as one line, path first."""
    message = "" if result.failure is None else result.failure.message
    return f"{visible(result.path)}: {visible(message)}"


def article_files(result: PageResult) -> Iterator[tuple[str, str]]:
    r"""Yield ``(name, content)`` for every article of a page and, last, for ``index.jsonl``.

    A file holds the article as it stands in the page, with ``\n`` as line end; the index has a line an article:
    its file, the page, and all that JSONL says of it.
    """
    width = max(2, len(str(len(result.articles))))
    index = []
    for number, article in enumerate(result.articles, 1):
        text = result.text[article.start : article.end]
        title = article.title or first_words(text)
        name = file_name(f"{number:0{width}}-{article.genre}-{title}")
        yield name, text.replace("\r\n", "\n").replace("\r", "\n") + "\n"
        page = {"path": result.path} if result.id is None else {"path": result.path, "id": result.id}
        index.append(json_line({"file": name, **page, **article_object(article)}) + "\n")
    yield "index.jsonl", "".join(index)
