"""TextTiling (Hearst 1997), the implementation of NLTK.

NLTK drops every character that is not a Latin letter, so each word becomes a Latin token of its own: the words of a
Chinese line as jieba cuts them. Lines are given as paragraphs; NLTK puts boundaries between paragraphs only.
"""

from __future__ import annotations

from bisect import bisect_left
from string import ascii_lowercase

from nltk.tokenize import TextTilingTokenizer

from benchmarks.peers.words import content_words


def segment(lines: list[str], *, n_segments: int | None = None) -> list[int]:  # noqa: ARG001 - the shape of a peer
    """Cut a page where TextTiling with NLTK's own parameters does; a page too short for it is one segment."""
    if not lines:
        return []
    ids: dict[str, int] = {}
    text, stops = "", []
    for line in lines:
        words = [ids.setdefault(word, len(ids)) for word in content_words(line)]
        text += " ".join(map(latin, words)) + "\n\n"
        stops.append(len(text))
    try:
        tiles = TextTilingTokenizer(stopwords=frozenset()).tokenize(text)
    except ValueError:  # "No paragraph breaks were found (text too short perhaps?)", or fewer words than a block
        return [len(lines)]
    ends, offset = set(), 0
    for tile in tiles:
        offset += len(tile)
        ends.add(bisect_left(stops, offset) + 1)
    return sorted({min(end, len(lines)) for end in ends} | {len(lines)})


def latin(number: int) -> str:
    """Return a number as a word of Latin letters, at least three."""
    letters = ""
    while number or len(letters) < 3:
        number, rest = divmod(number, 26)
        letters += ascii_lowercase[rest]
    return letters
