"""Mastheads: the lines over a page are told from its first headline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.page.masthead import count_index, count_lines

BODY = "本报讯 桥北街道社区食堂昨天开张，首日来了八十位老人，十元钱两荤一素，米饭管够。"
HEADLINE = "社区食堂开张 老人吃上热饭"

MASTHEADS = [
    ["江北晚报　2003年9月16日　星期二　第5版"],
    ["06 综合新闻 11月8日"],
    ["2008.6.19 星期四 A03 民生"],
    ["江北日报　一九五八年十月二十六日　第二版"],
    ["江北民報　民國三十五年十月十七日　星期四　第一張第三版"],
    ["海港日報 2015-11-19 星期四 港聞 A12"],
    ["经济·生活　1988年8月14日　本版编辑　王一二　美编　李三"],
    ["第三版　党的建设　1999年6月29日　农历己卯年五月十六"],
    ["财经观察 B03 要闻 2023年8月23曰 星期三 编辑：王一"],
    ["2005年4月19日　农历三月十一　总第4310期　今日四版"],
    # Broken in narrow columns, over several lines.
    ["江北农民报", "1957年3月1", "4日", "第三版"],
    ["江北日报　一九六三年四月九日　星", "期二　第二版　农历癸卯年三月十六"],
    ["2", "江北航务报", "1992年10月14", "日", "星期三"],
    ["A08", "2009.1.12 星期一  都市民生", "新闻热线 9666 2188", "值班编委 王 一  编辑 李二三"],
    ["第二版", "江北工人报", "1953年5月20日", "星期三"],
    ["江北人民报　民国三十五", "年八月十七日　星期六　第一", "版　今日四版"],
    # The name in Latin letters, a series' name, whose paper it is.
    ["江北日报", "JIANGBEI RIBAO", "2013年4月9日　星期二　农历癸巳年二月廿九　今日八版"],
    ["江北日报", "中共江北市委主办", "1996年11月12日 星期二", "国内统一刊号CN00—0037 邮发代号00—19"],
    ["回家·春运特别报道", "2012.1.11 农历腊月十八 A03"],
    ["江北晚报", "A03 今日关注", "2003年10月21日 星期二"],
    ["江北日報", "2010年10月13日 星期三", "A2 要聞"],
    ["江北日报", "一九五三年四月九日　星期四", "本报地址：江北市中山路一百一十号　电话：二三四五"],
    ["江北周刊·案件", "2004年6月17日　星期四　第B3版　编辑　王一　版式　李二"],
    ["江北日报", "2010年10月13日 星期三", "特别报道·聚焦秋收", "执行编辑　王一　美编　李二"],
    # Misread years, and those of the Qing.
    ["第六版　国际　198们年10月14日　星期二"],
    ["江北工人报　一九大五年四月二十三日　第四版"],
    ["城事 Z014年11月21日 星期五"],
    ["江北新報", "光緒三十三年四月初十日　禮拜二　西曆一千九百零七年五月二十一號"],
    # The number of the page, with the name of a section or without, and what archives print.
    *(
        [line]
        for line in ("要闻 A02", "都市·民生 A06", "综合新闻 06", "A02 要闻", "港聞 B3", "YAOWEN 要闻 2", "江北日报 A02")
    ),
    *([line] for line in ("- 2 -", "— 2 —", "２", "02", "A06", "Page 2", "第 2 版")),
    ["《江北晨报》1958年9月12日 第２版"],
    ["江北日报（1958年9月12日）"],
    ["国内统一刊号CN11-0001"],
    ["江北日报", "国内统一连续出版物号 CN 11-0001", "2"],
    ["今日天气：晴 12℃—20℃"],
    ["都市民生", "A06"],
    ["A06", "民生"],
    ["版次：A02 版名：要闻"],
    ["第3版()", "专栏：读者来信"],
    ["专栏："],
]


@pytest.mark.parametrize("masthead", MASTHEADS, ids=lambda lines: lines[0])
def test_the_lines_over_a_page_are_not_its_headline(masthead: list[str]) -> None:
    assert count_lines([*masthead, HEADLINE, BODY]) == len(masthead)


@pytest.mark.parametrize(
    "line",
    [
        "1998年的春天",
        "9月18日 一次特殊的党课",
        "3版",
        "第134届广交会第二期今天开展",
        "国产大飞机C919首次国外亮相",
        "1月份我国制造业PMI为49.3%",
        "农产品网上零售额同比增12.2%",
        "两国总统通电话讨论贸易问题",
        "每周一学（2021年9月6日—12日）",
        "某机型将于2024年1月27日在美国上市",
        "三村老人同吃一锅热乎饭",
        "市长提名人选农历新年前出炉",
        "一架F-16战机坠毁",
        "集市开了",
        "本报四月十一日第一版",
        "电话：0571-88886666",
        "80后 读书",
        "20国 要闻一览",
        "健康 8小时",
        "Windows 10",
        "新闻1+1",
        "天气：35℃高温还要烤多久",
        "今日天气转晴",
        "专栏：我们的田野",
        "《江北往事》1958年9月12日开播",
    ],
)
def test_a_headline_with_a_date_or_a_number_is_none(line: str) -> None:
    assert count_lines([line, BODY, BODY]) == 0


@pytest.mark.parametrize(
    "lines",
    [
        ["新年贺词", "2024年1月1日"],
        ["更正", "本报四月十一日第一版《社区食堂》一文"],
        ["寻人启事", "电话：0571-88886666"],
        ["今日天气", "10月1日"],
        ["更正", "第4版(综合)", "专栏："],
        ["老街新事", "2"],
    ],
)
def test_a_short_headline_above_a_date_or_a_number_is_none(lines: list[str]) -> None:
    assert count_lines([*lines, BODY, BODY]) == 0


def test_what_is_on_other_pages_is_none() -> None:
    index = ["今日导读", "第4版　养老金并轨：你关心的八个问题", "第9版　地铁停摆的一夜"]
    assert count_lines([*index, HEADLINE, BODY]) == 0
    assert count_lines(["江北日报　2010年10月13日　星期三", *index, HEADLINE, BODY]) == 1


INDEX = ["夏粮丰收在望　02版", "第5版　养老金并轨", "一条老街的早晨 A12"]


@pytest.mark.parametrize("head", ["今日导读", "【导读】", "導 讀", "■本期看点"])
def test_a_list_of_what_is_on_other_pages_is_counted(head: str) -> None:
    assert count_index([head, *INDEX, HEADLINE, BODY]) == 4
    assert count_index([head, INDEX[0], HEADLINE, BODY]) == 0
    assert count_index([HEADLINE, *INDEX]) == count_index([]) == 0


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["全市上下齐心抗旱保丰收", "2003年10月21日 星期二", "第三版"], 0),
        (["夜里两点的江北", "责任编辑 王一 版式 李二"], 0),
        (["江北日报　2010年10月13日　星期三", "全市秋收进度过七成", "责编 王一 美编 李二"], 1),
        (["江北日报　2010年10月13日　星期三", "书画大赛由江北主办"], 1),
        (["江北日报　2010年10月13日　星期三", "T3 航站楼启用"], 1),
        (["【今日导读】", "第4版 养老金并轨", "第9版 地铁停摆"], 0),
        (["城东供电所停电通知", "10月14日 星期四 8:00—17:00"], 0),
        (["主持人：欢迎来到直播间"], 0),
        (["难忘的星期天"], 0),
        (["江北新報", "中華民國五年三月九日"], 2),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_what_looks_like_a_masthead(lines: list[str], count: int) -> None:
    assert count_lines([*lines, HEADLINE, BODY, BODY]) == count


def test_a_headline_between_a_masthead_and_a_date_is_none() -> None:
    masthead = "江北日报　2010年10月13日　星期三"
    assert count_lines([masthead, "全市秋收进度过七成", "2010年10月12日", BODY]) == 1


def test_a_page_that_is_nothing_but_its_masthead_keeps_a_line() -> None:
    assert count_lines(["江北晚报", "2003年9月16日 星期二"]) == 1
    assert count_lines(["2003年9月16日 星期二"]) == 0
    assert count_lines([]) == 0


@given(st.lists(st.text("年月日版期第一二三0123456789.报编辑 　，。今天开会", max_size=30), max_size=9))
def test_any_lines_are_counted_within_bounds(lines: list[str]) -> None:
    assert 0 <= count_lines(lines) <= max(len(lines) - 1, 0)
