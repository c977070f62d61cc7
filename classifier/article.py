"""From segments to articles: headline, genre, jump references, offsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries.decoding import boundaries
from classifier.boundaries.segmenter import Segmenter
from classifier.document import UNKNOWN, Article, Label, Page
from classifier.genres.genre import GenreModel
from classifier.genres.tfidf import Rows, article_rows
from classifier.page.bundle import Bundle
from classifier.page.headline import INDENT, headline, is_headline
from classifier.page.jumps import Jump
from classifier.page.masthead import count_index, count_lines
from classifier.text.paragraphs import wrap_width
from classifier.text.tokens import Tokens

_READ = 12
"""Lines of an article that are looked at to find its headline."""


def _first_lines(page: Page, first: int, last: int) -> list[str]:
    """Return the first lines of a segment with their indents."""
    lines, text = [], page.text
    inside = slice(first, min(last, first + _READ))
    starts, ends = page.paragraphs.starts[inside].tolist(), page.paragraphs.ends[inside].tolist()
    for start, end in zip(starts, ends, strict=True):
        begin = start
        while begin and start - begin < 8 and text[begin - 1] in INDENT:
            begin -= 1
        lines.append(text[begin:end])
    return lines


def _local_width(lines: list[str], width: int) -> int:
    """Return the width of the column that lines of a wrapped page stand in: the greatest that three of them share."""
    if not width:
        return 0
    lengths = sorted((len(line.rstrip()) for line in lines), reverse=True)
    return next((size for size, third in zip(lengths, lengths[2:], strict=False) if size - third <= 1), width)


def _find_headline(
    page: Page, first: int, last: int, jumps: dict[int, Jump], width: int, *, top: bool, printed: int = 0
) -> tuple[str, int, int]:
    """Return the headline of a segment, the offset where its text starts and the one where the headline ends.

    ``top``: it is the first of its page, and a masthead may stand above, which is no part of the text. The first
    ``printed`` lines are known to be printed as a headline, and the others not; 0 if that is not known.
    """
    begin = first + (count_lines(_first_lines(page, first, last)) if top else 0)
    start = int(page.paragraphs.starts[begin])
    opened = begin in jumps and jumps[begin].opens
    if opened:
        if not jumps[begin].alone:
            return "", start, start
        begin += 1
    lines = _first_lines(page, begin, last)
    if printed > begin - first:
        lines = [*lines[: printed - (begin - first)], "。"]
    for number in range(len(lines)):
        if begin + number in jumps:
            lines = lines[:number] + (["。"] if number else [])
            break
    title, used = headline(lines, width=_local_width(lines, width)) if lines else ("", 0)
    if opened and (used == 0 or used == len(lines)):
        return "", start, start
    return title, start, int(page.paragraphs.ends[begin + used - 1]) if used else start


def count_masthead(page: Page) -> int:
    """Return how many lines at the top of a page are its masthead, which belongs to its first article."""
    n = len(page.paragraphs)
    return count_lines(_first_lines(page, 0, n)) if n else 0


def find_top_index(page: Page, masthead: int) -> int:
    """Return where the list of what is on other pages ends that stands right under the masthead; 0 where none does.

    Only where a headline follows: names of editors under a list belong to it.
    """
    n = len(page.paragraphs)
    end = masthead + count_index(_first_lines(page, masthead, n))
    if end == masthead or end >= n:
        return 0
    below = _first_lines(page, end, n)
    return end if is_headline(below[0].strip()) and not count_lines(below) else 0


def find_ends(segmenter: Segmenter, page: Page, proba: NDArray[np.float32], jumps: dict[int, Jump]) -> list[int]:
    """Return the ends of the segments of a page as :meth:`Segmenter.predict` does, its top looked at."""
    masthead = count_masthead(page)
    return segmenter.predict(proba, jumps, masthead=masthead, index=find_top_index(page, masthead))


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """A page that is cut into segments, each of which is one article."""

    page: Page
    ends: Sequence[int]
    """Ascending ends of the segments in paragraphs; the last is their number."""
    jumps: dict[int, Jump]
    """As :func:`classifier.page.jumps.find_jumps` returns them."""
    proba: NDArray[np.float32] | None = None
    """P(boundary) of each gap, (n_paragraphs - 1,); ``None`` where the ends were given and not found."""
    printed: Sequence[int] = ()
    """For each segment how many of its first lines are printed as a headline, 0 where that is not known; empty for a
    page whose print is not known."""


def find_headlines(cut: Segmentation) -> list[tuple[str, int, int]]:
    """Return the headline of each segment, the offset where its text starts and the one where the headline ends.

    A masthead above the first is no part of its text.
    """
    width = wrap_width(cut.page.paragraphs)
    spans = boundaries(cut.ends)
    return [
        _find_headline(cut.page, first, last, cut.jumps, width, top=not first, printed=count)
        for (first, last), count in zip(spans, cut.printed or [0] * len(spans), strict=True)
    ]


def segment_rows(
    cuts: Sequence[Segmentation], tokens: Tokens, offsets: Sequence[int] = (0,)
) -> tuple[Rows, list[list[str]]]:
    """Return the genre features of the segments of pages, one row each, and the headlines of each page.

    ``tokens`` are those of all pages, which are set one after another: page i begins at ``offsets[i]``.
    """
    edges, titles = [], []
    for cut, offset in zip(cuts, offsets, strict=True):
        heads = find_headlines(cut)
        edges.append(_edges(cut, heads) + offset)
        titles.append([title for title, _, _ in heads])
    return article_rows(tokens, *np.concatenate(edges, axis=1)), titles


def _edges(cut: Segmentation, heads: Sequence[tuple[str, int, int]]) -> NDArray[np.int64]:
    """Return where the text of each segment begins, where it ends and where its headline ends, (3, n_segments)."""
    starts, headline_ends = (np.array([head[place] for head in heads], dtype=np.int64) for place in (1, 2))
    return np.stack([starts, cut.page.paragraphs.ends[np.array(cut.ends) - 1], headline_ends])


def text_rows(page: Page, tokens: Tokens) -> Rows:
    """Return the genre features of a whole text as one article: one row, empty for a text without a character."""
    n = len(page.paragraphs)
    if n:
        return segment_rows([Segmentation(page, [n], {})], tokens)[0]
    none = np.zeros(1, dtype=np.int64)
    return article_rows(tokens, none, none, none)


def build_articles(
    cuts: Sequence[Segmentation],
    tokens: Tokens,
    offsets: Sequence[int] = (0,),
    *,
    genre: GenreModel,
    threshold: float | None = None,
    top_k: int = 3,
) -> list[tuple[Article, ...]]:
    """Make the articles of each page of its segments; ``tokens`` and ``offsets`` as in :func:`segment_rows`."""
    rows, titles = segment_rows(cuts, tokens, offsets)
    labels = iter(genre.labels(genre.predict_proba(rows), threshold=threshold, top_k=top_k))
    return [_articles(cut, found, list(islice(labels, len(found)))) for cut, found in zip(cuts, titles, strict=True)]


def _articles(cut: Segmentation, titles: list[str], labels: list[Label]) -> tuple[Article, ...]:
    """Return the articles of a page with these headlines and genres."""
    paragraphs, jumps = cut.page.paragraphs, cut.jumps
    articles = []
    for (first, last), title, label in zip(boundaries(cut.ends), titles, labels, strict=True):
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
                boundary_score=1.0 if cut.proba is None or not first else float(cut.proba[first - 1]),
                continued_from=next((jump.page for jump in inside if jump.opens), None),
                continued_on=next((jump.onward or jump.page for jump in inside if not jump.opens or jump.onward), None),
            )
        )
    return tuple(articles)


def label_texts(bundle: Bundle, *, genre: GenreModel, threshold: float | None = None, top_k: int = 3) -> list[Label]:
    """Label each text of a bundle as one article; of a text without a character the genre is unknown."""
    page, offsets, bounds = bundle.page, np.array(bundle.offsets), np.array(bundle.bounds)
    starts, ends = offsets[:-1].copy(), offsets[:-1].copy()
    some = np.flatnonzero(bounds[1:] > bounds[:-1])
    starts[some] = page.paragraphs.starts[bounds[some]]
    ends[some] = page.paragraphs.ends[bounds[some + 1] - 1]
    heads = starts.copy()
    for number in some.tolist():
        width = wrap_width(bundle.paragraphs(number))
        first, last = bundle.bounds[number], bundle.bounds[number + 1]
        _, starts[number], heads[number] = _find_headline(page, first, last, {}, width, top=True)
    rows = article_rows(bundle.tokens, starts, ends, heads)
    labels = genre.labels(genre.predict_proba(rows), threshold=threshold, top_k=top_k)
    for number in np.flatnonzero(bounds[1:] == bounds[:-1]).tolist():
        labels[number] = Label(UNKNOWN, 0.0, ())
    return labels
