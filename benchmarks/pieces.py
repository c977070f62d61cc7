"""Parts that composed test pages are made of: which texts are fit for what, and how one is cut short or continued."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from benchmarks import sources
from benchmarks.damage import cut_paragraphs, person
from benchmarks.sources import Source

Lines = list[str]

PLACEHOLDERS = frozenset({"图片报道", "导读", "编者按", "欢迎赐稿", "征集", "征  集", "来论", "建议", "八方速递"})
"""Headlines that a web edition gives to what is printed without one, or that head a box and not an article."""

QUOTED_BY_ALL = frozenset({"新华社", "人民网", "人民日报", "央视新闻", "腾讯新闻"})
"""Houses named in any outlet's texts: naming them does not tell whose text it is."""

_GAP = re.compile("[\xa0\u3000\u2003 ]{2,}|[\xa0\u3000\u2003]")
_WIDE_GAP = re.compile("(?<=[^\x00-\x7f])[\\s\u3000]+(?=[^\x00-\x7f])")
_SENTENCE_END = ("。", "！", "？", "”", "）", "…")

_CAPTION_TITLES = ("图片新闻", "", "", "图片报道")
_COLUMN_NAMES = ("简讯", "短波", "要闻速览", "新闻速递", "一周要闻", "快讯", "国际短波", "资讯")
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Style:
    """Habits of a page that have nothing to do with its texts."""

    gap: str
    """What stands where the print has a gap: between the parts of a headline, after a dateline."""
    picture_title: str
    """Headline of a picture with no article: ``""`` as in print, or the web edition's."""
    indented: bool
    """Whether paragraphs begin with two ideographic spaces."""

    @classmethod
    def draw(cls, rng: Random) -> Style:
        """Draw the habits of a page."""
        gap = rng.choice(("\xa0\xa0", "\u3000", "  ", " ", ""))
        return cls(gap=gap, picture_title=rng.choice(_CAPTION_TITLES), indented=rng.random() < 0.4)


def respaced(text: Source, style: Style) -> Source:
    """Return the text with the gaps and the picture headlines of a page's style."""

    def within(line: str) -> str:
        return _GAP.sub(style.gap, line)

    def headline(line: str) -> str:
        return _GAP.sub(style.gap or " ", line)

    return replace(
        text,
        title=style.picture_title if text.title == "图片报道" else headline(text.title),
        intro=headline(text.intro),
        subtitle=headline(text.subtitle),
        byline=headline(text.byline),
        paragraphs=tuple(map(within, text.paragraphs)),
        captions=tuple(tuple(map(within, caption)) for caption in text.captions),
    )


def is_running_text(line: str) -> bool:
    """Tell whether a line is set as a paragraph: long, or a sentence."""
    return len(line) > 40 or line.endswith(_SENTENCE_END)


def headline_parts(line: str, rng: Random) -> list[str]:
    """Return the parts of a headline that are set on lines of their own: cut at its gaps, two times in three."""
    if not line:
        return []
    parts = _WIDE_GAP.split(line)
    return parts if rng.random() < 2 / 3 else [rng.choice(("", " ")).join(parts)]


def is_told(item: Source) -> bool:
    """Tell whether an item of a broadcast is one story."""
    return not sources.is_round_up(item)


def is_report(text: Source) -> bool:
    """Tell whether a newspaper text is running prose long enough to be cut short or continued."""
    count, size = len(text.paragraphs), sum(map(len, text.paragraphs))
    return text.kind == "article" and text.title not in PLACEHOLDERS and 5 <= count <= 60 and size / count >= 45


def is_advertorial(text: Source) -> bool:
    """Tell whether an advertisement is a text of some length."""
    return text.kind == "ad" and len(text.paragraphs) >= 4 and sum(map(len, text.paragraphs)) >= 300


def short_articles(pages: Iterable[Sequence[Source]]) -> list[list[Source]]:
    """Return the articles of one to three paragraphs, one group a day, each text once a day."""
    days: dict[str, dict[tuple[str, ...], Source]] = {}
    for page in pages:
        for text in page:
            if text.kind == "article" and text.title not in PLACEHOLDERS and _is_short(text):
                days.setdefault(text.date, {}).setdefault(text.paragraphs, text)
    return [list(day.values()) for _, day in sorted(days.items())]


def brief_columns(briefs: Iterable[Source]) -> list[list[Source]]:
    """Return the briefs of one to three paragraphs, one group a day."""
    days: dict[str, list[Source]] = {}
    for brief in briefs:
        if _is_short(brief):
            days.setdefault(brief.date, []).append(brief)
    return [day for _, day in sorted(days.items())]


def _is_short(text: Source) -> bool:
    return len(text.paragraphs) <= 3 and 40 <= sum(map(len, text.paragraphs)) <= 400


def by_outlet(texts: Sequence[Source]) -> dict[str, list[Source]]:
    """Return the texts that can stand for each held-out outlet, of ordinary length."""
    others = frozenset(
        house
        for house in {text.outlet for text in texts} - sources.HELD_OUT_OUTLETS - QUOTED_BY_ALL
        if len(house) > 2  # the shorter names are words
    )
    chosen: dict[str, list[Source]] = {}
    for text in texts:
        ordinary = 2 <= len(text.paragraphs) <= 45 and 120 <= sum(map(len, text.paragraphs)) <= 4500
        if ordinary and sources.is_outlet_test(text, other_houses=others):
            chosen.setdefault(text.outlet, []).append(text)
    return chosen


def is_same_story(one: Source, other: Source) -> bool:
    """Tell whether two texts report the same event: a third of the shorter headline's character pairs are shared."""
    first, second = _pairs(one.title), _pairs(other.title)
    same_text = _pairs("".join(one.paragraphs)[:150]), _pairs("".join(other.paragraphs)[:150])
    return any(len(a & b) >= max(3, 0.34 * min(len(a), len(b))) for a, b in ((first, second), same_text))


def _pairs(line: str) -> set[str]:
    return {line[i : i + 2] for i in range(len(line) - 1)}


def groups(texts: Sequence[Source], rng: Random, *, low: int, high: int) -> list[list[Source]]:
    """Deal the texts, shuffled, into groups of ``low`` to ``high`` without one story twice; the rest is left out."""
    left = list(texts)
    rng.shuffle(left)
    dealt = []
    while len(left) >= low:
        group: list[Source] = []
        size = rng.randrange(low, high + 1)
        for text in left[:]:
            if len(group) == size:
                break
            if not any(is_same_story(text, other) for other in group):
                group.append(text)
                left.remove(text)
        if len(group) < low:
            break
        dealt.append(group)
    return dealt


def column(days: Sequence[Sequence[Source]], rng: Random) -> list[Source]:
    """Draw six to fifteen short news of one day or of days that follow one another, no story twice."""
    size, start = rng.randrange(6, 16), rng.randrange(len(days))
    chosen: list[Source] = []
    for k in range(len(days)):
        day = days[(start + k) % len(days)]
        for text in rng.sample(list(day), len(day)):
            if len(chosen) < size and not any(is_same_story(text, other) for other in chosen):
                chosen.append(text)
        if len(chosen) == size:
            break
    return chosen


def set_column(texts: Sequence[Source], rng: Random) -> list[Lines]:
    """Set short news as one column: with headlines, without, or with some; sometimes marked and under a heading."""
    share = rng.choices((1.0, 0.0, 0.5), weights=(40, 35, 25))[0]
    form = rng.choices(("line", "bracket", "run-in"), weights=(70, 15, 15))[0]
    joint = rng.choice(("　", " ", "：", "——"))
    mark = rng.choice("■●◆▲□") if rng.random() < 0.15 else ""
    style = Style.draw(rng)
    articles: list[Lines] = []
    for text in (respaced(text, style) for text in texts):
        body = list(text.paragraphs)
        if rng.random() < share:
            body[0] = re.sub("^【[^】]{4,}】", "", body[0]) or body[0]
            if form == "line" or len(body[0]) < 20:  # a byline cannot be run in
                body.insert(0, text.title)
            elif form == "bracket":
                body[0] = f"【{text.title}】{body[0]}"
            else:
                body[0] = f"{text.title}{joint}{body[0]}"
        body[0] = mark + body[0]
        articles.append(body)
    if rng.random() < 0.25:
        articles[0].insert(0, rng.choice(_COLUMN_NAMES))
    if rng.random() < 0.3:
        articles = [[part for line in article for part in (line, "")] for article in articles]
    return articles


def mixed_page(reports: Sequence[Source], adverts: Sequence[Source], rng: Random) -> tuple[list[Source], list[Lines]]:
    """Compose a page of two to four pieces, at least one of them a report or a continued part.

    The reports of ``reports`` are from one issue. Returns the texts and their lines, in page order.
    """
    size = rng.choices((2, 3, 4), weights=(25, 50, 25))[0]
    forms = ["continued"] if rng.random() < 0.8 else []
    forms += ["advert"] if rng.random() < 0.65 else []
    while len(forms) < size:
        forms.append(rng.choices(("report", "continued"), weights=(75, 25))[0])
    rng.shuffle(forms)
    style = Style.draw(rng)
    texts: list[Source] = []
    articles: list[Lines] = []
    for form in forms:
        pool = adverts if form == "advert" else reports
        choice = [text for text in pool if not any(is_same_story(text, other) for other in texts)] or list(pool)
        text = rng.choice(choice)
        set_piece = {"report": _report, "continued": _continued, "advert": _advert}[form]
        texts.append(text)
        articles.append(set_piece(respaced(text, style), rng))
    share, blank = rng.choice((0.0, 0.1, 0.2, 0.3)), rng.random() < 0.75
    articles = [cut_paragraphs(article, rng, share=share, shortest=60) for article in articles]
    if style.indented and rng.random() < 0.5:
        articles = [["　　" + line if is_running_text(line) else line for line in article] for article in articles]
    spaced = [[part for line in article for part in ((line, "") if blank else (line,))] for article in articles]
    return texts, _stray_blanks(spaced, rng)


def _stray_blanks(articles: list[Lines], rng: Random) -> list[Lines]:
    """Put one to three blank lines at one to five places of the page."""
    for _ in range(rng.randrange(1, 6)):
        article = rng.choice(articles)
        at = rng.randrange(len(article) + 1)
        article[at:at] = [""] * rng.randrange(1, 4)
    return articles


def _page_reference(rng: Random) -> str:
    number = rng.randrange(1, 9)
    numeral = _NUMERALS[number - 1]
    return rng.choice((f"{number}版", f"第{numeral}版", f"{numeral}版", f"A{number:02d}版", f"第{number}版"))


def _bracketed(line: str, rng: Random) -> str:
    opening, closing = rng.choice(("（）", "（）", "()", "【】", ("▲（", "）"), ("■", "")))
    return f"{opening}{line}{closing}"


def _report(text: Source, rng: Random) -> Lines:
    """Set a report: complete, cut at a paragraph or in mid-sentence, sometimes with a line to where it goes on."""
    head = [text.intro if rng.random() < 0.4 else "", text.title, text.subtitle if rng.random() < 0.7 else ""]
    head.append(text.byline if rng.random() < 0.6 else "")
    body = list(text.paragraphs)
    if len(body) <= 20 and rng.random() < 0.3:
        return [line for line in (*head, *body) if line]
    body = body[: rng.randrange(3, max(4, min(len(body), 24)))]
    if rng.random() < 0.7:
        body[-1] = _cut_short(body[-1], rng)
    if rng.random() < 0.35:
        onward = _bracketed(f"{rng.choice(('下转', '下转', '下接', '转'))}{_page_reference(rng)}", rng)
        if rng.random() < 0.5:
            body.append(onward)
        else:
            body[-1] += onward
    return [line for line in (*head, *body) if line]


def _cut_short(line: str, rng: Random) -> str:
    """Return the beginning of a paragraph, ending where no sentence ends."""
    at = rng.randrange(max(1, len(line) // 4), max(2, len(line)))
    return line[:at].rstrip("。！？…” ") or line


def _continued(text: Source, rng: Random) -> Lines:
    """Set the rest of a report: from a paragraph or from mid-sentence, with a jump line three times in five."""
    size = len(text.paragraphs)
    first = rng.randrange(1, max(2, size - 3))
    body = list(text.paragraphs[first : first + rng.randrange(4, 20)])
    while len(body) > 2 and len(body[0]) < 40:  # a subhead or a date is no place a column ends at
        del body[0]
    if rng.random() < 0.5 and len(body[0]) > 30:
        body[0] = body[0][rng.randrange(8, len(body[0]) - 12) :].lstrip("，。、；：？！”）")
    if first + len(body) < size and rng.random() < 0.5:
        body[-1] = _cut_short(body[-1], rng)
    if rng.random() < 0.6:
        jump = _bracketed(f"{rng.choice(('上接', '上接', '上接', '紧接'))}{_page_reference(rng)}", rng)
        if rng.random() < 0.8:
            body.insert(0, jump)
        else:
            body[0] = jump + body[0]
    return body


def _advert(text: Source, rng: Random) -> Lines:
    """Set an advertorial: headline, some of its text, sometimes a telephone number or a name at the end."""
    head = [text.intro if rng.random() < 0.5 else "", *headline_parts(text.title, rng)]
    head.append(text.subtitle if rng.random() < 0.5 else "")
    body = list(text.paragraphs)
    if len(body) > 6 and rng.random() < 0.7:
        body = body[: rng.randrange(5, min(len(body), 18))]
        while len(body) > 4 and not body[-1].endswith(_SENTENCE_END):
            body.pop()
    turn = rng.random()
    if turn < 0.2:
        number = f"{rng.randrange(300, 999):04d}-{rng.randrange(2000000, 8999999)}"
        body.append(f"{rng.choice(('咨询热线', '品鉴热线', '服务电话'))}：{number}")
    elif turn < 0.4:
        body.append(rng.choice(("（{}）", "文/{}", "{}", "数据来源：{}")).format(person(rng)))
    return [line for line in (*head, *body) if line]
