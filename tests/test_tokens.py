"""Tokens: hashes, chunks, cutters, normalising."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import unicodedata
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.errors import LabelError
from classifier.text import tokens
from classifier.text.paragraphs import codepoints
from classifier.text.tokens import (
    HAN,
    LATIN,
    Cutter,
    Tokens,
    buckets,
    classify_chars,
    hash_ngrams,
    hash_words,
    make_cutter,
    normalise_text,
    read_userdict,
    tokenise,
)

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "labeled").rglob("*.txt"))

any_text = st.text(st.characters(exclude_categories=()), max_size=200)  # lone surrogates too
newsy = st.text(
    st.sampled_from(
        "中国人民日报记者北京上海的了在是我们发展，。：“”（）《》 \u3000\n\r\t０１AＢc1.-%臺灣發後\U00020000\U0001f600"
    ),
    max_size=300,
)


class Fixed:
    """A cutter whose words are ``size`` characters long wherever they stand."""

    def __init__(self, size: int) -> None:
        self.size = size

    def cut(self, text: str) -> list[str]:
        return [text[at : at + self.size] for at in range(0, len(text), self.size)]


def word_at(found: Tokens, index: int) -> str:
    begin = int(found.starts[index])
    return "".join(map(chr, found.codes[begin : begin + int(found.lengths[index])].tolist()))


def by_word(found: Tokens) -> dict[str, set[int]]:
    """Return the hashes that each word of a text was given."""
    hashes: dict[str, set[int]] = {}
    for index, value in enumerate(found.words.tolist()):
        hashes.setdefault(word_at(found, index), set()).add(value)
    return hashes


# --- Hashes -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.text("中文字abc一二三", min_size=1, max_size=6), min_size=1, max_size=30))
def test_the_hash_of_a_word_depends_on_its_characters_alone(words: list[str]) -> None:
    codes = codepoints("".join(words))
    ends = np.cumsum([len(word) for word in words])
    starts = ends - np.array([len(word) for word in words])
    hashes = hash_words(codes, starts, ends).tolist()
    alone = [int(hash_words(codepoints(word), np.array([0]), np.array([len(word)]))[0]) for word in words]
    assert hashes == alone
    assert len(set(hashes)) == len(set(words))


@pytest.mark.parametrize("line", ["\n", ""], ids=["lines", "one line"])
def test_the_hash_of_a_word_is_the_same_in_every_chunk(line: str) -> None:
    # 4 characters a word: no word of 65,536 characters is cut in two, with line ends every chunk ends at one.
    text = ("深化改革" * 4 + line) * 12_000
    assert len(text) > 2 * tokens._CHUNK
    found = tokenise(text, make_cutter())
    hashes = by_word(found)
    assert all(len(values) == 1 for values in hashes.values())
    assert len({next(iter(values)) for values in hashes.values()}) == len(hashes)
    # Far from the borders and across them, the words are those of the short text.
    short = tokenise("深化改革" * 4, make_cutter())
    assert by_word(short).items() <= hashes.items()
    if line:
        assert np.array_equal(found.words, np.tile(short.words, 12_000))


@pytest.mark.parametrize("offset", range(5))
def test_a_chunk_border_inside_a_word_spoils_that_word_only(offset: int) -> None:
    text = "一" * offset + "人民" * 40_000
    found = tokenise(text, make_cutter())
    hashes = by_word(found)
    assert all(len(values) == 1 for values in hashes.values())
    assert (found.words == next(iter(hashes["人民"]))).sum() > 39_900


@given(st.text("甲乙丙\n", max_size=60), st.integers(1, 20))
def test_chunks_join_to_the_text_and_end_at_line_ends(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_CHUNK", size)
        chunks = list(tokens._chunks(text))
    assert "".join(piece for _, piece in chunks) == text
    at = 0
    for offset, piece in chunks:
        assert offset == at
        assert 0 < len(piece) <= size
        at += len(piece)
        if at < len(text) and "\n" in piece:
            assert piece.endswith("\n")


@given(newsy, st.integers(4, 40))
def test_words_do_not_depend_on_the_chunk_size_where_lines_are_short(text: str, size: int) -> None:
    text = "\n".join(text[at : at + 3] for at in range(0, len(text), 3))
    whole = tokenise(text, make_cutter())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_CHUNK", size)
        parts = tokenise(text, make_cutter())
    assert np.array_equal(whole.words, parts.words)
    assert np.array_equal(whole.starts, parts.starts)
    assert np.array_equal(whole.lengths, parts.lengths)


def test_buckets_are_top_bits() -> None:
    hashes = np.array([0, 1 << 63, (1 << 64) - 1], dtype=np.uint64)
    assert buckets(hashes, 15).tolist() == [0, 1 << 14, (1 << 15) - 1]


def test_buckets_are_evenly_filled() -> None:
    words = [chr(0x4E00 + i) + chr(0x4E00 + j) for i in range(0, 4000, 40) for j in range(0, 4000, 25)]
    ends = np.arange(1, len(words) + 1) * 2
    # In pieces of at most a chunk, as the function demands.
    hashes = np.concatenate(
        [hash_words(codepoints("".join(words[at : at + 9000])), (e := ends[: len(words[at : at + 9000])]) - 2, e)
         for at in range(0, len(words), 9000)]
    )  # fmt: skip
    counts = np.bincount(buckets(hashes, 10), minlength=1024)
    expected = len(words) / 1024
    # A chi-square of 1,023 degrees of freedom; six standard deviations.
    assert ((counts - expected) ** 2 / expected).sum() < 1023 + 6 * np.sqrt(2 * 1023)


@given(st.text("中文abc", min_size=1, max_size=12), st.integers(1, 3))
def test_ngrams_depend_on_their_characters_and_order(text: str, n: int) -> None:
    codes = codepoints(text)
    hashes = hash_ngrams(codes, n)
    assert hashes.shape == (max(len(text) - n + 1, 0),)
    seen = {text[at : at + n]: int(value) for at, value in enumerate(hashes)}
    assert [seen[text[at : at + n]] for at in range(len(hashes))] == hashes.tolist()
    assert len(set(seen.values())) == len(seen)
    table = np.stack([codes, codes[::-1]])
    assert np.array_equal(hash_ngrams(table, n)[0], hashes)


def test_ngrams_of_different_lengths_differ() -> None:
    assert len({int(hash_ngrams(codepoints("一" * n), n)[0]) for n in (1, 2, 3)}) == 3


# --- What a token is --------------------------------------------------------------------------------------------------


@given(any_text | newsy)
@example("")
@example("\n\n")
@example("\ud800中\udfff")
@example("\x00中\x00")
@example("\U0001f600𠀀")
def test_tokens_are_sound_for_any_text(text: str) -> None:
    found = tokenise(text, make_cutter())
    n = len(found.words)
    assert len(found.codes) == len(found.classes) == len(text)
    assert [found.codes.dtype, found.classes.dtype] == ["uint32", "uint8"]
    assert len(found.starts) == len(found.lengths) == n
    assert [found.starts.dtype, found.lengths.dtype, found.words.dtype] == ["int64", "int64", "uint64"]
    assert (found.lengths > 0).all()
    ends = found.starts + found.lengths
    assert (found.starts[1:] >= ends[:-1]).all()
    assert n == 0 or (found.starts[0] >= 0 and ends[-1] <= len(text))
    # Every letter, digit and Han character stands in a word, and every word has one.
    covered = np.zeros(len(text) + 1, dtype=np.int64)
    np.add.at(covered, found.starts, 1)
    np.add.at(covered, ends, -1)
    solid = (found.classes >= HAN) & (found.classes <= LATIN)
    assert (np.cumsum(covered)[:-1][solid] == 1).all()
    total = np.concatenate([[0], np.cumsum(solid)])
    assert (total[ends] > total[found.starts]).all()


@given(newsy, st.integers(0, 300), st.integers(0, 300))
def test_a_part_of_the_tokens_is_the_tokens_of_the_part(text: str, one: int, other: int) -> None:
    text = text.replace("\n", "") + "\n" + text
    begin, end = sorted((min(one, len(text)), min(other, len(text))))
    whole = tokenise(text, Fixed(1))
    part, alone = whole.between(begin, end), tokenise(text[begin:end], Fixed(1))
    for name in ("codes", "classes", "starts", "lengths", "words"):
        assert np.array_equal(getattr(part, name), getattr(alone, name)), name


def test_a_long_line_takes_time_in_proportion() -> None:
    cutter = make_cutter()
    line = "全市经济社会发展取得新成效，群众生活水平不断提高。"
    tokenise(line, cutter)

    def seconds(times: int) -> float:
        text = line * times
        best = float("inf")
        for _ in range(3):
            begun = time.process_time()
            tokenise(text, cutter)
            best = min(best, time.process_time() - begun)
        return best

    # 16 times the text; a quadratic step would take 256 times as long.
    assert seconds(32_000) < 60 * max(seconds(2_000), 1e-3)


# --- Normalising ------------------------------------------------------------------------------------------------------


@given(any_text)
def test_normalising_keeps_the_length(text: str) -> None:
    assert len(normalise_text(text)) == len(text)


def test_normalising_keeps_simplified_text() -> None:
    # GB2312 is the character set of Simplified Chinese; it has 乾, 瞭 and 藉 too, which are right in 乾坤 and 瞭望.
    pairs = [bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    simplified = b"".join(pairs).decode("gb2312", "ignore")
    assert len(simplified) == 6763
    # 於 and 後 are in it for classical texts; in a newspaper they say that it is set in Traditional characters.
    assert normalise_text(simplified) == simplified.replace("於", "于").replace("後", "后")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_normalising_changes_hardly_a_han_character_of_the_labelled_texts(path: Path) -> None:
    text = path.read_text("utf-8")
    han = [(char, plain) for char, plain in zip(text, normalise_text(text), strict=True) if "㐀" <= char <= "鿿"]
    share = sum(char != plain for char, plain in han) / len(han)
    # A page is in Traditional characters, a third of which have another form, or it has but a few that were misread; or
    # it is of a Malaysian paper, whose headlines are Traditional and texts Simplified.
    assert share < 0.006 or share > 0.2 or path.stem == "blind-43", share


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("國務院關於進一步深化改革開放的決定", "国务院关于进一步深化改革开放的决定"),
        ("臺灣與大陸兩岸關係", "台湾与大陆两岸关系"),
        ("記者從體育總局獲悉運動員們將參賽", "记者从体育总局获悉运动员们将参赛"),
        ("（轉第４版）", "(转第4版)"),
        ("ＡＢＣａｂｃ１２３％", "abcabc123%"),
        ("裏裡後后峯牀", "里里后后峰床"),
        ("ÀÉÎ İ ß", "àéî İ ß"),
    ],
)
def test_normalising_maps_variants_to_plain_characters(traditional: str, simplified: str) -> None:
    assert normalise_text(traditional) == simplified


def test_normalising_twice_changes_next_to_nothing() -> None:
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x10000)]))
    once = normalise_text(every)
    twice = normalise_text(once)
    # 薴 is 苧 in Simplified, and 苧 is itself the Traditional form of 苎.
    assert [(char, a, b) for char, a, b in zip(every, once, twice, strict=True) if a != b] == [("薴", "苧", "苎")]


def test_a_traditional_page_has_the_words_of_the_simplified_one() -> None:
    cutter = make_cutter()
    one = tokenise("記者從體育總局獲悉，國家隊將參加亞運會", cutter)
    other = tokenise("记者从体育总局获悉，国家队将参加亚运会", cutter)
    assert np.array_equal(one.words, other.words)
    assert np.array_equal(one.classes, other.classes)


def test_character_classes_agree_with_unicode() -> None:
    codes = np.arange(0x110000, dtype=np.uint32)
    classes = classify_chars(codes)
    han = [code for code in codes[classes == HAN].tolist() if unicodedata.category(chr(code)) not in ("Cn", "Co")]
    wrong = [chr(code) for code in han if not unicodedata.name(chr(code), "").startswith("CJK") and chr(code) != "〇"]
    assert wrong == []
    assert all(classes[code] == HAN for code in (*range(0x4E00, 0x9FA6), 0x3400, 0x20000, 0x2A6D6) if code != ord("丨"))
    assert all(unicodedata.category(chr(code)) == "Nd" for code in codes[classes == tokens.DIGIT].tolist())
    assert all(chr(code).isspace() or 0x2000 <= code < 0x200C for code in codes[classes == tokens.SPACE].tolist())


# --- Cutters ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def jieba(tmp_path_factory: pytest.TempPathFactory) -> Cutter:
    """The reference jieba, as it is used where rjieba has no wheel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setitem(sys.modules, "rjieba", None)
        cutter = make_cutter()
        cutter.cut("中文")
    assert isinstance(cutter, tokens._PythonJieba)
    return cutter


def han_words(words: list[str]) -> list[str]:
    return [word for word in words if any("㐀" <= char <= "鿿" for char in word)]


def test_rjieba_and_jieba_cut_han_text_alike(jieba: Cutter) -> None:
    rust = make_cutter()
    compared = different = 0
    for path in PAGES:
        # Characters of extension A (䴙䴘, a grebe) are Han to one of them only.
        text = re.sub("[㐀-䶿]", "某", normalise_text(path.read_text("utf-8")))
        one, other = rust.cut(text), jieba.cut(text)
        assert "".join(one) == "".join(other) == text
        compared += len(han_words(one))
        if han_words(one) != han_words(other):
            pairs = SequenceMatcher(None, han_words(one), han_words(other), autojunk=False).get_opcodes()
            different += sum(last - first for kind, first, last, _, _ in pairs if kind != "equal")
    # 常在 before characters that are no word with it is one word to rjieba, and two to jieba.
    assert compared > 500_000
    assert different <= compared / 200_000


OWN = make_cutter([("民日", 90000)])


@given(newsy)
def test_every_cutter_gives_the_text_back(text: str) -> None:
    text = normalise_text(text)
    for cutter in (make_cutter(), OWN):
        assert "".join(cutter.cut(text)) == text


def test_words_of_the_user_dictionary_stay_whole(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes("\ufeff澜章江畔里 20000 nz\r\n\n臺灣好行\nＡＢ站 9\n".encode())
    words = read_userdict(file)
    assert words == (("澜章江畔里", 20000), ("臺灣好行", None), ("ＡＢ站", 9))
    cutter = make_cutter(words)
    text = normalise_text("记者走进澜章江畔里，乘臺灣好行，看ＡＢ站")
    assert {"澜章江畔里", "台湾好行"} <= set(cutter.cut(text))
    assert "澜章江畔里" not in make_cutter().cut(text)


def test_the_user_dictionary_is_private_to_its_cutter() -> None:
    make_cutter([("澜章江畔里", 20000)])
    assert "澜章江畔里" not in make_cutter().cut("记者走进澜章江畔里")


@pytest.mark.parametrize("block", [False, True], ids=["rjieba", "jieba"])
def test_a_traditional_user_word_counts_with_both_cutters(
    block: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if block:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setitem(sys.modules, "rjieba", None)
    cutter = make_cutter([("瀾章江畔裏", None)])
    assert "澜章江畔里" in cutter.cut(normalise_text("記者走進瀾章江畔裏看房"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "words.txt: not valid UTF-8 at byte 0; a user dictionary is UTF-8"),
        ("好词 5\n一 二 三\n".encode(), "words.txt:2: expected `word [frequency] [tag]`, found '一 二 三'"),
    ],
)
def test_a_malformed_user_dictionary_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(content)
    with pytest.raises(LabelError) as caught:
        read_userdict(file)
    assert caught.value.message.endswith(message)


def test_a_missing_user_dictionary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="No such file"):
        read_userdict(tmp_path / "none.txt")


FALLBACK = """
import sys
sys.modules["rjieba"] = None
from classifier.text.paragraphs import codepoints
from classifier.text.tokens import make_cutter, tokenise
cutter = make_cutter([("澜章江畔里", 20000)])
print(type(cutter).__name__, *cutter.cut("记者走进澜章江畔里采访"))
print(len(tokenise("深化改革，扩大开放。", cutter).words))
"""


def run_fallback(code: str, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` without rjieba, with warnings shown and folders for temporary files and caches of its own."""
    for folder in ("tmp", "home"):
        (tmp_path / folder).mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "default",
        # No compiled files: jieba's own warnings are given whenever it is compiled.
        "PYTHONPYCACHEPREFIX": str(tmp_path / "pyc"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(tmp_path / "tmp"),
        "TEMP": str(tmp_path / "tmp"),
        "HOME": str(tmp_path / "home"),
        "USERPROFILE": str(tmp_path / "home"),
        "XDG_CACHE_HOME": "",
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=False, encoding="utf-8"
    )


def test_without_rjieba_jieba_cuts_and_is_quiet(tmp_path: Path) -> None:
    done = run_fallback(FALLBACK, tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["_PythonJieba 记者 走进 澜章江畔里 采访", "2"]
    # Its cache lies where only the user can write, not under a name in the shared folder that anyone can take first.
    assert list((tmp_path / "tmp").iterdir()) == []
    assert [path.name for path in (tmp_path / "home" / ".cache" / "banmian").iterdir()] == ["jieba.cache"]


@pytest.mark.skipif(os.name == "nt", reason="a folder's mode is POSIX")
def test_the_cache_folder_is_private(tmp_path: Path) -> None:
    run_fallback(FALLBACK, tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (tmp_path / "cache" / "banmian").stat().st_mode & 0o777 == 0o700


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file where the folder should be")
    done = run_fallback(FALLBACK, tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (done.stderr, done.returncode) == ("", 0)
    (tmp_path / "other" / "banmian" / "jieba.cache").mkdir(parents=True)
    done = run_fallback(FALLBACK, tmp_path, XDG_CACHE_HOME=str(tmp_path / "other"))
    assert (done.stderr, done.returncode) == ("", 0)


def test_a_relative_cache_folder_is_not_looked_for_in_the_working_directory(tmp_path: Path) -> None:
    run_fallback("import os; os.chdir(os.environ['TMPDIR'])" + FALLBACK, tmp_path, XDG_CACHE_HOME="here")
    assert list((tmp_path / "tmp").iterdir()) == []
