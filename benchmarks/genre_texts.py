"""The hand-labelled articles and the starter collection as rows, their splits, and the training of the genre model."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sources import BROADCAST_TEST_FROM, TEST_PAGES, TRAIN_UNTIL, Row, read
from classifier import training
from classifier.genres.genre import GenreModel, bend_scores
from classifier.genres.memory import Memory
from classifier.genres.tfidf import Rows, article_rows
from classifier.labelled import corpus as corpora
from classifier.labelled.duplicates import fingerprint
from classifier.metrics import Calibration
from classifier.text.tokens import make_cutter, tokenise

FOLDS = 5

UNKNOWN_SHARE = 0.05
"""Share of held-out articles that the shipped threshold leaves without a genre."""

KINDS = {"notices": "notice", "essays": "literature", "real-estate": "real-estate-advert"}
"""Corpora whose texts are nearly all of one genre."""

KIND_WEIGHT = 0.4
"""Weight of a text labelled by its corpus alone, not by hand (measured, docs/design.md)."""

PAGES_WEIGHT = 0.5
"""Weight of an article of a written page: they are many, and often a few lines long."""

MORE_LABELS = Path(__file__).with_name("more_labels.tsv")
"""Articles of the corpora labelled one by one for this project, by language models that read the annotators' guide and
decisions (docs/design.md), by their place in the corpus: the texts stay there."""

_SOURCES = {
    "peoples-daily-2026": "peoples-daily",
    "peoples-daily-2026-01": "peoples-daily",
    "web-news-2022": "web",
    "briefs-2022": "web",
    "agency-news-2026": "agency",
    "broadcast-news": "broadcast",
    "cnews": "cnews",
    "sogou": "sogou",
}
"""Corpora of articles without one of our genres, and the source that the hand-labelled articles call theirs."""

BROADCAST_SHARE = 7
"""Of so many broadcast items one is read without a label: they are many, and short."""

GUESS_WEIGHT = 0.1
"""Weight of an article whose label is a first model's guess (measured, docs/design.md)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text with its genre."""

    title: str
    text: str
    genre: str
    second: str
    source: str
    date: str
    more: bool = False
    """Labelled for this project, and not by the annotators of the corpora: trained on, but not tested on."""

    @property
    def weight(self) -> float:
        """Weight in training: less for texts that no one labelled one by one."""
        if self.source == "pages":
            return PAGES_WEIGHT
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
    return texts + more_texts(corpus) + own_texts(labeled) + page_texts(labeled) + kind_texts(corpus)


def _articles(corpus: Path, name: str) -> Iterator[tuple[int, int, Row, Row]]:
    """Yield row number, article number, row and article of a corpus; a row of one article is its own."""
    for number, row in enumerate(read(corpus, name)):
        for place, article in enumerate(row.get("articles", [row])):
            yield number, place, row, article


def more_texts(corpus: Path) -> list[Labelled]:
    """Return the articles that :data:`MORE_LABELS` names; all lie on the training side.

    Raises
    ------
    ValueError
        If a corpus is not the one that was labelled.
    """
    wanted: dict[tuple[str, int, int], tuple[str, str]] = {}
    for line in MORE_LABELS.read_text("utf-8").splitlines()[1:]:
        name, at, place, mark, genre = line.split("\t")
        wanted[name, int(at), int(place)] = mark, genre
    found = []
    for name in dict.fromkeys(name for name, _, _ in wanted):
        for number, order, row, article in _articles(corpus, name):
            if (key := (name, number, order)) not in wanted:
                continue
            mark, genre = wanted[key]
            if f"{zlib.crc32(article['text'].encode()):08x}" != mark:
                raise ValueError(f"{name}: article {order} of row {number} is not the one that was labelled")
            title = "" if name == "broadcast-news" else article.get("title") or ""
            found.append(Labelled(title, article["text"], genre, "", _SOURCES[name], row.get("date") or "", True))
    return found


def background_texts(corpus: Path) -> list[Labelled]:
    """Return the articles without labels that topics are learned from; none is of the test side."""
    found = []
    for name, source in _SOURCES.items():
        for number, place, row, article in _articles(corpus, name):
            date = row.get("date") or ""
            held_out = (source == "peoples-daily" and date > TRAIN_UNTIL) or (
                name == "broadcast-news" and (date >= BROADCAST_TEST_FROM or (number + place) % BROADCAST_SHARE)
            )
            if not held_out and article.get("kind", "article") in ("article", "ad") and len(article["text"]) > 60:
                found.append(Labelled(article.get("title") or "", article["text"], "", "", source, date))
    return found


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


def page_texts(labeled: Path) -> list[Labelled]:
    """Return the articles of the training pages of ``labeled/pages``, as they stand there."""
    found = []
    for page in sorted(corpora.load([str(labeled / "pages")]).pages, key=lambda page: page.path):
        name = Path(page.path).stem
        if name.startswith(TEST_PAGES):
            continue
        for text, genre in page.articles():
            first, _, rest = text.partition("\n")
            headed = len(first) <= 45 and not first.rstrip().endswith(("。", "，"))
            title, body = (first, rest) if headed and rest else ("", text)
            if genre:
                found.append(Labelled(title, body, genre, "", "pages", name))
    return found


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
    return np.array([zlib.crc32(text.group.encode()) % FOLDS for text in texts])


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What genre models are fitted on: labelled texts, their rows, and texts without labels."""

    texts: Sequence[Labelled]
    rows: Sequence[Rows]
    background: Sequence[Labelled]
    """Texts without labels; none is among ``texts``."""
    background_rows: Sequence[Rows]

    @classmethod
    def of(cls, corpus: Path, texts: Sequence[Labelled], rows: Sequence[Rows]) -> Material:
        """Return labelled texts with what the corpora hold beside them."""
        known = {text.text for text in texts}
        background = [text for text in background_texts(corpus) if text.text not in known]
        return cls(texts, rows, background, rows_of(background))

    @property
    def genres(self) -> list[str]:
        """The genres, in alphabetical order."""
        return sorted({text.genre for text in self.texts})

    @property
    def labels(self) -> NDArray[np.int64]:
        """The genre of each text, by its place in :attr:`genres`."""
        genres = self.genres
        return np.array([genres.index(text.genre) for text in self.texts])

    @property
    def weight(self) -> NDArray[np.float32]:
        """The weight of each text in training."""
        return np.array([text.weight for text in self.texts], dtype=np.float32)

    def without(self, source: str) -> Material:
        """Return the same without the unlabelled texts of a source."""
        kept = [i for i, text in enumerate(self.background) if text.source != source]
        return replace(
            self,
            background=[self.background[i] for i in kept],
            background_rows=[self.background_rows[i] for i in kept],
        )

    def topics(self, numbers: Sequence[int]) -> training.Topics:
        """Learn the topics of the texts ``numbers`` and of those without labels."""
        return training.fit_topics([self.rows[i] for i in numbers], self.background_rows)

    def fit(self, numbers: Sequence[int], topics: training.Topics, *, fold: int | None = None) -> GenreModel:
        """Fit a model on the texts ``numbers``, and once more on these and its own guesses for those without labels.

        Self-training (Scudder 1965). The unlabelled texts of ``fold`` are left out: they lie beside those that the
        model will be tested on.
        """
        genres, labels, weight = self.genres, self.labels[numbers], self.weight[numbers]
        rows = [self.rows[i] for i in numbers]
        first = training.fit_genre(rows, labels, genres, weight=weight, topics=topics)
        folds = fold_of(self.background)
        more = [row for row, at in zip(self.background_rows, folds.tolist(), strict=True) if at != fold]
        guesses = np.array([int(first.scores(row)[0].argmax()) for row in more], dtype=np.int64)
        return training.fit_genre(
            rows + more,
            np.concatenate([labels, guesses]),
            genres,
            weight=np.concatenate([weight, np.full(len(more), GUESS_WEIGHT, dtype=np.float32)]),
            topics=topics,
        )

    def cross_scores(self, topics: training.Topics) -> NDArray[np.float32]:
        """Return the scores that models give to the folds of the training side they were not fitted on; else 0."""
        from joblib import Parallel, delayed

        held_out = np.zeros((len(self.texts), len(self.genres)), dtype=np.float32)
        # Processes and not threads: liblinear draws from one generator for all of a process.
        for outside, scores in Parallel(n_jobs=2)(delayed(self._fold_scores)(topics, fold) for fold in range(FOLDS)):
            held_out[outside] = scores
        return held_out

    def _fold_scores(self, topics: training.Topics, fold: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the texts of a fold and the scores of a model that was not fitted on them."""
        folds = fold_of(self.texts)
        side = np.flatnonzero([not text.is_test for text in self.texts])
        inside, outside = side[folds[side] != fold], side[folds[side] == fold]
        part = self.fit(inside.tolist(), topics, fold=fold)
        return outside, np.concatenate([part.scores(self.rows[i]) for i in outside])


def train(corpus: Path, labeled: Path, *, say: Callable[[str], None]) -> tuple[GenreModel, Memory, dict[str, Any]]:
    """Fit and calibrate the genre model on everything but the test side; return it, its memory and its scores."""
    texts = load(corpus, labeled)
    rows = rows_of(texts)
    material = Material.of(corpus, texts, rows)
    labels = material.labels
    test = np.array([text.is_test for text in texts])
    train_at, test_at = np.flatnonzero(~test).tolist(), np.flatnonzero(test).tolist()
    topics = material.topics(train_at)
    say("genre: topics")
    genre = material.fit(train_at, topics)
    say("genre: fitted")
    held_out = bend_scores(material.cross_scores(topics), genre.bend)
    # Those labelled for this project were chosen for being hard, and the starter collection was written: neither says
    # how often an article of a newspaper is labelled right.
    found = np.array([not text.more and text.source not in ("own", "pages") for text in texts])
    labelled = np.flatnonzero(~test & (material.weight == 1.0) & found)
    temperature = training.fit_temperature(held_out[labelled], labels[labelled])
    genre = replace(genre, temperature=temperature)
    spread = np.exp(held_out[labelled] / temperature)
    spread /= spread.sum(axis=1, keepdims=True)
    genre = replace(genre, threshold=round(float(np.quantile(spread.max(axis=1), UNKNOWN_SHARE)), 3))
    hits = held_out[labelled].argmax(axis=1) == labels[labelled]
    cross = float(hits.mean())
    cross_error = Calibration.of_pairs(spread.max(axis=1), hits).ece
    proba = np.concatenate([genre.predict_proba(rows[i]) for i in test_at])
    right = proba.argmax(axis=1) == labels[test_at]
    error = Calibration.of_pairs(proba.max(axis=1), right).ece
    say(f"genre: {right.mean():.3f} of {len(test_at)} test articles, calibration error {error:.3f}, folds {cross:.3f}")
    seen = {fingerprint(f"{texts[i].title}\n{texts[i].text}") for i in train_at}
    memory = training.genre_memory([rows[i] for i in train_at], labels[train_at], genre.idf, seen=seen)
    scores = {
        "test accuracy": round(float(right.mean()), 4),
        "test calibration error": round(error, 4),
        "cross-validated accuracy": round(cross, 4),
        "cross-validated calibration error": round(cross_error, 4),
    }
    return genre, memory, {"genre": scores}
