"""A real Dask scheduler and two real worker processes, over TCP; one of them is killed midway."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet
import pytest

from classifier.batches.batch import run
from classifier.batches.output import OutputTree
from classifier.batches.work import Work
from classifier.document import PageResult
from classifier.errors import UsageError
from classifier.model import Model, load_model
from classifier.rendering.render import Format

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "labeled" / "pages" / "seed-like-1.txt").read_text(encoding="utf-8")
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "10s",
}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")


@dataclass
class Crew:
    """A scheduler and its workers."""

    address: str
    folder: Path
    workers: list[subprocess.Popen[bytes]]

    def add_worker(self) -> None:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address]
        command += ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        command += ["--local-directory", str(self.folder / "scratch")]
        with (self.folder / "log").open("ab") as log:
            elsewhere = self.folder / "elsewhere"
            elsewhere.mkdir(exist_ok=True)
            environment = ENVIRONMENT | {"BANMIAN_TEST_ROLE": "worker"}
            process = subprocess.Popen(command, env=environment, cwd=elsewhere, stdout=log, stderr=log)
        self.workers.append(process)


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("dask")
    known = folder / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    command += ["--no-dashboard", "--dashboard-address", ":0", "--scheduler-file", str(known)]
    with (folder / "log").open("ab") as log:
        scheduler = subprocess.Popen(command, env=ENVIRONMENT, cwd=folder, stdout=log, stderr=log)
    for _ in range(600):
        with suppress(OSError, ValueError):
            address = json.loads(known.read_text(encoding="utf-8"))["address"]
            break
        time.sleep(0.1)
    found = Crew(address, folder, [])
    for _ in range(2):
        found.add_worker()
    yield found
    for process in [*found.workers, scheduler]:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    top = tmp_path / "in"
    top.mkdir()
    for number in range(60):
        (top / f"{number:02}.txt").write_text(f"第{number}页\n\n{PAGE}", encoding="utf-8")
    (top / "30.txt").write_bytes(b"\xff\xfe\x00\xd8\x00")
    return top


def go(pages: Path, work: Work, model: Model, crew: Crew) -> list[PageResult]:
    return list(run([str(pages)], work=work, model=model, cluster=crew.address))


@pytest.mark.usefixtures("pages")
def test_a_lost_workers_pages_are_done_elsewhere(
    tmp_path: Path, model: Model, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # workers have another working directory
    work = Work(output=OutputTree(Path("out")))
    results = []
    for result in run(["in"], work=work, model=model, cluster=crew.address):
        results.append(result)
        if len(results) == 5:
            crew.workers[0].send_signal(signal.SIGKILL)
    alone = list(run(["in"], work=Work(output=OutputTree(Path("alone"))), model=model))
    assert results == alone
    assert [result.path for result in results if result.failure] == [os.path.join("in", "30.txt")]  # noqa: PTH118
    for result in results:
        name = f"{Path(result.path).name}.jsonl"
        if result.failure is None:
            assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    assert list((tmp_path / "out" / ".banmian" / "tmp").iterdir()) == []
    crew.add_worker()
    again = go(Path("in"), work, model, crew)
    assert [result.skipped for result in again] == [result.failure is None for result in results]


def test_results_without_files_and_in_parts(pages: Path, tmp_path: Path, model: Model, crew: Crew) -> None:
    assert go(pages, Work(keep_text=True), model, crew) == list(run([str(pages)], work=Work(), model=model))
    done = go(pages, Work(output=OutputTree(tmp_path / "out", Format.PARQUET)), model, crew)
    rows = pyarrow.parquet.read_table(tmp_path / "out").num_rows
    assert rows == sum(len(result.articles) for result in done)
    assert rows > 0


def test_a_page_that_kills_its_workers_is_a_failure(
    model: Model, crew: Crew, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.batches.workers.DEATHS", 2)
    for path in sorted(pages.iterdir())[1:]:
        path.unlink()
    poison = Work(encoding=Poison("utf-8"))
    for _ in range(3):
        crew.add_worker()
    (result,) = go(pages, poison, model, crew)
    assert result.failure is not None
    assert result.failure.code == "worker"


class Poison(str):
    """An encoding that, once it arrives at a worker, kills that: a stand-in for a page that does."""

    __slots__ = ()

    def __reduce__(self) -> tuple[object, ...]:
        return _poisoned, ()


def _poisoned() -> str:
    if os.environ.get("BANMIAN_TEST_ROLE") == "worker":
        os.kill(os.getpid(), signal.SIGKILL)
    return Poison("utf-8")


def test_a_scheduler_that_is_not_there_is_wrong_usage(
    pages: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.batches.cluster.CONNECT", 1)
    with pytest.raises(UsageError, match=r"--dask tcp://127\.0\.0\.1:9: no scheduler answers"):
        list(run([str(pages)], work=Work(), model=model, cluster="tcp://127.0.0.1:9"))


def test_without_the_extra_the_error_names_the_command() -> None:
    code = (
        "import sys; sys.modules['distributed'] = None; from classifier.__main__ import main\n"
        "sys.argv = ['banmian', 'split', '.', '--dask', 'tcp://127.0.0.1:9']; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "pip install 'banmian[dask]'" in done.stderr
