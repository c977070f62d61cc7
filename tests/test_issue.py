"""Results of split found, put together by issue, and their texts found again."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from classifier.batches import batch
from classifier.batches.output import OutputTree
from classifier.batches.work import Work
from classifier.document import PageResult
from classifier.errors import UsageError
from classifier.model import Model
from classifier.rendering.render import Format
from classifier.rendering.serialisation import json_line, page_object
from classifier.stories import issue
from classifier.stories.issue import Gathered, Pattern
from tests.layout_files import ALTO_LINES, HOCR

PAGE = Path(__file__).resolve().parents[1] / "labeled" / "pages" / "seed-like-1.txt"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("scans/2026-07-03/04.txt", ("scans/2026-07-03", "4")),
        ("20260703-04.txt", ("20260703", "4")),
        ("2026-07-03_A04.txt", ("2026-07-03", "A04")),
        ("20260703A04.txt", ("20260703", "A04")),
        ("rmrb/20260703_04版.txt", ("rmrb/20260703", "4")),
        ("d/第4版.txt", ("d", "4")),
        ("d/第四版.txt", ("d", "4")),
        ("d/page-3.txt", ("d", "3")),
        ("d/p3.txt", ("d", "3")),
        ("d\\B12.txt", ("d", "B12")),
        ("2026-07-03(4).txt", ("2026-07-03", "4")),
        ("04.txt", (".", "4")),
        ("2026-07-03.txt", None),
        ("20260703.txt", None),
        ("d/12345.txt", None),
        ("d/readme.txt", None),
        ("", None),
    ],
)
def test_issue_and_page_by_name(path: str, expected: tuple[str, str] | None) -> None:
    assert Pattern().locate(path) == expected


def test_a_pattern_of_the_users() -> None:
    pattern = Pattern.of(r"(?P<page>[0-9]+)_(?P<issue>[0-9]{8})")
    assert pattern.locate("x/12_20260703.txt") == ("20260703", "12")
    assert pattern.locate("x/12.txt") is None
    assert Pattern.of(r"-(?P<page>\w+)\.txt").locate("x/20260703-12.txt") == ("x/20260703", "12")


@pytest.mark.parametrize("pattern", ["(?P<page>", "[0-9]+", "(?P<issue>x)"])
def test_a_pattern_that_cannot_be_used(pattern: str) -> None:
    with pytest.raises(UsageError, match="--issue-pattern"):
        Pattern.of(pattern)


def result_of(path: str, text: str, model: Model) -> PageResult:
    return PageResult(path, "utf-8", model.id, articles=model.split(text), text=text)


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model) -> Path:
    """A directory with two pages of an issue and their results."""
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text("utf-8")
    pages, out = Path("scans/0512"), Path("out/0512")
    pages.mkdir(parents=True)
    out.mkdir(parents=True)
    for number in (1, 2):
        page = pages / f"{number:02}.txt"
        page.write_text(text, "utf-8")
        (out / f"{page.name}.jsonl").write_text(
            json_line(page_object(result_of(str(page), text, model))) + "\n", "utf-8"
        )
    return tmp_path


def only(found: Gathered) -> tuple[str, str]:
    assert len(found.failures) == 1
    failure = found.failures[0].failure
    assert failure is not None
    return failure.code, failure.message


@pytest.mark.usefixtures("written")
def test_articles_come_back_with_their_texts(model: Model) -> None:
    found = issue.gather(["out"], pattern=Pattern())
    assert (list(found.issues), found.pages, found.failures) == (["scans/0512"], 2, [])
    parts, failures = issue.read_parts(found.issues["scans/0512"])
    text = PAGE.read_text("utf-8")
    assert failures == []
    articles = model.split(text)
    assert [part.text for part in parts] == [text[a.start : a.end] for a in articles] * 2
    assert [part.page for part in parts] == ["1"] * len(articles) + ["2"] * len(articles)
    assert [(p.article.title, p.article.continued_from) for p in parts[: len(articles)]] == [
        (a.title, a.continued_from) for a in articles
    ]


def test_texts_from_elsewhere(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (written / "away").mkdir()
    monkeypatch.chdir(written / "away")
    entries = issue.gather(["../out"], pattern=Pattern()).issues["scans/0512"]
    parts, failures = issue.read_parts(entries)
    assert (parts, [f.failure.code for f in failures if f.failure]) == ([], ["missing"] * 2)
    for texts in ("..", "../scans"):  # as the results name them, and as the results lie
        parts, failures = issue.read_parts(entries, texts=Path(texts))
        assert parts, texts
        assert failures == []


@pytest.mark.usefixtures("written")
def test_a_path_cannot_lead_out_of_the_directory_of_texts() -> None:
    line = Path("out/0512/01.txt.jsonl").read_text("utf-8")
    secret = json.loads(line) | {"path": "../scans/0512/01.txt"}
    Path("bad.jsonl").write_text(json.dumps(secret), "utf-8")
    Path("texts").mkdir()
    entries = next(iter(issue.gather(["bad.jsonl"], pattern=Pattern()).issues.values()))
    parts, failures = issue.read_parts(entries, texts=Path("texts"))
    assert parts == []
    assert failures[0].failure is not None
    assert failures[0].failure.code == "missing"


OTHER = PAGE.with_name("seed-like-2.txt")

CHANGES: dict[str, Callable[[str], str]] = {
    "all of it": lambda _: "另一篇\n\n完全不同的文字。\n",
    "another page": lambda _: OTHER.read_text("utf-8"),
    "a line at the top": lambda text: "第一行\n" + text,
    "a line at the end": lambda text: text + "\n最后一行",
    "a line inside": lambda text: text.replace("\n", "\n中间一行\n", 5),
    "a character taken out": lambda text: text[:100] + text[101:],
    "headlines": lambda text: "".join("水" if 0x4E00 <= ord(char) < 0xA000 else char for char in text),
}
"""What can be seen from a result alone."""


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("change", CHANGES)
def test_a_text_that_changed_is_refused(change: str) -> None:
    text = PAGE.read_text("utf-8")
    changed = CHANGES[change](text)
    assert changed != text
    Path("scans/0512/01.txt").write_text(changed, "utf-8")
    parts, failures = issue.read_parts(issue.gather(["out"], pattern=Pattern()).issues["scans/0512"])
    assert {part.page for part in parts} == {"2"}
    assert [(f.path, f.failure.code) for f in failures if f.failure] == [("scans/0512/01.txt", "changed")]


@pytest.mark.usefixtures("written")
def test_a_corrected_headline_is_no_change() -> None:
    file = Path("out/0512/01.txt.jsonl")
    result = json.loads(file.read_text("utf-8"))
    first = next(article for article in result["articles"] if len(article["title"]) > 5)
    first["title"] = "囗" + first["title"][1:]
    file.write_text(json.dumps(result), "utf-8")
    parts, failures = issue.read_parts(issue.gather(["out"], pattern=Pattern()).issues["scans/0512"])
    assert failures == []
    assert first["title"] in {part.article.title for part in parts}


@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize("corrected", [False, True])
def test_the_journal_notices_every_change_of_a_page(corrected: bool, model: Model) -> None:
    pages = [Path("scans/0512/01.txt"), Path("scans/0512/02.txt")]
    pages[0].parent.mkdir(parents=True)
    text = PAGE.read_text("utf-8")
    for page in pages:
        page.write_text(text, "utf-8")
    assert not any(r.failure for r in batch.run(["scans"], work=Work(output=OutputTree(Path("out"))), model=model))
    if corrected:
        file = Path("out/0512/01.txt.jsonl")
        file.write_text(file.read_text("utf-8").replace('"genre": "', '"genre": "x-'), "utf-8")
    words = text.replace("工", "土")
    assert words != text
    pages[0].write_text(words, "utf-8")
    for place in ("out", "out/0512", "out/0512/01.txt.jsonl"):
        found = issue.gather([place], pattern=Pattern())
        parts, failures = issue.read_parts(found.issues["scans/0512"])
        assert [(f.path, f.failure.code) for f in failures if f.failure] == [("scans/0512/01.txt", "changed")]
        assert {part.page for part in parts} == ({"2"} if place != "out/0512/01.txt.jsonl" else set())
    pages[0].write_text(text, "utf-8")
    assert issue.read_parts(issue.gather(["out"], pattern=Pattern()).issues["scans/0512"])[1] == []


@pytest.mark.usefixtures("_elsewhere")
def test_the_text_of_a_scan_is_that_in_its_result(model: Model) -> None:
    Path("scans").mkdir()
    for number in (1, 2):
        Path(f"scans/{number:02}.xml").write_text(f"<alto>{ALTO_LINES}</alto>", "utf-8")
    Path("scans/04.hocr").write_text(HOCR, "utf-8")
    work = Work(output=OutputTree(Path("out")), glob="*")
    assert not any(result.failure for result in batch.run(["scans"], work=work, model=model))
    shutil.rmtree("scans")
    found = issue.gather(["out"], pattern=Pattern())
    assert {name: [entry.page for entry in entries] for name, entries in found.issues.items()} == {
        "scans": ["1", "2"],
        "scans/04.hocr": ["1", "2"],
    }
    parts, failures = issue.read_parts(found.issues["scans"])
    assert failures == []
    written = [json.loads(Path(f"out/0{number}.xml.jsonl").read_text("utf-8")) for number in (1, 2)]
    expected = [r["scan"]["text"][a["start"] : a["end"]] for r in written for a in r["articles"]]
    assert [part.text for part in parts] == expected
    assert "水渠 通水" in expected[0]
    file = Path("out/01.xml.jsonl")
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"scan": {"page": 1}}), "utf-8")
    _, failures = issue.read_parts(issue.gather(["out"], pattern=Pattern()).issues["scans"])
    assert [(f.path, f.failure.code) for f in failures if f.failure] == [("scans/01.xml", "malformed")]


@pytest.mark.usefixtures("written")
@pytest.mark.skipif(os.name == "nt", reason="needs FIFOs")
def test_a_pipe_is_read_once() -> None:
    os.mkfifo("pipe")
    data = b"".join(file.read_bytes() for file in sorted(Path("out").rglob("*.jsonl")))
    with ThreadPoolExecutor() as pool:
        done = pool.submit(Path("pipe").write_bytes, data)
        found = issue.gather(["pipe"], pattern=Pattern())
        done.result()
    parts, failures = issue.read_parts(found.issues["scans/0512"])
    assert failures == []
    assert {part.page for part in parts} == {"1", "2"}


def test_a_folder_of_articles_needs_no_other_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text("utf-8")
    tree = OutputTree(Path("out"), Format.FILES, "split")
    tree.write(tree.target("0512/03.txt"), result_of("scans/0512/03.txt", text, model))
    entries = issue.gather(["out"], pattern=Pattern()).issues["scans/0512"]
    parts, failures = issue.read_parts(entries)
    assert failures == []
    assert [part.text.strip() for part in parts] == [text[a.start : a.end] for a in model.split(text)]


def test_a_folder_whose_index_names_files_elsewhere_is_refused(tmp_path: Path) -> None:
    entry = {"file": "../../secret.txt", "path": "x/01.txt", "start": 0, "end": 1}
    (tmp_path / "index.jsonl").write_text(json.dumps(entry), "utf-8")
    parts, failures = issue.read_parts(issue.gather([str(tmp_path)], pattern=Pattern()).issues["x"])
    assert parts == []
    assert failures[0].failure is not None
    assert failures[0].failure.code == "malformed"


def test_results_that_are_not_there_are_missing() -> None:
    (failed,) = issue.gather(["gone"], pattern=Pattern()).failures
    assert failed.failure is not None
    assert (failed.failure.code, failed.path) == ("missing", "gone")
    assert failed.failure.message == "no such file or directory; give what split -o wrote"


def test_pages_by_name_alone_fail_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text('{"path": "readme.txt", "articles": []}\n{"path": "x/01.txt", "articles": []}\n', "utf-8")
    found = issue.gather([str(file)], pattern=Pattern())
    assert list(found.issues) == ["x"]
    assert only(found)[0] == "page"


@pytest.mark.parametrize(
    "line", ["no json", "[]", '{"path": 3}', '{"path": "x/01.txt", "genre": "rural"}', "[" * 100_000]
)
def test_what_split_did_not_write(tmp_path: Path, line: str) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text(line + "\n", "utf-8")
    assert only(issue.gather([str(file)], pattern=Pattern()))[0] == "malformed"


def test_pages_that_failed_are_passed_over() -> None:
    stdin = io.BytesIO(b'{"path": "x/01.txt", "error": {"code": "decode", "message": "m"}}\n\n')
    found = issue.gather(["-"], pattern=Pattern(), stdin=stdin)
    assert (found.pages, found.failures) == (0, [])


@pytest.mark.usefixtures("written")
def test_standard_input_is_read_once() -> None:
    stdin = io.BytesIO(Path("out/0512/01.txt.jsonl").read_bytes())
    parts, failures = issue.read_parts(issue.gather(["-"], pattern=Pattern(), stdin=stdin).issues["scans/0512"])
    assert parts
    assert failures == []


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    "change", [{"start": -1}, {"end": "9"}, {"title": None}, {"top": [["rural", 7]]}, {"first_line": True}, {"top": 3}]
)
def test_malformed_articles_are_refused(change: dict[str, object]) -> None:
    file = Path("out/0512/01.txt.jsonl")
    result = json.loads(file.read_text("utf-8"))
    result["articles"][0] |= change
    file.write_text(json.dumps(result), "utf-8")
    parts, failures = issue.read_parts(issue.gather(["out"], pattern=Pattern()).issues["scans/0512"])
    assert {part.page for part in parts} == {"2"}
    assert [f.failure.code for f in failures if f.failure] == ["malformed"]
