"""Pages in ``.zip`` and ``.tar`` archives, one after another, without unpacking anything.

An archive comes from elsewhere: a member is refused, as a failure of its own, if its name leads out of the archive, if
it is encrypted, no plain file, or so large or so much compressed that it is no page; an archive that unpacks to
hundreds of times its size is left where that shows. Nothing is written to disk but results.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO, cast

from classifier.batches.sources import PAGE_LIMIT, Source
from classifier.document import Failure
from classifier.errors import InputError
from classifier.files import absolute, name_matcher, unreadable

RATIO = 200
"""Times its size to which a member, or a whole tar archive, may unpack: text is 2 to 10 times as large, markup 50."""

SMALL = 1 << 20
"""Bytes. What unpacks to less is not held to :data:`RATIO`."""

_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    ValueError,  # a name that is not the UTF-8 it says it is, a number in a header that is none
)


def find_pages(path: str, *, glob: str) -> Iterator[Source]:
    """Yield the members of an archive whose names match ``glob``, in its order, with their content or failure.

    Hidden names are skipped as in directories. A member ``a/b.txt`` of ``x.zip`` is called ``x.zip/a/b.txt``.
    """
    find = _zip if path.lower().endswith(".zip") else _tar
    found = 0
    try:
        status = os.stat(path)  # noqa: PTH116
        stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        for name, content in find(path, _is_wanted(glob)):
            found += 1
            failure = None if isinstance(content, bytes) else Failure(content.code, content.message)
            yield Source(
                f"{path}/{name}",
                name=f"{os.path.basename(path)}/{name}",  # noqa: PTH119 as it was typed
                place=f"{absolute(path)}/{name}",
                content=content if isinstance(content, bytes) else None,
                stamp=stamp,
                failure=failure,
            )
    except (FileNotFoundError, NotADirectoryError):
        yield Source(path, failure=Failure("missing", "no such file"))
        return
    except _DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        yield Source(path, failure=Failure("archive", f"damaged after {found:,} pages: {reason}; pack it again"))
        return
    except OSError as error:
        refused = unreadable(error)
        yield Source(path, failure=Failure(refused.code, refused.message))
        return
    if not found:
        yield Source(path, failure=Failure("empty-directory", f"no member matches {glob!a}; pass --glob PATTERN"))


def _is_wanted(glob: str) -> Callable[[str], bool]:
    is_match = name_matcher(glob)

    def is_wanted(name: str) -> bool:
        parts = name.replace("\\", "/").split("/")
        hidden = any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX" for part in parts)
        return not hidden and is_match(parts[-1])

    return is_wanted


def _refusal(name: str, *, plain: bool, size: int) -> InputError | None:
    """Return why a member is not read, judged before a byte of it is unpacked."""
    windows = PureWindowsPath(name)
    if name.startswith("/") or windows.drive or windows.root or ".." in (*PurePosixPath(name).parts, *windows.parts):
        return InputError("the name leads out of the archive; pack it again", code="archive")
    if not plain:
        return InputError("a link or device, not a file; pack the file itself", code="archive")
    if size > PAGE_LIMIT:
        return InputError(f"unpacks to {size:,} bytes, more than a page has; cut it into pages", code="archive")
    return None


# --- zip -------------------------------------------------------------------------------------------------------------


def _zip(path: str, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes | InputError]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = _zip_name(info)
            if info.is_dir() or not is_wanted(name):
                continue
            mode = stat.S_IFMT(info.external_attr >> 16)
            refusal = _refusal(name, plain=mode in (0, stat.S_IFREG), size=info.file_size)
            if refusal is None and info.flag_bits & 0x1:
                refusal = InputError("encrypted; pack it again without a password", code="archive")
            if refusal is None and info.file_size > max(SMALL, RATIO * info.compress_size):
                message = f"unpacks to {info.file_size // max(1, info.compress_size):,} times its size; no page does"
                refusal = InputError(message, code="archive")
            yield name, refusal or _zip_content(archive, info)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a member; where it is not marked as UTF-8, in the encoding Chinese Windows packs with.

    Python 3.12 reads the field that has the name in UTF-8 once more, and gives that.
    """
    stored = info.orig_filename.partition("\0")[0].replace(os.sep, "/")
    if info.flag_bits & 0x800 or info.filename != stored:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _zip_content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | InputError:
    try:
        with archive.open(info) as member:  # ends at the size that was announced, and checks the sum
            return member.read()
    except (*_DAMAGED, RuntimeError, OSError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        return InputError(f"damaged: {reason}; pack it again", code="archive")


# --- tar -------------------------------------------------------------------------------------------------------------


def _tar(path: str, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes | InputError]]:
    with (
        open(path, "rb") as packed,  # noqa: PTH123 as it was typed
        closing(_Guard(packed)) as guard,
        tarfile.open(fileobj=cast("IO[bytes]", guard), mode="r:", errors="surrogateescape") as archive,
    ):
        while (member := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined] # or the list of a million members would be kept
            name = member.name
            if member.isdir() or not is_wanted(name):
                continue
            refusal = _refusal(name, plain=member.isreg() and not member.issparse(), size=member.size)
            if refusal is not None:
                yield name, refusal
                continue
            file = archive.extractfile(member)
            content = file.read() if file is not None else b""
            if len(content) < member.size:
                raise EOFError("the end is missing")
            yield name, content


class _Guard:
    """The bytes of a tar archive, unpacked as they are read, and no more of them than a page or than is plausible."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        head = packed.read(6)
        packed.seek(0)
        if head.startswith(b"\x1f\x8b"):
            self._file = cast("IO[bytes]", gzip.GzipFile(fileobj=packed))
        elif head.startswith(b"BZh"):
            self._file = cast("IO[bytes]", bz2.BZ2File(packed))
        elif head.startswith(b"\xfd7zXZ"):
            self._file = cast("IO[bytes]", lzma.LZMAFile(packed))  # noqa: SIM115 close() does
        else:
            self._file = packed

    def read(self, size: int = -1) -> bytes:
        """Read; a header that announces more than a page is no header."""
        if size < 0 or size > PAGE_LIMIT + tarfile.RECORDSIZE:
            raise tarfile.ReadError(f"a part of {size:,} bytes where a few are usual")
        self._check()
        return self._file.read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        """Go forward, in steps, so that a bomb is noticed on the way."""
        if whence == 0 and self._file is not self._packed:
            while (left := position - self._file.tell()) > SMALL:
                if not self._file.read(min(left, SMALL)):
                    break
                self._check()
        return self._file.seek(position, whence)

    def tell(self) -> int:
        """Return the position in the unpacked bytes."""
        return self._file.tell()

    def _check(self) -> None:
        unpacked = self._file.tell()
        if unpacked > max(64 * SMALL, RATIO * self._packed.tell()) and self._file is not self._packed:
            raise tarfile.ReadError(f"unpacks to more than {RATIO} times its size, no archive of pages does")

    def close(self) -> None:
        """Close what unpacks; the file itself belongs to the caller."""
        if self._file is not self._packed:
            self._file.close()
