"""From arguments to inputs: trees with all that trees can have, and where the bytes come from."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from classifier.batches.inputs import Search, find_all, find_clash, find_inputs
from classifier.batches.sources import stamp_of
from classifier.errors import InputError
from tests.scan_files import text_pdf

posix = pytest.mark.skipif(os.name == "nt", reason="links and such names are POSIX")


def write(path: Path, text: str = "一段文字。\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(argument: Path, **search: object) -> list[str]:
    return [source.name for source in find_inputs(str(argument), Search(**search))]  # type: ignore[arg-type]


@posix
def test_loops_of_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a" / "1.txt")
    (tmp_path / "in" / "a" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "self").symlink_to("self")
    (tmp_path / "in" / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "in" / "file.txt").symlink_to("a/1.txt")
    found = list(find_inputs(str(tmp_path / "in"), Search()))
    assert [source.name for source in found] == ["a/1.txt", "file.txt", "loop.txt"]
    assert found[1].read() == found[0].read()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be somebody to whom files can be closed: root may read everything."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@posix
def test_a_folder_that_may_not_be_read_is_a_failure() -> None:
    with tempfile.TemporaryDirectory() as folder:  # not tmp_path, which only its owner may enter
        top = Path(folder)
        write(top / "a" / "1.txt"), write(top / "b" / "2.txt"), write(top / "c.txt")
        for path in (top, top / "b"):
            path.chmod(0o755)
        for path in (top / "a", top / "c.txt"):
            path.chmod(0)
        with as_nobody():
            closed, found, unreadable = find_inputs(folder, Search())
            with pytest.raises(InputError, match="Permission denied"):
                unreadable.read()
        (top / "a").chmod(0o700)
    assert closed.failure is not None
    assert (closed.path, closed.failure.code) == (str(top / "a"), "unreadable")
    assert found.name == "b/2.txt"


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are not UTF-8")
def test_names_can_be_anything(tmp_path: Path) -> None:
    odd = ["line\nbreak.txt", os.fsdecode(b"\xc3\xfb.txt"), "\x1b[31m.txt", "两 个.TXT", "A.txt", "a.txt"]
    for name in odd:
        write(tmp_path / name)
    found = list(find_inputs(str(tmp_path), Search()))
    assert sorted(source.name for source in found) == sorted(odd)
    assert all(source.read() for source in found)


def test_results_in_the_input_tree_are_no_inputs(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "out" / "a.txt" / "01-law.txt")
    write(tmp_path / "outer" / "b.txt")
    assert names(tmp_path, outputs=(tmp_path / "out",)) == ["a.txt", os.path.join("outer", "b.txt")]  # noqa: PTH118


def test_every_kind_of_argument(tmp_path: Path) -> None:
    page = write(tmp_path / "in" / "a.txt")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("d/b.txt", "乙")
    (tmp_path / "folder.zip").mkdir()
    write(tmp_path / "folder.zip" / "c.txt")
    arguments = [str(page.parent), str(page), "-", str(tmp_path / "x.zip"), str(tmp_path / "folder.zip")]
    found = list(find_all(arguments, Search(stamped=True), stdin=io.BytesIO(b"stdin")))
    assert [number for number, _ in found] == [0, 1, 2, 3, 4]
    assert [source.name for _, source in found] == [
        "in/a.txt", "a.txt", "stdin", "x.zip/d/b.txt", "folder.zip/c.txt",
    ]  # fmt: skip
    assert [source.read()[:5] for _, source in found][2:4] == [b"stdin", "乙".encode()]
    assert [source.stamp is None for _, source in found] == [False, False, True, False, False]
    assert found[0][1].stamp == stamp_of(str(page))
    assert found[0][1].place == found[1][1].place == str(page)


def test_one_directory_stands_for_what_is_in_it_and_several_for_themselves(tmp_path: Path) -> None:
    write(tmp_path / "1998" / "a" / "1.txt"), write(tmp_path / "1999" / "1.txt")
    first, second = str(tmp_path / "1998") + os.sep, str(tmp_path / "1998" / ".." / "1999")
    assert [source.name for _, source in find_all([first], Search())] == [os.path.join("a", "1.txt")]  # noqa: PTH118
    together = [Path(source.name) for _, source in find_all([first, second], Search())]
    assert together == [Path("1998/a/1.txt"), Path("1999/1.txt")]


def test_archives_and_directories_of_one_name_clash(tmp_path: Path) -> None:
    (tmp_path / "x" / "1.zip").mkdir(parents=True)
    folder, packed = str(tmp_path / "x" / "1.zip"), str(tmp_path / "y" / "1.zip")
    assert find_clash([packed, str(tmp_path / "1.zip")]) == (packed, str(tmp_path / "1.zip"), "1.zip")
    assert find_clash([folder, str(tmp_path), packed]) == (folder, packed, "1.zip")
    assert find_clash([folder, packed]) is None
    assert find_clash(["a.txt", "b/a.txt"]) is None


def test_archives_in_a_directory_are_said_to_be_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("b.txt", "乙")
        archive.writestr("inner.zip", "PK")
    (found,) = find_inputs(str(tmp_path), Search(glob="*.zip", paged=True))
    assert found.failure is not None
    assert found.failure.code == "archive"
    assert "give it as PATH" in found.failure.message
    (inner,) = find_inputs(str(tmp_path / "x.zip"), Search(glob="*.zip", paged=True))
    assert inner.content == b"PK"


@posix
def test_a_pattern_in_quotes_is_said_not_to_be_expanded(tmp_path: Path) -> None:
    for name in ("*.txt", "a?.txt"):
        (found,) = find_inputs(str(tmp_path / name), Search(paged=True))
        assert found.failure is not None
        assert found.failure.code == "missing"
        assert found.failure.message.endswith("--glob PATTERN")
    write(tmp_path / "a*.txt")
    (found,) = find_inputs(str(tmp_path / "a*.txt"), Search(paged=True))
    assert found.failure is None


def test_scans_of_several_pages_are_taken_page_by_page(tmp_path: Path) -> None:
    two = text_pdf([[("第一页的文字", 20.0, 100.0, 5.0)], [("第二页的文字", 20.0, 100.0, 5.0)]])
    (tmp_path / "issue.pdf").write_bytes(two)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("issue.pdf", two)
    search = Search(glob="*.pdf", stamped=True, paged=True)
    for argument, prefix in (("issue.pdf", ""), ("x.zip", "x.zip/")):
        found = list(find_inputs(str(tmp_path / argument), search))
        assert [source.name for source in found] == [f"{prefix}issue.pdf.page-0{page}" for page in (1, 2)]
        assert [source.path.rpartition("#")[2] for source in found] == ["page=1", "page=2"]
        assert [source.page for source in found] == [1, 2]
        assert all(source.read() == two and source.stamp for source in found)
    (whole,) = find_inputs(str(tmp_path / "issue.pdf"), Search(glob="*.pdf"))
    assert whole.name == "issue.pdf"
