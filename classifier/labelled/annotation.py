"""The articles of a labelled page: from what a person wrote of them to their ends and genres, checked on the way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from classifier.document import UNKNOWN, Paragraphs
from classifier.errors import LabelError
from classifier.rendering.listing import counted
from classifier.text.paragraphs import split_paragraphs


def genre_problem(genre: object) -> str:
    """Return what is wrong with the id of a genre, ``""`` if nothing is."""
    from classifier.modeldir import is_genre_id

    if not isinstance(genre, str) or not is_genre_id(genre):
        return f"{genre!r:.60} cannot be a genre: it becomes a file name; use letters, digits and hyphens"
    if genre == UNKNOWN:
        return f"{UNKNOWN} is no genre but the model's answer when it is not sure; name the genre or leave the text out"
    return ""


def read_articles(text: str, articles: Any) -> tuple[tuple[int, ...], tuple[str, ...]]:  # noqa: ANN401 - any JSON
    """Return the ends, in paragraphs, and the genres of the articles of a page.

    Raises
    ------
    LabelError
        If they do not cover the page, one after another, in whole paragraphs. The message names no path.
    """
    if not isinstance(articles, list) or not articles or not all(isinstance(entry, dict) for entry in articles):
        raise LabelError("without a list of articles; write them as split --format jsonl does")
    paragraphs = split_paragraphs(text)
    ranges = [_read_range(entry, number, text, paragraphs) for number, entry in enumerate(articles, 1)]
    _check_order(ranges, paragraphs)
    ends: list[int] = []
    genres: list[str] = []
    done = 0
    for number, (entry, (first, last)) in enumerate(zip(articles, ranges, strict=True), 1):
        if first > done:
            takers = f"article {number - 1} or {number}" if number > 1 else "article 1"
            raise LabelError(
                f"line {int(paragraphs.lines[done])} is in no article; give it to {takers}, or take it out of the page"
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


def _check_order(ranges: Sequence[tuple[int, int]], paragraphs: Paragraphs) -> None:
    """Make sure that articles are in page order and do not overlap."""
    for number, ((above, done), (first, _)) in enumerate(pairwise(ranges), 2):
        line = int(paragraphs.lines[first])
        if first < above:
            raise LabelError(
                f"article {number} begins at line {line}, above article {number - 1} (line "
                f"{int(paragraphs.lines[above])}); write articles in page order"
            )
        if first < done:
            raise LabelError(
                f"article {number} begins at line {line}, in the article before it; "
                "let articles follow one another without overlap"
            )


def _read_range(entry: dict[str, Any], number: int, text: str, paragraphs: Paragraphs) -> tuple[int, int]:
    """Return the paragraphs ``[first, last)`` of one article, from its offsets, its lines, or both."""
    starts, finish, lines = paragraphs.starts, paragraphs.ends, paragraphs.lines
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
        _check_lines(*by_line, number, count_lines(text))
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


def _check_lines(first: int, last: int, number: int, count: int) -> None:
    """Make sure that a text of ``count`` lines has these."""
    if first > last:
        raise LabelError(f"article {number}: first_line {first} is after last_line {last}; correct one of them")
    if first < 1 or last > count:
        raise LabelError(
            f"article {number} is lines {first}-{last} of a text of {counted(count, 'line')}; "
            "correct first_line and last_line, which count from 1"
        )


def count_lines(text: str) -> int:
    """Return the number of lines of a text as an editor shows them: there is an empty one after the last line end."""
    return len((text + ".").splitlines())


def _whole_pair(entry: dict[str, Any], number: int, low: str, high: str) -> tuple[int, int] | None:
    values = entry.get(low), entry.get(high)
    if values == (None, None):
        return None
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        raise LabelError(f"article {number}: {low} {values[0]!r:.20}, {high} {values[1]!r:.20}; give two whole numbers")
    return values[0], values[1]  # type: ignore[return-value]
