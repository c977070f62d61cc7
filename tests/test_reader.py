"""Reading: every encoding and length, what is refused and where, lines, wrapped text, and the walk over directories."""

from __future__ import annotations

import codecs
import gzip
import os
import random
import re
import socket
import sys
import threading
import zlib
from itertools import pairwise
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier import reader
from classifier.document import Paragraphs
from classifier.errors import InputError
from classifier.reader import (
    BLANK,
    codepoints,
    decode,
    find_files,
    is_wrapped,
    read,
    split_paragraphs,
    wrap_width,
)

SIMPLIFIED = (
    "社区食堂开张，老人吃上热饭",
    "第一场雪落在山村的屋顶上",
    "铁路新线下月试运行",
    "图书馆夜间开放到十点，年轻读者排起了长队。",
    "县里的苹果今年卖得好，果农老张说，去年这个时候还在发愁销路，现在订单已经排到了明年三月。",
    "“孩子们终于有了自己的球场！”校长笑着说。记者看到，新铺的跑道上，几个学生正在练习接力；看台边，家长们举着手机拍照。",
    "地铁3号线延长段全长12.6公里，设站8座，预计2027年底通车，届时从火车站到机场只需35分钟。",
    "一、报名时间：6月1日至6月15日；\r\n二、报名地点：区政务服务中心二楼大厅。\r\n三、咨询电话：另行公布。",
    "院子里的桂花开了，香气一直飘到巷口。奶奶搬一把竹椅坐在树下，一边择菜，一边同过路的邻居说话。\n那是我记忆里最安静的秋天。",
)
TRADITIONAL = (
    "社區食堂開張，老人吃上熱飯",
    "第一場雪落在山村的屋頂上",
    "鐵路新線下月試運行",
    "圖書館夜間開放到十點，年輕讀者排起了長隊。",
    "縣裡的蘋果今年賣得好，果農老張說，去年這個時候還在發愁銷路，現在訂單已經排到了明年三月。",
    "「孩子們終於有了自己的球場！」校長笑著說。記者看到，新鋪的跑道上，幾個學生正在練習接力；看臺邊，家長們舉著手機拍照。",
    "地鐵3號線延長段全長12.6公里，設站8座，預計2027年底通車，屆時從火車站到機場只需35分鐘。",
    "一、報名時間：6月1日至6月15日；\r\n二、報名地點：區政務服務中心二樓大廳。\r\n三、諮詢電話：另行公布。",
    "院子裡的桂花開了，香氣一直飄到巷口。奶奶搬一把竹椅坐在樹下，一邊擇菜，一邊同過路的鄰居說話。\n那是我記憶裡最安靜的秋天。",
)
UNICODE = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
"""Encodings that hold every text."""

LABELED = sorted((Path(__file__).parents[1] / "labeled" / "articles").glob("**/*.txt"))


def refusal(content: bytes, encoding: str | None = None) -> InputError:
    """Return the error with which ``content`` is refused."""
    with pytest.raises(InputError) as caught:
        decode(content, encoding=encoding)
    message = caught.value.message
    assert message
    assert "\n" not in message
    assert message.isprintable()
    return caught.value


def position(error: InputError) -> int:
    """Return the byte an error names."""
    found = re.search(r" at byte (\d+)", error.message)
    assert found is not None, error.message
    return int(found[1])


def encoded(text: str, encoding: str) -> bytes:
    """Encode as other programs do: Big5 is what Windows takes for it."""
    return text.encode("cp950" if encoding == "big5" else encoding)


# --- encodings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", UNICODE)
@pytest.mark.parametrize("text", SIMPLIFIED + TRADITIONAL)
def test_text_is_read_in_every_encoding(text: str, encoding: str) -> None:
    assert decode(encoded(text, encoding)) == (text, encoding)


@pytest.mark.parametrize("text", TRADITIONAL)
def test_traditional_text_is_read_in_big5(text: str) -> None:
    assert decode(encoded(text, "big5")) == (text, "big5")


@pytest.mark.parametrize("length", [8, 9, 10, 11, 12])
@pytest.mark.parametrize("encoding", [*UNICODE, "big5"])
def test_a_headline_is_enough(encoding: str, length: int) -> None:
    for text in TRADITIONAL if encoding == "big5" else SIMPLIFIED + TRADITIONAL:
        for start in range(max(1, len(text) - length)):
            part = text[start : start + length]
            # Less than five Han characters, as in "12.6公里，设", tell too little.
            if sum("\u4e00" <= character <= "\u9fff" for character in part) >= 5:
                assert decode(encoded(part, encoding)) == (part, encoding)


def _round_trips(text: str) -> list[tuple[str, str]]:
    """Return the encodings, with what they are taken for, in which ``text`` does not come back."""
    wrong = []
    for encoding in (*UNICODE, "big5"):
        try:
            content = encoded(text, encoding)
        except UnicodeEncodeError:
            continue
        try:
            got = decode(content)
        except InputError as error:
            got = ("", error.message)
        if got != (text, encoding):
            wrong.append((encoding, got[1]))
    return wrong


@pytest.mark.parametrize("path", LABELED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_labelled_articles_are_read_in_every_encoding(path: Path) -> None:
    text = path.read_text(encoding="utf-8").strip()
    assert _round_trips(text) == []
    short = text[:10]
    if sum("\u4e00" <= character <= "\u9fff" for character in short) >= 5:
        assert _round_trips(short) == []


def test_ascii_and_nothing_are_utf_8() -> None:
    assert decode(b"") == ("", "utf-8")
    assert decode(b"plain ASCII,\ttwo\r\nlines\n") == ("plain ASCII,\ttwo\r\nlines\n", "utf-8")


@pytest.mark.parametrize("text", ["", "A", "第一场雪", "\ufeff第一场雪", "😀 emoji", "\u4e00" * 3 + "𠮷"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"\x84\x31\x95\x33", "gb18030"),
    ],
)
def test_a_byte_order_mark_settles_it_and_is_dropped_once(mark: bytes, encoding: str, text: str) -> None:
    assert decode(mark + text.encode(encoding)) == (text, encoding)
    assert decode(mark + text.encode(encoding), encoding=encoding) == (text, encoding)


def test_a_mark_that_lies_is_an_error_with_the_position_in_the_file() -> None:
    error = refusal(codecs.BOM_UTF8 + SIMPLIFIED[0].encode() + b"\xff")
    assert error.code == "decode"
    assert position(error) == 3 + len(SIMPLIFIED[0].encode())
    assert refusal(codecs.BOM_UTF8 + b"a\0b").message.startswith("NUL byte at byte 4: ")


def test_a_long_ascii_head_does_not_hide_the_encoding() -> None:
    for head in ("x" * 70_000 + "\n", "x" * 70_001 + "\n"):
        for text, encoding in ((SIMPLIFIED[4], "gb18030"), (TRADITIONAL[4], "big5"), (SIMPLIFIED[4], "utf-16-le")):
            assert decode(encoded(head + text, encoding)) == (head + text, encoding)


@given(st.integers(0, 200), st.sampled_from(SIMPLIFIED), st.sampled_from(UNICODE))
def test_the_end_of_the_sample_may_cut_a_character(shift: int, text: str, encoding: str) -> None:
    with mock.patch.object(reader, "_SAMPLE", 64 + shift):
        page = "a" * shift + text * 5
        assert decode(encoded(page, encoding)) == (page, encoding)


@given(st.text(), st.sampled_from(UNICODE))
def test_whatever_is_decoded_encodes_back(text: str, encoding: str) -> None:
    """No byte is ever lost or replaced, whatever the guess."""
    content = text.encode(encoding)
    try:
        got, name = decode(content)
    except InputError:
        return
    assert decode(content, encoding=name) == (got, name)
    if not content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"\x84\x31\x95\x33")):
        if name == "big5":
            assert content in (got.encode("cp950", "replace"), got.encode("big5hkscs", "replace"))
        else:
            assert got.encode(name) == content


@given(st.text())
def test_utf_8_with_its_mark_is_never_taken_for_anything_else(text: str) -> None:
    content = codecs.BOM_UTF8 + text.encode()
    try:
        got = decode(content)
    except InputError:
        assert refusal(content).code == "binary"  # NULs and controls
    else:
        assert got == (text, "utf-8")


def test_big5_has_the_symbols_of_windows_and_the_characters_of_hong_kong() -> None:
    assert decode("瑪麗‧居禮的故事／讀者來信～第五期".encode("cp950"))[0] == "瑪麗‧居禮的故事／讀者來信～第五期"
    text = "佢哋喺度食嘢，老闆話今日嘅魚好新鮮，啲街坊都讚好。"
    assert decode(text.encode("big5hkscs")) == (text, "big5")


def test_gb18030_has_every_character() -> None:
    text = SIMPLIFIED[4] + "㐀𠮷😀é〇㎡"
    assert decode(text.encode("gb18030")) == (text, "gb18030")


def test_tables_of_symbols_and_full_width_figures_are_text() -> None:
    rows = "┃　１２３．４５　┃　６７８　㎡　┃　▲　┃\n" * 200
    table = f"今日行情\n{'━' * 20}\n{rows}"
    assert decode(table.encode("gb18030")) == (table, "gb18030")


# --- damage -------------------------------------------------------------------------------------------------------

LONG_SIMPLIFIED = "\n".join(SIMPLIFIED)
LONG_TRADITIONAL = "\n".join(TRADITIONAL)


@given(st.integers(0, len(LONG_SIMPLIFIED.encode()) - 1), st.sampled_from([0x80, 0xC0, 0xFF]))
def test_one_wrong_byte_in_utf_8_is_named_and_not_taken_for_gb18030(at: int, wrong: int) -> None:
    content = LONG_SIMPLIFIED.encode()
    content = content[:at] + bytes([wrong]) + content[at + 1 :]
    expected = content.decode(errors="replace")
    if "\ufffd" not in expected:
        assert decode(content) == (expected, "utf-8")  # one character for another
        return
    first_bad = len(expected.partition("\ufffd")[0].encode())
    error = refusal(content)
    assert error.code == "decode"
    assert error.message == f"not valid UTF-8 at byte {first_bad}; pass --encoding NAME"
    assert at - 2 <= first_bad <= at


def test_a_few_wrong_bytes_in_utf_8_far_into_a_long_page_are_named() -> None:
    content = bytearray(LONG_SIMPLIFIED.encode() * 200)
    for at in (170_001, 170_002, 180_000):
        content[at] = 0xFF
    assert position(refusal(bytes(content))) in range(169_999, 170_002)


@pytest.mark.parametrize(("text", "encoding"), [(LONG_SIMPLIFIED, "gb18030"), (LONG_TRADITIONAL, "big5")])
def test_one_wrong_byte_in_a_legacy_encoding_is_named_and_not_taken_for_another(text: str, encoding: str) -> None:
    content = encoded(text, encoding)
    for at in range(0, len(content), 3):
        error = refusal(content[:at] + b"\xff" + content[at + 1 :])
        assert error.code == "decode"
        assert error.message.lower().startswith(f"not valid utf-8 or {encoding} at byte")
        assert at - 1 <= position(error) <= at


@pytest.mark.parametrize("encoding", UNICODE)
def test_a_page_cut_in_the_middle_of_a_character_is_an_error(encoding: str) -> None:
    content = SIMPLIFIED[5].encode(encoding)[:-1]
    error = refusal(content)
    assert error.code == "decode"
    assert position(error) >= len(content) - 2


@pytest.mark.parametrize("encoding", [None, "utf-8"])
def test_utf_8_cut_in_the_middle_of_a_character_is_not_blamed_on_its_encoding(encoding: str | None) -> None:
    content = LONG_SIMPLIFIED.encode()[:-1]
    with pytest.raises(InputError, match=f"cut short: .* at byte {len(content) - 2}; get the whole file") as caught:
        decode(content, encoding=encoding)
    assert caught.value.code == "decode"


def test_a_lone_surrogate_in_utf_16_is_an_error() -> None:
    content = LONG_SIMPLIFIED.encode("utf-16-le") + b"\x00\xd8\x2d\x4e"
    assert position(refusal(content)) == len(content) - 4


# --- not text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        SIMPLIFIED[0].encode() + b"\0" + SIMPLIFIED[1].encode(),
        SIMPLIFIED[0].encode("gb18030") + b"\0" + SIMPLIFIED[1].encode("gb18030"),
        TRADITIONAL[0].encode("big5") + b"\0" + TRADITIONAL[1].encode("big5"),
        b"hello\0world, this is a program",
    ],
)
def test_a_nul_is_not_text(content: bytes) -> None:
    error = refusal(content)
    assert error.code == "binary"
    assert error.message.startswith(f"NUL byte at byte {content.index(0)}: not a text file; ")
    assert decode(content, encoding="latin-1")[0].count("\0") == 1  # the remedy works


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(20),
        b"\xff\xd8\xff\xe0" + b"abc" * 20,
        gzip.compress(LONG_SIMPLIFIED.encode()),
        zlib.compress(LONG_SIMPLIFIED.encode() * 20),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
        b"\x7fELF\x02\x01\x01" + bytes(9),
        b"PK\x03\x04\x14\x00" + bytes(20),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20),
        bytes(100),
        b"\x01\x02\x03\x04" * 10,
        b"\xff" * 100,
    ],
)
def test_what_is_not_text_is_refused(content: bytes) -> None:
    assert refusal(content).code == "binary"


@pytest.mark.parametrize("size", [128, 1000, 100_000])
def test_random_bytes_are_not_text(size: int) -> None:
    source = random.Random(size)
    for _ in range(20):
        assert refusal(source.randbytes(size)).code == "binary"
        assert refusal(bytes(source.choices(range(1, 256), k=size))).code == "binary"


@pytest.mark.parametrize("text", ["日本の首都は東京です。今日は天気がとても良い。", "Сегодня в Москве хорошая погода."])
def test_another_language_in_its_own_encoding_is_not_taken_for_chinese(text: str) -> None:
    error = refusal(text.encode("shift_jis" if "日" in text else "cp1251"))
    assert "--encoding NAME" in error.message


def test_a_stray_control_is_text() -> None:
    for stray in ("\x0c", "\x1a", "\x1b", "\x07"):
        text = SIMPLIFIED[4] + stray
        assert decode(text.encode()) == (text, "utf-8")
        assert decode(text.encode("gb18030")) == (text, "gb18030")


@given(st.binary(max_size=200))
@example(b"caf\xe9")
@example(b"\xff\xfe\x00\x00")
@example(b"\xff\xfe\x00")
def test_bytes_are_text_or_refused_with_a_known_code(content: bytes) -> None:
    try:
        text, name = decode(content)
    except InputError:
        error = refusal(content)
        assert error.code in {"decode", "binary"}
        assert " at byte " not in error.message or 0 <= position(error) < len(content)
    else:
        text.encode()  # no lone surrogates
        assert name in {*UNICODE, "big5", "utf-32-le", "utf-32-be"}


# --- an encoding asked for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "codec", "reported"),
    [
        ("utf-8", "utf-8", "utf-8"),
        ("UTF8", "utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig", "utf-8"),
        ("GBK", "gbk", "gb18030"),
        ("gb2312", "gb18030", "gb18030"),
        ("GB-18030", "gb18030", "gb18030"),
        ("Big 5", "cp950", "big5"),
        ("cp950", "cp950", "cp950"),
        ("big5hkscs", "big5hkscs", "big5hkscs"),
        ("utf-16", "utf-16", "utf-16-le" if sys.byteorder == "little" else "utf-16-be"),
        ("utf-16", "utf-16-le", "utf-16-le"),
        ("utf-16be", "utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le", "utf-32-le"),
        ("hz", "hz", "hz"),
    ],
)
def test_an_encoding_asked_for_is_used(asked: str, codec: str, reported: str) -> None:
    text = TRADITIONAL[3] if codec != "hz" else SIMPLIFIED[3]
    content = text.encode(codec)
    assert decode(content, encoding=asked) == (text, reported)
    assert decode(content, encoding=reported) == (text, reported)
    assert decode(b"", encoding=asked)[0] == ""


def test_an_encoding_asked_for_is_used_even_against_the_evidence() -> None:
    assert decode("é".encode("latin-1"), encoding="latin-1") == ("é", "iso8859-1")
    assert decode(b"%PDF-1.7", encoding="ascii") == ("%PDF-1.7", "ascii")
    assert decode("一二".encode("utf-16-be"), encoding="utf-16-be") == ("一二", "utf-16-be")


def test_an_encoding_asked_for_that_does_not_fit_is_an_error_with_the_position() -> None:
    error = refusal("ab第一场雪".encode("gb18030"), "utf-8")
    assert error.code == "decode"
    assert error.message.startswith("not valid UTF-8 at byte 2; ")
    assert refusal(SIMPLIFIED[0].encode("utf-16-le")[:-1], "utf-16-le").code == "decode"


@pytest.mark.parametrize(
    "name",
    [
        *("hex", "rot13", "rot_13", "base64", "zlib", "bz2", "uu", "quopri"),
        *("idna", "punycode", "unicode_escape", "unicode-escape", "raw_unicode_escape", "utf-7", "UTF7", "utf_7"),
        *("undefined", "charmap", "aliases", "nonsense", "", " ", "中文", "a\0b", "\udc80", "../../x", "x\ny"),
        "u" * 100_000,
    ],
)
def test_what_is_not_a_text_encoding_is_refused(name: str) -> None:
    error = refusal(b"abc", name)
    assert error.code == "encoding"
    assert len(error.message) < 400
    assert refusal(b"", name).code == "encoding"


# --- files --------------------------------------------------------------------------------------------------------


def _read_code(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(path) not in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.code


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "页.txt"
    path.write_bytes(SIMPLIFIED[0].encode("gb18030"))
    assert read(path) == (SIMPLIFIED[0], "gb18030")
    assert read(path, encoding="gbk") == (SIMPLIFIED[0], "gb18030")
    (tmp_path / "link").symlink_to(path)
    assert read(tmp_path / "link") == (SIMPLIFIED[0], "gb18030")


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("none", "file/below", "dangling"):
        assert _read_code(tmp_path / name) == "missing"
    with pytest.raises(InputError, match=r"^no such file$"):
        read(tmp_path / "none")


def test_what_is_not_a_file_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in (".", "loop", "x" * 5000, "a\0b"):
        assert _read_code(tmp_path / name) == "unreadable"
    assert _read_code(Path(os.devnull)) == "unreadable"
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("listener")
        assert _read_code(Path("listener")) == "unreadable"


def test_a_forbidden_file_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.touch()

    def refuse(_: Path) -> bytes:  # permissions do not bind root, who may be running this
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match=r"^cannot be read: Permission denied$") as caught:
        read(path)
    assert caught.value.code == "unreadable"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(SIMPLIFIED[0].encode(),), daemon=True)
    writer.start()
    assert read(path) == (SIMPLIFIED[0], "utf-8")
    writer.join(timeout=10)


# --- paragraphs ---------------------------------------------------------------------------------------------------

LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
BLANKS = " \t\u3000\xa0\u2003\x1f\ufeff\u200b\u200c\u200d\u2060\xad\0\x01\x1b"
page_texts = st.one_of(
    st.text(alphabet=st.sampled_from(["中", "a", "，", "😀", "\ud800", "\uffff", *LINE_ENDS, *BLANKS])),
    st.lists(st.sampled_from(["中", "文字", "\r\n", "\r", "\n", "\n\r", " ", "\u3000\u3000", "😀"])).map("".join),
    st.text(st.characters()),
)


def is_blank(character: str) -> bool:
    """Say in so many words what is blank."""
    return character.isspace() or character in "\ufeff\u200b\u200c\u200d\u2060\xad" or ord(character) < 0x20


def expected_paragraphs(text: str) -> list[tuple[int, int, int]]:
    """Split into paragraphs one character after the other."""
    found = []
    offset = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        ink = [offset + i for i, character in enumerate(line) if not is_blank(character)]
        if ink:
            found.append((ink[0], ink[-1] + 1, number))
        offset += len(line)
    return found


@given(page_texts, st.integers(1, 9))
@example("\r\n", 1)
@example("\ra\r", 1)
@example("a\r\nb", 2)
def test_paragraphs_are_the_lines_that_are_not_blank(text: str, size: int) -> None:
    expected = expected_paragraphs(text)
    with mock.patch.object(reader, "_SLICE", size):
        cut = split_paragraphs(text)
    for paragraphs in (split_paragraphs(text), cut):
        assert [(p.start, p.end, p.line) for p in paragraphs] == expected
        assert all(array.dtype == np.int64 for array in (paragraphs.starts, paragraphs.ends, paragraphs.lines))


@given(page_texts)
def test_paragraphs_hold_all_ink_and_no_line_end(text: str) -> None:
    paragraphs = list(split_paragraphs(text))
    lines = text.splitlines()
    covered: set[int] = set()
    for paragraph in paragraphs:
        piece = text[paragraph.start : paragraph.end]
        assert not set(piece) & set(LINE_ENDS)
        assert not is_blank(piece[0])
        assert not is_blank(piece[-1])
        assert piece in lines[paragraph.line - 1]
        covered.update(range(paragraph.start, paragraph.end))
    assert all(a.end < b.start and a.line < b.line for a, b in pairwise(paragraphs))
    assert {i for i, character in enumerate(text) if not is_blank(character)} <= covered


def test_a_blank_page_has_no_paragraphs() -> None:
    for text in ("", " \n\u3000\r\n", "\n" * 100, "\ufeff\u200b\x00"):
        assert len(split_paragraphs(text)) == 0


def test_every_code_point_is_blank_or_not_as_said() -> None:
    characters = "".join(map(chr, range(0x110000)))
    blank = BLANK.take(codepoints(characters), mode="clip")
    assert np.flatnonzero(blank).tolist() == [i for i, character in enumerate(characters) if is_blank(character)]
    assert set(characters) - set("".join(characters.splitlines())) == set(LINE_ENDS)


@given(st.text(st.characters()))
def test_codepoints_are_those_of_the_text(text: str) -> None:
    points = codepoints(text)
    assert points.dtype == np.uint32
    assert points.tolist() == [ord(character) for character in text]


def test_a_page_larger_than_a_slice_is_split_alike() -> None:
    text = "\r\n".join(SIMPLIFIED * 4000)
    assert len(text) > reader._SLICE
    paragraphs = split_paragraphs(text)
    assert [(p.start, p.end, p.line) for p in paragraphs] == expected_paragraphs(text)


# --- hard-wrapped text --------------------------------------------------------------------------------------------


def make_paragraphs(seed: int, *, n_paragraphs: int = 20) -> list[str]:
    """Make paragraphs of one to three sentences of this module, 20 to 200 characters long."""
    source = random.Random(seed)
    sentences = [sentence.replace("\r\n", "").replace("\n", "") for sentence in SIMPLIFIED + TRADITIONAL]
    return ["。".join(source.sample(sentences, source.randint(1, 3))) + "。" for _ in range(n_paragraphs)]


def wrap(paragraphs: list[str], width: int, *, indent: str = "\u3000\u3000") -> str:
    """Cut paragraphs into lines of ``width`` characters, the indentation of the first included."""
    lines = []
    for paragraph in paragraphs:
        indented = indent + paragraph
        lines += [indented[at : at + width] for at in range(0, len(indented), width)]
    return "\n".join(lines)


@pytest.mark.parametrize("indent", ["\u3000\u3000", "", "  "])
@pytest.mark.parametrize("width", range(12, 31))
def test_wrapped_text_is_recognised(width: int, indent: str) -> None:
    for seed in range(5):
        text = wrap(make_paragraphs(seed), width, indent=indent)
        for page in (text, text.replace("\n", "\r\n"), f"社区食堂开张\n\n{text}", text.replace("\n", " \n")):
            assert wrap_width(split_paragraphs(page)) == width
            assert is_wrapped(split_paragraphs(page))


@pytest.mark.parametrize("widths", [(12, 18), (14, 22), (12, 16, 25)])
def test_columns_of_several_widths_are_recognised(widths: tuple[int, ...]) -> None:
    text = "\n\n".join(wrap(make_paragraphs(width), width) for width in widths)
    assert wrap_width(split_paragraphs(text)) in widths


@pytest.mark.parametrize("width", [12, 14, 18, 22])
def test_punctuation_may_hang_and_characters_be_lost(width: int) -> None:
    source = random.Random(width)
    lines = wrap(make_paragraphs(width), width).splitlines()
    ragged = [line + "，" if source.random() < 0.1 else line[: -1 if source.random() < 0.1 else None] for line in lines]
    assert abs(wrap_width(split_paragraphs("\n".join(ragged))) - width) <= 1


@pytest.mark.parametrize("seed", range(10))
def test_paragraphs_and_lists_are_not_wrapped(seed: int) -> None:
    source = random.Random(seed)
    headlines = ["雪" * source.randint(8, 24) for _ in range(60)]
    notice = ["雪" * source.randint(3, 40) for _ in range(40)]
    for lines in (make_paragraphs(seed), headlines, notice, ["\u3000\u3000" + line for line in headlines]):
        assert not is_wrapped(split_paragraphs("\n".join(lines)))


@pytest.mark.parametrize(
    "verse", ["白云在天边，", "白云在天边，炊烟在屋檐。", "白云缓缓过山前，", "白云缓缓过山前，炊烟轻轻上屋檐。"]
)
@pytest.mark.parametrize("n_verses", [4, 8, 16, 64])
def test_poems_are_not_wrapped(verse: str, n_verses: int) -> None:
    assert not is_wrapped(split_paragraphs("\n".join(["山居", "（外一首）", *[verse] * n_verses])))
    assert not is_wrapped(split_paragraphs("山居\n\n" + "\n\n".join(["\n".join([verse] * 4)] * n_verses)))


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 80), st.integers(1, 3)), max_size=60))
def test_any_lines_have_a_width_of_theirs_or_none(lines: list[tuple[int, int, int]]) -> None:
    gaps, lengths, steps = np.array(lines, dtype=np.int64).reshape(-1, 3).T
    ends = np.cumsum(gaps + lengths)
    width = wrap_width(Paragraphs(ends - lengths, ends, np.cumsum(steps)))
    assert width == 0 or 9 <= width <= 47


# --- finding files ------------------------------------------------------------------------------------------------


def make_tree(root: Path, *names: str) -> None:
    """Make empty files, and their directories."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*paths: str, glob: str = "*.txt") -> list[tuple[str, str | None]]:
    """Find files; errors by their code."""
    return [(path, None if error is None else error.code) for path, error in find_files(paths, glob=glob)]


def test_a_directory_is_walked_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "d/c.txt", "d/b/z.txt", "d/b/y/x.TXT", "d/a.txt", "d/a.md", "d/.hidden.txt", "d/.git/a.txt")
    monkeypatch.chdir(tmp_path)
    expected = ["a.txt", "b/y/x.TXT", "b/z.txt", "c.txt"]
    assert found("d") == [(f"d/{name}", None) for name in expected]
    assert found("./d/") == [(f"./d/{name}", None) for name in expected]
    assert found(".") == [(f"./d/{name}", None) for name in expected]
    assert found(str(tmp_path / "d")) == [(f"{tmp_path}/d/{name}", None) for name in expected]
    assert found("d", glob="*.MD") == [("d/a.md", None)]
    assert found("d", glob="[ab].*") == [("d/a.md", None), ("d/a.txt", None)]


def test_a_pattern_with_braces_stands_for_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "d/a.jpg", "d/b.PDF", "d/c.txt", "d/{x}.jpg", "d/e.{")
    monkeypatch.chdir(tmp_path)
    assert found("d", glob="*.{JPG,pdf}") == [("d/a.jpg", None), ("d/b.PDF", None), ("d/{x}.jpg", None)]
    assert found("d", glob="{x}.*") == [("d/{x}.jpg", None)]
    assert found("d", glob="*.{") == [("d/e.{", None)]


def test_explicit_paths_stand_for_themselves(tmp_path: Path) -> None:
    make_tree(tmp_path, ".hidden", "page.dat")
    paths = [str(tmp_path / name) for name in (".hidden", "page.dat", "missing", "page.dat")]
    assert found("-", *paths) == [("-", None), *((path, None) for path in paths)]
    assert found() == []


def test_a_directory_without_a_match_is_an_error(tmp_path: Path) -> None:
    make_tree(tmp_path, "a/b/c.md", "b/x.txt")
    assert found(str(tmp_path / "a"), str(tmp_path / "b")) == [
        (str(tmp_path / "a"), "empty-directory"),
        (str(tmp_path / "b" / "x.txt"), None),
    ]
    [(_, error)] = find_files([str(tmp_path)], glob="*.\n")
    assert error is not None
    assert error.message == r"no file matches '*.\n' in this directory; pass --glob PATTERN"


def test_links_to_files_are_followed_and_links_to_directories_are_not(tmp_path: Path) -> None:
    make_tree(tmp_path, "d/a/1.txt", "elsewhere/page")
    root = tmp_path / "d"
    (root / "back.txt").symlink_to(root)
    (root / "b").symlink_to(tmp_path / "elsewhere")
    (root / "c.txt").symlink_to(tmp_path / "elsewhere" / "page")
    (root / "dangling.txt").symlink_to(tmp_path / "nowhere")
    (root / "loop.txt").symlink_to(root / "loop.txt")
    names = ["a/1.txt", "c.txt", "dangling.txt", "loop.txt"]
    assert found(str(root)) == [(f"{root}/{name}", None) for name in names]
    (tmp_path / "link").symlink_to(root)  # typed by the user, so meant
    assert found(str(tmp_path / "link")) == [(f"{tmp_path}/link/{name}", None) for name in names]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_in_a_directory_does_not_block_the_batch(tmp_path: Path) -> None:
    make_tree(tmp_path, "b.txt")
    os.mkfifo(tmp_path / "a.txt")
    assert found(str(tmp_path)) == [(str(tmp_path / "b.txt"), None)]
    assert found(str(tmp_path / "a.txt")) == [(str(tmp_path / "a.txt"), None)]


def test_an_unreadable_directory_does_not_end_the_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "a/1.txt", "b/2.txt", "c/3.txt")
    scandir = os.scandir

    def refuse(path: str) -> object:  # permissions do not bind root, who may be running this
        if path.endswith("b"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    root = str(tmp_path)
    assert found(root) == [(f"{root}/a/1.txt", None), (f"{root}/b", "unreadable"), (f"{root}/c/3.txt", None)]
    assert found(f"{root}/b") == [(f"{root}/b", "unreadable")]


def test_any_file_name_survives(tmp_path: Path) -> None:
    names = [b"line\nbreak.txt", b"\xff\xfe.txt", "第一版.txt".encode(), b"tab\t.txt", b"[a]*?.txt", b"-.txt"]
    try:
        for name in names:
            (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system has rules for names")
    paths = [path for path, error in find_files([str(tmp_path)]) if error is None]
    assert sorted(os.fsencode(path) for path in paths) == sorted(os.fsencode(tmp_path) + b"/" + name for name in names)
    assert all(read(Path(path)) == ("x", "utf-8") for path in paths)


def test_directories_are_opened_only_when_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "a/1.txt", "b/2.txt")
    opened = []
    scandir = os.scandir

    def record(path: str) -> object:
        opened.append(Path(path).name)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", record)
    files = find_files([str(tmp_path)])
    assert opened == []
    next(files)
    assert opened == [tmp_path.name, "a"]
    next(files)
    assert opened == [tmp_path.name, "a", "b"]
