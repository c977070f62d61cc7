"""Stories, explanations, scores and models as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from classifier.document import UNKNOWN
from classifier.rendering.escaping import visible
from classifier.rendering.excerpt import first_words, heading

if TYPE_CHECKING:
    from classifier.explain import Reason, Term
    from classifier.story import Story


def counted(number: int, noun: str) -> str:
    """Return ``1 page`` or ``1,904 pages``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def mark(genre: str, score: float, *, colour: bool) -> str:
    """Return genre and score as two columns. The colours are of the eight every terminal has."""
    genre = visible(genre)
    if not colour:
        return f"{genre}\t{score:.2f}"
    return f"\x1b[{33 if genre == UNKNOWN else 36}m{genre}\x1b[0m\t\x1b[2m{score:.2f}\x1b[0m"


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


def reason_lines(path: str, text: str, reasons: Iterable[Reason]) -> Iterator[str]:
    """Yield the explanation of a page for people: the lines of ``split``, each with its reasons below."""
    for reason in reasons:
        article = reason.article
        yield f"{visible(path)}:{article.first_line}-{article.last_line}\t"
        yield f"{mark(article.genre, article.score, colour=False)}\t{visible(heading(article, text))}\n"
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
