"""Jump lines: ``(上接1版)`` opens the continued part of a story, ``（下转第4版）`` closes the part before it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_OPEN, _CLOSE = r"[(（\[［〔【《〈「｛{<＜]?", r"[)）\]］〕】》〉」｝}>＞]?"
_MARK = r"[◀◁◄▲△▶▷►▼▽■●★☆←→↑↓<>《》〈〉＜＞]*"
_REFERENCE = r"第?\s*(?P<page>[A-Za-zＡ-Ｚ]?\s*[-－]?\s*[0-9０-９]{1,3}|[〇一二三四五六七八九十百]{1,4})\s*[版叠]"
# 上按, 土接, 下轉, 下传 … are what recognition makes of 上接 and 下转; 紧接 and 接 are other papers' words.
_FROM = r"(?:[上土][接按]|上\s+接|紧接|緊接|(?<![一-鿿])接)"
_ON = r"(?:下[转轉传接]|下\s+[转轉]|(?<![一-鿿])[转轉])"
_TAIL = r"(?:[，,、]?\s*(?:《[^》]{1,40}》|[“\"][^”\"]{1,40}[”\"]))?"

_LINE = re.compile(
    rf"^\s*{_MARK}\s*{_OPEN}\s*{_MARK}\s*(?:(?P<from>{_FROM})|(?P<on>{_ON}))\s*{_REFERENCE}{_TAIL}\s*{_MARK}\s*{_CLOSE}\s*{_MARK}"
)
_AT_END = re.compile(rf"{_MARK}\s*{_OPEN}\s*{_MARK}\s*{_ON}\s*{_REFERENCE}\s*{_MARK}\s*{_CLOSE}\s*{_MARK}\s*$")
_BRACKETED = re.compile(r"^\s*[(（\[［〔【《〈「｛{<＜◀◁◄▲△▶▷►▼▽■●★]|[)）\]］〕】》〉」｝}>＞▶▷►◀]\s*$")

_LONGEST = 60
"""A jump line has no more characters than this, the name of the story included."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump mark found in a line."""

    page: str
    """Page reference: ``"1"``, ``"A01"``."""
    opens: bool
    """``True`` for 上接 (the text comes from that page), ``False`` for 下转 (it goes on there)."""
    alone: bool
    """The line holds nothing else."""


def page_number(reference: str) -> str:
    """Return a page reference in plain form: ``第一`` → ``"1"``, ``０4`` → ``"4"``, ``a01`` → ``"A01"``.

    >>> page_number("十二"), page_number("A01"), page_number("04")
    ('12', 'A01', '4')
    """
    plain = "".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "ｚ" else c for c in reference)
    plain = re.sub(r"[\s\-－]", "", plain).upper()
    if plain and plain[0] in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
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
    if "接" not in line and "转" not in line and "轉" not in line and "按" not in line and "传" not in line:
        return None
    found = _LINE.match(line)
    if found and found.end() <= _LONGEST:
        opens = found.group("from") is not None
        rest = line[found.end() :].strip()
        bracketed = bool(_BRACKETED.search(found.group().strip()))
        if not rest:
            return Jump(page_number(found.group("page")), opens, True)
        # Inside a sentence 上接1版 would be prose; a bracket, a mark or a space after it says it is not.
        if opens and (bracketed or line[found.end() : found.end() + 1].isspace()):
            return Jump(page_number(found.group("page")), True, False)
    if "版" in line[-12:] or "叠" in line[-12:]:
        ending = _AT_END.search(line[-30:])
        if ending and _BRACKETED.search(ending.group().strip()):
            return Jump(page_number(ending.group("page")), False, not line[: -len(ending.group())].strip())
    return None
