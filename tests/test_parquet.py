"""Results as Parquet: rows, parts, and pages that are done again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from classifier.batches import parquet
from classifier.batches.batch import run
from classifier.batches.output import OutputTree
from classifier.batches.tally import Tally
from classifier.batches.work import Work
from classifier.model import Model, load_model
from classifier.rendering.render import Format
from classifier.scan import ScanPage
from tests.scan_files import column_page

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "labeled" / "pages" / "seed-like-1.txt"


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(parquet, "PART_PAGES", 4)
    return tmp_path / "out"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Return a directory of ten pages, one of them empty."""
    top = tmp_path / "in"
    for number in range(9):
        write(top / "deep" / f"{number}.txt", f"第{number}篇文章的标题\n\n这是第{number}篇文章的正文。\n")
    write(top / "empty.txt", "")
    return top


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - 60,) * 2)


def go(pages: Path, out: Path, model: Model, **options: Any) -> tuple[int, int, int]:
    """Run, and return how many pages were done, skipped, failed."""
    output = OutputTree(out, Format.PARQUET, force=options.pop("force", False))
    tally = Tally()
    for result in run([str(pages)], work=Work(output=output, **options), model=model):
        assert result.text == ""
        tally.add(result)
    return tally.done, tally.skipped, tally.failed


def rows(out: Path) -> list[dict[str, Any]]:
    found = pyarrow.parquet.read_table(out).to_pylist()
    return sorted(found, key=lambda row: (row["page"], row.get("article", 0)))


def parts(out: Path) -> list[str]:
    return sorted(path.name for path in out.glob("*.parquet"))


def test_a_row_says_what_jsonl_says_and_has_the_text(out: Path, model: Model) -> None:
    go(PAGE, out, model)
    text = PAGE.read_text(encoding="utf-8")
    (page,) = run([str(PAGE)], work=Work(output=OutputTree(out.with_name("jsonl"))), model=model)
    said = json.loads((out.with_name("jsonl") / f"{PAGE.name}.jsonl").read_text(encoding="utf-8"))
    assert len(page.articles) > 1
    for number, (row, article) in enumerate(zip(rows(out), said["articles"], strict=True), 1):
        assert (row.pop("page"), row.pop("article"), row.pop("id")) == (PAGE.name, number, None)
        assert row.pop("text") == text[article["start"] : article["end"]]
        assert row.pop("regions") is None
        assert {key: row.pop(key) for key in ("path", "encoding", "model")} == {
            key: said[key] for key in ("path", "encoding", "model")
        }
        row["top"] = [[entry["genre"], entry["score"]] for entry in row["top"]]
        assert row == article


def test_the_columns_are_the_same_whatever_is_found(out: Path, model: Model, tmp_path: Path) -> None:
    write(tmp_path / "none" / "empty.txt", "")
    go(tmp_path / "none", out, model)
    go(PAGE, out.with_name("some"), model)
    schemas = [pyarrow.parquet.read_schema(next(path.glob("*.parquet"))) for path in (out, out.with_name("some"))]
    assert schemas[0].equals(schemas[1])
    assert schemas[0].equals(parquet.schema("split"))


def alto(scan: ScanPage) -> str:
    lines = [
        f'<TextLine HPOS="{line.left}" VPOS="{line.top}" WIDTH="{line.right - line.left}" '
        f'HEIGHT="{line.bottom - line.top}"><String CONTENT="{line.text}"/></TextLine>'
        for line in scan.lines
    ]
    block = "<TextBlock>" + "".join(lines) + "</TextBlock>"
    return (
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Layout>'
        f'<Page WIDTH="{scan.width}" HEIGHT="{scan.height}"><PrintSpace>{block}</PrintSpace></Page></Layout></alto>'
    )


def test_rows_of_scans_say_where_their_articles_stand(out: Path, model: Model, tmp_path: Path) -> None:
    page = tmp_path / "page.xml"
    page.write_text(alto(column_page()), encoding="utf-8")
    go(page, out, model)
    list(run([str(page)], work=Work(output=OutputTree(out.with_name("jsonl"))), model=model))
    said = json.loads((out.with_name("jsonl") / "page.xml.jsonl").read_text(encoding="utf-8"))
    assert [row["regions"] for row in rows(out)] == [article["regions"] for article in said["articles"]]
    assert all(region["page"] == 1 and len(region["polygon"]) >= 4 for row in rows(out) for region in row["regions"])


def test_a_part_made_before_there_were_regions_is_swept_and_read_with_the_others(
    pages: Path, out: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = parquet.schema
    with monkeypatch.context() as patch:
        patch.setattr(parquet, "schema", lambda verb: whole(verb).remove(whole(verb).get_field_index("regions")))
        go(pages, out, model)
    write(pages / "deep" / "3.txt", "改写过的标题\n\n改写过的正文。\n")
    go(pages, out, model)
    parts_read = [pyarrow.parquet.read_table(out / name) for name in parts(out)]
    found = pyarrow.concat_tables(parts_read, promote_options="default")
    assert sorted(found.column("page").to_pylist()) == [f"deep/{number}.txt" for number in range(9)]
    assert found.column("regions").null_count == 9


def test_classified_texts_have_a_row_each(pages: Path, out: Path, model: Model) -> None:
    output = OutputTree(out, Format.PARQUET, "classify")
    done = list(run([str(pages)], work=Work(verb="classify", output=output), model=model))
    assert [row["genre"] for row in rows(out)] == [
        result.label.genre for result in sorted(done, key=lambda result: result.path) if result.label
    ]
    assert list(rows(out)[0]) == ["page", "path", "id", "encoding", "model", "genre", "score", "top"]


def test_many_pages_share_a_part_and_a_second_run_writes_none(pages: Path, out: Path, model: Model) -> None:
    assert go(pages, out, model) == (10, 0, 0)
    before = parts(out)
    assert len(before) == 3
    assert sorted({row["page"] for row in rows(out)}) == [f"deep/{number}.txt" for number in range(9)]
    assert go(pages, out, model) == (0, 10, 0)
    assert parts(out) == before


def test_pages_done_again_are_there_once(pages: Path, out: Path, model: Model) -> None:
    go(pages, out, model)
    write(pages / "deep" / "3.txt", "改写过的标题\n\n改写过的正文。\n")
    write(pages / "deep" / "new.txt", "新来的标题\n\n新来的正文。\n")
    assert go(pages, out, model) == (2, 9, 0)
    found = rows(out)
    assert len(found) == 10
    assert [row["text"].startswith("改写") for row in found if row["page"] == "deep/3.txt"] == [True]
    assert go(pages, out, model) == (0, 11, 0)
    assert go(pages, out, model, top_k=1) == (11, 0, 0)
    assert len(rows(out)) == 10
    assert all(len(row["top"]) == 1 for row in rows(out))
    assert go(pages, out, model, force=True) == (11, 0, 0)
    assert len(rows(out)) == 10
    assert len(parts(out)) == 3


def test_a_run_killed_before_it_swept_is_made_good(
    pages: Path, out: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(pages, out, model)
    write(pages / "deep" / "3.txt", "改写过的标题\n\n改写过的正文。\n")
    with monkeypatch.context() as patch:
        patch.setattr(parquet, "sweep", lambda _: 0)
        go(pages, out, model)
    assert len(rows(out)) == 10
    assert go(pages, out, model) == (0, 10, 0)
    assert len(rows(out)) == 9


@pytest.mark.parametrize("others", ["rows", "part"])
def test_what_another_run_took_out_meanwhile_does_not_come_back(
    others: str, pages: Path, out: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(pages, out, model)
    part = max((out / name for name in parts(out)), key=lambda path: len(pyarrow.parquet.read_table(path)))
    ours, theirs, *rest = sorted({row["page"] for row in pyarrow.parquet.read_table(part).to_pylist()})
    (out / ".banmian" / "tmp" / "run").mkdir()
    output = OutputTree(out, Format.PARQUET, run="run")
    write_table, calls = parquet._write, []

    def let_another_be_first(table: pyarrow.Table, path: Path) -> None:
        calls.append(path)
        if len(calls) == 1:
            if others == "part":
                part.unlink()
            else:
                parquet._take_out(part, {parquet._key(theirs)}, output)
        write_table(table, path)

    monkeypatch.setattr(parquet, "_write", let_another_be_first)
    if others == "part":
        with pytest.raises(FileNotFoundError):
            parquet._take_out(part, {parquet._key(ours)}, output)
        assert not part.exists()
    else:
        parquet._take_out(part, {parquet._key(ours)}, output)
        assert sorted({row["page"] for row in pyarrow.parquet.read_table(part).to_pylist()}) == rest
    assert list(output.staging.iterdir()) == []


def test_a_part_that_is_gone_is_made_again(pages: Path, out: Path, model: Model) -> None:
    go(pages, out, model)
    (out / parts(out)[0]).unlink()
    done, skipped, failed = go(pages, out, model)
    assert 2 <= done <= 4
    assert (done + skipped, failed) == (10, 0)
    assert len(rows(out)) == 9


def test_a_part_that_cannot_be_written_is_a_failure_of_its_pages(
    pages: Path, out: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(parquet, "_write", full)
        assert go(pages, out, model) == (0, 0, 10)
    assert parts(out) == []
    assert go(pages, out, model) == (10, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are not UTF-8")
def test_a_name_that_is_not_utf8_is_there_once_too(tmp_path: Path, out: Path, model: Model) -> None:
    name = os.fsdecode(b"\xc3\xfb.txt")
    for text in ("旧标题\n", "新标题\n"):
        write(tmp_path / "in" / name, text)
        write(tmp_path / "in" / "b.txt", "同一个\n")
        go(tmp_path / "in", out, model)
    assert [(row["page"], row["text"]) for row in rows(out)] == [("\\udcc3\\udcfb.txt", "新标题"), ("b.txt", "同一个")]


def test_without_the_extra_the_error_names_the_command(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None; from classifier.__main__ import main\n"
        f"sys.argv = ['banmian', 'split', {str(PAGE)!r}, '--format', 'parquet', '-o', {str(tmp_path / 'o')!r}]\n"
        "sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "pip install 'banmian[parquet]'" in done.stderr
