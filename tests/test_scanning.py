"""Scans in the batch and on the command line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from classifier.batches import batch
from classifier.batches.output import OutputTree
from classifier.batches.work import Work
from classifier.document import PageResult
from classifier.model import Model
from classifier.rendering.serialisation import page_object
from classifier.scans import ocrxml
from tests.layout_files import HOCR
from tests.scan_files import PICTURE, column_page, printed_pdf, text_pdf
from tests.test_grouping import result
from tests.test_main import ENVIRONMENT, banmian, lines, on_terminal, posix
from tests.test_main import terminal as terminal  # a fixture

WORDS = {"".join(line.text.split()) for line in column_page().lines}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def labelled(name: str, data: bytes, model: Model, **options: Any) -> list[PageResult]:
    Path(name).write_bytes(data)
    return list(batch.run([name], work=Work(**options), model=model))


# --- One scan --------------------------------------------------------------------------------------------------------


def test_a_picture_becomes_articles_with_regions(model: Model) -> None:
    (page,) = labelled("page.png", PICTURE.read_bytes(), model, keep_text=True)
    assert page.failure is None
    assert page.scan is not None
    assert "".join(sorted("".join(page.text.split()))) == "".join(sorted("".join(WORDS)))
    assert page.text == page.scan.text
    assert page.articles
    assert all(article.regions for article in page.articles)
    facts: dict[str, Any] = json.loads(json.dumps(page_object(page)))
    assert list(facts) == ["path", "encoding", "model", "articles", "scan"]
    assert facts["encoding"] is None
    assert list(facts["articles"][0])[-2:] == ["continued_on", "regions"]
    assert facts["scan"] | {"text": ""} == {
        "page": 1, "width": 1000, "height": 640, "rotation": 0, "source": "ocr", "text": "",
    }  # fmt: skip
    for article in facts["articles"]:
        for region in article["regions"]:
            assert region["page"] == 1
            assert all(0 <= x <= 1000 and 0 <= y <= 640 for x, y in region["polygon"])


def test_text_files_have_neither(model: Model) -> None:
    (page,) = labelled("page.txt", "\n".join(WORDS).encode(), model)
    facts: dict[str, Any] = json.loads(json.dumps(page_object(page)))
    assert list(facts) == ["path", "encoding", "model", "articles"]
    assert "regions" not in facts["articles"][0]


def test_a_pdf_is_as_many_results_as_pages(model: Model) -> None:
    work = Work(output=OutputTree(Path("out")))
    Path("issue.pdf").write_bytes(printed_pdf(3))
    results = list(batch.run(["issue.pdf"], work=work, model=model))
    assert [page.path for page in results] == [f"issue.pdf#page={n}" for n in (1, 2, 3)]
    assert sorted(path.name for path in Path("out").glob("issue*")) == [
        f"issue.pdf.page-{n:02}.jsonl" for n in (1, 2, 3)
    ]
    facts = json.loads(Path("out/issue.pdf.page-02.jsonl").read_text("utf-8"))
    assert facts["path"] == "issue.pdf#page=2"
    assert facts["articles"][0]["regions"][0]["page"] == 2
    (single,) = labelled("single.pdf", printed_pdf(1), model)
    assert single.path == "single.pdf"


def test_workers_change_nothing(model: Model) -> None:
    Path("issue.pdf").write_bytes(printed_pdf(4))
    alone, together = (list(batch.run(["issue.pdf"], work=Work(), model=model, jobs=n)) for n in (1, 2))
    assert alone == together
    assert [page.scan for page in alone] == [page.scan for page in together]


def test_two_scans_of_one_name_have_no_picture_of_one_name(model: Model) -> None:
    for folder in "ab":
        Path(folder).mkdir()
        Path(folder, "p.png").write_bytes(PICTURE.read_bytes())
        Path(folder, "p.txt").write_text("水渠通水。", "utf-8")
    work = Work(overlay=OutputTree(Path("shown")))
    arguments = ["a/p.png", "b/p.png", "a/p.txt", "b/p.txt", "a/p.png"]
    results = list(batch.run(arguments, work=work, model=model, jobs=2))
    said = [result.failure and result.failure.message for result in results]
    assert said[1] == "shown has the picture of a/p.png under this name; give them an --overlay each"
    assert said == [None, said[1], None, None, "given twice; name it once"]
    results = list(batch.run(["a", "b"], work=replace(work, glob="*.png"), model=model))
    assert not any(result.failure for result in results)
    found = {path.relative_to("shown").as_posix() for path in Path("shown").rglob("*.jpg")}
    assert found == {"p.png.jpg", "a/p.png.jpg", "b/p.png.jpg"}


def test_standard_input_may_be_a_scan(model: Model) -> None:
    results = list(batch.run(["-"], work=Work(), model=model, stdin=io.BytesIO(HOCR.encode())))
    assert [page.path for page in results] == ["-#page=1", "-#page=2"]
    assert results[1].articles == ()


def test_classify_labels_a_scan(model: Model) -> None:
    (page,) = labelled("page.hocr", HOCR.split("<div class='ocr_page' title='bbox")[0].encode(), model, verb="classify")
    assert page.label is not None
    assert list(page_object(page)) == ["path", "encoding", "model", "genre", "score", "top", "scan"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("cut.png", PICTURE.read_bytes()[:3000], "scan"),
        ("cut.pdf", printed_pdf()[:300], "scan"),
        ("bomb.xml", b'<!DOCTYPE alto [<!ENTITY a "aa">]><alto>&a;</alto>', "scan"),
    ],
)
def test_a_damaged_scan_fails_alone(name: str, data: bytes, code: str, model: Model) -> None:
    Path("good.txt").write_text("水渠通水。", "utf-8")
    Path(name).write_bytes(data)
    bad, good = batch.run([name, "good.txt"], work=Work(), model=model)
    assert bad.failure is not None
    assert (bad.failure.code, bad.path) == (code, name)
    assert good.failure is None


SPOILT = {
    "unknown.xml": b'<?xml version="1.0" encoding = "klingon"?><alto></alto>',
    "marked.hocr": b"<html><div class='ocr_page'><![x]></div></html>",
    "far.xml": b'<?xml version="1.0"' + b" " * 200 + b'encoding="gbk"?><alto></alto>',
}


@pytest.mark.parametrize("jobs", [1, 2])
def test_layout_files_that_cannot_be_parsed_fail_alone(jobs: int, model: Model) -> None:
    names = []
    with zipfile.ZipFile("all.zip", "w") as archive:
        for name, data in SPOILT.items():
            Path(name).write_bytes(data)
            Path(f"{name}.txt").write_text("水渠通水。", "utf-8")
            archive.writestr(name, data)
            archive.writestr(f"{name}.txt", "水渠通水。".encode())
            names += [name, f"{name}.txt"]
    results = list(batch.run([*names, "all.zip"], work=Work(glob="*"), model=model, jobs=jobs))
    assert [result.path for result in results] == [*names, *(f"all.zip/{name}" for name in names)]
    assert [result.failure and result.failure.code for result in results] == ["scan", None] * 6
    for data in SPOILT.values():
        (result,) = batch.run(["-"], work=Work(), model=model, stdin=io.BytesIO(data))
        assert result.failure is not None
        assert result.failure.code == "scan"


def test_a_bug_in_counting_pages_is_a_failure_of_that_file(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def count(_: bytes) -> int:
        raise KeyError("pages")

    monkeypatch.setattr("classifier.scans.images.count_pages", count)
    Path("good.txt").write_text("水渠通水。", "utf-8")
    Image.new("L", (30, 20), 255).save("bad.tif")
    bad, good = batch.run(["bad.tif", "good.txt"], work=Work(), model=model)
    assert bad.failure is not None
    assert (bad.path, bad.failure.code) == ("bad.tif", "internal")
    assert "KeyError" in bad.failure.traceback
    assert good.failure is None


def test_an_empty_page_has_no_articles(model: Model) -> None:
    Image.new("L", (300, 200), 255).save("blank.png")
    (page,) = batch.run(["blank.png"], work=Work(), model=model)
    assert (page.failure, page.articles) == (None, ())
    assert page.scan is not None
    assert page.scan.text == ""


def test_forms_with_places_refuse_text(model: Model) -> None:
    (page,) = labelled("page.txt", "水渠通水。".encode(), model, scans_only=True)
    assert page.failure is not None
    assert page.failure.code == "scan"


def test_an_encoding_makes_it_text(model: Model) -> None:
    (page,) = labelled("page.html", HOCR.encode(), model, encoding="utf-8")
    assert page.scan is None
    assert page.encoding == "utf-8"


# --- Overlay ---------------------------------------------------------------------------------------------------------


def test_pictures_go_below_their_folder_and_replace_only_their_own_kind(model: Model) -> None:
    Path("scans/may").mkdir(parents=True)
    Path("scans/may/issue.pdf").write_bytes(printed_pdf(2))

    def run(*, force: bool) -> list[str]:
        work = Work(glob="*.pdf", overlay=OutputTree(Path("shown"), force=force))
        results = batch.run(["scans"], work=work, model=model)
        return ["" if page.failure is None else page.failure.code for page in results]

    assert run(force=False) == ["", ""]
    pictures = sorted(Path("shown").rglob("*.*"))
    assert [str(path) for path in pictures] == [f"shown/may/issue.pdf.page-0{n}.jpg" for n in (1, 2)]
    with Image.open(pictures[0]) as picture:
        assert picture.size == (1389, 889)
    assert run(force=False) == ["", ""]  # they are ours
    pictures[1].write_bytes(PICTURE.read_bytes())
    assert run(force=False) == ["", "output"]
    assert run(force=True) == ["", ""]


# --- The command -----------------------------------------------------------------------------------------------------


def test_alto_goes_in_and_comes_out() -> None:
    from classifier.scans import grouping

    Path("page.alto.xml").write_bytes(grouping.alto(result()))
    done = banmian("split", "page.alto.xml", "--format", "page-xml")
    assert (done.returncode, done.stderr) == (0, b"")
    (page,) = ocrxml.read(done.stdout, "page-xml")
    assert {"".join(line.text.split()) for line in page.lines} == WORDS
    done = banmian("split", "page.alto.xml", "--format", "alto", "-o", "out", "--overlay", "shown")
    assert done.returncode == 0
    assert Path("out/page.alto.xml.alto.xml").is_file()
    assert Path("shown/page.alto.xml.jpg").is_file()


def test_recognition_is_done_once() -> None:
    Path("page.png").write_bytes(PICTURE.read_bytes())
    done = banmian("split", "page.png", "-o", "out")
    assert done.returncode == 0, done.stderr
    (entry,) = Path("out/.ocr").rglob("*.json")
    entry.write_text(entry.read_text().replace(r"\u65b0", r"\u8001"))
    done = banmian("split", "page.png", "-o", "out", "--format", "alto")
    assert done.returncode == 0, done.stderr
    assert "老水渠通到三个村" in Path("out/page.png.alto.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["split", "a.png", "b.png", "--format", "alto"], "-o DIR"),
        (["split", ".", "--format", "page-xml"], "-o DIR"),
        (["classify", "a.png", "--format", "alto"], "jsonl"),
        (["split", "a.png", "--ocr", "sometimes"], "auto"),
    ],
)
def test_wrong_usage_names_the_remedy(words: list[str], named: str) -> None:
    done = banmian(*words)
    assert done.returncode == 2
    (line,) = lines(done.stderr)
    assert named in line


@pytest.mark.parametrize(
    ("name", "missing"),
    [("page.png", "rapidocr"), ("page.png", "PIL"), ("a.pdf", "pypdfium2"), ("a.pdf#page=2", "cv2")],
)
def test_without_the_extra_the_command_to_install_it_is_named(name: str, missing: str) -> None:
    Path("page.png").write_bytes(PICTURE.read_bytes())
    Path("a.pdf").write_bytes(printed_pdf(2))
    code = f"import sys; sys.modules[{missing!r}] = None; from classifier.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "split", name.partition("#")[0], "--format", "jsonl"]
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 1
    (line,) = [line for line in lines(done.stderr) if line.startswith(f"{name}: ")]
    assert line.endswith("pip install 'banmian[ocr]'")
    assert {json.loads(line)["error"]["code"] for line in lines(done.stdout)} == {"missing-extra"}


def test_layout_files_need_no_extra_and_text_imports_nothing_of_it() -> None:
    Path("page.hocr").write_text(HOCR, "utf-8")
    Path("page.txt").write_text("水渠通水。", "utf-8")
    names = ["rapidocr", "onnxruntime", "cv2", "PIL", "pypdfium2"]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({names}))\n"
        "from classifier.__main__ import main; status = main()\n"
        "scans = {'classifier.scans.' + name for name in ('ocrxml', 'images', 'recognition')}\n"
        "extra = (scans | {'xml'}) & set(sys.modules)\n"
        "sys.exit(status or ('txt' in sys.argv[-1] and extra and str(extra)) or 0)"
    )
    for name in ("page.hocr", "page.txt"):
        command = [sys.executable, "-c", code, "split", name]
        done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False, encoding="utf-8")
        assert done.returncode == 0, done.stderr


def test_a_directory_of_scans_is_searched_by_endings() -> None:
    Path("scans").mkdir()
    for name in ("a.HOCR", "b.xml", "c.txt"):
        Path("scans", name).write_text(HOCR, "utf-8")
    done = banmian("split", "scans", "--glob", "*.{hocr,xml}", "--format", "jsonl")
    assert done.returncode == 0
    paths = [json.loads(line)["path"] for line in lines(done.stdout)]
    assert paths == [f"scans/{name}#page={n}" for name in ("a.HOCR", "b.xml") for n in (1, 2)]


def test_a_text_layer_with_blanks_between_all_characters_is_read_without() -> None:
    text = " ".join("新水渠昨日正式通水，村民从此有了稳定的水源。")
    Path("a.pdf").write_bytes(text_pdf([[(text, 20.0, 100.0 - 16 * n, 5.0) for n in range(3)]]))
    done = banmian("split", "a.pdf", "--ocr", "never", "--format", "jsonl")
    assert json.loads(done.stdout)["scan"]["text"].splitlines()[0].strip() == text.replace(" ", "")


def test_scans_are_not_explained_as_if_they_were_texts() -> None:
    Path("a.hocr").write_text(HOCR, "utf-8")
    done = banmian("explain", "a.hocr")
    assert done.returncode == 1
    assert b"a scan" in done.stderr
    assert done.stdout == b""


def test_a_hostile_text_layer_cannot_act_on_the_terminal() -> None:
    text = "\x1b[31m红\u202e" + "新水渠昨日正式通水，村民从此有了稳定的水源。" * 3
    Path("a.pdf").write_bytes(text_pdf([[(text, 20.0, 100.0, 5.0)]]))
    done = banmian("split", "a.pdf", "--ocr", "never")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert "\u202e" not in done.stdout.decode()


@posix
def test_the_pages_of_a_pdf_are_counted_in_a_bar(terminal: tuple[int, int]) -> None:
    Path("issue.pdf").write_bytes(printed_pdf(3))
    status, shown = on_terminal(*terminal, "split", "issue.pdf", shared=False)
    assert status == 0
    assert "/3" in shown
    assert "3 pages" in shown
