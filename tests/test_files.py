"""Files: the walk over directories, in order, whatever their names and whatever lies there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifier.files import PassedOver, absolute, find_files, read_bytes

# --- finding files ------------------------------------------------------------------------------------------------


def make_tree(root: Path, *names: str) -> None:
    """Make empty files, and their directories."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*paths: str, glob: str = "*.txt") -> list[tuple[str, str | None]]:
    """Find files; errors by their code."""
    return [(path, None if error is None else error.code) for path, error in find_files(paths, glob=glob)]


def test_a_directory_is_walked_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "d/c.txt", "d/b/z.txt", "d/b/y/x.TXT", "d/a.txt", "d/a.md", "d/.hidden.txt", "d/.git/a.txt")
    monkeypatch.chdir(tmp_path)
    expected = ["a.txt", "b/y/x.TXT", "b/z.txt", "c.txt"]
    assert found("d") == [(f"d/{name}", None) for name in expected]
    assert found("./d/") == [(f"./d/{name}", None) for name in expected]
    assert found(".") == [(f"./d/{name}", None) for name in expected]
    assert found(str(tmp_path / "d")) == [(f"{tmp_path}/d/{name}", None) for name in expected]
    assert found("d", glob="*.MD") == [("d/a.md", None)]
    assert found("d", glob="[ab].*") == [("d/a.md", None), ("d/a.txt", None)]


def test_a_pattern_with_braces_stands_for_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "d/a.jpg", "d/b.PDF", "d/c.txt", "d/{x}.jpg", "d/e.{")
    monkeypatch.chdir(tmp_path)
    assert found("d", glob="*.{JPG,pdf}") == [("d/a.jpg", None), ("d/b.PDF", None), ("d/{x}.jpg", None)]
    assert found("d", glob="{x}.*") == [("d/{x}.jpg", None)]
    assert found("d", glob="*.{") == [("d/e.{", None)]


def test_explicit_paths_stand_for_themselves(tmp_path: Path) -> None:
    make_tree(tmp_path, ".hidden", "page.dat")
    paths = [str(tmp_path / name) for name in (".hidden", "page.dat", "missing", "page.dat")]
    assert found("-", *paths) == [("-", None), *((path, None) for path in paths)]
    assert found() == []


def test_a_directory_without_a_match_is_an_error(tmp_path: Path) -> None:
    make_tree(tmp_path, "a/b/c.md", "b/x.txt")
    assert found(str(tmp_path / "a"), str(tmp_path / "b")) == [
        (str(tmp_path / "a"), "empty-directory"),
        (str(tmp_path / "b" / "x.txt"), None),
    ]
    [(_, error)] = find_files([str(tmp_path)], glob="*.\n")
    assert error is not None
    assert error.message == r"no file matches '*.\n' in this directory; pass --glob PATTERN"


def test_links_to_files_are_followed_and_links_to_directories_are_not(tmp_path: Path) -> None:
    make_tree(tmp_path, "d/a/1.txt", "elsewhere/page")
    root = tmp_path / "d"
    (root / "back.txt").symlink_to(root)
    (root / "b").symlink_to(tmp_path / "elsewhere")
    (root / "c.txt").symlink_to(tmp_path / "elsewhere" / "page")
    (root / "dangling.txt").symlink_to(tmp_path / "nowhere")
    (root / "loop.txt").symlink_to(root / "loop.txt")
    names = ["a/1.txt", "c.txt", "dangling.txt", "loop.txt"]
    assert found(str(root)) == [(f"{root}/{name}", None) for name in names]
    (tmp_path / "link").symlink_to(root)  # typed by the user, so meant
    assert found(str(tmp_path / "link")) == [(f"{tmp_path}/link/{name}", None) for name in names]


def test_what_is_passed_over_is_counted_and_the_first_named(tmp_path: Path) -> None:
    make_tree(tmp_path, "d/a/1.txt", "d/a/.2.txt", "d/a/._1.txt", "d/.DS_Store", "d/.git/3.txt", "elsewhere/page.txt")
    root = tmp_path / "d"
    for name in ("v", "w", "x", "y"):
        (root / name).symlink_to(tmp_path / "elsewhere")
    (root / "a" / "back").symlink_to(root)
    (root / "page.txt").symlink_to(tmp_path / "elsewhere" / "page.txt")
    skipped = PassedOver()
    paths = [path for path, _ in find_files([str(root)], passed_over=skipped)]
    assert paths == [f"{root}/a/1.txt", f"{root}/page.txt"]
    assert (skipped.folders.count, str(skipped.folders)) == (5, f"{root}/v, {root}/w, {root}/x, …")
    assert (skipped.hidden.count, str(skipped.hidden)) == (1, f"{root}/a/.2.txt")


def test_two_dots_lead_above_what_a_link_leads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "real/deep/1.txt", "real/x.txt", "x.txt")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lnk").symlink_to("real/deep")
    assert absolute("lnk/../x.txt") == str(tmp_path / "real" / "x.txt")
    assert absolute("lnk/..") == str(tmp_path / "real")
    assert absolute("real/../x.txt") == absolute("./x.txt") == absolute("x.txt") == str(tmp_path / "x.txt")
    assert absolute("lnk") == str(tmp_path / "lnk")
    assert absolute("a/../b\0") == str(tmp_path / "b\0")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_in_a_directory_does_not_block_the_batch(tmp_path: Path) -> None:
    make_tree(tmp_path, "b.txt")
    os.mkfifo(tmp_path / "a.txt")
    assert found(str(tmp_path)) == [(str(tmp_path / "b.txt"), None)]
    assert found(str(tmp_path / "a.txt")) == [(str(tmp_path / "a.txt"), None)]


def test_an_unreadable_directory_does_not_end_the_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "a/1.txt", "b/2.txt", "c/3.txt")
    scandir = os.scandir

    def refuse(path: str) -> object:  # permissions do not bind root, who may be running this
        if path.endswith("b"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    root = str(tmp_path)
    assert found(root) == [(f"{root}/a/1.txt", None), (f"{root}/b", "unreadable"), (f"{root}/c/3.txt", None)]
    assert found(f"{root}/b") == [(f"{root}/b", "unreadable")]


def test_any_file_name_survives(tmp_path: Path) -> None:
    names = [b"line\nbreak.txt", b"\xff\xfe.txt", "第一版.txt".encode(), b"tab\t.txt", b"[a]*?.txt", b"-.txt"]
    try:
        for name in names:
            (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system has rules for names")
    paths = [path for path, error in find_files([str(tmp_path)]) if error is None]
    assert sorted(os.fsencode(path) for path in paths) == sorted(os.fsencode(tmp_path) + b"/" + name for name in names)
    assert all(read_bytes(Path(path)) == b"x" for path in paths)


def test_directories_are_opened_only_when_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "a/1.txt", "b/2.txt")
    opened = []
    scandir = os.scandir

    def record(path: str) -> object:
        opened.append(Path(path).name)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", record)
    files = find_files([str(tmp_path)])
    assert opened == []
    next(files)
    assert opened == [tmp_path.name, "a"]
    next(files)
    assert opened == [tmp_path.name, "a", "b"]
