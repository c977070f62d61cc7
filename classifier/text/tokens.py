"""Text to hashed tokens: jieba words and character n-grams as NumPy arrays, with no Python loop over tokens.

A page is tokenised once; both models read the same arrays. Hashing replaces a vocabulary: a token's *bucket* is the
top bits of a 64-bit hash (multiply-shift, Dietzfelbinger et al. 1997). Word hashes are differences of a polynomial
prefix hash modulo 2**64, so hashing every word of a page costs one cumulative sum.

Normalising maps one code point to one code point (full-width ASCII to ASCII, upper to lower case, Traditional and
variant characters to their Simplified form), so it never moves an offset.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.errors import LabelError
from classifier.text.paragraphs import codepoints

_U64 = np.uint64
_CHUNK = 1 << 16
"""Characters given to the word cutter at a time: bounds its memory on a page of any length."""

_BASE = 0x9E3779B97F4A7C15 | 1
_MIX1 = _U64(0xBF58476D1CE4E5B9)
_MIX2 = _U64(0x94D049BB133111EB)
_STEP = (_U64(0xD6E8FEB86659FD93), _U64(0xC2B2AE3D27D4EB4F), _U64(0x165667B19E3779F9))
_GRAM_SALTS = tuple(
    _U64((n * int(_STEP[0]) + sum(place * int(_STEP[place]) for place in range(1, n))) % 2**64) for n in range(4)
)
"""What sets runs of n characters apart from others: the hash of a run of zeros."""

# Character classes, the alphabet of shapes.
OTHER, HAN, DIGIT, LATIN, SPACE, STOP, COMMA, OPEN, CLOSE, DASH, BULLET, COLON, PUNCT = range(13)

_CLASS_CHARS = {
    STOP: "。！？!?…",
    COMMA: "，、；,;",
    OPEN: "“‘（(《〈【〔「『[{〖",
    CLOSE: "”’）)》〉】〕」』]}〗",
    DASH: "—－-―─–",
    BULLET: "■□◆◇●○▲△▼★☆◎※▶►◀◄•·",
    COLON: "：:",
    PUNCT: "/|\\\"'.~～<>=+*&%@#$^_丨",
}


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Return the normalising table and the class table, each of shape (65536,)."""
    normal = np.arange(0x10000, dtype=np.uint32)
    for code in range(0xFF01, 0xFF5F):
        normal[code] = code - 0xFEE0
    for code in (*range(0x41, 0x180), *range(0xFF21, 0xFF3B)):
        char = chr(code)
        lower = unicodedata.normalize("NFKC", char).lower() if code >= 0xFF01 else char.lower()
        if len(lower) == 1:
            normal[code] = ord(lower)
    for full, plain in {"．": ".", "　": " ", "\xa0": " ", "﹕": ":", "﹐": ","}.items():
        normal[ord(full)] = ord(plain)
    table = Path(__file__).with_name("variants.txt").read_text("utf-8")
    pairs = "".join(line for line in table.splitlines() if not line.startswith("#"))
    codes = np.frombuffer(pairs.encode("utf-32-le"), np.uint32)
    normal[codes[0::2]] = codes[1::2]
    normal[0xD800:0xE000] = 0xFFFD  # a lone surrogate: rjieba cannot read it

    classes = np.zeros(0x10000, dtype=np.uint8)
    classes[0x3400:0x4DC0] = HAN
    classes[0x4E00:0xA000] = HAN
    classes[0xF900:0xFB00] = HAN
    classes[ord("〇")] = HAN
    classes[ord("0") : ord("9") + 1] = DIGIT
    classes[ord("a") : ord("z") + 1] = LATIN
    classes[ord("A") : ord("Z") + 1] = LATIN
    classes[0xC0:0x250] = LATIN
    classes[[0x20, 0x09, 0x3000, 0xA0, *range(0x2000, 0x200C)]] = SPACE
    for kind, chars in _CLASS_CHARS.items():
        classes[[ord(c) for c in chars]] = kind
    return normal, classes


def normalise(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return ``codes`` with every variant replaced by its plain form; same shape, so offsets stay valid."""
    normal, _ = _tables()
    low = codes < 0x10000
    if low.all():
        return normal.take(codes)
    return np.where(low, normal[np.where(low, codes, 0)], codes)


def classify_chars(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the class (``HAN``, ``DIGIT``, …) of each normalised code point; Han beyond the BMP included."""
    _, classes = _tables()
    low = codes < 0x10000
    if low.all():
        return classes.take(codes)
    found = classes[np.where(low, codes, 0)]
    found[(codes >= 0x20000) & (codes < 0x32000)] = HAN
    return found


class Cutter(Protocol):
    """Anything that cuts text into words as jieba does."""

    def cut(self, text: str) -> list[str]:
        """Return the words of ``text``; joined they give ``text`` back."""


class _PythonJieba:
    """The reference jieba, quiet, with a private tokenizer and no cache file in a shared folder."""

    def __init__(self) -> None:
        import logging
        import warnings

        with warnings.catch_warnings():
            # jieba 0.42.1, its last release, has "\." in plain strings and asks for pkg_resources where there is one.
            warnings.simplefilter("ignore")
            import jieba

        # Above ERROR: a cache that cannot be written costs half a second, and no traceback.
        jieba.setLogLevel(logging.CRITICAL)
        self._tokenizer = jieba.Tokenizer()
        self._tokenizer.tmp_dir = _private_cache()

    def cut(self, text: str) -> list[str]:
        """Return the words of ``text``."""
        return list(self._tokenizer.cut(text))

    def add_word(self, word: str, freq: int | None, tag: str | None) -> int:
        """Add a word to the dictionary, as rjieba does it."""
        self._tokenizer.add_word(word, freq, tag)
        return freq or 0


def _private_cache() -> str:
    """Return a folder only this user can write: jieba's default is a predictable name in the shared /tmp."""
    import os
    import tempfile

    try:
        home = Path(os.environ.get("XDG_CACHE_HOME", ""))
        folder = (home if home.is_absolute() else Path.home() / ".cache") / "banmian"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: the user has no home
        return tempfile.mkdtemp(prefix="banmian-")
    return str(folder)


def read_userdict(path: Path) -> tuple[tuple[str, int | None], ...]:
    """Read a user dictionary in jieba's format: ``word [frequency] [tag]`` a line, UTF-8.

    Raises
    ------
    LabelError
        If the file cannot be read or a line is malformed.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as err:
        raise LabelError(f"{path}: {err.strerror or err}; name a file with a word a line") from err
    except UnicodeDecodeError as err:
        raise LabelError(f"{path}: not valid UTF-8 at byte {err.start}; a user dictionary is UTF-8") from err
    words: list[tuple[str, int | None]] = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if not fields:
            continue
        freq = None
        if len(fields) > 1 and fields[1].isascii() and fields[1].isdigit():
            freq = int(fields[1])
        elif len(fields) > 2:
            raise LabelError(f"{path}:{number}: expected `word [frequency] [tag]`, found {line.strip()!r}")
        words.append((fields[0], freq))
    return tuple(words)


def make_cutter(user_words: Iterable[tuple[str, int | None]] = ()) -> Cutter:
    """Return a word cutter: rjieba where it has a wheel, else jieba; both cut Han text alike.

    ``user_words`` are pairs of a word and its frequency (``None``: one that makes the word win).
    """
    words = list(user_words)
    try:
        import rjieba
    except ImportError:
        own: _PythonJieba | rjieba.Jieba = _PythonJieba()
    else:
        if not words:
            return rjieba
        own = rjieba.Jieba()
    for word, freq in words:
        # Words are cut from normalised text, so a user's Traditional or upper-case word must be entered that way too.
        own.add_word(normalise_text(word), freq, None)
    return own


def normalise_text(text: str) -> str:
    """Return the normalised form of ``text``, of the same length."""
    return _text_of(normalise(codepoints(text)))


def _text_of(codes: NDArray[np.uint32]) -> str:
    return str(codes.astype("<u4", copy=False).data, "utf-32-le")


@cache
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return powers of the hash base and of its inverse modulo 2**64, each of shape (_CHUNK + 1,)."""
    both = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        steps = np.full(_CHUNK + 1, base, dtype=np.uint64)
        steps[0] = 1
        both.append(np.cumprod(steps, dtype=np.uint64))
    return both[0], both[1]


def mix(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well-mixed 64-bit hashes (finaliser of SplitMix64, Steele et al. 2014)."""
    hashes = hashes ^ (hashes >> _U64(30))
    hashes *= _MIX1
    hashes ^= hashes >> _U64(27)
    hashes *= _MIX2
    hashes ^= hashes >> _U64(31)
    return hashes


def buckets(hashes: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    """Return the bucket of each hash: its top ``bits`` bits, as int64."""
    return (hashes >> _U64(64 - bits)).astype(np.int64)


def mixed_buckets(hashes: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    """Return ``buckets(mix(hashes), bits)``, for at most 31 bits."""
    hashes = hashes ^ (hashes >> _U64(30))
    hashes *= _MIX1
    hashes ^= hashes >> _U64(27)
    hashes *= _MIX2  # the last step of the mixing leaves the top 31 bits as they are
    hashes >>= _U64(64 - bits)
    return hashes.view(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """A tokenised text.

    ``codes`` are its normalised code points, uint32 (n_chars,); ``classes`` their classes, uint8 (n_chars,);
    ``starts`` the ascending offsets of its words, ``lengths`` their characters, both int64 (n_words,); ``words`` their
    64-bit hashes, uint64 (n_words,).
    Words without a single letter, digit or Han character (punctuation, white space) are left out.
    """

    codes: NDArray[np.uint32]
    classes: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    words: NDArray[np.uint64]

    def between(self, start: int, end: int) -> Tokens:
        """Return the tokens of ``text[start:end]``; the words that begin there, even one that ends later."""
        low, high = np.searchsorted(self.starts, [start, end])
        return Tokens(
            self.codes[start:end],
            self.classes[start:end],
            self.starts[low:high] - start,
            self.lengths[low:high],
            self.words[low:high],
        )


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, piece) of at most ``_CHUNK`` characters, cut after a line end where there is one."""
    start = 0
    while len(text) - start > _CHUNK:
        cut = text.rfind("\n", start, start + _CHUNK) + 1
        if cut <= start:
            cut = start + _CHUNK
        yield start, text[start:cut]
        start = cut
    if start < len(text):
        yield start, text[start:] if start else text


def hash_words(codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the hash of each ``codes[starts[i]:ends[i]]``, uint64; at most ``_CHUNK`` codes at a time."""
    power, inverse = _powers()
    prefix = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes.astype(np.uint64) * power[: len(codes)], out=prefix[1:])
    hashes = prefix.take(ends)
    hashes -= prefix.take(starts)
    hashes *= inverse.take(starts)
    return mix(hashes)


def tokenise(text: str, cutter: Cutter) -> Tokens:
    """Cut ``text`` into words and hash them. Time and memory are linear in its length."""
    codes = normalise(codepoints(text))
    classes = classify_chars(codes)
    plain = _text_of(codes)
    all_starts, all_lengths, all_words = [], [], []
    for offset, piece in _chunks(plain):
        cut = cutter.cut(piece)
        edges = np.zeros(len(cut) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, cut), np.int64, len(cut)), out=edges[1:])
        kind = classes[offset : offset + len(piece)]
        solid = np.zeros(len(piece) + 1, dtype=np.int32)
        np.cumsum((kind >= HAN) & (kind <= LATIN), out=solid[1:])
        before = solid.take(edges)
        keep = np.flatnonzero(before[1:] > before[:-1])
        starts, ends = edges.take(keep), edges[1:].take(keep)
        lengths = ends - starts
        all_words.append(hash_words(codes[offset : offset + len(piece)], starts, ends))
        all_starts.append(starts + offset)
        all_lengths.append(lengths)
    if not all_starts:
        none = np.zeros(0, dtype=np.int64)
        return Tokens(codes, classes, none, none, np.zeros(0, dtype=np.uint64))
    if len(all_starts) == 1:
        return Tokens(codes, classes, all_starts[0], all_lengths[0], all_words[0])
    return Tokens(codes, classes, np.concatenate(all_starts), np.concatenate(all_lengths), np.concatenate(all_words))


def hash_ngrams(codes: NDArray[np.uint32], n: int) -> NDArray[np.uint64]:
    """Return the hash of each run of ``n`` (1 to 3) neighbours along the last axis, which shrinks by ``n - 1``."""
    wide = codes.astype(np.uint64)
    if wide.ndim == 1:
        return mix(gram_codes(wide, n))
    return mix(np.moveaxis(gram_codes(np.moveaxis(wide, -1, 0), n), 0, -1))


def gram_codes(wide: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """Return what :func:`hash_ngrams` mixes, of neighbours along the *first* axis."""
    width = len(wide) - n + 1
    if width <= 0:
        return np.zeros((0, *wide.shape[1:]), dtype=np.uint64)
    total: NDArray[np.uint64] = wide[:width] * _STEP[0]
    for place in range(1, n):
        total += wide[place : place + width] * _STEP[place]
    # Sum over all places of (code + place) * step, the first of them counted as the n-th: modulo 2**64 the same.
    total += _GRAM_SALTS[n]
    return total
