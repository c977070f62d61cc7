"""Jump lines: every form that papers and recognition give them, and the sentences that only look like one."""

from __future__ import annotations

import json
import random
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.composing import phrases
from classifier.page.jumps import PAGE_WORDS, Jump, find_jump, page_number, without_jump

OPENING = [
    # As printed.
    ("(上接1版)", "1"),
    ("（上接1版）", "1"),
    ("（上接第一版）", "1"),
    ("（上接第1版）", "1"),
    ("[上接第一版]", "1"),
    ("（上接1版①）", "1"),
    ("上接A01版", "A01"),
    ("◀上接A01版", "A01"),
    ("◀◀上接第三版", "3"),
    ("▲上接第2版", "2"),
    ("上接1版▶", "1"),
    ("■上接四版", "4"),
    ("●上接第5版", "5"),
    ("★上接A3版", "A3"),
    ("【上接12版】", "12"),
    ("〔上接第十二版〕", "12"),
    ("《上接第二十一版》", "21"),
    ("〈上接第十版〉", "10"),
    ("「上接第二〇版」", "20"),
    ("{上接6版}", "6"),
    ("（紧接第一版）", "1"),
    ("（緊接第一版）", "1"),
    ("紧接A7版", "A7"),
    ("（接1版）", "1"),
    ("接第3版", "3"),
    ("◤文接A1版◢", "A1"),
    ("（文接第二版）", "2"),
    ("（上接第一頁）", "1"),
    ("◀上接A1页", "A1"),
    ("（上接B2叠）", "B2"),
    ("（上接第A-1版）", "A1"),
    ("（上接第１版）", "1"),
    ("（上接Ａ０１版）", "A01"),
    ("（上接ａ０１版）", "A01"),
    ("（上接第01版）", "1"),
    ("（上接第1版《开往春天的列车》）", "1"),
    ("（上接第1版“换新”）", "1"),
    ("（上接“理论周刊”第6版）", "6"),
    ("（上接“七一”特刊第3版）", "3"),
    ("（上接头版）", "1"),
    ("上接封面", "1"),
    ("（上接第二、三版）", "2"),
    ("（接上页）", None),
    # As recognised: wrong, missing, doubled or half-width brackets, stray marks and spaces, look-alikes.
    ("[上接第一版)", "1"),
    ("(上接1版）", "1"),
    ("（上接第1版", "1"),
    ("上接第1版）", "1"),
    ("【上接第1版)", "1"),
    ("《上接第1版）", "1"),
    ("<上接第1版>", "1"),
    ("((上接第1版))", "1"),
    ("(上接 1 版)", "1"),
    ("( 上 接 第 1 版 )", "1"),
    ("（上接第\u30001版）", "1"),
    ("(土接3版)", "3"),
    ("（上按第二版）", "2"),
    ("(上接第1版）。", "1"),
    ("(上接第1版）：", "1"),
    (" \u3000（上接第1版） ", "1"),
]
CLOSING = [
    ("（下转第4版）", "4"),
    ("(下转4版)", "4"),
    ("（下转第四版）", "4"),
    ("（下轉第四版）", "4"),
    ("下转A02版", "A02"),
    ("（文轉B2版）", "B2"),
    ("◤文轉第四版◢", "4"),
    ("（下轉第六頁）", "6"),
    ("▶下转第2版", "2"),
    ("下转第2版▶▶", "2"),
    ("[下转第三版)", "3"),
    ("【下转B03版】", "B03"),
    ("■转8版", "8"),
    ("（转第3版）", "3"),
    ("（下接第3版）", "3"),
    ("（下传第3版）", "3"),
    ("(下转 第 3 版)", "3"),
    ("……（下转第4版）", "4"),
    ("（下转2版①）", "2"),
    ("（下转第四版②·要闻）", "4"),
    ("（下转第4版《开往春天的列车》）", "4"),
    ("（文轉A2、A3版）", "A2"),
    ("（下转第4、5版）", "4"),
    ("（下转4版、5版）", "4"),
    ("（下转6-7版）", "6"),
    ("下转次页", None),
]


@pytest.mark.parametrize(("line", "page"), OPENING)
def test_a_line_that_opens_a_continued_part(line: str, page: str | None) -> None:
    assert find_jump(line) == Jump(page, opens=True, alone=True)


@pytest.mark.parametrize(("line", "page"), CLOSING)
def test_a_line_that_closes_a_part(line: str, page: str | None) -> None:
    assert find_jump(line) == Jump(page, opens=False, alone=True)


@pytest.mark.parametrize(
    ("line", "page"),
    [
        ("（上接第一版）随后，省委主要领导一行来到葫芦岛市。", "1"),
        ("(接1版)据集团负责人介绍，今年交付三千套。", "1"),
        ("◀上接A01版 我们要坚持开拓创新。", "A01"),
        ("上接1版 我们要坚持开拓创新。", "1"),
        ("上接第1版\u3000我们要坚持开拓创新。", "1"),
        ("[上接第3版)我们要坚持开拓创新。", "3"),
    ],
)
def test_a_paragraph_that_begins_with_a_mark_opens_a_part(line: str, page: str) -> None:
    assert find_jump(line) == Jump(page, opens=True, alone=False)


@pytest.mark.parametrize(
    ("line", "page"),
    [
        ("我们要坚持开拓创新，激发合作潜能和活力。（下转第4版）", "4"),
        ("我们要坚持开拓创新，激发合作(下转4版)", "4"),
        ("我们要坚持开拓创新，激发合作（下转A02版", "A02"),
        ("我们要坚持开拓创新，激发合作▶下转第2版", "2"),
        ("我们要坚持开拓创新。（转三版）", "3"),
        ("我们要坚持开拓创新。[下转第三版)", "3"),
        ("我们要坚持开拓创新。（下转第4版《开往春天的列车》）", "4"),
    ],
)
def test_a_paragraph_that_ends_with_a_mark_closes_a_part(line: str, page: str) -> None:
    assert find_jump(line) == Jump(page, opens=False, alone=False)


def test_a_paragraph_can_do_both() -> None:
    line = "（上接1版）" + "我们要坚持开拓创新，激发合作潜能和活力。" * 9 + "（下转5版）"
    assert find_jump(line) == Jump("1", opens=True, alone=False, onward="5")


@pytest.mark.parametrize(
    "line",
    [
        "",
        " ",
        "版",
        "上接",
        "接版",
        "（上接版）",
        "（上接第版）",
        "本报第1版",
        "第1版",
        "01版",
        "（见第4版）",
        "更多内容请看第4版",
        "请看今日A3版",
        "昨日第一版刊登了这张照片",
        "他把稿子转3版",
        "编辑让他把这条消息转3版。",
        "上接天线，下接地线，老人一个人装好了收音机。",
        "上接第一版的文章指出，要坚持开拓创新。",
        "上接一版一次的改造，下接三年的运营。",
        "下转第三版的内容请读者留意。",
        "下转乘客请走左侧扶梯",
        "下接管道，上接云端",
        "转2版税收政策问答",
        "接2版的读者来信，我们答复如下。",
        "转版公告",
        "这部词典已经出到第3版",
        "新版教材下接高中课程，全国使用第5版",
        "下转第4版块",
        "上接1版图扩大",
        "记者按：本文原载第1版",
        "接到第3版通知",
        "承上接下",
        "按第一版的办法",
        "（按第1版）",
        "传第3版",
        "他在会上说：“这个方案是第2版。”",
        "电影上映三天，接连换了3版海报",
        "（接受记者采访时的第2版说法）",
        "中转第5版",
        "周转3版",
        "（直接1版）",
        "迎接2版",
        "上接封面故事，下接封底广告",
        "下接上页的注释",
        "转2、3版税收政策问答",
    ],
)
def test_a_sentence_is_no_jump_line(line: str) -> None:
    assert find_jump(line) is None


def test_marks_of_the_labelled_pages_are_those_of_their_gold(request: pytest.FixtureRequest) -> None:
    right, wrong = 0, []
    for path in sorted((request.config.rootpath / "labeled" / "pages").glob("*.jsonl")):
        page = json.loads(path.read_text("utf-8"))
        text = path.with_name(page["path"]).read_bytes().decode("utf-8")
        for article in page["articles"]:
            lines = text[article["start"] : article["end"]].splitlines()
            jumps = [jump for jump in map(find_jump, lines) if jump is not None]
            opened = next((jump.page for jump in jumps if jump.opens), None)
            closed = next((jump.onward or jump.page for jump in jumps if not jump.opens or jump.onward), None)
            right += (opened is not None) + (closed is not None)
            if (opened, closed) != (article["continued_from"], article["continued_on"]):
                wrong.append((path.stem, opened, closed))
    assert right > 30
    assert len(wrong) <= right // 20, wrong  # recognition makes of some what only a reader can tell


def test_marks_in_the_labelled_articles_are_all_found_and_nothing_else(request: pytest.FixtureRequest) -> None:
    found, missed = [], []
    for path in sorted((request.config.rootpath / "labeled" / "articles").rglob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            jump = find_jump(line)
            looks = re.search(r"(?:上接|下转|下轉|紧接|（接)[^，。]{0,12}版", line) is not None
            if jump is not None:
                found.append(line)
                assert looks, line
            elif looks:
                missed.append(line)
    assert len(found) >= 20
    assert missed == []


@pytest.mark.parametrize("forms", [phrases.JUMPS_IN, phrases.JUMPS_OUT], ids=["in", "out"])
def test_every_form_that_pages_are_composed_with_is_found(forms: tuple[str, ...]) -> None:
    rng = random.Random(4)
    for form in forms:
        for _ in range(20):
            line = phrases.fill(form, rng)
            jump = find_jump(line)
            assert jump is not None, line
            assert (jump.opens, jump.alone) == (forms is phrases.JUMPS_IN, True), line
            assert (jump.page or "").lstrip("AB0").isdigit(), line


MARKED = st.text(
    st.sampled_from("（(【[《)）】]》◀▶▲ \u3000上下土接按转轉传紧第一二十百零〇0１9A-版叠，。“”字"), max_size=70
)


@given(MARKED | st.text(max_size=70))
@example("（上接第〇版）")
@example("（上接零版）")
@example("（上接百版）")
@example("（上接十百一版）")
def test_any_line_has_an_answer(line: str) -> None:
    jump = find_jump(line)
    if jump is not None:
        for page in filter(None, (jump.page, jump.onward)):
            assert page == page_number(page)
            assert page.isascii()
            assert page.isalnum()
        assert jump.opens or jump.onward is None
        assert any(word in line for word in PAGE_WORDS)


@given(MARKED)
def test_white_space_around_a_line_changes_nothing(line: str) -> None:
    assert find_jump(f" \u3000{line}\t") == find_jump(line.strip())


@pytest.mark.parametrize(
    "line",
    [
        " " * 50_000 + "接1版",
        "（" + " " * 50_000 + "接1版",
        "（" * 50_000 + "接1版",
        "◀ " * 50_000 + "接",
        "（" + "◀" * 50_000 + "上接",
        "（上接1版" + "（" * 50_000,
        "接" * 50_000 + "版",
        "字" * 50_000 + "（下转第1版" + " " * 50 + "x版",
        "（下转第1版" * 20_000,
        "（上接“" * 20_000 + "版",
    ],
)
def test_a_hostile_line_takes_no_time(line: str) -> None:
    begun = time.process_time()
    find_jump(line)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("reference", "page"),
    [
        ("1", "1"),
        ("04", "4"),
        ("０4", "4"),
        ("12", "12"),
        ("第一", "1"),
        ("第一版", "1"),
        ("第 3 版", "3"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("二十一", "21"),
        ("二〇", "20"),
        ("一二", "12"),
        ("一百零三", "103"),
        ("百", "100"),
        ("零", "0"),
        ("A01", "A01"),
        ("a01", "A01"),
        ("Ａ０１", "A01"),
        ("A-1", "A1"),
        ("A 12", "A12"),
        ("b－3叠", "B3"),
    ],
)
def test_page_references_have_one_plain_form(reference: str, page: str) -> None:
    assert page_number(reference) == page


def test_han_numbers_up_to_a_hundred_are_read() -> None:
    digits = "〇一二三四五六七八九"
    for number in range(1, 100):
        tens, ones = divmod(number, 10)
        written = ("" if tens < 1 else "十" if tens == 1 else digits[tens] + "十") + (digits[ones] if ones else "")
        assert page_number(written) == str(number)
        assert page_number("".join(digits[int(char)] for char in str(number))) == str(number)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("", ""),
        (" 会议指出。\u3000", " 会议指出。\u3000"),  # without a mark it is left as it is
        ("上接天线，下接地线。", "上接天线，下接地线。"),
        ("（上接第一版）", ""),
        (" （上接第一版）。", ""),
        ("……（下转第4版）", ""),
        ("\u3000\u3000（上接第一版）会议指出。", "会议指出。"),
        ("会议指出。（下转4版） ", "会议指出。"),
        ("（上接1版）会议指出。（下转5版）", "会议指出。"),
        ("（上接1版）（下转5版）", ""),
        # What only looks like a second mark is part of the sentence.
        ("（上接1版）会议指出，（见第5版）", "会议指出，（见第5版）"),
        ("（上接1版）编辑让他把消息下转4版", "编辑让他把消息下转4版"),
        ("下转第3版的内容见后。（下转第4版）", "下转第3版的内容见后。"),
    ],
)
def test_a_line_without_its_marks(line: str, rest: str) -> None:
    assert without_jump(line) == rest


def test_the_mark_at_the_end_of_a_long_line_is_looked_for_at_its_end() -> None:
    prose = "会议指出（下转第4版）一句，" + "我们要坚持开拓创新，激发合作潜能和活力。" * 9
    assert without_jump(f"（上接1版）{prose}（下转5版）") == prose
    assert without_jump(f"{prose}（下转第4版《春天列车》）") == prose


@given(MARKED)
def test_nothing_but_the_ends_of_a_line_is_taken(line: str) -> None:
    rest = without_jump(line)
    assert rest in line
    assert (rest == line) or find_jump(line) is not None
