"""What stands between the characters of a text and says nothing: taken out for the models, offsets brought back.

That is the first half of a Windows line end, and, in text that has them all over, the blanks that Tesseract leaves
between Chinese characters and others between all. The lines of a text stay the ones they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.document import Article
from classifier.text.paragraphs import BLANK, codepoints
from classifier.text.tokens import HAN, classify_chars, normalise

_RARE = 10
"""A text with fewer blanks than one in so many characters is not looked at for them."""

_LEAST = 8
"""Fewer blanks than this between Han characters are no habit: any list of names has them."""

_SHARE = 0.65
"""Least share of blanks between neighbouring Han characters. Recognised text has .9; of 36,000 pages and articles none
has more than .16; a list of names of two characters would have .5, and keeps its blanks."""

_WIDE = 0x2E80
"""The first code point of those as wide as a Han character: radicals, marks, Han, full-width forms."""

_WIDE_MARKS = "“”‘’—…·"
"""Marks below it that Chinese text sets as wide."""

Codes = NDArray[np.uint32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A text without what was taken out."""

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
    r"""Take out of a text each ``\r`` before a ``\n`` and, if they are all over, the blanks between single characters.

    Returns ``None`` for a text that has neither, which is told from the number of its blanks in nearly all cases.
    """
    windows, many = "\r\n" in text, text.count(" ") * _RARE >= len(text) > 0
    if not windows and not many:
        return None
    codes = codepoints(text)
    keep = np.ones(len(codes), dtype=np.bool_)
    if windows:
        returns = codes == ord("\r")
        ends = returns[:-1] & (codes[1:] == ord("\n"))
        ends[1:] &= ~returns[:-2]  # of "\r\r\n" the first is a line end of its own, and would be one with the "\n"
        keep[:-1] &= ~ends
    if many and _is_spaced(codes):
        keep[1:-1] &= ~_blanks(codes)
    if keep.all():
        return None
    offsets = np.flatnonzero(keep)
    closed = codes[offsets].astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")
    return Closed(closed, offsets)


def closed_up(text: str) -> str:
    """Return a text without what :func:`close_up` takes out, or the text itself."""
    closed = close_up(text)
    return text if closed is None else closed.text


def _is_spaced(codes: Codes) -> bool:
    """Tell whether single blanks between Han characters are the rule."""
    han = classify_chars(normalise(codes)) == HAN
    spaced = int((han[:-2] & (codes[1:-1] == ord(" ")) & han[2:]).sum())
    return spaced >= _LEAST and spaced >= _SHARE * (spaced + int((han[:-1] & han[1:]).sum()))


def _blanks(codes: Codes) -> Bools:
    """Tell which characters but the first and last are single blanks that say nothing, (n_characters - 2,).

    They stand beside a character that is wide, or between two narrow ones of which each is alone: ``9 . 8 %``. Words
    and numbers that were recognised whole stay apart: ``A4 06``.
    """
    ink = ~BLANK.take(codes, mode="clip")
    wide = ink & ((codes >= _WIDE) | np.isin(codes, codepoints(_WIDE_MARKS)))
    narrow = np.concatenate([[False], ink & ~wide, [False]])
    alone = narrow[1:-1] & ~narrow[:-2] & ~narrow[2:]
    found: Bools = (codes[1:-1] == ord(" ")) & ink[:-2] & ink[2:]
    found &= wide[:-2] | wide[2:] | (alone[:-2] & alone[2:])
    return found
