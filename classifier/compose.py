"""Pages composed from single articles, with boundaries known by construction: the training data of the segmenter.

What decides how well a segmenter carries over to a paper it has never seen is the variety of the pages it learned
from, so a page is set in a randomly drawn *house style*: its bylines, datelines, jump lines, captions, blank lines,
indents, column width, damage. Everything is drawn from one ``random.Random``, so the same seed gives the same pages.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from classifier import phrases
from classifier.style import Style


@dataclass(frozen=True, slots=True)
class Story:
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


Draw = tuple[list[Story], str]
"""The stories of one page and the kind of its style, see :func:`~classifier.style.draw_style`."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A page with its true segmentation."""

    text: str
    ends: tuple[int, ...]
    """Ascending ends of the articles in paragraphs (non-blank lines); the last is their number."""


_DATELINE = re.compile(
    r"^\s*(?:(?:本报|新华社|据新华社|人民网|中新社|中新网)[^，。]{0,14}(?:电|讯)\s*(?:[（(][^）)]{2,40}[）)])?"
    r"|[（(](?:本报)?记者[^）)]{2,30}[）)]|【[^】]{2,12}】)\s*[：:]?"
)
_COLUMN = re.compile(r"[（(][^）)]{2,24}[）)]\s*$")
_SENTENCE_END = re.compile(r"[。！？]”?")


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


def _title_lines(story: Story, style: Style, rng: random.Random) -> list[str]:
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


def _head(story: Story, style: Style, rng: random.Random) -> list[str]:
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


def _deck(story: Story, rng: random.Random) -> list[str]:
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


def _byline(story: Story, style: Style, rng: random.Random) -> list[str]:
    if style.own_bylines:
        return [phrases.fill(rng.choice(style.byline_forms), rng)]
    return [story.byline.replace("\n", " ").strip()] if story.byline else []


def _body(story: Story, style: Style, rng: random.Random) -> list[tuple[str, bool]]:
    """Return the body as (line, is a paragraph): subheads and captions are lines but not paragraphs."""
    heads = set(story.heads)
    body: list[tuple[str, bool]] = []
    paragraphs = [p.strip() for p in story.paragraphs if p.strip()]
    if style.max_paragraphs:
        paragraphs = paragraphs[: style.max_paragraphs]
    for number, paragraph in enumerate(paragraphs):
        if paragraph in heads:
            if rng.random() < style.subheads:
                body.append((paragraph, False))
            continue
        if number and len(paragraph) > 60 and rng.random() < style.make_subheads:
            body.append((_subhead(paragraph, rng), False))
        body.append((paragraph, True))
    if not body:
        return body
    first = next((i for i, (_, real) in enumerate(body) if real), None)
    if first is not None and rng.random() < style.note:
        note = phrases.fill(rng.choice(phrases.EDITORIAL), rng, _phrase(body[first][0], rng))
        body.insert(first, (note, False))
        first += 1
    if first is not None and style.own_bylines:
        text = _DATELINE.sub("", body[first][0]).lstrip() or body[first][0]
        if rng.random() < style.dateline:
            text = phrases.fill(rng.choice(style.dateline_forms), rng) + text
        body[first] = (text, True)
    if rng.random() < style.signature and body[-1][1]:
        body[-1] = (body[-1][0] + phrases.fill(rng.choice(style.signature_forms), rng), True)
    captions = [c.replace("\n", " ").strip() for c in story.captions if c.strip()]
    if not captions and rng.random() < style.captions * 0.4:
        source = rng.choice(body)[0]
        captions = [phrases.fill(rng.choice(phrases.CAPTIONS), rng, _phrase(source, rng))]
    if captions and rng.random() < style.captions:
        at = rng.choice((0, len(body), len(body), rng.randint(0, len(body))))
        body[at:at] = [(caption, False) for caption in captions[:3]]
    if len(body) > 3 and rng.random() < style.box:
        at = rng.randint(2, len(body))
        text = rng.choice([line for line, real in body if real] or [body[0][0]])
        body[at:at] = [(rng.choice(phrases.BOXES), False), (_phrase(text, rng, 40) + "，" + text[:120], True)]
    if rng.random() < style.end_line:
        for _ in range(1 if rng.random() < 0.8 else 2):
            body.append((phrases.fill(rng.choice(style.end_forms or phrases.END_LINES), rng), False))
    return body


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


def _piece(story: Story, style: Style, rng: random.Random) -> list[tuple[str, str]]:
    """Return one article as (kind, line): kinds ``head``, ``para``, ``line``."""
    if story.credit:
        return [("line", line) for line in (story.title, *story.paragraphs)]
    if story.title and story.paragraphs and rng.random() < style.picture:
        return _picture(story, style, rng)
    body = _body(story, style, rng)
    if not body:
        return []
    headed = rng.random() < style.headline
    opening: list[tuple[str, str]] = []
    if len(body) > 2 and rng.random() < style.headless:
        at = rng.randint(1, max(1, len(body) - 2))
        body = body[at:]
        if not body[0][1] and len(body) > 1:
            body = body[1:]
        text, real = body[0]
        if real and len(text) > 60 and rng.random() < 0.5:
            stop = _SENTENCE_END.search(text, rng.randint(0, len(text) // 2))
            if stop and len(text) - stop.end() > 20:
                body[0] = (text[stop.end() :], True)
            elif rng.random() < 0.5:
                body[0] = (text[rng.randint(5, len(text) // 2) :], True)
        if rng.random() < style.jump:
            jump = phrases.fill(rng.choice(phrases.JUMPS_IN), rng)
            if rng.random() < 0.85:
                opening = [("line", jump)]
                if story.title and rng.random() < 0.15:
                    opening.insert(rng.randint(0, 1), ("head", _title_lines(story, style, rng)[0]))
            else:
                body[0] = (jump + body[0][0], True)
    elif headed:
        opening = [("head", line) for line in _head(story, style, rng)]
        text, real = body[0]
        if real and rng.random() < style.glued_byline and style.byline_forms:
            body[0] = (f"{phrases.fill(rng.choice(style.byline_forms), rng)} {text}", True)
    elif rng.random() < style.orphan_byline:
        opening = [("head", line) for line in _byline(story, style, rng)]
    if len(body) > 1 and rng.random() < style.cut_short:
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
    return opening + [("para" if real else "line", text) for text, real in body]


def _picture(story: Story, style: Style, rng: random.Random) -> list[tuple[str, str]]:
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


_WRONG_POOL = phrases.COMMON


def _confusion_table() -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in phrases.CONFUSIONS.split():
        a, b = pair[0], pair[-1]
        table.setdefault(a, b)
        table.setdefault(b, a)
    return table


_CONFUSED = _confusion_table()


def damage(text: str, rate: float, rng: random.Random) -> str:
    """Return ``text`` with a share ``rate`` of its characters wrong, missing or doubled, as OCR would have it."""
    if rate <= 0:
        return text
    out: list[str] = []
    for char in text:
        if rng.random() >= rate or char.isspace():
            out.append(char)
            continue
        what = rng.random()
        if char in "，。、；：！？“”（）":
            out.append(rng.choice(("，", "。", "、", ",", ".", "·", "：", "", "'", " ", "；")))
        elif what < 0.7:
            out.append(_CONFUSED.get(char, rng.choice(_WRONG_POOL)) if rng.random() < 0.7 else rng.choice(_WRONG_POOL))
        elif what < 0.85:
            continue
        else:
            out.append(char * 2)
    return "".join(out)


_NO_START = set("，。、；：！？”’）》】…,.;:!?)")


def wrap(text: str, width: int, *, hang: bool, indent: int = 0, ragged: random.Random | None = None) -> list[str]:
    """Break ``text`` into lines of ``width`` characters; ``hang`` keeps closing marks off the start of a line.

    With ``ragged`` some lines are a character longer or shorter, as where recognition drops or doubles one.
    """
    lines: list[str] = []
    at = 0
    room = max(width - indent, 4)
    while at < len(text):
        if ragged is not None and room > 6:
            room += ragged.choice((-1, 0, 0, 0, 1))
        end = min(at + room, len(text))
        while hang and end < len(text) and text[end] in _NO_START and end - at < room + 2:
            end += 1
        lines.append(text[at:end])
        at = end
        room = width
    return lines


def _headline_lines(text: str, width: int, rng: random.Random) -> list[str]:
    """Break a headline as a designer would: in equal parts, a little shorter than the room there is."""
    room = width if width < 11 else rng.randint(max(8, width // 2), max(12, int(width * 1.6)))
    parts = -(-len(text) // room)
    size = -(-len(text) // parts)
    return [text[i : i + size].strip() for i in range(0, len(text), size) if text[i : i + size].strip()]


def _half_width(text: str) -> str:
    return text.translate(str.maketrans("，。：；！？（）“”", ',.:;!?()""'))


@dataclass(slots=True)
class _Setter:
    """Collects the lines of a page and where its articles end."""

    style: Style
    rng: random.Random
    lines: list[str] = field(default_factory=list)
    units: int = 0

    def blank(self, count: int = 1) -> None:
        self.lines.extend([""] * count)

    def put(self, line: str) -> None:
        line = line.strip("\n")
        if not line.strip():
            return
        self.lines.append(line)
        self.units += 1


def compose_page(stories: Sequence[Story], style: Style, rng: random.Random, *, simplified_to: str = "") -> Composed:
    """Set ``stories`` one after another on a page in ``style``.

    ``simplified_to`` is a string of Simplified–Traditional pairs used where the style asks for Traditional characters.
    """
    setter = _Setter(style, rng)
    ends: list[int] = []
    trad = str.maketrans(simplified_to[0::2], simplified_to[1::2]) if style.traditional and simplified_to else None
    if rng.random() < style.furniture:
        setter.put(phrases.fill(rng.choice(phrases.FURNITURE), rng))
    for number, story in enumerate(stories):
        piece = _piece(story, style, rng)
        if not piece:
            continue
        width = style.wrap[number % len(style.wrap)] if style.wrap else 0
        if setter.units and style.blank in ("all", "articles", "some"):
            setter.blank(rng.choice((1, 1, 1, 2, 3)) if style.stray_blank else 1)
        first = True
        for kind, raw in piece:
            text = damage(raw, style.wrong, rng)
            if style.half_width:
                text = _half_width(text)
            if trad is not None:
                text = text.translate(trad)
            if not text.strip():
                continue
            if not first and _gap_blank(style, rng):
                # Strays gather where the print left room: around subheads and captions.
                stray = style.stray_blank * (3 if kind == "line" else 1)
                setter.blank(rng.choice((2, 3, 3, 4)) if rng.random() < stray else 1)
            first = False
            for line in _set_block(text, kind, width, style, rng):
                if line == "":
                    setter.blank()
                else:
                    setter.put(line)
            if rng.random() < style.furniture * 0.15:
                setter.put(phrases.fill(rng.choice(phrases.FURNITURE), rng))
        if rng.random() < style.furniture:
            setter.put(phrases.fill(rng.choice(phrases.FURNITURE), rng))
        if setter.units and (not ends or setter.units > ends[-1]):
            ends.append(setter.units)
    if ends and rng.random() < style.page_credit:
        setter.put(phrases.fill(rng.choice(phrases.FURNITURE[9:]), rng))
        ends[-1] = setter.units
    return Composed("\n".join(setter.lines) + "\n", tuple(ends))


def revary(page: Composed, rng: random.Random) -> Composed:
    """Set a page whose articles are known once more: other blank lines, columns, damage, order of the articles.

    So one corrected page teaches what its articles look like and not how its lines happened to fall.
    """
    articles = _articles_of(page)
    if len(articles) > 3 and rng.random() < 0.4:
        rest = articles[1:]
        rng.shuffle(rest)
        articles = [articles[0], *rest[: rng.randint(2, len(rest))]]
    lengths = sorted(len(line) for lines in articles for line in lines)
    whole = lengths[len(lengths) * 3 // 4] > 32
    width = rng.randint(10, 26) if whole and rng.random() < 0.5 else 0
    wrong = rng.choice((0.0, 0.0, 0.01, 0.03))
    hang, indent = rng.random() < 0.5, rng.choice(("", "", "　　"))
    blank = rng.choice(("none", "none", "articles", "all", "some")) if whole and not width else "none"
    lines: list[str] = []
    ends: list[int] = []
    count = 0
    for article in articles:
        for number, raw in enumerate(article):
            text = damage(raw, wrong, rng)
            if not text.strip():
                continue
            stray = blank == "some" and rng.random() < 0.03
            if lines and (blank == "all" or (blank == "articles" and not number) or stray):
                lines.append("")
            paragraph = len(text) > 42 or text.endswith(("。", "！", "？", "”"))
            lead = indent if whole and paragraph else ""
            pieces = wrap(text, width, hang=hang, indent=len(lead)) if width and len(text) > width else [text]
            pieces[0] = lead + pieces[0]
            kept = [piece for piece in pieces if piece.strip()]
            lines += kept
            count += len(kept)
        if count > (ends[-1] if ends else 0):
            ends.append(count)
    return Composed("\n".join(lines) + "\n", tuple(ends))


def _articles_of(page: Composed) -> list[list[str]]:
    """Return the non-blank lines of each article, stripped."""
    lines = [line.strip() for line in page.text.splitlines() if line.strip()]
    return [lines[first:last] for first, last in zip((0, *page.ends), page.ends, strict=False)]


def _gap_blank(style: Style, rng: random.Random) -> bool:
    if style.blank == "all":
        return rng.random() > 0.02
    if style.blank == "some":
        return rng.random() < 0.3
    return rng.random() < style.stray_blank


def _set_block(text: str, kind: str, width: int, style: Style, rng: random.Random) -> list[str]:
    """Return the physical lines of one block, ``""`` for a blank line inside it."""
    if width:
        if kind == "head" and style.fragments and len(text) > style.fragments:
            return _headline_lines(text, min(style.fragments, 10), rng)
        if kind != "para" and (style.natural_headlines or len(text) <= width):
            return (
                _headline_lines(text, width, rng)
                if len(text) > width and kind == "head"
                else wrap(text, width, hang=style.hang)
            )
        indent = style.indent if kind == "para" else ""
        lines = wrap(text, width, hang=style.hang, indent=len(indent), ragged=rng if style.ragged else None)
        lines[0] = indent + lines[0]
        if len(lines) > 2 and rng.random() < style.strays * len(lines):
            at = rng.randrange(1, len(lines))
            stray = lines[at - 1] if rng.random() < 0.5 else lines[at][: rng.randint(1, 6)]
            lines.insert(at, stray)
        if rng.random() < 0.02 and len(lines) > 2:
            # A line that recognition cut in two.
            at = rng.randrange(len(lines) - 1)
            middle = rng.randint(3, max(4, len(lines[at]) - 3))
            lines[at : at + 1] = [lines[at][:middle], lines[at][middle:]]
        return [line for line in lines if line.strip()]
    indent = style.indent if kind == "para" else ""
    if kind == "para" and len(text) > 50 and rng.random() < style.broken:
        at = rng.randint(15, len(text) - 12)
        return [indent + text[:at], *([""] if style.blank == "all" else []), text[at:]]
    return [indent + text]
