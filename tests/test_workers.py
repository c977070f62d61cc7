"""Worker processes that die: what is done again, what is reported, and when a run gives up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from classifier.batches import workers
from classifier.batches.sources import Source
from classifier.batches.workers import Workers
from classifier.document import Failure, PageResult
from classifier.errors import WorkerError

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")


def work(chunk: list[Source], *, log: Path) -> list[PageResult]:
    """Stand in for labelling. Inputs called ``poison`` kill the process; ``once`` does so the first time."""
    results = []
    for source in chunk:
        with (log / source.path.replace("/", "-")).open("a") as file:
            file.write("x")
            file.flush()
        seen = (log / source.path.replace("/", "-")).stat().st_size
        if source.path.startswith("poison") or (source.path.startswith("once") and seen == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if source.path == "bug":
            raise RuntimeError("a bug of ours")
        results.append(PageResult(source.path))
    return results


def go(names: list[str], log: Path, *, jobs: int = 2, size: int = 3) -> list[PageResult]:
    """Run inputs by their names, in chunks, and return all results."""

    def chunks() -> Iterator[list[Source]]:
        for at in range(0, len(names), size):
            yield [Source(name) for name in names[at : at + size]]

    with closing(Workers(partial(work, log=log), jobs=jobs)) as crew:
        return [result for results in crew.run(chunks()) for result in results]


def test_results_are_in_order_and_a_killer_is_one_failure(tmp_path: Path) -> None:
    names = [f"{number:02}" for number in range(40)]
    names[7], names[25] = "poison-a", "poison-b"
    results = go(names, tmp_path)
    assert [result.path for result in results] == names
    failed = [result for result in results if result.failure]
    assert [result.path for result in failed] == ["poison-a", "poison-b"]
    assert failed[0].failure is not None
    assert failed[0].failure.code == "worker"
    tries = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert tries["poison-a"] == tries["poison-b"] == 2


def test_what_dies_once_is_done(tmp_path: Path) -> None:
    names = ["a", "once-1", "b", "c", "d", "e", "once-2", "f"]
    results = go(names, tmp_path)
    assert [result.path for result in results] == names
    assert not any(result.failure for result in results)


def test_a_worker_killed_from_outside_loses_nothing(tmp_path: Path) -> None:
    names = [f"{number:03}" for number in range(100)]
    chunks = iter([[Source(name)] for name in names])
    killed = []
    found = []
    with closing(Workers(partial(work, log=tmp_path), jobs=2)) as crew:
        for results in crew.run(chunks):
            found += results
            if len(found) in (3, 50):
                killed.append(next(iter(crew._pool._processes)))
                os.kill(killed[-1], signal.SIGKILL)
                time.sleep(0.1)
    assert len(set(killed)) == 2
    assert [result.path for result in found] == names
    assert not any(result.failure for result in found)


def test_when_everything_dies_the_run_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "DEATHS", 3)
    with pytest.raises(WorkerError, match="died at 3 inputs"):
        go([f"poison-{number}" for number in range(9)], tmp_path)


def test_a_bug_in_a_worker_is_not_a_death(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="a bug of ours"):
        go(["a", "b", "bug"], tmp_path)


def test_what_is_settled_needs_no_worker() -> None:
    done, failed = Source("a", done=True), Source("b", failure=Failure("missing", "no such file"))
    with closing(Workers(partial(work, log=Path("nowhere")), jobs=2)) as crew:
        (results,) = crew.run(iter([[done, failed]]))
        assert crew._pool is None
    assert [(result.path, result.skipped, result.failure is None) for result in results] == [
        ("a", True, True),
        ("b", False, False),
    ]


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from functools import partial\n"
        "from classifier.batches.workers import Workers; from classifier.batches.sources import Source\n"
        "from tests import test_workers\n"
        "crew = Workers(partial(test_workers.work, log=Path(sys.argv[1])), jobs=2)\n"
        "next(crew.run(iter([[Source('a')], [Source('b')]])))\n"
        "print(*crew._pool._processes, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}) as parent:
        assert parent.stdout is not None
        processes = list(map(int, parent.stdout.readline().split()))
        assert len(processes) == 2
        parent.kill()
    for _ in range(100):
        if not any(map(is_alive, processes)):
            break
        time.sleep(0.1)
    assert not any(map(is_alive, processes))


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # no /proc on this system, or just gone
        return sys.platform != "linux"
