"""Files and folders that appear when they are whole: what is there before, after, and when something fails."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from classifier.atomic import appearing, bring_back, moved_aside, put, write_atomically
from tests.renaming import fail_second_rename, killed_between_renames


def names(folder: Path) -> list[str]:
    """All names in a folder, hidden and temporary ones too."""
    return sorted(path.name for path in folder.iterdir())


def test_write_atomically_creates_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    write_atomically(path, "新".encode())
    assert path.read_bytes() == "新".encode()
    assert names(tmp_path) == ["a.json"]


def test_write_atomically_leaves_nothing_behind_when_it_fails(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "full").touch()
    with pytest.raises(OSError, match="taken"):
        write_atomically(tmp_path / "taken", b"text")
    assert names(tmp_path) == ["taken"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_written_files_have_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_atomically(tmp_path / "ours", b"")
    usual, ours = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "ours"))
    assert ours == usual


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), appearing(path) as draft:  # noqa: PT012
        draft.write_text("half of the n")
        assert path.read_text() == "old"
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_draft_may_be_built_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "staging").mkdir()
    with appearing(tmp_path / "a.txt", draft=tmp_path / "staging" / "1") as draft:
        draft.write_text("new")
        assert names(tmp_path) == ["staging"]
    assert (tmp_path / "a.txt").read_text() == "new"
    assert names(tmp_path / "staging") == []


def test_a_folder_replaces_a_full_one(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "old").touch()
    with appearing(tmp_path / "f") as draft:
        draft.mkdir()
        (draft / "new").touch()
    assert names(tmp_path) == ["f"]
    assert names(tmp_path / "f") == ["new"]


def test_a_folder_that_cannot_be_renamed_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("draft", "f"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    fail_second_rename(monkeypatch)
    with pytest.raises(OSError, match="no room"):
        put(tmp_path / "draft", tmp_path / "f")
    assert names(tmp_path / "f") == ["f"]
    assert names(tmp_path) == ["draft", "f"]


def test_a_folder_moved_aside_by_a_run_that_was_killed_is_brought_back(tmp_path: Path) -> None:
    for name in ("f", "g"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    aside = killed_between_renames(tmp_path / "f")
    assert moved_aside(tmp_path / "f") == aside
    (tmp_path / "g").rename(tmp_path / "elsewhere")
    assert not bring_back(tmp_path / "g")  # that of another target is not taken for it
    assert bring_back(tmp_path / "f")
    assert names(tmp_path) == ["elsewhere", "f"]
    assert names(tmp_path / "f") == ["f"]


def test_what_is_in_place_is_never_taken_for_lost(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    killed_between_renames(tmp_path / "f")
    (tmp_path / "f").write_text("new")
    assert not bring_back(tmp_path / "f")
    assert (tmp_path / "f").read_text() == "new"
