"""What is sound but will make a model worse: twins, conflicts between labels, genres too rare, garbled text."""

from __future__ import annotations

from collections.abc import Iterable

from classifier.labelled.corpus import Corpus
from classifier.labelled.duplicates import find_twins
from classifier.rendering.listing import counted
from classifier.text.mojibake import find_sign

ENOUGH = 12
"""Texts of a genre the model does not know yet: fewer teach it little."""


def check(corpus: Corpus, *, known: Iterable[str] = ()) -> list[str]:
    """Return a line for each thing in sound data that will make a model worse.

    These are twins, conflicts of labels, files that are not read, genres that are too rare, garbled text.

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
    return findings + list(corpus.ignored) + rare_genres(corpus, known=known)


def rare_genres(corpus: Corpus, *, known: Iterable[str]) -> list[str]:
    """Return a line for each genre that is not among those ``known`` and has too few texts to be learned."""
    known = set(known)
    return [
        f"{genre}: only {counted(number, 'text')} of this genre; add {ENOUGH - number} or more, or correct its name"
        for genre, number in sorted(corpus.count().items())
        if number < ENOUGH and genre not in known
    ]


def _mojibake(path: str, text: str) -> list[str]:
    match = find_sign(text)
    if match is None:
        return []
    line = text.count("\n", 0, match.start()) + 1
    return [f"{path}:{line}: {match.group()!r} comes of reading text in a wrong encoding; save it anew from its source"]
