"""The journal of an output directory: records, segments, and what damage and other writers do to them."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.batches import journal
from classifier.batches.journal import SIZE, Journal, Record, append, close, name_key, new_run

NUMBERS = st.integers(0, 2**64 - 1)
TIMES = st.integers(-(2**63), 2**63 - 1)
KEYS = st.binary(min_size=16, max_size=16)
RECORDS = st.builds(
    Record,
    name=KEYS,
    kind=NUMBERS,
    origin=NUMBERS,
    settings=NUMBERS,
    content=KEYS,
    stamp=st.tuples(TIMES, TIMES, TIMES),
    output=KEYS,
    size=TIMES,
    mtime=TIMES,
    written=TIMES,
)


def record(name: str, *, content: bytes = b"x", written: int = 0) -> Record:
    made = Record(name_key(name), 1, 2, 3, journal.digest(content), (4, 5, 6), journal.digest(b"y"), 7, 8)
    return replace(made, written=written) if written else made


def found(folder: Path, name: str) -> list[Record]:
    known = Journal(folder)
    try:
        return known.find(name_key(name))
    finally:
        known.close()


@given(RECORDS)
def test_a_record_is_128_bytes_and_comes_back(made: Record) -> None:
    assert len(made.pack()) == SIZE == 128
    assert Record.unpack(made.pack()) == made


@given(made=RECORDS, place=st.integers(0, SIZE - 1), other=st.integers(1, 255))
def test_a_damaged_record_is_left_out(
    made: Record, place: int, other: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    damaged = bytearray(made.pack())
    damaged[place] ^= other
    sound = record("sound")
    (folder / "a.open").write_bytes(bytes(damaged) + sound.pack() + made.pack()[:-1])
    known = Journal(folder)
    assert len(known) == 1
    assert known.find(sound.name) == [sound]
    known.close()


def test_records_are_found_newest_first(tmp_path: Path) -> None:
    run = new_run()
    for written in (20, 30, 10):
        append(tmp_path, run, [record("a", written=written), record(f"b{written}")])
    assert [made.written for made in found(tmp_path, "a")] == [30, 20, 10]
    assert found(tmp_path, "c") == []


def test_what_others_add_is_seen_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "RECENT", 3)
    known = Journal(tmp_path)
    assert not known.refresh()
    for number in range(10):  # kept apart at first, then sorted in
        append(tmp_path, new_run(), [record(f"{number}"), record("every")])
        assert known.find(name_key(f"{number}")) == []
        assert known.refresh()
        assert all(known.find(name_key(f"{earlier}")) for earlier in range(number + 1))
        assert len(known.find(name_key("every"))) == number + 1
    assert not known.refresh()
    known.close()


def test_closing_joins_the_segments_of_a_run_and_of_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running, dead = tmp_path / "running-1-a.open", tmp_path / "dead-1-a.open"
    running.write_bytes(record("running").pack())
    dead.write_bytes(record("dead").pack())
    os.utime(dead, (time.time() - 2 * journal.ABANDONED,) * 2)
    for number in range(20):
        run = new_run()
        append(tmp_path, run, [record(f"{number}")])
        close(tmp_path, run)
    segments = sorted(path.name for path in tmp_path.iterdir())
    assert len(segments) <= journal.SEGMENTS + 2
    assert running.name in segments
    assert dead.name not in segments
    for name in [*map(str, range(20)), "running", "dead"]:
        assert len(found(tmp_path, name)) == 1, name
    monkeypatch.setattr(journal, "SEGMENTS", 0)
    close(tmp_path, new_run())
    assert len(list(tmp_path.glob("*.closed"))) == 1
    assert len(found(tmp_path, "7")) == 1


def test_a_torn_tail_does_not_swallow_what_follows(tmp_path: Path) -> None:
    run = new_run()
    append(tmp_path, run, [record("a")])
    (segment,) = tmp_path.iterdir()
    with segment.open("ab") as file:
        file.write(b"half a record")
    append(tmp_path, run, [record("b")])
    assert found(tmp_path, "a")
    assert found(tmp_path, "b")


def test_a_stamp_is_believed_only_if_it_was_old_enough() -> None:
    now = time.time_ns()
    old, fresh = (10, now - 10**10, now - 10**10), (10, now - 10**8, now - 10**8)
    for stamp, believed in ((old, True), (fresh, False), ((10, old[1], fresh[2]), False), ((0, 0, 0), False)):
        made = replace(record("a", written=now), stamp=stamp)
        assert made.has_seen(stamp) == believed
        assert not made.has_seen((11, *stamp[1:]))
        assert not made.has_seen(None)


def test_names_are_one_whatever_the_system_calls_them() -> None:
    assert name_key("a/b.txt") == name_key(os.path.join("a", "b.txt"))  # noqa: PTH118 the point
    assert name_key("a") != name_key("A")
    assert len(name_key("\udcc3")) == 16
