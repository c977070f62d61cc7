"""Headlines: which of the lines that an article begins with are its headline. A rule, not a model."""

from __future__ import annotations

import re
from itertools import pairwise

from classifier.page.cues import SURNAMES
from classifier.page.masthead import is_field

_LONGEST_LINE, _LONGEST_HEADLINE = 45, 80
"""Characters of one line (re-joined where it is wrapped), and of all lines, of a headline."""

_MOST_PARTS = 4
"""Lines of a headline: one that leads up to it, two of its own, one below. More that look alike are a list."""

_MOST_PIECES = 6
"""The same in a narrow column, where each may be broken."""

_ENDS_SENTENCE = ("。", "；", "…", "，", "、", ".", ",", ";")
DASHES = ("——", "—", "--")
"""What a line under a headline may begin with."""

_NOT_HEADLINE = (*DASHES, "（上", "(上", "问：", "問：", "问:", "答：", "答:")
_MARKS = "■□◆◇●○▲△▼★☆◎※▶◀"
INDENT = " \u3000\xa0\t"
_PARAGRAPH = ("\u3000\u3000", " " * 4)
"""Indents of paragraphs. What has more is set in the middle, as a headline may be."""

_HAN = "一-鿿"
_ROLE = "记者|記者|通讯员|通訊員|评论员|評論員|特派员|特派員|撰稿人?|实习生|實習生"
_CREDIT = (
    "作者|来源|來源|编辑|編輯|责编|校对|校對|摄影|攝影|撰文|采写|採寫|编译|編譯|翻译|翻譯|整理|策划|统筹|监制|版式|美编|制图|图源|"
    "原标题|文|图|圖|摄|攝"
)
_RANK = "首席|特约|特約|实习|實習|见习|見習|驻.{1,4}"
_SEPARATORS = "：:/／丨|｜"

# What credits look like, each with characters of which a line that looks so has one. A range of Han characters takes
# Python 0.8 ms to compile, and few pages have lines for all of these: so a pattern waits until a line may match it.
_BYLINES: tuple[tuple[frozenset[str], str], ...] = (
    # 本报记者 张三, 编辑：李四, 文/王五 anywhere; but not 答记者问, 记者节, 编辑部
    (frozenset("者员員稿生"), rf"(?:{_ROLE})\s*(?:$|[\s、{_SEPARATORS}])"),
    (frozenset(_SEPARATORS), rf"(?:{_CREDIT})\s*[{_SEPARATORS}]"),
    (
        frozenset("者源來辑輯编責责校对影撰写寫译譯整策筹监式图标文圖摄攝"),
        rf"(?:^|[{_MARKS}\s])(?:{_CREDIT})\s+[{_HAN}]{{1,4}}(?:$|\s)",
    ),
    # 本报记者张三, 新华社驻巴黎记者李四、王五
    (
        frozenset("者员員稿生"),
        rf"^[{_MARKS}\s（(【]*(?:本[报報刊].{{0,8}}|[^，。]{{0,12}}[社报報网網台刊闻聞端體体])?(?:{_RANK})?(?:{_ROLE})"
        rf"[{_HAN}]{{2,3}}(?:$|[\s、，（(·/／])",
    ),
    # 王五/文, 王五 整理, 王五 发自北京, （王五）, 编译王五／综合外电
    (frozenset("/／丨|｜"), rf"^[{_HAN}\s、]{{2,12}}[/／丨|｜]\s*[文图圖]"),
    (frozenset("整译譯道"), rf"^[{_HAN}]{{1,4}}\s.{{0,6}}(?:整理|编译|編譯|报道|報道)$"),
    (frozenset("（("), rf"^[（(][{_HAN}]{{2,4}}[）)]$"),
    (frozenset("译譯"), rf"^(?:编译|編譯)[{_HAN}]{{2,4}}\s?[/／]"),
    (frozenset("发"), r"发自.{2,6}$"),
    # 新华社记者王五摄, 资料图
    (
        frozenset("文图圖摄攝道电電端"),
        r"(?:\s[文图圖摄攝]|资料图|摄影报道|供图|供圖|综合报道|綜合報道|[综綜]合外[电電]|客户端)[）)]?$",
    ),
    (frozenset("摄攝"), r"[^，。：]{2,12}[摄攝]$"),
)
_BYLINE_CHARS = frozenset().union(*(some for some, _ in _BYLINES))
"""A line without any of these, as six of ten have none, is no byline."""

_DATELINE = re.compile(
    r"[【（(]?据?(?:本报|本報|本刊|本台|新华社|新華社|中新社|中新网|人民网|央视新闻|[^\s，。“”]{2,5}[报報社网])"
    r"[^，。]{0,18}(?:[电電讯訊]|消息|报道|報道)(?:$|[\s（(：:，】）)])"
    r"|据[^，。]{2,12}(?:消息|报道|报|讯)，"
)
_GLUED_DATELINE = r"本[报報刊]\S{0,10}[0-9一二三四五六七八九十]日[电電讯訊]"
"""One whose text follows without a blank: 本报泰安1月29日讯一场冻雨."""

_NARROW = 32
"""Longest of the first lines of an article in a narrow column."""

_COLUMN = 24
"""The same of one so narrow that even a headline is broken, where nothing tells that the text is wrapped."""

_COMPOUND_SURNAMES = frozenset(
    (
        "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 皇甫 尉迟 尉遲 公孙 公孫 慕容 "
        "司徒 令狐 夏侯 长孙 長孫 宇文 端木 闻人 聞人 澹台"
    ).split()
)

_RAGGED = 3
"""Characters by which a line of running text, told by a comma, falls short of its column: recognition drops some."""

_LONGEST_HALF = 10
"""Characters of a line that ends in a comma and is still the first of a headline's, not of a sentence."""

_LONGEST_MARKED, _LONGEST_STANDING = 14, 8
"""Characters of a line with a mark in front, and of one without, that may be a standing head."""

_STANDING = tuple(
    (
        "社评 社評 社论 社論 照登 回音壁 要闻 要聞 港闻 港聞 体育 體育 新闻 新聞 曝光台 巷议 来信 來信 信箱 短信 "
        "热线 熱線 论坛 論壇 杂谈 雜談 漫谈 漫談 今日谈 访谈 訪談 随笔 隨筆 笔记 筆記 手记 手記 札记 专访 專訪 "
        "茶座 园地 園地 之窗 之声 之见 顾问 顧問 课堂 天地 走廊 百科 沙龙 一瞥 快讯 简讯 簡訊 速递 聚焦 视点 "
        "視點 观察 觀察 广角 关注 策划 调查 調查 史话 史話 小议 短评 时评 评论 評論 点评 點評 编读往来 有问必答 "
        "连载 連載 小说 小說 散文 诗歌 杂文 快板 相声 副刊 新苗 专栏 專欄 周刊 特刊 特稿 特写 特寫 特别报道 纪事 "
        "见闻 見聞 风采"
    ).split()
)
"""What the standing heads of columns end in: 读者来信, 法规漫谈, 环球一瞥."""

_BRACKETED = r"[【\[［〔·•].{1,10}[】\]］〕·•]"
"""A standing head in brackets: 【头条】."""

_VERB = r"(?:引发?|受|介入|接受|展[开现示]|开展)\w{0,3}$"
"""What says that a line that ends like a standing head is half of a headline: 养老问题引关注."""

_PART_NUMBER = r"之?[一二三四五六七八九十0-9]{1,3}|[上中下]篇?|引子|序|前言"
"""The number of a part, which is no headline though it stands where one does."""

_SPEECH = r"(?:[说道称问想]|为[此止])[，,]$"
"""The end of a line that leads up to what someone says."""

_SALUTATION = r"(?:各位|亲爱的|親愛的|尊敬的|敬爱的|敬愛的)|.{0,6}[们們][，,]$"
"""Whom a letter speaks to: 各位读者，."""

_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]")


_ITEM = (
    r"[0-9]{1,2}[:：][0-9]{2}(?![0-9])|[0-9]{1,3}\s?[:：∶]\s?[0-9]{1,3}\s"
    r"|(?:[￥¥]|\S{1,12}\s+[￥¥]?|)[0-9]+(?:\.[0-9]+)?\s?元?(?:[/／]\S{1,3})?(?:$|\s)"
)
"""What a line of a list begins with: a time of the day, a score, a price with the goods before it or behind."""


def headline(lines: list[str], *, width: int) -> tuple[str, int]:
    """Return the headline that a list of lines begins with, and how many lines it takes; ``("", 0)`` without one.

    Lines may be indented. ``width`` is that of wrapped text, or 0: a line that fills it goes on in the next, unless
    that is indented. A standing head or a byline above the headline is no part of it, but one of the lines it takes;
    so is what archives print above it, 第3版() and 专栏：.
    """
    fields = next((number for number, line in enumerate(lines) if not is_field(line)), 0)
    if fields:
        title, used = headline(lines[fields:], width=width)
        return title, used + fields if title else 0
    blocks = _join_lines(lines, width)
    narrow = width > 0 or max(map(len, lines), default=0) <= _NARROW
    if (
        len(blocks) > 2
        and _leads_up(blocks[0][0])
        and is_headline(blocks[1][0], narrow=narrow)
        and not re.fullmatch(_PART_NUMBER, blocks[1][0])
    ):
        above = blocks[0][1]
        title, used = _top_headline(lines[above:], _join_lines(lines[above:], width), width, narrow=narrow)
        if title:
            return title, used + above
    return _top_headline(lines, blocks, width, narrow=narrow)


def _top_headline(lines: list[str], blocks: list[tuple[str, int]], width: int, *, narrow: bool) -> tuple[str, int]:
    """Return the headline that stands above all else, and how many lines it takes."""
    parts: list[str] = []
    at = 0
    for text, number in blocks:
        size = sum(map(len, parts))
        if not is_headline(text, after=bool(parts), narrow=narrow) and not (
            number == 1 and len(blocks) > 2 and _is_half(text, blocks[1][0])
        ):
            break
        if parts and (size + len(text) > _LONGEST_HEADLINE or _is_indented(lines[at], lines[0])):
            break
        at = number
        parts.append(text)
    if len(parts) == len(blocks):
        # All lines look alike: a list or a poem, headed by its first; a lone line is its own text.
        parts = parts[:1] if len(parts) > 1 else []
    elif len(parts) > (_MOST_PIECES if width or max(map(len, lines)) <= _COLUMN else _MOST_PARTS):
        parts = parts[:1]
    parts = parts[: _count_until_list(parts)]
    # 各位代表： leads up to what follows, which is no headline.
    while parts and parts[-1].endswith(("：", ":")):
        parts.pop()
    if not parts:
        return _first_line(lines) if blocks and blocks[0][1] > 1 else ("", 0)
    used = blocks[len(parts) - 1][1]
    # A line over the headline that ends in a dash leads up to it; the headline is what follows.
    while len(parts) > 1 and parts[0].endswith(("—", "：", ":")):
        parts.pop(0)
    return " ".join(parts), used


def _count_until_list(parts: list[str]) -> int:
    """Count the lines above two that are items of a list; one by itself may be a headline's: 2:0 完胜海城."""
    items = [re.match(_ITEM, text) is not None for text in parts]
    return next((at for at, both in enumerate(pairwise(items)) if all(both)), len(parts))


def _leads_up(line: str) -> bool:
    """Tell whether a line is a standing head (■ 观点, 读者来信) or a byline, under which the headline stands."""
    if len(line) > _LONGEST_LINE or not any(char.isalnum() for char in line):
        return False
    if line[0] in _MARKS and len(line) <= _LONGEST_MARKED:
        return True
    if is_credit(line):
        return _DATELINE.match(line) is None and line[0] not in "（("
    if line[0] in "【[［〔·•" and len(line) <= _LONGEST_STANDING + 4 and re.fullmatch(_BRACKETED, line):
        return True
    bare = "".join(line.split())
    return len(bare) <= _LONGEST_STANDING and bare.endswith(_STANDING) and not re.search(_VERB, bare)


def _is_half(line: str, below: str) -> bool:
    """Tell whether a line that ends in a comma is the first of a headline's: 谢谢你，/ 捡到手机的“红帽子”."""
    return (
        line.endswith(("，", ","))
        and not is_credit(line)
        and len(line) <= _LONGEST_HALF
        and not re.search(_SPEECH, line)
        and not re.match(_SALUTATION, line)
        and len(below) <= 2 * _LONGEST_HALF
        and is_headline(below, after=True)
    )


def _join_lines(lines: list[str], width: int) -> list[tuple[str, int]]:
    """Join lines that go on in the next to blocks: the text of each and the number of lines up to its end."""
    if not width:
        return [(line.strip(), number) for number, line in enumerate(lines, 1)]
    indents = [len(line) - len(line.lstrip(INDENT)) for line in lines]
    least = min(indents, default=0)
    blocks: list[tuple[str, int]] = []
    goes_on = False
    for number, (line, indent) in enumerate(zip(lines, indents, strict=True), 1):
        text = line.strip()
        goes_on = goes_on and indent == least and not (len(text) <= _LONGEST_LINE and _is_signed(text))
        if goes_on:
            blocks[-1] = (blocks[-1][0] + text, number)
        else:
            blocks.append((text, number))
        goes_on = len(text) + min(indent - least, 2) >= width - (_RAGGED if "，" in text else 1)
    return blocks


def _first_line(lines: list[str]) -> tuple[str, int]:
    """Return the first line as headline though it fills its column, if no mark in it says that it is a sentence."""
    line = lines[0].strip()
    sentence = any(char in "，。；：、,;:" for char in line) or line[:1] in "“‘《（("
    return (line, 1) if not sentence and is_headline(line, after=False) else ("", 0)


def _is_indented(line: str, first: str) -> bool:
    """Tell whether a line has the indent of a paragraph, and the first line of the headline has none."""
    indent = line[: len(line) - len(line.lstrip(INDENT))]
    return indent in _PARAGRAPH and first[:1] not in INDENT


def is_headline(line: str, *, after: bool = False, narrow: bool = False) -> bool:
    """Tell whether a line could be (a part of) a headline; ``after``: it stands under one that is.

    ``narrow``: in a narrow column, where headlines are broken into pieces as short as names.
    """
    if len(line) > _LONGEST_LINE or not any(char.isalnum() for char in line):
        return False
    if line.startswith(_NOT_HEADLINE) or line.endswith(_ENDS_SENTENCE) or "。" in line:
        return False
    if _NUMBERED.match(line) or is_credit(line) or is_field(line) or re.match(_GLUED_DATELINE, line):
        return False
    if line[0] in _MARKS and (len(line) <= _LONGEST_MARKED or line[-4:-1].find(" ") >= 0):
        return False
    return not _is_name(line, after=after, narrow=narrow)


def is_credit(line: str) -> bool:
    """Tell whether a line says who wrote or sent the text, or begins with that."""
    if _DATELINE.match(line) is not None:
        return True
    if _BYLINE_CHARS.isdisjoint(line):
        return False
    chars = set(line)
    return any(not some.isdisjoint(chars) and re.search(pattern, line) is not None for some, pattern in _BYLINES)


def is_byline(line: str) -> bool:
    """Tell whether a line is a credit and no sentence that begins with one, as 本报讯 does."""
    return "，" not in line and "。" not in line and is_credit(line)


def _is_signed(line: str) -> bool:
    """Tell whether a line is a credit or a name: it does not go on from the one above, even where that is full."""
    return is_credit(line) or (len(line) > 1 and _is_name(line))


def _is_name(line: str, *, after: bool = False, narrow: bool = False) -> bool:
    """Tell whether a line is a person's name, or under a headline also several: of two or three Han characters."""
    names = line.split()
    bare = "".join(names)
    if bare[:2] in _COMPOUND_SURNAMES and len(bare) <= 4:
        return True
    if not after:
        return bare[0] in SURNAMES and (len(bare) <= 3 or (len(bare) == 4 and len(names) == 2 == len(names[0])))
    if len(bare) <= 3:
        return not narrow or len(names) > 1 or bare[0] in SURNAMES
    return len(names) > 1 and all(1 <= len(name) <= 3 for name in names)
