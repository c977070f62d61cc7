"""Rendering: each form's shape, and that no character of a text can act on a terminal or a file system."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.document import UNKNOWN, Article, Failure, Label, PageResult
from classifier.rendering.render import CLASSIFY_COLUMNS, SPLIT_COLUMNS, Format, article_files, failure_line, stream
from classifier.rendering.serialisation import page_object

TEXT = "山村通了公交\n\n清晨六点，第一班车开出。\r\n\r\n(上接1版)\n\n第二，要办好学校。会后又谈了路灯。\n"
TITLED = Article(
    0, TEXT.index("\r"), 1, 3, "山村通了公交", "society", 0.98765, (("society", 0.98765), ("rural", 0.01)), 1.0
)
CONTINUED = Article(
    TEXT.index("(上"), len(TEXT) - 1, 5, 7, "", UNKNOWN, 0.3, (("politics", 0.3),), 0.87654, continued_from="1"
)
PAGE = PageResult("页.txt", "utf-8", "default@1f3c9a2b", (TITLED, CONTINUED), text=TEXT)
EMPTY = PageResult("empty.txt", "utf-8", "default@1f3c9a2b")
FAILED = PageResult("bad.txt", failure=Failure("decode", "not valid UTF-8 at byte 3; pass --encoding NAME"))
LABELLED = PageResult("a.txt", "gb18030", "default@1f3c9a2b", label=Label("world", 0.5, (("world", 0.5),)))

HIDDEN_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Cs"}
ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Cs"]))


def render(*results: PageResult, form: Format, **options: object) -> str:
    return "".join(stream(results, form=form, **options))  # type: ignore[arg-type]


def test_text_is_one_line_an_article() -> None:
    assert render(PAGE, EMPTY, FAILED, form=Format.TEXT) == (
        f"页.txt:1-3\tsociety\t0.99\t山村通了公交\n页.txt:5-7\t{UNKNOWN}\t0.30\t…第二，要办好学校\n"
    )
    assert render(LABELLED, form=Format.TEXT) == "a.txt\tworld\t0.50\n"


def test_colour_touches_genre_and_score_alone() -> None:
    coloured = render(PAGE, form=Format.TEXT, colour=True)
    first, second = (line.split("\t") for line in coloured.splitlines())
    assert (first[0], first[3]) == ("页.txt:1-3", "山村通了公交")
    assert first[1] == "\x1b[36msociety\x1b[0m"
    assert second[1] == f"\x1b[33m{UNKNOWN}\x1b[0m"
    assert first[2] == "\x1b[2m0.99\x1b[0m"


def test_jsonl_has_the_keys_of_the_contract_in_order() -> None:
    page, empty, failed, labelled = map(
        json.loads, render(PAGE, EMPTY, FAILED, LABELLED, form=Format.JSONL).splitlines()
    )
    assert list(page) == ["path", "encoding", "model", "articles"]
    keys = "start end first_line last_line title genre score top boundary_score continued_from continued_on"
    assert [list(article) for article in page["articles"]] == [keys.split()] * 2
    assert page["articles"][0]["top"] == [["society", 0.9877], ["rural", 0.01]]
    assert page["articles"][1]["title"] == ""
    assert page["articles"][1]["boundary_score"] == 0.8765
    assert page["articles"][1]["continued_from"] == "1"
    assert empty["articles"] == []
    assert failed == {
        "path": "bad.txt",
        "error": {"code": "decode", "message": "not valid UTF-8 at byte 3; pass --encoding NAME"},
    }
    assert labelled == {
        "path": "a.txt",
        "encoding": "gb18030",
        "model": "default@1f3c9a2b",
        "genre": "world",
        "score": 0.5,
        "top": [["world", 0.5]],
    }


def test_chinese_is_not_escaped_in_json() -> None:
    assert '"title": "山村通了公交"' in render(PAGE, form=Format.JSONL)


@pytest.mark.parametrize("results", [(), (PAGE,), (PAGE, FAILED, LABELLED)])
def test_json_is_an_array_whatever_the_number_of_pages(results: tuple[PageResult, ...]) -> None:
    output = render(*results, form=Format.JSON)
    assert json.loads(output) == [page_object(result) for result in results]
    assert output.endswith("]\n")


@pytest.mark.parametrize("form", [Format.TEXT, Format.JSON, Format.JSONL, Format.TSV])
def test_a_page_is_rendered_before_the_next_is_asked_for(form: Format) -> None:
    asked = []

    def results() -> Iterator[PageResult]:
        for number in range(3):
            asked.append(number)
            yield PAGE

    pieces = stream(results(), form=form)
    while "society" not in next(pieces):
        pass
    assert asked == [0]


def test_tsv_has_a_header_and_a_row_an_article() -> None:
    header, first, second = render(PAGE, FAILED, EMPTY, form=Format.TSV).splitlines()
    assert header.split("\t") == list(SPLIT_COLUMNS)
    assert first.split("\t") == [
        "页.txt",
        "1",
        "3",
        "0",
        str(TITLED.end),
        "society",
        "0.9877",
        "山村通了公交",
        "",
        "",
        "",
    ]
    assert second.split("\t") == [
        "页.txt",
        "5",
        "7",
        str(CONTINUED.start),
        str(CONTINUED.end),
        UNKNOWN,
        "0.3",
        "",
        "1",
        "",
        "",
    ]
    assert render(LABELLED, form=Format.TSV, verb="classify") == "path\tgenre\tscore\tid\na.txt\tworld\t0.5\t\n"


def test_tsv_has_the_id_of_a_json_object_in_its_last_column() -> None:
    header, row, _ = render(replace(PAGE, id="p\t1"), form=Format.TSV).splitlines()
    assert dict(zip(header.split("\t"), row.split("\t"), strict=True))["id"] == "p␉1"
    for identity, shown in ((0, "0"), (True, "true"), ({"号": 1.5}, '{"号": 1.5}')):
        _, row = render(replace(LABELLED, id=identity), form=Format.TSV, verb="classify").splitlines()
        assert row.split("\t")[-1] == shown
    _, row = render(replace(LABELLED, id=0), form=Format.TSV, verb="classify").splitlines()
    assert row == "a.txt\tworld\t0.5\t0"


@given(ANY_TEXT, ANY_TEXT)
@example("a\tb\n.txt", "标题\r\x1b[2J\x85\u2028\u202e\ud800")
def test_a_text_cannot_break_or_act_in_any_form(path: str, title: str) -> None:
    result = replace(PAGE, path=path, articles=(replace(TITLED, title=title or "x"),))
    (line,) = render(result, form=Format.TEXT).split("\n")[:-1]
    assert line.count("\t") == 3
    rows = render(result, form=Format.TSV).split("\n")[1:-1]
    assert [row.count("\t") for row in rows] == [len(SPLIT_COLUMNS) - 1]
    (json_text,) = render(result, form=Format.JSONL).split("\n")[:-1]
    read_back = json.loads(json_text)
    assert (read_back["path"], read_back["articles"][0]["title"]) == (path, title or "x")
    failure = failure_line(replace(FAILED, path=path, failure=Failure("missing", title)))
    for output in (line, *rows, json_text, failure):
        assert not {unicodedata.category(char) for char in output.replace("\t", "")} & HIDDEN_CATEGORIES
        output.encode()  # no lone surrogate is left


def test_files_hold_the_articles_and_an_index() -> None:
    (first, first_text), (second, second_text), (index, lines) = article_files(PAGE)
    assert first == "01-society-山村通了公交.txt"
    assert second == f"02-{UNKNOWN}-第二，要办好学校.txt"
    assert first_text == "山村通了公交\n\n清晨六点，第一班车开出。\n"
    assert second_text == "(上接1版)\n\n第二，要办好学校。会后又谈了路灯。\n"
    assert index == "index.jsonl"
    entries = [json.loads(line) for line in lines.splitlines()]
    assert [entry["file"] for entry in entries] == [first, second]
    articles = page_object(PAGE)["articles"]
    assert [{k: v for k, v in entry.items() if k not in ("file", "path")} for entry in entries] == articles


def test_files_sort_in_page_order_and_keep_their_line_ends_plain() -> None:
    text = "甲\r\n乙\r丙"
    page = PageResult("p", "utf-8", "m", tuple(replace(TITLED, end=len(text)) for _ in range(120)), text=text)
    *articles, _ = article_files(page)
    assert [name for name, _ in articles] == sorted(name for name, _ in articles)
    assert articles[0] == ("001-society-山村通了公交.txt", "甲\n乙\n丙\n")


def test_columns_of_classify_are_those_of_split() -> None:
    assert set(CLASSIFY_COLUMNS) <= set(SPLIT_COLUMNS)
