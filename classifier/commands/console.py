"""Standard output and standard error: what the commands write, where, and for whose eyes."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from classifier.rendering.escaping import visible


def write(text: str) -> None:
    """Write a piece of the result, at once: whoever reads the pipe may be waiting for it.

    Raises :class:`OSError` if it cannot be written, as where the program was started without a standard output.
    """
    if sys.stdout is None:
        raise OSError(errno.EBADF, "closed, so the results are lost; open it, or add -o")
    sys.stdout.write(text)
    sys.stdout.flush()


def report(text: str) -> None:
    """Write to standard error, where there is one: a line, or the lines of a traceback."""
    with suppress(OSError):
        if sys.stderr is not None:
            sys.stderr.write("".join(visible(line) + "\n" for line in text.rstrip("\n").split("\n")))
            sys.stderr.flush()


def discard_stdout() -> None:
    """Let what is still buffered go nowhere, or Python complains of it at exit."""
    with suppress(OSError, AttributeError, io.UnsupportedOperation):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a stream exists and ends at a person's terminal."""
    return stream is not None and stream.isatty()


def use_colour() -> bool:
    """Return whether to colour results: on a terminal that knows ANSI codes, unless NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not is_terminal(sys.stdout):
        return False
    return os.name != "nt" or "WT_SESSION" in os.environ or "TERM" in os.environ
