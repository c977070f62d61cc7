"""``stitch``: the parts of a story over the pages of an issue."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifier.commands.console import report, write
from classifier.commands.options import ModelOption, check_named, check_threshold, set_verbose
from classifier.errors import ExitCode, InputError, UsageError
from classifier.rendering.escaping import visible
from classifier.rendering.listing import counted, story_lines
from classifier.rendering.render import failure_line
from classifier.rendering.serialisation import json_line, story_object

if TYPE_CHECKING:
    from classifier.document import PageResult
    from classifier.model import Model
    from classifier.stories.issue import Gathered, Pattern
    from classifier.story import Story

STITCH_HELP = """Join the parts of one story over the pages of an issue.

RESULTS is what split wrote: a directory (split -o), JSONL files, or standard input. Stories are joined within an issue
by their jump lines, by sentences that go on and by what they are about. Prints each story that has several parts: its
first part, then, indented, those that continue it, with the probability that they do and what says so (marks, mark or
text). --format jsonl writes an object a story.

The page is the number that a file's name ends in, the issue what stands before it: 2026-07-03/04.txt, 20260703-A04.txt.
Names of another kind need --issue-pattern, a regular expression with the groups issue and page.

\b
Examples:
  banmian split scans/ -o out/ && banmian stitch out/
  banmian stitch out/ --format jsonl -o stories.jsonl
  banmian stitch out/ --texts /archive/scans
  banmian stitch out/ --issue-pattern '(?P<page>[0-9]+)_(?P<issue>[0-9]{8})'
"""


THRESHOLD = 0.2
"""That of :data:`classifier.stories.stitch.LIKELY`, which is not imported for ``--help``."""


class StoryFormat(StrEnum):
    """Forms of stories, by the name the command line gives them."""

    TEXT = "text"
    JSONL = "jsonl"


ResultsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RESULTS",
        callback=check_named,
        help="Directories or JSONL files that split wrote, or - for standard input.",
        show_default=False,
    ),
]
TextsOption = Annotated[
    Path | None,
    typer.Option(
        "--texts",
        metavar="DIR",
        help="Directory of the pages' texts. Default: where the results say, or beside them.",
        show_default=False,
    ),
]
PatternOption = Annotated[
    str | None,
    typer.Option(
        "--issue-pattern",
        metavar="REGEX",
        help="Finds page and issue in a path: a regular expression with a group (?P<page>...) and perhaps one "
        "(?P<issue>...), which is else what stands before the page.",
        show_default=False,
    ),
]
ThresholdOption = Annotated[
    float,
    typer.Option(
        metavar="P", callback=check_threshold, help="Probability from which a part is joined to another, 0 to 1."
    ),
]


def stitch(
    results: ResultsArgument = None,
    model: ModelOption = None,
    texts: TextsOption = None,
    pattern: PatternOption = None,
    threshold: ThresholdOption = THRESHOLD,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write this file instead of printing.", show_default=False),
    ] = None,
    form: Annotated[
        StoryFormat | None,
        typer.Option("--format", help="text for people; jsonl: one object a story. Default: text, with -o jsonl."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="List stories of a single part as well.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace -o FILE, whoever wrote it.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No summary.")] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "-v", "--verbose", callback=set_verbose, help="List every page that failed; tracebacks of errors."
        ),
    ] = False,
) -> int:
    """Join the parts of stories."""
    from classifier.model import load_model
    from classifier.stories import issue as issues

    if not results:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no RESULTS; give what split wrote: a directory, JSONL files, or - for standard input")
        results = ["-"]
    if texts is not None and not texts.is_dir():
        raise UsageError(f"--texts {visible(str(texts))}: no such directory; name the one that the pages lie in")
    form = form or (StoryFormat.JSONL if output else StoryFormat.TEXT)
    if output is not None and not force:
        _check_output(output)
    pages = issues.Pattern.of(pattern)
    wanted = Wanted(pages, texts, threshold, form=form, every=every, quiet=quiet, verbose=verbose)
    with _writer(output) as put:
        return join_results(results, lambda: load_model(model), wanted=wanted, put=put)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked of ``stitch``."""

    pattern: Pattern
    texts: Path | None = None
    threshold: float = THRESHOLD
    form: StoryFormat = StoryFormat.TEXT
    every: bool = False
    quiet: bool = False
    verbose: bool = False


def _refuse_twice(results: list[str]) -> None:
    """Refuse a result that is named twice: its parts would be told as those of two stories."""
    seen: set[str] = set()
    for name in results:
        place = os.path.realpath(name)
        if place in seen:
            raise UsageError(f"{visible(name)}: given twice; name it once")
        seen.add(place)


def join_results(
    results: list[str], model: Callable[[], Model], *, wanted: Wanted, put: Callable[[str], object]
) -> ExitCode:
    """Join what ``split`` wrote to ``results``, ``put`` the stories and report; the model is asked for last."""
    from classifier.stories import issue as issues

    started = time.perf_counter()
    stdin = sys.stdin.buffer if sys.stdin else None
    _refuse_twice(results)
    found = issues.gather(results, pattern=wanted.pattern, stdin=stdin)
    count = parts = 0
    try:
        for name, story in _stories(found, texts=wanted.texts, model=model(), threshold=wanted.threshold):
            if len(story.parts) > 1:
                count, parts = count + 1, parts + len(story.parts)
            elif not wanted.every:
                continue
            text = wanted.form is StoryFormat.TEXT
            put("".join(story_lines(story)) if text else json_line(story_object(name, story)) + "\n")
    finally:
        for line in _failure_lines(found.failures, bundled=not wanted.verbose):
            report(line)
    if not wanted.quiet:
        counts = f"{counted(len(found.issues), 'issue')}, {counted(found.pages, 'page')}, "
        counts += f"{count:,} {'story' if count == 1 else 'stories'} of {counted(parts, 'part')}"
        report(f"{counts}, {len(found.failures):,} failed, {time.perf_counter() - started:.1f} s")
    return ExitCode.SOME_FAILED if found.failures else ExitCode.OK


def join_written(directory: Path, model: Model, *, quiet: bool) -> ExitCode:
    """Print the stories of what ``split -o`` has in a directory, as ``stitch DIRECTORY`` does."""
    from classifier.stories.issue import Pattern

    return join_results([str(directory)], lambda: model, wanted=Wanted(Pattern(), quiet=quiet), put=write)


def _failure_lines(failures: Sequence[PageResult], *, bundled: bool) -> Iterator[str]:
    """Yield a line a failure or, bundled, a line for all that say the same, with the first of them."""
    alike: dict[str, list[PageResult]] = {}
    for number, failure in enumerate(failures):
        said = failure.failure.message if bundled and failure.failure is not None else str(number)
        alike.setdefault(said, []).append(failure)
    for first, *others in alike.values():
        yield failure_line(first) + (f" ({len(others):,} more like it; -v lists all)" if others else "")


def _stories(found: Gathered, *, texts: Path | None, model: Model, threshold: float) -> Iterator[tuple[str, Story]]:
    """Yield the stories of every issue, noting pages whose texts cannot be had."""
    from classifier.document import Failure, PageResult
    from classifier.stories import issue as issues
    from classifier.stories.stitch import stitch as join

    for name, entries in found.issues.items():
        try:
            parts, failures = issues.read_parts(entries, texts=texts)
        except InputError as error:
            parts, failures = [], [PageResult(name, failure=Failure(error.code, error.message))]
        found.failures += failures
        for story in join(parts, model, least=threshold):
            yield name, story


_STORY_LINE = re.compile(r"[^\t\n]*:\d+-\d+\t[^\t\n]+\t[^\t\n]*\n")
"""A line that text begins with. One of ``split`` has a field more, its score."""

_STORY_KEYS = {"story", "issue", "title", "genre", "parts"}


def _check_output(output: Path) -> None:
    """Refuse to replace a file that is neither empty nor stories."""
    with _blamed_on(output):
        if not output.is_file():  # a folder, or a name that cannot be: said when it is written
            return
        with output.open(encoding="utf-8", errors="replace", newline="\n") as file:
            line = file.readline()
    try:
        found = json.loads(line)
        ours = isinstance(found, dict) and found.keys() >= _STORY_KEYS
    except (ValueError, RecursionError):
        ours = _STORY_LINE.fullmatch(line) is not None
    if line and not ours:
        raise UsageError(
            f"-o {visible(str(output))}: exists and holds no stories; give another name, or replace it with --force"
        )


@contextmanager
def _writer(output: Path | None) -> Iterator[Callable[[str], object]]:
    """Yield what writes a piece of the result: to standard output, or to a file that appears when all is written."""
    if output is None:
        yield write
        return
    from classifier.atomic import hidden_name, put, remove

    if output.is_dir():
        raise UsageError(f"-o {visible(str(output))}: is a directory; give a file that can be written")

    def add(piece: str) -> None:
        with _blamed_on(output):
            file.write(piece)

    # Only what is done to the file is blamed on -o: reading the results may fail as well.
    draft = hidden_name(output)
    try:
        with _blamed_on(output):
            file = draft.open("x", encoding="utf-8", newline="\n")
        try:
            yield add
            with _blamed_on(output):
                file.close()
                put(draft, output)
        finally:
            with suppress(OSError):  # what could not be written is tried once more
                file.close()
    finally:
        remove(draft)


@contextmanager
def _blamed_on(output: Path) -> Iterator[None]:
    """Have errors of files say that ``-o`` is the file that cannot be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"-o {visible(str(output))}: {reason}; give a file that can be written") from error
