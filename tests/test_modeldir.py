"""The model directory: where it is found, and that what was tampered with is refused in one line."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from classifier import modeldir
from classifier.errors import ModelError
from classifier.model import load_model
from classifier.modeldir import (
    CONFIG,
    CONFIG_KEYS,
    FORMAT_VERSION,
    WEIGHTS,
    identify,
    locate,
    map_weights,
    save_model,
    weights_digest,
)
from tests.renaming import fail_second_rename, killed_between_renames
from tests.tampering import change_config, json_values, refusal, sound_or_refused

ROOT = Path(__file__).resolve().parents[1]
Parts = tuple[dict[str, Any], dict[str, NDArray[np.generic]]]


@pytest.fixture
def spoilt(model_dir: Path, tmp_path: Path) -> Path:
    """A copy of the small model, to be tampered with."""
    return Path(shutil.copytree(model_dir, tmp_path / "spoilt"))


def change_weights(path: Path, data: bytes) -> None:
    """Replace the weights and their digest: what an attacker would do."""
    (path / WEIGHTS).write_bytes(data)
    change_config(path, sha256=weights_digest(data))


def safetensors(header: object, body: bytes = b"", *, size: int | None = None) -> bytes:
    """Return a safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if size is None else size).to_bytes(8, "little") + text + body


# --- There and back ---------------------------------------------------------------------------------------------------


def test_saving_twice_gives_the_same_bytes(model_parts: Parts, tmp_path: Path) -> None:
    config, arrays = model_parts
    save_model(tmp_path / "one", config=config, arrays=arrays)
    save_model(tmp_path / "other", config=dict(reversed(config.items())), arrays=dict(reversed(arrays.items())))
    for file in (CONFIG, WEIGHTS):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        lambda config: {"genres": [{"id": f"{genre['id']}-2"} for genre in config["genres"]]},
        lambda config: {"genre": config["genre"] | {"threshold": 0.7}},
        lambda config: {"segmenter": config["segmenter"] | {"threshold": 0.7}},
        lambda _: {"userdict": [["秩序维护员", 500]]},
    ],
    ids=["genres", "genre", "segmenter", "userdict"],
)
def test_models_of_the_same_weights_that_answer_otherwise_have_other_identities(
    change: Any, model_parts: Parts, tmp_path: Path
) -> None:
    config, arrays = model_parts
    for name, changes in (("one", {}), ("other", change(config)), ("same", {"training": {"texts": 5}})):
        save_model(tmp_path / name, config=config | changes, arrays=arrays)
    one, other, same = (load_model(tmp_path / name).id for name in ("one", "other", "same"))
    assert one == same != other


def test_the_configuration_is_plain_utf_8(model_dir: Path) -> None:
    data = (model_dir / CONFIG).read_bytes()
    assert data.endswith(b"}\n")
    assert b"\r" not in data
    assert "的" in data.decode()
    config = json.loads(data)
    assert config["format"] == FORMAT_VERSION
    assert config["sha256"] == hashlib.sha256((model_dir / WEIGHTS).read_bytes()).hexdigest()


def test_a_model_is_replaced_whole_and_keeps_its_card(model_parts: Parts, tmp_path: Path) -> None:
    config, arrays = model_parts
    path = tmp_path / "deep" / "model"
    save_model(path, config=config, arrays=arrays)
    (path / "README.md").write_text("the card", "utf-8")
    (path / "metrics.json").write_text("{}", "utf-8")
    save_model(path, config=config | {"name": "newer"}, arrays=arrays)
    assert load_model(path).name == "newer"
    assert sorted(file.name for file in path.iterdir()) == ["README.md", CONFIG, WEIGHTS]
    assert [file.name for file in path.parent.iterdir()] == ["model"]


FOREIGN = {
    "a text": {"diary.txt": b"mine"},
    "a text beside a model": {CONFIG: b'{"format": 1, "sha256": ""}', WEIGHTS: b"", "diary.txt": b"mine"},
    "another program": {CONFIG: b'{"architectures": []}'},
    "no JSON": {CONFIG: b"port = 80"},
    "a list": {CONFIG: b'["format", "sha256"]'},
    "a card alone": {"README.md": b"mine"},
    "a hidden file": {CONFIG: b'{"format": 1, "sha256": ""}', ".git": b"gitdir: elsewhere"},
}


@pytest.mark.parametrize("files", FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_model_is_never_replaced(files: dict[str, bytes], model_parts: Parts, tmp_path: Path) -> None:
    config, arrays = model_parts
    path = tmp_path / "m"
    path.mkdir()
    for name, data in files.items():
        (path / name).write_bytes(data)
    with pytest.raises(ModelError, match=r"m: holds .*; choose another name"):
        save_model(path, config=config, arrays=arrays)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == files
    assert [file.name for file in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("where", ["README.md", "weights.safetensors", "data"])
def test_a_folder_in_a_model_is_not_lost(where: str, model_parts: Parts, tmp_path: Path) -> None:
    config, arrays = model_parts
    (tmp_path / "m" / where).mkdir(parents=True)
    (tmp_path / "m" / where / "thesis.txt").write_text("mine")
    with pytest.raises(ModelError, match=f"m: holds {where}"):
        save_model(tmp_path / "m", config=config, arrays=arrays)
    assert (tmp_path / "m" / where / "thesis.txt").exists()


def test_a_file_is_not_lost_to_a_model(model_parts: Parts, tmp_path: Path) -> None:
    config, arrays = model_parts
    (tmp_path / "m").write_text("mine")
    with pytest.raises(ModelError, match="no directory"):
        save_model(tmp_path / "m", config=config, arrays=arrays)
    assert (tmp_path / "m").read_text() == "mine"


@pytest.mark.parametrize("files", [{CONFIG: b'{"format": 0, "sha256": "0"}'}, {WEIGHTS: b"\0"}, {}])
def test_a_model_of_another_format_or_a_damaged_one_is_replaced(
    files: dict[str, bytes], model_parts: Parts, tmp_path: Path
) -> None:
    config, arrays = model_parts
    (tmp_path / "m").mkdir()
    for name, data in files.items():
        (tmp_path / "m" / name).write_bytes(data)
    save_model(tmp_path / "m", config=config, arrays=arrays)
    assert load_model(tmp_path / "m").name == "tiny"


def test_a_model_that_a_killed_run_moved_aside_is_named(model_dir: Path, tmp_path: Path) -> None:
    aside = killed_between_renames(shutil.copytree(model_dir, tmp_path / "mine"))
    with pytest.raises(ModelError, match=f"mine: no such model directory; .*{re.escape(aside.name)} back"):
        locate(tmp_path / "mine")
    with pytest.raises(ModelError, match="yours: no such model directory; name one"):
        locate(tmp_path / "yours")


def test_a_failed_save_leaves_the_old_model(
    model_parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, arrays = model_parts
    path = tmp_path / "model"
    save_model(path, config=config, arrays=arrays)
    before = {file.name: file.read_bytes() for file in path.iterdir()}

    def fail(_: object, *__: object, **___: object) -> None:
        raise KeyboardInterrupt

    for step in ("write_bytes", "rename"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, step, fail)
            with pytest.raises(KeyboardInterrupt):
                save_model(path, config=config | {"name": "newer"}, arrays=arrays)
        assert {file.name: file.read_bytes() for file in path.iterdir()} == before
        assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_a_rename_that_fails_half_way_is_undone(
    model_parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, arrays = model_parts
    path = tmp_path / "model"
    save_model(path, config=config, arrays=arrays)
    fail_second_rename(monkeypatch)
    with pytest.raises(OSError, match="no room"):
        save_model(path, config=config | {"name": "newer"}, arrays=arrays)
    assert load_model(path).name == "tiny"
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_an_incomplete_configuration_is_not_saved(model_parts: Parts, tmp_path: Path) -> None:
    config, arrays = model_parts
    with pytest.raises(ValueError, match=r"without .*'date'"):
        save_model(tmp_path / "m", config={k: v for k, v in config.items() if k != "date"}, arrays=arrays)
    assert list(tmp_path.iterdir()) == []


# --- Where it is found ------------------------------------------------------------------------------------------------


def test_an_option_goes_before_the_variable(model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANMIAN_MODEL", str(tmp_path / "none"))
    assert locate(model_dir) == (model_dir, "option")
    assert locate(str(model_dir)) == (model_dir, "option")
    assert str(tmp_path / "none") in refusal(locate)
    monkeypatch.setenv("BANMIAN_MODEL", str(model_dir))
    assert locate() == (model_dir, "$BANMIAN_MODEL")
    assert load_model().found == "$BANMIAN_MODEL"
    assert identify() == load_model(model_dir).id


def test_the_shipped_model_is_the_last_resort(model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANMIAN_MODEL", raising=False)
    monkeypatch.setattr(modeldir, "shipped", lambda: model_dir)
    assert locate() == (model_dir, "shipped")
    assert locate("default") == (model_dir, "option")
    monkeypatch.setenv("BANMIAN_MODEL", "")
    assert locate() == (model_dir, "shipped")
    monkeypatch.setenv("BANMIAN_MODEL", "default")
    assert locate() == (model_dir, "$BANMIAN_MODEL")
    monkeypatch.setattr(modeldir, "shipped", lambda: tmp_path / "gone")
    assert "no such model directory" in refusal(locate)


def test_the_working_directory_is_never_searched(
    model_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A directory with a model in it, under every name that might be looked for.
    here = tmp_path / "here"
    for name in ("models/default", "default", "model", "classifier/models/default", "banmian"):
        shutil.copytree(model_dir, here / name)
    for file in (CONFIG, WEIGHTS):
        shutil.copy(model_dir / file, here / file)
    monkeypatch.chdir(here)
    monkeypatch.setattr(modeldir, "shipped", lambda: tmp_path / "shipped")
    monkeypatch.delenv("BANMIAN_MODEL", raising=False)
    for where in (None, "", "default"):
        refusal(partial(load_model, where))
    monkeypatch.setenv("BANMIAN_MODEL", "")
    refusal(load_model)
    # What was named is found there, as any path is.
    assert load_model("model").name == "tiny"
    assert load_model(".").name == "tiny"


def test_the_shipped_directory_does_not_depend_on_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = modeldir.shipped()
    monkeypatch.chdir(tmp_path)
    assert modeldir.shipped() == before
    assert before.is_absolute()
    assert before in (ROOT / "models" / "default", ROOT / "classifier" / "models" / "default")


@pytest.mark.parametrize("name", ["none", "nul\0nul", "x" * 5000])
def test_a_missing_directory_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model directory"):
        load_model(str(tmp_path / name))


def test_a_file_is_no_model(model_dir: Path) -> None:
    assert "a file, no model directory" in refusal(lambda: load_model(model_dir / CONFIG))


def test_an_empty_directory_is_no_model(tmp_path: Path) -> None:
    message = refusal(lambda: load_model(tmp_path))
    assert message.startswith(f"{tmp_path / CONFIG}: No such file or directory")


# --- Damage -----------------------------------------------------------------------------------------------------------


def test_one_wrong_bit_in_the_weights_is_seen(spoilt: Path) -> None:
    data = bytearray((spoilt / WEIGHTS).read_bytes())
    for position in (0, 9, len(data) // 2, len(data) - 1):
        data[position] ^= 1
        (spoilt / WEIGHTS).write_bytes(data)
        message = refusal(lambda: load_model(spoilt))
        assert message.startswith(f"{spoilt / WEIGHTS}: damaged or changed")
        data[position] ^= 1
    (spoilt / WEIGHTS).write_bytes(data)
    assert load_model(spoilt).name == "tiny"


@pytest.mark.parametrize("share", [0.0, 1e-7, 1e-6, 0.5, 0.999999])
@pytest.mark.parametrize("digest", [False, True], ids=["old digest", "new digest"])
def test_truncated_weights_are_refused(spoilt: Path, share: float, digest: bool) -> None:
    data = (spoilt / WEIGHTS).read_bytes()
    data = data[: int(len(data) * share)]
    if digest:
        change_weights(spoilt, data)
    else:
        (spoilt / WEIGHTS).write_bytes(data)
    assert refusal(lambda: load_model(spoilt)).startswith(f"{spoilt / WEIGHTS}: ")


def test_missing_weights_are_refused(spoilt: Path) -> None:
    (spoilt / WEIGHTS).unlink()
    assert "No such file or directory" in refusal(lambda: load_model(spoilt))
    (spoilt / WEIGHTS).mkdir()
    refusal(lambda: load_model(spoilt))


class Bomb:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.abort, ()


@pytest.mark.parametrize("digest", [False, True], ids=["old digest", "new digest"])
@pytest.mark.parametrize("protocol", [0, 5])
def test_a_pickle_in_place_of_the_weights_is_refused_and_not_run(spoilt: Path, protocol: int, digest: bool) -> None:
    data = pickle.dumps({"segmenter.first": Bomb()}, protocol)
    if digest:
        change_weights(spoilt, data)
    else:
        (spoilt / WEIGHTS).write_bytes(data)
    refusal(lambda: load_model(spoilt))
    (spoilt / CONFIG).write_bytes(data)
    refusal(lambda: load_model(spoilt))


HEADERS = [
    safetensors({}),
    safetensors([]),
    safetensors("x"),
    safetensors(5),
    safetensors(None),
    safetensors(b""),
    safetensors(b"{"),
    safetensors(b"\xff\xfe"),
    safetensors(b"[" * 100_000),
    safetensors(b'{"a":' * 100_000),
    safetensors({}, size=1 << 63),
    safetensors({}, size=(1 << 64) - 1),
    safetensors({}, size=3),
    safetensors({}, size=1 << 19),
    safetensors({"a": 5}),
    safetensors({"a": []}),
    safetensors({"a": {}}),
    safetensors({"a": {"dtype": "F32", "shape": [1]}}),
    safetensors({"a": {"dtype": "F32", "data_offsets": [0, 4]}}, bytes(4)),
    safetensors({"a": {"dtype": "O", "shape": [1], "data_offsets": [0, 8]}}, bytes(8)),
    safetensors({"a": {"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 4]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0.0, 4.0]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 10**30]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 3]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": ["0", "4"]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]}}, bytes(8)),
    safetensors({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [10**30], "data_offsets": [0, 4]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1 << 62, 1 << 62], "data_offsets": [0, 4]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": "1", "data_offsets": [0, 4]}}, bytes(4)),
    safetensors({"a": {"dtype": "F32", "shape": [1] * 99, "data_offsets": [0, 4]}}, bytes(4)),
]


@pytest.mark.parametrize("data", HEADERS, ids=range(len(HEADERS)))
def test_a_malformed_header_is_refused_though_its_digest_fits(data: bytes, spoilt: Path) -> None:
    change_weights(spoilt, data)
    refusal(lambda: load_model(spoilt))


@pytest.mark.parametrize("where", [[-4, 4], [0, 12], [4, 0], [12, 16], [-4, 0], [0, -4]], ids=str)
def test_an_array_beyond_the_file_is_refused(where: list[int], tmp_path: Path) -> None:
    data = safetensors({"a": {"dtype": "U8", "shape": [-1], "data_offsets": where}}, bytes(8))
    (tmp_path / WEIGHTS).write_bytes(data)
    message = refusal(partial(map_weights, tmp_path / WEIGHTS, sha256=weights_digest(data)))
    assert "beyond the end of the file" in message


entries = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "F16", "U8", "I64", "BF16"]) | json_values,
        "shape": st.lists(st.integers(-2, 40), max_size=3) | json_values,
        "data_offsets": st.lists(st.integers(-4, 80), min_size=2, max_size=2) | json_values,
    }
)


@given(
    st.binary(max_size=120)
    | st.builds(
        safetensors,
        st.dictionaries(st.sampled_from(["a", "genre.bias", "__metadata__"]), entries | json_values, max_size=3),
        st.binary(max_size=64),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
def test_any_weights_file_is_mapped_or_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / WEIGHTS
    if os.name == "nt":
        gc.collect()  # Windows does not write to a file that is mapped
    file.write_bytes(data)
    arrays = sound_or_refused(lambda: map_weights(file, sha256=hashlib.sha256(data).hexdigest()))
    if arrays is not None:
        assert all(array.nbytes <= len(data) for array in arrays.values())


# --- The configuration ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"\xff\xfe\x00",
        b"\x80\x04\x95",
        b"[" * 100_000,
        b'{"format": ' + b"1" * 5000 + b"}",
        b'{"format": true}',
        b'{"format": "1"}',
        b'{"format": 1}',
    ],
    ids=range(14),
)
def test_an_invalid_configuration_is_refused(content: bytes, spoilt: Path) -> None:
    (spoilt / CONFIG).write_bytes(content)
    assert refusal(lambda: load_model(spoilt)).startswith(f"{spoilt / CONFIG}: ")
    refusal(lambda: identify(spoilt))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_configuration_is_refused(share: float, spoilt: Path) -> None:
    data = (spoilt / CONFIG).read_bytes()
    (spoilt / CONFIG).write_bytes(data[: int(len(data) * share)])
    refusal(lambda: load_model(spoilt))


@pytest.mark.parametrize("version", [0, FORMAT_VERSION + 1, -1, 10**30])
def test_another_format_version_is_refused(version: int, spoilt: Path) -> None:
    change_config(spoilt, format=version)
    message = refusal(lambda: load_model(spoilt))
    assert f"this banmian reads format {FORMAT_VERSION}" in message


@pytest.mark.parametrize("key", sorted(CONFIG_KEYS - {"format"}))
def test_every_key_is_needed(key: str, spoilt: Path) -> None:
    config = json.loads((spoilt / CONFIG).read_bytes())
    del config[key]
    (spoilt / CONFIG).write_text(json.dumps(config), "utf-8")
    assert f"without {key}" in refusal(lambda: load_model(spoilt))


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"name": ""}, "its name is ''"),
        ({"genres": [{"id": "unknown"}]}, "'unknown' cannot be a genre"),
        ({"genres": [{"id": "law", "zh": 5}]}, "zh of a genre is 5"),
        ({"genres": [{"id": "law"}, {"id": "law"}]}, "one id"),
        ({"genre": {"temperature": 0.3, "threshold": 2}}, "genre.threshold is 2, where a number from 0 to 1"),
        ({"genre": {"temperature": 0.3}}, "'threshold' is missing"),
        ({"genre": 5}, "genre is 5, where an object"),
        ({"segmenter": {"alphabet": 5}}, "segmenter.alphabet is 5, where text"),
        ({"userdict": [["word"]]}, "['word'] in userdict, where a word and its frequency"),
        ({"userdict": 5}, "userdict is 5, where a list"),
        ({"sha256": "g" * 64}, "no SHA-256"),
    ],
)
def test_a_wrong_value_is_named_in_plain_words(changes: dict[str, object], fact: str, spoilt: Path) -> None:
    change_config(spoilt, **changes)
    assert fact in refusal(lambda: load_model(spoilt))


@pytest.mark.parametrize("name", ["genre.bias", "genre.idf", "segmenter.first", "segmenter.second", "segmenter.idf"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(name: str, value: float, model_parts: Parts, tmp_path: Path) -> None:
    config, arrays = model_parts
    spoilt = arrays[name].copy()
    spoilt[-1] = value
    save_model(tmp_path / "m", config=config, arrays=arrays | {name: spoilt})
    assert f"{name}: not numbers" in refusal(lambda: load_model(tmp_path / "m"))


@pytest.mark.parametrize(
    ("name", "what"),
    [("genre.weights", "scores that the model gives genres"), ("segmenter.vectors", "word vectors of the model")],
)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_large_weights_that_are_no_numbers_give_no_scores(
    name: str, what: str, value: float, model_parts: Parts, tmp_path: Path
) -> None:
    config, arrays = model_parts
    save_model(tmp_path / "m", config=config, arrays=arrays | {name: np.full_like(arrays[name], value)})
    model = load_model(tmp_path / "m")
    text = "县里修了新桥\n村民过河不再绕路了，大家都说好。\n今年雨水足\n稻子长得好，收成比去年多了一成。\n"
    assert f"{what}: not numbers" in refusal(lambda: model.split(text))
    (tmp_path / "page.txt").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "classifier", "split", "-m", str(tmp_path / "m"), "--format", "jsonl", "page.txt"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.count(b"\n") == 1
