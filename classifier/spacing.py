"""Blanks between all characters, as Tesseract leaves them in Chinese text: found, taken out, offsets brought back.

Nothing but single blanks is taken out, so the lines of a text stay the ones they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.document import Article
from classifier.paragraphs import BLANK, codepoints
from classifier.tokens import HAN, classify_chars, normalise

_RARE = 10
"""A text with fewer blanks than one in so many characters is not looked at."""

_LEAST = 8
"""Fewer blanks than this between Han characters are no habit: any list of names has them."""

_SHARE = 0.65
"""Least share of blanks between neighbouring Han characters. Recognised text has .9; of 36,000 pages and articles none
has more than .16; a list of names of two characters would have .5, and keeps its blanks."""

_WIDE = 0x2E80
"""The first code point of those as wide as a Han character: radicals, marks, Han, full-width forms."""

_WIDE_MARKS = "“”‘’—…·"
"""Marks below it that Chinese text sets as wide."""


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A text without the blanks between its characters."""

    text: str
    offsets: NDArray[np.int64]
    """Where each character of ``text`` stands in the text as it was, (n_characters,)."""

    def restore(self, articles: Sequence[Article]) -> tuple[Article, ...]:
        """Return articles of the closed text with offsets into the text as it was. Line numbers are the same."""
        return tuple(
            replace(article, start=int(self.offsets[article.start]), end=int(self.offsets[article.end - 1]) + 1)
            for article in articles
        )


def close_up(text: str) -> Closed | None:
    """Take the single blanks beside Han characters and wide marks out of a text that has them all over.

    Returns ``None`` for a text that has not, which is told from the number of its blanks in nearly all cases.
    """
    if text.count(" ") * _RARE < len(text):
        return None
    codes = codepoints(text)
    space = codes == ord(" ")
    inside = space[1:-1]
    han = classify_chars(normalise(codes)) == HAN
    spaced = int((han[:-2] & inside & han[2:]).sum())
    if spaced < _LEAST or spaced < _SHARE * (spaced + int((han[:-1] & han[1:]).sum())):
        return None
    ink = ~BLANK.take(codes, mode="clip")
    wide = ink & ((codes >= _WIDE) | np.isin(codes, codepoints(_WIDE_MARKS)))
    keep = np.ones(len(codes), dtype=np.bool_)
    keep[1:-1] = ~(inside & ink[:-2] & ink[2:] & (wide[:-2] | wide[2:]))
    offsets = np.flatnonzero(keep)
    closed = codes[offsets].astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")
    return Closed(closed, offsets)


def closed_up(text: str) -> str:
    """Return a text without the blanks between its characters, if it has them, else the text itself."""
    closed = close_up(text)
    return text if closed is None else closed.text
