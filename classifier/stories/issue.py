"""Issues of a paper: the results of ``split`` put together by issue, and their articles with their texts.

Which issue a page is of, and which of its pages, is read off its name. Results are read in two passes: the first notes
where the result of each page stands, the second reads one issue at a time, so an archive of any size needs memory for
its names alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from classifier import files
from classifier.batches.journal import Journal, digest, name_key
from classifier.batches.output import INDEX
from classifier.document import Article, Failure, PageResult
from classifier.errors import InputError, UsageError
from classifier.page.jumps import page_number
from classifier.rendering.serialisation import scan_text
from classifier.story import Part, page_key
from classifier.text import reader
from classifier.text.paragraphs import split_paragraphs
from classifier.text.spacing import closed_up

STDIN = "-"

MOST_ARTICLES = 1500
"""Articles of one issue: every one is compared with every other. More of them are a pattern that does not fit."""

_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")
_PAGE = re.compile(
    r"(?:第|(?<![A-Za-z])(?:page|pg?)[\s_.-]?)?"
    r"(?P<page>(?<![0-9A-Za-z])[A-Za-z][\s_-]?[0-9]{1,3}|(?<=[0-9])[A-Z][0-9]{1,3}|(?<![0-9])[0-9]{1,3}"
    r"|(?<=第)[一二三四五六七八九十百]{1,4}(?=版))"
    r"[版叠)）\]]{0,2}$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<![0-9])(?:1[89]|20)[0-9]{2}([-_.年]?)[01]?[0-9](?:\1|月)[0-3]?[0-9]日?$")


@dataclass(frozen=True, slots=True)
class Pattern:
    """How issue and page are read off a path.

    Without an expression of the user's: the page is the number that the name of the file ends in, with or without a
    letter before it (``04``, ``A04``, ``p4``, ``第4版``, ``第四版``), and the issue all that stands before it, folders
    included. A name that ends in a date has no page.
    """

    expression: re.Pattern[str] | None = None

    @classmethod
    def of(cls, expression: str | None) -> Pattern:
        """Return the pattern of a regular expression with a group ``page`` and perhaps one ``issue``.

        Raises
        ------
        UsageError
            If it is none, or has no group ``page``.
        """
        if expression is None:
            return cls()
        try:
            found = re.compile(expression)
        except re.error as error:
            raise UsageError(f"--issue-pattern {expression}: {error}; give a Python regular expression") from error
        if "page" not in found.groupindex:
            raise UsageError(
                f"--issue-pattern {expression}: names no page; mark it with (?P<page>…), the issue with (?P<issue>…)"
            )
        return cls(found)

    def locate(self, path: str) -> tuple[str, str] | None:
        r"""Return the issue and the page reference of a path, or ``None`` where its name does not say.

        >>> Pattern().locate("scans/2026-07-03/04.txt"), Pattern().locate("rmrb20260703-A04.txt")
        (('scans/2026-07-03', '4'), ('rmrb20260703', 'A04'))
        """
        path = path.replace("\\", "/")
        if self.expression is not None:
            found = self.expression.search(path)
            if found is None or not found["page"]:
                return None
            named = found["issue"] if "issue" in self.expression.groupindex else None
            return (named if named is not None else _trimmed(path[: found.start("page")])), _reference(found["page"])
        folder, slash, name = path.rpartition("/")
        stem = _EXTENSION.sub("", name)
        if _DATE.search(stem):
            return None
        found = _PAGE.search(stem)
        if found is None:
            return None
        return _trimmed(folder + slash + stem[: found.start()]), _reference(found["page"])


def _trimmed(issue: str) -> str:
    return issue.removesuffix("#page=").rstrip("-_. /第(（[") or "."


def _reference(page: str) -> str:
    try:
        return page_number(page)
    except (KeyError, ValueError):
        return page.strip()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the result of one page stands."""

    path: str
    """The page, as its result names it."""
    page: str
    file: Path | None
    """The file of results, ``None`` for standard input."""
    root: str
    """The argument that file was found under."""
    offset: int = 0
    line: bytes | None = None
    """The result itself where it cannot be read again: standard input, a pipe."""
    folder: bool = False
    """The file is the index of a folder of articles (``split --format files``)."""
    content: bytes | None = None
    """:func:`classifier.batches.journal.digest` of the page that was split, where the directory's journal has it."""


@dataclass(slots=True)
class Gathered:
    """All pages that were found, by issue, and what could not be used."""

    issues: dict[str, list[Entry]] = field(default_factory=dict)
    failures: list[PageResult] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """Number of pages."""
        return sum(map(len, self.issues.values()))


def gather(paths: Sequence[str], *, pattern: Pattern, stdin: BinaryIO | None = None) -> Gathered:
    """Find the results of ``split`` in files, in the ``.jsonl`` files below directories, and on standard input.

    Pages that failed to be split are passed over; lines that are no result of ``split``, and pages whose name does not
    say which page they are, become failures.
    """
    with closing(_Journals()) as journals:
        return _gather(paths, pattern, stdin, journals)


def _gather(paths: Sequence[str], pattern: Pattern, stdin: BinaryIO | None, journals: _Journals) -> Gathered:
    from classifier.batches.inputs import is_pipe

    found = Gathered()
    for root in paths:
        for name, error in files.find_files([root], glob="*.jsonl"):
            if error is not None:
                message = error.message.replace("; pass --glob PATTERN", "; give what split -o wrote")
                found.failures.append(_failed(name, error.code, message))
                continue
            try:
                if name == STDIN:
                    for number, line in enumerate(stdin or (), 1):
                        _note(found, line, f"-:{number}", Entry("", "", None, root, 0, line), pattern)
                    continue
                piped = is_pipe(name)
                content = None if piped else journals.content_of(Path(name))
                with Path(name).open("rb") as file:
                    offset = 0
                    for number, line in enumerate(file, 1):
                        entry = Entry("", "", Path(name), root, offset, content=content)
                        if piped:
                            entry = Entry("", "", None, root, line=line)
                        if _note(found, line, f"{name}:{number}", entry, pattern):
                            break
                        offset += len(line)
            except FileNotFoundError:
                message = "no such file or directory; give what split -o wrote"
                found.failures.append(_failed(name, "missing", message))
            except OSError as failed:
                found.failures.append(_failed(name, "unreadable", f"cannot be read: {failed.strerror or failed}"))
    return found


class _Journals:
    """The journals of the directories that results lie in, each opened when the first of its results is met."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[Path, Journal] | None] = {}

    def close(self) -> None:
        """Let go of their temporary files."""
        for opened in {id(found[1]): found[1] for found in self._known.values() if found is not None}.values():
            opened.close()

    def content_of(self, file: Path) -> bytes | None:
        """Return the digest of the page that a file of results was made of; ``None`` where no journal knows it."""
        file = file.absolute()
        room = self._room(file.parent)
        if room is None:
            return None
        directory, journal = room
        records = journal.find(name_key(str(file.relative_to(directory))))
        if not records:
            return None
        try:
            written = digest(file.read_bytes())
        except OSError:
            return None
        # A result that was corrected by hand is still that of the page it was made of.
        return next((record for record in records if record.output == written), records[0]).content

    def _room(self, folder: Path) -> tuple[Path, Journal] | None:
        """Return the output directory that a folder is or lies in, and its journal."""
        from classifier.batches.rooms import journal_folder

        if folder not in self._known:
            top = next((above for above in (folder, *folder.parents) if journal_folder(above).is_dir()), None)
            self._known[folder] = None
            if top is not None and top != folder:
                self._known[folder] = self._room(top)
            elif top is not None:
                with suppress(OSError):
                    self._known[folder] = top, Journal(journal_folder(top))
        return self._known[folder]


def _note(found: Gathered, line: bytes, where: str, entry: Entry, pattern: Pattern) -> bool:
    """Note where the result of a page stands; return whether the file is the index of a folder, and read whole."""
    if not line.strip():
        return False
    try:
        result = json.loads(line)
    except (ValueError, RecursionError):
        result = None
    if not isinstance(result, dict) or not isinstance(result.get("path"), str):
        found.failures.append(_failed(where, "malformed", "no result of split; write them with split --format jsonl"))
        return False
    path = result["path"]
    if "error" in result:
        return False
    folder = "file" in result and entry.file is not None and entry.file.name == INDEX
    if "articles" not in result and not folder:
        found.failures.append(
            _failed(where, "malformed", "without articles; give the output of split, not of classify")
        )
        return False
    located = pattern.locate(path)
    if located is None:
        message = "its name does not say which page it is; tell where it stands with --issue-pattern"
        found.failures.append(_failed(path, "page", message))
        return folder
    issue, page = located
    found.issues.setdefault(issue, []).append(replace(entry, path=path, page=page, folder=folder))
    return folder


def _failed(path: str, code: str, message: str) -> PageResult:
    return PageResult(path, failure=Failure(code, " ".join(message.split())))


def read_parts(entries: Iterable[Entry], *, texts: Path | None = None) -> tuple[list[Part], list[PageResult]]:
    """Return the articles of an issue in the order of its pages, and the pages whose texts could not be had.

    Parameters
    ----------
    texts
        Directory of the pages. ``None``: they are where their results say, seen from the working directory, or
        beside the results.
    """
    parts: list[Part] = []
    failures: list[PageResult] = []
    for entry in sorted(entries, key=lambda entry: (page_key(entry.page), entry.path)):
        try:
            found = list(_folder_parts(entry) if entry.folder else _page_parts(entry, texts))
        except InputError as error:
            failures.append(_failed(entry.path, error.code, error.message))
            continue
        parts += found
        if len(parts) > MOST_ARTICLES:
            raise InputError(
                f"more than {MOST_ARTICLES:,} articles in one issue; tell issues apart with --issue-pattern",
                code="page",
            )
    return parts, failures


def _page_parts(entry: Entry, texts: Path | None) -> Iterator[Part]:
    """Yield the articles of a page, cut out of its text."""
    line = entry.line
    if line is None and entry.file is not None:
        with entry.file.open("rb") as file:
            file.seek(entry.offset)
            line = file.readline()
    result = json.loads(line or b"{}")
    articles = result.get("articles")
    if not isinstance(articles, list):
        raise _malformed()
    found = [_article(article) for article in articles]
    try:
        text = scan_text(result)
    except ValueError as error:
        raise InputError(str(error), code="malformed") from error
    if text is None:
        data = files.read_bytes(_find_text(entry, texts))
        if entry.content is not None and digest(data) != entry.content:
            raise _changed()
        encoding = result.get("encoding")
        text, _ = reader.decode(data, encoding=encoding if isinstance(encoding, str) else None)
    if not _is_of(text, found):
        raise _changed()
    for article in found:
        yield Part(entry.path, entry.page, article, closed_up(text[article.start : article.end]))


def _is_of(text: str, articles: Sequence[Article]) -> bool:
    """Tell whether articles can be those of a text: they tile it line by line, and their headlines stand in them."""
    paragraphs = split_paragraphs(text)
    done = 0
    for article in articles:
        first = int(paragraphs.ends.searchsorted(article.start, "right"))
        last = int(paragraphs.starts.searchsorted(article.end, "left"))
        if not done == first < last:
            return False
        whole = article.start <= paragraphs.starts[first] and paragraphs.ends[last - 1] <= article.end <= len(text)
        lines = int(paragraphs.lines[first]), int(paragraphs.lines[last - 1])
        if not whole or lines != (article.first_line, article.last_line):
            return False
        if not _stands(article.title, text[article.start : article.end]):
            return False
        done = last
    return done == len(paragraphs)


_STANDING = 0.5
"""Least share of the pairs of characters of a headline that its article has: all, unless it was corrected by hand. Of
2,500 headlines ten have as many in common with the article after their own."""


def _stands(title: str, text: str) -> bool:
    """Tell whether most of a headline stands in a text."""
    title, text = "".join(title.split()), "".join(text.split())
    if len(title) < 2:
        return title in text
    pairs = {title[at : at + 2] for at in range(len(title) - 1)}
    return sum(pair in text for pair in pairs) >= _STANDING * len(pairs)


def _changed() -> InputError:
    return InputError("its text is not the one that was split; split it again", code="changed")


def _folder_parts(entry: Entry) -> Iterator[Part]:
    """Yield the articles of a folder that ``split --format files`` wrote: their texts stand beside the index."""
    assert entry.file is not None
    for line in entry.file.read_bytes().splitlines():
        try:
            found = json.loads(line)
            name = found["file"]
        except (ValueError, RecursionError, KeyError, TypeError):
            raise _malformed() from None
        if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
            raise InputError("its index names a file outside its folder; split it again", code="malformed")
        text, _ = reader.read(entry.file.with_name(name), encoding="utf-8")
        yield Part(entry.path, entry.page, _article(found), closed_up(text))


def _find_text(entry: Entry, texts: Path | None) -> Path:
    """Return where the text of a page is."""
    if entry.path == STDIN:
        raise InputError("was split from standard input, its text is gone; split files", code="missing")
    beside = []
    if entry.file is not None:
        own = entry.file.with_suffix("") if entry.file.suffix == ".jsonl" else entry.file
        if texts is not None:
            top = Path(entry.root)
            inner = own.relative_to(top) if own.is_relative_to(top) and own != top else Path(own.name)
            beside = [texts / inner]
        else:
            beside = [entry.file.parent / entry.path, own, entry.file.parent / Path(entry.path).name]
    candidates = [Path(entry.path) if texts is None else texts / entry.path.lstrip("/"), *beside]
    for path in candidates:
        try:
            inside = texts is None or path.resolve().is_relative_to(texts.resolve())
            if inside and path != entry.file and path.is_file():
                return path
        except (OSError, ValueError):
            continue
    where = "here" if texts is None else f"below {texts}"
    raise InputError(f"its text is not {where}; name the directory of the texts with --texts", code="missing")


def _malformed() -> InputError:
    return InputError("its result is malformed; split it again", code="malformed")


def _article(found: Any) -> Article:  # noqa: ANN401 - any JSON
    """Return an article of a result, after checking that it is one."""
    try:
        numbers = [found[key] for key in ("start", "end", "first_line", "last_line")]
        words = [found["title"], found["genre"]]
        marks = [found.get("continued_from"), found.get("continued_on")]
        top = tuple((str(name), float(score)) for name, score in found.get("top", ()))
        score, boundary = float(found.get("score", 0.0)), float(found.get("boundary_score", 1.0))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _malformed() from None
    sound = (
        all(type(number) is int for number in numbers)
        and 0 <= numbers[0] <= numbers[1]
        and all(isinstance(word, str) for word in words)
        and all(mark is None or isinstance(mark, str) for mark in marks)
        and all(0.0 <= share <= 1.0 for _, share in top)
    )
    if not sound:
        raise _malformed()
    start, end, first, last = numbers
    return Article(start, end, first, last, words[0], words[1], score, top, boundary, marks[0], marks[1])
