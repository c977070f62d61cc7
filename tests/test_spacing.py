"""Blanks between all characters, and Windows line ends: taken out for the models, offsets brought back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.explain import explain
from classifier.labelled import corpus
from classifier.model import Model, load_model
from classifier.text.spacing import close_up, closed_up

PAGES = Path(__file__).resolve().parents[1] / "labeled" / "pages"


def space_out(text: str) -> str:
    """Set a blank between neighbours of which one is no Latin letter or digit, as Tesseract does."""
    out = []
    for before, char in zip(" " + text, text, strict=False):
        both_latin = before.isascii() and char.isascii()
        if before.strip() and char.strip() and not both_latin:
            out.append(" ")
        out.append(char)
    return "".join(out)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("default")


def without_blanks(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", ["seed-like-1", "clean-1", "wrapped-1", "traditional-1"])
def test_a_page_is_split_as_it_is_without_the_blanks(model: Model, name: str) -> None:
    # Names of two characters are set apart by a blank of their own; what is told apart by it alone may differ.
    text = closed_up((PAGES / f"{name}.txt").read_text("utf-8"))
    spaced = space_out(text)
    closed = closed_up(spaced)
    assert closed == closed_up(space_out(closed))
    assert without_blanks(closed) == without_blanks(text)
    for there, here in zip(model.split(spaced), model.split(closed), strict=True):
        assert without_blanks(spaced[there.start : there.end]) == without_blanks(closed[here.start : here.end])
        assert spaced[there.start].strip()
        assert spaced[there.end - 1].strip()
        assert (there.first_line, there.last_line, there.title) == (here.first_line, here.last_line, here.title)
        assert (there.genre, there.score, there.top) == (here.genre, here.score, here.top)


def test_all_ways_into_the_model_close_up(model: Model) -> None:
    text = (PAGES / "seed-like-1.txt").read_text("utf-8")
    spaced = space_out(text)
    articles = model.split(spaced)
    assert [reason.article.start for reason in explain(model, spaced)] == [article.start for article in articles]
    assert model.classify(spaced) == model.classify(closed_up(spaced))
    assert len(model.split_ends(spaced)) == len(articles)
    assert model.split_many([text, spaced, text])[1] == articles


def test_a_labelled_page_is_read_as_the_models_read_it(tmp_path: Path) -> None:
    text = space_out((PAGES / "seed-like-1.txt").read_text("utf-8"))
    gold = json.loads((PAGES / "seed-like-1.jsonl").read_text("utf-8"))
    for article in gold["articles"]:
        del article["start"], article["end"]
    (tmp_path / "page.txt").write_text(text, "utf-8")
    (tmp_path / "page.jsonl").write_text(json.dumps({**gold, "path": "page.txt"}), "utf-8")
    (page,) = corpus.load([str(tmp_path)]).pages
    assert page.text == closed_up(text)
    assert len(page.ends) == len(gold["articles"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "江北晚报",
        "获奖名单：王　一 李二二 张　三 赵四四 钱　五 孙六六 周　七 吴八八 郑　九 冯十十 陈　一 褚二二" * 3,
        "The quick brown fox jumps over the lazy dog",
        "深 化 改 革\n" + "本报讯 桥北街道社区食堂昨天开张，首日来了八十位老人。" * 3,
    ],
)
def test_a_text_set_by_people_is_left_alone(text: str) -> None:
    assert close_up(text) is None


@pytest.mark.parametrize(
    ("line", "closed"),
    [
        ("都 市 · 民 生 A 0 6", "都市·民生A06"),
        ("前 三 季 度 G D P 增 长 9 . 8 %", "前三季度GDP增长9.8%"),
        ("共 1 , 2 3 4 . 5 亿 元 。", "共1,234.5亿元。"),
        ("第 A4 06 版 ， 共 12 3 页", "第A4 06版，共12 3页"),
        ("民 生  A 0 6   B", "民生  A06   B"),
    ],
)
def test_what_is_no_han_is_closed_up_where_each_character_is_alone(line: str, closed: str) -> None:
    text = f"江 州 日 报 昨 天 出 版 今 天 讯\n{line}"
    found = close_up(text)
    assert found is not None
    assert found.text == f"江州日报昨天出版今天讯\n{closed}"
    assert found.text == "".join(text[at] for at in found.offsets)


def test_the_title_of_a_page_with_blanks_everywhere_has_none(model: Model) -> None:
    body = "\n本报讯昨天，江州市统计局发布数据，前三季度增长9.8%，达1,234.5亿元，其中IT产业增长12%。"
    text = "\n".join(" ".join(line) for line in ("江州GDP增长9.8%" + body).split("\n"))
    (article,) = model.split(text)
    assert (article.title, article.start, article.end) == ("江州GDP增长9.8%", 0, len(text))


@given(st.text("江北晚报讯昨天，。 \n　a1“”", max_size=200))
def test_closing_takes_out_nothing_but_single_blanks(text: str) -> None:
    spaced = space_out(text + "江北晚报昨天讯今日要闻")
    closed = close_up(spaced)
    assert closed is not None
    assert closed.text == "".join(spaced[at] for at in closed.offsets)
    lost = set(range(len(spaced))) - set(closed.offsets.tolist())
    assert all(spaced[at] == " " and spaced[at - 1].strip() and spaced[at + 1].strip() for at in lost)
    assert len(closed.text.splitlines()) == len(spaced.splitlines())
    assert close_up(closed.text) is None


@given(st.lists(st.text("江北晚报 　，a", max_size=9), min_size=2, max_size=20))
def test_windows_line_ends_are_read_as_any_others(lines: list[str]) -> None:
    closed = close_up("\r\n".join(lines))
    assert closed is not None
    assert closed.text == closed_up("\n".join(lines))


def test_a_page_is_split_alike_whatever_its_line_ends(model: Model) -> None:
    text = (PAGES / "archive-08.txt").read_text("utf-8")
    windows = text.replace("\n", "\r\n")
    for there, here in zip(model.split(windows), model.split(text), strict=True):
        assert windows[there.start : there.end].replace("\r\n", "\n") == text[here.start : here.end]
        assert (there.first_line, there.last_line, there.top) == (here.first_line, here.last_line, here.top)
