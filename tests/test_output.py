"""Writing below ``-o DIR``: names, atomicity, and what may be replaced."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.batches.output import OutputTree
from classifier.document import Article, PageResult
from classifier.errors import InputError
from classifier.rendering.render import Format

TEXT = "第一篇\n\n第二篇"
ARTICLES = (
    Article(0, 3, 1, 1, "第一篇", "society", 0.9, (("society", 0.9),), 1.0),
    Article(5, 8, 3, 3, "第二篇", "rural", 0.8, (("rural", 0.8),), 0.7),
)
PAGE = PageResult("页.txt", "utf-8", "default@1f3c9a2b", ARTICLES, text=TEXT)


def names(folder: Path) -> list[str]:
    """All names in a folder, hidden and temporary ones too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (Format.JSONL, "out/a/页.txt.jsonl"),
        (Format.JSON, "out/a/页.txt.json"),
        (Format.TSV, "out/a/页.txt.tsv"),
        (Format.TEXT, "out/a/页.txt.text"),
        (Format.FILES, "out/a/页.txt"),
    ],
)
def test_outputs_are_named_after_inputs(form: Format, expected: str) -> None:
    assert OutputTree(Path("out"), form).target("a/页.txt") == Path(expected)


@given(st.text(min_size=1))
@example("../x.txt")
@example("a/../../x.txt")
@example("/etc/passwd")
@example("..")
@example(".")
@example("C:\\x.txt")
@example("a/..")
def test_no_name_leads_out_of_the_directory(name: str) -> None:
    root = Path("top", "out").absolute()
    try:
        target = OutputTree(root).target(name)
    except InputError:
        return
    assert os.path.normpath(target).startswith(str(root) + os.sep)


@pytest.mark.parametrize("form", [Format.JSONL, Format.JSON, Format.TSV, Format.TEXT])
def test_a_file_is_written_folders_and_all(tmp_path: Path, form: Format) -> None:
    tree = OutputTree(tmp_path, form)
    target = tree.target("a/b/页.txt")
    tree.check(target)
    tree.write(target, PAGE)
    content = target.read_bytes()
    assert "第一篇".encode() in content
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert names(target.parent) == [target.name]


def test_files_are_a_folder_with_an_index(tmp_path: Path) -> None:
    tree = OutputTree(tmp_path, Format.FILES)
    target = tree.target("a/页.txt")
    tree.write(target, PAGE)
    assert names(target) == ["01-society-第一篇.txt", "02-rural-第二篇.txt", "index.jsonl"]
    assert (target / "02-rural-第二篇.txt").read_text(encoding="utf-8") == "第二篇\n"
    index = (target / "index.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["title"] for line in index] == ["第一篇", "第二篇"]
    assert names(target.parent) == ["页.txt"]


@pytest.mark.parametrize("form", [Format.JSONL, Format.FILES])
def test_what_exists_is_replaced_only_with_force(tmp_path: Path, form: Format) -> None:
    careful, forced = OutputTree(tmp_path, form), OutputTree(tmp_path, form, force=True)
    target = careful.target("页.txt")
    careful.write(target, PAGE)
    with pytest.raises(InputError, match="--force") as refused:
        careful.check(target)
    assert refused.value.code == "output"
    forced.check(target)
    forced.write(target, PageResult("页.txt", "utf-8", "m"))
    content = target.read_text(encoding="utf-8") if target.is_file() else "".join(names(target))
    assert "第一篇" not in content
    assert names(tmp_path) == [target.name]


def test_force_replaces_no_folder_of_the_users(tmp_path: Path) -> None:
    own = tmp_path / "页.txt"
    own.mkdir()
    (own / "notes.txt").touch()
    with pytest.raises(InputError, match="not a folder of articles"):
        OutputTree(tmp_path, Format.FILES, force=True).check(own)
    (tmp_path / "页.txt.jsonl").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        OutputTree(tmp_path, Format.JSONL, force=True).check(tmp_path / "页.txt.jsonl")


def test_force_does_not_replace_an_input_by_a_folder(tmp_path: Path) -> None:
    page = tmp_path / "页.txt"
    page.write_text("原文", encoding="utf-8")
    with pytest.raises(InputError, match="not a folder of articles"):
        OutputTree(tmp_path, Format.FILES, force=True).check(page)


@pytest.mark.parametrize("form", [Format.JSONL, Format.FILES])
def test_what_cannot_be_written_is_an_output_error(tmp_path: Path, form: Format) -> None:
    (tmp_path / "a").touch()
    tree = OutputTree(tmp_path, form)
    with pytest.raises(InputError, match="cannot write") as refused:
        tree.write(tree.target("a/页.txt"), PAGE)
    assert refused.value.code == "output"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("name", [".banmian", ".Banmian/x.txt", "_failures"])
def test_banmians_own_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="banmian's own") as refused:
        OutputTree(tmp_path).target(name if name != ".banmian" else ".banmian/journal")
    assert refused.value.code == "output"


@pytest.mark.parametrize("form", [Format.JSONL, Format.FILES])
def test_a_staged_result_keeps_what_the_journal_knows_it_by(tmp_path: Path, form: Format) -> None:
    tree = OutputTree(tmp_path, form, run="now")
    target = tree.target("a/页.txt")
    assert tree.look(target) is None
    assert tree.digest(target) == b""
    staged = tree.stage(target, PAGE)
    assert not target.exists()
    tree.put(staged, target)
    assert tree.look(target) == (staged.size, staged.mtime)
    assert tree.digest(target) == staged.digest
    assert names(tree.staging) == []


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second file system")
@pytest.mark.parametrize("form", [Format.JSONL, Format.FILES])
def test_a_folder_on_another_disk_is_written_too(tmp_path: Path, form: Format) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        if Path(other).stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("the same file system")
        (tmp_path / "other").symlink_to(other)
        tree = OutputTree(tmp_path, form, run="now")
        target = tree.target("other/页.txt")
        for _ in range(2):
            staged = tree.stage(target, PAGE)
            tree.put(staged, target)
            assert tree.look(target) == (staged.size, staged.mtime)
        assert names(Path(other)) == [target.name]
        assert names(tree.staging) == []
