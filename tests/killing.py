"""Start runs over a directory and kill them with SIGKILL at random moments: ``killing.py PAGES OUT FORM KILLS``.

A program of its own, because it forks: the model is loaded once and a run begins within milliseconds. Prints how many
runs were killed before they had come to their end, and the results that were there after each.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import deque
from pathlib import Path

from classifier.batches.batch import run
from classifier.batches.output import OutputTree
from classifier.batches.work import Work
from classifier.model import load_model
from classifier.rendering.render import Format


def visible_results(out: Path) -> dict[str, tuple[int, int]]:
    """Return what a user sees in an output directory, each with its inode and size, after checking that it is whole."""
    found = {}
    for path in out.rglob("*"):
        if ".banmian" in path.parts or not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".jsonl":
            assert content.endswith(b"\n"), path
            for line in content.splitlines():
                json.loads(line)
        elif path.suffix == ".parquet":
            assert content[:4] == content[-4:] == b"PAR1", path
        else:
            assert content.endswith(b"\n"), path
            assert (path.parent / "index.jsonl").exists(), path
        found[path.relative_to(out).as_posix()] = (path.stat().st_ino, len(content))
    return found


def count(out: Path, form: Format) -> int:
    """Return how many results there are."""
    ending = ".parquet" if form is Format.PARQUET else ".jsonl"
    # os.walk passes over folders that go away meanwhile; Path.rglob does not.
    return sum(name.endswith(ending) for _, _, names in os.walk(out) for name in names)


def main(pages: str, out: Path, form: Format, kills: int) -> None:
    model = load_model()
    rng = random.Random(5)
    work = Work(output=OutputTree(out, form))
    interrupted = 0
    before: dict[str, tuple[int, int]] = {}
    for _ in range(kills):
        child = os.fork()
        if not child:
            deque(run([pages], work=work, model=model), maxlen=0)
            os._exit(0)
        # Not by the clock alone: on a busy machine nothing would have been done yet.
        ended, goal = 0, count(out, form) + rng.randint(0, 1 if form is Format.PARQUET else 9)
        while not ended and count(out, form) < goal:
            time.sleep(0.001)
            ended, status = os.waitpid(child, os.WNOHANG)
        time.sleep(rng.uniform(0, 0.03))
        if not ended:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        interrupted += os.WIFSIGNALED(status)
        after = visible_results(out)
        lost = {name for name, state in before.items() if after.get(name) != state}
        assert not lost, f"results that were finished are gone or written again: {sorted(lost)[:3]}"
        before = after
        sys.stdout.write(f"{len(after)}\n")
    sys.stdout.write(f"killed {interrupted}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Format(sys.argv[3]), int(sys.argv[4]))
