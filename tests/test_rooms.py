"""What banmian keeps in an output directory, and what it clears away."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from classifier.batches import rooms
from classifier.batches.output import FAILURES, ROOM
from classifier.batches.rooms import Room
from classifier.document import Failure, PageResult
from classifier.errors import UsageError

FAILED = PageResult("页.txt", failure=Failure("missing", "no such file"))


def staged(out: Path) -> list[str]:
    return sorted(path.name for path in (out / ROOM / "tmp").iterdir())


def test_a_run_leaves_its_journal_and_a_word_of_explanation(tmp_path: Path) -> None:
    with Room(tmp_path / "out") as room:
        assert room.staging.is_dir()
        (room.staging / "half").touch()
    assert staged(tmp_path / "out") == []
    assert (tmp_path / "out" / ROOM / "README.txt").read_text(encoding="utf-8").startswith("banmian keeps here")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [ROOM]


def test_failures_are_those_of_the_last_run(tmp_path: Path) -> None:
    listed = tmp_path / FAILURES
    with Room(tmp_path) as room:
        room.note_failure(FAILED)
        assert not listed.exists()
    assert json.loads(listed.read_text(encoding="utf-8"))["error"]["code"] == "missing"
    with pytest.raises(KeyboardInterrupt), Room(tmp_path):
        raise KeyboardInterrupt
    assert listed.exists()
    with Room(tmp_path):
        pass
    assert not listed.exists()


def test_a_list_that_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / FAILURES).write_text("mine", encoding="utf-8")
    with Room(tmp_path) as room:
        room.note_failure(FAILED)
    assert (tmp_path / FAILURES).read_text(encoding="utf-8") == "mine"
    assert (tmp_path / ROOM / FAILURES).exists()
    assert rooms.find_list(tmp_path) == tmp_path / ROOM / FAILURES


def test_a_list_that_is_not_ours_is_named_if_anything_failed(tmp_path: Path) -> None:
    (tmp_path / FAILURES).write_text("mine", encoding="utf-8")
    said: list[str] = []
    with Room(tmp_path, say=said.append):
        pass
    assert said == []
    with Room(tmp_path, say=said.append) as room:
        room.note_failure(FAILED)
    (line,) = said
    assert line.startswith(f"{tmp_path / FAILURES}: ")
    assert line.endswith(str(tmp_path / ROOM / FAILURES))


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
@pytest.mark.parametrize("count", [1, 2000])
def test_a_full_disk_ends_the_list_and_not_the_run(count: int, tmp_path: Path) -> None:
    """At the end, when the last lines are written, or before."""
    with Room(tmp_path) as room:
        room.note_failure(FAILED)
    said: list[str] = []
    with Room(tmp_path, say=said.append) as room:
        room._failures.close()
        room._failures = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 the room closes it
        for _ in range(count):
            room.note_failure(FAILED)
    (line,) = said
    assert line.startswith(f"{tmp_path / FAILURES}: cannot be written: No space left")
    assert not (tmp_path / FAILURES).exists()  # what failed in the run before is no news
    assert rooms.find_list(tmp_path) is None
    assert staged(tmp_path) == []


@pytest.mark.parametrize("link", [ROOM, f"{ROOM}/tmp", f"{ROOM}/journal"])
def test_what_a_link_leads_to_is_not_cleared_away(link: str, tmp_path: Path) -> None:
    theirs, out = tmp_path / "theirs", tmp_path / "out"
    (theirs / "tmp" / f"{0:024x}-1-{0:016x}").mkdir(parents=True)
    (out / link).parent.mkdir(parents=True)
    (out / link).symlink_to(theirs)
    for folder in (theirs, theirs / "tmp", *(theirs / "tmp").iterdir()):
        os.utime(folder, (time.time() - 2 * rooms.LEFTOVER,) * 2)
    with pytest.raises(UsageError, match=re.escape(f"{out / link}: a link")):
        Room(out)
    assert [path.name for path in theirs.rglob("*")] == ["tmp", f"{0:024x}-1-{0:016x}"]


def test_what_banmian_did_not_make_is_not_cleared_away(tmp_path: Path) -> None:
    with Room(tmp_path):
        pass
    folder = tmp_path / ROOM / "tmp"
    for name in ("thesis", "a-1-b", f"{0:024x}-1-{0:016x}.bak", f"{0:024x}-1-{0:016x}"):
        (folder / name).mkdir()
        os.utime(folder / name, (time.time() - 2 * rooms.LEFTOVER,) * 2)
    with Room(tmp_path):
        pass
    assert staged(tmp_path) == sorted(["thesis", "a-1-b", f"{0:024x}-1-{0:016x}.bak"])


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot ask whether a process is alive")
def test_what_killed_runs_left_is_cleared_away_and_what_others_write_is_not(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from classifier.batches.rooms import Room\n"
        "room = Room(Path(sys.argv[1])); (room.staging / 'half').touch(); print(room.run, flush=True)\n"
        "os._exit(1) if sys.argv[2] == 'dead' else sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    root = Path(__file__).resolve().parents[1]
    dead = subprocess.run([*command, "dead"], cwd=root, capture_output=True, encoding="utf-8", check=False)
    assert staged(tmp_path) == [dead.stdout.strip()]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, "alive"], cwd=root, stdin=pipe, stdout=pipe, encoding="utf-8") as alive:
        assert alive.stdout is not None
        running = alive.stdout.readline().strip()
        with Room(tmp_path) as room:
            assert staged(tmp_path) == sorted([running, room.run])
        alive.communicate("")
    elsewhere = tmp_path / ROOM / "tmp" / f"{0:024x}-99999-{0:016x}"
    elsewhere.mkdir()
    with Room(tmp_path):
        assert elsewhere.exists()  # another machine's: who knows
    os.utime(elsewhere, (time.time() - 2 * rooms.LEFTOVER,) * 2)
    with Room(tmp_path):
        assert not elsewhere.exists()


def test_whether_names_fold_is_asked_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with Room(tmp_path) as room:
        assert room.folds_case() == (tmp_path / "X").exists()
