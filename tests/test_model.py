"""The model: what is saved comes back and splits as before, and settings that make no sense are refused."""

from __future__ import annotations

import copy
import gc
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier.document import Article
from classifier.model import Model, load_model
from classifier.modeldir import CONFIG, WEIGHTS, identify, read_config, save_model
from tests.conftest import Text
from tests.tampering import change_config, json_values, refusal, sound_or_refused

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "labeled" / "pages" / "seed-like-1.txt").read_text("utf-8")

Parts = tuple[dict[str, Any], dict[str, NDArray[np.generic]]]


@pytest.fixture
def spoilt(model_dir: Path, tmp_path: Path) -> Path:
    """A copy of the small model, to be tampered with."""
    return Path(shutil.copytree(model_dir, tmp_path / "spoilt"))


# --- There and back ---------------------------------------------------------------------------------------------------


def test_what_is_saved_comes_back(model: Model, model_dir: Path, model_parts: Parts) -> None:
    config, arrays = model_parts
    assert model.path == model_dir
    assert model.found == "option"
    assert model.name == "tiny"
    assert model.genres == tuple(entry["id"] for entry in config["genres"])
    assert model.threshold == config["genre"]["threshold"]
    assert model.genre.temperature == config["genre"]["temperature"]
    assert model.segmenter.slope == config["segmenter"]["slope"]
    loaded = {
        "segmenter.idf": model.segmenter.idf,
        "segmenter.vectors": model.segmenter.vectors,
        "segmenter.first": model.segmenter.first,
        "segmenter.second": model.segmenter.second,
        "genre.idf": model.genre.idf,
        "genre.weights": model.genre.weights,
        "genre.bias": model.genre.bias,
    }
    assert loaded.keys() == arrays.keys()
    for name, array in loaded.items():
        assert array.dtype == arrays[name].dtype, name
        assert np.array_equal(array, arrays[name]), name


def test_the_model_splits_as_before_it_was_saved(
    model: Model, model_dir: Path, model_parts: Parts, tmp_path: Path
) -> None:
    config, arrays = model_parts
    save_model(tmp_path / "other", config=config, arrays=arrays)
    again = load_model(tmp_path / "other")
    assert again.id == model.id == identify(model_dir)
    assert again.split(PAGE) == model.split(PAGE)
    assert again.classify(PAGE) == model.classify(PAGE)


def test_arrays_are_mapped_and_read_only(model: Model) -> None:
    def mapped(array: NDArray[np.generic]) -> bool:
        base: object = array
        while isinstance(base, np.ndarray):
            if isinstance(base, np.memmap) and base.mode == "r":
                return True
            base = base.base
        return False

    for array in (
        model.segmenter.idf,
        model.segmenter.vectors,
        model.segmenter.first,
        model.segmenter.second,
        model.genre.idf,
        model.genre.weights,
        model.genre.bias,
    ):
        assert mapped(array)
        assert not array.flags.writeable
        assert not array.flags.owndata


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks at /proc")
def test_the_weights_file_is_mapped_by_the_process(spoilt: Path) -> None:
    kept = load_model(spoilt)
    maps = Path("/proc/self/maps").read_text("utf-8")
    assert str(spoilt / WEIGHTS) in maps
    del kept
    gc.collect()
    assert str(spoilt / WEIGHTS) not in Path("/proc/self/maps").read_text("utf-8")


# --- What a loaded model does -----------------------------------------------------------------------------------------


def test_a_page_is_split_into_articles(model: Model) -> None:
    articles = model.split(PAGE)
    assert articles
    assert all(isinstance(article, Article) for article in articles)
    assert [len(article.top) for article in model.split(PAGE, top_k=2)] == [2] * len(articles)
    assert {article.genre for article in model.split(PAGE, threshold=1)} == {"unknown"}
    assert {article.genre for article in model.split(PAGE, threshold=0.0)} <= set(model.genres)
    assert model.split_many([PAGE, "", PAGE]) == [articles, (), articles]
    assert model.split_ends(PAGE)[-1] == len(model.boundary_proba(PAGE)) + 1
    assert len(model.split_ends(PAGE)) == len(articles)


@pytest.mark.parametrize("text", ["", "\n \u3000\n", "\u200b"])
def test_a_blank_page_has_no_article_and_its_genre_is_unknown(model: Model, text: str) -> None:
    assert model.split(text) == ()
    assert model.split_ends(text) == []
    assert model.boundary_proba(text).shape == (0,)
    label = model.classify(text)
    assert (label.genre, label.score, label.top) == ("unknown", 0.0, ())
    assert model.classify_many([text, text]) == [label, label]


def test_one_paragraph_is_one_article(model: Model) -> None:
    (article,) = model.split("  今天下了一场雪。\n")
    assert (article.start, article.end, article.first_line, article.last_line) == (2, 10, 1, 1)
    assert article.boundary_score == 1.0


def test_a_text_is_classified_as_its_one_article(model: Model, texts: list[Text]) -> None:
    hits = 0
    for text in texts[::20]:
        label = model.classify(text.whole, threshold=0.0)
        assert sum(score for _, score in model.classify(text.whole, top_k=99).top) == pytest.approx(1, abs=1e-4)
        hits += label.genre == text.genre
    assert hits > 0.9 * len(texts[::20])


def test_info_is_ready_for_json(model: Model) -> None:
    info = json.loads(json.dumps(model.info(), ensure_ascii=False))
    assert info["name"] == "tiny"
    assert info["digest"] == model.digest
    assert info["found"] == "option"
    assert list(info["genres"]) == list(model.genres)
    assert info["userdict"] == 0
    assert model.id == f"tiny@{model.digest[:8]}"


def test_the_user_dictionary_of_a_model_is_used(spoilt: Path) -> None:
    change_config(spoilt, userdict=[["澜章江畔里", 20000], ["好词", None]])
    loaded = load_model(spoilt)
    assert "澜章江畔里" in loaded.cutter.cut("走进澜章江畔里看房")
    assert loaded.info()["userdict"] == 2


def test_arrays_of_other_shapes_are_refused(model_parts: Parts, tmp_path: Path) -> None:
    config, arrays = model_parts
    wrong: dict[str, NDArray[np.generic]] = {
        "segmenter.idf": np.zeros(5, dtype=np.float16),
        "segmenter.vectors": np.zeros(1 << 15, dtype=np.float16),
        "segmenter.first": arrays["segmenter.first"][:-1],
        "segmenter.second": arrays["segmenter.second"][None],
        "genre.idf": np.zeros(1 << 17, dtype=np.int64),
        "genre.weights": arrays["genre.weights"][:, :-1],
        "genre.bias": np.zeros(0, dtype=np.float32),
    }
    assert wrong.keys() == arrays.keys()
    for name, array in wrong.items():
        save_model(tmp_path / "wrong", config=config, arrays={**arrays, name: array})
        message = refusal(lambda: load_model(tmp_path / "wrong"))
        assert message.startswith(f"{tmp_path / 'wrong'}: weights and configuration do not fit"), name
        missing = {key: value for key, value in arrays.items() if key != name}
        save_model(tmp_path / "wrong", config=config, arrays=missing)
        assert name in refusal(lambda: load_model(tmp_path / "wrong"))


# --- The configuration ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 5},
        {"name": "a\nb"},
        {"name": "\x1b[31m"},
        {"sha256": None},
        {"sha256": "0" * 63},
        {"sha256": "0" * 64},
        {"genres": {}},
        {"genres": []},
        {"genres": ["law"]},
        {"genres": [{"zh": "法"}]},
        {"genres": [{"id": ""}]},
        {"genres": [{"id": 7}]},
        {"genres": [{"id": "../law"}]},
        {"genres": [{"id": "a\tb"}]},
        {"genres": [{"id": "law"}, {"id": "law"}]},
        {"genres": [{"id": "law"}]},
        {"genre": None},
        {"genre": {}},
        {"genre": {"temperature": 0, "threshold": 0.5}},
        {"genre": {"temperature": -1, "threshold": 0.5}},
        {"genre": {"temperature": "1", "threshold": 0.5}},
        {"genre": {"temperature": 1, "threshold": None}},
        {"genre": {"temperature": 1, "threshold": float("nan")}},
        {"genre": {"temperature": float("inf"), "threshold": 0.5}},
        {"genre": {"temperature": 1, "threshold": 10**400}},
        {"segmenter": []},
        {"segmenter": {}},
        {"userdict": None},
        {"userdict": 5},
        {"userdict": [5]},
        {"userdict": ["word"]},
        {"userdict": [["word"]]},
        {"userdict": [["word", "5"]]},
        {"userdict": [["word", -1]]},
        {"userdict": [["word", 10**30]]},
        {"userdict": [["", 5]]},
        {"userdict": [["a\nb", 5]]},
        {"userdict": [[5, 5]]},
    ],
    ids=str,
)
def test_a_configuration_that_makes_no_sense_is_refused(changes: dict[str, object], spoilt: Path) -> None:
    change_config(spoilt, **changes)
    refusal(lambda: load_model(spoilt))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("alphabet", None),
        ("alphabet", 5),
        ("alphabet", "\U00020000"),
        ("first_bias", "x"),
        ("second_bias", None),
        ("slope", float("nan")),
        ("slope", 10**400),
        ("offset", float("-inf")),
        ("offset", True),
        ("threshold", 0),
        ("threshold", 1),
        ("threshold", 1.5),
        ("threshold", float("nan")),
        ("threshold", []),
    ],
)
def test_segmenter_settings_that_make_no_sense_are_refused(key: str, value: object, spoilt: Path) -> None:
    settings = json.loads((spoilt / CONFIG).read_bytes())["segmenter"]
    change_config(spoilt, segmenter=settings | {key: value})
    refusal(lambda: load_model(spoilt))
    change_config(spoilt, segmenter={name: kept for name, kept in settings.items() if name != key})
    assert key in refusal(lambda: load_model(spoilt))


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_any_change_of_the_configuration_is_taken_or_refused(
    spoilt: Path, model_dir: Path, data: st.DataObject
) -> None:
    config = copy.deepcopy(read_config(model_dir))
    place = data.draw(st.sampled_from([config, config["genre"], config["segmenter"]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(json_values)
    (spoilt / CONFIG).write_text(json.dumps(config), "utf-8")
    loaded = sound_or_refused(lambda: load_model(spoilt))
    if loaded is not None:
        loaded.split("今天下了一场雪。\n大雪封山。")


# --- What is imported -------------------------------------------------------------------------------------------------


def test_a_model_needs_no_heavy_library(model_dir: Path) -> None:
    code = (
        "import sys\n"
        "import classifier\n"
        "light = {'numpy', 'rjieba', 'safetensors'} & set(sys.modules)\n"
        "model = classifier.load_model(sys.argv[1])\n"
        "heavy = {'sklearn', 'scipy', 'jieba', 'joblib', 'safetensors', 'typer', 'rich', 'torch'} & set(sys.modules)\n"
        "articles = model.split('今天下了一场雪。\\n大雪封山。')\n"
        "model.classify('今天下了一场雪。')\n"
        "after = {'sklearn', 'scipy', 'jieba', 'joblib'} & set(sys.modules)\n"
        "print(light, heavy, after, len(articles) > 0)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(model_dir)],
        capture_output=True,
        env=environment,
        check=False,
        encoding="utf-8",
    )
    assert (done.stdout, done.stderr) == ("set() set() set() True\n", "")


def test_one_text_is_not_taken_for_many(model: Model) -> None:
    with pytest.raises(TypeError, match="several texts"):
        model.split_many(PAGE)
    with pytest.raises(TypeError, match="several texts"):
        model.classify_many(PAGE)


@pytest.mark.parametrize("keys", [{"threshold": float("nan")}, {"threshold": 5}, {"threshold": -0.1}, {"top_k": 0}])
def test_what_the_command_line_refuses_is_refused(keys: dict[str, Any], model: Model) -> None:
    for call in (model.split, model.classify):
        with pytest.raises(ValueError, match=next(iter(keys))):
            call(PAGE, **keys)
    with pytest.raises(ValueError, match=next(iter(keys))):
        model.label(PAGE, [], proba=np.zeros(0, dtype=np.float32), **keys)


def test_what_is_no_text_is_refused(model: Model) -> None:
    for call in (model.split, model.classify):
        with pytest.raises(TypeError, match="takes text, a str, and not NoneType"):
            call(None)  # type: ignore[arg-type]
    for many in (model.split_many, model.classify_many):
        with pytest.raises(TypeError, match="number 1 is bytes"):
            many([PAGE, b"page"])  # type: ignore[list-item]


def test_a_model_says_in_a_line_which_it_is(model: Model) -> None:
    assert repr(model) == f"<Model {model.id}, {len(model.genres)} genres, {model.path}>"


def test_the_package_knows_its_version() -> None:
    import classifier

    assert re.fullmatch(r"\d+\.\d+.*", classifier.__version__)
