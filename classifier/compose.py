"""Pages composed from single articles, with boundaries known by construction: the training data of the segmenter.

What decides how well a segmenter carries over to a paper it has never seen is the variety of the pages it learned
from, so a page is set in a randomly drawn *house style*: its bylines, datelines, jump lines, captions, blank lines,
indents, column width, damage. Everything is drawn from one ``random.Random``, so the same seed gives the same pages.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲文建国志海波宁晨曦雨佳欣怡然子轩梓涵思远博浩宇俊凯鹏飞云天林峰雪梅春燕晓东立新永康少清雅若瑶彤嘉琪一鸣亦凡庆祥振兴树德景行"
_CITIES = "北京 上海 广州 深圳 成都 重庆 武汉 西安 南京 杭州 长沙 郑州 济南 青岛 沈阳 大连 哈尔滨 长春 石家庄 太原 合肥 福州 厦门 南昌 昆明 贵阳 南宁 海口 兰州 西宁 银川 乌鲁木齐 拉萨 呼和浩特 天津 苏州 无锡 宁波 温州 珠海 东莞 佛山 香港 澳门 台北 巴黎 伦敦 东京 华盛顿 莫斯科 柏林 罗马 开罗 新德里 曼谷 洛阳 开封 安阳 绵阳 宜昌 襄阳 赣州 遵义 桂林 柳州 汕头 泉州 烟台 潍坊 徐州 扬州 绍兴 嘉兴".split()
_PAPERS = "江南晚报 楚天都市报 华西日报 南方都市报 新安晚报 齐鲁晚报 三秦都市报 羊城晚报 半岛都市报 河北青年报 辽沈晚报 大河报 潇湘都市报 海峡导报 北方新报 西部商报 现代快报 都市时报 经济参考报 法治日报 农民日报 科技日报 工人日报 中国青年报 解放日报 文汇报 东方早报 钱江晚报 春城晚报 兰州晨报 长江日报 重庆晨报 天津日报 极光新闻 红云新闻 上观视频 九江新闻 海报新闻 大众网 金羊网 长城网".split()
_BEATS = "要闻 综合新闻 国内新闻 国际 时事 社会 民生 经济 财经 文化 体育 教育周刊 健康 法治 副刊 评论 本地新闻 都市 热点 视点 区域 三农 科技 生态 专题 广告 读者 封面报道 焦点 早报 速览".split()
_COLUMNS = "今日关注 本报评论员 新闻速递 简讯 一线见闻 记者观察 走基层 国际短波 教育观察 法治在线 健康驿站 街谈巷议 经济纵横 文化现场 图片新闻 权威发布 新春走基层 读者来信 他山之石 热点追踪 民生直通车 编读往来 一句话新闻 要闻导读 政务动态".split()

_BYLINES = (
    "本报记者 {a}",
    "本报记者  {a}  {b}",
    "本报记者{a}",
    "■ 本报记者 {a}",
    "■本报全媒体记者 {a} 通讯员 {b}",
    "■ {a}",
    "□ 本报记者 {a}",
    "□{a}",
    "◎{a}",
    "◎ 记者 {a} 文/图",
    "●记者 {a}",
    "★ {a}",
    "记者 {a} 通讯员 {b}",
    "记者 {a}",
    "{p}记者 {a}",
    "{p}记者 {a} 文/图",
    "{p}记者 {a} 文 {b} 图",
    "{p}首席记者 {a} 实习生 {b}",
    "文/{a}",
    "文丨{a}",
    "文｜{p}记者 {a}",
    "文/图 本报记者 {a}",
    "撰文 {a} 摄影 {b}",
    "{a}",
    "{a}",
    "{a}",
    " {a}",
    "{a}  {b}",
    "{a} {b}",
    "（{a}）",
    "作者：{a}",
    "作者 {a}",
    "特约记者 {a}",
    "新华社记者 {a} {b}",
    "新华社记者{a}、{b}、{c}",
    "本刊记者 {a}",
    "本报实习记者 {a}",
    "本报通讯员 {a}",
    "{a}/文",
    "文、图/记者 {a}",
    "记者 {a} 报道",
    "采写：{p}记者 {a}",
    "本报首席记者 {a}",
    "本报驻{c1}记者 {a}",
    "本报特派记者 {a} 发自{c1}",
    "{a} 整理",
    "{a} 编译",
    "本报评论员 {a}",
    "【记者{a}／{c1}报道】",
    "本报记者 {a} {c1}报道",
    "本报综合报道",
    "{p}融媒体记者 {a} 通讯员 {b} {c}",
)
_DATELINES = (
    "本报讯（记者 {a}）",
    "本报讯(记者{a} 通讯员{b})",
    "本报讯（记者{a} 通讯员 {b} {c}）",
    "本报讯 ",
    "本报讯 记者{a}报道：",
    "本报讯　",
    "本报{c1}{m}月{d}日电  （记者{a}）",
    "本报{c1}{m}月{d}日讯（记者 {a} 通讯员 {b}）",
    "新华社{c1}{m}月{d}日电（记者{a}）",
    "新华社{c1}{m}月{d}日电  ",
    "据新华社{c1}{m}月{d}日电 ",
    "据新华社电 ",
    "据新华社{c1}电 （记者 {a}、{b}）",
    "【本报讯】",
    "【{p}讯】",
    "{p}讯（记者 {a}）",
    "（记者 {a}）",
    "(记者{a})",
    "（{p}记者{a}）",
    "中新社{c1}{m}月{d}日电 ",
    "中新网{c1}{m}月{d}日电（{a}）",
    "{p}{c1}{m}月{d}日消息 ",
    "{p}记者 {a}报道 ",
    "综合新华社电 ",
    "据《{p}》报道，",
    "{m}月{d}日，",
    "{m}月{d}日，记者从{c1}市有关部门获悉，",
    "本台消息：",
    "记者{a} {c1}报道 ",
    "■ 记者 {a} ",
    "{c1}{m}月{d}日电 ",
    "记者昨日获悉，",
    "▲",
    "◆",
    "● ",
)
_SIGNATURES = (
    "（记者 {a}）",
    "（{a}）",
    "({a} {b})",
    "（本报记者 {a}）",
    "（通讯员 {a} {b}）",
    "（{a} {b} {c}）",
    "（据新华社电）",
    "（新华社电）",
    "（据{p}）",
    "（据新华社）",
    "（来源：{p}）",
    "（作者单位：{c1}大学）",
    "（本报综合）",
    "（完）",
    "{p}记者 {a}",
    "本报记者 {a}",
    "记者 {a} 通讯员 {b}",
    "{a}",
)
_END_LINES = (
    "责任编辑 {a}",
    "（责任编辑：{a}）",
    "编辑 {a}  校对 {b}",
    "来源：{p}",
    "【来源：{p}】",
    "（据新华社{c1}{m}月{d}日电）",
    "（作者为{c1}大学教授）",
    "（作者单位：{c1}市委党校）",
    "（文中人物均为化名）",
    "{p}记者 {a}",
    "{p}记者 {a}",
    "{p}记者：{a}",
    "{p}记者：{a} 编辑：{b}",
    "{p}记者 {a} 编辑 {b}",
    "{p}记者{a}  实习生{b}",
    "见习记者：{a}",
    "记者：{a} 校对：{b} 编辑：{c}",
    "作者：{a}",
    "撰稿 / {a}",
    "编辑 / {a}",
    "校对 / {a}",
    "监制：{a}  编审：{b}",
    "文/本报记者 {a} 实习生 {b}",
    "（记者 {a}）",
    "（通讯员 {a} {b}）",
    "本报记者 {a} 摄",
    "（图片由{c1}市公安局提供）",
    "链接",
    "（{a} 文/图）",
    "（本报综合新华社、{p}报道）",
    "制图：{a}",
    "文/{a}",
    "文/{a} {b}",
    "{a}",
    "数据来源：{c1}市统计局",
    "《{p}》（{y}年{m}月{d}日 第{n}版）",
)
_CAPTIONS = (
    "{x}。{a} 摄",
    "{x}。本报记者 {a} 摄",
    "图为{x}。",
    "{x}（资料图片）",
    "{x}。新华社发（{a} 摄）",
    "{x}。（{c1}市文联供图）",
    "▲{x}。",
    "↑{x} {a} 摄",
    "{x} 图/{p}记者 {a}",
    "{x}",
)
_JUMPS_IN = (
    "(上接{n}版)",
    "（上接{n}版）",
    "（上接第{n}版）",
    "（上接第{h}版）",
    "[上接第{h}版)",
    "上接A0{n}版",
    "◀上接A0{n}版",
    "▲上接第{n}版",
    "◀◀上接第{h}版",
    "（上接A{n}版）",
    "上接第{h}版",
    "（紧接第{h}版）",
    "（上接{n}版）  ",
    "〔上接第{h}版〕",
    "（上接第{n}版",
    "《上接第{h}版》",
    "(上接第{n}版）",
    "(上接B{n}版)",
    "〈上接第{h}版〉",
    "上接1版▶",
    "■上接{h}版",
    "【上接{n}版】",
    "●上接第{n}版",
    "★上接A{n}版",
    "（紧接{n}版）",
    "接第{n}版",
)
_JUMPS_OUT = (
    "（下转第{n}版）",
    "(下转{n}版)",
    "（下转{n}版）",
    "下转A0{n}版",
    "（下转第{h}版）",
    "▶下转第{n}版",
    "下转第{n}版▶",
    "[下转第{h}版]",
    "(下转A{n}版）",
    "（下转B0{n}版）",
    "■转{n}版",
    "【下转{n}版】",
    "（转第{h}版）",
    "●下转第{n}版",
)
_FURNITURE = (
    "{n}",
    "0{n}",
    "第{n}版",
    "A0{n}",
    "A{n} {q}",
    "{q}",
    "{p}",
    "{p} {y}年{m}月{d}日 星期{h}",
    "{y}年{m}月{d}日  星期{h}  {q}",
    "责任编辑：{a}  美编：{b}  校对：{c}",
    "版式设计：{a}",
    "编辑 {a} 版式 {b} 校对 {c}",
    "新闻热线：0{n}71-6{d}2{m}8",
    "本报电话：8{d}6{m}54",
    "投稿邮箱：news{n}@{y}.com",
    "—{n}—",
    "· {n} ·",
    "值班编委 {a} 责编 {b}",
    "网址：www.news{n}.cn",
)
_HANZI_NUMBERS = "一二三四五六七八九"

_COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"
_CONFUSIONS = "未末 己已 人入 大太 日曰 土士 千干 天夭 田由 甲申 王玉 木本 目自 白百 今令 问间 市布 刀力 几凡 候侯 折拆 住往 待侍 辩辨 晴睛 赢羸 戍戌 暖暧 拔拨 师帅 贷货 斤斥 免兔 乌鸟 风凤 主王 见贝 洒酒 科料 投设 历厉 困因 鸣呜 坏环 池地 他她 于干 元无 开井 少小 方万 设没 复夏 持特 建健 区匹 间问 未来 传传 报报 会今 民氏 的旳 是昰 了丁 年午 为力 进讲 这还 说谈 作乍 部都 和知"


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
"""The stories of one page and the kind of its style, see :func:`draw_style`."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A page with its true segmentation."""

    text: str
    ends: tuple[int, ...]
    """Ascending ends of the articles in paragraphs (non-blank lines); the last is their number."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one page is set. Probabilities are per article unless said otherwise."""

    headline: float = 1.0
    orphan_byline: float = 0.0
    """How often a story that lost its headline keeps its byline."""
    intro: float = 0.7
    subtitle: float = 0.8
    byline: float = 0.9
    own_bylines: bool = False
    """Drop the source's own byline and dateline and write new ones."""
    byline_forms: tuple[str, ...] = ()
    dateline: float = 0.0
    dateline_forms: tuple[str, ...] = ()
    signature: float = 0.0
    signature_forms: tuple[str, ...] = ()
    split_title: float = 0.0
    column_name: float = 0.0
    strip_column: bool = False
    captions: float = 0.3
    subheads: float = 0.2
    make_subheads: float = 0.0
    end_line: float = 0.0
    end_forms: tuple[str, ...] = ()
    blank: str = "none"
    indent: str = ""
    wrap: tuple[int, ...] = ()
    hang: bool = False
    natural_headlines: bool = False
    broken: float = 0.0
    stray_blank: float = 0.0
    wrong: float = 0.0
    furniture: float = 0.0
    page_credit: float = 0.0
    traditional: bool = False
    half_width: bool = False
    cut_short: float = 0.0
    headless: float = 0.0
    jump: float = 0.0
    max_paragraphs: int = 0


def draw_style(rng: random.Random, kind: str = "page") -> Style:
    """Draw the house style of one page. ``kind``: ``plain``, ``page``, ``mixed``, ``shorts`` or ``spoken``."""
    damage = rng.random()
    wrapped = rng.random() < 0.5 if kind != "spoken" else rng.random() < 0.3
    width = rng.randint(11, 27)
    if rng.random() < 0.55:
        widths: tuple[int, ...] = (width,)
    else:
        widths = tuple(max(9, width + rng.choice((-6, -4, -2, 0, 0, 3, 5, 8))) for _ in range(4))
    own = rng.random() < 0.6
    style = Style(
        intro=rng.choice((0.0, 0.0, 0.5, 1.0)),
        subtitle=rng.choice((0.0, 0.6, 1.0)),
        byline=rng.choice((0.0, 0.3, 0.8, 1.0)),
        own_bylines=own,
        byline_forms=tuple(rng.sample(_BYLINES, 3)),
        dateline=rng.choice((0.0, 0.4, 0.9)) if own else 0.1,
        dateline_forms=tuple(rng.sample(_DATELINES, 3)),
        signature=rng.choice((0.0, 0.0, 0.4, 0.8)),
        signature_forms=tuple(rng.sample(_SIGNATURES, 2)),
        split_title=rng.choice((0.0, 0.0, 0.3, 0.7)),
        column_name=rng.choice((0.0, 0.0, 0.05, 0.2)),
        strip_column=rng.random() < 0.7,
        captions=rng.choice((0.0, 0.2, 0.6)),
        subheads=rng.choice((0.0, 0.5, 1.0)),
        make_subheads=rng.choice((0.0, 0.0, 0.0, 0.0, 0.15, 0.4)),
        end_line=rng.choice((0.0, 0.0, 0.2, 0.9)),
        end_forms=tuple(rng.sample(_END_LINES, 3)),
        blank=rng.choice(("none", "none", "all", "all", "articles", "some")),
        indent=rng.choice(("", "", "", "　　", "　　", "    ", "  ")),
        stray_blank=rng.choice((0.0, 0.0, 0.03, 0.1)),
        broken=rng.choice((0.0, 0.0, 0.15, 0.3, 0.3)),
        furniture=rng.choice((0.0, 0.0, 0.0, 0.08, 0.2)),
        page_credit=rng.choice((0.0, 0.0, 0.4)),
        traditional=rng.random() < 0.04,
        half_width=rng.random() < 0.06,
        cut_short=rng.choice((0.0, 0.0, 0.0, 0.1, 0.3)),
        headless=rng.choice((0.0, 0.0, 0.0, 0.05, 0.15)),
        jump=rng.choice((0.0, 0.3, 0.8)),
        wrong=0.0 if damage < 0.45 else rng.choice((0.005, 0.01, 0.02, 0.04, 0.05)),
        headline=1.0 if rng.random() < 0.78 else rng.choice((0.0, 0.0, 0.5)),
        orphan_byline=rng.choice((0.0, 0.8, 1.0)),
    )
    if wrapped:
        style = replace(
            style,
            wrap=widths,
            hang=rng.random() < 0.5,
            natural_headlines=rng.random() < 0.5,
            blank=rng.choice(("none", "none", "none", "none", "articles", "some")),
            broken=0.0,
            indent=rng.choice(("", "", "", "　　", "  ")),
        )
    if kind == "plain":
        full = rng.random() < 0.6
        style = replace(
            style,
            headline=1.0 if rng.random() < 0.8 else 0.0,
            intro=1.0 if full else 0.0,
            subtitle=1.0 if full else 0.0,
            byline=1.0 if full else 0.0,
            own_bylines=False,
            dateline=0.0,
            signature=0.0,
            column_name=0.0,
            subheads=1.0,
            make_subheads=0.0,
            end_line=0.0,
            cut_short=0.0,
            headless=0.0,
            furniture=rng.choice((0.0, 0.0, 0.0, 0.1)),
            page_credit=0.0,
            traditional=False,
            half_width=False,
        )
    elif kind == "mixed":
        style = replace(
            style,
            blank=rng.choice(("all", "all", "none", "some")) if not wrapped else style.blank,
            stray_blank=rng.choice((0.0, 0.03, 0.1, 0.2)),
            cut_short=0.4,
            headless=0.35,
            jump=rng.choice((0.0, 0.5, 0.5, 1.0)),
            broken=0.0 if wrapped else rng.choice((0.0, 0.15, 0.3)),
            subheads=1.0,
            make_subheads=rng.choice((0.0, 0.3, 0.6, 0.8)),
            end_line=rng.choice((0.0, 0.0, 0.2, 0.4)),
        )
    elif kind == "shorts":
        style = replace(
            style,
            headline=rng.choice((1.0, 1.0, 0.5, 0.0)),
            intro=0.0,
            subtitle=0.0,
            byline=0.0,
            dateline=rng.choice((0.0, 0.5, 1.0)) if own else 0.0,
            max_paragraphs=rng.randint(1, 3),
            captions=0.0,
            headless=0.0,
            cut_short=0.0,
            make_subheads=0.0,
        )
    elif kind == "spoken":
        style = replace(
            style,
            headline=0.0 if rng.random() < 0.8 else 1.0,
            byline=0.0,
            own_bylines=False,
            dateline=0.0,
            captions=0.0,
            signature=0.0,
            make_subheads=0.0,
            furniture=0.0,
            end_line=0.0,
            column_name=0.0,
            cut_short=0.0,
            headless=0.0,
        )
    return style


def _name(rng: random.Random) -> str:
    given = rng.sample(_GIVEN, rng.choice((1, 2, 2)))
    spaced = len(given) == 1 and rng.random() < 0.3
    return rng.choice(_SURNAMES) + ("  " if spaced else "") + "".join(given)


def _fill(form: str, rng: random.Random, phrase: str = "") -> str:
    number = rng.randint(1, 9)
    return form.format(
        a=_name(rng),
        b=_name(rng),
        c=_name(rng),
        c1=rng.choice(_CITIES),
        p=rng.choice(_PAPERS),
        q=rng.choice(_BEATS),
        m=rng.randint(1, 12),
        d=rng.randint(1, 30),
        y=rng.randint(1995, 2026),
        n=number,
        h=_HANZI_NUMBERS[number - 1],
        x=phrase,
    )


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
    if rng.random() < style.column_name:
        lines.append(rng.choice(("{}", "【{}】", "■{}", "●{}", "「{}」", "▍{}")).format(rng.choice(_COLUMNS)))
    if story.intro and rng.random() < style.intro:
        lines.append(re.sub(r"\s+", " ", story.intro.replace("\n", " ")).strip())
    lines += _title_lines(story, style, rng)
    if story.subtitle and rng.random() < style.subtitle:
        lines.append(story.subtitle.replace("\n", " ").strip())
    if rng.random() < style.byline:
        lines += _byline(story, style, rng)
    return lines


def _byline(story: Story, style: Style, rng: random.Random) -> list[str]:
    if style.own_bylines:
        return [_fill(rng.choice(style.byline_forms), rng)]
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
    if first is not None and style.own_bylines:
        text = _DATELINE.sub("", body[first][0]).lstrip() or body[first][0]
        if rng.random() < style.dateline:
            text = _fill(rng.choice(style.dateline_forms), rng) + text
        body[first] = (text, True)
    if rng.random() < style.signature and body[-1][1]:
        body[-1] = (body[-1][0] + _fill(rng.choice(style.signature_forms), rng), True)
    captions = [c.replace("\n", " ").strip() for c in story.captions if c.strip()]
    if not captions and rng.random() < style.captions * 0.4:
        source = rng.choice(body)[0]
        captions = [_fill(rng.choice(_CAPTIONS), rng, _phrase(source, rng))]
    if captions and rng.random() < style.captions:
        at = rng.choice((0, len(body), len(body), rng.randint(0, len(body))))
        body[at:at] = [(caption, False) for caption in captions[:3]]
    if rng.random() < style.end_line:
        for _ in range(1 if rng.random() < 0.8 else 2):
            body.append((_fill(rng.choice(style.end_forms or _END_LINES), rng), False))
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
            jump = _fill(rng.choice(_JUMPS_IN), rng)
            if rng.random() < 0.85:
                opening = [("line", jump)]
                if story.title and rng.random() < 0.15:
                    opening.insert(rng.randint(0, 1), ("head", _title_lines(story, style, rng)[0]))
            else:
                body[0] = (jump + body[0][0], True)
    elif headed:
        opening = [("head", line) for line in _head(story, style, rng)]
    elif rng.random() < style.orphan_byline:
        opening = [("head", line) for line in _byline(story, style, rng)]
    if len(body) > 1 and rng.random() < style.cut_short:
        body = body[: rng.randint(1, len(body))]
        text, real = body[-1]
        jumped = rng.random() < style.jump
        if real and len(text) > 40 and (not jumped or rng.random() < 0.6):
            body[-1] = (text[: rng.randint(20, len(text) - 3)], True)
        if jumped:
            jump = _fill(rng.choice(_JUMPS_OUT), rng)
            if rng.random() < 0.6:
                body.append((jump, False))
            else:
                body[-1] = (body[-1][0] + jump, body[-1][1])
    return opening + [("para" if real else "line", text) for text, real in body]


_WRONG_POOL = _COMMON


def _confusion_table() -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in _CONFUSIONS.split():
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


def wrap(text: str, width: int, *, hang: bool, indent: int = 0) -> list[str]:
    """Break ``text`` into lines of ``width`` characters; ``hang`` keeps closing marks off the start of a line."""
    lines: list[str] = []
    at = 0
    room = max(width - indent, 4)
    while at < len(text):
        end = min(at + room, len(text))
        while hang and end < len(text) and text[end] in _NO_START and end - at < room + 2:
            end += 1
        lines.append(text[at:end])
        at = end
        room = width
    return lines


def _headline_lines(text: str, width: int, rng: random.Random) -> list[str]:
    """Break a headline as a designer would: in equal parts, a little shorter than the room there is."""
    room = rng.randint(max(8, width // 2), max(12, int(width * 1.6)))
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
        setter.put(_fill(rng.choice(_FURNITURE), rng))
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
                setter.put(_fill(rng.choice(_FURNITURE), rng))
        if rng.random() < style.furniture:
            setter.put(_fill(rng.choice(_FURNITURE), rng))
        if setter.units and (not ends or setter.units > ends[-1]):
            ends.append(setter.units)
    if ends and rng.random() < style.page_credit:
        setter.put(_fill(rng.choice(_FURNITURE[9:]), rng))
        ends[-1] = setter.units
    return Composed("\n".join(setter.lines) + "\n", tuple(ends))


def _gap_blank(style: Style, rng: random.Random) -> bool:
    if style.blank == "all":
        return rng.random() > 0.02
    if style.blank == "some":
        return rng.random() < 0.3
    return rng.random() < style.stray_blank


def _set_block(text: str, kind: str, width: int, style: Style, rng: random.Random) -> list[str]:
    """Return the physical lines of one block, ``""`` for a blank line inside it."""
    if width:
        if kind != "para" and (style.natural_headlines or len(text) <= width):
            return (
                _headline_lines(text, width, rng)
                if len(text) > width and kind == "head"
                else wrap(text, width, hang=style.hang)
            )
        indent = style.indent if kind == "para" else ""
        lines = wrap(text, width, hang=style.hang, indent=len(indent))
        lines[0] = indent + lines[0]
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
