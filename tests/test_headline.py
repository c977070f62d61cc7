"""Headlines: found where they are, and only there."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.page import headline as headlines
from classifier.page.headline import headline, is_credit
from tests.wrapping import wrapped

BODY = "本报讯 桥北街道社区食堂昨天开张，首日来了八十位老人，十元钱两荤一素，米饭管够。"
MORE = "街道负责人说，食堂由三家单位合办，午餐和晚餐都有，行动不便的老人可以送餐上门。"


@pytest.mark.parametrize(
    ("lines", "title", "used"),
    [
        # One line, two lines, a kicker, a subtitle.
        (["社区食堂开张 老人吃上热饭", BODY, MORE], "社区食堂开张 老人吃上热饭", 1),
        (["社区食堂开张", "老人吃上热饭", BODY, MORE], "社区食堂开张 老人吃上热饭", 2),
        (["桥北民生工程", "社区食堂开张", "老人吃上热饭", BODY], "桥北民生工程 社区食堂开张 老人吃上热饭", 3),
        # A standing head or a byline above it.
        (["民生一线观察", "社区食堂开张", "老人吃上热饭", BODY], "社区食堂开张 老人吃上热饭", 3),
        (["【读者来信】", "社区食堂开张", BODY, MORE], "社区食堂开张", 2),
        (["■ 街谈", "社区食堂开张", BODY, MORE], "社区食堂开张", 2),
        (["【头条】", "社区食堂开张", BODY, MORE], "社区食堂开张", 2),
        (["读者来信", "编辑同志：", BODY, MORE], "读者来信", 1),
        (["采访手记", "一", BODY, MORE], "采访手记", 1),
        (["送餐上楼引关注", "三家单位合办食堂", BODY, MORE], "送餐上楼引关注 三家单位合办食堂", 2),
        (["他摇摇头说，", "这不是钱的事", BODY, MORE], "", 0),
        (["社論", "社区食堂應當多開", BODY, MORE], "社区食堂應當多開", 2),
        (["住在六楼能送饭吗？", "问：我今年八十一岁，食堂的饭能送上六楼吗", BODY, MORE], "住在六楼能送饭吗？", 1),
        (["本报记者 王小丁", "社区食堂开张", BODY, MORE], "社区食堂开张", 2),
        (["读者来信", BODY, MORE], "读者来信", 1),
        # Lines of a list: times, prices, scores, where two are.
        (["今日电视", "江北一套", "07:00 江北早新闻", "08：05 电视剧：老街", BODY], "今日电视 江北一套", 2),
        (["昨日菜价", "大白菜 1.20元/斤", "￥3.50 黄瓜", BODY], "昨日菜价", 1),
        (["昨夜战报", "3:1 东山胜海城", "98:91 西山胜东河", BODY], "昨夜战报", 1),
        (["江北男篮四连胜", "98:91 力克海城", BODY], "江北男篮四连胜 98:91 力克海城", 2),
        # What archives print above it or below.
        (["第3版()", "专栏：", "社区食堂开张", BODY, MORE], "社区食堂开张", 3),
        (["第3版(国际)", "专栏：简讯", "社区食堂开张", BODY, MORE], "社区食堂开张", 3),
        (["社区食堂开张", "1958.09.12", "第3版()", "专栏：", BODY], "社区食堂开张", 1),
        (["专栏：读者来信", BODY, MORE], "", 0),
        # Its first line ends in a comma.
        (["谢谢你，", "送饭上楼的志愿者", BODY, MORE], "谢谢你， 送饭上楼的志愿者", 2),
        (["食堂昨天开张，", BODY, MORE], "", 0),
        (["各位读者，", "新年好！", BODY, MORE], "", 0),
        (["同志们，朋友们，", "新年好！", BODY, MORE], "", 0),
        (["把服务送到家门口——", "社区食堂开张", BODY, MORE], "社区食堂开张", 2),
        (["把服务送到家门口—", "社区食堂开张", BODY, MORE], "社区食堂开张", 2),
        (["桥北街道：", "社区食堂开张", BODY, MORE], "社区食堂开张", 2),
        (["社区食堂开张", "——桥北街道为老服务见闻", BODY, MORE], "社区食堂开张", 1),
        (["社区食堂开张", "—桥北街道为老服务见闻", BODY, MORE], "社区食堂开张", 1),
        (["一碗热饭有多暖？", BODY, MORE], "一碗热饭有多暖？", 1),
        (["社区食堂开张！", "十元钱两荤一素", BODY], "社区食堂开张！ 十元钱两荤一素", 2),
        (["“热饭来了”", BODY, MORE], "“热饭来了”", 1),
        (["2024年社区食堂新增50家", BODY], "2024年社区食堂新增50家", 1),
        # Short ones, where they are no name.
        (["更正", BODY, MORE], "更正", 1),
        (["诚聘", BODY, MORE], "诚聘", 1),
        (["逛书摊", BODY, MORE], "逛书摊", 1),
        # Under a byline or a dateline no headline goes on.
        (["社区食堂开张", "本报记者 王一 李二三", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "■ 王一", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "□ 江北大学经济学院教授 王一二", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "王一二", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "王  一", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "王一二  李三", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "（王一二）", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "文/王一二", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "王一/文 李二/图", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "王一二 整理", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "来源：江南晚报", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "每经记者：王一 每经编辑：李二三", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "本报综合报道", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "江南晚报 王一二 发自北京", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "新华社北京1月2日电", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "本报江北1月29日讯社区食堂昨天开", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "老人在食堂用餐。王一 摄", BODY], "社区食堂开张", 1),
        (["社区食堂开张", "老人在食堂用餐（资料图）", BODY], "社区食堂开张", 1),
        (["社區食堂開張", "本報記者 王一二", BODY], "社區食堂開張", 1),
        (["社區食堂開張", "編譯王一二／綜合外電", BODY], "社區食堂開張", 1),
        # Words of bylines are no byline in a headline.
        (["外交部发言人答记者问", BODY, MORE], "外交部发言人答记者问", 1),
        (["国务院新闻办举行记者会", BODY, MORE], "国务院新闻办举行记者会", 1),
        (["扛起责任 落实安全生产", BODY, MORE], "扛起责任 落实安全生产", 1),
        (["编辑部的故事", BODY, MORE], "编辑部的故事", 1),
        (["全国摄影艺术展开幕", BODY, MORE], "全国摄影艺术展开幕", 1),
        (["机场快线3月15日恢复运行", BODY, MORE], "机场快线3月15日恢复运行", 1),
        # The line over the page.
    ],
    ids=str,
)
def test_a_headline_is_found(lines: list[str], title: str, used: int) -> None:
    assert headline(lines, width=0) == (title, used)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["社区食堂开张"],
        [BODY],
        [BODY, MORE],
        ["的老人可以送餐上门。", MORE],
        ["米饭管够，", MORE],
        ["……", MORE],
        ["——", MORE],
        ["王一二", BODY],
        ["欧阳一二", BODY],
        ["本报记者 王一二", BODY],
        ["本报记者王一二、李三", BODY],
        ["新华社北京1月2日电（记者王一）", BODY],
        ["本报讯", BODY],
        ["据江南晚报报道，", BODY],
        ["——桥北街道为老服务见闻", BODY],
        ["三、以供需适配提升服务效能", BODY],
        ["（二）加强领导", BODY],
        ["各位代表：", BODY],
        ["社区食堂" * 12, BODY],
    ],
    ids=str,
)
def test_there_is_no_headline(lines: list[str]) -> None:
    assert headline(lines, width=0) == ("", 0)


def test_where_all_lines_look_alike_the_first_heads_them() -> None:
    poem = ["最先听见的春天", "是岸上那条打瞌睡的狗", "是桥下的一块冰", "和冰下的一条鱼"]
    assert headline(poem, width=0) == (poem[0], 1)
    assert headline(poem * 3, width=0) == (poem[0], 1)
    assert headline([*poem, poem[1], BODY], width=0) == (poem[0], 1)


@pytest.mark.parametrize("indent", ["", "\u3000\u3000", "  "])
@pytest.mark.parametrize("width", [12, 15, 18, 24])
@pytest.mark.parametrize(
    "title",
    [
        "社区食堂开张啦",
        "社区食堂开张老人吃上热饭十元钱",
        "社区食堂开张，老人吃上热饭，十元钱两荤一素米饭管够",
        "社区食堂开张：老人吃上热饭，十元钱两荤一素米饭管够还能送餐上门",
    ],
)
def test_a_wrapped_headline_is_joined(title: str, width: int, indent: str) -> None:
    if len(title) % width in (0, width - 1) and not indent:
        pytest.skip("a headline that fills its column runs into the text; see the next test")
    lines = wrapped(title, BODY, MORE, width=width, indent=indent)
    assert headline(lines, width=width) == (title, -(-len(title) // width))


def test_a_headline_that_fills_its_column_is_told_from_a_sentence_by_its_marks() -> None:
    title = "社区食堂开张老人吃上热饭"
    assert headline(wrapped(title, MORE, BODY, width=12, indent=""), width=12) == (title, 1)
    assert headline(wrapped(MORE, BODY, width=12, indent=""), width=12) == ("", 0)


@pytest.mark.parametrize("indent", ["", "\u3000\u3000"])
@pytest.mark.parametrize("width", [12, 18, 24])
@pytest.mark.parametrize("text", [BODY, MORE, "说，他们每天五点就起床，" + MORE])
def test_a_wrapped_text_without_a_headline_has_none(text: str, width: int, indent: str) -> None:
    assert headline(wrapped(text, MORE, width=width, indent=indent), width=width) == ("", 0)


def test_an_indent_ends_a_headline_that_fills_its_column() -> None:
    title = "社区食堂开张，老人吃上热饭"
    assert headline(wrapped(title, MORE, BODY, width=13), width=13) == (title, 1)
    # A page that is indented as a whole has no indents.
    lines = ["  " + line for line in wrapped(title * 2, MORE, BODY, width=13, indent="")]
    assert headline(lines, width=13)[1] == 0


def test_a_byline_ends_a_headline_that_fills_its_column() -> None:
    lines = ["社区食堂开张老人吃上热饭", "本报记者 王一二", *wrapped(BODY, width=12)]
    assert headline(lines, width=12) == ("社区食堂开张老人吃上热饭", 1)
    lines[1] = "王一二"
    assert headline(lines, width=12) == ("社区食堂开张老人吃上热饭", 1)


@given(
    st.lists(
        st.text("中王国报记者讯电摄文/图，。：；？！“”（）《》—…■· \u300012A月日\u200b\x1c", max_size=60), max_size=14
    ),
    st.integers(0, 40),
)
@example([""], 0)
@example(["\x1c"], 12)
def test_any_lines_have_an_answer(lines: list[str], width: int) -> None:
    title, used = headline(lines, width=width)
    assert 0 <= used <= len(lines)
    assert bool(title) == bool(used)
    assert len(title) <= 90
    joined = "".join("".join(lines[:used]).split())
    assert "".join(title.split()) in joined


def test_a_credit_has_one_of_the_characters_that_its_pattern_waits_for() -> None:
    # Lines are drawn from what the patterns are made of; each must match some of them.
    draw = random.Random(0)
    words = [word for _, pattern in headlines._BYLINES for word in re.findall("[^\\W\\d_]+", pattern)]
    words += [char for word in words for char in word]
    pieces = words + ["王五", "本报", "新华社", " ", "/", "：", "（", "）", "｜", "■", "、"] * (len(words) // 10)
    lines = ["".join(draw.choices(pieces, k=draw.randint(1, 4))) for _ in range(40_000)]
    for needed, pattern in headlines._BYLINES:
        found = [line for line in lines if re.search(pattern, line)]
        assert found, pattern
        assert all(needed & set(line) for line in found)
        assert all(map(is_credit, found))
