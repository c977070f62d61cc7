"""Labelled data: read, checked, and divided so that nothing is tested on what it was trained on.

Two kinds. A labelled text is a file in a folder named after its genre. A labelled page is a JSON object as
``banmian split --format jsonl`` writes it, corrected by hand, beside the text of the page. ``docs/labeled-data.md``
describes both.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from classifier.compose import Composed
from classifier.document import UNKNOWN, Page
from classifier.errors import InputError, LabelError
from classifier.files import find_files
from classifier.paragraphs import split_paragraphs
from classifier.reader import read
from classifier.render import counted
from classifier.segmenter import boundaries
from classifier.spacing import closed_up
from classifier.tokens import normalise_text

ARTICLES, PAGES, LABELS = "articles", "pages", "labels.toml"

ENOUGH = 12
"""Texts of a genre the model does not know yet: fewer teach it little."""

HELD_OUT = 5
"""One text in so many is held out."""

_LONG_SENTENCE = 16
"""Characters of a sentence that two texts share only if one was made from the other."""

_STOCK = 20
"""A sentence in more texts than this is a stock phrase."""

_MOJIBAKE = re.compile("\ufffd|锟斤拷|烫烫烫|鈥|銆傦|Ã.Â|ï¼")


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
    return corpus


def inspect(paths: Sequence[str]) -> tuple[Corpus, list[str]]:
    """Read labelled directories and JSONL files; return what is sound, and a line for each thing that is not.

    Each line reads ``path[:line]: fact; remedy``.
    """
    reading = _Reading()
    for path in dict.fromkeys(paths):
        reading.add(path)
    names: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        names |= _read_names(Path(path) / LABELS)
    return Corpus(tuple(reading.texts), tuple(reading.pages), names), reading.problems


def _read_names(file: Path) -> dict[str, str]:
    import tomllib

    try:
        found = tomllib.loads(file.read_text("utf-8"))
        return {str(entry["id"]): str(entry["zh"]) for entry in found["genres"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # names are an ornament


def genre_problem(genre: object) -> str:
    """Return what is wrong with the id of a genre, ``""`` if nothing is."""
    from classifier.modeldir import is_genre_id

    if not isinstance(genre, str) or not is_genre_id(genre):
        return f"{genre!r:.60} cannot be a genre: it becomes a file name; use letters, digits and hyphens"
    if genre == UNKNOWN:
        return f"{UNKNOWN} is no genre but the model's answer when it is not sure; name the genre or leave the text out"
    return ""


class _Reading:
    """Collects texts, pages and problems."""

    def __init__(self) -> None:
        self.texts: list[LabelledText] = []
        self.pages: list[LabelledPage] = []
        self.problems: list[str] = []
        self._seen: set[Path] = set()

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
            self.problems.append(f"{where}: {error.message}" + ("" if ";" in error.message else "; save it as UTF-8"))
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
            return  # a page that split could not read is in its output too
        encoding = entry.get("encoding")
        if encoding is not None and not isinstance(encoding, str):
            raise LabelError(f"encoding {encoding!r:.40} is no name; write utf-8 or gb18030, or remove the key")
        if (scan := entry.get("scan")) is not None:
            path, text, encoding = Path(entry["path"]), _scan_text(scan), "utf-8"
            if entry.get("articles") == [] and not text.strip():
                return  # as below
        else:
            path = _find_text(file, entry["path"])
            if entry.get("articles") == [] and _is_blank(path):
                return  # split finds no articles on an empty page; there is nothing to learn from it
            found = self._read(path, where=f"{where}: {path}", encoding=encoding or None)
            if found is None:
                return
            text, encoding = found
        if "articles" not in entry and "genre" in entry:  # what classify writes
            if problem := genre_problem(entry["genre"]):
                raise LabelError(problem)
            self.texts.append(LabelledText(str(path), closed_up(text), entry["genre"], encoding))
            return
        ends, genres = _read_articles(text, entry.get("articles"))
        self.pages.append(LabelledPage(str(path), where, closed_up(text), ends, genres, encoding))


def _is_blank(path: Path) -> bool:
    try:
        return not read(path)[0].strip()
    except InputError:
        return False


def _scan_text(scan: object) -> str:
    """Return the text of a scanned page, which is nowhere but in the object itself."""
    text = scan.get("text") if isinstance(scan, dict) else None
    if not isinstance(text, str):
        raise LabelError("a scan without its text; keep the key scan as split --format jsonl wrote it")
    return text


def _find_text(file: Path, name: str) -> Path:
    """Return the text that an object of ``file`` describes: where it says, or beside ``file``."""
    beside = file.parent
    candidates = [beside / name, beside / Path(name).name, file.with_suffix(".txt"), file.with_suffix(""), Path(name)]
    for path in candidates:
        try:
            if path != file and path.is_file():
                return path
        except (OSError, ValueError):
            continue
    raise LabelError(f"{name!r:.80} is not there; path is relative to the JSONL file, or put the text beside it")


def _read_articles(text: str, articles: Any) -> tuple[tuple[int, ...], tuple[str, ...]]:  # noqa: ANN401 - any JSON
    """Return the ends, in paragraphs, and the genres of the articles of a page.

    Raises
    ------
    LabelError
        If they do not cover the page, one after another, in whole paragraphs. The message names no path.
    """
    if not isinstance(articles, list) or not articles or not all(isinstance(entry, dict) for entry in articles):
        raise LabelError("without a list of articles; write them as split --format jsonl does")
    paragraphs = split_paragraphs(text)
    ends: list[int] = []
    genres: list[str] = []
    done = 0
    for number, entry in enumerate(articles, 1):
        first, last = _read_range(entry, number, text, paragraphs.starts, paragraphs.ends, paragraphs.lines)
        line = int(paragraphs.lines[first])
        if first < done:
            raise LabelError(
                f"article {number} begins at line {line}, in the article before it or above it; "
                "let articles follow one another without overlap"
            )
        if first > done:
            raise LabelError(
                f"line {int(paragraphs.lines[done])} is in no article; give it to article {max(number - 1, 1)} "
                f"or {number}, or take it out of the page"
            )
        genre = entry.get("genre")
        if genre in (None, "", UNKNOWN):
            genre = ""
        elif problem := genre_problem(genre):
            raise LabelError(f"article {number}: {problem}")
        genres.append(genre)
        ends.append(last)
        done = last
    if done < len(paragraphs):
        raise LabelError(
            f"line {int(paragraphs.lines[done])} and what follows are in no article; let the last article end later, "
            "or take them out of the page"
        )
    return tuple(ends), tuple(genres)


def _read_range(entry: dict[str, Any], number: int, text: str, starts: Any, finish: Any, lines: Any) -> tuple[int, int]:  # noqa: ANN401
    """Return the paragraphs ``[first, last)`` of one article, from its offsets, its lines, or both."""
    by_offset, by_line = (
        _whole_pair(entry, number, "start", "end"),
        _whole_pair(entry, number, "first_line", "last_line"),
    )
    if by_offset is None and by_line is None:
        raise LabelError(f"article {number} without start and end; give these or first_line and last_line")
    found = None
    if by_offset is not None:
        start, end = by_offset
        if not 0 <= start < end <= len(text):
            raise LabelError(
                f"article {number} is [{start}, {end}) of a text of {len(text)} characters; "
                "correct start and end, or leave them out and give first_line and last_line"
            )
        first, last = int(np.searchsorted(finish, start, "right")), int(np.searchsorted(starts, end, "left"))
        for name, offset, at in (("starts", start, first), ("ends", end, last - 1)):
            if 0 <= at < len(starts) and starts[at] < offset < finish[at]:
                raise LabelError(
                    f"article {number} {name} at character {offset}, inside line {int(lines[at])}; "
                    "move it to the beginning or the end of the line"
                )
        found = first, last
    if by_line is not None:
        first, last = int(np.searchsorted(lines, by_line[0])), int(np.searchsorted(lines, by_line[1], "right"))
        if found is not None and found != (first, last):
            shown = f"{int(lines[found[0]])}-{int(lines[found[1] - 1])}" if found[0] < found[1] else "none"
            raise LabelError(
                f"article {number} is lines {by_line[0]}-{by_line[1]} by first_line and last_line, but {shown} by "
                "start and end; correct one pair and leave the other out"
            )
        found = first, last
    assert found is not None
    if found[0] >= found[1]:
        raise LabelError(f"article {number} holds nothing but white space; remove it or correct where it begins")
    return found


def _whole_pair(entry: dict[str, Any], number: int, low: str, high: str) -> tuple[int, int] | None:
    values = entry.get(low), entry.get(high)
    if values == (None, None):
        return None
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        raise LabelError(f"article {number}: {low} {values[0]!r:.20}, {high} {values[1]!r:.20}; give two whole numbers")
    return values[0], values[1]  # type: ignore[return-value]


# --- What is the same, what is missing -----------------------------------------------------------------------------


def ink(text: str) -> str:
    """Return the letters, digits and Han characters of a text, normalised: layout and punctuation do not matter."""
    return "".join(char for char in normalise_text(text) if char.isalnum())


def fingerprint(text: str) -> int:
    """Return 63 bits that tell whether two texts are the same but for layout and punctuation."""
    return int.from_bytes(hashlib.sha256(ink(text).encode("utf-8", "surrogatepass")).digest()[:8], "big") >> 1


def _sentences(text: str) -> set[str]:
    """Return the long sentences of a text, across its line ends."""
    joined = "".join(normalise_text(text).split())
    parts = ("".join(filter(str.isalnum, part)) for part in re.split("[。！？；!?;]", joined))
    return {part for part in parts if len(part) >= _LONG_SENTENCE}


@dataclass(frozen=True, slots=True)
class Twins:
    """Two texts that are the same or share most of the shorter one; numbers as given."""

    first: int
    second: int
    exact: bool


def find_twins(texts: Sequence[str]) -> list[Twins]:
    """Return the pairs of texts that are the same, or of which half of the shorter one is in the other."""
    same: dict[int, int] = {}
    found: list[Twins] = []
    where: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, text in enumerate(texts):
        first = same.setdefault(fingerprint(text), number)
        sentences = _sentences(text)
        sizes.append(max(len(ink(text)), 1))
        if first != number:
            found.append(Twins(first, number, True))
            continue
        for sentence in sentences:
            where[sentence].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for sentence, numbers in where.items():
        if len(numbers) <= _STOCK:
            for pair in combinations(numbers, 2):
                shared[pair] += len(sentence)
    near = [pair for pair, size in shared.items() if 2 * size >= min(sizes[pair[0]], sizes[pair[1]])]
    found += [Twins(*pair, False) for pair in near]
    return sorted(found, key=lambda twins: (twins.second, twins.first))


def groups(texts: Sequence[str]) -> list[int]:
    """Return the group of each text: twins are in one, whose number is the lowest fingerprint of its texts."""
    root = list(range(len(texts)))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for twins in find_twins(texts):
        root[find(twins.second)] = find(twins.first)
    least: dict[int, int] = {}
    for number, text in enumerate(texts):
        at = find(number)
        least[at] = min(least.get(at, 1 << 63), fingerprint(text))
    return [least[find(number)] for number in range(len(texts))]


def hold_out(texts: Sequence[str], kinds: Sequence[str], *, seed: int = 0) -> list[bool]:
    """Tell which texts to hold out: of each kind every fifth, in the order of their fingerprints, twins together.

    The choice depends on what the texts say and not on their names, so that it stays when others are added or moved,
    as far as it can; another ``seed`` holds out others.
    """
    group = groups(texts)
    kind_of: dict[int, str] = {}
    for number, kind in zip(group, kinds, strict=True):
        kind_of.setdefault(number, kind)
    out: set[int] = set()
    for kind in sorted(set(kind_of.values())):
        members = sorted(number for number, own in kind_of.items() if own == kind)
        out.update(members[(HELD_OUT // 2 + seed) % HELD_OUT :: HELD_OUT])
    return [number in out for number in group]


def check(corpus: Corpus, *, known: Iterable[str] = ()) -> list[str]:
    """Return a line for each thing in sound data that will make a model worse: twins, conflicts, too rare genres.

    ``known`` are the genres that a model to start from knows; only a few texts of these are welcome.
    """
    findings = []
    for text in corpus.texts:
        findings += _mojibake(text.path, text.text)
    for page in corpus.pages:
        findings += _mojibake(page.path, page.text)
    items = list(corpus.items())
    for twins in find_twins([text for _, text, _ in items]):
        (here, _, own), (there, _, other) = items[twins.second], items[twins.first]
        what = "the same text as" if twins.exact else "shares most of its text with"
        if own != other:
            findings.append(f"{here}: {what} {there}, but {own} here and {other} there; give both the same genre")
        else:
            findings.append(f"{here}: {what} {there}; keep one")
    return findings + rare_genres(corpus, known=known)


def rare_genres(corpus: Corpus, *, known: Iterable[str]) -> list[str]:
    """Return a line for each genre that is not among those ``known`` and has too few texts to be learned."""
    known = set(known)
    return [
        f"{genre}: only {counted(number, 'text')} of this genre; add {ENOUGH - number} or more, or correct its name"
        for genre, number in sorted(corpus.count().items())
        if number < ENOUGH and genre not in known
    ]


def _mojibake(path: str, text: str) -> list[str]:
    match = _MOJIBAKE.search(text)
    if match is None:
        return []
    line = text.count("\n", 0, match.start()) + 1
    return [f"{path}:{line}: {match.group()!r} comes of reading text in a wrong encoding; save it anew from its source"]
