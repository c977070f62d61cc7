"""The model: both linear models and what they need, made of a model directory; splits pages and labels texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.errors import ModelError
from classifier.modeldir import WEIGHTS, identity, locate, map_weights, read_config, require_numbers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.boundaries.conjunctions import Conjunctions
    from classifier.boundaries.segmenter import Segmenter
    from classifier.document import Article, Label, Page
    from classifier.genres.genre import GenreModel
    from classifier.genres.memory import Memory
    from classifier.page.bundle import Bundle
    from classifier.text.spacing import Closed
    from classifier.text.tokens import Cutter, Tokens


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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

    def __repr__(self) -> str:
        """Return which model it is, how many genres it knows and where it lies, in a line."""
        return f"<Model {self.id}, {len(self.genres)} genres, {self.path}>"

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
        from classifier.genres.memory import Memory

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

        Raises
        ------
        ValueError
            If ``threshold`` is not from 0 to 1 or ``top_k`` less than 1.
        TypeError
            If ``text`` is no string.
        ModelError
            If weights that are no numbers give no scores.
        """
        _check_text(text, "split")
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
            The page, read as it is: blanks between all characters, which ``split`` passes over, have to be taken out.
        ends
            Ends of its articles in non-blank lines: ascending, the last one their number; empty for a blank page.
        proba
            P(an article begins there) for each non-blank line but the first, (n - 1,).
        heads
            For each article the number of lines it begins with that are printed as a headline, 0 where that is not
            known; empty for a text whose print is not known.
        threshold, top_k
            As for :meth:`split`.

        Returns
        -------
        tuple of Article
            One for each end, in page order; offsets index ``text``. Empty for a blank page.

        Raises
        ------
        ValueError
            If ``threshold`` is not from 0 to 1 or ``top_k`` less than 1.
        TypeError
            If ``text`` is no string.
        ModelError
            If weights that are no numbers give no scores.
        """
        from classifier.article import Segmentation, build_articles
        from classifier.page.jumps import find_jumps

        _check_text(text, "label")
        _check_choice(threshold, top_k)
        page, tokens = self._read(text)
        if not ends:
            return ()
        cut = Segmentation(page, ends, find_jumps(page), proba, heads)
        return build_articles([cut], tokens, genre=self.genre, threshold=threshold, top_k=top_k)[0]

    def classify(self, text: str, *, threshold: float | None = None, top_k: int = 3) -> Label:
        """Return the genre of a text taken as one article, its first line as the headline if it looks like one.

        ``threshold`` and ``top_k``, and the errors, are those of :meth:`split`. A text without a character is
        ``unknown`` with score 0.
        """
        _check_text(text, "classify")
        return self.classify_many([text], threshold=threshold, top_k=top_k)[0]

    def split_many(
        self, texts: Iterable[str], *, threshold: float | None = None, top_k: int = 3
    ) -> list[tuple[Article, ...]]:
        """Split many pages, which is faster than one by one.

        Parameters
        ----------
        texts
            The pages; offsets in the result index them.
        threshold, top_k
            As for :meth:`split`.

        Returns
        -------
        list of tuple of Article
            For each text, in order, what :meth:`split` returns.

        Raises
        ------
        ValueError
            If ``threshold`` is not from 0 to 1 or ``top_k`` less than 1.
        TypeError
            If ``texts`` is a string, or one of them is none.
        ModelError
            If weights that are no numbers give no scores.
        """
        from classifier.page.bundle import Bundle, bundles

        if isinstance(texts, str):
            raise TypeError("split_many takes several texts; give split a single one")
        _check_choice(threshold, top_k)
        pages: list[tuple[Article, ...]] = []
        closed: dict[int, Closed] = {}
        for bundle in bundles(_close_all(_checked(texts, "split_many"), closed)):
            pages += self._split(Bundle.of(bundle, self.cutter), threshold=threshold, top_k=top_k)
        for number, text in closed.items():
            pages[number] = text.restore(pages[number])
        return pages

    def _split(self, bundle: Bundle, *, threshold: float | None, top_k: int) -> list[tuple[Article, ...]]:
        from classifier.article import Segmentation, build_articles, find_ends
        from classifier.page.jumps import find_jumps

        pages = bundle.pages()
        found = [number for number, page in enumerate(pages) if len(page.paragraphs)]
        cuts = []
        for number, proba in zip(found, self.segmenter.predict_pages(bundle, found), strict=True):
            jumps = find_jumps(pages[number])
            ends = find_ends(self.segmenter, pages[number], proba, jumps)
            cuts.append(Segmentation(pages[number], ends, jumps, proba))
        articles: list[tuple[Article, ...]] = [()] * len(pages)
        if cuts:
            offsets = [bundle.offsets[number] for number in found]
            labelled = build_articles(cuts, bundle.tokens, offsets, genre=self.genre, threshold=threshold, top_k=top_k)
            for number, page in zip(found, labelled, strict=True):
                articles[number] = page
        return articles

    def classify_many(self, texts: Iterable[str], *, threshold: float | None = None, top_k: int = 3) -> list[Label]:
        """Classify many texts, which is faster than one by one.

        Parameters
        ----------
        texts
            The texts, each one article.
        threshold, top_k
            As for :meth:`split`.

        Returns
        -------
        list of Label
            For each text, in order, what :meth:`classify` returns.

        Raises
        ------
        ValueError
            If ``threshold`` is not from 0 to 1 or ``top_k`` less than 1.
        TypeError
            If ``texts`` is a string, or one of them is none.
        ModelError
            If weights that are no numbers give no scores.
        """
        from classifier.article import label_texts
        from classifier.genres.tfidf import LONGEST
        from classifier.page.bundle import Bundle, bundles
        from classifier.text.spacing import closed_up

        if isinstance(texts, str):
            raise TypeError("classify_many takes several texts; give classify a single one")
        _check_choice(threshold, top_k)
        labels: list[Label] = []
        for bundle in bundles(map(closed_up, _checked(texts, "classify_many")), longest=LONGEST):
            read = Bundle.of(bundle, self.cutter, longest=LONGEST)
            labels += label_texts(read, genre=self.genre, threshold=threshold, top_k=top_k)
        return labels

    def split_ends(self, text: str) -> list[int]:
        """Return only the ends of the articles, in non-blank lines: ascending, the last one their number."""
        from classifier.article import find_ends
        from classifier.page.jumps import find_jumps
        from classifier.text.spacing import closed_up

        page, tokens = self._read(closed_up(text))
        if len(page.paragraphs) == 0:
            return []
        proba = self.segmenter.predict_proba(tokens, page.paragraphs)
        return find_ends(self.segmenter, page, proba, find_jumps(page))

    def boundary_proba(self, text: str) -> NDArray[np.float32]:
        """Return P(an article begins there) for each non-blank line but the first, (n - 1,)."""
        from classifier.text.spacing import closed_up

        page, tokens = self._read(closed_up(text))
        return self.segmenter.predict_proba(tokens, page.paragraphs)

    def _read(self, text: str) -> tuple[Page, Tokens]:
        """Divide and tokenise a text."""
        from classifier.document import Page
        from classifier.text.paragraphs import split_paragraphs
        from classifier.text.tokens import tokenise

        return Page(text, split_paragraphs(text)), tokenise(text, self.cutter)


def _check_choice(threshold: float | None, top_k: int) -> None:
    """Refuse what the command line refuses, too. Raises :class:`ValueError`."""
    if threshold is not None and not 0 <= threshold <= 1:  # false for NaN as well
        raise ValueError(f"threshold {threshold} is not a probability; give a number from 0 to 1")
    if top_k < 1:
        raise ValueError(f"top_k {top_k} is too small; give at least 1")


def _check_text(text: object, name: str) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{name} takes text, a str, and not {type(text).__name__}")


def _checked(texts: Iterable[str], name: str) -> Iterator[str]:
    """Yield texts that are some."""
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{name} takes texts, each a str, but number {number} is {type(text).__name__}")
        yield text


def _close_all(texts: Iterable[str], closed: dict[int, Closed]) -> Iterator[str]:
    """Yield texts without blanks between all characters; those that had them are put into ``closed`` by number."""
    from classifier.text.spacing import close_up

    for number, text in enumerate(texts):
        found = close_up(text)
        if found is None:
            yield text
        else:
            closed[number] = found
            yield found.text


def load_model(where: str | Path | None = None, *, mapped: bool = True) -> Model:
    """Load a model.

    Parameters
    ----------
    where
        A model directory, or ``default`` for the one that comes with banmian; ``None`` for ``$BANMIAN_MODEL`` if set,
        else the default.
    mapped
        Whether its weights are mapped into memory, which processes share; if not they are read, and the directory can
        be replaced on every system.

    Raises
    ------
    ModelError
        If it is missing, damaged, or of another format version.
    """
    path, found = locate(where)
    config = read_config(path)
    _keep_memory()
    arrays = map_weights(path / WEIGHTS, sha256=config["sha256"], mapped=mapped)
    try:
        return _assemble(path, found, config, arrays)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as err:
        raise ModelError(f"{path}: weights and configuration do not fit ({_reason(err)}); restore the model") from err


def _reason(error: Exception) -> str:
    """Return why a model cannot be assembled, without the words of Python."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error) if isinstance(error, ValueError) else "a value of a wrong kind"


def _keep_memory() -> None:
    """Have memory that was freed used again: the C library of Linux hands large pieces back to the system at once.

    It keeps pieces up to the size of the largest that was freed (mallopt(3), M_MMAP_THRESHOLD). Without, each page
    would wait for some 80 zeroed pages of memory, a tenth of its time. Nothing is written, so nothing is taken here.
    """
    import numpy as np

    np.empty(1 << 23, dtype=np.uint8)


def _assemble(path: Path, found: str, config: dict[str, Any], arrays: dict[str, Any]) -> Model:
    from classifier.boundaries import segmenter
    from classifier.boundaries.cohesion import VECTOR_BITS
    from classifier.boundaries.context import CONTEXT_FEATURES
    from classifier.boundaries.features import GAP_FEATURES
    from classifier.boundaries.grams import reduce_alphabet
    from classifier.genres import genre, tfidf
    from classifier.text.cutter import make_frugal_cutter
    from classifier.text.tokens import make_cutter

    genres = tuple(entry["id"] for entry in config["genres"])
    user_words = [_user_word(entry) for entry in config["userdict"]]
    settings, other = config["segmenter"], config["genre"]
    if not isinstance(settings["alphabet"], str):
        raise ValueError(f"segmenter.alphabet is {settings['alphabet']!r:.40}, where text is expected")
    _expect(arrays["segmenter.idf"], 1 << VECTOR_BITS)
    _expect(arrays["segmenter.vectors"], 1 << VECTOR_BITS, None)
    _expect(arrays["segmenter.first"], GAP_FEATURES)
    _expect(arrays["segmenter.second"], CONTEXT_FEATURES)
    for name in ("segmenter.geometry", "segmenter.joining"):
        if name in arrays:  # a model made before scans were read has none; their sizes are checked where they are used
            _expect(arrays[name], None)
    _expect(arrays["genre.idf"], 1 << tfidf.GENRE_BITS)
    _expect(arrays["genre.weights"], 1 << tfidf.GENRE_BITS, len(genres))
    _expect(arrays["genre.bias"], len(genres))
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not name.startswith(_LARGE):
            require_numbers(array, f"{path}: {name}")
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
            turns=_turns(arrays),
        ),
        genre.GenreModel(
            genres=genres,
            idf=arrays["genre.idf"],
            weights=arrays["genre.weights"],
            bias=arrays["genre.bias"],
            temperature=_number(other["temperature"], above=1e-6),
            threshold=_share(other["threshold"]),
            bend=_number(other.get("bend", 0.0), above=-1e-12, below=4.0),
        ),
        make_cutter(user_words) if user_words else make_frugal_cutter(),
        arrays,
    )


_LARGE = ("genre.weights", "segmenter.vectors", "memory.")
"""Arrays that would take 9 ms and 6 ms to look through at every start; the others take less than one together. What
comes of the first two is looked at instead, and the memory where it is read."""


def _turns(arrays: dict[str, Any]) -> tuple[Conjunctions, ...]:
    """Return the third pass of the boundary model; a model made before there was one has none."""
    from classifier.boundaries.conjunctions import turns_of

    if "segmenter.tests" in arrays:
        _expect(arrays["segmenter.cells"], None, None)
    return turns_of(arrays)


def named_arrays(segmenter: Segmenter, genre: GenreModel) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of both models under the names they are saved under."""
    from classifier.boundaries.segmenter import optional_arrays

    return {
        "segmenter.idf": segmenter.idf,
        "segmenter.vectors": segmenter.vectors,
        "segmenter.first": segmenter.first,
        "segmenter.second": segmenter.second,
        **optional_arrays(segmenter),
        "genre.idf": genre.idf,
        "genre.weights": genre.weights,
        "genre.bias": genre.bias,
    }


def segmenter_settings(segmenter: Segmenter) -> dict[str, float]:
    """Return the numbers of a segmenter that its configuration holds, ready for JSON."""
    return {
        name: float(getattr(segmenter, name)) for name in ("first_bias", "second_bias", "slope", "offset", "threshold")
    }


def _number(value: object, *, above: float = -1e6, below: float = 1e6) -> float:
    """Return a number of the configuration that lies strictly between two bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < below:
        raise ValueError(f"{value!r:.40} where a number between {above} and {below} is expected")
    return float(value)


def _share(value: object) -> float:
    """Return a number of the configuration that is a probability."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"genre.threshold is {value!r:.40}, where a number from 0 to 1 is expected")
    return float(value)


def _user_word(entry: object) -> tuple[str, int | None]:
    """Return an entry of the user dictionary: a word and its frequency."""
    if not isinstance(entry, list) or len(entry) != 2:
        raise ValueError(f"{entry!r:.40} in userdict, where a word and its frequency are expected")
    word, frequency = entry
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
