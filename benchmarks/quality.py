"""Measure how well banmian and its peers split pages: ``python benchmarks/quality.py --corpus DIR``.

Builds the same test pages from the same corpora every time (see :mod:`benchmarks.tracks`), runs every method on them
in one process, and prints Markdown tables. With ``--gate`` it runs banmian alone on a fixed sample and exits with 5
when a track is below its floor (see :mod:`benchmarks.gate`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a script, Python puts benchmarks/ first and not the checkout
    sys.path.insert(0, str(ROOT))

from benchmarks import gate, tracks  # noqa: E402
from benchmarks.peers import PEERS  # noqa: E402
from classifier.errors import ExitCode  # noqa: E402
from classifier.metrics import Calibration, SegmentationScore, score_ends  # noqa: E402

FLOORS = ROOT / "benchmarks" / "floors.json"
BINS = 10
"""Bins of the reliability table: tenths read best."""

Split = Callable[[tracks.GoldPage], list[int]]


@dataclass(frozen=True, slots=True)
class Result:
    """A method's score on the pages of a track, and the time it took."""

    score: SegmentationScore
    seconds: float

    @property
    def milliseconds(self) -> float:
        """Mean time a page."""
        return 1000 * self.seconds / max(self.score.pages, 1)

    def __add__(self, other: Result) -> Result:
        """Return the result on the pages of both."""
        return Result(self.score + other.score, self.seconds + other.seconds)


def methods(model: Any, *, peers: bool) -> dict[str, Split]:  # noqa: ANN401 - the model is made to be duck-typed here
    """Return every method by its name in the tables; ``model`` None leaves banmian out."""
    found: dict[str, Split] = {}
    if model is not None:
        found["**banmian**"] = lambda page: model.split_ends(page.text)
    for peer in PEERS if peers else ():
        if not peer.is_installed:
            continue
        found[peer.name] = partial(_run_peer, peer.load())
        if peer.takes_count:
            found[f"{peer.name}, true number given"] = partial(_run_peer, peer.load(), count=True)
    return found


def _run_peer(segment: Callable[..., list[int]], page: tracks.GoldPage, *, count: bool = False) -> list[int]:
    return segment(page.lines, n_segments=len(page.ends) if count else None)


def measure(split: Split, pages: Iterable[tracks.GoldPage]) -> Result:
    """Split every page and score it; the time is that of the splitting alone."""
    score, seconds = SegmentationScore(), 0.0
    for page in pages:
        begin = time.perf_counter()
        ends = split(page)
        seconds += time.perf_counter() - begin
        score += score_ends(page.ends, ends)
    return Result(score, seconds)


def calibration(model: Any, pages: Iterable[tracks.GoldPage]) -> tuple[Calibration, Calibration]:  # noqa: ANN401
    """Return the calibration of P(boundary) at every gap, and at those gaps the model makes a boundary."""
    every, made = Calibration.of_pairs([], [], bins=BINS), Calibration.of_pairs([], [], bins=BINS)
    for page in pages:
        proba = np.asarray(model.boundary_proba(page.text))
        truth = np.zeros(len(proba), dtype=bool)
        truth[np.asarray(page.ends[:-1], dtype=np.int64) - 1] = True
        chosen = np.asarray(model.split_ends(page.text)[:-1], dtype=np.int64) - 1
        every += Calibration.of_pairs(proba, truth, bins=BINS)
        made += Calibration.of_pairs(proba[chosen], truth[chosen], bins=BINS)
    return every, made


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose first column is text and whose others are numbers."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def track_table(track: str, pages: Sequence[tracks.GoldPage], results: Mapping[str, Result]) -> str:
    """Return the table of one track."""
    rows = []
    for name, result in results.items():
        score = result.score
        ratios = (score.boundary.precision, score.boundary.recall, score.boundary.f1, score.article.f1)
        rates = (*ratios, score.pk.rate, score.window_diff.rate)
        rows.append([name, *(f"{rate:.3f}" for rate in rates), f"{result.milliseconds:.1f}"])
    articles = sum(len(page.ends) for page in pages)
    lines = sum(page.ends[-1] for page in pages)
    head = f"### {track}: {len(pages)} pages, {articles} articles, {lines} lines\n\n"
    columns = ["method", "boundary P", "R", "F1", "article-exact F1", "Pk", "WindowDiff", "ms a page"]
    return head + markdown(columns, rows)


def summary_table(results: Mapping[str, Mapping[str, Result]]) -> str:
    """Return article-exact F1 (Pk) of every method on every track."""
    names = list(dict.fromkeys(name for found in results.values() for name in found))
    rows = [
        [name, *(f"{found[name].score.article.f1:.2f} ({found[name].score.pk.rate:.2f})" for found in results.values())]
        for name in names
    ]
    return "### Article-exact F1 (Pk)\n\n" + markdown(["method", *results], rows)


def calibration_table(every: Calibration, made: Calibration) -> str:
    """Return the reliability of P(boundary) in tenths."""
    columns = ["P(boundary)", "gaps", "mean P", "are boundaries", "boundaries made", "mean P", "are right"]
    known = {(found.low, found.high): found for found in made.reliability()}
    rows = []
    for found in every.reliability():
        row = [
            f"{found.low:.1f}–{found.high:.1f}",
            str(found.count),
            f"{found.confidence:.3f}",
            f"{found.accuracy:.3f}",
        ]
        own = known.get((found.low, found.high))
        row += [str(own.count), f"{own.confidence:.3f}", f"{own.accuracy:.3f}"] if own else ["0", "", ""]
        rows.append(row)
    errors = f"Expected calibration error: {every.ece:.4f} over all gaps, {made.ece:.4f} over the boundaries made.\n"
    return "### Calibration of `boundary_score`\n\n" + markdown(columns, rows) + "\n" + errors


def build(options: argparse.Namespace, *, pages: int) -> dict[str, list[tracks.GoldPage]]:
    """Build the pages of every track asked for."""
    corpora = tracks.Corpora.load(options.corpus, seed_page=options.seed_page)
    found = {track: tracks.build(track, corpora, pages=pages, seed=options.seed) for track in options.tracks}
    return {track: built for track, built in found.items() if built}


def report(options: argparse.Namespace, model: Any) -> Iterable[str]:  # noqa: ANN401
    """Yield the tables, each as soon as it is measured."""
    results: dict[str, dict[str, Result]] = {}
    pages = build(options, pages=options.pages)
    for track, built in pages.items():
        splits = methods(model, peers=options.peers)
        results[track] = {name: measure(split, built) for name, split in splits.items()}
        yield track_table(track, built, results[track])
    yield summary_table(results)
    if model is not None:
        yield calibration_table(*calibration(model, [page for built in pages.values() for page in built]))


def check_floors(options: argparse.Namespace, model: Any) -> tuple[list[str], ExitCode]:  # noqa: ANN401
    """Measure banmian on the fixed sample; return what to say and the exit code."""
    pages = build(options, pages=gate.SAMPLE)
    digest = gate.sample_digest(pages)
    split = methods(model, peers=False)["**banmian**"]
    scores = {track: measure(split, built).score.article.f1 for track, built in pages.items()}
    said = [f"{track:10} {score:.4f}" for track, score in scores.items()]
    floors = gate.Floors.read(options.floors)
    if not options.update:
        failed = floors.failures(scores, digest=digest)
        return [*said, *failed], ExitCode.BELOW_FLOOR if failed else ExitCode.OK
    raised, lowered = floors.raised(scores, digest=digest, allow_regression=options.allow_regression)
    if lowered and not options.allow_regression:
        said.append(f"nothing written: {', '.join(lowered)} would be lowered; --allow-regression does it")
        return said, ExitCode.BELOW_FLOOR
    raised.write(options.floors)
    return [*said, f"wrote {options.floors.name}"], ExitCode.OK


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure how well banmian and its peers split newspaper pages.")
    add = parser.add_argument
    add("--corpus", type=Path, required=True, metavar="DIR", help="directory of the .jsonl.gz corpora")
    add("--seed-page", type=Path, metavar="FILE", help="the seed page (default: ../seed/page.txt beside the corpora)")
    add("--pages", type=int, default=150, help="pages a track (default: %(default)s)")
    add("--tracks", default=",".join(tracks.TRACKS), help="tracks, with commas between (default: all)")
    add("--seed", type=int, default=0, help="another number builds other pages (default: %(default)s)")
    add("--model", metavar="DIR", help="model to measure (default: the one banmian would use)")
    add("--peers", action=argparse.BooleanOptionalAction, default=True, help="measure the peers as well")
    add("--banmian", action=argparse.BooleanOptionalAction, default=True, help="measure banmian")
    add("--gate", action="store_true", help="compare with the floors on the fixed sample; exit with 5 when below")
    add("--floors", type=Path, default=FLOORS, metavar="FILE", help=argparse.SUPPRESS)
    add("--update", action="store_true", help="with --gate: raise the floors to what is measured")
    add("--allow-regression", action="store_true", help="with --update: lower floors as well")
    options = parser.parse_args(arguments)
    options.tracks = [track for track in options.tracks.split(",") if track]
    unknown = [track for track in options.tracks if track not in tracks.TRACKS]
    if unknown:
        parser.error(f"no such track: {', '.join(unknown)}; choose from {', '.join(tracks.TRACKS)}")
    if not options.corpus.is_dir():
        parser.error(f"{options.corpus}: no such directory")
    if options.gate and not options.banmian:
        parser.error("--gate measures banmian: leave out --no-banmian")
    options.seed_page = options.seed_page or options.corpus.parent / "seed" / "page.txt"
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return its exit code."""
    options = parse(arguments)
    model = None
    if options.banmian:
        from classifier import load_model

        model = load_model(options.model)
    if options.gate:
        said, code = check_floors(options, model)
        print("\n".join(said))
        return code
    for table in report(options, model):
        print(table, flush=True)
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
