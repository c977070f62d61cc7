"""How long ``banmian train`` takes and how much memory: ``python benchmarks/train_speed.py --corpus DIR``.

Writes that many articles of the corpora into folders named after the genre that the shipped model gives them, trains
on them from the shipped model and prints seconds and the greatest memory of the process, size by size.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.genre_texts import background_texts  # noqa: E402
from classifier import load_model  # noqa: E402

_CHILD = """
import resource, sys
from classifier.__main__ import main
sys.argv = ["banmian", "train", "-q", "--allow-regression", *sys.argv[1:]]
status = main()
print(status, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def write_texts(corpus: Path, folder: Path, count: int) -> None:
    """Write ``count`` labelled articles."""
    model = load_model()
    texts = background_texts(corpus)
    step = max(len(texts) // count, 1)
    for number, text in enumerate(texts[::step][:count]):
        whole = f"{text.title}\n{text.text}"
        home = folder / "articles" / model.classify(whole, threshold=0.0).genre
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{number:05}.txt").write_text(whole, "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--sizes", default="2500,5000,10000")
    options = parser.parse_args(arguments)
    print("| articles | seconds | memory, MB |\n| ---: | ---: | ---: |")
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_texts(options.corpus, folder / "mine", size)
            begun = time.perf_counter()
            words = [sys.executable, "-c", _CHILD, str(folder / "mine"), "-o", str(folder / "model")]
            done = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            status, kilobytes = map(int, done.stderr.decode().split()[-2:])
            if status:
                raise RuntimeError(f"train ended with {status}")
            print(f"| {size:,} | {time.perf_counter() - begun:.0f} | {kilobytes / 1024:.0f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
