"""Articles cut in two and set on pages, for tests of stories."""

from __future__ import annotations

from classifier.document import Article
from classifier.story import Part
from tests.conftest import Text


def part(
    page: str, text: str, *, title: str = "", line: int = 1, source: str | None = None, on: str | None = None
) -> Part:
    top = (("rural", 0.8),)
    last = line + text.count("\n")
    return Part(
        f"1998-05-12/{page}.txt",
        page,
        Article(0, len(text), line, last, title, "rural", 0.8, top, 1.0, source, on),
        text,
    )


def whole(page: str, text: Text, *, line: int = 1) -> Part:
    return part(page, text.whole, title=text.lines[0], line=line)


def cut(text: Text, *, at: int = 10) -> tuple[str, str]:
    """Cut an article in two inside a paragraph near its middle."""
    middle = len(text.lines) // 2
    line = text.lines[middle]
    assert len(line) > 2 * at
    return "\n".join([*text.lines[:middle], line[:at]]), "\n".join([line[at:], *text.lines[middle + 1 :]])


def pick_long(texts: list[Text]) -> list[Text]:
    """Return six articles of one genre each, long enough to be cut."""
    found: dict[str, Text] = {}
    for text in texts:
        if len(text.lines) >= 5 and len(text.lines[len(text.lines) // 2]) > 60 and len(text.lines[0]) < 40:
            found.setdefault(text.genre, text)
    assert len(found) >= 6
    return list(found.values())[:6]
