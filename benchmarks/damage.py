"""What printing, scanning and reading do to a text: column wrap, wrong characters, page furniture, cut paragraphs.

Everything takes a :class:`random.Random` and draws only from it, so that a page is the same on every machine.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

NO_LINE_START = frozenset("，。、；：？！）》〉」』】〕”’…％,.;:?!)")
"""Characters that many papers hang over the end of a line rather than begin the next with."""

NO_LINE_END = frozenset("“‘（《〈「『【〔")
"""Characters that the same papers carry over to the next line rather than end one with."""

LOOK_ALIKES = (
    "日曰 人入八 未末 己已巳 士土 干千于 大太犬 目自 白百 木本 王玉主 口囗 今令 句旬 戊戌戍 天夫无 午牛 刀力 儿几 贝见 "
    "间问闻 住往佳 侯候 拨拔 折拆 历厉 晴睛 清请情 待侍 徒徙 免兔 鸟乌 治冶 准淮 崇祟 微徽 密蜜 辨辩 亳毫 茶荼 祖租组 "
    "堂党 因困囚 代伐 仑仓 阴阳 使便 特持 何河 活话 讯迅 记纪 提堤 场扬 极级 导异 业亚 会公 田由甲 工二 开井 市布 区医 "
    "名各 体休 行竹 同间 部郡 院完 建健 设没 发友 展屡 新斯 政攻 经轻 济齐 社杜 民氏 国固 全金"
)
"""Groups of characters, between spaces, that readers of scans mistake for one another."""

SWAPPED_PUNCTUATION = {
    "，": ",.、。",
    "。": ".，,o",
    "、": ",，.",
    "：": ":；",
    "；": ";：",
    "（": "(〈",
    "）": ")〉",
    "“": '"〝‘',
    "”": '"〞’',
    "《": "<〈(",
    "》": ">〉)",
    "—": "-一",
    "·": ".・",
    "！": "!1",
    "？": "?7",
    "%": "％",
    "．": ".",
}
"""Punctuation and what a reader of scans makes of it."""

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红飞鑫波斌宇浩凯健俊帆雪婷晓文"
_PAPERS = ("江城晚报", "云岭日报", "海州早报", "北江都市报", "西岭商报", "今日临河", "新滨海报", "平原时报")
_SECTIONS = ("要闻", "综合", "时政", "本地", "社会", "经济", "国际", "文化", "民生", "城事", "专题", "广告", "深度")


@dataclass(frozen=True, slots=True)
class Confusions:
    """Which Han character is read for which: look-alikes, and characters about as frequent."""

    ranked: tuple[str, ...]
    """Han characters, the most frequent first."""
    rank: dict[str, int]
    alike: dict[str, str]

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Confusions:
        """Rank the Han characters of some texts by frequency, ties by code point."""
        counts = Counter(char for text in texts for char in text if "一" <= char <= "鿿")
        ranked = tuple(sorted(counts, key=lambda char: (-counts[char], char)))
        alike = {char: group.replace(char, "") for group in LOOK_ALIKES.split() for char in group}
        return cls(ranked, {char: i for i, char in enumerate(ranked)}, alike)

    def misread(self, char: str, rng: Random) -> str:
        """Return another character for a Han character: a look-alike one time in two where there is one."""
        if char in self.alike and rng.random() < 0.5:
            return rng.choice(self.alike[char])
        if char not in self.rank or len(self.ranked) < 2:
            return char
        i = self.rank[char]
        low, high = max(0, i - 40), min(len(self.ranked), i + 41)
        j = rng.randrange(low, high - 1)
        return self.ranked[j if j < i else j + 1]


def misread_line(line: str, rng: Random, *, confusions: Confusions, wrong: float) -> str:
    """Return the line with a share ``wrong`` of its Han characters replaced by others."""
    return "".join(
        confusions.misread(char, rng) if "一" <= char <= "鿿" and rng.random() < wrong else char for char in line
    )


def spoil_line(line: str, rng: Random, *, confusions: Confusions, wrong: float, punctuation: float) -> str:
    """Return the line as a bad scan reads it.

    A share ``wrong`` of the characters that are no punctuation is replaced (one half), lost (a quarter) or doubled
    (a quarter); a share ``punctuation`` of the punctuation is taken for other punctuation, or lost (one in five).
    """
    out = []
    for char in line:
        if char in SWAPPED_PUNCTUATION:
            if rng.random() < punctuation:
                char = "" if rng.random() < 0.2 else rng.choice(SWAPPED_PUNCTUATION[char])
        elif not char.isspace() and rng.random() < wrong:
            turn = rng.random()
            char = confusions.misread(char, rng) if turn < 0.5 else "" if turn < 0.75 else char * 2
        out.append(char)
    return "".join(out).strip()


def cells(char: str) -> float:
    """Return the width of a character in Han characters: 1, or a half for Latin letters, digits and the like."""
    return 1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5


def wrap(line: str, *, width: float, indent: float = 0.0, hanging: bool = True) -> list[str]:
    """Cut a paragraph into the lines of a column.

    Parameters
    ----------
    line
        One paragraph.
    width
        Width of the column in Han characters.
    indent
        How much narrower the first line is: the white space a paragraph begins with, which a scan does not show.
    hanging
        Whether closing punctuation stays on the line it closes, one cell beyond the column, and opening punctuation
        goes with what it opens.
    """
    lines, current, used, room = [], "", 0.0, width - indent
    for piece in _pieces(line):
        size = sum(map(cells, piece))
        hangs = hanging and piece in NO_LINE_START and used <= width
        if current and used + size > room and not hangs:
            carried = current[-1] if hanging and len(current) > 1 and current[-1] in NO_LINE_END else ""
            lines.append(current[: len(current) - len(carried)].strip())
            current, used, room = carried, float(len(carried)), width
        current += piece
        used += size
    if current.strip():
        lines.append(current.strip())
    return [found for found in lines if found]


def _pieces(line: str) -> list[str]:
    """Return the characters of a line, short runs of Latin letters and digits kept whole."""
    pieces: list[str] = []
    joining = False
    for char in line:
        latin = char.isascii() and (char.isalnum() or char in ".%-")
        if latin and joining and len(pieces[-1]) < 9:
            pieces[-1] += char
        else:
            pieces.append(char)
        joining = latin
    return pieces


def wrap_headline(line: str, *, width: float) -> list[str]:
    """Cut a headline into lines of about the same length, none wider than ``width``."""
    count = math.ceil(sum(map(cells, line)) / width)
    return wrap(line, width=math.ceil(sum(map(cells, line)) / max(count, 1)) + 0.5, hanging=True)


def cut_paragraphs(lines: Sequence[str], rng: Random, *, share: float, shortest: int) -> list[str]:
    """Cut a share of the lines of at least ``shortest`` characters in two at any character, as column breaks do."""
    out = []
    for line in lines:
        if len(line) >= shortest and rng.random() < share:
            at = rng.randrange(5, len(line) - 4)
            out += [line[:at].rstrip(), line[at:].lstrip()]
        else:
            out.append(line)
    return [line for line in out if line]


def person(rng: Random) -> str:
    """Return a name made up of a common surname and common given-name characters."""
    return rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(rng.choice((1, 2, 2))))


@dataclass(frozen=True, slots=True)
class Furniture:
    """What is printed around the articles of a page: its number, section and date, the paper, editors, telephones.

    Papers, people and numbers are made up.
    """

    page: str
    paper: str
    section: str
    date: str

    @classmethod
    def draw(cls, rng: Random, *, date: str) -> Furniture:
        """Draw the furniture of a page of the day ``date`` (``YYYY-MM-DD``)."""
        page = rng.choice(("{n}", "A{n:02d}", "{n:02d}", "B{n}")).format(n=rng.randrange(1, 17))
        year, month, day = (int(part) for part in date.split("-"))
        weekday = "星期" + rng.choice("一二三四五六日")
        return cls(page, rng.choice(_PAPERS), rng.choice(_SECTIONS), f"{year}年{month}月{day}日 {weekday}")

    def running_head(self, rng: Random) -> str:
        """Return a line that stands at the top or the foot of a page."""
        page, paper, section, date = self.page, self.paper, self.section, self.date
        here = (page, f"{page}版", f"{page} {section}", f"{section} {page}", f"第{page}版", f"{paper} {page}")
        return rng.choice((*here, date, f"{date} {section} {page}", paper, f"{paper} {date.split()[0]}"))

    def line(self, rng: Random) -> str:
        """Return a line that may stand anywhere."""
        phone = f"{rng.randrange(300, 999):04d}-{rng.randrange(2000000, 8999999)}"
        mail = f"news{rng.randrange(10, 99)}@{rng.choice(('163.com', 'qq.com', 'sina.com'))}"
        editors = [f"{role}{rng.choice(' ：')}{person(rng)}" for role in rng.choice(_ROLES)]
        return rng.choice(
            (
                self.running_head(rng),
                rng.choice((" ", "　", "  ")).join(editors),
                f"{rng.choice(('新闻热线', '热线电话', '广告热线', '投稿热线'))}{rng.choice('： ')}{phone}",
                rng.choice((f"邮箱：{mail}", f"编辑部电话：{phone} 邮箱：{mail}", f"E-mail：{mail}")),
            )
        )


_ROLES = (
    ("责任编辑", "美术编辑", "校对"),
    ("责编", "版式", "校对"),
    ("编辑", "版式"),
    ("编辑", "美编", "校对"),
    ("值班主任", "责任编辑", "版式设计"),
)
