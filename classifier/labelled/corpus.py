"""Labelled data: texts and pages with their genres and boundaries, read from the directories of users.

Two kinds. A labelled text is a file in a folder named after its genre. A labelled page is a JSON object as
``banmian split --format jsonl`` writes it, corrected by hand, beside the text of the page. ``docs/labeled-data.md``
describes both.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from classifier.batches.inputs import STDIN
from classifier.boundaries.decoding import boundaries
from classifier.composing.compose import Composed
from classifier.document import UNKNOWN, Page
from classifier.errors import InputError, LabelError
from classifier.files import find_files
from classifier.labelled.annotation import genre_problem, read_articles
from classifier.labelled.ignored import find_ignored
from classifier.rendering.serialisation import scan_text
from classifier.text.paragraphs import split_paragraphs
from classifier.text.reader import read
from classifier.text.spacing import closed_up

ARTICLES, PAGES, LABELS = "articles", "pages", "labels.toml"


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One article in a file of its own, read as the models read it: without blanks between all characters."""

    path: str
    text: str
    genre: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page, read as the models read it, and where its articles end."""

    path: str
    where: str
    """The JSONL file and line that describe it."""
    text: str
    ends: tuple[int, ...]
    """Ascending ends of the articles in paragraphs (non-blank lines); the last is their number."""
    genres: tuple[str, ...]
    """Genre of each article, ``""`` where none is given."""
    encoding: str = "utf-8"

    @property
    def composed(self) -> Composed:
        """The page as the segmenter learns from it."""
        return Composed(self.text, self.ends)

    @property
    def page(self) -> Page:
        """The page as the model reads it."""
        return Page(self.text, split_paragraphs(self.text), self.encoding)

    def articles(self) -> Iterator[tuple[str, str]]:
        """Yield the text and the genre of each article."""
        paragraphs = split_paragraphs(self.text)
        for (first, last), genre in zip(boundaries(self.ends), self.genres, strict=True):
            yield self.text[paragraphs.starts[first] : paragraphs.ends[last - 1]], genre


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was found in the labelled directories."""

    texts: tuple[LabelledText, ...] = ()
    pages: tuple[LabelledPage, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    """Names of genres for people, from ``labels.toml``."""
    ignored: tuple[str, ...] = ()
    """A line for each kind of file that looks like a text and was not read."""

    def items(self) -> Iterator[tuple[str, str, str]]:
        """Yield where, text and genre of every labelled text and of every article of a page that has a genre."""
        for text in self.texts:
            yield text.path, text.text, text.genre
        for page in self.pages:
            for number, (article, genre) in enumerate(page.articles(), 1):
                if genre:
                    yield f"{page.where}: article {number}", article, genre

    @property
    def genres(self) -> list[str]:
        """The genres that occur, in alphabetical order."""
        return sorted({genre for _, _, genre in self.items()})

    def count(self) -> Counter[str]:
        """Return how many texts and articles there are of each genre."""
        return Counter(genre for _, _, genre in self.items())

    @property
    def digest(self) -> str:
        """SHA-256 of texts, labels and boundaries; neither names of files nor their order matter."""
        parts = [json.dumps([text.text, text.genre]) for text in self.texts]
        parts += [json.dumps([page.text, page.ends, page.genres]) for page in self.pages]
        return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def load(paths: Sequence[str]) -> Corpus:
    """Read labelled directories and JSONL files.

    Raises
    ------
    LabelError
        For the first thing that is wrong, or if nothing is labelled there.
    """
    corpus, problems = inspect(paths)
    if problems:
        more = f" (and {len(problems) - 1} more; banmian check lists them)" if len(problems) > 1 else ""
        raise LabelError(problems[0] + more)
    if not corpus.texts and not corpus.pages:
        raise LabelError(f"{paths[0]}: nothing labelled in it; give texts a genre, or pages their articles")
    return corpus


def inspect(paths: Sequence[str]) -> tuple[Corpus, list[str]]:
    """Read labelled directories and JSONL files; return what is sound, and a line for each thing that is not.

    Each line reads ``path[:line]: fact; remedy``.
    """
    reading = _Collector()
    for path in dict.fromkeys(paths):
        reading.add(path)
    names: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        names |= _read_names(Path(path) / LABELS)
    tops = [Path(path) for path in dict.fromkeys(paths) if Path(path).is_dir()]
    ignored = [line for top in tops for line in find_ignored(top, reading.used)]
    return Corpus(tuple(reading.texts), tuple(reading.pages), names, tuple(dict.fromkeys(ignored))), reading.problems


def _read_names(file: Path) -> dict[str, str]:
    import tomllib

    try:
        found = tomllib.loads(file.read_text("utf-8"))
        return {str(entry["id"]): str(entry["zh"]) for entry in found["genres"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # names are an ornament


class _Collector:
    """Collects texts, pages and problems."""

    def __init__(self) -> None:
        self.texts: list[LabelledText] = []
        self.pages: list[LabelledPage] = []
        self.problems: list[str] = []
        self._seen: set[Path] = set()
        self._described: set[Path] = set()

    @property
    def used(self) -> set[Path]:
        """What was read, or would have been were it sound: texts, JSONL files, texts of pages."""
        return self._seen | self._described

    def add(self, path: str) -> None:
        """Read what one argument stands for."""
        top = Path(path)
        if top.is_dir():
            before = len(self.texts) + len(self.pages) + len(self.problems)
            self._add_folder(top)
            if len(self.texts) + len(self.pages) + len(self.problems) == before:
                self.problems.append(
                    f"{path}: nothing labelled in this directory; put texts in a folder named after their genre, "
                    "or the output of banmian split --format jsonl beside its pages"
                )
        elif not top.exists():
            self.problems.append(f"{path}: no such file or directory; name a directory of labelled texts")
        elif top.suffix.lower() == ".jsonl":
            self._add_jsonl(top)
        else:
            self.problems.append(f"{path}: neither a directory nor .jsonl; a text gets its genre from its folder")

    def _add_folder(self, top: Path) -> None:
        articles, pages = top / ARTICLES, top / PAGES
        if articles.is_dir() or pages.is_dir():
            if articles.is_dir():
                self._add_genres(articles)
            if pages.is_dir():
                self._add_pages(pages)
        else:
            self._add_genres(top)
            self._add_pages(top)

    def _add_genres(self, top: Path) -> None:
        for folder in sorted(entry for entry in top.iterdir() if entry.is_dir() and not entry.name.startswith(".")):
            if problem := genre_problem(folder.name):
                self.problems.append(f"{folder}: {problem}")
                continue
            for name, error in find_files([str(folder)]):
                if error is None:
                    self._add_text(Path(name), folder.name)
                elif error.code == "empty-directory":
                    self.problems.append(f"{folder}: no .txt in this folder; add texts of the genre or remove it")
                else:
                    self.problems.append(f"{name}: {error.message}; make it readable or remove it")

    def _read(self, path: Path, *, where: str, encoding: str | None = None) -> tuple[str, str] | None:
        try:
            text, found = read(path, encoding=encoding)
        except InputError as error:
            self.problems.append(
                f"{where}: {_without_option(error.message, named=encoding is not None and where != str(path))}"
            )
            return None
        if not text.strip():
            self.problems.append(f"{where}: empty; remove it or add the text")
            return None
        return text, found

    def _add_text(self, path: Path, genre: str) -> None:
        real = path.resolve()
        if real in self._seen:
            return
        self._seen.add(real)
        found = self._read(path, where=str(path))
        if found:
            self.texts.append(LabelledText(str(path), closed_up(found[0]), genre, found[1]))

    def _add_pages(self, top: Path) -> None:
        for name, error in find_files([str(top)], glob="*.jsonl"):
            if error is None:
                self._add_jsonl(Path(name))
            elif error.code != "empty-directory":
                self.problems.append(f"{name}: {error.message}; make it readable or remove it")

    def _add_jsonl(self, file: Path) -> None:
        if file.resolve() in self._seen:
            return
        self._seen.add(file.resolve())
        found = self._read(file, where=str(file), encoding="utf-8")
        if found is None:
            return
        # Not splitlines: a JSON string may hold U+2028.
        for number, line in enumerate(found[0].split("\n"), 1):
            if not line.strip():
                continue
            where = f"{file}:{number}"
            try:
                self._add_object(file, where, line)
            except LabelError as error:
                self.problems.append(f"{where}: {error.message}")

    def _add_object(self, file: Path, where: str, line: str) -> None:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as err:
            raise LabelError(f"not valid JSON ({err}); write one object a line, as split --format jsonl does") from err
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
            raise LabelError("not an object with a path; write one a line, as split --format jsonl does")
        if "error" in entry:
            with suppress(LabelError):
                self._described.add(_find_text(file, entry["path"]).resolve())
            return  # a page that split could not read is in its output too
        is_label = "articles" not in entry and "genre" in entry  # what classify writes
        if is_label and entry["genre"] in (None, "", UNKNOWN):
            with suppress(LabelError):
                self._described.add(_find_text(file, entry["path"]).resolve())
            return  # there is nothing to learn from it
        encoding = entry.get("encoding")
        if encoding is not None and not isinstance(encoding, str):
            raise LabelError(f"encoding {encoding!r:.40} is no name; write utf-8 or gb18030, or remove the key")
        try:
            scanned = scan_text(entry)
        except ValueError as error:
            raise LabelError(str(error)) from error
        if scanned is not None:
            path, text, encoding = Path(entry["path"]), scanned, "utf-8"
            if entry.get("articles") == [] and not text.strip():
                return  # as below
        else:
            path = _find_text(file, entry["path"])
            self._described.add(path.resolve())
            if entry.get("articles") == [] and _is_blank(path):
                return  # split finds no articles on an empty page; there is nothing to learn from it
            found = self._read(path, where=f"{where}: {path}", encoding=encoding or None)
            if found is None:
                return
            text, encoding = found
        if is_label:
            if problem := genre_problem(entry["genre"]):
                raise LabelError(problem)
            self.texts.append(LabelledText(str(path), closed_up(text), entry["genre"], encoding))
            return
        ends, genres = read_articles(text, entry.get("articles"))
        self.pages.append(LabelledPage(str(path), where, closed_up(text), ends, genres, encoding))


def _without_option(message: str, *, named: bool) -> str:
    """Return what is wrong with a text, with a remedy that is there: labelled texts have no option --encoding."""
    fact, sign, remedy = message.partition("; ")
    if sign and "--encoding" not in remedy:
        return message
    return f"{fact}; save it as UTF-8" + (", or correct the key encoding" if named else "")


def _is_blank(path: Path) -> bool:
    try:
        return not read(path)[0].strip()
    except InputError:
        return False


def _find_text(file: Path, name: str) -> Path:
    """Return the text that an object of ``file`` describes: where it says, or beside ``file``.

    What came from standard input has no name of its own; its text is the one called as ``file`` is.
    """
    beside = file.parent
    candidates = [beside / name, beside / Path(name).name, Path(name)]
    if name == STDIN:
        candidates = [file.with_suffix(".txt"), file.with_suffix("")]
    for path in candidates:
        try:
            if path != file and path.is_file():
                return path
        except (OSError, ValueError):
            continue
    if name == STDIN:
        raise LabelError(f"path is - and {candidates[0].name} is not there; put the text beside the JSONL file as that")
    raise LabelError(f"{name!r:.80} is not there; path is relative to the JSONL file, or put the text beside it")
