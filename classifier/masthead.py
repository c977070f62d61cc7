"""The lines over a page: the paper's name, date, number of the page, section, editors.

They belong to the first article of the page and are not its headline. A rule, not a model.
"""

from __future__ import annotations

import re
from functools import cache

_MOST_LINES = 6
"""Lines of a masthead, broken where columns are narrow."""

_LONGEST = 90
"""Characters of one of them."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("0123456789０１２３４５６７８９OoIl一二三四五六七八九十〇○零廿卅元正臘腊冬閏闰两兩初", "0"),
        **dict.fromkeys("甲乙丙丁戊己庚辛壬癸", "甲"),
        **dict.fromkeys("子丑寅卯辰巳未申酉戌亥", "子"),
        **dict.fromkeys("年午", "年"),
        **dict.fromkeys("日曰目口号號", "日"),
        **dict.fromkeys("版叠疊頁页张張", "版"),
        **dict.fromkeys("第笫", "第"),
        **dict.fromkeys("农農夏阴陰", "农"),
        **dict.fromkeys("历曆", "历"),
        **dict.fromkeys("报報刊", "报"),
        **dict.fromkeys("総總总", "总"),
        **dict.fromkeys("國国", "国"),
        **dict.fromkeys("華华", "华"),
        **dict.fromkeys("編编", "编"),
        **dict.fromkeys("輯辑", "辑"),
        **dict.fromkeys("責责", "责"),
        **dict.fromkeys("電电", "电"),
        **dict.fromkeys("話话", "话"),
        **dict.fromkeys("禮礼", "礼"),
        **dict.fromkeys("·•|｜/／:：—–\u3000", "/"),
    }
)
"""Numbers in all their forms are 0, and so on, one character for one: the patterns stay short. A letter may be what
recognition made of a digit, 午 of 年, 曰 of 日."""

_LEFT = r"(?:^|(?<=[\s\x00/报版]))"
"""What stands on the left of a part that could be one of a sentence elsewhere."""

_STRONG = (
    # 1998年8月12日, 一九五〇年十二月, 民國三十六年九月十七日, 2019.5.11
    rf"{_LEFT}(?:公元|中华民国|民国)?\s*0{{2,4}}年\s?0{{1,3}}月\s?(?:0{{1,3}}日?)?(?:出版)?",
    rf"{_LEFT}0{{4}}年\s?0{{1,2}}$",
    r"^(?:公元|中华民国|民国)\s*0{1,4}年$",
    r"(?<!0)0{2,4}[./．-]0{1,2}[./．-]0{1,2}(?!0)",
    # 农历戊寅年六月廿一, 丙戌年二月十九; 星期二
    r"(?:农\s?历\s?(?=甲[子年]|0))?甲[子年](?:年|\s|$)\s?(?:0{1,3}月\s?0{0,4}日?)?",
    r"农\s?历\s?0{1,3}月\s?0{1,4}日?",
    r"(?:星期|礼拜)[0日天西]",
    # 第二版, 第B2版, 今日八版, 第一張第三版, 今日出四大張; 第1142号, 总第4310期
    r"第[A-Z]?0{1,3}版",
    r"(?:今日|本日|本期|共|出纸|出紙)[甲出共]?0{1,3}大?版",
    rf"{_LEFT}总?第0{{1,6}}[期日](?:[（(][^（）()]{{1,12}}[）)])?(?=$|[\s\x00/])",
    r"总第0{1,6}[期日]?",
    # 责任编辑 张三, 版式/李四, 电话：0571-…, 邮发代号35-209, 零售每份三分
    rf"{_LEFT}(?:值班\w{{0,4}}|责任编辑|本版编辑|首席编辑|执行主编|责编|编辑|主编|美编|版式|组版|校对|校對|统筹|视觉|设计|版面设计|"
    r"题字|主办|主管|编委)(?:/\s?|\s+)[^，。？！]{1,60}$",
    rf"{_LEFT}(?:(?:新闻|刊登|广告)?热线|广告刊登|电话|E-?mail|邮箱|邮发代日|邮政代日|国内统0(?:连续出版物|刊)日|刊日)"
    r"\s*[/0（(Cx×][^，。？！]{0,40}$",
    rf"{_LEFT}(?:零售|定价|售价|每份)[^，。？！]{{0,6}}0+[0角分厘]?",
)
"""What only a masthead has, cut out of a line before it is looked at what is left."""

_WEAK = (
    # By themselves these may begin a headline or a list: 9月18日, 3版, 06, A06, ②
    rf"{_LEFT}0{{1,3}}月0{{1,3}}日",
    rf"{_LEFT}0{{1,3}}版",
    rf"{_LEFT}0{{1,3}}(?=$|[\s\x00/])",
    rf"{_LEFT}[A-Z]{{1,2}}0{{1,3}}(?:[/-]+[A-Z]?0{{1,3}})?版?(?=$|[\s\x00/])",
    r"[①②③④⑤⑥⑦⑧⑨⑩]",
    r"^0{0,3}[年月]?0{0,3}[日期]$",
)

_HINTS = frozenset("年月日版期頁张編编主热電电邮零售午曰./．-ABCDTM")
"""A line without any of these has nothing of a masthead."""

_TEXT = frozenset("，。？！“”；接转轉")
"""Marks of a sentence, and what a jump line is told by: a line with any of these is none of a masthead."""

_SEPARATORS = re.compile(r"[\s\x00/_-]+")
_LONGEST_WORD, _MOST_LEFT = 8, 26
"""Characters of a word between the rest, as a section's or a person's name, and of all of them."""

_NAMES = ("报", "報", "刊", "服", "版", "专页", "周末", "新闻", "要闻")
"""What the name of a paper or of a section ends in; recognition reads 报 as 服."""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile("|".join(_STRONG)), re.compile("|".join(_WEAK))


def count_lines(lines: list[str]) -> int:
    """Return how many of the first lines of a page are its masthead; 0 where there is none.

    A line is one if a date, the number of a page or an editor stands in it and little else; short lines above or
    between such are parts of it.
    """
    found = 0
    for number, line in enumerate(lines[:_MOST_LINES]):
        kind = _judge(line.strip(), begun=found > 0)
        if kind == "":
            break
        if kind == "strong":
            found = number + 1
    return min(found, max(len(lines) - 1, 0))


def _judge(line: str, *, begun: bool) -> str:
    """Tell whether a line is one of a masthead (``strong``), may be a part of one (``weak``), or is none (empty)."""
    if len(line) > _LONGEST or not _TEXT.isdisjoint(line):
        return ""
    if _HINTS.isdisjoint(line):
        return _judge_name(line)
    strong, weak = _patterns()
    left, n_strong = strong.subn("\x00", line.translate(_PLAIN))
    left, n_weak = weak.subn("\x00", left)
    words = [word for word in _SEPARATORS.split(left) if word]
    if any(len(word) > _LONGEST_WORD and not word.endswith(_NAMES) for word in words):
        return ""
    if sum(map(len, words)) > _MOST_LEFT:
        return ""
    if n_strong or (n_weak > 1 and len(words) < 3):
        return "strong"
    if n_weak:
        return "strong" if begun and not words else "weak"
    return _judge_name(line)


def _judge_name(line: str) -> str:
    """Tell whether a line may be the name of a paper or of a section."""
    bare = "".join(line.split())
    return "weak" if len(bare) <= 6 or (len(bare) <= 14 and bare.endswith(_NAMES)) else ""
