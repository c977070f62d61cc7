r"""Results as text: lines for people, JSON, JSONL and TSV for programs, one file an article.

Everything here is pure: functions take results and return or yield strings, and ``classifier.__main__`` or
``classifier.output`` writes them. Importing this module is cheap, ``--help`` does it.

Newspaper text is untrusted: an OCR error or a hostile file must not move a terminal's cursor, change its colours or
turn a line of text round. So text forms pass through :func:`visible`, and JSON escapes the same characters (without
loss, as ``\u202e``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from classifier.document import UNKNOWN, Article, PageResult

if TYPE_CHECKING:
    from classifier.explain import Reason, Term
    from classifier.scan import PlacedText
    from classifier.story import Story

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


FIRST_WORDS = 24
"""Most characters shown of an article without headline: half a terminal line, as each is two columns wide."""

NAME_BYTES = 120
"""Most UTF-8 bytes of an article's file name: half of what ext4, NTFS and APFS allow, and within eCryptfs's 143."""

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

# Unicode categories Cc, Cf, Zl, Zp and Cs: controls, formatting (bidirectional overrides, zero-width characters, soft
# hyphen, tags), line and paragraph separators, lone surrogates. test_render.py compares this with unicodedata.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def counted(number: int, noun: str) -> str:
    """Return ``1 page`` or ``1,904 pages``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def visible(text: str) -> str:
    r"""Return ``text`` with every control and invisible character shown instead of obeyed, on one line.

    C0 controls and DEL become their Unicode pictures, all others ``\u{...}``.

    >>> visible("red \x1b[31m, tab \t, reversed \u202e")
    'red ␛[31m, tab ␉, reversed \\u{202e}'
    """
    return _HIDDEN.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{{{code:x}}}"


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
            raise ValueError(f"{form} is not a stream: use article_files, or classifier.parquet")


LAYOUT_FORMS = (Format.ALTO, Format.PAGE_XML)
"""Forms that say where things stand on a page, which is known of scans only."""


def _layout_files(results: Iterable[PageResult], form: Format) -> Iterator[str]:
    from classifier import grouping

    write = grouping.alto if form is Format.ALTO else grouping.page_xml
    return (write(result).decode() for result in results if result.failure is None)


def _text(results: Iterable[PageResult], *, colour: bool) -> Iterator[str]:
    for result in results:
        path = visible(result.path)
        if result.label is not None:
            yield f"{path}\t{_mark(result.label.genre, result.label.score, colour=colour)}\n"
        lines = [
            f"{path}:{article.first_line}-{article.last_line}\t"
            f"{_mark(article.genre, article.score, colour=colour)}\t{visible(heading(article, result.text))}\n"
            for article in result.articles
        ]
        if lines:
            yield "".join(lines)


def _mark(genre: str, score: float, *, colour: bool) -> str:
    """Return genre and score as two columns. The colours are of the eight every terminal has."""
    genre = visible(genre)
    if not colour:
        return f"{genre}\t{score:.2f}"
    return f"\x1b[{33 if genre == UNKNOWN else 36}m{genre}\x1b[0m\t\x1b[2m{score:.2f}\x1b[0m"


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
            rows.append({"genre": result.label.genre, "score": _rounded(result.label.score)})
        if rows:
            yield "".join(
                "\t".join(_cell(value) for value in map({"path": result.path, "id": result.id, **row}.get, columns))
                + "\n"
                for row in rows
            )


def _cell(value: object) -> str:
    return "" if value is None else visible(str(value))


def page_object(result: PageResult) -> dict[str, object]:
    """Return a result as the JSON contract has it, keys in their order (``docs/design.md``)."""
    head: dict[str, object] = {"path": result.path}
    if result.id is not None:
        head["id"] = result.id
    if result.failure is not None:
        return head | {"error": {"code": result.failure.code, "message": result.failure.message}}
    head |= {"encoding": result.encoding, "model": result.model}
    tail = {} if result.scan is None else {"scan": scan_object(result.scan)}
    if result.label is not None:
        label = result.label
        return head | {"genre": label.genre, "score": _rounded(label.score), "top": _pairs(label.top)} | tail
    return head | {"articles": [article_object(article) for article in result.articles]} | tail


def scan_object(scan: PlacedText) -> dict[str, object]:
    """Return what JSON says of a scanned page: what it was read from, its size, and the text that offsets index."""
    page = scan.page
    return {
        "page": page.number,
        "width": round(page.width),
        "height": round(page.height),
        "rotation": page.rotation,
        "source": page.source,
        "text": scan.text,
    }


def article_object(article: Article) -> dict[str, object]:
    """Return one article as the JSON contract has it, keys in their order; ``regions`` of scans only."""
    facts: dict[str, object] = {
        "start": article.start,
        "end": article.end,
        "first_line": article.first_line,
        "last_line": article.last_line,
        "title": article.title,
        "genre": article.genre,
        "score": _rounded(article.score),
        "top": _pairs(article.top),
        "boundary_score": _rounded(article.boundary_score),
        "continued_from": article.continued_from,
        "continued_on": article.continued_on,
    }
    if article.regions:
        facts["regions"] = [
            {"page": region.page, "polygon": [[round(x), round(y)] for x, y in region.polygon]}
            for region in article.regions
        ]
    return facts


def _rounded(score: float) -> float:
    """Return a score to four decimals: more are not known, and the last bits differ from machine to machine."""
    return round(float(score), 4)


def _pairs(top: Iterable[tuple[str, float]]) -> list[list[object]]:
    return [[genre, _rounded(score)] for genre, score in top]


def json_line(value: object) -> str:
    """Return ``value`` as one line of JSON: Chinese as it is, hidden characters and lone surrogates escaped."""
    return _HIDDEN.sub(_json_escape, json.dumps(value, ensure_ascii=False))


def _json_escape(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1] if ord(match.group()) != 0x7F else "\\u007f"


def story_object(issue: str, story: Story) -> dict[str, object]:
    """Return a story as the JSON contract has it, keys in their order (``docs/stories.md``)."""
    parts = []
    for part, join in zip(story.parts, (None, *story.joins), strict=True):
        article = part.article
        parts.append(
            {
                "path": part.path,
                "page": part.page,
                "start": article.start,
                "end": article.end,
                "first_line": article.first_line,
                "last_line": article.last_line,
                "title": article.title,
                "score": None if join is None else _rounded(join.score),
                "by": None if join is None else join.by,
            }
        )
    return {"story": story.id, "issue": issue, "title": story.title, "genre": story.genre, "parts": parts}


def story_lines(story: Story) -> Iterator[str]:
    """Yield a line a part: the first with the genre of the story, the others indented, with how they were joined."""
    for part, join in zip(story.parts, (None, *story.joins), strict=True):
        article = part.article
        where = f"{visible(part.path)}:{article.first_line}-{article.last_line}"
        words = visible(article.title or "…" + first_words(part.text))
        if join is None:
            yield f"{where}\t{visible(story.genre)}\t{words}\n"
        else:
            yield f"  {where}\t{join.by} {join.score:.2f}\t{words}\n"


def failure_line(result: PageResult) -> str:
    """Return a failed result as one line, path first."""
    message = "" if result.failure is None else result.failure.message
    return f"{visible(result.path)}: {visible(message)}"


def heading(article: Article, page_text: str) -> str:
    """Return an article's title or, after ``…``, its first words."""
    return article.title or "…" + first_words(page_text[article.start : article.end])


_SENTENCE_END = re.compile("[。！？!?；;]")


_JUMP_LINE = re.compile(r"\W{0,4}(?:上接|紧接|緊接|接第)[^\n。]{1,10}?[版页頁][)）〕】\]》]?\s*")
"""A jump line and no more, also where :mod:`classifier.jumps` cannot tell it from prose: ``上接A01版“灯亮了``."""


def first_words(text: str) -> str:
    r"""Return the beginning of a text: its first sentence, or as much of it as fits in ``FIRST_WORDS``.

    Lines are joined while they are short, as in hard-wrapped columns. What says nothing of the text is left out: a
    masthead and a jump line above it, blanks between all characters.

    >>> first_words("(上接1版)\n\n第三，我们要坚持开拓。会上")
    '第三，我们要坚持开拓'
    """
    from classifier.jumps import find_jump, without_jump
    from classifier.masthead import count_lines
    from classifier.spacing import closed_up

    lines = [line for line in closed_up(text[: 40 * FIRST_WORDS]).splitlines() if line.strip()]
    lines = lines[count_lines(lines) :]
    if lines and (found := _JUMP_LINE.match(lines[0])):
        lines[0] = lines[0][found.end() :]
    elif lines and (jump := find_jump(lines[0])) is not None and jump.opens:
        lines[0] = without_jump(lines[0])
    if lines and not lines[0].strip():
        lines = lines[1:] or [line for line in text.split("\n") if line.strip()][:1]
    words = ""
    for line in lines:
        words += " ".join(line.split())
        if len(words) >= FIRST_WORDS // 2:
            break
    words = words[:FIRST_WORDS]
    end = _SENTENCE_END.search(words, FIRST_WORDS // 4)
    return words[: end.start()] if end else words


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


_UNSAFE = re.compile(r'[\s_<>:"/\\|?*]+')
"""Separators, what Windows forbids, white space (a nuisance in shells), and ``_`` itself so that none are doubled."""


def file_name(stem: str) -> str:
    """Return ``stem`` + ``.txt`` as a name every common file system takes, at most ``NAME_BYTES`` long.

    Reserved names such as ``CON`` or ``LPT1`` get ``_`` in front; names never begin or end with a dot or space.
    """
    stem = _UNSAFE.sub("_", _HIDDEN.sub("", stem))
    stem = stem.encode()[: NAME_BYTES - len(".txt") - 1].decode(errors="ignore").strip("_. -")
    if re.fullmatch(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", stem) or not stem:
        stem = "_" + stem
    return stem + ".txt"


def info_lines(info: Mapping[str, object]) -> Iterator[str]:
    """Yield what ``Model.info`` says as aligned ``key  value`` lines, nested values indented under their key."""
    yield from _fields(info, indent="")


def _fields(fields: Mapping[str, object], *, indent: str) -> Iterator[str]:
    width = max((len(key) for key in fields), default=0)
    for key, value in fields.items():
        name = visible(key.replace("_", " "))
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}\n"
            yield from _fields(value, indent=indent + "  ")
        elif isinstance(value, list | tuple) and any(isinstance(entry, list | tuple | Mapping) for entry in value):
            yield f"{indent}{name}\n"
            for entry in value:
                yield f"{indent}  {_plain(entry)}\n"
        else:
            yield f"{indent}{name:<{width}}  {_plain(value)}\n"


def _plain(value: object) -> str:
    """Return a value of ``Model.info`` on one line."""
    if isinstance(value, Mapping):
        return "  ".join(_plain(entry) for entry in value.values())
    if isinstance(value, list | tuple):
        return "  ".join(_plain(entry) for entry in value)
    if isinstance(value, float):
        return f"{value:.4g}"
    return "-" if value is None else visible(str(value))


# --- Scores ----------------------------------------------------------------------------------------------------------

CONFUSIONS = 10
"""Pairs of genres that a table of confusions shows."""


def score_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the scores of a model (``Evaluation.facts``) as tables for people."""
    genre, pages = facts.get("genre"), facts.get("pages")
    if genre:
        width = max(5, *map(len, genre["genres"]))
        yield f"{'genre':<{width}}  articles  precision  recall     F1\n"
        for name, row in genre["genres"].items():
            shown = "  ".join((f"{row['precision']:9.3f}", f"{row['recall']:6.3f}", f"{row['f1']:5.3f}"))
            yield f"{visible(name):<{width}}  {row['articles']:8,}  {shown}\n"
        yield f"{'all':<{width}}  {genre['articles']:8,}  accuracy {genre['accuracy']:.3f}, "
        yield f"macro-F1 {genre['macro_f1']:.3f}, right among two {genre['top2_accuracy']:.3f}, "
        yield f"calibration error {genre['calibration_error']:.3f}\n"
        wrong = [entry for entry in genre["confusion"] if entry[0] != entry[1]]
        if wrong:
            yield "\ntaken for another, most often first\n"
        for true, label, count in wrong[:CONFUSIONS]:
            yield f"{count:5,}  {visible(true)} taken for {visible(label)}\n"
    if pages:
        yield "\n" if genre else ""
        yield f"pages  {pages['pages']:,}\n"
        yield f"boundaries  precision {pages['boundary_precision']:.3f}, recall {pages['boundary_recall']:.3f}, "
        yield f"F1 {pages['boundary_f1']:.3f}\n"
        yield f"whole articles  F1 {pages['article_f1']:.3f}\n"
        yield f"Pk {pages['pk']:.3f}, WindowDiff {pages['window_diff']:.3f}\n"


# --- Explanations ----------------------------------------------------------------------------------------------------


def reason_object(reason: Reason) -> dict[str, object]:
    """Return one explained article as JSON has it: what ``split`` says of it, then the terms."""
    return article_object(reason.article) | {
        "runner_up": reason.runner_up or None,
        "for": _term_pairs(reason.speaks_for),
        "against": _term_pairs(reason.speaks_against),
        "jump_line": reason.jump,
        "boundary_cues": _term_pairs(reason.cues),
        "boundary_context": _term_pairs(reason.context),
    }


def _term_pairs(terms: Iterable[Term]) -> list[list[object]]:
    return [[term.name, _rounded(term.weight)] for term in terms]


def reason_lines(path: str, text: str, reasons: Iterable[Reason]) -> Iterator[str]:
    """Yield the explanation of a page for people: the lines of ``split``, each with its reasons below."""
    for reason in reasons:
        article = reason.article
        yield f"{visible(path)}:{article.first_line}-{article.last_line}\t"
        yield f"{_mark(article.genre, article.score, colour=False)}\t{visible(heading(article, text))}\n"
        best = visible(article.top[0][0])
        if reason.runner_up:
            score = dict(article.top)[reason.runner_up]
            yield f"  {best} and not {visible(reason.runner_up)} ({score:.2f})\n"
        yield from _term_lines(reason.speaks_for)
        if reason.speaks_against:
            yield f"  but for {visible(reason.runner_up) or 'another genre'}\n"
        yield from _term_lines(reason.speaks_against)
        if article.boundary_score < 1 or reason.cues:
            yield f"  begins here: {article.boundary_score:.2f}{', a jump line opens it' if reason.jump else ''}\n"
            yield from _term_lines(reason.cues)
            yield "  with the gaps around in view\n"
            yield from _term_lines(reason.context)
        yield "\n"


def _term_lines(terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        yield f"    {term.weight:+7.3f}  {visible(term.name)}\n"
