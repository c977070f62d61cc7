"""A second run: what it skips, does again, and must not touch. With the shipped model and real files."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.batches import journal
from classifier.batches.batch import run
from classifier.batches.journal import Journal
from classifier.batches.output import OutputTree
from classifier.batches.resume import Claims
from classifier.batches.rooms import journal_folder
from classifier.batches.tally import Tally
from classifier.batches.work import Work
from classifier.model import Model, load_model
from classifier.rendering.render import Format

TREES = [Format.JSONL, Format.TSV, Format.FILES]


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Return a directory of three pages, changed long enough ago for their times to be believed."""
    top = tmp_path / "in"
    for number, name in enumerate(("a.txt", "b.txt", "deep/c.txt")):
        write(top / name, f"第{number}篇文章的标题\n\n这是第{number}篇文章的正文，写得很短。\n")
    return top


def write(path: Path, text: str, *, age: float = 60) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - age,) * 2)


def rush(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let times be believed at once: the time of the last change of a file's state cannot be set back."""
    monkeypatch.setattr(journal, "GRAIN", 0)


@pytest.fixture(params=TREES, ids=str)
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Work:
    return Work(output=OutputTree(tmp_path / "out", request.param))


def go(pages: Path | list[str], work: Work, model: Model) -> Tally:
    tally = Tally()
    for result in run([str(pages)] if isinstance(pages, Path) else pages, work=work, model=model):
        tally.add(result)
    return tally


def counts(tally: Tally) -> tuple[int, int, int]:
    """Return how many were done, skipped, failed."""
    return tally.done, tally.skipped, tally.failed


def journal_size(out: Path) -> int:
    with closing(Journal(journal_folder(out))) as known:
        return len(known)


def content(out: Path) -> dict[str, bytes]:
    found = (path for path in out.rglob("*") if path.is_file() and ".banmian" not in path.parts)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


def test_a_second_run_has_nothing_to_do(pages: Path, work: Work, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    rush(monkeypatch)
    assert work.output is not None
    assert counts(go(pages, work, model)) == (3, 0, 0)
    before = content(work.output.directory)
    records = journal_size(work.output.directory)
    with monkeypatch.context() as blind:
        blind.setattr(Path, "read_bytes", None)  # not even a file is opened
        assert counts(go(pages, work, model)) == (0, 3, 0)
    assert content(work.output.directory) == before
    assert journal_size(work.output.directory) == records


def test_fresh_files_are_compared_byte_by_byte_until_they_have_aged(pages: Path, work: Work, model: Model) -> None:
    go(pages, work, model)
    stamp = os.stat(pages / "a.txt")  # noqa: PTH116
    (pages / "a.txt").write_text("另一篇文章标题\n\n".ljust(stamp.st_size // 3), encoding="utf-8")
    os.utime(pages / "a.txt", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert counts(go(pages, work, model)) == (1, 2, 0)


def change_content(pages: Path, work: Work) -> Work:
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        write(pages / name, f"{name}改写过的标题\n\n改写过的正文。\n")
    return work


def change_threshold(pages: Path, work: Work) -> Work:  # noqa: ARG001
    return replace(work, threshold=0.99)


def change_top(pages: Path, work: Work) -> Work:  # noqa: ARG001
    return replace(work, top_k=1)


def change_encoding(pages: Path, work: Work) -> Work:  # noqa: ARG001
    return replace(work, encoding="utf-8")


@pytest.mark.parametrize("change", [change_content, change_threshold, change_top, change_encoding])
def test_what_changed_is_done_again(
    pages: Path, work: Work, model: Model, change: Callable[[Path, Work], Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    rush(monkeypatch)
    assert work.output is not None
    go(pages, work, model)
    changed = change(pages, work)
    assert counts(go(pages, changed, model)) == (3, 0, 0)
    assert counts(go(pages, changed, model)) == (0, 3, 0)
    fresh = replace(changed, output=replace(work.output, directory=work.output.directory.with_name("fresh")))
    go(pages, fresh, model)
    assert fresh.output is not None
    assert content(work.output.directory) == content(fresh.output.directory)


def test_another_model_does_all_again(pages: Path, work: Work, model: Model, tmp_path: Path) -> None:
    go(pages, work, model)
    shutil.copytree(model.path, tmp_path / "other")
    config = json.loads((tmp_path / "other" / "config.json").read_text(encoding="utf-8"))
    config["genre"]["threshold"] = 0.5  # the weights are the same
    (tmp_path / "other" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    other = load_model(tmp_path / "other")
    assert counts(go(pages, work, other)) == (3, 0, 0)
    assert counts(go(pages, work, other)) == (0, 3, 0)
    same = shutil.copytree(tmp_path / "other", tmp_path / "copy")
    assert counts(go(pages, work, load_model(same))) == (0, 3, 0)


def test_what_failed_is_tried_again_and_listed(pages: Path, work: Work, model: Model) -> None:
    assert work.output is not None
    (pages / "bad.txt").write_bytes(b"\xff\xfe\x00\xd8\x00")
    failures = work.output.directory / "_failures.jsonl"
    for _ in range(2):
        assert go(pages, work, model).failed == 1
        (line,) = failures.read_text(encoding="utf-8").splitlines()
        assert json.loads(line)["path"] == str(pages / "bad.txt")
        assert json.loads(line)["error"]["code"] == "decode"
    write(pages / "bad.txt", "好了\n")
    assert counts(go(pages, work, model)) == (1, 3, 0)
    assert not failures.exists()


def test_a_missing_result_is_made_again(pages: Path, work: Work, model: Model) -> None:
    assert work.output is not None
    go(pages, work, model)
    target = work.output.target("b.txt")
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    assert counts(go(pages, work, model)) == (1, 2, 0)
    assert target.exists()


def test_a_result_left_empty_by_a_power_cut_is_made_again(pages: Path, tmp_path: Path, model: Model) -> None:
    work = Work(output=OutputTree(tmp_path / "out"))
    go(pages, work, model)
    target = tmp_path / "out" / "a.txt.jsonl"
    os.truncate(target, 0)
    assert counts(go(pages, work, model)) == (1, 2, 0)
    assert target.stat().st_size


def edit(target: Path) -> Path:
    """Correct a result by hand."""
    path = target / "index.jsonl" if target.is_dir() else target
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    return path


def test_a_corrected_result_is_kept(pages: Path, work: Work, model: Model) -> None:
    assert work.output is not None
    go(pages, work, model)
    edited = edit(work.output.target("a.txt"))
    corrected = edited.read_bytes()
    for _ in range(2):
        results = list(run([str(pages)], work=work, model=model))
        assert [result.skipped for result in results] == [True] * 3
        assert [result.corrected for result in results] == [True, False, False]
    os.utime(work.output.target("b.txt"))
    assert not any(result.corrected for result in list(run([str(pages)], work=work, model=model))[1:])
    write(pages / "a.txt", "新的内容\n")
    for _ in range(2):
        results = list(run([str(pages)], work=work, model=model))
        assert results[0].failure is not None
        assert results[0].failure.code == "output"
        assert "changed after banmian wrote it" in results[0].failure.message
        assert edited.read_bytes() == corrected
    forced = replace(work, output=replace(work.output, force=True))
    assert counts(go(pages, forced, model)) == (3, 0, 0)
    assert edited.read_bytes() != corrected
    assert counts(go(pages, work, model)) == (0, 3, 0)


@pytest.mark.parametrize("change", ["edit", "rename", "remove", "add"])
def test_a_folder_of_articles_that_was_changed_is_kept(change: str, pages: Path, tmp_path: Path, model: Model) -> None:
    work = Work(output=OutputTree(tmp_path / "out", Format.FILES))
    go(pages, work, model)
    folder = tmp_path / "out" / "a.txt"
    article = next(path for path in sorted(folder.iterdir()) if path.suffix == ".txt")
    if change == "edit":
        article.write_text(article.read_text("utf-8") + "补上的一句。\n", "utf-8")
    elif change == "rename":
        article.rename(article.with_name("01-mine.txt"))
    elif change == "remove":
        article.unlink()
    else:
        (folder / "notes.md").write_text("mine", "utf-8")
    before = content(tmp_path / "out")
    assert counts(go(pages, work, model)) == (0, 3, 0)
    write(pages / "a.txt", "新的内容\n")
    assert counts(go(pages, work, model)) == (0, 2, 1)
    assert counts(go(pages, replace(work, threshold=0.5), model)) == (2, 0, 1)
    after = content(tmp_path / "out")
    assert {name: data for name, data in after.items() if name.startswith("a.txt")} == {
        name: data for name, data in before.items() if name.startswith("a.txt")
    }


def test_a_file_of_the_users_is_kept(pages: Path, tmp_path: Path, model: Model) -> None:
    work = Work(output=OutputTree(tmp_path / "out"))
    write(tmp_path / "out" / "a.txt.jsonl", "mine")
    write(tmp_path / "out" / "_failures.jsonl", "mine too")
    for done, skipped in ((2, 0), (0, 2)):
        assert counts(go(pages, work, model)) == (done, skipped, 1)
    assert (tmp_path / "out" / "a.txt.jsonl").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "out" / "_failures.jsonl").read_text(encoding="utf-8") == "mine too"
    assert b'"output"' in (tmp_path / "out" / ".banmian" / "_failures.jsonl").read_bytes()


def test_the_result_of_another_input_or_command_is_kept(pages: Path, work: Work, model: Model, tmp_path: Path) -> None:
    assert work.output is not None
    go(pages, work, model)
    before = content(work.output.directory)
    other = tmp_path / "other"
    write(other / "a.txt", "同名的另一页\n")
    (failed,) = run([str(other)], work=work, model=model)
    assert failed.failure is not None
    assert "another input" in failed.failure.message
    if work.output.form is not Format.FILES:
        classify = replace(work, verb="classify", output=replace(work.output, verb="classify"))
        for result in run([str(pages)], work=classify, model=model):
            assert result.failure is not None
            assert "another command" in result.failure.message
    (work.output.directory / "_failures.jsonl").unlink()
    assert content(work.output.directory) == before


def test_a_tree_that_was_moved_is_done(pages: Path, work: Work, model: Model, tmp_path: Path) -> None:
    assert work.output is not None
    go(pages, work, model)
    shutil.copytree(pages, tmp_path / "moved")
    copied = shutil.copytree(work.output.directory, tmp_path / "copied")
    moved = replace(work, output=replace(work.output, directory=Path(copied)))
    for file in copied.rglob("*"):
        os.utime(file)
    assert counts(go(tmp_path / "moved", moved, model)) == (0, 3, 0)
    write(tmp_path / "moved" / "a.txt", "改了\n")
    assert counts(go(tmp_path / "moved", moved, model)) == (1, 2, 0)


def test_a_run_killed_between_journal_and_result(pages: Path, work: Work, model: Model) -> None:
    """The journal then speaks of a result that is not there, or of one that is still the old one."""
    assert work.output is not None
    go(pages, work, model)
    old = content(work.output.directory)
    change_content(pages, work)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OutputTree, "put", lambda *_: None)
        assert counts(go(pages, work, model)) == (3, 0, 0)
        assert counts(go(pages, replace(work, top_k=1), model)) == (3, 0, 0)
    assert content(work.output.directory) == old
    assert counts(go(pages, work, model)) == (3, 0, 0)
    assert counts(go(pages, work, model)) == (0, 3, 0)
    assert content(work.output.directory) != old


def test_two_runs_in_one_directory_share_the_work(pages: Path, work: Work, model: Model) -> None:
    first, second = (run([str(pages)], work=work, model=model) for _ in range(2))
    next(second)  # both have begun: neither knows what the other does
    tally = Tally()
    for result in [*first, *second]:
        tally.add(result)
    assert tally.failed == 0
    assert counts(go(pages, work, model)) == (0, 3, 0)


def test_without_the_journal_results_are_left_alone(pages: Path, work: Work, model: Model) -> None:
    assert work.output is not None
    go(pages, work, model)
    shutil.rmtree(work.output.directory / ".banmian")
    tally = go(pages, work, model)
    assert counts(tally) == (0, 0, 3)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=3), st.text(max_size=3)), max_size=20))
def test_a_name_is_claimed_once(claims: list[tuple[str, str]]) -> None:
    book = Claims(folds_case=False)
    first: dict[str, str] = {}
    for name, path in claims:
        name, path = name.replace("\0", "x"), path.replace("\0", "x")
        name, path = (text.encode("utf-8", "replace").decode() for text in (name, path))
        assert book.claim(name, path) == first.get(name)
        first.setdefault(name, path)
    book.close()


def test_names_that_differ_in_case_are_one_where_the_disk_says_so() -> None:
    for folds, other in ((False, None), (True, "first")):
        book = Claims(folds_case=folds)
        assert book.claim("a/Page.txt.jsonl", "first") is None
        assert book.claim("A/page.TXT.jsonl", "second") == other
        assert book.claim("e\u0301", "third") is None
        assert book.claim("\xe9", "fourth") == ("third" if folds else None)
        book.close()


def test_names_that_differ_in_case_do_not_overwrite_each_other(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.batches.rooms.Room.folds_case", lambda _: True)
    write(tmp_path / "in" / "A.txt", "甲\n")
    write(tmp_path / "in" / "a.txt", "乙\n")
    work = Work(output=OutputTree(tmp_path / "out"))
    first, second = run([str(tmp_path / "in")], work=work, model=model)
    assert first.failure is None
    assert second.failure is not None
    assert "A.txt" in second.failure.message
