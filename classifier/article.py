"""From segments to articles: headline, genre, jump references, offsets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.document import Article, Label, Page
from classifier.genre import GenreModel, article_rows
from classifier.jumps import Jump
from classifier.reader import wrap_width
from classifier.segmenter import boundaries
from classifier.tokens import Tokens

_LONGEST_LINE, _LONGEST_HEADLINE = 45, 80
"""Characters of one line, and of all lines, of a headline."""

_ENDS_SENTENCE = ("。", "；", "…", "，", "、", ".", ",", ";", "：", ":")
_NOT_HEADLINE = ("——", "—", "--", "（上", "(上")
_BYLINE_MARKS = (
    "记者", "記者", "通讯员", "通訊員", "作者", "撰文", "摄影", "文/", "文／", "文丨", "文｜", "图/", "编辑", "責任", "责任",
    "责编", "校对", "本报讯", "本報訊", "评论员", "編譯", "编译", "供图", "特约", "摄", "日电", "日電", "社电",
)  # fmt: skip
_MARKS = "■□◆◇●○▲△▼★☆◎※▶◀"


def headline(lines: list[str], *, width: int) -> tuple[str, int]:
    """Return the headline that a list of lines begins with, and how many lines it takes; ``("", 0)`` without one.

    ``width`` is that of wrapped text, or 0: a line that fills it goes on in the next.
    """
    parts: list[str] = []
    size, used = 0, 0
    going_on = False
    for number, line in enumerate(lines[:6]):
        if not _is_headline(line, going_on=going_on):
            break
        if not going_on and parts and size + len(line) > _LONGEST_HEADLINE:
            break
        if going_on:
            parts[-1] += line
        else:
            parts.append(line)
        size += len(line)
        used = number + 1
        going_on = bool(width) and len(line) >= width - 1
    if going_on or used == len(lines) > 1 or (len(lines) == 1 and used):
        # All lines look alike: a list or a poem, headed by its first; a lone line is its own text.
        return (lines[0], 1) if len(lines) > 1 and _is_headline(lines[0], going_on=False) else ("", 0)
    # A line over the headline that ends in a dash leads up to it; the headline is what follows.
    while len(parts) > 1 and parts[0].rstrip().endswith(("——", "—", "：", ":")):
        parts.pop(0)
    return " ".join(parts), used


def _is_headline(line: str, *, going_on: bool) -> bool:
    if len(line) > _LONGEST_LINE or not any(char.isalnum() for char in line):
        return False
    if line.startswith(_NOT_HEADLINE) or line.endswith(_ENDS_SENTENCE):
        return going_on and not line.endswith(_ENDS_SENTENCE)
    if any(mark in line for mark in _BYLINE_MARKS):
        return False
    if line[0] in _MARKS and len(line) <= 14:
        return False
    return going_on or not _is_name(line)


def _is_name(line: str) -> bool:
    """Tell whether a line is a person's name: two to four Han characters, spaced or with a title bracket."""
    bare = line.replace(" ", "").replace("\u3000", "").replace("\xa0", "")
    return len(bare) <= 3 or (len(bare) <= 4 and bare != line)


def _first_lines(page: Page, first: int, last: int) -> list[str]:
    starts, ends = page.paragraphs.starts, page.paragraphs.ends
    return [page.text[starts[i] : ends[i]] for i in range(first, min(last, first + 8))]


def _find_headline(page: Page, first: int, last: int, jumps: dict[int, Jump], width: int) -> tuple[str, int, int]:
    """Return the headline of a segment, the offset where it starts and the one where it ends."""
    begin = first
    if first in jumps and jumps[first].opens:
        if not jumps[first].alone:
            return "", int(page.paragraphs.starts[first]), int(page.paragraphs.starts[first])
        begin = first + 1
    lines = _first_lines(page, begin, last)
    for number in range(len(lines)):
        if begin + number in jumps:
            lines = lines[:number] + (["。"] if number else [])
            break
    title, used = headline(lines, width=width) if lines else ("", 0)
    start = int(page.paragraphs.starts[min(begin, last - 1)])
    if begin > first and (used == 0 or used == len(lines)):
        return "", start, start
    return title, start, int(page.paragraphs.ends[begin + used - 1]) if used else start


def build_articles(
    page: Page,
    tokens: Tokens,
    ends: list[int],
    *,
    proba: NDArray[np.float32],
    jumps: dict[int, Jump],
    genre: GenreModel,
    threshold: float | None = None,
    top_k: int = 3,
) -> tuple[Article, ...]:
    """Make the articles of a page from its segments.

    ``proba`` is P(boundary) of each gap, (n_paragraphs - 1,); ``ends`` as :meth:`Segmenter.predict` returns them.
    """
    spans = boundaries(ends)
    paragraphs = page.paragraphs
    starts = paragraphs.starts[[first for first, _ in spans]]
    finish = paragraphs.ends[[last - 1 for _, last in spans]]
    width = wrap_width(paragraphs)
    heads = [_find_headline(page, first, last, jumps, width) for first, last in spans]
    rows = article_rows(tokens, starts, finish, np.array([end for _, _, end in heads], dtype=np.int64))
    labels = genre.labels(genre.predict_proba(rows), threshold=threshold, top_k=top_k)
    articles = []
    for (first, last), (title, _, _), label in zip(spans, heads, labels, strict=True):
        inside = [jumps[i] for i in range(first, last) if i in jumps] if jumps else []
        articles.append(
            Article(
                start=int(paragraphs.starts[first]),
                end=int(paragraphs.ends[last - 1]),
                first_line=int(paragraphs.lines[first]),
                last_line=int(paragraphs.lines[last - 1]),
                title=" ".join(title.split()),
                genre=label.genre,
                score=label.score,
                top=label.top,
                boundary_score=float(proba[first - 1]) if first else 1.0,
                continued_from=next((jump.page for jump in inside if jump.opens), None),
                continued_on=next((jump.page for jump in inside if not jump.opens), None),
            )
        )
    return tuple(articles)


def label_text(
    page: Page, tokens: Tokens, *, genre: GenreModel, threshold: float | None = None, top_k: int = 3
) -> Label:
    """Label a whole text as one article; a text without a character gets the most frequent genre's odds."""
    n = len(page.paragraphs)
    if n == 0:
        none = np.zeros(1, dtype=np.int64)
        rows = article_rows(tokens, none, none, none)
    else:
        _, _, head = _find_headline(page, 0, n, {}, wrap_width(page.paragraphs))
        rows = article_rows(
            tokens, page.paragraphs.starts[:1], page.paragraphs.ends[-1:], np.array([head], dtype=np.int64)
        )
    return genre.labels(genre.predict_proba(rows), threshold=threshold, top_k=top_k)[0]
