"""A model directory: where it is found, how it is checked and read, and how it is written.

A directory holds ``config.json`` and ``weights.safetensors``. Neither can run code: the first is data with a fixed
set of keys, the second is raw arrays behind a JSON header, mapped into memory and shared by worker processes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.atomic import appearing, moved_aside
from classifier.document import UNKNOWN
from classifier.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT_VERSION = 1
"""Version of the directory's layout. A program reads exactly its own."""

CONFIG, WEIGHTS = "config.json", "weights.safetensors"
CARD, METRICS = "README.md", "metrics.json"
_DTYPES = {
    "F32": "<f4",
    "F16": "<f2",
    "F64": "<f8",
    "U8": "|u1",
    "U16": "<u2",
    "U32": "<u4",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
}
_HEADER_LIMIT = 1 << 20
_DEFAULT = "default"

CONFIG_KEYS = frozenset(
    {"format", "name", "sha256", "genres", "genre", "segmenter", "userdict", "training", "scores", "versions", "date"}
)
"""What a configuration has to have."""


def shipped() -> Path:
    """Return the directory of the model that comes with banmian: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "models" / _DEFAULT
    return inside if inside.is_dir() else package.parent / "models" / _DEFAULT


def locate(where: str | Path | None = None) -> tuple[Path, str]:
    """Return a model's directory and how it was found: ``option``, ``$BANMIAN_MODEL`` or ``shipped``.

    A plain name other than ``default`` is a directory like any other path. The working directory is never searched
    for a model that was not named.

    Raises
    ------
    ModelError
        If there is no such directory.
    """
    found = "option"
    if where is None:
        where = os.environ.get("BANMIAN_MODEL") or None
        found = "$BANMIAN_MODEL"
    if where is not None and not str(where):
        # Path("") is the working directory.
        raise ModelError("the name of the model is empty; name a directory with -m or $BANMIAN_MODEL")
    if where is None or str(where) == _DEFAULT:
        found = "shipped" if where is None else found
        path = shipped()
    else:
        path = Path(where)
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a parent may not be entered
        if (aside := moved_aside(path)) is not None:
            raise ModelError(
                f"{path}: no such model directory; a run was killed while replacing it: rename {aside} back"
            )
        what = "a file, no model directory" if os.path.isfile(path) else "no such model directory"  # noqa: PTH113
        raise ModelError(f"{path}: {what}; name one with -m (train: --base) or $BANMIAN_MODEL")
    return path, found


def read_config(path: Path) -> dict[str, Any]:
    """Read and check the configuration of a model directory, without its weights.

    Raises
    ------
    ModelError
        If it is missing, is not what this version writes, or is of another format version.
    """
    file = path / CONFIG
    try:
        config = json.loads(file.read_bytes())
    except OSError as err:
        raise ModelError(f"{file}: {err.strerror or err}; a model directory holds {CONFIG} and {WEIGHTS}") from err
    except (ValueError, RecursionError) as err:
        raise ModelError(f"{file}: not valid JSON ({err}); restore the model or train it again") from err
    if not isinstance(config, dict) or not isinstance(config.get("format"), int):
        raise ModelError(f"{file}: not the configuration of a banmian model")
    if config["format"] != FORMAT_VERSION:
        raise ModelError(
            f"{file}: model format {config['format']}, but this banmian reads format {FORMAT_VERSION}; "
            "train it again or install the version it was made with"
        )
    if missing := sorted(CONFIG_KEYS - config.keys()):
        raise ModelError(f"{file}: without {', '.join(missing)}; restore the model or train it again")
    if problem := _name_problem(config["name"]) or _genres_problem(config["genres"]) or _kind_problem(config):
        raise ModelError(f"{file}: {problem}; restore the model or train it again")
    return config


def _name_problem(name: object) -> str:
    """Return what is wrong with the name of a model, ``""`` if nothing is."""
    if isinstance(name, str) and name.strip() and name.isprintable():
        return ""
    return f"its name is {name!r:.40}, where some printable text is expected"


def _genres_problem(genres: object) -> str:
    """Return what is wrong with the genres of a model."""
    if not isinstance(genres, list) or not 0 < len(genres) <= 10_000 or not all(isinstance(g, dict) for g in genres):
        return "its genres are no list of objects with an id"
    ids = [g.get("id") for g in genres]
    if wrong := [name for name in ids if not isinstance(name, str) or not is_genre_id(name) or name == UNKNOWN]:
        return f"{wrong[0]!r:.40} cannot be a genre"
    if len(set(ids)) < len(ids):
        return "two of its genres have one id"
    if wrong := [g["zh"] for g in genres if not isinstance(g.get("zh", ""), str)]:
        return f"zh of a genre is {wrong[0]!r:.40}, where text is expected"
    return ""


def _kind_problem(config: dict[str, Any]) -> str:
    """Return which other part of a configuration is of a wrong kind."""
    for key, kind, word in (
        ("genre", dict, "an object"),
        ("segmenter", dict, "an object"),
        ("userdict", list, "a list"),
    ):
        if not isinstance(config[key], kind):
            return f"{key} is {config[key]!r:.40}, where {word} is expected"
    if not isinstance(config["sha256"], str) or not re.fullmatch("[0-9a-f]{64}", config["sha256"]):
        return "sha256 is no SHA-256"
    return ""


def is_genre_id(name: str) -> bool:
    """Tell whether a genre id can be a file name and a table cell: it ends up as both."""
    return 0 < len(name) <= 60 and name.isprintable() and not set(name) & set('/\\:*?"<>|') and name.strip(". ") == name


def identity(config: dict[str, Any]) -> str:
    """Return ``name@digest8`` of a configuration."""
    return f"{config['name']}@{config['sha256'][:8]}"


def identify(where: str | Path | None = None) -> str:
    """Return ``default@1f3c9a2b`` for a model, reading its configuration only."""
    return identity(read_config(locate(where)[0]))


def map_weights(file: Path, *, sha256: str, mapped: bool = True) -> dict[str, NDArray[np.generic]]:
    """Map the arrays of a safetensors file into memory, after checking that it is the file it should be.

    Not ``mapped``, they are read: Windows does not let a directory be renamed in which a file is mapped.

    Raises
    ------
    ModelError
        If the file is missing, truncated, malformed or has another digest.
    """
    raw = _bytes_of(file, mapped=mapped)
    if hashlib.sha256(raw.data).hexdigest() != sha256:
        raise ModelError(f"{file}: damaged or changed (its digest is not the one in {CONFIG}); restore the model")
    return _arrays_of(raw, file)


def map_arrays(file: Path) -> dict[str, NDArray[np.generic]]:
    """Map the arrays of a safetensors file of the package into memory."""
    return _arrays_of(_bytes_of(file, mapped=True), file)


def _bytes_of(file: Path, *, mapped: bool) -> NDArray[np.uint8]:
    import numpy as np

    try:
        raw = np.memmap(file, dtype=np.uint8, mode="r") if mapped else np.fromfile(file, dtype=np.uint8)
    except (OSError, ValueError) as err:
        reason = getattr(err, "strerror", None) or "empty file"
        raise ModelError(f"{file}: {reason}; restore the model or train it again") from err
    return raw


def _arrays_of(raw: NDArray[np.uint8], file: Path) -> dict[str, NDArray[np.generic]]:
    import numpy as np

    try:
        size = int.from_bytes(raw[:8].tobytes(), "little")
        if size > min(_HEADER_LIMIT, len(raw) - 8):
            raise ValueError("header beyond the end of the file")
        header = json.loads(raw[8 : 8 + size].tobytes())
        body = raw.view(np.ndarray)[8 + size :]  # a plain array over the same mapped memory: quicker to index
        arrays = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            kind = np.dtype(_DTYPES[entry["dtype"]])
            if not 0 <= begin <= end <= len(body):
                raise ValueError("array beyond the end of the file")
            arrays[name] = body[begin:end].view(kind).reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as err:
        raise ModelError(f"{file}: not a safetensors file ({err}); restore the model or train it again") from err
    return arrays


def require_numbers(found: NDArray[np.floating], what: str) -> None:
    """Refuse what is not a number or infinite, as it comes of weights that are.

    Raises
    ------
    ModelError
        If there is any. The message names no path.
    """
    import numpy as np

    if not np.isfinite(found).all():
        raise ModelError(f"{what}: not numbers, or infinite; restore the model or train it again")


def weights_digest(data: bytes) -> str:
    """Return the digest that identifies a weights file."""
    return hashlib.sha256(data).hexdigest()


def save_model(path: Path, *, config: dict[str, Any], arrays: dict[str, NDArray[np.generic]]) -> None:
    """Write a model directory, whole or not at all.

    ``config`` lacks only ``format`` and ``sha256``. The same arguments give the same bytes.

    Raises
    ------
    ModelError
        If something is there that is no model and would be lost.
    """
    import shutil

    import numpy as np
    from safetensors.numpy import save

    # Beside the arrays, so that the digest tells models that differ in their configuration alone.
    marks = {"configuration": _configuration_digest(config)}
    data = save({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}, metadata=marks)
    whole = {"format": FORMAT_VERSION, "sha256": weights_digest(data), **config}
    if missing := sorted(CONFIG_KEYS - whole.keys()):
        raise ValueError(f"configuration without {missing}")
    if (reason := obstacle(path)) is not None:
        raise ModelError(f"{path}: {reason}; choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    with appearing(path) as draft:
        draft.mkdir()
        (draft / WEIGHTS).write_bytes(data)
        (draft / CONFIG).write_bytes(text.encode())
        for extra in _kept_files(path):
            shutil.copy2(extra, draft / extra.name)


def obstacle(path: Path) -> str | None:
    """Return why a model must not be written to ``path``, or ``None``: nothing but a model may be replaced.

    A model of another format version, or without its weights, is one. Many programs call a file ``config.json``, so
    that name alone does not make a folder a model. Raises :class:`OSError` where a folder cannot be read.
    """
    if not os.path.lexists(path):
        return None
    if path.is_symlink() or not path.is_dir():
        return "exists and is no directory"
    names = sorted(entry.name for entry in path.iterdir())
    for name in names:
        if name not in (CONFIG, WEIGHTS, CARD, METRICS) or not (path / name).is_file():
            return f"holds {name}, which is no part of a model"
    if CONFIG in names and not _is_ours(path / CONFIG):
        return f"holds a {CONFIG} that is not of a banmian model"
    if names and CONFIG not in names and WEIGHTS not in names:
        return f"holds {names[0]}, but no model"
    return None


def _is_ours(file: Path) -> bool:
    """Tell whether a configuration is one of banmian's, of whatever format version."""
    try:
        config = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(config, dict) and "format" in config and "sha256" in config


def _configuration_digest(config: dict[str, Any]) -> str:
    """Return the SHA-256 of what a configuration says that results depend on."""
    told = {key: config.get(key) for key in ("genre", "segmenter", "userdict")}
    told["genres"] = [genre["id"] for genre in config.get("genres", ())]
    return weights_digest(json.dumps(told, sort_keys=True).encode())


def _kept_files(path: Path) -> Sequence[Path]:
    """Return the files of an earlier model that are not the model: its card."""
    return sorted(path.glob(CARD)) if path.is_dir() else ()
