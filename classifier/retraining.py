"""Retraining: from labelled data to a model directory.

Starts from a fitted model and its memory, so that a user needs none of the corpora that it was trained on. Nothing here
prints: :func:`train` says how far it is through a callback.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import atomic
from classifier.errors import BelowFloorError, LabelError, ModelError, UsageError
from classifier.evaluation import Evaluation, Items, describe, score_genres, score_pages, select_items
from classifier.genres.genre import GenreModel, bend_scores
from classifier.genres.memory import Memory
from classifier.labelled import annotation, checks, duplicates, holdout
from classifier.labelled import corpus as corpora
from classifier.labelled.corpus import Corpus, LabelledPage, LabelledText
from classifier.model import Model, load_model, named_arrays, segmenter_settings
from classifier.modeldir import CONFIG, obstacle, save_model
from classifier.rendering.listing import counted
from classifier.text.tokens import Cutter, make_cutter, read_userdict

FIRST_TEMPERATURE = 0.35
"""Temperature of genres learned from nothing, where too few texts are held out to fit it."""

Say = Callable[[str], None]

TOLERANCE = 0.01
"""Share of the held-out answers a new model may lose. One answer more or less of a hundred is chance, and so is the
first one of fewer."""

FEW_TEXTS = 10
"""Fewer held-out texts than this say nothing of calibration."""


@dataclass(frozen=True, slots=True)
class Options:
    """What ``banmian train`` can be asked for."""

    base: str = "default"
    """A model to start from; ``none`` to learn the genres from the labelled data alone."""
    drop: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    userdict: Path | None = None
    allow_regression: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a training run."""

    model: str
    """Name and digest."""
    held_out: Evaluation
    """Of a model fitted without the held-out part, on that part."""
    texts: int
    pages: int
    seconds: float
    compared: str
    """How the new model compares with the one before, in a line."""


def train(paths: Sequence[str], output: Path, options: Options, *, say: Say = lambda _: None) -> Report:
    """Train a model on labelled data and write it.

    Raises
    ------
    LabelError
        If the data cannot be used.
    BelowFloorError
        If the new model is worse than the one it replaces, or starts from, or lacks genres of the one it replaces;
        nothing is written then.
    UsageError
        If the output cannot be written, or a genre to drop or rename is not there.
    """
    started = time.perf_counter()
    probe(output)
    if atomic.bring_back(output):
        say(f"{output}: the model that a killed run had moved aside is back")
    base = load_model("default" if options.base == "none" else options.base, mapped=False)
    corpus = corpora.load(paths)
    _check_names(corpus.genres, base, options)
    corpus = _renamed(corpus, options.rename)
    words = {str(word): freq for word, freq in base.config["userdict"]}
    if options.userdict is not None:
        words |= dict(read_userdict(options.userdict))
    cutter = make_cutter(words.items())
    start = _start(base, corpus, options)
    replaced = _replaced(output, say=say)
    if replaced is not None:
        _check_lost(replaced, start.genres, output, options, say=say)
    sizes = f"{counted(len(corpus.texts), 'text')} and {counted(len(corpus.pages), 'page')}"
    say(f"{sizes} of {counted(len(corpus.genres), 'genre')}")
    for line in corpus.ignored:
        say(line)
    for finding in checks.rare_genres(corpus, known=base.genres if options.base != "none" else ()):
        say(finding)
    items = describe(corpus, cutter)
    out = _hold_out(corpus, seed=options.seed)
    if any(out):
        say(f"fitting without {sum(out):,} held out")
    trial = _fit(start, corpus, items, [not held for held in out], cutter, seed=options.seed)
    part = _part(corpus, out)
    held_items = select_items(items, out)
    held_out = Evaluation(*score_genres(trial.genre, held_items), score_pages(trial, part.pages))
    reference = replaced or (base if options.base != "none" else None)
    compared = _compare(trial, reference, corpus, items, out, options=options)
    say(compared)
    say("fitting on everything")
    model = _fit(start, corpus, items, [True] * len(out), cutter, seed=options.seed, held_out=(trial.genre, held_items))
    memory = _remember(start, model.genre, items, corpus)
    config = _config(model, output, corpus, held_out, words=words, options=options, base=base)
    save_model(output, config=config, arrays=named_arrays(model.segmenter, model.genre) | memory.arrays())
    written = load_model(str(output))
    seconds = time.perf_counter() - started
    return Report(written.id, held_out, len(corpus.texts), len(corpus.pages), seconds, compared)


def probe(output: Path) -> None:
    """Make sure that a model can be written, before the work of training it.

    Raises
    ------
    UsageError
        If it cannot, or if there is something that is no model and would be lost.
    """
    if not output.name:
        raise UsageError(f"-o {output}: names no directory of its own; give a new name, such as models/mine")
    trial = output.with_name(f".{output.name}.{secrets.token_hex(4)}.probe")
    try:
        if (why := obstacle(output)) is not None:
            raise UsageError(f"-o {output}: {why}; choose another name")
        output.parent.mkdir(parents=True, exist_ok=True)
        trial.mkdir()
        trial.rmdir()
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"-o {output}: {reason}; give a directory that can be written") from error


def _renamed(corpus: Corpus, rename: Mapping[str, str]) -> Corpus:
    """Return the corpus with its genres under their new names."""
    if not rename:
        return corpus
    texts = [replace(text, genre=rename.get(text.genre, text.genre)) for text in corpus.texts]
    pages = [replace(page, genres=tuple(rename.get(genre, genre) for genre in page.genres)) for page in corpus.pages]
    return replace(corpus, texts=tuple(texts), pages=tuple(pages))


@dataclass(frozen=True, slots=True)
class _Start:
    """What is fitted from: ``genre`` None to learn genres from nothing."""

    model: Model
    genre: GenreModel | None
    memory: Memory
    genres: tuple[str, ...]


def _start(base: Model, corpus: Corpus, options: Options) -> _Start:
    """Return where to start from and the genres there will be, after checking that they can be learned."""
    from classifier.training.genres import rename_genres

    found = corpus.genres
    if options.base == "none":
        count = corpus.count()
        if len(found) < 2:
            raise LabelError("fewer than two genres; label more, or start from the shipped model with --base default")
        if few := [name for name in found if count[name] < 2]:
            raise LabelError(f"{few[0]}: only one text of this genre; add more, or use --base default")
        return _Start(base, None, Memory.empty(), tuple(found))
    if lost := sorted(set(found) & set(options.drop)):
        where = next(where for where, _, genre in corpus.items() if genre == lost[0])
        raise UsageError(f"--drop {lost[0]}: {where} is labelled so; label it otherwise, or do not drop the genre")
    genre, memory = base.genre, base.memory
    if options.drop or options.rename:
        genre, memory = rename_genres(genre, memory, drop=options.drop, rename=options.rename)
    new = [name for name in found if name not in genre.genres]
    if not genre.genres and len(new) < 2:
        raise UsageError("--drop: no genre would be left")
    if new and not len(memory.labels) and len(found) < 2:
        raise ModelError(
            f"{base.path}: keeps no rows of its training texts, so that {new[0]} cannot be told from its genres; "
            "start from another model, or label texts of other genres too"
        )
    return _Start(base, genre, memory, (*genre.genres, *new))


def _check_names(found: Sequence[str], base: Model, options: Options) -> None:
    """Make sure that what is to be dropped is a genre of the base, and what is to be renamed one of it or labelled.

    ``found`` are the genres of the labelled data, under their old names.
    """
    if options.drop and options.base == "none":
        raise UsageError(f"--drop {options.drop[0]}: with --base none there is nothing to drop; leave the option out")
    known = set(base.genres) if options.base != "none" else set()
    lists = f"banmian info -m {options.base} lists these"
    for name in options.drop:
        if name not in known:
            raise UsageError(f"--drop {name}: not a genre of the model to start from; {lists}")
        if name in options.rename:
            raise UsageError(f"--drop {name}: to be renamed as well; give one of the two")
    for name in options.rename:
        if name not in known and name not in found:
            where = "" if options.base == "none" else f" nor of the model to start from; {lists}"
            raise UsageError(f"--rename {name}: no genre of the labelled texts{where or '; correct the name'}")
    for name in options.rename.values():
        if problem := annotation.genre_problem(name):
            raise UsageError(f"--rename: {problem}")


def _hold_out(corpus: Corpus, *, seed: int) -> list[bool]:
    """Tell which texts and, after these, which pages to hold out."""
    texts = [text.text for text in corpus.texts] + [page.text for page in corpus.pages]
    kinds = [f"text {text.genre}" for text in corpus.texts] + ["page"] * len(corpus.pages)
    return holdout.hold_out(texts, kinds, seed=seed)


def _part(corpus: Corpus, mask: Sequence[bool]) -> Corpus:
    """Return the texts and pages that ``mask`` marks."""
    n = len(corpus.texts)
    texts: list[LabelledText] = [text for text, keep in zip(corpus.texts, mask[:n], strict=True) if keep]
    pages: list[LabelledPage] = [page for page, keep in zip(corpus.pages, mask[n:], strict=True) if keep]
    return Corpus(tuple(texts), tuple(pages), corpus.names)


def _fit(
    start: _Start,
    corpus: Corpus,
    items: Items,
    mask: Sequence[bool],
    cutter: Cutter,
    *,
    seed: int,
    held_out: tuple[GenreModel, Items] | None = None,
) -> Model:
    """Fit both halves on the part that ``mask`` marks.

    ``held_out`` are a model that was fitted on a part, and the rest, from which to learn the temperature.
    """
    from classifier.training.boundaries import adapt_segmenter

    pages = [page.composed for page in _part(corpus, mask).pages]
    segmenter = adapt_segmenter(start.model.segmenter, pages, cutter=cutter)
    genre = _fit_genre(start, select_items(items, mask), seed=seed)
    if held_out is not None and len(held_out[1].rows) >= FEW_TEXTS:
        genre = _calibrated(genre, start, *held_out)
    return replace(start.model, segmenter=segmenter, genre=genre, cutter=cutter)


def _fit_genre(start: _Start, items: Items, *, seed: int) -> GenreModel:
    """Fit the genres anew, or move those that are started from."""
    from classifier.training.genres import adapt_genre, fit_genre

    labels = _numbers(start, items)
    if start.genre is not None:
        if not items.rows:
            return start.genre
        return adapt_genre(start.genre, items.rows, labels, start.genres, start.memory, folds=0)
    if not items.rows:
        raise LabelError("too few texts to hold any out; label more, or start from the shipped model")
    return replace(fit_genre(items.rows, labels, start.genres, seed=seed), temperature=FIRST_TEMPERATURE)


def _calibrated(genre: GenreModel, start: _Start, trial: GenreModel, rest: Items) -> GenreModel:
    """Return the genre model with the temperature, and a new one with the threshold, that ``trial`` has on the rest."""
    from classifier.training.genres import blend_temperature

    scores = bend_scores(np.concatenate([trial.scores(rows) for rows in rest.rows]), trial.bend)
    prior = None if start.genre is None else start.genre.temperature
    genre = replace(genre, temperature=blend_temperature(prior, scores, _numbers(start, rest)))
    if start.genre is None:
        proba = replace(trial, temperature=genre.temperature)
        best = [float(proba.predict_proba(rows).max()) for rows in rest.rows]
        genre = replace(genre, threshold=round(float(np.quantile(best, 0.05)), 3))
    return genre


def _numbers(start: _Start, items: Items) -> NDArray[np.int64]:
    """Return the genre of each text as its number among those there will be."""
    return np.array([start.genres.index(genre) for genre in items.genres], dtype=np.int64)


def _replaced(output: Path, *, say: Say) -> Model | None:
    """Return the model that stands where the new one is to be, if it can be loaded."""
    if not (output / CONFIG).is_file():
        return None
    try:
        return load_model(str(output), mapped=False)
    except ModelError as error:
        say(f"the model to be replaced cannot be compared with: {error.message}")
        return None


def _check_lost(replaced: Model, genres: Sequence[str], output: Path, options: Options, *, say: Say) -> None:
    """Make sure that no genre of the model to be replaced is forgotten unasked, which happens without ``--base``.

    Raises
    ------
    BelowFloorError
        If one is, unless that is allowed: it is said then.
    """
    asked = {*options.drop, *options.rename}
    lost = [genre for genre in replaced.genres if genre not in genres and genre not in asked]
    if not lost:
        return
    fact = f"{output} knew {', '.join(lost[:5])}{f' and {len(lost) - 5} more' if len(lost) > 5 else ''}"
    if options.allow_regression:
        say(f"{fact}; the new model does not")
        return
    raise BelowFloorError(
        f"{fact}, which the new model would not; start from it with --base {output}, choose another -o, or pass "
        "--allow-regression"
    )


def _compare(
    trial: Model,
    reference: Model | None,
    corpus: Corpus,
    items: Items,
    out: Sequence[bool],
    *,
    options: Options,
) -> str:
    """Compare a new model with the one before on held-out texts that this has not seen; return how, in a line.

    Raises
    ------
    BelowFloorError
        If the new one is worse, unless that is allowed.
    """
    if reference is None:
        return "no model to compare with"
    if not any(out):
        return f"not compared with {reference.id}: too few texts and pages to hold any out"
    fresh = _unseen(reference, corpus, out)
    ours = theirs = select_items(items, fresh)
    if reference.config["userdict"] or options.userdict:
        theirs = select_items(describe(corpus, reference.cutter), fresh)
    found = [
        _compare_genres(trial.genre, reference.genre, ours, theirs),
        _compare_pages(trial, reference, _part(corpus, fresh).pages),
    ]
    parts = "; ".join(line for line, _ in found if line)
    if not parts:
        return f"not compared with {reference.id}: {_why_not(sum(fresh), sum(out))}"
    if any(worse for _, worse in found) and not options.allow_regression:
        raise BelowFloorError(
            f"the new model is worse than {reference.id} ({parts}) and was not written; "
            "check the labels with banmian check, or pass --allow-regression"
        )
    return f"held out, against {reference.id}: {parts}"


def _why_not(fresh: int, held: int) -> str:
    """Return why nothing of what is held out tells of another model, ``fresh`` of which this one has not seen."""
    if not fresh:
        return "it was trained on all that is held out"
    if fresh == held:
        return "it knows no genre of the texts held out"
    return f"it was trained on {held - fresh:,} of {held:,} held out, and knows no genre of the others"


def _compare_genres(new: GenreModel, old: GenreModel, ours: Items, theirs: Items) -> tuple[str, bool]:
    """Count the texts that each of two models has right, of the genres both know; return how, and whether it is worse.

    ``ours`` and ``theirs`` are the same texts, as the words of the new model and of the old one cut them.
    """
    both = set(old.genres) & set(new.genres)
    shared = [number for number, genre in enumerate(ours.genres) if genre in both]
    if not shared:
        return "", False
    now, before = _right(new, ours, shared), _right(old, theirs, shared)
    return f"genre {now}/{len(shared)} right, before {before}", _is_worse(before - now, len(shared))


def _compare_pages(new: Model, old: Model, pages: Sequence[LabelledPage]) -> tuple[str, bool]:
    """Compare the articles two models find on pages; return how, and whether the new one is worse."""
    if not pages:
        return "", False
    now, before = score_pages(new, pages).article, score_pages(old, pages).article
    total = now.tp + now.fn
    line = f"articles on pages F1 {now.f1:.3f}, before {before.f1:.3f}"
    return line, _is_worse((before.f1 - now.f1) * total, total)


def _unseen(reference: Model, corpus: Corpus, out: Sequence[bool]) -> list[bool]:
    """Return which texts and pages are held out and were none of those that the reference was trained on."""
    seen = set(reference.memory.seen.tolist())
    whole = [text.text for text in corpus.texts] + [page.text for page in corpus.pages]
    prints = [duplicates.fingerprint(text) for text in whole]
    return [held and mark not in seen for held, mark in zip(out, prints, strict=True)]


def _right(genre: GenreModel, items: Items, numbers: Iterable[int]) -> int:
    return sum(genre.genres[int(genre.scores(items.rows[i])[0].argmax())] == items.genres[i] for i in numbers)


def _is_worse(lost: float, cases: int) -> bool:
    return lost > max(1.0, TOLERANCE * cases)


def _remember(start: _Start, genre: GenreModel, items: Items, corpus: Corpus) -> Memory:
    """Return what the new model keeps: of the user's texts first, then of what its base kept."""
    from classifier.training.memory import extend_memory

    seen = {duplicates.fingerprint(text) for _, text, _ in corpus.items()}
    seen |= {duplicates.fingerprint(page.text) for page in corpus.pages} | set(start.memory.seen.tolist())
    return extend_memory(start.memory, items.rows, _numbers(start, items), genre.idf, seen=seen)


def _config(
    model: Model,
    output: Path,
    corpus: Corpus,
    held_out: Evaluation,
    *,
    words: Mapping[str, int | None],
    options: Options,
    base: Model,
) -> dict[str, Any]:
    """Return the configuration of the new model; nothing in it tells the time or the place it was made."""
    names = {entry["id"]: entry.get("zh", entry["id"]) for entry in base.config["genres"]} | corpus.names
    facts = held_out.facts()
    for part in facts.values():
        part.pop("confusion", None)
    return {
        "name": output.name,
        "genres": [{"id": genre, "zh": names.get(genre, genre)} for genre in model.genre.genres],
        "genre": {
            "temperature": model.genre.temperature,
            "threshold": model.genre.threshold,
            "bend": model.genre.bend,
        },
        "segmenter": {**base.config["segmenter"], **segmenter_settings(model.segmenter)},
        "userdict": [[word, freq] for word, freq in sorted(words.items())],
        "training": {
            "base": base.id if options.base != "none" else None,
            "boundaries from": base.id,
            "labelled data": corpus.digest,
            "texts": len(corpus.texts),
            "pages": len(corpus.pages),
            "seed": options.seed,
        },
        "scores": {"held out": facts},
        "versions": {name: metadata.version(name) for name in ("numpy", "scikit-learn", "scipy")},
        "date": base.config["date"],
    }
