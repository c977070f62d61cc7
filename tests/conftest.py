"""A small model, built in seconds from the labelled articles, for tests that need one; the shipped one is not used."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier import training
from classifier.boundaries.context import CONTEXT_FEATURES
from classifier.boundaries.segmenter import Segmenter
from classifier.composing.compose import Composed, Draw
from classifier.composing.manuscript import Manuscript
from classifier.genres.genre import GenreModel
from classifier.genres.tfidf import Rows, article_rows
from classifier.model import Model, load_model, named_arrays, segmenter_settings
from classifier.modeldir import save_model
from classifier.text.tokens import make_cutter, tokenise
from classifier.training import Lexicon

LABELED = Path(__file__).resolve().parents[1] / "labeled"
KINDS = ("page", "mixed", "shorts", "spoken")


@dataclass(frozen=True)
class Text:
    """A labelled article."""

    name: str
    genre: str
    lines: tuple[str, ...]

    @property
    def whole(self) -> str:
        return "\n".join(self.lines)


def draw_stories(stories: list[Manuscript], *, count: int, seed: int) -> list[Draw]:
    """Draw the stories of ``count`` pages, of all kinds in turn."""
    rng = random.Random(seed)
    return [(rng.sample(stories, rng.randint(2, 6)), KINDS[number % len(KINDS)]) for number in range(count)]


@pytest.fixture(scope="session")
def texts() -> list[Text]:
    """Every labelled article, in name order."""
    found = []
    for path in sorted((LABELED / "articles").glob("*/*.txt")):
        lines = tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())
        found.append(Text(path.stem, path.parent.name, lines))
    return found


@pytest.fixture(scope="session")
def stories(texts: list[Text]) -> list[Manuscript]:
    """The articles that have a headline and a text, as stories to compose pages of."""
    return [
        Manuscript(title=text.lines[0], paragraphs=text.lines[1:])
        for text in texts
        if len(text.lines) > 1 and len(text.lines[0]) <= 45 and "上接" not in text.lines[0]
    ]


@pytest.fixture(scope="session")
def lexicon(texts: list[Text]) -> Lexicon:
    """Word vectors of 12 dimensions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("classifier.training.lexicon.LSA_DIMENSIONS", 24)
        patch.setattr("classifier.training.lexicon.VECTOR_DIMENSIONS", 12)
        return training.fit_lexicon([text.lines for text in texts], seed=0)


@pytest.fixture(scope="session")
def composed(stories: list[Manuscript]) -> list[Composed]:
    """Sixty-four pages to learn from."""
    return training.set_pages(draw_stories(stories, count=64, seed=3), seed=3)


@pytest.fixture(scope="session")
def segmenter(lexicon: Lexicon, composed: list[Composed], stories: list[Manuscript]) -> Segmenter:
    """Both passes, fitted loosely and calibrated."""
    draft = training.draft_segmenter(lexicon)
    sample = training.first_sample(composed, draft)
    first = training.fit_linear(sample, training.first_scale(sample), l2=8.0, iterations=25)
    context = training.second_sample(composed, draft, first=first)
    scale = np.ones(CONTEXT_FEATURES, dtype=np.float32)
    second = training.fit_linear(context, scale, l2=3.0, iterations=25)
    held_out = training.set_pages(draw_stories(stories, count=16, seed=77), seed=77)
    return training.calibrate_segmenter(training.install(draft, first, second), held_out)


def rows_of(text: Text) -> Rows:
    """Return the genre features of one article, its first line the headline."""
    ends = np.array([len(text.whole)], dtype=np.int64)
    head = np.array([len(text.lines[0])], dtype=np.int64)
    return article_rows(tokenise(text.whole, make_cutter()), np.zeros(1, dtype=np.int64), ends, head)


@pytest.fixture(scope="session")
def genre(texts: list[Text]) -> GenreModel:
    """The genre half, fitted on every labelled article."""
    genres = sorted({text.genre for text in texts})
    labels = np.array([genres.index(text.genre) for text in texts])
    return training.fit_genre([rows_of(text) for text in texts], labels, genres)


@pytest.fixture(scope="session")
def model_parts(
    lexicon: Lexicon, segmenter: Segmenter, genre: GenreModel
) -> tuple[dict[str, Any], dict[str, NDArray[np.generic]]]:
    """The configuration and the arrays of the small model, as ``save_model`` takes them. Copy before changing."""
    config: dict[str, Any] = {
        "name": "tiny",
        "genres": [{"id": name, "zh": name} for name in genre.genres],
        "genre": {"temperature": 0.3, "threshold": 0.2},
        "segmenter": {"alphabet": lexicon.alphabet, **segmenter_settings(segmenter)},
        "userdict": [],
        "training": {},
        "scores": {},
        "versions": {},
        "date": "2026-11-24",
    }
    return config, named_arrays(segmenter, genre)


@pytest.fixture(scope="session")
def model_dir(
    model_parts: tuple[dict[str, Any], dict[str, NDArray[np.generic]]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The small model in a directory. Copy before changing."""
    path = tmp_path_factory.mktemp("models") / "tiny"
    config, arrays = model_parts
    save_model(path, config=config, arrays=arrays)
    return path


@pytest.fixture(scope="session")
def model(model_dir: Path) -> Model:
    """The small model, loaded."""
    return load_model(model_dir)
