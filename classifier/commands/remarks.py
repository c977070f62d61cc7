"""What is said of a run besides its results: inputs that failed, were left out, are blank or wrongly decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from classifier.commands.console import report
from classifier.commands.request import Request
from classifier.rendering.escaping import visible
from classifier.rendering.listing import counted
from classifier.rendering.render import Format, failure_line

if TYPE_CHECKING:
    from classifier.document import PageResult
    from classifier.files import PassedOver

LISTED = 20
"""Failures listed at the end of a run that has them all in a file as well."""


@dataclass(slots=True)
class Failures:
    """What is said of inputs that failed: at once where that is the only place, else at the end, and not endlessly."""

    request: Request
    held: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, result: PageResult) -> None:
        """Note a failure."""
        request = self.request
        in_output = request.output is None and request.output_form in (Format.JSON, Format.JSONL)
        if request.verbose or not (request.output or in_output):
            report(failure_line(result))
        elif not (request.quiet and in_output):
            self.count += 1
            if len(self.held) < LISTED:
                self.held.append(failure_line(result))

    def list(self) -> None:
        """Report what was held back."""
        for line in self.held:
            report(line)
        if self.count > len(self.held):
            from classifier.batches.rooms import find_list

            output = self.request.output
            where = "the output" if output is None else find_list(output)
            remedy = "add -v to see all" if where is None else f"{visible(str(where))} lists all"
            report(f"{self.count - len(self.held):,} more failed; {remedy}")


@dataclass(slots=True)
class Garbled:
    """Texts that seem to have been read in a wrong encoding before: the first are named as they come."""

    request: Request
    count: int = 0

    def note(self, result: PageResult) -> PageResult:
        """Report a result if it is of such a text."""
        if result.garbled and not self.request.quiet:
            self.count += 1
            if self.count <= LISTED:
                report(
                    f"{visible(result.path)}: looks wrongly decoded; save it anew from its source, or give --encoding"
                )
        return result

    def close(self) -> None:
        """Report how many more there were."""
        if self.count > LISTED:
            report(f"{self.count - LISTED:,} more look wrongly decoded")


def report_skipped(skipped: PassedOver) -> None:
    """Say what was left out of directories and may have been meant."""
    folders, hidden = skipped.folders, skipped.hidden
    if folders.count:
        noun = "linked directory" if folders.count == 1 else "linked directories"
        report(f"{folders.count:,} {noun} not followed: {visible(str(folders))}; give them by name")
    if hidden.count:
        report(f"{counted(hidden.count, 'hidden file')} passed over: {visible(str(hidden))}; give them by name")


@dataclass(slots=True)
class Blank:
    """Inputs without a character, of which text and tables say nothing. As a string, the line that says so."""

    first: str = ""
    count: int = 0

    def note(self, result: PageResult) -> PageResult:
        """Count a result if it is of such an input."""
        empty = not (result.articles or result.skipped or result.failure)
        if empty and (result.label is None or not result.label.score):
            self.first = self.first or result.path
            self.count += 1
        return result

    def __str__(self) -> str:
        """Return ``a.txt: no text in it (3 more like it)``."""
        more = f" ({self.count - 1:,} more like it)" if self.count > 1 else ""
        return f"{visible(self.first)}: no text in it{more}"
