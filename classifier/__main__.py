"""The command line: run a command, turn its errors into a line on stderr and a process status.

Nothing heavy is imported here: ``--help`` answers in a fraction of a second. What is imported is imported by
:func:`main`, so that Ctrl-C is answered in a line from the first moment on.
"""

from __future__ import annotations

import errno
import io
import os
import sys


def main() -> int:
    """Run the command line and return the exit status."""
    try:
        return _run()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("banmian: interrupted\n")
        return 130


def _run() -> int:
    from classifier.commands.options import Session
    from classifier.commands.program import program
    from classifier.errors import ExitCode

    session = Session()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # UTF-8 with \n wherever it goes; a terminal keeps its own encoding
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace", newline="\n")
    try:
        status = program(sys.argv[1:]).main(prog_name="banmian", standalone_mode=False, obj=session)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseException as error:
        return _status_of(error, verbose=session.verbose)
    if status == ExitCode.INTERRUPTED:  # Typer makes this of a KeyboardInterrupt
        return _status_of(KeyboardInterrupt(), verbose=session.verbose)
    return int(status or ExitCode.OK)


def _status_of(error: BaseException, *, verbose: bool) -> int:
    """Report an error that ended the run, in one line, and return the exit status it stands for."""
    import traceback

    import typer

    from classifier.commands.console import discard_stdout, report
    from classifier.errors import BanmianError, ExitCode
    from classifier.rendering.escaping import visible

    if isinstance(error, SystemExit):  # Typer's completion, and what it makes of a broken pipe
        if not isinstance(error.__context__, OSError):
            return error.code if isinstance(error.code, int) else ExitCode.OK
        error = error.__context__
    if isinstance(error, OSError):
        discard_stdout()
        # A reader that has had enough (`| head -1`) is no error; Windows says EINVAL.
        if error.errno == errno.EPIPE or (os.name == "nt" and error.errno == errno.EINVAL):
            return ExitCode.OK
    if verbose and not isinstance(error, KeyboardInterrupt):
        report("".join(traceback.format_exception(error)))
    match error:
        case BanmianError():
            report(f"banmian: {visible(error.message)}")
            return error.exit_code
        case typer.TyperException():
            context = getattr(error, "ctx", None)
            command = "banmian" if context is None else context.command_path
            message = " ".join(_plain(error.format_message()).split()).rstrip(".")
            report(f"banmian: {visible(message)}; see {command} --help")
            return ExitCode.USAGE
        case KeyboardInterrupt() | typer.Abort():
            report("banmian: interrupted")
            return ExitCode.INTERRUPTED
        case OSError():
            where = error.filename or "standard output"
            report(f"banmian: {visible(str(where))}: {error.strerror or error}")
            return ExitCode.SOME_FAILED
        case _:
            what = visible(" ".join(f"{type(error).__name__}: {error}".split()))
            report(f"banmian: {what}; this is a bug, run with -v for the traceback")
            return ExitCode.INTERNAL


_WORDINGS = (
    ("Value error, ", ""),
    ("Input should be a valid integer, unable to parse string as an integer", "not a whole number"),
    ("Input should be a valid number, unable to parse string as a number", "not a number"),
    ("Input should be greater than or equal to", "too small; give at least"),
)
"""What pydantic says, and what is meant."""


def _plain(message: str) -> str:
    for said, meant in _WORDINGS:
        message = message.replace(said, meant)
    return message


if __name__ == "__main__":
    sys.exit(main())
