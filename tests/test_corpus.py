"""Labelled data: what is read, what is refused and how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.document import PageResult
from classifier.errors import ExitCode, LabelError
from classifier.labelled import checks, corpus
from classifier.labelled.corpus import Corpus, LabelledText
from classifier.model import Model
from classifier.rendering import render
from classifier.text.paragraphs import split_paragraphs

LABELED = Path(__file__).resolve().parents[1] / "labeled"
TEXT = "县里修了新桥\n村民过河不再绕路了。\n\n  今年雨水足\n稻子长得好。\n"
"""Two articles: lines 1-2 and, indented, 4-5."""


def write_page(folder: Path, articles: object, *, text: str = TEXT, **keys: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "page.txt").write_text(text, "utf-8")
    file = folder / "page.jsonl"
    file.write_text(json.dumps({"path": "page.txt", "articles": articles, **keys}) + "\n", "utf-8")
    return file


def problems(*paths: Path) -> list[str]:
    return corpus.inspect([str(path) for path in paths])[1]


def article(start: int, end: int, **keys: object) -> dict[str, object]:
    return {"start": start, "end": end, "genre": "rural", **keys}


def lines(first: int, last: int) -> dict[str, object]:
    return {"first_line": first, "last_line": last}


GOOD = [article(0, 17), article(21, 33)]


# --- Reading ---


def test_the_starter_collection_is_sound() -> None:
    found, wrong = corpus.inspect([str(LABELED)])
    assert wrong == []
    assert checks.check(found) == []
    assert len(found.texts) == len(list(LABELED.glob("articles/*/*.txt")))
    assert len(found.pages) == len(list(LABELED.glob("pages/*.jsonl")))
    assert found.names["law"] == "法治"


def test_a_folder_of_genres_is_enough(tmp_path: Path) -> None:
    for genre in ("weather", "cars"):
        (tmp_path / genre).mkdir()
        (tmp_path / genre / "a.txt").write_text(f"{genre}的一篇短文。", "utf-8")
    found = corpus.load([str(tmp_path)])
    assert [(text.genre, text.text) for text in found.texts] == [
        ("cars", "cars的一篇短文。"),
        ("weather", "weather的一篇短文。"),
    ]


def test_a_file_named_twice_counts_once(tmp_path: Path) -> None:
    file = write_page(tmp_path, GOOD)
    assert len(corpus.load([str(tmp_path), str(file), str(tmp_path)]).pages) == 1


def test_a_page_becomes_text_and_ends(tmp_path: Path) -> None:
    (page,) = corpus.load([str(write_page(tmp_path, GOOD))]).pages
    assert page.composed.text == TEXT
    assert page.composed.ends == (2, 4)
    assert page.genres == ("rural", "rural")
    assert [text for text, _ in page.articles()] == [TEXT[0:17], TEXT[21:33]]


def test_lines_do_instead_of_offsets(tmp_path: Path) -> None:
    lines = [{"first_line": 1, "last_line": 2}, {"first_line": 4, "last_line": 5, "genre": "unknown"}]
    (page,) = corpus.load([str(write_page(tmp_path, lines))]).pages
    assert (page.ends, page.genres) == ((2, 4), ("", ""))


def test_white_space_at_the_ends_of_an_article_does_not_matter(tmp_path: Path) -> None:
    (page,) = corpus.load([str(write_page(tmp_path, [article(0, 19), article(19, len(TEXT))]))]).pages
    assert page.ends == (2, 4)


def test_split_output_is_labelled_data(model: Model, tmp_path: Path) -> None:
    texts = {path.name: path.read_text("utf-8") for path in sorted(LABELED.glob("pages/*.txt"))}
    results = [
        PageResult(path=f"pages/{name}", encoding="utf-8", model=model.id, articles=model.split(text, threshold=0))
        for name, text in texts.items()
    ]
    (tmp_path / "pages").mkdir()
    for name, text in texts.items():
        (tmp_path / "pages" / name).write_text(text, "utf-8")
    output = "".join(render.stream(results, form=render.Format.JSONL))
    broken = json.dumps({"path": "pages/bad.txt", "error": {"code": "decode", "message": "not valid"}})
    (tmp_path / "corrected.jsonl").write_text(output + broken + "\n", "utf-8")
    found = corpus.load([str(tmp_path / "corrected.jsonl")])
    assert len(found.pages) == len(results)
    for page, result in zip(found.pages, results, strict=True):
        assert list(page.ends) == model.split_ends(page.text)
        assert page.genres == tuple(entry.genre for entry in result.articles)
    # The layout of -o: a file a page, beside which the pages are put.
    for result in results:
        name = Path(result.path).name
        (tmp_path / "pages" / f"{name}.jsonl").write_text("".join(render.stream([result], form=render.Format.JSONL)))
    assert {page.ends for page in corpus.load([str(tmp_path / "pages")]).pages} == {page.ends for page in found.pages}


def test_classify_output_is_labelled_data(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一篇短文。", "utf-8")
    line = json.dumps({"path": "a.txt", "encoding": "utf-8", "model": "m@1", "genre": "cars", "score": 0.4, "top": []})
    (tmp_path / "labels.jsonl").write_text(line + "\n", "utf-8")
    assert corpus.load([str(tmp_path)]).genres == ["cars"]


def test_a_text_that_classify_is_not_sure_of_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一篇短文。", "utf-8")
    file = tmp_path / "labels.jsonl"
    for genre in ("unknown", "", None):
        file.write_text(json.dumps({"path": "a.txt", "genre": genre}) + "\n", "utf-8")
        found, wrong = corpus.inspect([str(file)])
        assert (found.texts, wrong) == ((), [])
    with pytest.raises(LabelError, match=r"labels\.jsonl: nothing labelled in it"):
        corpus.load([str(file)])


def test_a_page_is_not_taken_from_a_text_that_its_object_does_not_name(tmp_path: Path) -> None:
    file = write_page(tmp_path, GOOD)
    for name in ("nowhere.txt", "-"):
        file.write_text(json.dumps({"path": name, "articles": GOOD}) + "\n", "utf-8")
        found, wrong = corpus.inspect([str(file)])
        assert len(found.pages) == (name == "-")  # standard input has no name
        assert all("'nowhere.txt' is not there" in line for line in wrong)
    (tmp_path / "page.txt").unlink()
    assert "path is - and page.txt is not there" in problems(file)[0]


def test_the_remedy_for_a_text_of_another_encoding_is_one_that_is_there(tmp_path: Path) -> None:
    file = write_page(tmp_path, GOOD, encoding="utf-8")
    (tmp_path / "page.txt").write_bytes(TEXT.encode("gb18030"))
    assert problems(file)[0].endswith("; save it as UTF-8, or correct the key encoding")
    (tmp_path / "cars").mkdir()
    for bad in (tmp_path / "cars" / "a.txt", tmp_path / "bad.jsonl"):
        bad.write_bytes(TEXT.encode("utf-8") * 9 + b"\xff\xfe" + TEXT.encode("utf-8"))
    (tmp_path / "page.jsonl").unlink()
    found = problems(tmp_path)
    assert len(found) == 2
    assert all(line.endswith("; save it as UTF-8") for line in found)


def test_a_corrected_scan_brings_its_text_along(tmp_path: Path) -> None:
    file = write_page(tmp_path, GOOD, scan={"page": 1, "text": TEXT})
    (tmp_path / "page.txt").unlink()
    (page,) = corpus.load([str(file)]).pages
    assert (page.text, page.ends, page.genres) == (TEXT, (2, 4), ("rural", "rural"))


@pytest.mark.parametrize("scan", [5, {}, {"text": 5}, []])
def test_a_scan_without_its_text_is_refused(tmp_path: Path, scan: object) -> None:
    (problem,) = problems(write_page(tmp_path, GOOD, scan=scan))
    assert "scan without its text" in problem


def test_an_empty_page_is_passed_over(tmp_path: Path) -> None:
    write_page(tmp_path / "text", [], text=" \n")
    write_page(tmp_path / "scan", [], scan={"text": ""})
    assert problems(tmp_path / "text" / "page.jsonl", tmp_path / "scan" / "page.jsonl") == []


def test_the_encoding_of_a_page_is_heeded(tmp_path: Path) -> None:
    file = write_page(tmp_path, GOOD, encoding="gb18030")
    (tmp_path / "page.txt").write_bytes(TEXT.encode("gb18030"))
    (page,) = corpus.load([str(file)]).pages
    assert (page.text, page.encoding) == (TEXT, "gb18030")


# --- What is refused ---


@pytest.mark.parametrize(
    ("articles", "fact"),
    [
        ("none", "without a list of articles"),
        ([], "without a list of articles"),
        ([{"genre": "rural"}], "article 1 without start and end"),
        ([article(0, 99)], "article 1 is [0, 99) of a text of"),
        ([article(5, 5)], "article 1 is [5, 5)"),
        ([article(-1, 5)], "article 1 is [-1, 5)"),
        ([{"start": 0.5, "end": 3}], "give two whole numbers"),
        ([{"start": True, "end": 3}], "give two whole numbers"),
        ([article(2, 17), article(21, 33)], "article 1 starts at character 2, inside line 1"),
        ([article(0, 10), article(21, 33)], "article 1 ends at character 10, inside line 2"),
        ([article(0, 33), article(21, 33)], "article 2 begins at line 4, in the article before it"),
        ([article(21, 33), article(0, 17)], "article 2 begins at line 1, above article 1 (line 4); write articles in"),
        ([article(21, 33)], "line 1 is in no article; give it to article 1, or"),
        ([lines(1, 999)], "article 1 is lines 1-999 of a text of 6 lines"),
        ([lines(0, 2), lines(4, 5)], "article 1 is lines 0-2 of a text of 6 lines"),
        ([lines(1, 2), lines(9, 1)], "article 2: first_line 9 is after last_line 1"),
        ([article(0, 17)], "line 4 and what follows are in no article"),
        ([article(0, 6), article(21, 33)], "line 2 is in no article"),
        ([article(17, 19), *GOOD], "article 1 holds nothing but white space"),
        ([article(0, 17, first_line=1, last_line=4), article(21, 33)], "but 1-2 by start and end"),
        ([article(0, 17, genre="a/b"), article(21, 33)], "'a/b' cannot be a genre"),
        ([article(0, 17, genre=7), article(21, 33)], "7 cannot be a genre"),
    ],
)
def test_articles_that_are_wrong(articles: object, fact: str, tmp_path: Path) -> None:
    file = write_page(tmp_path, articles)
    (line,) = problems(tmp_path)
    assert line.startswith(f"{file}:1: ")
    assert fact in line
    assert ";" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not an object with a path"),
        ('{"articles": []}', "not an object with a path"),
        ('{"path": "gone.txt", "articles": []}', "'gone.txt' is not there"),
        ('{"path": "page.txt", "encoding": 5, "articles": []}', "encoding 5 is no name"),
        ('{"path": "page.txt", "encoding": "utf-99", "articles": []}', "utf-99"),
        ('{"path": "page.txt", "articles": [{"first_line": 1, "last_line": 5, "genre": 5}]}', "5 cannot be a genre"),
    ],
)
def test_lines_that_are_wrong(line: str, fact: str, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(TEXT, "utf-8")
    (tmp_path / "two.jsonl").write_text(f"\n{line}\n", "utf-8")
    (found,) = problems(tmp_path)
    assert found.startswith(f"{tmp_path / 'two.jsonl'}:2: ")
    assert fact in found


def test_files_that_are_wrong(tmp_path: Path) -> None:
    for folder in ("cars", "un:safe", "unknown", "nothing"):
        (tmp_path / folder).mkdir()
    (tmp_path / "cars" / "empty.txt").write_text(" \n", "utf-8")
    (tmp_path / "cars" / "binary.txt").write_bytes(bytes(range(256)) * 20)
    found = problems(tmp_path)
    assert [line.removeprefix(str(tmp_path)).split(":")[0] for line in found] == [
        "/cars/binary.txt",
        "/cars/empty.txt",
        "/nothing",
        "/un",
        "/unknown",
    ]
    with pytest.raises(LabelError, match=r"binary\.txt: .*4 more; banmian check") as caught:
        corpus.load([str(tmp_path)])
    assert caught.value.exit_code is ExitCode.LABELS


def test_places_that_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("文", "utf-8")
    assert "nothing labelled" in problems(tmp_path)[0]
    assert "no such file" in problems(tmp_path / "gone")[0]
    assert "neither a directory nor .jsonl" in problems(tmp_path / "a.txt")[0]


def test_texts_that_are_not_read_are_named(tmp_path: Path) -> None:
    def put(name: str) -> None:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{name}的一篇短文。", "utf-8")

    for name in ("cars/a.txt", "cars/sub/b.txt", "README.md", "cars/.hidden.txt", "cars/picture.jpg"):
        put(name)
    write_page(tmp_path, GOOD)
    found, wrong = corpus.inspect([str(tmp_path)])
    assert (len(found.texts), len(found.pages), found.ignored, wrong) == (2, 1, (), [])
    for name in ("cars/c.md", "cars/d.MD", "loose.txt"):
        put(name)
    found, _ = corpus.inspect([str(tmp_path)])
    assert [line.partition(";")[0] for line in found.ignored] == [
        f"{tmp_path}: 1 file ignored (loose.txt)",
        f"{tmp_path / 'cars'}: 2 files ignored (c.md, d.MD)",
    ]
    assert set(found.ignored) <= set(checks.check(found))
    for name in ("articles/boats/e.txt", "articles/f.txt"):
        put(name)
    found, _ = corpus.inspect([str(tmp_path)])
    assert [line.partition(" ignored")[0].removeprefix(str(tmp_path)) for line in found.ignored] == [
        ": 3 files",
        "/articles: 1 file",
        "/cars: 3 files",
        "/cars/sub: 1 file",
    ]


def test_the_digest_tells_content_and_not_names() -> None:
    def digest(**keys: Any) -> str:
        return Corpus((LabelledText(**({"path": "a", "text": "文", "genre": "cars"} | keys)),)).digest

    assert digest() == digest(path="b")
    assert len({digest(), digest(text="字"), digest(genre="games")}) == 3


def test_gold_pages_fit_their_paragraphs() -> None:
    for page in corpus.load([str(LABELED / "pages")]).pages:
        assert page.ends[-1] == len(split_paragraphs(page.text))
