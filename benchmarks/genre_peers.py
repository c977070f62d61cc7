"""Banmian's features and training against fastText and scikit-learn: ``python benchmarks/genre_peers.py --corpus DIR``.

All in one run on the same texts: THUCNews titles (official development and test titles), and the full texts of two
public collections by five-fold cross-validation. fastText (``pip install --group peers``) gets the best of a small
search: on the development titles, and for the full texts, in its favour, on the very test texts. Prints a table.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402 after the thread limit
from numpy.typing import NDArray  # noqa: E402

from benchmarks.sources import read  # noqa: E402
from classifier import training  # noqa: E402
from classifier.genres.tfidf import Rows, article_rows  # noqa: E402
from classifier.text.tokens import make_cutter, tokenise  # noqa: E402

FOLDS = 5
Labels = NDArray[np.int64]
Predict = Callable[[Sequence[str]], Labels]
FASTTEXT = tuple(product((0.5, 1.0), (1, 2), (10, 25)))
"""Learning rates, lengths of word n-grams and epochs that fastText is tried with."""


def banmian(texts: Sequence[str], labels: Labels, _check: tuple[Sequence[str], Labels]) -> Predict:
    """Train as the shipped genre model is trained, without its background."""
    cutter = make_cutter()

    def row(text: str) -> Rows:
        at = [np.array([value], dtype=np.int64) for value in (0, len(text), 0)]
        return article_rows(tokenise(text, cutter), *at)

    genres = [str(number) for number in range(int(labels.max()) + 1)]
    model = training.fit_genre([row(text) for text in texts], labels, genres)
    return lambda new: np.array([model.scores(row(text))[0].argmax() for text in new])


def scikit_learn(texts: Sequence[str], labels: Labels, _check: tuple[Sequence[str], Labels]) -> Predict:
    """Train scikit-learn's TF-IDF and LinearSVC on jieba's words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(tokenizer=make_cutter().cut, token_pattern=None, sublinear_tf=True)
    pipeline = make_pipeline(vectorizer, LinearSVC(random_state=0)).fit(list(texts), labels)
    return lambda new: np.asarray(pipeline.predict(list(new)))


def fasttext(texts: Sequence[str], labels: Labels, check: tuple[Sequence[str], Labels]) -> Predict:
    """Train fastText on jieba's words with the settings that do best on ``check``."""
    import fasttext as library

    library.FastText.eprint = lambda *_: None
    cut = make_cutter().cut

    def line(text: str) -> str:
        return " ".join(word for word in cut(text) if not word.isspace())

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        lines = [f"__label__{label} {line(text)}\n" for text, label in zip(texts, labels.tolist(), strict=True)]
        path.write_text("".join(lines), "utf-8")
        best: tuple[float, Any] = (-1.0, None)
        for rate, length, epochs in FASTTEXT:
            options = {"lr": rate, "wordNgrams": length, "epoch": epochs, "seed": 0, "thread": 2, "verbose": 0}
            try:
                model = library.train_supervised(str(path), **options)
            except RuntimeError:  # it diverges with some of them
                continue
            score = float((_fasttext_answers(model, [line(text) for text in check[0]]) == check[1]).mean())
            if score > best[0]:
                best = score, model
    return lambda new: _fasttext_answers(best[1], [line(text) for text in new])


def _fasttext_answers(model: Any, lines: Sequence[str]) -> Labels:  # noqa: ANN401
    answers, _ = model.predict(list(lines))
    return np.array([int(answer[0].removeprefix("__label__")) for answer in answers])


METHODS = {
    "**banmian**": banmian,
    "scikit-learn TF-IDF + LinearSVC, jieba": scikit_learn,
    "fastText, best of eight settings": fasttext,
}


def titles(corpus: Path) -> dict[str, tuple[float, float]]:
    """Return accuracy on the official test titles, and seconds, of each method."""
    rows = read(corpus, "titles")
    names = sorted({row["label"] for row in rows})
    test = {row["title"] for row in rows if row["split"] != "train"}
    split: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        if row["split"] != "train" or row["title"] not in test:
            split.setdefault(row["split"], []).append((row["title"], names.index(row["label"])))
    data = {name: ([t for t, _ in part], np.array([label for _, label in part])) for name, part in split.items()}
    found = {}
    for name, fit in METHODS.items():
        begun = time.perf_counter()
        predict = fit(*data["train"], data["dev"])
        found[name] = float((predict(data["test"][0]) == data["test"][1]).mean()), time.perf_counter() - begun
    return found


def full_texts(corpus: Path, name: str) -> dict[str, tuple[float, float]]:
    """Return cross-validated accuracy, and seconds, of each method on one collection."""
    rows = read(corpus, name)
    labels = sorted({row["label"] for row in rows})
    truth = np.array([labels.index(row["label"]) for row in rows])
    texts = [row["text"] for row in rows]
    fold = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    found = {}
    for method, fit in METHODS.items():
        begun, right = time.perf_counter(), 0
        for number in range(FOLDS):
            inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            test = [texts[i] for i in outside]
            predict = fit([texts[i] for i in inside], truth[inside], (test, truth[outside]))
            right += int((predict(test) == truth[outside]).sum())
        found[method] = right / len(rows), time.perf_counter() - begun
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    options = parser.parse_args(arguments)
    results = {
        "titles": titles(options.corpus),
        **{name: full_texts(options.corpus, name) for name in ("cnews", "sogou")},
    }
    print("| method | " + " | ".join(results) + " |\n| --- |" + " ---: |" * len(results))
    for method in METHODS:
        shown = [f"{found[method][0]:.4f} ({found[method][1]:.0f} s)" for found in results.values()]
        print(f"| {method} | " + " | ".join(shown) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
