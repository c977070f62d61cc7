"""How far genres can be trusted: ``python benchmarks/genre.py --corpus DIR [--quick]``.

Prints Markdown: the shipped model on July's hand-labelled articles (accuracy, also when the least sure are
``unknown``, calibration), each genre, the commonest confusions; labels of articles that ``split`` cut from damaged
pages; and, unless ``--quick``, models trained for the purpose: without any web news, from the starter collection alone,
and by source across folds.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402 after the thread limit
from numpy.typing import NDArray  # noqa: E402

from benchmarks import genre_texts, tracks  # noqa: E402
from benchmarks.genre_texts import Labelled, Material  # noqa: E402
from classifier import load_model, training  # noqa: E402
from classifier.genres.genre import GenreModel  # noqa: E402
from classifier.genres.tfidf import Rows  # noqa: E402
from classifier.metrics import Calibration, GenreScore  # noqa: E402
from classifier.model import Model  # noqa: E402

COVERAGE = (0.1, 0.2)
"""Shares of the articles, the least sure ones, that are left without a genre."""

DAMAGE = ("clean", "bare", "broken", "wrapped", "noisy")
CONFUSIONS = 12

Floats = NDArray[np.float32]


def proba_of(genre: GenreModel, rows: Sequence[Rows]) -> Floats:
    """Return the probabilities of each text's genres."""
    return np.concatenate([genre.predict_proba(row) for row in rows])


def score_of(genres: Sequence[str], proba: Floats, texts: Sequence[Labelled]) -> GenreScore:
    """Return the score of a model's probabilities on labelled texts."""
    order = np.argsort(-proba, axis=1, kind="stable")[:, :2]
    return GenreScore.of_rankings(
        [text.genre for text in texts], [[genres[at] for at in row] for row in order.tolist()]
    )


def macro_f1(score: GenreScore) -> float:
    """Return the mean F1 of the genres that there are articles of."""
    return float(np.mean([prf.f1 for prf in score.per_genre().values() if prf.tp + prf.fn]))


def july(genre: GenreModel, texts: Sequence[Labelled], rows: Sequence[Rows]) -> None:
    """Print the shipped model's scores on the development test."""
    test = [number for number, text in enumerate(texts) if text.is_test]
    chosen = [texts[i] for i in test]
    proba = proba_of(genre, [rows[i] for i in test])
    score = score_of(genre.genres, proba, chosen)
    best = proba.max(axis=1)
    right = np.array([genre.genres[at] for at in proba.argmax(axis=1)]) == [text.genre for text in chosen]
    second = np.array([genre.genres[at] for at in proba.argmax(axis=1)]) == [text.second for text in chosen]
    print(f"| measure, {len(chosen)} articles of July | |\n| --- | ---: |")
    print(f"| accuracy | {score.accuracy:.3f} |\n| macro-F1 | {macro_f1(score):.3f} |")
    print(f"| right among the two best | {score.top2_accuracy:.3f} |")
    print(f"| the annotator's first or second genre | {(right | second).mean():.3f} |")
    for share in COVERAGE:
        kept = best >= np.quantile(best, share)
        print(f"| accuracy when the least sure {share:.0%} are unknown | {right[kept].mean():.3f} |")
    kept = best >= genre.threshold
    print(
        f"| accuracy of those above the shipped threshold ({1 - kept.mean():.1%} unknown) | {right[kept].mean():.3f} |"
    )
    print(f"| calibration error, 15 bins | {Calibration.of_pairs(best, right).ece:.3f} |")
    print("\n| genre | articles | precision | recall | F1 |\n| --- | ---: | ---: | ---: | ---: |")
    for name, prf in score.per_genre().items():
        print(f"| {name} | {prf.tp + prf.fn} | {prf.precision:.2f} | {prf.recall:.2f} | {prf.f1:.2f} |")
    wrong = sorted((-count, pair) for pair, count in score.confusion.items() if pair[0] != pair[1])
    print("\n" + "; ".join(f"{true} taken for {label} {-count}" for count, (true, label) in wrong[:CONFUSIONS]))


def damaged(model: Model, corpus: Path, *, pages: int) -> None:
    """Print how often the genre is right of articles that the model cut itself, by track."""
    corpora = tracks.Corpora.load(corpus)
    print("\n| track | labelled articles | genre right |\n| --- | ---: | ---: |")
    for track in DAMAGE:
        right = count = 0
        for page in tracks.build(track, corpora, pages=pages):
            if page.genres is None:
                continue
            ends = model.split_ends(page.text)
            articles = model.split(page.text)
            owner = np.repeat(np.arange(len(ends)), np.diff([0, *ends]))
            begin = 0
            for end, genre in zip(page.ends, page.genres, strict=True):
                if genre:
                    most = int(np.bincount(owner[begin:end]).argmax())
                    right += articles[most].top[0][0] == genre
                    count += 1
                begin = end
        print(f"| {track} | {count} | {right / max(count, 1):.3f} |", flush=True)


def trained(corpus: Path, texts: Sequence[Labelled], rows: Sequence[Rows]) -> None:
    """Print the scores of models trained without a source, from the starter collection, and across folds."""
    material = Material.of(corpus, texts, rows)
    genres = material.genres

    def show(name: str, proba: Floats, test: Sequence[int]) -> None:
        score = score_of(genres, proba, [texts[i] for i in test])
        print(f"| {name} | {len(test)} | {score.accuracy:.3f} | {macro_f1(score):.3f} |", flush=True)

    side = [i for i, text in enumerate(texts) if not text.is_test]
    test = [i for i, text in enumerate(texts) if text.is_test]
    print("\n| trained on, tested on | articles | accuracy | macro-F1 |\n| --- | ---: | ---: | ---: |")
    others, no_web = [i for i in side if texts[i].source != "web"], material.without("web")
    web = [i for i in side if texts[i].source == "web" and not texts[i].more]
    model = no_web.fit(others, no_web.topics(others))
    show("all but web news, web news", proba_of(model, [rows[i] for i in web]), web)
    own = [i for i in side if texts[i].source == "own"]
    model = training.fit_genre([rows[i] for i in own], material.labels[own], genres)
    show("the starter collection alone, July", proba_of(model, [rows[i] for i in test]), test)
    held_out = material.cross_scores(material.topics(side))
    for source in sorted({text.source for text in texts if text.weight == 1.0}):
        chosen = [i for i in side if texts[i].source == source and not texts[i].more]
        show(f"four folds, the fifth: {source}", held_out[chosen], chosen)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="directory of the *.jsonl.gz corpora")
    parser.add_argument("--model", help="model to measure (default: the one banmian would use)")
    parser.add_argument("--pages", type=int, default=150, help="pages a track (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="train nothing")
    options = parser.parse_args(arguments)
    model = load_model(options.model)
    texts = genre_texts.load(options.corpus, ROOT / "labeled")
    rows = genre_texts.rows_of(texts)
    print(f"model `{model.id}`\n")
    july(model.genre, texts, rows)
    damaged(model, options.corpus, pages=options.pages)
    if not options.quick:
        trained(options.corpus, texts, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
