"""The exception tree, and the exit code each exception carries to the shell.

Library code raises these and never prints or exits; ``classifier.__main__`` is the one place that turns them into a
line on stderr and a process status. A failure of one input inside a batch is not raised but kept as a value
(:class:`classifier.document.Failure`), so that one bad file never stops the rest.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Process exit status of every banmian command. A stable interface: scripts may rely on it."""

    OK = 0
    """All done. Abstentions (``unknown``) are results, not failures. A broken pipe ends quietly with this too."""
    SOME_FAILED = 1
    """Some inputs failed; the results of the others were written."""
    USAGE = 2
    """The command line cannot be understood."""
    MODEL = 3
    """The model is missing, damaged or of another format version."""
    LABELS = 4
    """The labelled data cannot be used."""
    BELOW_FLOOR = 5
    """A newly trained model is worse than the one it would replace, or a score is under its floor."""
    INTERNAL = 70
    """A bug in banmian (``EX_SOFTWARE``)."""
    INTERRUPTED = 130
    """Ctrl-C."""


class BanmianError(Exception):
    """Root of all errors banmian raises on purpose.

    Parameters
    ----------
    message
        One line: the thing concerned first, then the fact, then the remedy.
    """

    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(BanmianError):
    """An option or argument that cannot be acted on."""

    exit_code = ExitCode.USAGE


class MissingExtraError(UsageError):
    """A feature whose packages are not installed: the message names the command that installs them."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs packages that are not installed; pip install 'banmian[{extra}]'")


class WorkerError(BanmianError):
    """Worker processes, or the cluster they are on, that cannot go on. What was written stays written."""

    exit_code = ExitCode.SOME_FAILED


class InputError(BanmianError):
    """One input that cannot be read. ``code`` is the machine-readable kind used in JSONL.

    Codes: ``missing``, ``unreadable``, ``decode``, ``binary``, ``encoding``, ``empty-directory``, ``archive``,
    ``record``, ``output``; of scans ``scan``, ``too-large``, ``missing-extra``.
    """

    exit_code = ExitCode.SOME_FAILED

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the code, so that a worker process can send the error back."""
        return _rebuild_input_error, (self.message, self.code)


def _rebuild_input_error(message: str, code: str) -> InputError:
    return InputError(message, code=code)


class ModelError(BanmianError):
    """A model directory that is missing, damaged, tampered with or of an unknown format version."""

    exit_code = ExitCode.MODEL


class LabelError(BanmianError):
    """Labelled data that is malformed, too small or contradictory."""

    exit_code = ExitCode.LABELS


class BelowFloorError(BanmianError):
    """A score that is lower than the one it has to reach."""

    exit_code = ExitCode.BELOW_FLOOR
