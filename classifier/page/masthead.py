"""The lines over a page: the paper's name, date, number of the page, section, editors.

They belong to the first article of the page and are not its headline. A rule, not a model.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from classifier.text.tokens import normalise_text

MOST_LINES = 8
"""Lines of a masthead, broken where columns are narrow."""

_LONGEST = 90
"""Characters of one of them."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("0123456789一二三四五六七八九十〇○廿卅百千", "0"),
        **dict.fromkeys("甲乙丙丁戊己庚辛壬癸", "甲"),
        **dict.fromkeys("子丑寅卯辰巳未申酉戌亥", "子"),
        **dict.fromkeys("·•|:—–", "/"),
        "笫": "第",
    }
)
"""Numbers in all their forms are 0, and so on, one character for one, so that the patterns stay short. Before it a line
is normalised: Traditional characters are Simplified ones, full-width ones half-width, capitals small."""

_N = "[0oil零元]"
"""What a number is written with, and what recognition makes of it."""

_DAY, _PAGE = "[日曰目口号]", "[版叠页张]"

_LEFT, _RIGHT = r"(?:^|(?<=[\s\x00/报刊版])|(?<=[报刊][》(]))", r"(?=$|[\s\x00/])"
"""What stands on the left and on the right of a part that could be one of a sentence elsewhere."""

_ERA = "(?:公元|公历|(?:即|亦即)?[西英阴]历?|(?:中华)?民国|民|大?清?(?:光绪|宣统))"

_DATES = (
    # 1998年8月12日, 一九五〇年十二月, 民國三十六年九月十七日, 光緒二十三年四月初十日, 2019.5.11; recognition reads
    # 年 as 午, 日 as 曰
    rf"{_LEFT}(?:{_ERA}\s*{_N}{{1,8}}|{_N}{{2,8}})[年午]\s?{_N}{{1,3}}月\s?(?:初?{_N}{{1,3}}{_DAY}?)?(?:出版)?",
    # one character of the year misread (199b年, 一九大五年, 1其97年), or of the month
    rf"{_LEFT}(?:[^\s/]0{{2,3}}|0{{2,3}}[^\s/]|0{{1,2}}[^\s/]0{{1,2}})[年午]\s?{_N}{{1,3}}月\s?{_N}{{1,3}}{_DAY}?",
    rf"{_LEFT}0{{4}}[年午]\s?[^\s]月\s?0{{1,3}}{_DAY}",
    rf"{_LEFT}{_N}{{4}}[年午]\s?{_N}{{1,2}}$",
    rf"^(?:公元|(?:中华)?民国)\s*{_N}{{1,4}}[年午]$",
    r"(?<!0)0{2,4}[./-]0{1,2}[./-]0{1,2}(?!0)",
    rf"{_LEFT}0{{3}}[a-z][./]0{{1,2}}[./]0{{1,2}}{_RIGHT}",
    # 农历戊寅年六月廿一, 丙戌年二月十九; 星期二
    rf"(?:[农夏阴]\s?历\s?)?甲[子午](?:年|\s|$)\s?(?:[0正腊冬闰]{{1,3}}月\s?[0初]{{0,4}}{_DAY}?)?",
    rf"[农夏阴]\s?历\s?[0正腊冬闰]{{1,3}}月\s?[0初]{{1,4}}{_DAY}?",
    r"(?<!的)(?:星期|礼拜)[0日曰天西](?![之的特专午])",
    # 第二版, 第B2版, 今日八版, 第一張第三版, 今日出四大張; 第1142号, 总第4310期
    rf"第\s?[a-z]?{_N}{{1,3}}\s?(?:、{_N}{{1,3}})?{_PAGE}",
    rf"(?:今日|本日|本期|共|出纸)[甲出共]?{_N}{{1,3}}大?{_PAGE}",
    rf"{_LEFT}总?第{_N}{{1,6}}[期号](?:\([^()]{{1,12}}\))?{_RIGHT}",
    rf"总第{_N}{{1,6}}[期号]?",
    # 国内统一刊号CN11-0001
    rf"{_LEFT}(?:国内统0)?(?:连续出版物|刊)号\s?/?\s?cn\s?00-0000(?:/\w{{1,3}})?{_RIGHT}",
    # 责任编辑 张三, 版式/李四
    rf"{_LEFT}(?:值班\w{{0,4}}|(?:本期)?责任编辑|本版编辑|首席编辑|执行编辑|执行主编|责编|编辑|主编|美编|版式|组版|校对|责校|"
    r"统筹|视觉|设计|版面设计|题字|主办|主管|编委)(?:/\s?|\s+)[^,。?!]{1,60}$",
    rf"{_LEFT}(?:主持人?|制作)(?:/\s?|\s+)\w{{1,4}}(?:\s\w{{1,2}})?{_RIGHT}",
)
"""What hardly anything but a masthead has, cut out of a line before it is looked at what is left."""

_CONTACTS = (
    # 电话：0571-…, 邮发代号35-209, 零售每份三分: below a date they are parts of the masthead
    rf"{_LEFT}(?:(?:新闻|刊登|广告)?热线|(?:本报|报社)?[地社]址|广告刊登|刊登电话|电话|e-?mail|(?:投稿|电子)?(?:邮箱|信箱)|代号|邮发代号|邮政代号|"
    r"国内统0(?:连续出版物|刊)号|刊号)\s*[/0(cx×a-z][^,。?!]{0,50}$",
    # 中共某省委机关报, 某市融媒体中心主办: whose paper it is
    rf"{_LEFT}[^\s]{{1,15}}[委部局社院校府司厂团会心](?:主管主办|主办|主管|机关报|编印){_RIGHT}",
    rf"{_LEFT}(?:零售|定价|售价|每份)[^,。?!]{{0,6}}{_N}+[角分厘]?",
)

_WEAK = (
    # By themselves these may begin a headline or a list: 9月18日, 3版, 06, A06, ②
    rf"{_LEFT}{_N}{{1,3}}月{_N}{{1,3}}{_DAY}",
    rf"{_LEFT}{_N}{{1,3}}{_PAGE}",
    rf"{_LEFT}0{{1,3}}{_RIGHT}",
    rf"{_LEFT}[a-z]{{1,2}}{_N}{{1,3}}(?:[/-]+[a-z]?0{{1,3}})?版?{_RIGHT}",
    r"[①②③④⑤⑥⑦⑧⑨⑩]",
    rf"^{_N}{{0,3}}[年午月]?{_N}{{0,3}}[日曰期]$",
)

_HINTS = frozenset("年月日版期頁页张張编編主热電电邮零售午曰./．-ABCDTM")
"""A line without any of these has no date, page or editor: it may be a name."""

_COUNTED = frozenset("0123456789０１２３４５６７８９一二三四五六七八九十〇○零廿卅百千元oilOILｏｉｌＯＩＬ")
"""What a number is written with; where 日 is all that hints at a date, it has one, or is a day of the week (礼拜日)."""

_TEXT = frozenset("，。？！“”；接转轉")
"""Marks of a sentence, and what a jump line is told by: a line with any of these is none of a masthead."""

_OWN = ("本报", "本報", "本刊", "据")
"""What a masthead does not begin with: it names the paper, and does not speak of it."""

_NUMERALS = "0123456789０１２３４５６７８９一二三四五六七八九十〇零廿"

# These are compiled when a line is read that may match: a cold start pays for each.
_CONTENTS = r"导\s*读|導\s*讀|看点|提要|要目|导航|速览"
_INDEX = rf"\W*(?:今日|本期|要闻|本报|版面|重点|新闻)?(?:{_CONTENTS})\W*"
"""What heads a list of what is on other pages."""

_LIST = rf"\W*(?:.{{0,6}}(?:{_CONTENTS}|预告|赛程|赛事|菜谱)|目\s*录|今日天气)\W*"
"""The same, or what heads one of what there will be: it has numbers and dates, and is no masthead."""

_LISTED = frozenset("读讀录气点要目航览告程事谱")
"""Characters of which one stands in what heads a list."""

_ENTRY = (
    rf"第?\s?[A-Z]?[{_NUMERALS}]{{1,3}}(?:[-—－、][{_NUMERALS}]{{1,3}})?\s?[版叠页頁]\W*$|(?<![A-Za-z0-9])[A-Z][0-9]{{1,2}}\W*$"
    rf"|^\W*第?\s?[A-Z]?[{_NUMERALS}]{{1,3}}\s?[版叠页頁]|^\W*[A-Z][0-9]{{1,2}}\s"
)
"""The page that a line of such a list names, at its end or at its beginning."""

_LONGEST_ENTRY = 45

_CLOCK = r"[0-9][:：][0-9]{2}(?![0-9])"
"""A time of the day; of mastheads only a telephone number has hours."""

_SEPARATORS = re.compile(r"[\s\x00/_-]+")
_LONGEST_WORD, _MOST_LEFT = 8, 26
"""Characters of a word between the rest, as a section's or a person's name, and of all of them."""

_LONGEST_SURE, _MOST_SURE = 18, 44
"""The same where two things tell what the line is."""

_LONGEST_STRANGE, _STRANGE_ABOVE, _STRANGE_BELOW = 16, 2, 1
"""Characters of a line that nothing tells of, as a series' name, and how many such may stand above the first line that
is surely of a masthead, and between two."""

_LONGEST_BROKEN = 30
"""Characters of the lines of a masthead that is broken where columns are narrow."""

_BREAKS_AFTER = frozenset(_NUMERALS + "年午月第星期禮礼国國农農历曆初共总總")
_BREAKS_BEFORE = frozenset(_NUMERALS + "年午月日曰号號期拜版张張頁页")
"""What a line may end in that is broken within a date or a number, and what the next then begins with."""

_SET = r"[·•|｜/A-Za-z0-9０-９]"
"""What stands in the name of a series or of a section: 特别报道·大秋收, 3 财经."""

_LATIN = re.compile(r"[A-Za-z][A-Za-z .,&'’\-]{3,60}")
"""The paper's name in Latin letters."""

_SECTION = r"[a-h]0{1,2}\s+\S{1,4}$"
"""The number of a page and the name of its section: A2 要闻."""

_SECTIONS = frozenset(
    (
        "要闻 头版 封面 时政 时事 综合 民生 都市 城事 社会 国际 国内 本地 港闻 两岸 财经 经济 产经 金融 体育 文体 文娱 "
        "娱乐 文化 副刊 教育 健康 生活 广告 专题 专版 专刊 特刊 评论 观点 视点 焦点 关注 今日 理论 科技 法治 法制 党建 "
        "三农 地方 周末 周刊 新闻 天下 版 page"
    ).split()
)
"""Names of sections, two of which may be one: 综合新闻."""

_PAPERS = ("日报", "晚报", "早报", "晨报", "时报", "商报", "周报", "周刊", "新闻")
"""What the name of a paper or of a section ends in."""

_NUMBER = r"[a-hp]?[0-9]{1,2}版?|第?[一二三四五六七八九十]{1,3}版"
_BLANKS = r"[\s·•|/—–_-]+"
"""The number of a page, and what stands beside it, in a line that is normalised."""

_FIELD = (
    r"(?:版次|版号|版名|专栏|栏目)[:：].{0,12}|第\s?[0-9]{1,3}\s?版\s?\(.{0,12}\)|[0-9]{4}([.-])[0-9]{1,2}\1[0-9]{1,2}"
)
"""A line that archives print with an article: 第3版(), 专栏：社论, 版次：A02 版名：要闻."""

_FIELD_BEGINS = frozenset("版专專栏欄第0123456789")
_LONGEST_FIELD, _LONGEST_FOLIO = 24, 20

_WEATHER = r"(?:今[日天晚]|明[日天])?天气\W.{0,12}[晴阴雨雪云].{0,20}[0-9]\s?(?:℃|°|度).{0,12}"
"""The weather of the day in a line: 今日天气：晴 12℃—20℃."""

_EDITORS = "责任编辑|责编|编辑|主编|美编|版式|组版|校对|责校|视觉|设计|统筹"

_NAMES = ("报", "報", "刊", "服", "版", "专页", "周末", "新闻", "要闻")
"""What the name of a paper or of a section ends in; recognition reads 报 as 服."""

_NOT, _STRANGE, _MAYBE, _PART, _SURE = range(5)
"""What a line is of a masthead: nothing; a short line that says nothing of it; perhaps a short name of a section; a
part if others are; surely one."""


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile("|".join(forms)) for forms in (_DATES, _CONTACTS, _WEAK))


def count_lines(lines: list[str]) -> int:
    """Return how many of the first lines of a page are its masthead; 0 where there is none, and never all of them.

    A line is one if a date, the number of a page or an editor stands in it and little else. Short lines above or
    between such are parts of it: the name of a paper or a number above one, of a section only where more than one thing
    tells that what follows is a masthead, so that a headline above a date by itself is not taken. Lines that a narrow
    column broke within a date are read as one.
    """
    top = [line.strip() for line in lines[:MOST_LINES]]
    return min(max(_count_whole(top), _count_broken(top)), max(len(lines) - 1, 0))


def is_field(line: str) -> bool:
    """Tell whether a line is what archives print with an article, empty or filled: 专栏：社论, 第3版()."""
    line = line.strip()
    if len(line) > _LONGEST_FIELD or line[:1] not in _FIELD_BEGINS:
        return False
    return re.fullmatch(_FIELD, normalise_text(line)) is not None


def count_index(lines: list[str]) -> int:
    """Return how many of some lines are a list of what is on other pages, its head among them; 0 where none begins.

    Its head is 今日导读 or alike, and two lines or more name a page: ``夏粮丰收在望　02版``.
    """
    if not lines or not _heads_list(lines[0].strip(), _INDEX):
        return 0
    entries = 0
    for line in lines[1:]:
        if len(line) > _LONGEST_ENTRY or not re.search(_ENTRY, line.strip()):
            break
        entries += 1
    return entries + 1 if entries > 1 else 0


def _count_whole(lines: list[str]) -> int:
    """Count the lines of a masthead, each judged by itself."""
    found = told = strange = 0
    doubtful = False
    for number, line in enumerate(lines):
        kind, count = _judge(line, begun=found > 0)
        strange += kind == _STRANGE
        if kind == _NOT or strange > (_STRANGE_BELOW if found else _STRANGE_ABOVE):
            break
        told += count
        doubtful |= kind == _MAYBE and not found
        if kind == _SURE:
            if strange and count < 2:
                break
            found, strange = number + 1, 0
    return found if told > 1 or not doubtful else 0


def _count_broken(lines: list[str]) -> int:
    """Count the lines of a masthead whose words go on over the ends of lines."""
    found = told = alone = 0
    joined = ""
    if not any(above[-1:] in _BREAKS_AFTER and below[:1] in _BREAKS_BEFORE for above, below in pairwise(lines)):
        return 0
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_BROKEN or line.startswith(_OWN):
            break
        joined += line
        kind, count = _judge(joined, begun=False)
        alone += _judge(line, begun=False)[1]
        # A thing more than the lines tell by themselves: it is the line end that hid it.
        if kind == _SURE and count > max(told, alone, 1):
            found, told = number + 1, count
    return found


def _judge(line: str, *, begun: bool) -> tuple[int, int]:
    """Return what a line is of a masthead, and how many things in it tell so. ``begun``: a line above is one."""
    if _is_folio(line) or ("天气" in line[:4] and re.fullmatch(_WEATHER, line)):
        return _SURE, 1
    if (begun and line in _SECTIONS) or (is_field(line) and (begun or line[0] == "版" or line[-1] in "：:")):
        return _SURE, 0
    if len(line) > _LONGEST or not _TEXT.isdisjoint(line) or (line.startswith(_OWN) and "址" not in line[:5]):
        return _NOT, 0
    if _heads_list(line, _LIST) or (_has_clock(line) and "热线" not in line and "电话" not in line):
        return _NOT, 0
    if not _may_tell(line) or _LATIN.fullmatch(line):
        return _judge_name(line), 0
    dates, contacts, weak = _patterns()
    plain = normalise_text(line).translate(_PLAIN)
    left, n_dates = dates.subn("\x00", plain)
    left, n_contacts = contacts.subn("\x00", left)
    left, n_weak = weak.subn("\x00", left)
    words = [word for word in _SEPARATORS.split(left) if word]
    count = max(n_dates + n_contacts * begun, len(re.findall(_EDITORS, plain)) if n_dates else 0)
    longest, most = (_LONGEST_SURE, _MOST_SURE) if n_dates and count > 1 else (_LONGEST_WORD, _MOST_LEFT)
    if (
        any(len(word) > longest and not word.rstrip("》(").endswith(_NAMES) for word in words)
        or sum(map(len, words)) > most
    ):
        return _judge_strange(line), 0
    if n_dates or (n_contacts and begun) or (n_weak > 1 and len(words) < 3):
        return _SURE, max(count, 1)
    if n_contacts:
        return (_STRANGE if _is_short(line) else _NOT), 0
    if n_weak:
        return (_SURE if begun and (not words or re.match(_SECTION, plain)) else _PART), 0
    return _judge_name(line), 0


def _may_tell(line: str) -> bool:
    """Tell whether a line can have a date, a page or an editor: the patterns of these are slow to make."""
    hints = _HINTS.intersection(line)
    if hints != {"日"} or len(line) < 4:
        return bool(hints)
    return not _COUNTED.isdisjoint(line) or "拜" in line or "机关报" in line


def _is_folio(line: str) -> bool:
    """Tell whether a line is the number of a page with no more beside it than a name: 要闻 A02, - 2 -, Page 2."""
    if len(line) > _LONGEST_FOLIO or not any(char in _NUMERALS for char in line):
        return False
    words = [word for word in re.split(_BLANKS, normalise_text(line)) if word]
    names = [word for word in words if not re.fullmatch(_NUMBER, word)]
    if len(words) - len(names) != 1:
        return False
    if not names:
        return not words[0].endswith("版")  # 3版 alone may begin a list
    known = [name for name in names if _is_section(name)]
    return bool(known) and all(name in known or (name.isascii() and name.isalpha()) for name in names)


def _is_section(name: str) -> bool:
    """Tell whether a word is the name of a section or of a paper."""
    if name in _SECTIONS or (len(name) == 4 and name[:2] in _SECTIONS and name[2:] in _SECTIONS):
        return True
    return 4 <= len(name) <= 8 and name.endswith(_PAPERS)


def _heads_list(line: str, pattern: str) -> bool:
    return len(line) <= _LONGEST_STRANGE and not _LISTED.isdisjoint(line) and bool(re.fullmatch(pattern, line))


def _has_clock(line: str) -> bool:
    return (":" in line or "：" in line) and re.search(_CLOCK, line) is not None


def _judge_name(line: str) -> int:
    """Tell whether a line may be the name of a paper or of a section."""
    bare = re.sub(r"[(（][^()（）]{1,6}[)）]$", "", "".join(line.split()))
    if _is_section(bare) or (len(bare) <= 14 and bare.endswith(_NAMES)) or _LATIN.fullmatch(line):
        return _PART
    return _MAYBE if len(bare) <= 6 else _judge_strange(line)


def _judge_strange(line: str) -> int:
    """Tell whether a line may stand in a masthead that other lines are sure of: short, and set as no headline is."""
    return _STRANGE if _is_short(line) and re.search(_SET, line) else _NOT


def _is_short(line: str) -> bool:
    return len("".join(line.split())) <= _LONGEST_STRANGE
