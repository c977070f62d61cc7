"""A model directory: where it is found, how it is checked, and the object that splits and labels.

A directory holds ``config.json`` and ``weights.safetensors``. Neither can run code: the first is data with a fixed
set of keys, the second is raw arrays behind a JSON header, mapped into memory and shared by worker processes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.bundle import Bundle
    from classifier.document import Article, Label, Page
    from classifier.genre import GenreModel, Memory
    from classifier.segmenter import Segmenter
    from classifier.tokens import Cutter, Tokens

FORMAT_VERSION = 1
"""Version of the directory's layout. A program reads exactly its own."""

CONFIG, WEIGHTS = "config.json", "weights.safetensors"
_DTYPES = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "U8": "|u1", "I32": "<i4", "I64": "<i8"}
_HEADER_LIMIT = 1 << 20
_DEFAULT = "default"

CONFIG_KEYS = frozenset(
    {"format", "name", "sha256", "genres", "genre", "segmenter", "userdict", "training", "scores", "versions", "date"}
)


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
        raise ModelError(f"{path}: no such model directory; name one with -m or $BANMIAN_MODEL")
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
    genres, digest = config["genres"], config["sha256"]
    sound = (
        isinstance(genres, list)
        and 0 < len(genres) <= 10_000
        and all(isinstance(g, dict) and isinstance(g.get("id"), str) and is_genre_id(g["id"]) for g in genres)
        and len({g["id"] for g in genres}) == len(genres)
        and isinstance(digest, str)
        and len(digest) == 64
        and isinstance(config["name"], str)
        and config["name"].isprintable()
    )
    if not sound:
        raise ModelError(f"{file}: names, genres or digest are malformed; restore the model or train it again")
    return config


def is_genre_id(name: str) -> bool:
    """Tell whether a genre id can be a file name and a table cell: it ends up as both."""
    return 0 < len(name) <= 60 and name.isprintable() and not set(name) & set('/\\:*?"<>|') and name.strip(". ") == name


def identity(config: dict[str, Any]) -> str:
    """Return ``name@digest8`` of a configuration."""
    return f"{config['name']}@{config['sha256'][:8]}"


def identify(where: str | Path | None = None) -> str:
    """Return ``default@1f3c9a2b`` for a model, reading its configuration only."""
    return identity(read_config(locate(where)[0]))


def map_weights(file: Path, *, sha256: str) -> dict[str, NDArray[np.generic]]:
    """Map the arrays of a safetensors file into memory, after checking that it is the file it should be.

    Raises
    ------
    ModelError
        If the file is missing, truncated, malformed or has another digest.
    """
    import numpy as np

    try:
        raw = np.memmap(file, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as err:
        reason = getattr(err, "strerror", None) or "empty file"
        raise ModelError(f"{file}: {reason}; restore the model or train it again") from err
    if hashlib.sha256(raw.data).hexdigest() != sha256:
        raise ModelError(f"{file}: damaged or changed (its digest is not the one in {CONFIG}); restore the model")
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


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Both linear models and what they need: splits pages into articles and labels texts.

    Thread-safe; to use it in another process, load it there by its ``path``.
    """

    path: Path
    found: str
    config: dict[str, Any]
    segmenter: Segmenter
    genre: GenreModel
    cutter: Cutter
    arrays: dict[str, NDArray[np.generic]] = field(repr=False)
    """Everything the weights file holds, mapped."""

    @property
    def name(self) -> str:
        """Name of the model, ``default`` for the shipped one."""
        return str(self.config["name"])

    @property
    def digest(self) -> str:
        """SHA-256 of the weights, in hexadecimal."""
        return str(self.config["sha256"])

    @property
    def id(self) -> str:
        """Name and first eight digits of the digest: ``default@1f3c9a2b``."""
        return identity(self.config)

    @property
    def genres(self) -> tuple[str, ...]:
        """Genre ids, in the order of the model's columns."""
        return self.genre.genres

    @property
    def memory(self) -> Memory:
        """What the model keeps of its training texts, for training it further. Only read when asked for.

        Raises
        ------
        ModelError
            If it is malformed.
        """
        from classifier.genre import Memory

        try:
            return Memory.of_arrays(self.arrays, len(self.genres))
        except (KeyError, ValueError) as err:
            raise ModelError(f"{self.path}: {err}; restore the model or train it again") from err

    @property
    def threshold(self) -> float:
        """Probability under which a genre is ``unknown`` unless the caller sets another."""
        return self.genre.threshold

    def info(self) -> dict[str, object]:
        """Return what there is to know of the model, ready for JSON."""
        return {
            "name": self.name,
            "digest": self.digest,
            "path": str(self.path),
            "found": self.found,
            **{key: self.config[key] for key in ("format", "date", "versions", "training", "scores")},
            "threshold": self.threshold,
            "genres": {genre["id"]: genre.get("zh", "") for genre in self.config["genres"]},
            "userdict": len(self.config["userdict"]),
        }

    def split(self, text: str, *, threshold: float | None = None, top_k: int = 3) -> tuple[Article, ...]:
        """Split the text of one page into its articles, each with title, genre and score.

        Parameters
        ----------
        text
            The page. Offsets in the result index this string.
        threshold
            Probability under which a genre is given as ``unknown``; ``None`` for the model's own.
        top_k
            How many genres ``Article.top`` lists.

        Returns
        -------
        tuple of Article
            In page order; together they cover every non-blank character. Empty for a page without any.
        """
        return self.split_many([text], threshold=threshold, top_k=top_k)[0]

    def label(
        self,
        text: str,
        ends: list[int],
        *,
        proba: NDArray[np.float32],
        heads: Sequence[int] = (),
        threshold: float | None = None,
        top_k: int = 3,
    ) -> tuple[Article, ...]:
        """Label the articles of a page that is cut already.

        Parameters
        ----------
        text
            The page.
        ends
            Ends of its articles in non-blank lines: ascending, the last one their number; empty for a blank page.
        proba
            P(an article begins there) for each non-blank line but the first, (n - 1,).
        heads
            For each article the number of lines it begins with that are printed as a headline, 0 where that is not
            known; empty for a text whose print is not known.
        """
        from classifier.article import build_articles
        from classifier.segmenter import find_jumps

        page, tokens = self._read(text)
        if not ends:
            return ()
        return build_articles(
            page,
            tokens,
            ends,
            proba=proba,
            jumps=find_jumps(page),
            genre=self.genre,
            heads=heads,
            threshold=threshold,
            top_k=top_k,
        )

    def classify(self, text: str, *, threshold: float | None = None, top_k: int = 3) -> Label:
        """Return the genre of a text taken as one article, its first line as the headline if it looks like one."""
        return self.classify_many([text], threshold=threshold, top_k=top_k)[0]

    def split_many(
        self, texts: Iterable[str], *, threshold: float | None = None, top_k: int = 3
    ) -> list[tuple[Article, ...]]:
        """Split many pages, which is faster than one by one; the result has one entry a text, in order."""
        from classifier.bundle import Bundle, bundles

        pages: list[tuple[Article, ...]] = []
        for bundle in bundles(texts):
            pages += self._split(Bundle.of(bundle, self.cutter), threshold=threshold, top_k=top_k)
        return pages

    def _split(self, bundle: Bundle, *, threshold: float | None, top_k: int) -> list[tuple[Article, ...]]:
        from classifier.article import Cut, label_cuts
        from classifier.segmenter import find_jumps

        pages = bundle.pages()
        found = [number for number, page in enumerate(pages) if len(page.paragraphs)]
        cuts = []
        for number, proba in zip(found, self.segmenter.predict_pages(bundle, found), strict=True):
            jumps = find_jumps(pages[number])
            cuts.append(Cut(pages[number], self.segmenter.predict(proba, jumps), proba, jumps))
        articles: list[tuple[Article, ...]] = [()] * len(pages)
        if cuts:
            offsets = [bundle.offsets[number] for number in found]
            labelled = label_cuts(cuts, bundle.tokens, offsets, genre=self.genre, threshold=threshold, top_k=top_k)
            for number, page in zip(found, labelled, strict=True):
                articles[number] = page
        return articles

    def classify_many(self, texts: Iterable[str], *, threshold: float | None = None, top_k: int = 3) -> list[Label]:
        """Classify many texts, which is faster than one by one; the result has one entry a text, in order."""
        from classifier.article import label_texts
        from classifier.bundle import Bundle, bundles
        from classifier.genre import LONGEST

        labels: list[Label] = []
        for bundle in bundles(texts, longest=LONGEST):
            read = Bundle.of(bundle, self.cutter, longest=LONGEST)
            labels += label_texts(read, genre=self.genre, threshold=threshold, top_k=top_k)
        return labels

    def split_ends(self, text: str) -> list[int]:
        """Return only the ends of the articles, in non-blank lines: ascending, the last one their number."""
        from classifier.segmenter import find_jumps

        page, tokens = self._read(text)
        if len(page.paragraphs) == 0:
            return []
        return self.segmenter.predict(self.segmenter.predict_proba(tokens, page.paragraphs), find_jumps(page))

    def boundary_proba(self, text: str) -> NDArray[np.float32]:
        """Return P(an article begins there) for each non-blank line but the first, (n - 1,)."""
        page, tokens = self._read(text)
        return self.segmenter.predict_proba(tokens, page.paragraphs)

    def _read(self, text: str) -> tuple[Page, Tokens]:
        """Divide and tokenise a text."""
        from classifier.document import Page
        from classifier.paragraphs import split_paragraphs
        from classifier.tokens import tokenise

        return Page(text, split_paragraphs(text)), tokenise(text, self.cutter)


def load_model(where: str | Path | None = None) -> Model:
    """Load a model.

    Parameters
    ----------
    where
        A model directory, or ``default`` for the one that comes with banmian; ``None`` for ``$BANMIAN_MODEL`` if set,
        else the default.

    Raises
    ------
    ModelError
        If it is missing, damaged, or of another format version.
    """
    path, found = locate(where)
    config = read_config(path)
    _keep_memory()
    arrays = map_weights(path / WEIGHTS, sha256=config["sha256"])
    try:
        return _assemble(path, found, config, arrays)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as err:
        raise ModelError(f"{path}: weights and configuration do not fit ({err}); restore the model") from err


def _keep_memory() -> None:
    """Have memory that was freed used again: the C library of Linux hands large pieces back to the system at once.

    It keeps pieces up to the size of the largest that was freed (mallopt(3), M_MMAP_THRESHOLD). Without, each page
    would wait for some 80 zeroed pages of memory, a tenth of its time. Nothing is written, so nothing is taken here.
    """
    import numpy as np

    np.empty(1 << 23, dtype=np.uint8)


def _assemble(path: Path, found: str, config: dict[str, Any], arrays: dict[str, Any]) -> Model:
    from classifier import genre, segmenter
    from classifier.cohesion import VECTOR_BITS
    from classifier.context import CONTEXT_FEATURES
    from classifier.features import GAP_FEATURES
    from classifier.grams import reduce_alphabet
    from classifier.tokens import make_cutter

    genres = tuple(entry["id"] for entry in config["genres"])
    settings, other = config["segmenter"], config["genre"]
    _expect(arrays["segmenter.idf"], 1 << VECTOR_BITS)
    _expect(arrays["segmenter.vectors"], 1 << VECTOR_BITS, None)
    _expect(arrays["segmenter.first"], GAP_FEATURES)
    _expect(arrays["segmenter.second"], CONTEXT_FEATURES)
    for name in ("segmenter.geometry", "segmenter.joining"):
        if name in arrays:  # a model made before scans were read has none; their sizes are checked where they are used
            _expect(arrays[name], None)
    _expect(arrays["genre.idf"], 1 << genre.GENRE_BITS)
    _expect(arrays["genre.weights"], 1 << genre.GENRE_BITS, len(genres))
    _expect(arrays["genre.bias"], len(genres))
    return Model(
        path,
        found,
        config,
        segmenter.Segmenter(
            alphabet=reduce_alphabet(settings["alphabet"]),
            idf=arrays["segmenter.idf"],
            vectors=arrays["segmenter.vectors"],
            first=arrays["segmenter.first"],
            first_bias=_number(settings["first_bias"]),
            second=arrays["segmenter.second"],
            second_bias=_number(settings["second_bias"]),
            slope=_number(settings["slope"]),
            offset=_number(settings["offset"]),
            threshold=_number(settings["threshold"], above=0.0, below=1.0),
            geometry=arrays.get("segmenter.geometry"),
            joining=arrays.get("segmenter.joining"),
        ),
        genre.GenreModel(
            genres=genres,
            idf=arrays["genre.idf"],
            weights=arrays["genre.weights"],
            bias=arrays["genre.bias"],
            temperature=_number(other["temperature"], above=1e-6),
            threshold=_number(other["threshold"]),
        ),
        make_cutter([_user_word(*entry) for entry in config["userdict"]]),
        arrays,
    )


def _number(value: object, *, above: float = -1e6, below: float = 1e6) -> float:
    """Return a number of the configuration that lies strictly between two bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < below:
        raise ValueError(f"{value!r:.40} where a number between {above} and {below} is expected")
    return float(value)


def _user_word(word: object, frequency: object) -> tuple[str, int | None]:
    """Return an entry of the user dictionary: a word and its frequency."""
    if not isinstance(word, str) or not word or not word.isprintable():
        raise ValueError(f"{word!r:.40} is no word")
    if frequency is not None and (not isinstance(frequency, int) or frequency < 0):
        raise ValueError(f"{frequency!r:.40} is no frequency")
    return word, frequency


def _expect(array: NDArray[np.generic], *shape: int | None) -> None:
    sound = array.ndim == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if not sound or array.dtype.kind != "f":
        raise ValueError(f"an array of shape {array.shape} where {shape} is expected")


def weights_digest(data: bytes) -> str:
    """Return the digest that identifies a weights file."""
    return hashlib.sha256(data).hexdigest()


def save_model(path: Path, *, config: dict[str, Any], arrays: dict[str, NDArray[np.generic]]) -> None:
    """Write a model directory: beside its place first, then renamed, so that it is never half there.

    ``config`` lacks only ``format`` and ``sha256``. The same arguments give the same bytes.
    """
    import secrets
    import shutil

    import numpy as np
    from safetensors.numpy import save

    data = save({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})
    whole = {"format": FORMAT_VERSION, "sha256": weights_digest(data), **config}
    if missing := sorted(CONFIG_KEYS - whole.keys()):
        raise ValueError(f"configuration without {missing}")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    retired = path.with_name(f".{path.name}.{secrets.token_hex(4)}.old")
    try:
        temporary.mkdir()
        (temporary / WEIGHTS).write_bytes(data)
        text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (temporary / CONFIG).write_bytes(text.encode())
        for extra in _kept_files(path):
            shutil.copy2(extra, temporary / extra.name)
        if path.exists():
            path.rename(retired)
        temporary.rename(path)
    except BaseException:
        if retired.exists() and not path.exists():
            retired.rename(path)
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def _kept_files(path: Path) -> Sequence[Path]:
    """Return the files of an earlier model that are not the model: its card."""
    return sorted(path.glob("README.md")) if path.is_dir() else ()
