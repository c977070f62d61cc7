"""What is shown of an article: its title, or its first words."""

from __future__ import annotations

import re

from classifier.document import Article

FIRST_WORDS = 24
"""Most characters shown of an article without headline: half a terminal line, as each is two columns wide."""


def heading(article: Article, page_text: str) -> str:
    """Return an article's title or, after ``…``, its first words."""
    return article.title or "…" + first_words(page_text[article.start : article.end])


_SENTENCE_END = re.compile("[。！？!?；;]")


_JUMP_LINE = re.compile(r"\W{0,4}(?:上接|紧接|緊接|接第)[^\n。]{1,10}?[版页頁][)）〕】\]》]?\s*")
"""A jump line and no more, also where :mod:`classifier.page.jumps` cannot tell it from prose: ``上接A01版“灯亮了``."""


def first_words(text: str) -> str:
    r"""Return the beginning of a text: its first sentence, or as much of it as fits in ``FIRST_WORDS``.

    Lines are joined while they are short, as in hard-wrapped columns. What says nothing of the text is left out: a
    masthead and a jump line above it, blanks between all characters.

    >>> first_words("(上接1版)\n\n第三，我们要坚持开拓。会上")
    '第三，我们要坚持开拓'
    """
    from classifier.page.jumps import find_jump, without_jump
    from classifier.page.masthead import count_lines
    from classifier.text.spacing import closed_up

    lines = [line for line in closed_up(text[: 40 * FIRST_WORDS]).splitlines() if line.strip()]
    lines = lines[count_lines(lines) :]
    if lines and (found := _JUMP_LINE.match(lines[0])):
        lines[0] = lines[0][found.end() :]
    elif lines and (jump := find_jump(lines[0])) is not None and jump.opens:
        lines[0] = without_jump(lines[0])
    if lines and not lines[0].strip():
        lines = lines[1:] or [line for line in text.split("\n") if line.strip()][:1]
    words = ""
    for line in lines:
        words += " ".join(line.split())
        if len(words) >= FIRST_WORDS // 2:
            break
    words = words[:FIRST_WORDS]
    end = _SENTENCE_END.search(words, FIRST_WORDS // 4)
    return words[: end.start()] if end else words
