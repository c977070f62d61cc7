"""Archives of pages: read without unpacking, and trusted in nothing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import IO, cast

import pytest

from classifier.batches import archives
from classifier.batches.archives import find_pages
from classifier.batches.inputs import is_archive
from classifier.batches.sources import Source

TEXT = "一段文字。\n".encode()
KINDS = ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"]


def pack(path: Path, members: dict[str, bytes]) -> str:
    """Pack members under any names, good or bad."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    else:
        kind = path.suffix[1:] if path.suffix != ".tar" else ""
        with tarfile.open(path, f"w:{kind}") as archive:  # type: ignore[call-overload]
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return str(path)


def pages(path: str, glob: str = "*.txt") -> dict[str, bytes | str]:
    """Return the content, or the code and message of the failure, of what is found."""
    return {source.path.removeprefix(path): outcome(source) for source in find_pages(path, glob=glob)}


def outcome(source: Source) -> bytes | str:
    if source.failure is not None:
        return f"{source.failure.code}: {source.failure.message}"
    assert source.content is not None
    return source.content


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_pages_in_their_order(tmp_path: Path, kind: str) -> None:
    members = {"b/2.txt": TEXT, "a.TXT": b"", "b/1.txt": TEXT * 9, "notes.md": b"x", ".hidden/c.txt": b"x"}
    members |= {"__MACOSX/._a.txt": b"x", "页/面.txt": TEXT}
    path = pack(tmp_path / f"pages.{kind}", members)
    assert is_archive(path)
    found = list(find_pages(path, glob="*.txt"))
    assert [(source.path, source.content) for source in found] == [
        (f"{path}/{name}", members[name]) for name in ("b/2.txt", "a.TXT", "b/1.txt", "页/面.txt")
    ]
    assert found[0].name == f"pages.{kind}/b/2.txt"
    assert all(source.stamp and source.stamp[0] == os.path.getsize(path) for source in found)  # noqa: PTH202


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_names_that_lead_out_are_refused_and_the_rest_is_read(tmp_path: Path, kind: str) -> None:
    bad = ["../a.txt", "/etc/a.txt", "b/../../a.txt", "C:\\a.txt", "..\\a.txt", "\\\\host\\a.txt", "\\a.txt"]
    path = pack(tmp_path / f"pages.{kind}", {**dict.fromkeys(bad, TEXT), "good.txt": TEXT})
    found = [outcome(source) for source in find_pages(path, glob="*.txt")]
    assert found[:-1] == ["archive: the name leads out of the archive; pack it again"] * len(bad)
    assert found[-1] == TEXT
    assert [name.name for name in tmp_path.iterdir()] == [f"pages.{kind}"]


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = Path(pack(tmp_path / "pages.zip", {"secret.txt": TEXT, "open.txt": TEXT}))
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flags of the first member, in both places
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    found = pages(str(path))
    assert found == {"/secret.txt": "archive: encrypted; pack it again without a password", "/open.txt": TEXT}


def test_a_member_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "bomb.zip", {"bomb.txt": bytes(archives.SMALL * 3), "good.txt": TEXT})
    found = pages(path)
    assert found["/good.txt"] == TEXT
    assert str(found["/bomb.txt"]).startswith("archive: unpacks to ")


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_member_larger_than_any_page_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "PAGE_LIMIT", 1000)
    path = pack(tmp_path / f"pages.{kind}", {"large.txt": os.urandom(1001), "good.txt": TEXT})
    found = pages(path)
    assert found["/good.txt"] == TEXT
    assert str(found["/large.txt"]).startswith("archive: unpacks to 1,001 bytes")


def test_a_size_that_lies_is_found_out(tmp_path: Path) -> None:
    path = Path(pack(tmp_path / "pages.zip", {"a.txt": TEXT * 100, "b.txt": TEXT}))
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 10)  # the size in the table of contents
    path.write_bytes(data)
    found = pages(str(path))
    assert str(found["/a.txt"]).startswith("archive: damaged")
    assert found["/b.txt"] == TEXT


def test_a_tar_that_unpacks_to_hundreds_of_times_its_size_is_left(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tar.gz"
    packer = zlib.compressobj(9, wbits=31)
    info = tarfile.TarInfo("skipped.bin")
    info.size = 1 << 34
    with path.open("wb") as file:
        file.write(packer.compress(info.tobuf()))
        for _ in range(100):
            file.write(packer.compress(bytes(1 << 20)))
        file.write(packer.flush())
    (found,) = pages(str(path)).values()
    assert str(found).startswith("archive: damaged after 0 pages: unpacks to more than 200 times its size")


def test_a_header_cannot_take_all_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tar"
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 32
    with path.open("wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        file.truncate(1 << 32)
    tracemalloc.start()
    (found,) = pages(str(path)).values()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "bytes where a few are usual" in str(found)
    assert peak < 1 << 24


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_links_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"pages.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            link = zipfile.ZipInfo("link.txt")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
    else:
        with tarfile.open(path, "w") as tar:
            info = tarfile.TarInfo("link.txt")
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(info)
    assert pages(str(path)) == {"/link.txt": "archive: a link or device, not a file; pack the file itself"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kept", [0, 40, -1])
def test_damage_is_a_failure_and_what_came_before_is_read(tmp_path: Path, kind: str, kept: int) -> None:
    path = Path(pack(tmp_path / f"pages.{kind}", {f"{n}.txt": os.urandom(3000) for n in range(9)}))
    size = path.stat().st_size
    os.truncate(path, kept if kept >= 0 else size - size // 3)
    found = list(find_pages(str(path), glob="*.txt"))
    assert found[-1].failure is not None
    assert found[-1].failure.code in ("archive", "empty-directory")
    assert all(source.failure is None for source in found[:-1])
    if kind == "tar" and kept < 0:
        assert len(found) > 3


def test_an_archive_that_is_not_there_or_holds_nothing(tmp_path: Path) -> None:
    missing = str(tmp_path / "no.zip")
    assert pages(missing) == {"": "missing: no such file"}
    empty = pack(tmp_path / "empty.zip", {"a.md": b""})
    assert pages(empty) == {"": "empty-directory: no member matches '*.txt'; pass --glob PATTERN"}
    assert pages(empty, glob="*.md") == {"/a.md": b""}


def test_names_packed_by_chinese_windows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pages.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("AAAA.txt", TEXT)
    path.write_bytes(path.read_bytes().replace(b"AAAA", "版面".encode("gb18030")))
    assert list(pages(str(path))) == ["/版面.txt"]


@pytest.mark.parametrize("name", ["版面.txt", "Übung.txt", "plain.txt"])
def test_a_name_that_python_has_from_the_field_in_utf_8_is_kept(name: str) -> None:
    """As Python 3.12 and newer set it; cp437 has the second one's letters, but not the first one's."""
    member = zipfile.ZipInfo("░µ├µ.txt")
    member.filename = name
    assert archives._zip_name(member) == name


def test_a_name_that_is_there_in_utf_8_too_is_read_alike(tmp_path: Path) -> None:
    name = "版面.txt".encode("gb18030")
    field = struct.pack("<BL", 1, zlib.crc32(name)) + "版面.txt".encode()
    member = zipfile.ZipInfo("AAAA.txt")
    member.extra = struct.pack("<HH", 0x7075, len(field)) + field
    path = tmp_path / "pages.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, TEXT)
    path.write_bytes(path.read_bytes().replace(b"AAAA.txt", name))
    assert list(pages(str(path))) == ["/版面.txt"]


def test_a_name_that_is_not_the_utf_8_it_says_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("页.txt", b"x")
    data = path.read_bytes()
    path.write_bytes(data.replace("页".encode(), b"\xff\xfe\xfd"))
    assert [found.failure.code for found in find_pages(str(path), glob="*.txt") if found.failure] == ["archive"]


class Steps(io.BytesIO):
    """Unpacked bytes that note how they are gone through."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.sizes: list[int] = []

    def read(self, size: int | None = -1) -> bytes:
        self.sizes.append(-1 if size is None else size)
        return super().read(size)


def guarded(packed: bytes, unpacked: bytes) -> tuple[archives._Guard, Steps]:
    """Return a guard for an archive that unpacks to some bytes, and these."""
    guard, steps = archives._Guard(io.BytesIO(packed)), Steps(unpacked)
    guard._file = cast("IO[bytes]", steps)
    return guard, steps


def test_a_guard_goes_where_it_is_told() -> None:
    content = os.urandom(1000)
    for packed in (content, gzip.compress(content), bz2.compress(content), lzma.compress(content)):
        guard = archives._Guard(io.BytesIO(packed))
        assert guard.seek(900) == guard.tell() == 900
        assert guard.read(5) == content[900:905]
        assert guard.seek(10) == 10
        assert guard.seek(20, 1) == 30
        assert guard.read(5) == content[30:35]


def test_a_guard_goes_forward_in_steps_of_a_megabyte_and_not_past_the_end() -> None:
    guard, steps = guarded(b"", bytes(3 * archives.SMALL))
    assert guard.seek(2 * archives.SMALL + 5) == 2 * archives.SMALL + 5
    assert steps.sizes == [archives.SMALL, archives.SMALL]
    steps.sizes.clear()
    assert guard.seek(0) == 0
    assert guard.seek(archives.SMALL) == archives.SMALL  # a step, and no more
    assert guard.seek(0) == 0
    assert guard.seek(2 * archives.SMALL, 1) == 2 * archives.SMALL  # only what is counted from the start is in steps
    assert guard.seek(0) == 0
    assert steps.sizes == []
    assert guard.seek(9 * archives.SMALL) == 9 * archives.SMALL
    assert steps.sizes == [archives.SMALL] * 4  # the last of them found nothing


def test_a_guard_notices_a_bomb_before_it_has_gone_all_the_way() -> None:
    guard, steps = guarded(b"x", bytes(80 * archives.SMALL))
    with pytest.raises(tarfile.ReadError, match="unpacks to more than 200 times its size"):
        guard.seek(79 * archives.SMALL)
    assert steps.tell() == 65 * archives.SMALL


def test_a_plain_archive_is_not_gone_through() -> None:
    packed = Steps(bytes(3 * archives.SMALL))
    guard = archives._Guard(cast("IO[bytes]", packed))
    packed.sizes.clear()
    assert guard.seek(2 * archives.SMALL + 5) == 2 * archives.SMALL + 5
    assert packed.sizes == []
