"""Several texts set one after another, so that what is done to arrays is done once for all of them.

On the few hundred numbers of a page or an article a call of NumPy costs more than its work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np

from classifier.document import Page, Paragraphs
from classifier.page.masthead import MOST_LINES, count_lines
from classifier.text.paragraphs import split_paragraphs
from classifier.text.tokens import Cutter, Tokens, tokenise

MOST = 1 << 15
"""Characters of a bundle: bounds its memory, and what is worked on stays near the processor."""

MOST_TEXTS = 1 << 9
"""Texts of a bundle: what is kept of each takes memory however short it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """Texts set one after another, each with a line end behind it, read and tokenised as one."""

    texts: tuple[str, ...]
    page: Page
    """The texts as one; its lines are counted text by text."""
    tokens: Tokens
    offsets: tuple[int, ...]
    """Where each text begins, and the end: (n_texts + 1,)."""
    bounds: tuple[int, ...]
    """Paragraphs before each text, and all: (n_texts + 1,)."""

    @classmethod
    def of(cls, texts: Sequence[str], cutter: Cutter, *, longest: int | None = None) -> Bundle:
        """Read texts.

        With ``longest`` a single text is tokenised up to the first line end so many characters below its masthead.
        """
        if len(texts) == 1:
            return cls._of_one(texts[0], cutter, longest)
        whole = "\n".join([*texts, ""])
        offsets = tuple(accumulate((len(text) + 1 for text in texts), initial=0))
        found = split_paragraphs(whole)
        bounds = found.starts.searchsorted(offsets)
        breaks = np.cumsum([0, *(len(whole[low:high].splitlines()) for low, high in pairwise(offsets))])
        lines = found.lines - np.repeat(breaks[:-1], np.diff(bounds))
        page = Page(whole, replace(found, lines=lines))
        return cls(tuple(texts), page, tokenise(whole, cutter), offsets, tuple(bounds.tolist()))

    @classmethod
    def _of_one(cls, text: str, cutter: Cutter, longest: int | None) -> Bundle:
        page = Page(text, split_paragraphs(text))
        n = len(page.paragraphs)
        end = text.find("\n", _text_start(page) + longest) if longest and len(text) > longest and n else 0
        tokens = tokenise(text[:end] if end > 0 else text, cutter)
        return cls((text,), page, tokens, (0, len(text)), (0, n))

    def paragraphs(self, number: int) -> Paragraphs:
        """Return the paragraphs of one text, with offsets into the whole."""
        return self.page.paragraphs[self.bounds[number] : self.bounds[number + 1]]

    def pages(self) -> list[Page]:
        """Return each text as a page of its own."""
        if len(self.texts) == 1:
            return [self.page]
        found = []
        for number, (text, offset) in enumerate(zip(self.texts, self.offsets[:-1], strict=True)):
            lines = self.paragraphs(number)
            found.append(Page(text, Paragraphs(lines.starts - offset, lines.ends - offset, lines.lines)))
        return found


def _text_start(page: Page) -> int:
    """Return the offset of the first line below the masthead: what is read of a long text is counted from there."""
    top = page.paragraphs[: MOST_LINES + 1]
    lines = [page.text[start:end] for start, end in zip(top.starts.tolist(), top.ends.tolist(), strict=True)]
    return int(top.starts[count_lines(lines)])


def bundles(texts: Iterable[str], *, longest: int = MOST) -> Iterator[list[str]]:
    """Yield the texts in bundles, in order. One of more than ``longest`` characters is alone in its own."""
    bundle: list[str] = []
    size = 0
    for text in texts:
        if bundle and (len(text) > longest or size + len(text) >= MOST or len(bundle) >= MOST_TEXTS):
            yield bundle
            bundle, size = [], 0
        bundle.append(text)
        size += len(text) + 1
        if len(text) > longest:
            yield bundle
            bundle, size = [], 0
    if bundle:
        yield bundle
