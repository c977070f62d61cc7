"""Why an article begins where it does and has the genre it has: the terms of the linear models, by name.

Buckets are hashes and have no names, so a text's own words and characters are hashed once more and give the names.
What a boundary was scored by are categories; their names are read from the tables of
:mod:`classifier.boundaries.features`, of :mod:`classifier.boundaries.context` and what these are made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from classifier.article import Segmentation, build_articles, find_ends, find_headlines
from classifier.boundaries import features
from classifier.boundaries.aspects import ASPECTS
from classifier.boundaries.blocks import N_TYPES, TYPES
from classifier.boundaries.conjunctions import Conjunctions
from classifier.boundaries.context import CONTEXT, CONTEXT_BINS, PAIRS, context_ids
from classifier.boundaries.decoding import boundaries
from classifier.boundaries.grams import GRAMS, HEAD_GRAMS
from classifier.boundaries.measures import MEASURES
from classifier.document import Article, Page
from classifier.genres import form
from classifier.genres.genre import GenreModel
from classifier.genres.tfidf import (
    GENRE_BITS,
    HEADLINE_MARK,
    LEAD,
    LEAD_MARK,
    LONGEST,
    TAIL,
    TAIL_MARK,
    article_rows,
    find_grams,
)
from classifier.model import Model
from classifier.page.jumps import find_jumps
from classifier.text.paragraphs import split_paragraphs
from classifier.text.spacing import close_up
from classifier.text.tokens import Tokens, tokenise

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

SHOWN = 8
"""Terms that are given of each kind, unless asked for others."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a sum: what it stands for and what it adds."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one article is what it is."""

    article: Article
    runner_up: str
    """The genre that came second; ``""`` where the model knows but one."""
    speaks_for: tuple[Term, ...]
    """What speaks for the best genre and against the runner-up: differences of the two scores, greatest first."""
    speaks_against: tuple[Term, ...]
    """What speaks for the runner-up."""
    cues: tuple[Term, ...]
    """What makes a boundary of the gap before the article, or none: logits, greatest first; empty for the first."""
    context: tuple[Term, ...]
    """The same of the second pass, which sees the scores of the gaps around, and of the third, which sees all at once:
    what its conjunctions add is shared out among the aspects they ask for."""
    jump: bool
    """Whether a jump line opens the article: a certainty, whatever the terms say."""


def explain(model: Model, text: str, *, shown: int = SHOWN) -> list[Reason]:
    """Split a page and say of each article what made its boundary and its genre.

    Parameters
    ----------
    shown
        Terms given of each kind.
    """
    closed = close_up(text)
    if closed is None:
        return _explain(model, text, shown)
    reasons = _explain(model, closed.text, shown)
    articles = closed.restore([reason.article for reason in reasons])
    return [replace(reason, article=article) for reason, article in zip(reasons, articles, strict=True)]


def _explain(model: Model, text: str, shown: int) -> list[Reason]:
    page = Page(text, split_paragraphs(text))
    tokens = tokenise(text, model.cutter)
    n = len(page.paragraphs)
    if n == 0:
        return []
    jumps = find_jumps(page)
    proba = model.segmenter.predict_proba(tokens, page.paragraphs)
    ends = find_ends(model.segmenter, page, proba, jumps)
    cut = Segmentation(page, ends, jumps, proba)
    (articles,) = build_articles([cut], tokens, genre=model.genre, top_k=2)
    heads = find_headlines(cut)
    spans = boundaries(ends)
    gaps = explain_gaps(model, page, tokens, [first for first, _ in spans[1:]], shown=shown)
    reasons = []
    for article, (first, last), (_, start, head), (cues, context) in zip(
        articles, spans, heads, [((), ()), *gaps], strict=True
    ):
        best, runner_up = (*(genre for genre, _ in article.top), "")[:2]
        terms = explain_genre(model.genre, tokens, start, article.end, head, best=best, against=runner_up)
        pro = tuple(term for term in terms if term.weight > 0)[:shown]
        contra = tuple(term for term in terms[::-1] if term.weight < 0)[:shown]
        # Above the mark may stand the headline of what it opens.
        jump = any(mark.opens and at - mark.titles <= first <= at < last for at, mark in jumps.items())
        reasons.append(Reason(article, runner_up, pro, contra, cues, context, jump))
    return reasons


# --- Genre -----------------------------------------------------------------------------------------------------------


def explain_genre(
    genre: GenreModel, tokens: Tokens, start: int, end: int, head: int, *, best: str, against: str
) -> list[Term]:
    """Return what each feature of an article adds to the score of ``best`` less that of ``against``, greatest first.

    The terms and the difference of the two biases add up to the difference of the scores. ``head`` is where the
    headline ends. A bucket that several words share bears the names of all.
    """
    at = [np.array([value], dtype=np.int64) for value in (start, end, head)]
    rows = article_rows(tokens, *at)
    values = rows.values * genre.idf[rows.columns].astype(np.float32)
    length = float(np.sqrt(values @ values))
    if length == 0:
        return []
    weights = genre.weights[rows.columns].astype(np.float32)
    difference = weights[:, genre.genres.index(best)]
    if against:
        difference = difference - weights[:, genre.genres.index(against)]
    added = values / length * difference
    names = _names(tokens, start, end, head)
    order = np.lexsort((rows.columns, -added))
    return [Term(" | ".join(names.get(int(rows.columns[i]), ["?"])), float(added[i])) for i in order]


def _names(tokens: Tokens, start: int, end: int, head: int) -> dict[int, list[str]]:
    """Return the names of the buckets of an article."""
    names: dict[int, dict[str, None]] = {}
    limit = min(end, start + LONGEST)
    lengths = {int(begin): int(size) for begin, size in zip(tokens.starts, tokens.lengths, strict=True)}
    grams = find_grams(tokens, np.array([start]), np.array([limit]))
    for kind, (offsets, bucket) in enumerate(grams):
        for offset, code in zip(offsets.tolist(), bucket.tolist(), strict=True):
            size = lengths[offset] if kind == 0 else kind
            word = _text(tokens.codes[offset : offset + size])
            names.setdefault(code, {})[word] = None
            if offset < head:
                names.setdefault(code ^ HEADLINE_MARK, {})[f"{word} in the headline"] = None
            elif offset < head + LEAD:
                names.setdefault(code ^ LEAD_MARK, {})[f"{word} in the lead"] = None
            if offset >= max(head, limit - TAIL):
                names.setdefault(code ^ TAIL_MARK, {})[f"{word} at the end"] = None
    forms = form.describe_forms(tokens.codes, np.array([start]), np.array([limit]), np.array([head]))
    for name, code in zip(form.labels(forms[0]), form.form_buckets(forms, GENRE_BITS)[0].tolist(), strict=True):
        names.setdefault(code, {})[name] = None
    title = tokens.codes[start:head]
    column, found = form.column_name(title), form.column_bucket(title, GENRE_BITS)
    if column is not None and found is not None:
        names.setdefault(found, {})[f"column {_text(np.array(column, dtype=np.uint32))}"] = None
    return {code: list(found) for code, found in names.items()}


def _text(codes: NDArray[np.uint32]) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le", "replace")


# --- Boundaries ------------------------------------------------------------------------------------------------------


def explain_gaps(
    model: Model, page: Page, tokens: Tokens, paragraphs: Sequence[int], *, shown: int = SHOWN
) -> list[tuple[tuple[Term, ...], tuple[Term, ...]]]:
    """Return the greatest terms, by amount, of the first pass and of the others for the gaps before some paragraphs.

    A page longer than one window is described whole here, so its terms may differ a little from those that counted.
    """
    if not paragraphs:
        return []
    segmenter = model.segmenter
    gaps = segmenter.describe(tokens, page.paragraphs)
    contexts = context_ids(gaps, segmenter.first_scores(gaps))
    seen, _ = segmenter.third_pass(gaps, contexts)
    found = []
    for gap in (paragraph - 1 for paragraph in paragraphs):
        first, second = gaps.ids[gap], contexts[gap]
        cues = _first_terms(first, segmenter.first[first])
        context = _second_terms(second, segmenter.second[second])
        third = _third_terms(segmenter.turns, [aspects[:, gap] for aspects in seen])
        found.append((_greatest(cues, shown), _greatest(chain(context, third), shown)))
    return found


def _greatest(terms: Iterator[Term], shown: int) -> tuple[Term, ...]:
    found = [term for term in terms if abs(term.weight) >= 0.005]
    return tuple(sorted(found, key=lambda term: (-abs(term.weight), term.name))[:shown])


def _range(name: str, edges: NDArray[np.floating], number: int) -> str:
    """Return a bin in words: ``line length under 12``."""
    low = f"{edges[number - 1]:g}" if number > 0 else ""
    high = f"{edges[number]:g}" if number < len(edges) else ""
    if low and high:
        return f"{name} {low} to {high}"
    return f"{name} under {high}" if high else f"{name} {low} or more"


_PLACES = {-2: "two blocks before", -1: "block before", 0: "this block", 1: "next block", 2: "block after next"}


def _first_terms(ids: NDArray[np.int32], weights: Floats) -> Iterator[Term]:
    """Yield the terms of the first pass, n-grams of one place as one term."""
    column = 0
    for number, (name, edges) in enumerate(MEASURES.items()):
        yield Term(_range(name, edges, int(ids[column]) - number * features.BINS), float(weights[column]))
        column += 1
    for number, places in enumerate(features.TYPE_GRAMS):
        code = int(ids[column]) - features.OFFSET_TYPES - number * features.TYPE_GRAM_IDS
        kinds = []
        for _ in places:
            code, kind = divmod(code, N_TYPES)
            kinds.append(TYPES[kind])
        shown = ", ".join(f"{_PLACES[place]} {kind}" for place, kind in zip(places, kinds[::-1], strict=True))
        yield Term(shown, float(weights[column]))
        column += 1
    for count, name in (
        (features.N_CROSSES, "ends of sentences, blank lines and indents"),
        (features.N_GROUPS, "headline group"),
    ):
        yield Term(name, float(weights[column : column + count].sum()))
        column += count
    for names in features.PRODUCTS:
        yield Term(" × ".join(names), float(weights[column]))
        column += 1
    for place in ("the line before", "this line", "the line after the block"):
        head = column + HEAD_GRAMS
        yield Term(f"first characters of {place}", float(weights[column:head].sum()))
        yield Term(f"last characters of {place}", float(weights[head : column + GRAMS].sum()))
        column += GRAMS


_EDGES = MEASURES | CONTEXT
"""Edges of the aspects that are bins of a measurement."""


def _third_terms(turns: Sequence[Conjunctions], seen: Sequence[NDArray[np.int16]]) -> Iterator[Term]:
    """Yield what each aspect adds in the conjunctions that ask for it; their mean tells nothing of a gap.

    ``seen`` are the aspects of the gap in each turn. What is the same in several turns is one term.
    """
    terms: dict[str, float] = {}
    for turn, aspects in zip(turns, seen, strict=False):
        _, added = turn.shares(aspects)
        for name, value, weight in zip(ASPECTS, aspects.tolist(), added.tolist(), strict=True):
            shown = _aspect(name, value)
            terms[shown] = terms.get(shown, 0.0) + weight
    for shown, weight in terms.items():
        yield Term(f"{shown}, with others", weight)


def _aspect(name: str, value: int) -> str:
    """Return an aspect of a gap in words."""
    if name in _EDGES:
        return _range(name, _EDGES[name], value)
    return f"{name}: {TYPES[value]}" if name.startswith("type of block") else name


def _second_terms(ids: NDArray[np.int32], weights: Floats) -> Iterator[Term]:
    """Yield the terms of the second pass."""
    column = 0
    for number, (name, edges) in enumerate(CONTEXT.items()):
        yield Term(_range(name, edges, int(ids[column]) - number * CONTEXT_BINS), float(weights[column]))
        column += 1
    for one, other in PAIRS:
        yield Term(f"{one} × {other}", float(weights[column]))
        column += 1
    for name in ("block before and this block", "this block and next block"):
        yield Term(f"own score × {name}", float(weights[column]))
        column += 1
