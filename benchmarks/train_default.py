"""Rebuild ``models/default`` from the corpora and ``labeled/``: ``python benchmarks/train_default.py --corpus DIR``.

Trains on nothing of the test side of :mod:`benchmarks.sources`. The same corpora give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata, resources
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # sums in one order, whatever the machine's cores

import numpy as np  # noqa: E402 after the thread limit

from benchmarks import boosting, genre_texts, scan_training  # noqa: E402
from benchmarks.draws import USUAL, Counts, draw_pages  # noqa: E402
from benchmarks.sources import TRAIN_UNTIL, read  # noqa: E402
from benchmarks.stories import Pools  # noqa: E402
from classifier import modeldir, training  # noqa: E402
from classifier.boundaries.conjunctions import Conjunctions  # noqa: E402
from classifier.boundaries.context import CONTEXT_FEATURES  # noqa: E402
from classifier.boundaries.segmenter import Segmenter  # noqa: E402
from classifier.composing.compose import Composed, Draw, revary  # noqa: E402
from classifier.composing.manuscript import Manuscript  # noqa: E402
from classifier.genres.genre import GenreModel  # noqa: E402
from classifier.genres.memory import Memory  # noqa: E402
from classifier.model import load_model, named_arrays, segmenter_settings  # noqa: E402
from classifier.training import AspectSample, Lexicon, Linear, Sample  # noqa: E402

T = TypeVar("T")
S = TypeVar("S", Sample, AspectSample)
CHUNK = 40
"""Pages a worker sets and describes at a time."""


def traditional_pairs() -> str:
    """Return Simplified-Traditional pairs, from the table the tokeniser reads the other way round."""
    table = resources.files("classifier.text").joinpath("variants.txt").read_text("utf-8")
    pairs = "".join(line for line in table.splitlines() if not line.startswith("#"))
    return "".join(pairs[i + 1] + pairs[i] for i in range(0, len(pairs), 2))


def lexicon_texts(corpus: Path, pools: Pools) -> list[list[str]]:
    """Return the training texts that word vectors are learned from, as lines."""

    def lines(story: Manuscript) -> list[str]:
        return [line for line in (story.title, *story.paragraphs) if line]

    texts = [lines(story) for story in pools.printed + pools.web + pools.agency + pools.briefs]
    texts += [lines(story) for story in pools.party + pools.essays + pools.notices + pools.adverts + pools.own]
    texts += [lines(story) for day in pools.days[::2] for story in day]
    for name in ("cnews", "sogou"):
        for row in read(corpus, name):
            text = row["text"].replace("。", "。\n").split("\n")
            texts.append([line for line in text if line.strip()])
    return texts


def _first(draws: Sequence[Draw], segmenter: Segmenter, screen: Linear | None, seed: int) -> Sample:
    pages = training.set_pages(draws, seed=seed, traditional=traditional_pairs())
    return training.first_sample(pages, segmenter, screen=screen, seed=seed)


def _second(draws: Sequence[Draw], segmenter: Segmenter, first: Linear, seed: int) -> Sample:
    pages = training.set_pages(draws, seed=seed, traditional=traditional_pairs())
    return training.second_sample(pages, segmenter, first=first, seed=seed)


RENDERINGS = 10
"""How often a written page is set anew."""

WRITTEN_WEIGHTS = (2.0, 2.0, 2.0, 0.0, 0.0, 2.0)
"""What a gap of a written page weighs against one of a composed page, a number for every round of fitting. The mean of
the weights of several rounds, on other draws of pages, is better than any of them; two know neither written
pages nor those of many short articles, and keep the mean from taking subheads for headlines (docs/design.md)."""


def renderings(pages: Sequence[Composed], seed: int) -> list[Composed]:
    """Return the written pages as they are and set anew many times."""
    rng = random.Random(seed)
    return [version for page in pages for version in (page, *(revary(page, rng) for _ in range(RENDERINGS)))]


def _first_written(pages: Sequence[Composed], segmenter: Segmenter, screen: Linear | None, seed: int) -> Sample:
    return training.first_sample(renderings(pages, seed), segmenter, screen=screen, seed=seed)


def _second_written(pages: Sequence[Composed], segmenter: Segmenter, first: Linear, seed: int) -> Sample:
    return training.second_sample(renderings(pages, seed), segmenter, first=first, seed=seed)


Turns = tuple[Conjunctions, ...]


def _third(
    draws: Sequence[Draw], segmenter: Segmenter, first: Linear, second: Linear, turns: Turns, seed: int
) -> AspectSample:
    pages = training.set_pages(draws, seed=seed, traditional=traditional_pairs())
    return training.third_sample(pages, segmenter, first=first, second=second, turns=turns, seed=seed)


def _third_written(
    pages: Sequence[Composed], segmenter: Segmenter, first: Linear, second: Linear, turns: Turns, seed: int
) -> AspectSample:
    pages = renderings(pages, seed)
    return training.third_sample(pages, segmenter, first=first, second=second, turns=turns, seed=seed)


def weighted(sample: S, weight: float) -> S:
    """Return a sample whose rows count ``weight`` times."""
    return replace(sample, weight=sample.weight * np.float32(weight))


def spread(
    work: Callable[..., S], draws: Sequence[Draw] | Sequence[Composed], *arguments: object, seed: int, jobs: int
) -> S:
    """Run ``work`` over chunks of drawn pages on several cores; the result does not depend on their number."""
    from joblib import Parallel, delayed

    chunks = [
        delayed(work)(draws[at : at + CHUNK], *arguments, seed * 1_000_003 + at) for at in range(0, len(draws), CHUNK)
    ]
    samples: list[S] = Parallel(n_jobs=jobs)(chunks)
    return type(samples[0]).join(samples)


def halve(pools: Pools, half: int) -> Pools:
    """Return every second story, so that a pass can be trained on scores of stories the pass before has not seen."""

    def part(items: list[T]) -> list[T]:
        return items[half::2]

    return replace(
        pools,
        pages=part(pools.pages),
        outlets={name: part(texts) for name, texts in pools.outlets.items() if len(texts) > 1},
        agency=part(pools.agency),
        briefs=part(pools.briefs),
        days=part(pools.days),
        adverts=part(pools.adverts),
        notices=part(pools.notices),
        party=part(pools.party),
        essays=part(pools.essays),
        own=part(pools.own),
        written=part(pools.written),
    )


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of a run: each is told of, and kept in a folder if there is one, so that a run that ends can go on."""

    say: Callable[[str], None]
    folder: Path | None = None

    def run(self, name: str, make: Callable[[], T]) -> T:
        """Return what a stage makes, or what it made when it was run before."""
        import joblib

        file = self.folder / f"{name.replace(' ', '-')}.joblib" if self.folder else None
        if file is not None and file.exists():
            self.say(f"{name}: kept in {file}")
            found: T = joblib.load(file)
            return found
        made = make()
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            joblib.dump(made, part)
            part.replace(file)
        self.say(name)
        return made


def train_segmenter(pools: Pools, lexicon: Lexicon, *, counts: Counts, jobs: int, stages: Stages) -> Segmenter:
    """Fit the first two passes on composed pages, several times on other draws, and the third on top of their means."""
    draft = training.draft_segmenter(lexicon)
    screen = stages.run("screen", lambda: fit_screen(pools, draft, jobs=jobs))
    halves = [halve(pools, 0), halve(pools, 1)]
    firsts, seconds = [], []
    for number, weight in enumerate(WRITTEN_WEIGHTS):
        round_ = Round(counts.times(0.5) if weight else counts.times(0.5).without_short(), weight, 100 * number, jobs)
        own = stages.run(f"round {number + 1} first pass", partial(fit_firsts, halves, draft, screen, round_))
        seconds.append(stages.run(f"round {number + 1} second pass", partial(fit_second, halves, draft, own, round_)))
        firsts += own
    segmenter = training.install(draft, Linear.mean(firsts), Linear.mean(seconds))
    judges = [Judge(Linear.mean(firsts[half::2]), Linear.mean(seconds)) for half in range(len(halves))]
    for number, trees in enumerate(TURNS):
        sample = partial(sample_turn, halves, draft, judges, counts=counts, jobs=jobs)
        turn, judges = stages.run(f"third pass turn {number + 1}", partial(fit_turn, sample, judges, trees))
        segmenter = replace(segmenter, turns=(*segmenter.turns, turn))
    return segmenter


TURNS = (1500, 1000, 800)
"""Trees of each turn of the third pass. All but the last are fitted on each half of the stories as well, for the next
turn is to see the scores of turns that do not know its stories."""
HALF_TREES = 1000
"""Trees of a turn that is fitted on half of the stories."""
TURN_WRITTEN, TURN_SEED = 2.0, 900
"""Weight of a gap of a written page where a turn is fitted, and the seed of its draws."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The passes that were fitted on one half of the stories and score the other; of the second there is one."""

    first: Linear
    second: Linear
    turns: Turns = ()


def fit_turn(
    sample: Callable[[], list[AspectSample]], judges: Sequence[Judge], trees: int
) -> tuple[Conjunctions, list[Judge]]:
    """Fit a turn of the third pass; return it, and the judges for the next one."""
    samples = sample()
    turn = boosting.fit_conjunctions(AspectSample.join(samples), trees=trees)
    if len(judges[0].turns) + 1 == len(TURNS):
        return turn, list(judges)
    own = [boosting.fit_conjunctions(half, trees=HALF_TREES) for half in samples]
    return turn, [replace(judge, turns=(*judge.turns, half)) for judge, half in zip(judges, own, strict=True)]


def sample_turn(
    halves: Sequence[Pools], draft: Segmenter, judges: Sequence[Judge], *, counts: Counts, jobs: int
) -> list[AspectSample]:
    """Return what a turn is fitted on: each half of the stories as the judge of the other half sees it."""
    samples = []
    for number, half in enumerate(halves):
        judge, seed = judges[1 - number], TURN_SEED + 50 * len(judges[0].turns) + number
        seen = judge.first, judge.second, judge.turns
        draws = draw_pages(half, counts.times(0.5), seed=seed)
        drawn = spread(_third, draws, draft, *seen, seed=seed, jobs=jobs)
        written = spread(_third_written, half.written, draft, *seen, seed=seed + 20, jobs=jobs)
        samples.append(AspectSample.join([drawn, weighted(written, TURN_WRITTEN)]))
    return samples


@dataclass(frozen=True, slots=True)
class Round:
    """One fit of both passes."""

    counts: Counts
    """Pages to draw from each half of the stories."""
    written: float
    """Weight of the written pages; 0 leaves them out."""
    seed: int
    jobs: int


def fit_screen(pools: Pools, draft: Segmenter, *, jobs: int) -> Linear:
    """Fit a small first pass that tells gaps which are surely no boundary, so that the others need not see them."""
    sample = spread(_first, draw_pages(pools, USUAL.times(0.6), seed=1), draft, None, seed=1, jobs=jobs)
    return training.fit_linear(sample, training.first_scale(sample), l2=4.0, iterations=40)


def fit_firsts(halves: Sequence[Pools], draft: Segmenter, screen: Linear, round_: Round) -> list[Linear]:
    """Fit a first pass on each half of the stories."""
    firsts = []
    for number, half in enumerate(halves):
        seed = round_.seed + 10 + number
        sample = spread(_first, draw_pages(half, round_.counts, seed=seed), draft, screen, seed=seed, jobs=round_.jobs)
        if round_.written:
            written = spread(_first_written, half.written, draft, screen, seed=seed + 20, jobs=round_.jobs)
            sample = Sample.join([sample, weighted(written, round_.written)])
        firsts.append(training.fit_linear(sample, training.first_scale(sample), l2=training.FIRST_L2))
    return firsts


def fit_second(halves: Sequence[Pools], draft: Segmenter, firsts: Sequence[Linear], round_: Round) -> Linear:
    """Fit a second pass on the scores that each first pass gives to the stories it has not seen."""
    samples = []
    for number, half in enumerate(halves):
        other, seed = firsts[1 - number], round_.seed + 20 + number
        draws = draw_pages(half, round_.counts, seed=seed)
        samples.append(spread(_second, draws, draft, other, seed=seed, jobs=round_.jobs))
        if round_.written:
            written = spread(_second_written, half.written, draft, other, seed=seed + 20, jobs=round_.jobs)
            samples.append(weighted(written, round_.written))
    scale = np.ones(CONTEXT_FEATURES, dtype=np.float32)
    return training.fit_linear(Sample.join(samples), scale, l2=training.SECOND_L2, iterations=150)


def save(
    path: Path,
    segmenter: Segmenter,
    lexicon: Lexicon,
    genre: GenreModel,
    memory: Memory,
    *,
    facts: dict[str, Any],
) -> None:
    """Write the model directory."""
    labels = tomllib.loads((ROOT / "labeled" / "labels.toml").read_text("utf-8"))
    names = {entry["id"]: entry for entry in labels["genres"]}
    config = {
        "name": path.name,
        "genres": [{"id": name, "zh": names[name]["zh"]} for name in genre.genres],
        "genre": {"temperature": genre.temperature, "threshold": genre.threshold, "bend": genre.bend},
        "segmenter": {"alphabet": lexicon.alphabet, **segmenter_settings(segmenter)},
        "userdict": [],
        **facts,
    }
    modeldir.save_model(path, config=config, arrays=named_arrays(segmenter, genre) | memory.arrays())


def corpus_digests(corpus: Path) -> dict[str, str]:
    """Return the SHA-256 of every corpus file, in name order."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(corpus.glob("*.jsonl.gz"))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and save; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="directory of the *.jsonl.gz corpora")
    parser.add_argument("--output", "-o", type=Path, default=ROOT / "models" / "default")
    parser.add_argument(
        "--pages", type=float, default=3.0, help="pages to compose a round, in units of 5,050 (default 3)"
    )
    parser.add_argument("--jobs", "-j", type=int, default=2)
    parser.add_argument(
        "--only", choices=("genre", "segmenter", "geometry"), help="take the rest from the present model"
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep stages here, to go on from; empty it when texts or code change",
    )
    options = parser.parse_args(arguments)
    begun = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {line}", file=sys.stderr, flush=True)

    stages = Stages(say, options.keep)
    pools = Pools.load(options.corpus, ROOT / "labeled")
    present = load_model(options.output) if options.only else None
    if present is not None and options.only in ("genre", "geometry"):
        lexicon = Lexicon(present.config["segmenter"]["alphabet"], present.segmenter.idf, present.segmenter.vectors)
        segmenter = present.segmenter
    else:
        lexicon = stages.run("word vectors", lambda: training.fit_lexicon(lexicon_texts(options.corpus, pools)))
        segmenter = train_segmenter(pools, lexicon, counts=USUAL.times(options.pages), jobs=options.jobs, stages=stages)
        held_out = draw_pages(pools, USUAL.times(0.1), seed=99)
        pages = training.set_pages(held_out, seed=99, traditional=traditional_pairs())
        segmenter = training.calibrate_segmenter(segmenter, pages)
    if present is None or options.only != "genre":
        segmenter = scan_training.train(options.corpus, segmenter, jobs=options.jobs)
        say("geometry of scans")
    if present is not None and options.only in ("segmenter", "geometry"):
        genre, memory, scores = present.genre, present.memory, present.config["scores"]
    else:
        learn = partial(genre_texts.train, options.corpus, ROOT / "labeled", say=say)
        genre, memory, scores = stages.run("genres", learn)
    facts: dict[str, Any] = {
        "training": {"corpora": corpus_digests(options.corpus), "pages": options.pages, "seed": 0},
        "scores": scores,
        "versions": {name: metadata.version(name) for name in ("numpy", "scikit-learn", "scipy", "rjieba", "catboost")}
        | {"python": platform.python_version()},
        "date": TRAIN_UNTIL,
    }
    if present is not None and options.only == "geometry":
        facts = {key: present.config[key] for key in facts}
    save(options.output, segmenter, lexicon, genre, memory, facts=facts)
    (options.output / "metrics.json").write_text(json.dumps(scores, ensure_ascii=False, indent=1) + "\n", "utf-8")
    say(f"{options.output}: {modeldir.identify(options.output)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
