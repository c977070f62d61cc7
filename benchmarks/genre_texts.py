"""The hand-labelled articles and the starter collection as rows, their splits, and the training of the genre model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sources import TRAIN_UNTIL, read
from classifier import training
from classifier.corpus import fingerprint
from classifier.genre import GenreModel, Memory, Rows, article_rows
from classifier.tokens import make_cutter, tokenise

FOLDS = 5

KINDS = {"notices": "notice", "essays": "literature", "real-estate": "real-estate-advert"}
"""Corpora whose texts are nearly all of one genre."""

KIND_WEIGHT = 0.4
"""Weight of a text labelled by its corpus alone, not by hand (measured, docs/design.md)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text with its genre."""

    title: str
    text: str
    genre: str
    second: str
    source: str
    date: str

    @property
    def weight(self) -> float:
        """Weight in training: less for texts that no one labelled one by one."""
        return KIND_WEIGHT if self.source in KINDS or self.source == "party-work" else 1.0

    @property
    def is_test(self) -> bool:
        """Whether it belongs to the development test: July's newspaper articles."""
        return self.source == "peoples-daily" and self.date > TRAIN_UNTIL

    @property
    def group(self) -> str:
        """What must not be split between folds: texts of one source and day."""
        return f"{self.source}:{self.date or self.title}"


def load(corpus: Path, labeled: Path) -> list[Labelled]:
    """Return the hand-labelled corpus articles and the starter collection, in a fixed order."""
    texts = [
        Labelled(row["title"] or "", row["text"], row["genre"], row["second"] or "", row["source"], row["date"] or "")
        for row in read(corpus, "genres")
        if row["genre"] != "unclear"
    ]
    return texts + own_texts(labeled) + kind_texts(corpus)


def kind_texts(corpus: Path) -> list[Labelled]:
    """Return the texts whose corpus is nearly their label."""
    found = [
        Labelled(row["title"], row["text"], genre, "", name, f"{name}{number % 50}")
        for name, genre in KINDS.items()
        for number, row in enumerate(read(corpus, name))
    ]
    found += [
        Labelled(row["title"], row["text"], "party-building", "", "party-work", f"party{number % 50}")
        for number, row in enumerate(read(corpus, "party"))
        if row["kind"] == "party-building"
    ]
    return found


def own_texts(labeled: Path) -> list[Labelled]:
    """Return the starter collection; the folder is the genre."""
    own = []
    for path in sorted(labeled.glob("articles/*/*.txt")):
        title, _, text = path.read_text("utf-8").strip().partition("\n")
        if len(title) > 45:
            title, text = "", f"{title}\n{text}"
        own.append(Labelled(title, text, path.parent.name, "", "own", path.stem))
    return own


def rows_of(texts: Sequence[Labelled]) -> list[Rows]:
    """Return the feature rows of texts, headline and text as one."""
    cutter = make_cutter()
    rows = []
    for text in texts:
        whole = f"{text.title}\n{text.text}" if text.title else text.text
        ends = np.array([len(whole)], dtype=np.int64)
        head = np.array([len(text.title)], dtype=np.int64)
        rows.append(article_rows(tokenise(whole, cutter), np.zeros(1, dtype=np.int64), ends, head))
    return rows


def fold_of(texts: Sequence[Labelled]) -> NDArray[np.int64]:
    """Return the fold of each text: whole days of a source go together."""
    import zlib

    return np.array([zlib.crc32(text.group.encode()) % FOLDS for text in texts])


def train(corpus: Path, labeled: Path, *, say: Callable[[str], None]) -> tuple[GenreModel, Memory, dict[str, Any]]:
    """Fit and calibrate the genre model on everything but the test side; return it, its memory and its scores."""
    texts = load(corpus, labeled)
    genres = sorted({text.genre for text in texts})
    labels = np.array([genres.index(text.genre) for text in texts])
    rows = rows_of(texts)
    test = np.array([text.is_test for text in texts])
    train_at, test_at = np.flatnonzero(~test), np.flatnonzero(test)
    folds = fold_of(texts)
    weight = np.array([text.weight for text in texts], dtype=np.float32)
    labelled = np.flatnonzero(~test & (weight == 1.0))
    held_out = np.zeros((len(texts), len(genres)), dtype=np.float32)
    for fold in range(FOLDS):
        inside = train_at[folds[train_at] != fold]
        outside = train_at[folds[train_at] == fold]
        part = training.fit_genre([rows[i] for i in inside], labels[inside], genres, weight=weight[inside])
        held_out[outside] = np.concatenate([part.scores(rows[i]) for i in outside])
    temperature = training.fit_temperature(held_out[labelled], labels[labelled])
    genre = training.fit_genre([rows[i] for i in train_at], labels[train_at], genres, weight=weight[train_at])
    genre = replace(genre, temperature=temperature)
    spread = np.exp(held_out[labelled] / temperature)
    spread /= spread.sum(axis=1, keepdims=True)
    genre = replace(genre, threshold=round(float(np.quantile(spread.max(axis=1), 0.05)), 3))
    cross = float((held_out[labelled].argmax(axis=1) == labels[labelled]).mean())
    proba = np.concatenate([genre.predict_proba(rows[i]) for i in test_at])
    accuracy = float((proba.argmax(axis=1) == labels[test_at]).mean())
    say(f"genre: {accuracy:.3f} on {len(test_at)} test articles, {cross:.3f} across folds")
    seen = {fingerprint(f"{texts[i].title}\n{texts[i].text}") for i in train_at}
    memory = training.genre_memory([rows[i] for i in train_at], labels[train_at], genre.idf, seen=seen)
    return genre, memory, {"genre": {"test accuracy": round(accuracy, 4), "cross-validated accuracy": round(cross, 4)}}
