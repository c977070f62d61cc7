"""What the characters of a line say of it: cues of two characters, surnames, numerals."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.text.paragraphs import codepoints
from classifier.text.tokens import buckets, gram_codes, hash_ngrams, mix, normalise_text

Bools = NDArray[np.bool_]

_CUE_BITS = 20
"""log2 of the buckets of the cue table: so many that hardly any other pair falls into one of a cue's."""

# Cue flags of a line, from two-character strings in its head or tail.
(
    C_JUMP_IN,
    C_JUMP_OUT,
    C_REPORTER,
    C_DATELINE,
    C_ATTRIBUTION,
    C_CAPTION,
    C_CREDIT,
    C_CONTACT,
    C_SOURCE,
    C_ROLE,
) = (1 << i for i in range(10))

_CUES: dict[int, str] = {
    C_JUMP_IN: "上接 紧接 接第 上按 文接",
    C_JUMP_OUT: "下转 转第 下接 转A 文转",
    C_REPORTER: "记者 通讯 特派 撰文 作者 编译 实习 特约 文/ 文｜ 文丨 □本 ■本 ◎本 文图 整理 采写 见习 文、 评论员",
    C_DATELINE: "日电 社电 报讯 日讯 讯（ 电（ 讯】 道】 网讯 本台 专电 电〓 讯〕 报导 日消",
    C_ATTRIBUTION: "本报 新华 据新 中新 时报 晚报 据中 据央 报道 日报 获悉 据《",
    C_CAPTION: "图为 摄） 供图 图片 摄影 资料 人摄 者摄 社发 社记 图） 图： 图/ 影报 摄。 发（ 图源 截图",
    C_CREDIT: (
        "责编 责任 编辑 校对 版式 美编 主编 组版 审读 值班 审核 终审 检校 视觉 监制 统筹 版面 图编 实编 制图 本版"
    ),
    C_CONTACT: "邮箱 电话 热线 网址 邮编 地址 传真 .c ww 印刷 定价 零售 广告 发行 微信 期号 星期 农历 日星",
    C_SOURCE: "来源 据《 摘自 （据 原标 选自 （原 作者 此前 延伸 相关",
    C_ROLE: (
        "教授 主任 单位 院长 委员 博士 研究 学院 书记 局长 党校 会长 供职 译） 医师 药师 医生 律师 法官 老师 教师 工程 "
        "农艺 专家 营养 评论 教练 馆长 校长 医院 大学"
    ),
}

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤施洪翟葛温庄柳岳倪俞樊章"
    "詹吉欧齐易乔伍庞颜鲁申常康牛关左尚焦殷祝骆安柯管卓成路翁童耿游聂窦甘巩季裴包屈司柴霍牟宁华艾党苗凌费景祁栾欧阳"
)
"""Characters that are common surnames, or the first of one of two, in Simplified."""

_NUMERALS = "一二三四五六七八九十"


@cache
def _surname_table() -> Bools:
    table = np.zeros(1 << 16, dtype=bool)
    table[codepoints(SURNAMES)] = True
    return table


@cache
def _numeral_table() -> Bools:
    table = np.zeros(1 << 16, dtype=bool)
    table[codepoints(_NUMERALS)] = True
    return table


@cache
def _cue_table() -> NDArray[np.uint16]:
    table = np.zeros(1 << _CUE_BITS, dtype=np.uint16)
    for flag, words in _CUES.items():
        for word in words.split():
            pair = hash_ngrams(codepoints(normalise_text(word)), 2)
            table[buckets(pair, _CUE_BITS)] |= flag
    return table


def find_cues(codes: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Return the flags of each pair of neighbouring characters, uint16 (characters - 1, lines).

    ``codes`` are normalised, (lines, characters). Pairs are looked up by a hash, so one in a thousand that is no cue is
    taken for one.
    """
    return _cue_table()[buckets(mix(gram_codes(codes.T.astype(np.uint64), 2)), _CUE_BITS)]


def are_surnames(codes: NDArray[np.uint32]) -> Bools:
    """Tell which characters are surnames, or the first of one, (the shape of ``codes``)."""
    return _surname_table()[np.minimum(codes, 0xFFFF)]


def are_numerals(codes: NDArray[np.uint32]) -> Bools:
    """Tell which characters are Chinese numerals up to ten, (the shape of ``codes``)."""
    return _numeral_table().take(codes, mode="clip")
