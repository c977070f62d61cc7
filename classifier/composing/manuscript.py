"""One article as its parts, and the lines it comes to in a house style: headline, body, what is cut off it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from classifier.composing import phrases
from classifier.composing.style import Style


@dataclass(frozen=True, slots=True)
class Manuscript:
    """One article as its parts, before it is set on a page."""

    title: str
    paragraphs: tuple[str, ...]
    intro: str = ""
    subtitle: str = ""
    byline: str = ""
    captions: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    """Those of ``paragraphs`` that are subheads."""
    credit: bool = False
    """The page's credits (本版责编 …): set as they are, an item of their own."""


Line = tuple[str, str]
"""Kind and text of a line: ``head``, ``para`` or ``line``."""

Body = list[tuple[str, bool]]
"""Lines and whether each is a paragraph: subheads and captions are none."""

_DATELINE = re.compile(
    r"^\s*(?:(?:本报|新华社|据新华社|人民网|中新社|中新网)[^，。]{0,14}(?:电|讯)\s*(?:[（(][^）)]{2,40}[）)])?"
    r"|[（(](?:本报)?记者[^）)]{2,30}[）)]|【[^】]{2,12}】)\s*[：:]?"
)
_COLUMN = re.compile(r"[（(][^）)]{2,24}[）)]\s*$")
_SENTENCE_END = re.compile(r"[。！？]”?")


def write(story: Manuscript, style: Style, rng: random.Random) -> list[Line]:
    """Return the lines of an article in a style; none where it has no text."""
    if story.credit:
        return [("line", line) for line in (story.title, *story.paragraphs)]
    if story.title and story.paragraphs and rng.random() < style.picture:
        return _picture(story, style, rng)
    body = _body(story, style, rng)
    if not body:
        return []
    headed = rng.random() < style.headline
    opening: list[Line] = []
    if len(body) > 2 and rng.random() < style.headless:
        body = _behead(body, rng)
        if rng.random() < style.jump:
            opening = _continue(body, story, style, rng)
    elif headed:
        opening = [("head", line) for line in _head(story, style, rng)]
        text, real = body[0]
        if real and rng.random() < style.glued_byline and style.byline_forms:
            body[0] = (f"{phrases.fill(rng.choice(style.byline_forms), rng)} {text}", True)
    elif rng.random() < style.orphan_byline:
        opening = [("head", line) for line in _byline(story, style, rng)]
    if len(body) > 1 and rng.random() < style.cut_short:
        body = _cut_short(body, style, rng)
    return opening + [("para" if real else "line", text) for text, real in body]


def _phrase(paragraph: str, rng: random.Random, limit: int = 22) -> str:
    """Return the first clause of a sentence of ``paragraph``: the raw stuff of captions and made-up subheads."""
    clauses = [c for c in re.split(r"[，。；：！？“”‘’（）《》、]", paragraph) if 4 <= len(c) <= limit]
    return rng.choice(clauses) if clauses else paragraph[:limit]


def _split_title(title: str, rng: random.Random) -> list[str]:
    parts = re.split(r"\s+", title)
    if len(parts) == 2:
        return parts
    if len(title) < 10:
        return [title]
    middle = len(title) // 2 + rng.randint(-3, 3)
    for reach in range(4):
        for at in (middle - reach, middle + reach):
            if 3 < at < len(title) - 2 and title[at - 1] in "，：、！？ ”》":
                return [title[:at], title[at:].strip()]
    return [title[:middle], title[middle:].strip()]


def _title_lines(story: Manuscript, style: Style, rng: random.Random) -> list[str]:
    title = story.title.strip()
    if not title:
        return []
    if style.strip_column:
        title = _COLUMN.sub("", title) or title
    if len(title) > 12 and rng.random() < style.short_title:
        title = _short_title(title, rng)
    choice = rng.random()
    if choice < 0.4:
        title = re.sub(r"\s+", " ", title)
    elif choice < 0.55:
        title = re.sub(r"\s+", "", title)
    if rng.random() < style.split_title:
        return [line for line in _split_title(title, rng) if line]
    return [title]


def _head(story: Manuscript, style: Style, rng: random.Random) -> list[str]:
    lines: list[str] = []
    if style.columns and rng.random() < style.column_name:
        lines.append(rng.choice(style.columns))
    byline = _byline(story, style, rng) if rng.random() < style.byline else []
    if byline and rng.random() < style.byline_first:
        lines, byline = lines + byline, []
    if story.intro and rng.random() < style.intro:
        lines.append(re.sub(r"\s+", " ", story.intro.replace("\n", " ")).strip())
    elif story.title and story.paragraphs and rng.random() < style.kicker:
        lines.append(_phrase(rng.choice(story.paragraphs[:3]), rng))
    lines += _title_lines(story, style, rng)
    if story.subtitle and rng.random() < style.subtitle:
        lines.append(story.subtitle.replace("\n", " ").strip())
    elif story.title and story.paragraphs and rng.random() < style.deck:
        lines += _deck(story, rng)
    return lines + byline


def _deck(story: Manuscript, rng: random.Random) -> list[str]:
    """Make up the lines below a headline from what the text says."""
    count = rng.choice((1, 1, 1, 2, 3))
    found = [_phrase(rng.choice(story.paragraphs[:4]), rng, rng.choice((12, 22))) for _ in range(count)]
    form = rng.choice(("{}", "{}", "{}", "——{}", "●{}", "◆{}"))
    if count > 1 and rng.random() < 0.3:
        return [" ".join(found)]
    return [form.format(line) for line in found]


def _short_title(title: str, rng: random.Random) -> str:
    """Return one clause of a headline, or two where one says too little."""
    parts = [part for part in re.split(r"[\s，：:；;！？!?|｜丨—…]+", title) if len(part) > 2]
    if len(parts) < 2:
        return title
    at = rng.randrange(len(parts))
    part = parts[at]
    if len(part) < 5 and at + 1 < len(parts):
        part = f"{part} {parts[at + 1]}"
    return part if len(part) >= 4 else title


def _byline(story: Manuscript, style: Style, rng: random.Random) -> list[str]:
    if style.own_bylines:
        return [phrases.fill(rng.choice(style.byline_forms), rng)]
    return [story.byline.replace("\n", " ").strip()] if story.byline else []


def _body(story: Manuscript, style: Style, rng: random.Random) -> Body:
    body = _paragraphs(story, style, rng)
    if body:
        _begin(body, style, rng)
        if rng.random() < style.signature and body[-1][1]:
            body[-1] = (body[-1][0] + phrases.fill(rng.choice(style.signature_forms), rng), True)
        _add_captions(body, story, style, rng)
        if len(body) > 3 and rng.random() < style.box:
            _add_box(body, rng)
        if rng.random() < style.end_line:
            for _ in range(1 if rng.random() < 0.8 else 2):
                body.append((phrases.fill(rng.choice(style.end_forms or phrases.END_LINES), rng), False))
    return body


def _paragraphs(story: Manuscript, style: Style, rng: random.Random) -> Body:
    """Return the paragraphs, and subheads between them: some of the article's own, some made up."""
    heads = set(story.heads)
    paragraphs = [p.strip() for p in story.paragraphs if p.strip()]
    if style.max_paragraphs:
        paragraphs = paragraphs[: style.max_paragraphs]
    body: Body = []
    for number, paragraph in enumerate(paragraphs):
        if paragraph in heads:
            if rng.random() < style.subheads:
                body.append((paragraph, False))
            continue
        if number and len(paragraph) > 60 and rng.random() < style.make_subheads:
            body.append((_subhead(paragraph, rng), False))
        body.append((paragraph, True))
    return body


def _begin(body: Body, style: Style, rng: random.Random) -> None:
    """Put a note before the first paragraph, and a dateline of the house into it in place of its own."""
    first = next((i for i, (_, real) in enumerate(body) if real), None)
    if first is None:
        return
    if rng.random() < style.note:
        note = phrases.fill(rng.choice(phrases.EDITORIAL), rng, _phrase(body[first][0], rng))
        body.insert(first, (note, False))
        first += 1
    if style.own_bylines:
        text = _DATELINE.sub("", body[first][0]).lstrip() or body[first][0]
        if rng.random() < style.dateline:
            text = phrases.fill(rng.choice(style.dateline_forms), rng) + text
        body[first] = (text, True)


def _add_captions(body: Body, story: Manuscript, style: Style, rng: random.Random) -> None:
    """Set the article's captions, or one made up, before the text, after it or within it."""
    captions = [c.replace("\n", " ").strip() for c in story.captions if c.strip()]
    if not captions and rng.random() < style.captions * 0.4:
        source = rng.choice(body)[0]
        captions = [phrases.fill(rng.choice(phrases.CAPTIONS), rng, _phrase(source, rng))]
    if captions and rng.random() < style.captions:
        at = rng.choice((0, len(body), len(body), rng.randint(0, len(body))))
        body[at:at] = [(caption, False) for caption in captions[:3]]


def _add_box(body: Body, rng: random.Random) -> None:
    """Set a small box among the paragraphs."""
    at = rng.randint(2, len(body))
    text = rng.choice([line for line, real in body if real] or [body[0][0]])
    body[at:at] = [(rng.choice(phrases.BOXES), False), (_phrase(text, rng, 40) + "，" + text[:120], True)]


def _subhead(paragraph: str, rng: random.Random) -> str:
    phrase = _phrase(paragraph, rng, 16)
    form = rng.choice(
        (
            "{}",
            "{}",
            "{}",
            "{} {}",
            "{}　{}",
            "{}，{}",
            "一、{}",
            "（二）{}",
            "■{}",
            "{}？",
            "“{}”",
            "01 {}",
            "●{}",
            "{}：",
        )
    )
    return form.format(phrase, _phrase(paragraph, rng, 10))


def _behead(body: Body, rng: random.Random) -> Body:
    """Return the rest of a body whose beginning is on another page; it may begin within a sentence."""
    body = body[rng.randint(1, max(1, len(body) - 2)) :]
    if not body[0][1] and len(body) > 1:
        body = body[1:]
    text, real = body[0]
    if real and len(text) > 60 and rng.random() < 0.5:
        stop = _SENTENCE_END.search(text, rng.randint(0, len(text) // 2))
        if stop and len(text) - stop.end() > 20:
            body[0] = (text[stop.end() :], True)
        elif rng.random() < 0.5:
            body[0] = (text[rng.randint(5, len(text) // 2) :], True)
    return body


def _continue(body: Body, story: Manuscript, style: Style, rng: random.Random) -> list[Line]:
    """Return a line that says where the article began, or put it before the first words of ``body``."""
    jump = phrases.fill(rng.choice(phrases.JUMPS_IN), rng)
    if rng.random() >= 0.85:
        body[0] = (jump + body[0][0], True)
        return []
    opening: list[Line] = [("line", jump)]
    if story.title and rng.random() < 0.15:
        opening.insert(rng.randint(0, 1), ("head", _title_lines(story, style, rng)[0]))
    return opening


def _cut_short(body: Body, style: Style, rng: random.Random) -> Body:
    """Return the beginning of a body that goes on on another page; it may end within a sentence, or say where."""
    body = body[: rng.randint(1, len(body))]
    text, real = body[-1]
    jumped = rng.random() < style.jump
    if real and len(text) > 40 and (not jumped or rng.random() < 0.6):
        body[-1] = (text[: rng.randint(20, len(text) - 3)], True)
    if jumped:
        jump = phrases.fill(rng.choice(phrases.JUMPS_OUT), rng)
        if rng.random() < 0.6:
            body.append((jump, False))
        else:
            body[-1] = (body[-1][0] + jump, body[-1][1])
    return body


def _picture(story: Manuscript, style: Style, rng: random.Random) -> list[Line]:
    """Return a picture's caption as an article of its own, with or without a headline."""
    text = _first_sentences(rng.choice(story.paragraphs[:2]), rng.choice((40, 70, 110)))
    caption = phrases.fill(rng.choice(phrases.CAPTIONS), rng, text.rstrip("。"))
    choice = rng.random()
    if choice < 0.3:
        return [("line", caption)]
    if choice < 0.55:
        return [("head", rng.choice(("图片新闻", "图片报道", "图说", "新闻图片", "摄影报道"))), ("line", caption)]
    return [("head", line) for line in _title_lines(story, style, rng)] + [("line", caption)]


def _first_sentences(paragraph: str, limit: int) -> str:
    """Return the sentences that end within ``limit`` characters, or the first clauses where none does."""
    cut = max(paragraph.rfind("。", 0, limit), 0) or max(paragraph.rfind("，", 0, limit), 0)
    return paragraph[: cut + 1].rstrip("，") if cut > 12 else paragraph[:limit]
