"""What correcting one's own pages is worth: ``python benchmarks/learning_curve.py --corpus DIR [--plot FILE.png]``.

A house that the shipped model has never seen is held out. Half of its texts make pages to correct, the other half
test pages; the model is adapted to 5, 10, 20 and 40 corrected pages and scored on the test pages. Prints a table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import tracks  # noqa: E402
from benchmarks.stories import story_of  # noqa: E402
from classifier import load_model, metrics, training  # noqa: E402
from classifier.composing.compose import Composed, compose_page  # noqa: E402
from classifier.composing.manuscript import Manuscript  # noqa: E402
from classifier.composing.style import Style, draw_style  # noqa: E402
from classifier.model import Model  # noqa: E402

SIZES = (0, 5, 10, 20, 40)
TEST_PAGES = 40
HOUSES = 4


def house_style(seed: int) -> Style:
    """Return the style one paper keeps to on all its pages: its own bylines, column width and signs."""
    rng = Random(seed)
    style = draw_style(rng)
    return replace(style, wrap=(rng.randint(14, 24),), wrong=0.01, headline=1.0, traditional=False, blank="none")


def pages_of(stories: Sequence[Manuscript], style: Style, *, count: int, seed: int) -> list[Composed]:
    """Set ``count`` pages of three to six stories in one house style."""
    rng = Random(seed)
    pages: list[Composed] = []
    while len(pages) < count:
        page = compose_page(rng.sample(list(stories), rng.randint(3, 6)), style, rng)
        if page.ends:
            pages.append(page)
    return pages


def score(model: Model, pages: Sequence[Composed]) -> float:
    """Return the article-exact F1 of a model on pages."""
    total = metrics.SegmentationScore()
    for page in pages:
        total += metrics.score_ends(page.ends, model.split_ends(page.text))
    return total.article.f1


def curve(corpus: Path, model: Model, *, houses: int) -> dict[str, list[float]]:
    """Return the scores of each held-out house for every number of corrected pages."""
    outlets = tracks.Corpora.load(corpus).outlets
    largest = sorted(outlets, key=lambda name: (-len(outlets[name]), name))[:houses]
    found: dict[str, list[float]] = {}
    for number, name in enumerate(largest):
        stories = [story_of(text) for text in outlets[name]]
        style = house_style(number)
        corrected = pages_of(stories[0::2], style, count=max(SIZES), seed=100 + number)
        test = pages_of(stories[1::2], style, count=TEST_PAGES, seed=200 + number)
        found[f"house {number + 1}"] = [
            score(replace(model, segmenter=training.adapt_segmenter(model.segmenter, corrected[:size])), test)
            for size in SIZES
        ]
    return found


def plot(found: dict[str, list[float]], path: Path) -> None:
    """Draw the learning curve."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4.0), dpi=120)
    for name, values in found.items():
        axes.plot(SIZES, values, color="0.75", linewidth=1, label=name)
    mean = [sum(values) / len(found) for values in zip(*found.values(), strict=True)]
    axes.plot(SIZES, mean, color="#b03a2e", marker="o", linewidth=2, label="mean")
    axes.set_xlabel("corrected pages")
    axes.set_ylabel("article-exact F1 on other pages of the house")
    axes.set_xticks(SIZES)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, draw the picture, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--houses", type=int, default=HOUSES, help="houses to hold out (default: %(default)s)")
    options = parser.parse_args(arguments)
    found = curve(options.corpus, load_model(), houses=options.houses)
    print("| corrected pages | " + " | ".join(map(str, SIZES)) + " |")
    print("| --- |" + " ---: |" * len(SIZES))
    mean = [sum(values) / len(found) for values in zip(*found.values(), strict=True)]
    for name, values in (*found.items(), ("**mean**", mean)):
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |")
    if options.plot:
        plot(found, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
