"""Retraining from a small model and its memory, without the texts that it was made from."""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier import retraining, training
from classifier.composing.manuscript import Manuscript
from classifier.errors import BelowFloorError, LabelError, ModelError, UsageError
from classifier.evaluation import evaluate
from classifier.genres.genre import GenreModel
from classifier.genres.memory import Memory
from classifier.labelled import corpus, holdout
from classifier.model import Model, load_model
from classifier.modeldir import save_model
from classifier.retraining import Options, Report
from tests.conftest import Text, rows_of
from tests.job_adverts import job_adverts
from tests.renaming import killed_between_renames

Train = Callable[..., Report]
Parts = tuple[dict[str, Any], dict[str, NDArray[np.generic]]]


@pytest.fixture(scope="session")
def memory(texts: list[Text], genre: GenreModel) -> Memory:
    labels = np.array([genre.genres.index(text.genre) for text in texts])
    return training.genre_memory([rows_of(text) for text in texts], labels, genre.idf)


@pytest.fixture(scope="session")
def base_dir(model_parts: Parts, memory: Memory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model with its memory, which says nothing of what it has seen."""
    path = tmp_path_factory.mktemp("models") / "base"
    config, arrays = model_parts
    save_model(path, config=config, arrays=arrays | memory.arrays())
    return path


@pytest.fixture(scope="session")
def base(base_dir: Path) -> Model:
    return load_model(base_dir)


@pytest.fixture
def train(base_dir: Path, tmp_path: Path) -> Train:
    def run(*labelled: Path, output: Path = tmp_path / "mine", **options: Any) -> Report:
        return retraining.train([str(path) for path in labelled], output, Options(**{"base": str(base_dir)} | options))

    return run


def write_texts(top: Path, genre: str, texts: list[str]) -> Path:
    folder = top / genre
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number:03}.txt").write_text(text, "utf-8")
    return top


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_model_can_be_replaced_while_nothing_maps_it(base_dir: Path, tmp_path: Path) -> None:
    """Windows would not let it be renamed."""
    mine = shutil.copytree(base_dir, tmp_path / "mine")
    seen: list[bool] = []

    def say(_: str) -> None:
        seen.append(str(mine) in Path("/proc/self/maps").read_text("utf-8"))

    held = load_model(mine)
    say("the file is found where it is mapped")
    del held
    labelled = write_texts(tmp_path / "new", "jobs", job_adverts())
    options = Options(base=str(mine), allow_regression=True)
    retraining.train([str(labelled)], mine, options, say=say)
    assert seen[0]
    assert len(seen) > 3
    assert not any(seen[1:])


def accuracy(model: Model, texts: list[Text]) -> float:
    return sum(model.classify(text.whole, threshold=0).genre == text.genre for text in texts) / len(texts)


# --- Memory ---


def test_a_model_without_memory_has_an_empty_one(model: Model) -> None:
    assert len(model.memory.labels) == 0


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("memory.columns", lambda array: array + (1 << 20)),
        ("memory.labels", lambda array: array + 100),
        ("memory.pointers", lambda array: array[::-1].copy()),
        ("memory.values", lambda array: array * np.float16(np.nan)),
        ("memory.values", lambda array: array[:-1]),
        ("memory.seen", lambda _: np.zeros((1, 2))),
    ],
)
def test_a_spoilt_memory_is_refused(
    name: str, spoil: Callable[[Any], Any], model_parts: Parts, memory: Memory, tmp_path: Path
) -> None:
    config, arrays = model_parts
    spoilt = arrays | memory.arrays()
    spoilt[name] = spoil(spoilt[name])
    save_model(tmp_path / "m", config=config, arrays=spoilt)
    with pytest.raises(ModelError, match="kept rows"):
        _ = load_model(tmp_path / "m").memory


# --- New genres ---


def test_a_dozen_texts_make_a_new_genre(train: Train, base: Model, texts: list[Text], tmp_path: Path) -> None:
    adverts = job_adverts()
    write_texts(tmp_path / "labels", "job-advert", adverts[:12])
    train(tmp_path / "labels")
    mine = load_model(tmp_path / "mine")
    assert mine.genres == (*base.genres, "job-advert")
    hits = sum(mine.classify(text, threshold=0).genre == "job-advert" for text in adverts[12:])
    false = sum(mine.classify(text.whole, threshold=0).genre == "job-advert" for text in texts)
    assert 2 * hits / (len(adverts[12:]) + hits + false) >= 0.8
    assert accuracy(mine, texts) >= accuracy(base, texts) - 0.01


def test_nothing_is_said_of_nothing_held_out(base_dir: Path, tmp_path: Path) -> None:
    labels = write_texts(tmp_path / "labels", "job-advert", job_adverts()[:2])
    said: list[str] = []
    retraining.train([str(labels)], tmp_path / "mine", Options(base=str(base_dir)), say=said.append)
    assert said[0] == "2 texts and 0 pages of 1 genre"
    assert any("too few texts and pages to hold any out" in line for line in said)
    assert not any(line.startswith("fitting without") for line in said)


def test_a_model_made_by_training_can_be_trained_on(train: Train, tmp_path: Path) -> None:
    adverts = job_adverts()
    write_texts(tmp_path / "one", "job-advert", adverts[:12])
    train(tmp_path / "one")
    other = ["".join(random.Random(seed).sample("风雨云雷雪霜露雾晴阴" * 8, 60)) + "。" for seed in range(12)]
    write_texts(tmp_path / "two", "weather", other)
    train(tmp_path / "two", base=str(tmp_path / "mine"), output=tmp_path / "more")
    more = load_model(tmp_path / "more")
    assert more.genres[-2:] == ("job-advert", "weather")
    assert sum(more.classify(text, threshold=0).genre == "job-advert" for text in adverts[12:]) >= 5
    assert set(load_model(tmp_path / "mine").memory.seen) <= set(more.memory.seen)


def test_the_users_label_wins(train: Train, base: Model, texts: list[Text], tmp_path: Path) -> None:
    changed = [text for text in texts if text.genre == "sports"][:8]
    write_texts(tmp_path / "labels", "society", [text.whole for text in changed])
    train(tmp_path / "labels", allow_regression=True)
    mine = load_model(tmp_path / "mine")
    assert all(base.classify(text.whole, threshold=0).genre == "sports" for text in changed)
    assert all(mine.classify(text.whole, threshold=0).genre == "society" for text in changed)


def test_genres_are_renamed_joined_and_dropped(train: Train, base: Model, texts: list[Text], tmp_path: Path) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts()[:12])
    train(tmp_path / "labels", drop=("military",), rename={"sports": "games", "notice": "job-advert"})
    mine = load_model(tmp_path / "mine")
    assert "games" in mine.genres
    assert not {"sports", "military", "notice"} & set(mine.genres)
    assert len(mine.genres) == len(set(mine.genres)) == len(base.genres) - 1
    found = [mine.classify(text.whole, threshold=0).genre for text in texts if text.genre in ("sports", "notice")]
    assert sum(genre in ("games", "job-advert") for genre in found) >= 0.9 * len(found)


def test_from_nothing(train: Train, base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.modeldir.shipped", lambda: base_dir)
    other = ["".join(random.Random(seed).sample("风雨云雷雪霜露雾晴阴" * 8, 60)) + "。" for seed in range(12)]
    write_texts(write_texts(tmp_path / "labels", "job-advert", job_adverts()), "weather", other)
    report = train(tmp_path / "labels", base="none")
    mine = load_model(tmp_path / "mine")
    assert mine.genres == ("job-advert", "weather")
    assert report.held_out.genre.accuracy == 1.0
    assert mine.config["training"]["base"] is None


# --- Refusals ---


def test_a_worse_model_is_refused(
    train: Train, texts: list[Text], model_parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A model of every second text of six genres; the others, mislabelled but for those held out.
    names = sorted({text.genre for text in texts})[-6:]
    some = [text for text in texts if text.genre in names]
    known, other = some[::2], some[1::2]
    labels = np.array([names.index(text.genre) for text in known])
    rows = [rows_of(text) for text in known]
    genre = training.fit_genre(rows, labels, names)
    config, arrays = model_parts
    fitted = {"genre.idf": genre.idf, "genre.weights": genre.weights, "genre.bias": genre.bias}
    memory = training.genre_memory(rows, labels, genre.idf)
    config = config | {"genres": [{"id": name} for name in names]}
    save_model(tmp_path / "six", config=config, arrays=arrays | fitted | memory.arrays())
    out = {text.whole: number % 4 == 0 for number, text in enumerate(other)}
    for number, text in enumerate(other):
        wrong = names[(names.index(text.genre) + 1) % 6]
        folder = tmp_path / "labels" / (text.genre if out[text.whole] else wrong)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_text(text.whole, "utf-8")
    monkeypatch.setattr(holdout, "hold_out", lambda found, _kinds, seed: [out[text] for text in found if seed == 0])
    with pytest.raises(BelowFloorError, match=r"worse than tiny@.*--allow-regression"):
        train(tmp_path / "labels", base=str(tmp_path / "six"))
    assert not (tmp_path / "mine").exists()
    train(tmp_path / "labels", base=str(tmp_path / "six"), allow_regression=True)
    assert load_model(tmp_path / "mine").name == "mine"


def test_what_the_old_model_was_trained_on_is_not_held_against_the_new(train: Train, tmp_path: Path) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    train(tmp_path / "labels")
    assert train(tmp_path / "labels").compared.endswith(": it was trained on all that is held out")


def weather(count: int = 12) -> list[str]:
    return ["".join(random.Random(seed).sample("风雨云雷雪霜露雾晴阴" * 8, 60)) + "。" for seed in range(count)]


def test_a_model_of_other_genres_is_not_compared_and_it_is_said_why(train: Train, tmp_path: Path) -> None:
    compared = train(write_texts(tmp_path / "labels", "weather", weather())).compared
    assert compared.endswith(": it knows no genre of the texts held out")


def test_what_the_replaced_model_learned_is_not_lost_unasked(train: Train, base_dir: Path, tmp_path: Path) -> None:
    jobs = write_texts(tmp_path / "jobs", "job-advert", job_adverts()[:12])
    other = write_texts(tmp_path / "other", "weather", weather())
    mine = tmp_path / "mine"
    train(jobs)
    before = load_model(mine).id
    with pytest.raises(BelowFloorError, match=r"mine knew job-advert, which .*--base .*mine.*--allow-regression"):
        train(other)
    assert load_model(mine).id == before
    said: list[str] = []
    options = Options(base=str(base_dir), allow_regression=True)
    retraining.train([str(other)], mine, options, say=said.append)
    assert f"{mine} knew job-advert; the new model does not" in said
    assert "job-advert" not in load_model(mine).genres
    train(jobs, base=str(mine))
    train(other, base=str(mine), drop=("job-advert",))
    assert "job-advert" not in load_model(mine).genres


@pytest.mark.parametrize("there", ["file", "folder", "config of another program", "link", "below a file", "root"])
def test_an_output_that_cannot_be_is_refused_first(there: str, train: Train, tmp_path: Path) -> None:
    output = tmp_path / "mine"
    if there == "file":
        output.write_text("mine")
    elif there == "folder":
        output.mkdir()
        (output / "diary.txt").write_text("mine")
    elif there == "config of another program":
        output.mkdir()
        (output / "config.json").write_text("{}")
    elif there == "link":
        output.symlink_to(tmp_path)
    elif there == "below a file":
        (tmp_path / "file").write_text("mine")
        output = tmp_path / "file" / "mine"
    else:
        output = Path("/")
    # The labelled data does not exist: the output is looked at before.
    with pytest.raises(UsageError, match="-o "):
        train(tmp_path / "gone", output=output)


@pytest.mark.parametrize(
    ("options", "error", "fact"),
    [
        ({"drop": ("gone",)}, UsageError, "--drop gone: not a genre of the model to start from; banmian info -m "),
        ({"rename": {"gone": "new"}}, UsageError, "--rename gone: no genre of the labelled texts nor of the model"),
        ({"drop": ("sports",), "rename": {"sports": "new"}}, UsageError, "--drop sports: to be renamed as well"),
        ({"rename": {"law": "a/b"}}, UsageError, "cannot be a genre"),
        ({"drop": ("law",)}, UsageError, r"--drop law: \S*law\S* is labelled so"),
        ({"base": "nowhere"}, ModelError, "nowhere"),
        ({"userdict": Path("gone.txt")}, LabelError, "gone.txt"),
    ],
)
def test_wrong_options(
    options: dict[str, Any], error: type[Exception], fact: str, train: Train, texts: list[Text], tmp_path: Path
) -> None:
    write_texts(tmp_path / "labels", "law", [text.whole for text in texts if text.genre == "law"])
    with pytest.raises(error, match=fact):
        train(tmp_path / "labels", **options)
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        ({"drop": ("law",)}, "--drop law: with --base none there is nothing to drop"),
        ({"rename": {"law": "new"}}, "--rename law: no genre of the labelled texts; correct"),
    ],
)
def test_from_nothing_the_genres_of_no_model_are_changed(
    options: dict[str, Any],
    fact: str,
    train: Train,
    base_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("classifier.modeldir.shipped", lambda: base_dir)
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    with pytest.raises(UsageError, match=fact):
        train(tmp_path / "labels", base="none", **options)


def test_ones_own_genre_is_renamed(train: Train, base: Model, tmp_path: Path) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts()[:12])
    train(tmp_path / "labels", rename={"job-advert": "jobs"})
    assert load_model(tmp_path / "mine").genres == (*base.genres, "jobs")


def test_one_genre_alone_cannot_be_learned_from_nothing(
    train: Train, base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.modeldir.shipped", lambda: base_dir)
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    with pytest.raises(LabelError, match="fewer than two genres"):
        train(tmp_path / "labels", base="none")


def test_without_memory_a_genre_alone_cannot_be_learned(train: Train, model_dir: Path, tmp_path: Path) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    with pytest.raises(ModelError, match="keeps no rows"):
        train(tmp_path / "labels", base=str(model_dir))


@pytest.mark.parametrize("when", ["genres.adapt_genre", "memory.extend_memory"])
def test_what_interrupts_training_leaves_the_old_model(
    when: str, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    train(tmp_path / "labels")
    before = load_model(tmp_path / "mine").id

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"classifier.training.{when}", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "labels", seed=1)
    assert load_model(tmp_path / "mine").id == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels", "mine"]


# --- The rest of the contract ---


def test_the_same_data_give_the_same_bytes(train: Train, tmp_path: Path) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    outputs = [tmp_path / "one" / "mine", tmp_path / "two" / "mine"]
    for output in outputs:
        train(tmp_path / "labels", output=output)
    for name in ("config.json", "weights.safetensors"):
        assert outputs[0].joinpath(name).read_bytes() == outputs[1].joinpath(name).read_bytes()
    assert str(tmp_path) not in outputs[0].joinpath("config.json").read_text("utf-8")


def test_words_of_ones_own_are_kept(train: Train, tmp_path: Path) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    (tmp_path / "words.txt").write_text("秩序维护员 500 n\n学府教育集团\n", "utf-8")
    train(tmp_path / "labels", userdict=tmp_path / "words.txt")
    mine = load_model(tmp_path / "mine")
    assert mine.config["userdict"] == [["学府教育集团", None], ["秩序维护员", 500]]
    assert "秩序维护员" in mine.cutter.cut("招秩序维护员三名")


def test_a_model_that_a_killed_run_moved_aside_is_back_before_it_is_compared_with(
    base_dir: Path, tmp_path: Path
) -> None:
    killed_between_renames(shutil.copytree(base_dir, tmp_path / "mine"))
    said: list[str] = []
    with pytest.raises(LabelError):
        retraining.train([str(tmp_path / "gone")], tmp_path / "mine", Options(base=str(base_dir)), say=said.append)
    assert len(said) == 1
    assert said[0].endswith("is back")
    assert load_model(tmp_path / "mine").name == "tiny"


def test_a_damaged_model_is_replaced(train: Train, tmp_path: Path) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    train(tmp_path / "labels")
    (tmp_path / "mine" / "weights.safetensors").write_bytes(b"gone")
    train(tmp_path / "labels")
    assert load_model(tmp_path / "mine").genres[-1] == "job-advert"


def write_house_pages(top: Path, stories: list[Manuscript], *, count: int) -> Path:
    """Pages of a paper that puts no headline over a text, sets headlines inside, and closes each text with a mark."""
    top.mkdir()
    rng = random.Random(5)
    usable = [story for story in stories if len(story.paragraphs) > 2]
    for number in range(count):
        text, articles = "", []
        for story in rng.sample(usable, 4):
            body = [story.paragraphs[0], story.title, *story.paragraphs[1:], "〔全文完〕"]
            begin = len(text)
            text += "\n".join(body)
            articles.append({"start": begin, "end": len(text)})
            text += "\n"
        (top / f"{number:02}.txt").write_text(text, "utf-8")
        line = json.dumps({"path": f"{number:02}.txt", "articles": articles})
        (top / f"{number:02}.jsonl").write_text(line + "\n", "utf-8")
    return top


def score(model: Model, pages: tuple[corpus.LabelledPage, ...]) -> float:
    assert pages
    return evaluate(model, corpus.Corpus(pages=pages)).pages.article.f1


def test_pages_teach_a_house_style(train: Train, base: Model, stories: list[Manuscript], tmp_path: Path) -> None:
    top = write_house_pages(tmp_path / "pages", stories, count=18)
    held_out = corpus.load([str(top)]).pages[11:]
    for page in held_out:
        Path(page.path).unlink()
        Path(page.path).with_suffix(".jsonl").unlink()
    report = train(top)
    mine = load_model(tmp_path / "mine")
    assert score(mine, held_out) > score(base, held_out) + 0.2
    assert report.pages == 11
    assert report.held_out.pages.pages == 2
    assert mine.genres == base.genres


def test_training_keeps_the_model_card(train: Train, tmp_path: Path) -> None:
    write_texts(tmp_path / "labels", "job-advert", job_adverts())
    train(tmp_path / "labels")
    (tmp_path / "mine" / "README.md").write_text("mine")
    train(tmp_path / "labels")
    assert (tmp_path / "mine" / "README.md").read_text() == "mine"
    shutil.rmtree(tmp_path / "mine")
