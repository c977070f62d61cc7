"""Jump lines: ``(上接1版)`` opens the continued part of a story, ``（下转第4版）`` closes the part before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from classifier.document import Page
from classifier.page.headline import DASHES, is_byline, is_headline
from classifier.text.paragraphs import wrap_width

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "—": 1}
_MISREAD = {"b": "6", "O": "0", "o": "0", "Z": "2", "l": "1", "I": "1", "|": "1"}
_OPEN, _CLOSE = r"(（\[［〔【《〈「｛{<＜", r")）\]］〕】》〉」｝}>＞"
_MARKS = r"◤◥◣◢◀◁◄▲△▶▷►▼▽■●★☆←→↑↓<>《》〈〉＜＞"
# Runs are bounded: a line of spaces or arrows must not make the search slow.
_BEFORE, _AFTER = rf"[{_OPEN}{_MARKS}\s]{{0,12}}", rf"\s?[{_CLOSE}{_MARKS}]{{0,6}}"
_NUMBER = r"(?:[A-Za-zＡ-Ｚａ-ｚ]?\s?[-－]?\s?(?:[0-9０-９OoZlIb|]\s?){1,3}|[〇零一二三四五六七八九十百—]{1,4})"
# 第4、5版, A2版、A3版 name several pages, of which the first counts; 次页 none that has a number here.
_REFERENCE = (
    rf"(?:[第笫弟]?\s?(?P<page>{_NUMBER})\s?(?:[版页頁]?[、，,/／和及至－-]\s?第?\s?{_NUMBER}\s?){{0,3}}[版叠饭板页頁]"
    r"|(?P<cover>封面|[头頭]版)|[次下后後前上背][页頁])"
)
# 上按, 土接, 不转, 第l版, 三饭 … are what recognition makes of 上接 and 下转; 紧接 and 接 are other papers' words,
# 文接 and 文轉 those of Malaysia's.
_FROM = r"(?:[上土][接按揍授]|上\s+接|[紧緊]接|(?<![一-鿿])文?接)"
_ON = r"(?:[下不][转轉传]|下接|下\s+[转轉]|(?<![一-鿿])文?[转轉])"
# （上接“理论周刊”第6版）, （上接第1版《标题》）
_SECTION = r"(?:[“\"][^”\"]{1,12}[”\"][一-鿿]{0,4}\s?)?"
# （下转2版①） numbers the stories that go on there.
_TAIL = r"(?:\s?[①-⑳❶-❿])?(?:[，,、]?\s?(?:《[^》]{1,40}》|[“\"][^”\"]{1,40}[”\"]|·[一-鿿]{2,8}))?"


# Compiled when the first line is read that one may match: few pages have any, and each takes 4 to 6 ms.
_AT_START = rf"{_BEFORE}(?:(?P<from>{_FROM})|(?P<on>{_ON}))\s?{_SECTION}{_REFERENCE}{_TAIL}{_AFTER}"
_AT_END = rf"{_BEFORE}{_ON}\s?{_SECTION}{_REFERENCE}{_TAIL}{_AFTER}$"
_BRACKETED = rf"(?s:[{_OPEN}◤◥◣◢◀◁◄▲△▶▷►▼▽■●★]|.*[{_CLOSE}◢◥▶▷►◀]$)"
"""Brackets or marks around a jump mark."""

PAGE_WORDS = (*"版叠饭板页頁", "封面")
"""What a page is called in a jump line, misread words included: a text without one has no jump line."""

_ONWARD = ("转", "轉", "传", "傳", "下接")
"""What a mark has of which the text goes on elsewhere."""

_LONGEST = 60
"""A jump line has no more characters than this, the name of the story included."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump mark found in a line."""

    page: str | None
    """Page reference: ``"1"``, ``"A01"``; the first of several, ``None`` where it has no number: 下转次页."""
    opens: bool
    """``True`` for 上接 (the text comes from that page), ``False`` for 下转 (it goes on there)."""
    alone: bool
    """The line holds nothing else."""
    onward: str | None = None
    """Page reference of a 下转 at the end of a line that a 上接 opens."""
    titles: int = field(default=2, compare=False)
    """How many lines right above a 上接 could be the headline of what it opens: counted on a page, else two."""


def page_number(reference: str) -> str:
    """Return a page reference in plain form: ``第一版`` → ``"1"``, ``０4`` → ``"4"``, ``a01`` → ``"A01"``.

    >>> page_number("十二"), page_number("A01"), page_number("04")
    ('12', 'A01', '4')
    """
    plain = "".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "ｚ" else c for c in reference)
    plain = re.sub(r"[\s\-－第版叠页頁]", "", plain)
    # A letter may stand first, and only there: elsewhere it is a misread digit.
    letter = plain[:1] if len(plain) > 1 and "A" <= plain[:1].upper() <= "Z" and plain[:1] not in "OoZlI" else ""
    plain = letter.upper() + "".join(_MISREAD.get(char, char) for char in plain[len(letter) :])
    if letter:
        return plain
    if plain.isdigit():
        return str(int(plain))
    return str(_han_number(plain))


def _han_number(text: str) -> int:
    total, digit = 0, 0
    for char in text:
        if char == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif char == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = digit * 10 + _DIGITS[char] if digit else _DIGITS[char]
    return total + digit


def find_jump(line: str) -> Jump | None:
    """Return the jump mark a line consists of, begins with (上接) or ends with (下转), or ``None``."""
    if not any(char in line for char in "接转轉按揍授传"):
        return None
    line = line.strip()
    found = _find_start(line)
    ending = _find_ending(line)
    if found is None:
        return ending
    page, opens = _page_of(found), found.group("from") is not None
    if not any(char.isalnum() for char in line[found.end() :]):
        return Jump(page, opens, alone=True)
    # Inside a sentence 上接1版 would be prose; a bracket, a mark or a space after it says it is not.
    marked = (
        re.match(_BRACKETED, found.group().strip()) or line[found.end() - 1].isspace() or line[found.end()].isspace()
    )
    if opens and marked:
        return Jump(page, opens=True, alone=False, onward=ending.page if ending else None)
    return ending


def _find_start(line: str) -> re.Match[str] | None:
    """Return where the jump mark is that a line begins with."""
    if not any(word in line[:_LONGEST] for word in PAGE_WORDS):
        return None
    return re.compile(_AT_START).match(line, 0, _LONGEST)


def _find_ending(line: str) -> Jump | None:
    """Return the 下转 in brackets that a line ends with."""
    line_end = line[-_LONGEST:]
    if not any(mark in line[-12:] for mark in PAGE_WORDS) or not any(mark in line_end for mark in _ONWARD):
        return None
    found = re.compile(_AT_END).search(line_end)
    if found is None or not re.match(_BRACKETED, found.group().strip()):
        return None
    alone = not any(char.isalnum() for char in line[: len(line) - len(found.group())])
    return Jump(_page_of(found), opens=False, alone=alone)


def _page_of(found: re.Match[str]) -> str | None:
    """Return the page that a jump mark names."""
    if found.group("cover"):
        return "1"
    return page_number(found.group("page")) if found.group("page") else None


def without_jump(line: str) -> str:
    """Return a line without the jump mark it consists of, begins with or ends with.

    >>> without_jump("（上接第一版）会议指出"), without_jump("会议指出（下转4版）")
    ('会议指出', '会议指出')
    """
    jump = find_jump(line)
    if jump is None:
        return line
    line = line.strip()
    if jump.alone:
        return ""
    if jump.opens and (found := _find_start(line)):
        line = line[found.end() :]
    if (not jump.opens or jump.onward) and (found := re.compile(_AT_END).search(line, max(0, len(line) - _LONGEST))):
        line = line[: found.start()]
    return line


TITLE_LINES, SHORT_TITLE = 4, 2
"""Lines right above a jump line that may be its headline, if they look like one; the last is for marks that look like a
start themselves."""

_PAGE_WORD = re.compile(f"[{''.join(word[-1] for word in PAGE_WORDS)}](?<![^封]面)")
"""One of the words for a page, found by its last character: a pattern with alternatives is searched for slowly."""


def find_jumps(page: Page) -> dict[int, Jump]:
    """Return the jump marks of a page by paragraph."""
    text = page.text
    places = [match.start() for match in _PAGE_WORD.finditer(text)]
    if not places:
        return {}
    found = {}
    width: int | None = None
    starts, ends = page.paragraphs.starts, page.paragraphs.ends
    # Only lines with one of the words for a page need to be read.
    for number in sorted(set((starts.searchsorted(places, side="right") - 1).tolist())):
        start, end = int(starts[number]), int(ends[number])
        # A jump line stands alone, begins a paragraph or ends one: the middle of a long paragraph need not be read.
        line = text[start:end] if end - start <= 200 else text[start : start + 60] + "某" + text[end - 60 : end]
        jump = find_jump(line)
        if jump is not None and jump.opens:
            width = wrap_width(page.paragraphs) if width is None else width
            jump = replace(jump, titles=_titles_above(page, number, width))
        if jump is not None:
            found[number] = jump
    return found


def _titles_above(page: Page, paragraph: int, width: int) -> int:
    """Count the lines right above a paragraph of a page that could be a headline, with a byline under it."""
    found = 0
    for count in range(1, min(TITLE_LINES, paragraph) + 1):
        above = paragraph - count
        line = page.text[page.paragraphs.starts[above] : page.paragraphs.ends[above]]
        # Wrapped text that was cut short ends in a full line without a full stop.
        full = width > 0 and len(line) >= width - 1 and above > 0 and _length(page, above - 1) >= width - 1
        if is_headline(line) and not full and not line.endswith(("）", ")")):
            found = count
        elif not (line.startswith(DASHES) or (count == 1 and is_byline(line))):
            break  # a line under the headline and a byline are no headline: what they stand under is
    return found


def _length(page: Page, paragraph: int) -> int:
    return int(page.paragraphs.ends[paragraph] - page.paragraphs.starts[paragraph])
