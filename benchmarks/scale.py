"""What a page costs in a batch: ``python benchmarks/scale.py`` prints the table of ``docs/scale.md``.

Needs no corpus: the pages are those of ``labeled/pages``, each time with another first line, in a directory tree, an
archive and a file of JSON Lines. Every row is the real command in a process of its own, without its start-up; the
peak memory is that of its largest process. ``--dask`` adds a scheduler and two workers on this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

ARCHIVE_PAGES = 100_000_000
"""How many pages the arithmetic at the end is for."""


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    name: str
    pages: int
    seconds: float
    start: float
    """Seconds that a run over nothing takes."""
    processor: float
    """Seconds of processor time of all its processes; of a cluster, of the one that hands out work."""
    start_processor: float
    megabytes: float

    @property
    def milliseconds(self) -> float:
        """A page, without start-up."""
        return max(0.0, 1000 * (self.seconds - self.start) / self.pages)

    @property
    def processor_milliseconds(self) -> float:
        """A page, without start-up: what hardly depends on what else the machine does."""
        return max(0.0, 1000 * (self.processor - self.start_processor) / self.pages)


def write_pages(folder: Path, count: int) -> int:
    """Write a tree of pages, a thousand in a folder; return their mean size in bytes."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "labeled" / "pages").glob("*.txt"))]
    size = 0
    for number in range(count):
        path = folder / f"{number // 1000:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(f"第{number}号\n\n{texts[number % len(texts)]}".encode())
    return size // count


def pack(folder: Path) -> tuple[Path, Path]:
    """Write the pages of a tree to a tar archive and to a file of JSON Lines."""
    archive, lines = folder.with_suffix(".tar.gz"), folder.with_suffix(".jsonl")
    with tarfile.open(archive, "w:gz", compresslevel=5) as packed, lines.open("w", encoding="utf-8") as file:
        for path in sorted(folder.rglob("*.txt")):
            packed.add(path, path.relative_to(folder).as_posix())
            file.write(json.dumps({"id": path.stem, "text": path.read_text(encoding="utf-8")}) + "\n")
    return archive, lines


def run(name: str, pages: int, *words: str | Path, start: Cost | None = None) -> Cost:
    """Run ``banmian split`` and measure it."""
    # A process in between: the peak of children can be asked for only as the maximum of all there ever were.
    code = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_maxrss, used.ru_utime + used.ru_stime)\n"
        "sys.stderr.buffer.write(done.stderr); sys.exit(done.returncode)"
    )
    command = [sys.executable, "-c", code, sys.executable, "-m", "classifier", "split", *map(str, words)]
    before = time.perf_counter()
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False)
    seconds = time.perf_counter() - before
    if done.returncode:
        sys.exit(f"{name}: {done.stderr}")
    peak, processor = map(float, done.stdout.split())
    wait, idle = (0.0, 0.0) if start is None else (start.seconds, start.processor)
    return Cost(name, pages, seconds, wait, processor, idle, peak / (1024 if sys.platform != "darwin" else 1 << 20))


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Give the address of a scheduler with two workers."""
    known = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--no-dashboard"]
    started = [[sys.executable, "-m", "distributed.cli.dask_scheduler", *options, "--port", "0"]]
    started += 2 * [[sys.executable, "-m", "distributed.cli.dask_worker", *options, "--nthreads", "1"]]
    processes = [
        subprocess.Popen(
            [*command, "--scheduler-file", str(known)], env=ENVIRONMENT, cwd=folder, stderr=subprocess.DEVNULL
        )
        for command in started
    ]
    try:
        while not known.exists() or not known.stat().st_size:
            time.sleep(0.1)
        time.sleep(5)
        yield json.loads(known.read_text(encoding="utf-8"))["address"]
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def measure(folder: Path, count: int, *, dask: bool) -> Iterator[Cost]:
    """Yield the rows of the table."""
    pages, few, nothing = folder / "pages", folder / "few", folder / "nothing"
    write_pages(pages, count), write_pages(few, max(1, count // 10)), write_pages(nothing, 1)
    archive, lines = pack(pages)
    start = run("start", 1, nothing, "-o", folder / "out-nothing")
    start_workers = run("start", 1, nothing, nothing / "0000" / "0000000.txt", "--format", "jsonl", "-j", "2")
    out = folder / "out"
    yield run("a tenth of the pages, -j 1", count // 10, few, "-o", folder / "out-few", start=start)
    yield run("all pages, -j 1", count, pages, "-o", out, start=start)
    yield run("a second run: nothing changed", count, pages, "-o", out, start=start)
    for path in pages.rglob("*.txt"):
        os.utime(path)
    yield run("a second run: times changed, bytes not", count, pages, "-o", out, start=start)
    yield run("all pages, -j 2", count, pages, "-o", folder / "out-2", "-j", "2", start=start_workers)
    yield run("--format parquet", count, pages, "-o", folder / "parquet", "--format", "parquet", start=start)
    yield run("--format files", count, pages, "-o", folder / "files", "--format", "files", start=start)
    yield run("from .tar.gz", count, archive, "-o", folder / "out-tar", start=start)
    words = (lines, "--jsonl-text", "text", "--format", "jsonl")
    yield run("from JSON Lines, to standard output", count, *words, start=start)
    if dask:
        with cluster(folder) as address:
            yield run("--dask, two workers", count, pages, "-o", folder / "out-dask", "--dask", address, start=start)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000, help="pages in the batch (2000)")
    parser.add_argument("--dask", action="store_true", help="measure a small Dask cluster as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="banmian-") as name:
        folder = Path(name)
        size = write_pages(folder / "sample", 100)
        print(f"{options.pages:,} pages of {size:,} bytes on average\n")
        print("| run | ms a page | of a processor | peak MB |\n|---|---:|---:|---:|")
        costs = {}
        for cost in measure(folder, options.pages, dask=options.dask):
            costs[cost.name] = cost
            shown = f"{cost.milliseconds:.2f} | {cost.processor_milliseconds:.2f} | {cost.megabytes:.0f}"
            print(f"| {cost.name} | {shown} |", flush=True)
    alone = costs["all pages, -j 1"].processor_milliseconds
    again = costs["a second run: nothing changed"].processor_milliseconds
    days = ARCHIVE_PAGES * alone / 1000 / 86400
    print(f"\n{ARCHIVE_PAGES:,} pages: {days:.1f} days of one core, {24 * days / 100:.1f} hours of 100 cores;")
    print(f"to find that all is done: {ARCHIVE_PAGES * again / 3.6e6:.1f} hours; ", end="")
    print(f"journal {ARCHIVE_PAGES * 128 / 1e9:.1f} GB, input {ARCHIVE_PAGES * size / 1e9:,.0f} GB")


if __name__ == "__main__":
    main()
