"""Measure how fast banmian is: ``python benchmarks/speed.py --corpus DIR``.

Everything runs in one go on the same texts, each method in turn and several times round, on one core; the least time
of a method counts, and what is printed is ratios: seconds differ from machine to machine. The texts are July's, which
no model was trained on. ``--clock wall`` measures by the clock on the wall; without, by the processor's time of this
process, which a busy machine disturbs less.

Peers for ``classify``: (a) jieba + scikit-learn's TfidfVectorizer + LinearSVC, (b) fastText fed by jieba, (c) fastText
fed by rjieba; trained here on the labelled texts before July. Peer for ``split``: (d) NLTK's TextTiling, on the first
pages only. The floors are reading the bytes alone and tokenising alone: rjieba's words, and banmian's tokens (the
words normalised and hashed). ``--only`` runs some of the tables.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

# One core, also for what NumPy calculates: before it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a script, Python puts benchmarks/ first and not the checkout
    sys.path.insert(0, str(ROOT))

from benchmarks import genre_texts, tracks  # noqa: E402
from benchmarks.peers import texttiling  # noqa: E402
from benchmarks.quality import markdown  # noqa: E402
from classifier.model import Model, load_model  # noqa: E402
from classifier.text.tokens import tokenise  # noqa: E402

TABLES = ("classify", "split", "length", "genres", "start", "workers", "memory")
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
"""Bytes of the texts that show how the cost grows with the length."""
GENRES = (5, 20, 80, 320)
SLOW_PAGES = 5
"""Pages that TextTiling gets: it takes seconds for each."""
PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
    "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))"
)
"""Prints the peak memory of a process in KB, as Linux counts it."""
BASELINE = "import numpy, typer, rich"

Labels = list[str]


@dataclass(frozen=True, slots=True)
class Method:
    """Something that is timed on a list of texts."""

    name: str
    run: Callable[[Sequence[str]], object]
    target: str = ""
    texts: int | None = None
    """How many of the texts it gets; all without."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The least time a method took, for each character of its texts."""

    method: Method
    seconds: float


def measure(
    methods: Sequence[Method], texts: Sequence[str], *, rounds: int, clock: Callable[[], float]
) -> dict[str, Timing]:
    """Time every method on the texts, in turn, several times round."""
    least: dict[str, float] = {}
    for _ in range(rounds):
        for method in methods:
            given = texts[: method.texts]
            begin = clock()
            method.run(given)
            spent = (clock() - begin) / max(sum(map(len, given)), 1)
            least[method.name] = min(spent, least.get(method.name, spent))
    return {method.name: Timing(method, least[method.name]) for method in methods}


def table(timings: dict[str, Timing], *, unit: str, accuracies: dict[str, float] | None = None) -> str:
    """Return the times as multiples of ``unit``, and how many times as fast it is as the others."""
    base = timings[unit].seconds
    header = ["method", f"time, {unit} = 1", "target", *(["accuracy"] if accuracies else [])]
    rows = []
    for name, timing in timings.items():
        row = [name, f"{timing.seconds / base:.3g}", timing.method.target]
        if accuracies:
            row.append(f"{accuracies[name]:.3f}" if name in accuracies else "")
        rows.append(row)
    return markdown(header, rows)


# --- classify ---------------------------------------------------------------------------------------------------------


def peers(train: Sequence[tuple[str, str]]) -> dict[str, Callable[[Sequence[str]], Labels]]:
    """Return the peers of ``classify`` that are installed, trained on (text, genre)."""
    import logging

    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    jieba.setLogLevel(logging.CRITICAL)
    texts, genres = zip(*train, strict=True)
    found: dict[str, Callable[[Sequence[str]], Labels]] = {}
    vectorizer = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, lowercase=False, sublinear_tf=True)
    svm = LinearSVC().fit(vectorizer.fit_transform(texts), genres)
    found["(a) jieba + TfidfVectorizer + LinearSVC"] = lambda given: list(svm.predict(vectorizer.transform(given)))
    try:
        import fasttext
    except ImportError:
        return found
    import rjieba

    for name, cut in (("(b) jieba + fastText", jieba.lcut), ("(c) rjieba + fastText", rjieba.cut)):
        found[name] = _fasttext(fasttext, texts, genres, cut)
    return found


def _fasttext(
    fasttext: object, texts: Sequence[str], genres: Sequence[str], cut: Callable[[str], list[str]]
) -> Callable[[Sequence[str]], Labels]:
    def words(text: str) -> str:
        return " ".join(" ".join(cut(text)).split())

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        lines = (f"__label__{genre} {words(text)}\n" for text, genre in zip(texts, genres, strict=True))
        file.write_text("".join(lines), "utf-8")
        options = {"dim": 100, "epoch": 25, "lr": 0.5, "wordNgrams": 2, "bucket": 200_000, "thread": 2, "verbose": 0}
        model = fasttext.train_supervised(str(file), **options)  # type: ignore[attr-defined]
    prefix = len("__label__")
    # model.f: the wrapper of fasttext 0.9.2 asks NumPy for what NumPy 2 refuses.
    return lambda given: [model.f.predict(words(text) + "\n", 1, 0.0, "strict")[0][1][prefix:] for text in given]


def classify_table(corpus: Path, model: Model, *, rounds: int, clock: Callable[[], float]) -> str:
    """Return the table of ``classify``: hand-labelled newspaper articles of July."""
    found = genre_texts.load(corpus, ROOT / "labeled")
    pairs = [(f"{text.title}\n{text.text}", text.genre) for text in found if not text.is_test]
    tests = [(f"{text.title}\n{text.text}", text.genre) for text in found if text.is_test]
    texts = [text for text, _ in tests]
    trained = peers(pairs)
    targets = {"(a)": "12 or more", "(b)": "12 or more", "(c)": "1.2 or more"}
    methods = [Method("banmian classify", lambda given: [label.top[0][0] for label in model.classify_many(given)])]
    methods += [Method(name, run, targets[name[:3]]) for name, run in trained.items()]
    accuracies = {}
    for method in methods:
        labels = method.run(texts)
        assert isinstance(labels, list)
        accuracies[method.name] = float(np.mean([one == true for one, (_, true) in zip(labels, tests, strict=True)]))
    with written(texts) as files:
        methods += floors(model, files)
        timings = measure(methods, texts, rounds=rounds, clock=clock)
    size = sum(map(len, texts)) / len(texts)
    return f"{len(texts)} articles of {size:,.0f} characters\n\n" + table(
        timings, unit="banmian classify", accuracies=accuracies
    )


@contextlib.contextmanager
def written(texts: Sequence[str]) -> Iterator[list[Path]]:
    """Yield files that hold the texts."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number:05}.txt" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_text(text, "utf-8")
        yield files


def floors(model: Model, files: Sequence[Path]) -> list[Method]:
    """Return the floors: what cannot be done without."""
    import rjieba

    return [
        Method("tokenising alone: words cut and hashed", lambda given: [tokenise(t, model.cutter) for t in given]),
        Method("tokenising alone: words cut by rjieba", lambda given: [rjieba.cut(t) for t in given]),
        Method("reading the bytes alone", lambda given: [f.read_bytes() for f in files[: len(given)]]),
    ]


# --- split ------------------------------------------------------------------------------------------------------------


def split_pages(corpora: tracks.Corpora, *, pages: int) -> list[tracks.GoldPage]:
    """Return test pages: newspaper pages set plainly and wrapped, composed ones, short news."""
    found = []
    for track in ("clean", "wrapped", "mixed", "shorts"):
        found += tracks.build(track, corpora, pages=pages // 4)
    order = np.random.default_rng(0).permutation(len(found))
    return [found[number] for number in order]


def split_table(pages: Sequence[tracks.GoldPage], model: Model, *, rounds: int, clock: Callable[[], float]) -> str:
    """Return the table of ``split``."""
    texts = [page.text for page in pages]

    def tile(given: Sequence[str]) -> object:
        return [texttiling.segment(page.lines) for page in pages[: len(given)]]

    methods = [Method("banmian split", model.split_many)]
    with written(texts) as files:
        found = floors(model, files)
        found[0] = replace(found[0], target="1/3 or more")
        methods += found
        methods.append(Method("boundaries alone", lambda given: [model.split_ends(text) for text in given]))
        timings = measure(methods, texts, rounds=rounds, clock=clock)
        slow = Method("(d) TextTiling", tile, "100 or more", texts=SLOW_PAGES)
        timings |= measure([slow], texts, rounds=1, clock=clock)
    size = sum(map(len, texts)) / len(texts)
    lines = sum(len(page.lines) for page in pages) / len(texts)
    head = f"{len(texts)} pages of {size:,.0f} characters in {lines:.0f} lines; TextTiling on {SLOW_PAGES} of them\n\n"
    return head + table(timings, unit="banmian split")


# --- how the cost grows -----------------------------------------------------------------------------------------------


def length_table(pages: Sequence[tracks.GoldPage], model: Model, *, clock: Callable[[], float]) -> str:
    """Return the time for each character of ever longer pages."""
    material = "\n".join(page.text for page in pages)
    runs: list[Callable[[str], object]] = [model.split, model.classify, lambda given: tokenise(given, model.cutter)]
    rows = []
    for size in SIZES:
        text = material
        while len(text.encode()) < size:
            text += "\n" + material
        text = text.encode()[:size].decode("utf-8", "ignore")
        row = [f"{size / 1000:,.0f} KB"]
        for run in runs:
            count = max(1, min(50, 2_000_000 // size))
            least = float("inf")
            for _ in range(3 if size < 5_000_000 else 1):
                begin = clock()
                for _ in range(count):
                    run(text)
                least = min(least, (clock() - begin) / count / size)
            row.append(f"{least * 1e9:.0f}")
        rows.append(row)
    return markdown(["page", "split, ns a byte", "classify, ns a byte", "tokenising, ns a byte"], rows)


def genres_table(texts: Sequence[str], model: Model, *, rounds: int, clock: Callable[[], float]) -> str:
    """Return the time of ``classify`` with fewer and more genres than the model has; its weights are repeated."""
    methods = []
    for count in GENRES:
        take = np.arange(count) % len(model.genres)
        weights, bias = np.ascontiguousarray(model.genre.weights[:, take]), model.genre.bias[take]
        names = tuple(f"genre{number}" for number in range(count))
        many = replace(model, genre=replace(model.genre, genres=names, weights=weights, bias=bias))
        methods.append(Method(f"{count} genres", many.classify_many))
    return table(measure(methods, texts, rounds=rounds, clock=clock), unit=f"{GENRES[1]} genres")


# --- processes --------------------------------------------------------------------------------------------------------


def start_table(page: str, *, rounds: int) -> str:
    """Return the time of ``banmian split page.txt`` from a cold start against that of its imports alone."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.txt"
        file.write_text(page, "utf-8")
        commands = {
            "banmian split page.txt": [sys.executable, "-m", "classifier", "split", str(file)],
            "banmian classify page.txt": [sys.executable, "-m", "classifier", "classify", str(file)],
            "banmian --help": [sys.executable, "-m", "classifier", "--help"],
            f'python -c "{BASELINE}"': [sys.executable, "-c", BASELINE],
            'python -c ""': [sys.executable, "-c", ""],
        }
        least: dict[str, float] = {}
        bytecode = str(Path(folder) / "bytecode")  # what is installed has been compiled; the first round does it here
        for _ in range(rounds):
            for name, words in commands.items():
                begin = time.perf_counter()
                _run(words, bytecode=bytecode)
                least[name] = min(time.perf_counter() - begin, least.get(name, 1e9))
    base = least[f'python -c "{BASELINE}"']
    targets = {"banmian split page.txt": "under 2"}
    rows = [[name, f"{spent / base:.2f}", targets.get(name, "")] for name, spent in least.items()]
    return markdown(["process", "time, imports alone = 1", "target"], rows)


def _run(words: Sequence[str], *, bytecode: str | None = None) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    if bytecode is not None:
        environment |= {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(words, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def workers_table(texts: Sequence[str], *, pages: int, rounds: int) -> str:
    """Return the time of one and of two workers on many pages."""
    least: dict[int, float] = {}
    many = [texts[number % len(texts)] for number in range(pages)]
    with written(many) as files:
        for _ in range(max(1, rounds // 3)):
            for jobs in (1, 2):
                with tempfile.TemporaryDirectory() as out:
                    begin = time.perf_counter()
                    _run(
                        [
                            sys.executable,
                            "-m",
                            "classifier",
                            "split",
                            "-j",
                            str(jobs),
                            "-q",
                            "-o",
                            out,
                            str(files[0].parent),
                        ]
                    )
                    least[jobs] = min(time.perf_counter() - begin, least.get(jobs, 1e9))
    rows = [["one", "1.00", ""], ["two", f"{least[1] / least[2]:.2f}", "1.8 or more"]]
    return f"{pages:,} pages\n\n" + markdown(["workers", "pages a second, one = 1", "target"], rows)


def memory_table(texts: Sequence[str]) -> str:
    """Return the peak memory of a run over few and over many pages."""
    rows = []
    for count in (1, 200, 2000):
        with written([texts[number % len(texts)] for number in range(count)]) as files:
            words = [sys.executable, "-m", "classifier", "split", "-q", str(files[0].parent)]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            # Through a small process: what is started from this large one counts with its size at first.
            command = [sys.executable, "-c", PEAK, *words]
            done = subprocess.run(command, env=environment, check=True, capture_output=True)
            rows.append([f"{count:,}", f"{int(done.stderr.split()[-1]) / 1024:.0f}", "under 200"])
    return markdown(["pages", "peak memory, MB", "target"], rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR", help="directory of the corpora")
    parser.add_argument("--model", default=None, help="model directory; the shipped one without")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="how often each is timed; the least counts")
    parser.add_argument("--pages", type=int, default=120, metavar="N", help="pages that are split")
    parser.add_argument("--many", type=int, default=10_000, metavar="N", help="pages for the workers")
    parser.add_argument("--clock", choices=("cpu", "wall"), default="cpu", help="what seconds are measured")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES, help="tables to print")
    options = parser.parse_args(arguments)
    if options.model:
        os.environ["BANMIAN_MODEL"] = str(options.model)
    clock = time.process_time if options.clock == "cpu" else time.perf_counter
    model = load_model(options.model)
    sys.stdout.write(f"model `{model.id}`, {options.clock} clock, least of {options.rounds} rounds\n")
    rounds = options.rounds
    pages = split_pages(tracks.Corpora.load(options.corpus), pages=options.pages)
    texts = [page.text for page in pages]
    tables: dict[str, Callable[[], str]] = {
        "classify": lambda: classify_table(options.corpus, model, rounds=rounds, clock=clock),
        "split": lambda: split_table(pages, model, rounds=rounds, clock=clock),
        "length": lambda: length_table(pages, model, clock=clock),
        "genres": lambda: genres_table(texts, model, rounds=rounds, clock=clock),
        "start": lambda: start_table(texts[0], rounds=rounds),
        "workers": lambda: workers_table(texts, pages=options.many, rounds=rounds),
        "memory": lambda: memory_table(texts),
    }
    for name in options.only:
        sys.stdout.write(f"\n### {name}\n\n{tables[name]()}")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
