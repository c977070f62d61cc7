"""Files at URLs, opened and fetched through fsspec: object stores, web servers, archives. The extra ``[remote]``."""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, cast

from classifier.errors import InputError, MissingExtraError, UsageError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_SECRET = re.compile(r"(?<=://)[^/@\s]*@")

_PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "http": "aiohttp requests",
    "https": "aiohttp requests",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "sftp": "paramiko",
    "ssh": "paramiko",
}
"""What pip has to install besides fsspec for the commoner protocols; fsspec's own words do for the others."""


def read_bytes(remote: tuple[str, str]) -> bytes:
    """Fetch a file, given as in :attr:`Source.remote`. Raises :class:`InputError` (``missing``, ``unreadable``)."""
    url, path = remote
    try:
        files, _ = open_system(url)
        return bytes(files.cat_file(path))
    except FileNotFoundError:
        raise InputError("no such file", code="missing") from None
    except Exception as error:  # whatever the library of that protocol raises
        raise InputError(reason(error), code="unreadable") from error


def open_file(remote: tuple[str, str]) -> IO[bytes]:
    """Open a file to be read from its beginning. Raises :class:`InputError` (``missing``, ``unreadable``).

    What goes wrong while it is read is an :class:`OSError`, whatever the library of the protocol raises.
    """
    try:
        files, _ = open_system(remote[0])
        return io.BufferedReader(_Guarded(cast("IO[bytes]", files.open(remote[1], "rb"))))
    except FileNotFoundError:
        raise InputError("no such file", code="missing") from None
    except Exception as error:  # whatever the library of that protocol raises
        raise InputError(reason(error), code="unreadable") from error


class _Guarded(io.RawIOBase):
    """A file whose failures are those of files."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """Read into a buffer and return the number of bytes, 0 at the end."""
        try:
            data = self._file.read(len(buffer))
        except OSError:
            raise
        except Exception as error:  # whatever the library of that protocol raises
            raise OSError(reason(error)) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file below."""
        self._file.close()
        super().close()


def shown(url: str) -> str:
    """Return a URL without the user names and passwords in it."""
    return _SECRET.sub("", url)


def reason(error: Exception) -> str:
    """Return what went wrong, in a line without secrets."""
    text = shown(" ".join(str(error).split())) or type(error).__name__
    return f"cannot be read: {text}"


def _unmet(url: str, error: ImportError) -> str:
    """Return what to install for the protocols of a URL, of which one lacks its package."""
    needed = (_PACKAGES.get(part.rsplit("::", 1)[-1]) for part in url.split("://")[:-1])
    packages = " ".join(dict.fromkeys(filter(None, needed)))
    return f"needs packages that are not installed; pip install {packages}" if packages else reason(error)


@lru_cache(maxsize=64)
def open_system(url: str) -> tuple[AbstractFileSystem, str]:
    """Return the file system of a URL and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise MissingExtraError(f"the URL {shown(url)}", "remote") from None
    try:
        files, path = url_to_fs(url)
    except ImportError as error:
        raise UsageError(f"the URL {shown(url)}: {_unmet(url, error)}") from None
    return files, str(path)
