"""Reading: every encoding and length, what is refused and where."""

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
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.errors import InputError
from classifier.text import reader
from classifier.text.reader import decode, read
from tests.sentences import SIMPLIFIED, TRADITIONAL

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
        b"{\\rtf1\\ansi " + LONG_SIMPLIFIED.encode("gbk"),
        b"<!DOCTYPE html>\n<p>" + LONG_SIMPLIFIED.encode(),
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<HTML lang=zh>" + LONG_SIMPLIFIED.encode(),
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


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0"?>\n<TEI>',
        '<TEI xmlns="http://www.tei-c.org/ns/1.0">',
        "\ufeff<!-- 扫描 -->\n<!DOCTYPE nitf SYSTEM 'nitf.dtd'>\n<nitf>",
    ],
)
def test_xml_is_no_text(head: str) -> None:
    data = f"{head}<p>水渠昨日正式通水。</p>".encode()
    with pytest.raises(InputError, match="ALTO, PAGE or hOCR; extract its text") as caught:
        decode(data)
    assert caught.value.code == "binary"
    assert decode(data, encoding="utf-8")[0].endswith("</p>")
    assert decode("<水渠>昨日 xmlns 通水".encode())[1] == "utf-8"
