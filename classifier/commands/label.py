"""``split`` and ``classify``: many inputs in, results out."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.commands.console import is_terminal, report, use_colour, write
from classifier.commands.options import (
    EncodingOption,
    ForceOption,
    FormatOption,
    GlobOption,
    JobsOption,
    ModelOption,
    OcrOption,
    OutputOption,
    OverlayOption,
    PathsArgument,
    QuietOption,
    ThresholdOption,
    TopOption,
    VerboseOption,
)
from classifier.errors import ExitCode, UsageError
from classifier.render import LAYOUT_FORMS, Format, Verb, failure_line, visible
from classifier.scanfile import Ocr

if TYPE_CHECKING:
    from classifier.batch import Tally
    from classifier.document import PageResult
    from classifier.scanfile import Reading

MANY_FILES = 20
"""More files than this get a progress bar: fewer are done before one has read it."""

COUNT_LIMIT = 100_000
"""Files counted in advance for the progress bar's total, in about half a second."""

SPLIT_HELP = """Split pages into articles, each with title, genre and score.

Prints one line an article: path:first-last line, genre, score, title, separated by tabs. An article without headline
shows its first words after "…". The genre is "unknown" where no genre scores at least the threshold. Files that
cannot be read are reported on standard error and do not stop the others.

\b
Examples:
  banmian split page.txt                        the articles of a page
  banmian split pages/ -o results/ -j 0         a directory, on all cores
  banmian split --format files -o out page.txt  one text file an article
  cat page.txt | banmian split --format jsonl - | jq -r '.articles[].title'

\b
Scans (pip install 'banmian[ocr]'; docs/scans.md):
  banmian split page.jpg --overlay shown  and its picture, articles tinted
  banmian split issue.pdf -o results/     every page; recognised only once
  banmian split scans/ --glob '*.{jpg,tif}' -o results/ --format alto
"""

CLASSIFY_HELP = """Label texts with a genre; each file is one article.

Prints one line a file: path, genre, score, separated by tabs. Use it for texts that are cut already; for whole pages
use split.

\b
Examples:
  banmian classify article.txt                       the genre of a text
  banmian classify articles/ --format tsv > all.tsv  a table of a directory
  banmian classify --threshold 0.8 articles/         only what is rather sure
"""


def split(
    paths: PathsArgument = None,
    model: ModelOption = None,
    output: OutputOption = None,
    form: FormatOption = None,
    threshold: ThresholdOption = None,
    top_k: TopOption = 3,
    encoding: EncodingOption = None,
    glob: GlobOption = "*.txt",
    ocr: OcrOption = Ocr.AUTO,
    overlay: OverlayOption = None,
    jobs: JobsOption = 1,
    force: ForceOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Split pages into articles."""
    request = Request(
        verb="split",
        paths=paths,
        model=model,
        output=output,
        form=form,
        threshold=threshold,
        top_k=top_k,
        encoding=encoding,
        glob=glob,
        ocr=ocr,
        overlay=overlay,
        jobs=jobs,
        force=force,
        quiet=quiet,
        verbose=verbose,
    )
    return label_files(request)


def classify(
    paths: PathsArgument = None,
    model: ModelOption = None,
    output: OutputOption = None,
    form: FormatOption = None,
    threshold: ThresholdOption = None,
    top_k: TopOption = 3,
    encoding: EncodingOption = None,
    glob: GlobOption = "*.txt",
    ocr: OcrOption = Ocr.AUTO,
    overlay: OverlayOption = None,
    jobs: JobsOption = 1,
    force: ForceOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Label texts."""
    request = Request(
        verb="classify",
        paths=paths,
        model=model,
        output=output,
        form=form,
        threshold=threshold,
        top_k=top_k,
        encoding=encoding,
        glob=glob,
        ocr=ocr,
        overlay=overlay,
        jobs=jobs,
        force=force,
        quiet=quiet,
        verbose=verbose,
    )
    return label_files(request)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of ``split`` or ``classify``: their options, as given."""

    verb: Verb
    paths: list[str] | None
    model: str | None
    output: Path | None
    form: Format | None
    threshold: float | None
    top_k: int
    encoding: str | None
    glob: str
    ocr: Ocr
    overlay: Path | None
    jobs: int
    force: bool
    quiet: bool
    verbose: bool

    @property
    def output_form(self) -> Format:
        """The form asked for, or what is usual on a screen or in a file."""
        return self.form or (Format.JSONL if self.output else Format.TEXT)


def label_files(request: Request) -> ExitCode:
    """Split or classify the inputs, write the results to standard output or below ``-o DIR``, and report."""
    started = time.perf_counter()
    paths = _inputs(request.paths)
    form = request.output_form
    _check_output(request, paths)

    from classifier import batch, render
    from classifier.model import load_model
    from classifier.output import OutputTree

    model = load_model(request.model)
    if request.verbose:
        report(f"model {model.id} in {model.path}")
    jobs = request.jobs if request.jobs > 0 else batch.cores()
    work = batch.Work(
        verb=request.verb,
        encoding=request.encoding,
        threshold=request.threshold,
        top_k=request.top_k,
        glob=request.glob,
        output=OutputTree(request.output, form, request.verb, request.force) if request.output else None,
        keep_text=form is Format.TEXT and not request.output,
        reading=_reading(request, threads=0 if jobs == 1 else max(1, batch.cores() // jobs)),
        overlay=OutputTree(request.overlay, force=request.force) if request.overlay else None,
        scans_only=form in LAYOUT_FORMS,
    )
    tally = batch.Tally(request.verb)
    stdin = sys.stdin.buffer if sys.stdin else None
    results = batch.run(paths, work=work, model=model, jobs=jobs, stdin=stdin)
    with closing(results), _progress(request, paths) as track:
        watched = _watch(track(results), request=request, tally=tally)
        if request.output:
            deque(watched, maxlen=0)
        else:
            for piece in render.stream(watched, form=form, verb=request.verb, colour=use_colour()):
                write(piece)
    if not request.quiet and (request.output or tally.done + tally.failed > 1 or any(map(os.path.isdir, paths))):
        report(f"{tally}, {time.perf_counter() - started:.1f} s")
    return ExitCode.SOME_FAILED if tally.failed else ExitCode.OK


def _reading(request: Request, *, threads: int) -> Reading:
    """Return how scans are to be read. What is recognised is kept beside the results, if these are."""
    from classifier.ocrcache import FOLDER
    from classifier.scanfile import Reading

    return Reading(request.ocr, request.output / FOLDER if request.output else None, threads)


def _inputs(paths: list[str] | None) -> list[str]:
    if not paths:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no PATH; give files or directories, or text on standard input")
        return ["-"]
    if paths.count("-") > 1:
        raise UsageError("-: standard input can be read only once; give - once")
    return paths


def _check_output(request: Request, paths: list[str]) -> None:
    """Refuse an output that cannot be, before any work is done, and make its directory."""
    if request.output_form in LAYOUT_FORMS:
        _check_layout(request, paths)
    if request.output_form is Format.FILES:
        if request.verb == "classify":
            raise UsageError("--format files: only split writes articles; choose jsonl or tsv")
        if request.output is None:
            raise UsageError("--format files: the files need a place; add -o DIR")
    if request.output is None:
        return
    shown = visible(str(request.output))
    try:
        request.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"-o {shown}: {error.strerror or error}; give a directory that can be written") from error
    if any(Path(path).is_dir() and request.output.samefile(path) for path in paths):
        raise UsageError(f"-o {shown}: is an input directory itself; choose another, which may lie in it")


def _check_layout(request: Request, paths: list[str]) -> None:
    if request.verb == "classify":
        raise UsageError(f"--format {request.output_form}: only split finds articles; choose jsonl or tsv")
    if request.output is None and (len(paths) > 1 or any(map(os.path.isdir, paths))):
        raise UsageError(f"--format {request.output_form}: a file a page, and they need a place; add -o DIR")


def _watch(results: Iterable[PageResult], *, request: Request, tally: Tally) -> Iterator[PageResult]:
    """Pass results on, counting them and reporting failures and, with ``-v``, successes."""
    in_output = request.output is None and request.output_form in (Format.JSON, Format.JSONL)
    for result in results:
        tally.add(result)
        if result.failure is not None:
            if not (request.quiet and in_output):
                report(failure_line(result))
            if request.verbose and result.failure.traceback:
                report(result.failure.traceback)
        elif request.verbose:
            found = f", {len(result.articles):,} articles" if request.verb == "split" else ""
            report(f"{visible(result.path)}: {result.encoding or 'scan'}{found}")
        yield result


@contextmanager
def _progress(request: Request, paths: list[str]) -> Iterator[Callable[[Iterable[PageResult]], Iterable[PageResult]]]:
    """Show a progress bar on a terminal's standard error, if the run is long and nothing else moves there."""
    files = 0
    if not request.quiet and is_terminal(sys.stderr) and (request.output or not is_terminal(sys.stdout)):
        from classifier.reader import find_files

        files = sum(1 for _ in islice(find_files(paths, glob=request.glob), COUNT_LIMIT))
    if files <= MANY_FILES:
        yield iter
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        yield partial(bar.track, total=files if files < COUNT_LIMIT else None)
