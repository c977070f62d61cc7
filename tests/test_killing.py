"""SIGKILL at any moment: nothing that was finished is lost, nothing is half-written, and the next run goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet
import pytest

from classifier.batches import parquet
from classifier.batches.batch import run
from classifier.batches.output import OutputTree
from classifier.batches.tally import Tally
from classifier.batches.work import Work
from classifier.model import Model, load_model
from classifier.rendering.render import Format
from tests.killing import visible_results

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
COUNT = 120

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL and fork are POSIX")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("pages")
    for number in range(COUNT):
        text = "".join(f"第{number}页第{k}篇的标题\n\n正文说的是第{k}件事，写得不长，也不短。\n" * 3 for k in range(4))
        (top / f"{number % 7}").mkdir(exist_ok=True)
        (top / f"{number % 7}" / f"{number:03}.txt").write_text(text, encoding="utf-8")
    return top


def finish(pages: Path, out: Path, form: Format, model: Model) -> Tally:
    tally = Tally()
    for result in run([str(pages)], work=Work(output=OutputTree(out, form)), model=model):
        tally.add(result)
    return tally


def contents(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in visible_results(out)}


@pytest.mark.parametrize("form", [Format.JSONL, Format.FILES, Format.PARQUET])
def test_killed_many_times_at_random(tmp_path: Path, pages: Path, model: Model, form: Format) -> None:
    out = tmp_path / "out"
    command = [sys.executable, str(ROOT / "tests" / "killing.py"), str(pages), str(out), str(form), "15"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    *counts, last = done.stdout.splitlines()
    assert int(last.split()[1]) >= 5
    if form is not Format.PARQUET:  # of which a part, 16 pages at first, is what a kill may cost
        assert len(set(counts)) > 5
    tally = finish(pages, out, form, model)
    assert (tally.done + tally.skipped, tally.failed) == (COUNT, 0)
    assert form is Format.PARQUET or tally.skipped > 0
    assert list((out / ".banmian" / "tmp").iterdir()) == []
    assert finish(pages, out, form, model).skipped == COUNT
    finish(pages, tmp_path / "fresh", form, model)
    if form is Format.PARQUET:
        tables = [pyarrow.parquet.read_table(folder).sort_by("page") for folder in (out, tmp_path / "fresh")]
        assert tables[0].equals(tables[1])
        assert tables[0].schema.equals(parquet.schema("split"))
    else:
        assert contents(out) == contents(tmp_path / "fresh")


def test_a_command_with_workers_killed_as_a_whole(tmp_path: Path, pages: Path, model: Model) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "classifier", "split", str(pages), "-o", str(out), "-j", "2", "-q"]
    before: dict[str, tuple[int, int]] = {}
    rng = random.Random(5)
    for _ in range(3):
        process = subprocess.Popen(command, env=ENVIRONMENT, start_new_session=True)
        while process.poll() is None and len(list(out.rglob("*.txt.jsonl"))) <= len(before):
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.1))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        after = visible_results(out)
        assert after.items() >= before.items()
        before = after
    tally = finish(pages, out, Format.JSONL, model)
    assert (tally.skipped, tally.done + tally.skipped, tally.failed) == (len(before), COUNT, 0)
