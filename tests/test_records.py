"""Pages in JSON Lines."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from classifier import records
from classifier.inputs import Search, find_inputs
from classifier.records import find_texts
from classifier.sources import Source

LINES: list[dict[str, object]] = [
    {"id": "a-1", "text": "第一篇"},
    {"id": 7, "text": "\ud800 半个字"},
    {"text": "没有号"},
    {"id": True, "text": ""},
    {"id": None, "text": "空号", "more": [1]},
]


def find(data: bytes, field: str = "text") -> list[Source]:
    return list(find_texts(io.BytesIO(data), path="x.jsonl", name="x.jsonl", field=field))


def jsonl(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


@pytest.mark.parametrize("packed", [False, True])
def test_every_object_is_a_page_with_its_id(packed: bool) -> None:
    data = jsonl(*LINES)
    found = find(gzip.compress(data) if packed else data)
    assert [source.text for source in found] == [line["text"] for line in LINES]
    assert [source.id for source in found] == ["a-1", 7, None, None, None]
    assert [source.path for source in found] == [f"x.jsonl:{number}" for number in range(1, 6)]
    assert found[0].name == "x.jsonl/000000/000000001"
    assert found[0].read().decode("utf-8", "surrogatepass") == found[0].text


def test_blank_lines_and_a_byte_order_mark_are_no_pages() -> None:
    data = b"\xef\xbb\xbf" + jsonl(LINES[0]) + b"\n  \n" + jsonl(LINES[2]).strip()
    assert [source.path for source in find(data)] == ["x.jsonl:1", "x.jsonl:4"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"id": 3, "body": "x"}', "no text in 'text'; pass --jsonl-text with one of its fields: 'id', 'body'"),
        (b'{"text": 3}', "no text in 'text'"),
    ],
)
def test_a_bad_line_stops_nothing(line: bytes, said: str) -> None:
    before, bad, after = find(jsonl(LINES[0]) + line + b"\n" + jsonl(LINES[2]))
    assert (before.failure, after.failure) == (None, None)
    assert bad.failure is not None
    assert bad.failure.code == "record"
    assert said in bad.failure.message
    assert "\n" not in bad.failure.message


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
