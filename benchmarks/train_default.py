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
from dataclasses import replace
from importlib import metadata, resources
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # sums in one order, whatever the machine's cores

import numpy as np  # noqa: E402 after the thread limit

from benchmarks import genre_texts, scan_training  # noqa: E402
from benchmarks.sources import TRAIN_UNTIL, read  # noqa: E402
from benchmarks.stories import USUAL, Counts, Pools, draw_pages  # noqa: E402
from classifier import features, training  # noqa: E402
from classifier import model as models  # noqa: E402
from classifier.compose import Composed, Draw, Story, revary  # noqa: E402
from classifier.genre import GenreModel, Memory  # noqa: E402
from classifier.segmenter import Segmenter, scan_arrays  # noqa: E402
from classifier.training import Lexicon, Linear, Sample  # noqa: E402

T = TypeVar("T")
CHUNK = 40
"""Pages a worker sets and describes at a time."""


def traditional_pairs() -> str:
    """Return Simplified-Traditional pairs, from the table the tokeniser reads the other way round."""
    table = resources.files("classifier").joinpath("variants.txt").read_text("utf-8")
    pairs = "".join(line for line in table.splitlines() if not line.startswith("#"))
    return "".join(pairs[i + 1] + pairs[i] for i in range(0, len(pairs), 2))


def lexicon_texts(corpus: Path, pools: Pools) -> list[list[str]]:
    """Return the training texts that word vectors are learned from, as lines."""

    def lines(story: Story) -> list[str]:
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


RENDERINGS, WRITTEN_WEIGHT = 10, 5.0
"""How often a written page is set anew, and what its gaps weigh against those of composed pages (docs/design.md)."""


def renderings(pages: Sequence[Composed], seed: int) -> list[Composed]:
    """Return the written pages as they are and set anew many times."""
    rng = random.Random(seed)
    return [version for page in pages for version in (page, *(revary(page, rng) for _ in range(RENDERINGS)))]


def _first_written(pages: Sequence[Composed], segmenter: Segmenter, screen: Linear | None, seed: int) -> Sample:
    sample = training.first_sample(renderings(pages, seed), segmenter, screen=screen, seed=seed)
    return replace(sample, weight=sample.weight * np.float32(WRITTEN_WEIGHT))


def _second_written(pages: Sequence[Composed], segmenter: Segmenter, first: Linear, seed: int) -> Sample:
    sample = training.second_sample(renderings(pages, seed), segmenter, first=first, seed=seed)
    return replace(sample, weight=sample.weight * np.float32(WRITTEN_WEIGHT))


def spread(
    work: Callable[..., Sample], draws: Sequence[Draw] | Sequence[Composed], *arguments: object, seed: int, jobs: int
) -> Sample:
    """Run ``work`` over chunks of drawn pages on several cores; the result does not depend on their number."""
    from joblib import Parallel, delayed

    chunks = [
        delayed(work)(draws[at : at + CHUNK], *arguments, seed * 1_000_003 + at) for at in range(0, len(draws), CHUNK)
    ]
    return Sample.join(Parallel(n_jobs=jobs)(chunks))


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


def train_segmenter(
    pools: Pools, lexicon: Lexicon, *, counts: Counts, jobs: int, say: Callable[[str], None]
) -> Segmenter:
    """Fit both passes on composed pages; the second on scores that the first gives to stories it has not seen."""
    draft = training.draft_segmenter(lexicon)
    draws = draw_pages(pools, USUAL.times(0.6), seed=1)
    sample = spread(_first, draws, draft, None, seed=1, jobs=jobs)
    screen = training.fit_linear(sample, training.first_scale(sample), l2=4.0, iterations=40)
    halves, firsts, samples = [halve(pools, 0), halve(pools, 1)], [], []
    for number, half in enumerate(halves):
        draws = draw_pages(half, counts.times(0.5), seed=10 + number)
        sample = spread(_first, draws, draft, screen, seed=10 + number, jobs=jobs)
        written = spread(_first_written, half.written, draft, screen, seed=30 + number, jobs=jobs)
        sample = Sample.join([sample, written])
        firsts.append(training.fit_linear(sample, training.first_scale(sample), l2=training.FIRST_L2))
        samples.append(sample)
        say(f"first pass, half {number + 1}: {len(sample.truth):,} gaps")
    sample = Sample.join(samples)
    del samples
    first = training.fit_linear(sample, training.first_scale(sample), l2=training.FIRST_L2)
    say(f"first pass: {len(sample.truth):,} gaps")
    del sample
    seconds = []
    for number, half in enumerate(halves):
        draws = draw_pages(half, counts.times(0.5), seed=20 + number)
        other = firsts[1 - number]
        seconds.append(spread(_second, draws, draft, other, seed=20 + number, jobs=jobs))
        seconds.append(spread(_second_written, half.written, draft, other, seed=40 + number, jobs=jobs))
    sample = Sample.join(seconds)
    scale = np.ones(features.CONTEXT_FEATURES, dtype=np.float32)
    second = training.fit_linear(sample, scale, l2=training.SECOND_L2, iterations=150)
    say(f"second pass: {len(sample.truth):,} gaps")
    return training.install(draft, first, second)


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
    arrays: dict[str, np.ndarray[Any, np.dtype[Any]]] = {
        "segmenter.idf": segmenter.idf,
        "segmenter.vectors": segmenter.vectors,
        "segmenter.first": segmenter.first,
        "segmenter.second": segmenter.second,
        **scan_arrays(segmenter),
        "genre.idf": genre.idf,
        "genre.weights": genre.weights,
        "genre.bias": genre.bias,
        **memory.arrays(),
    }
    config = {
        "name": path.name,
        "genres": [{"id": name, "zh": names[name]["zh"]} for name in genre.genres],
        "genre": {"temperature": genre.temperature, "threshold": genre.threshold},
        "segmenter": {
            "alphabet": lexicon.alphabet,
            "first_bias": segmenter.first_bias,
            "second_bias": segmenter.second_bias,
            "slope": segmenter.slope,
            "offset": segmenter.offset,
            "threshold": segmenter.threshold,
        },
        "userdict": [],
        **facts,
    }
    models.save_model(path, config=config, arrays=arrays)


def corpus_digests(corpus: Path) -> dict[str, str]:
    """Return the SHA-256 of every corpus file, in name order."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(corpus.glob("*.jsonl.gz"))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and save; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="directory of the *.jsonl.gz corpora")
    parser.add_argument("--output", "-o", type=Path, default=ROOT / "models" / "default")
    parser.add_argument("--pages", type=float, default=4.0, help="pages to compose, in units of 4,850 (default 4)")
    parser.add_argument("--jobs", "-j", type=int, default=2)
    parser.add_argument(
        "--only", choices=("genre", "segmenter", "geometry"), help="take the rest from the present model"
    )
    options = parser.parse_args(arguments)
    begun = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {line}", file=sys.stderr, flush=True)

    pools = Pools.load(options.corpus, ROOT / "labeled")
    present = models.load_model(options.output) if options.only else None
    if present is not None and options.only in ("genre", "geometry"):
        lexicon = Lexicon(present.config["segmenter"]["alphabet"], present.segmenter.idf, present.segmenter.vectors)
        segmenter = present.segmenter
    else:
        lexicon = training.fit_lexicon(lexicon_texts(options.corpus, pools))
        say("word vectors")
        segmenter = train_segmenter(pools, lexicon, counts=USUAL.times(options.pages), jobs=options.jobs, say=say)
        held_out = draw_pages(pools, USUAL.times(0.1), seed=99)
        pages = training.set_pages(held_out, seed=99, traditional=traditional_pairs())
        segmenter = training.calibrate_segmenter(segmenter, pages)
    if present is None or options.only != "genre":
        segmenter = scan_training.train(options.corpus, segmenter, jobs=options.jobs)
        say("geometry of scans")
    if present is not None and options.only in ("segmenter", "geometry"):
        genre, memory, scores = present.genre, present.memory, present.config["scores"]
    else:
        genre, memory, scores = genre_texts.train(options.corpus, ROOT / "labeled", say=say)
    facts: dict[str, Any] = {
        "training": {"corpora": corpus_digests(options.corpus), "pages": options.pages, "seed": 0},
        "scores": scores,
        "versions": {name: metadata.version(name) for name in ("numpy", "scikit-learn", "scipy", "rjieba")}
        | {"python": platform.python_version()},
        "date": TRAIN_UNTIL,
    }
    if present is not None and options.only == "geometry":
        facts = {key: present.config[key] for key in facts}
    save(options.output, segmenter, lexicon, genre, memory, facts=facts)
    (options.output / "metrics.json").write_text(json.dumps(scores, ensure_ascii=False, indent=1) + "\n", "utf-8")
    say(f"{options.output}: {models.identify(options.output)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
