"""Pages in JSON Lines."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from classifier.batches import records
from classifier.batches.inputs import Search, find_inputs
from classifier.batches.records import find_texts
from classifier.batches.sources import Source

LINES: list[dict[str, object]] = [
    {"id": "a-1", "text": "第一篇"},
    {"id": 7, "text": "\ud800 半个字"},
    {"text": "没有号"},
    {"id": True, "text": ""},
    {"id": None, "text": "空号", "more": [1]},
]


def find(data: bytes, field: str = "text", encoding: str | None = None) -> list[Source]:
    return list(find_texts(io.BytesIO(data), path="x.jsonl", name="x.jsonl", field=field, encoding=encoding))


def jsonl(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


@pytest.mark.parametrize("packed", [False, True])
def test_every_object_is_a_page_with_its_id(packed: bool) -> None:
    data = jsonl(*LINES)
    found = find(gzip.compress(data) if packed else data)
    assert [source.text for source in found] == [line["text"] for line in LINES]
    assert [source.id for source in found] == ["a-1", 7, None, True, None]
    assert [source.path for source in found] == [f"x.jsonl:{number}" for number in range(1, 6)]
    assert found[0].name == "x.jsonl/000000/000000001"
    assert found[0].read().decode("utf-8", "surrogatepass") == found[0].text


@pytest.mark.parametrize("identity", ["a", "", 7, 0, 1.5, True, False, ["a", 1], {"$oid": "5f"}])
def test_an_id_is_kept_whatever_it_is(identity: object) -> None:
    (source,) = find(jsonl({"id": identity, "text": "文"}))
    assert source.id == identity
    assert type(source.id) is type(identity)


@pytest.mark.parametrize("identity", [None, float("nan"), [float("inf")]])
def test_an_id_that_json_cannot_hold_is_none(identity: object) -> None:
    assert find(jsonl({"id": identity, "text": "文"}))[0].id is None


def test_blank_lines_and_a_byte_order_mark_are_no_pages() -> None:
    data = b"\xef\xbb\xbf" + jsonl(LINES[0]) + b"\n  \n" + jsonl(LINES[2]).strip()
    assert [source.path for source in find(data)] == ["x.jsonl:1", "x.jsonl:4"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not valid JSON, it breaks off; mend the line"),
        (b'{"text": "a" "b"}', "not valid JSON, wrong from character 14 on; mend the line"),
        (b"[" * 100_000, "nested too deep; give an object with its text in a field"),
        (b"[" + b"9" * 5000 + b"]", "not valid JSON: a number of too many digits; mend the line"),
        (b"[1]", "not a JSON object"),
        (b'{"id": 3, "body": "x"}', "no text in 'text'; pass --jsonl-text with one of its fields: 'id', 'body'"),
        (b'{"text": 3}', "'text' is a number, not text; pass --jsonl-text with a field that is a string"),
        (b'{"text": null}', "'text' is null, not text"),
        (b'{"text": false}', "'text' is true or false, not text"),
        (b'{"text": ["a"]}', "'text' is a list, not text"),
    ],
)
def test_a_bad_line_stops_nothing(line: bytes, said: str) -> None:
    before, bad, after = find(jsonl(LINES[0]) + line + b"\n" + jsonl(LINES[2]))
    assert (before.failure, after.failure) == (None, None)
    assert bad.failure is not None
    assert bad.failure.code == "record"
    assert said in bad.failure.message
    assert "\n" not in bad.failure.message


@pytest.mark.parametrize("encoding", ["gb18030", "GBK", "big5", "utf-8", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("packed", [False, True])
def test_lines_are_read_in_the_encoding_given(encoding: str, packed: bool) -> None:
    text = "\n".join(json.dumps({"text": words}, ensure_ascii=False) for words in ("中文", "上\u010a下" * 9, "完"))
    data = text.replace("\u010a", "" if encoding in ("GBK", "big5") else "\u010a").encode(encoding)
    found = find(gzip.compress(data) if packed else data, encoding=encoding)
    assert [source.text for source in found] == [json.loads(line)["text"] for line in data.decode(encoding).split("\n")]
    assert [source.path for source in found] == ["x.jsonl:1", "x.jsonl:2", "x.jsonl:3"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_with_its_mark_needs_no_encoding(encoding: str) -> None:
    """PowerShell's ``>`` writes it."""
    data = "\ufeff".encode("utf-16-le") + '{"text": "中文"}\r\n{"text": 1}\r\n'.encode("utf-16-le")
    for given in (None, encoding):
        first, second = find(data, encoding=given)
        assert first.text == "中文"
        assert second.failure is not None
        assert second.path == "x.jsonl:2"


def test_a_line_that_is_not_utf_8_names_the_remedy() -> None:
    _, bad, last = find(jsonl(LINES[0]) + b'{"text": "\xd6\xd0"}\n' + jsonl(LINES[2]))
    assert bad.failure is not None
    assert bad.failure.code == "decode"
    assert bad.failure.message == "not valid UTF-8 at byte 10; give the encoding with --encoding, such as gb18030"
    assert last.text == "没有号"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('[\n{"text": "a"},\n{"text": "b"}\n]\n', "a JSON array"),
        ('[{"text": "a"}, {"text": "b"}]', "a JSON array"),
        ('{\n "text": "a"\n}\n', "a JSON object over several lines"),
    ],
)
@pytest.mark.parametrize("encoding", [None, "utf-16"])
def test_json_that_is_not_in_lines_is_said_once(data: str, said: str, encoding: str | None) -> None:
    (bad,) = find(data.encode(encoding or "utf-8"), encoding=encoding)
    assert bad.failure is not None
    assert (bad.path, bad.failure.code) == ("x.jsonl", "record")
    assert bad.failure.message.startswith(said + ", not JSON Lines; ")


def test_a_line_that_is_not_in_the_encoding_given_fails_alone() -> None:
    first, bad, last = find(b'{"text": "a"}\n{"text": "\xff"}\n{"text": "b"}\n', encoding="gb18030")
    assert (first.text, last.text) == ("a", "b")
    assert bad.failure is not None
    assert bad.failure.code == "decode"
    assert bad.failure.message.startswith("not valid GB18030 at byte 10")


def test_an_encoding_that_is_none_is_a_failure() -> None:
    (bad,) = find(jsonl(LINES[0]), encoding="klingon")
    assert bad.failure is not None
    assert bad.failure.code == "encoding"


def test_utf_16_that_breaks_off_keeps_what_was_read() -> None:
    data = '{"text": "中文"}\n{"text": "下'.encode("utf-16-le")[:-1]
    first, *rest = find(data, encoding="utf-16-le")
    assert first.text == "中文"
    assert rest[-1].failure is not None
    assert rest[-1].failure.code in ("decode", "record")


def test_a_line_longer_than_any_page_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PAGE_LIMIT", 100)
    _, bad, after = find(jsonl(LINES[0], {"text": "x" * 1000}, LINES[2]))
    assert bad.failure is not None
    assert "longer than 100 bytes" in bad.failure.message
    assert (after.path, after.text) == ("x.jsonl:3", "没有号")


def test_a_file_cut_short_is_read_as_far_as_it_goes() -> None:
    data = gzip.compress(jsonl(*({"text": f"{n:099}"} for n in range(5000))))
    *found, bad = find(data[: len(data) // 2])
    assert len(found) > 100
    assert bad.failure is not None
    assert bad.failure.code == "unreadable"


def test_files_directories_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl.gz").write_bytes(gzip.compress(jsonl(LINES[0])))
    (tmp_path / "in" / "b.jsonl").write_bytes(jsonl(LINES[2]))
    search = Search(glob="*.jsonl*", field="text", stamped=True)
    found = list(find_inputs(str(tmp_path / "in"), search))
    assert [(source.text, source.name) for source in found] == [
        ("第一篇", "a.jsonl.gz/000000/000000001"),
        ("没有号", "b.jsonl/000000/000000001"),
    ]
    assert all(source.stamp for source in found)
    assert found[0].place != found[1].place
    (piped,) = find_inputs("-", search, stdin=io.BytesIO(jsonl(LINES[0])))
    assert (piped.path, piped.text) == ("-:1", "第一篇")
    (missing,) = find_inputs(str(tmp_path / "no.jsonl"), search)
    assert missing.failure is not None
    assert missing.failure.code == "missing"


def test_a_damaged_gzip_file_is_a_failure_that_keeps_what_was_read() -> None:
    data = bytearray(gzip.compress(jsonl(*({"text": f"{n:099}"} for n in range(5000))), compresslevel=1))
    middle = len(data) // 2
    data[middle : middle + 64] = b"\xff" * 64
    *_, last = find(bytes(data))
    assert last.failure is not None
    assert last.failure.code == "unreadable"
