"""``split`` and ``classify``: many inputs in, results out."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.commands.console import is_terminal, report, use_colour, write
from classifier.commands.options import (
    ClassifyFormatOption,
    DaskOption,
    EncodingOption,
    ForceOption,
    FormatOption,
    GlobOption,
    JobsOption,
    JsonlTextOption,
    ModelOption,
    OcrOption,
    OutputOption,
    OverlayOption,
    PathsArgument,
    QuietOption,
    StitchOption,
    ThresholdOption,
    TopOption,
    VerboseOption,
    input_paths,
    refuse_json,
)
from classifier.errors import ExitCode, UsageError
from classifier.escaping import visible
from classifier.listing import counted
from classifier.processor import cores
from classifier.render import LAYOUT_FORMS, Format, Verb, failure_line
from classifier.scanfile import Ocr

if TYPE_CHECKING:
    from classifier.batch import Tally, Work
    from classifier.document import PageResult
    from classifier.files import PassedOver
    from classifier.scanfile import Reading

LISTED = 20
"""Failures listed at the end of a run that has them all in a file as well."""

ANY_GLOB = "*.txt"
JSONL_GLOB = "*.jsonl*"
"""Names of the files to take in directories, ``.jsonl.gz`` among them, if inputs are JSON Lines."""

SPLIT_HELP = """Split pages into articles, each with title, genre and score.

Prints one line an article: path:first-last line, genre, score, title, separated by tabs. An article without headline
shows its first words after "…". The genre is "unknown" where no genre scores at least the threshold. Files that
cannot be read are reported on standard error and do not stop the others.

With -o, a second run skips what is done and current, does again what was made of other bytes, by another model or with
other options, and tries again what failed. A result that banmian does not know as its own, or that was changed since,
is never replaced without --force. DIR/_failures.jsonl lists what failed; DIR/.banmian holds what banmian knows.

\b
Examples:
  banmian split page.txt                        the articles of a page
  banmian split pages/ -o results/ -j 0         a directory, on all cores
  banmian split --format files -o out page.txt  one text file an article
  banmian split scans.zip more.tar.gz -o out    archives, without unpacking
  banmian split pages/ --format parquet -o out  a table for DuckDB or Spark
  banmian split --jsonl-text body pages.jsonl --format jsonl > out.jsonl
  banmian split scans/ -o out --stitch          and stories over several pages
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
    jsonl_text: JsonlTextOption = None,
    ocr: OcrOption = Ocr.AUTO,
    overlay: OverlayOption = None,
    stitch: StitchOption = False,
    jobs: JobsOption = 1,
    dask: DaskOption = None,
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
        field=jsonl_text,
        ocr=ocr,
        overlay=overlay,
        stitch=stitch,
        jobs=jobs,
        dask=dask,
        force=force,
        quiet=quiet,
        verbose=verbose,
    )
    return label_files(request)


def classify(
    paths: PathsArgument = None,
    model: ModelOption = None,
    output: OutputOption = None,
    form: ClassifyFormatOption = None,
    threshold: ThresholdOption = None,
    top_k: TopOption = 3,
    encoding: EncodingOption = None,
    glob: GlobOption = "*.txt",
    jsonl_text: JsonlTextOption = None,
    ocr: OcrOption = Ocr.AUTO,
    jobs: JobsOption = 1,
    dask: DaskOption = None,
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
        field=jsonl_text,
        ocr=ocr,
        jobs=jobs,
        dask=dask,
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
    field: str | None
    ocr: Ocr
    jobs: int
    dask: str | None
    force: bool
    quiet: bool
    verbose: bool
    overlay: Path | None = None
    stitch: bool = False

    @property
    def output_form(self) -> Format:
        """The form asked for, or what is usual on a screen or in a file."""
        return self.form or (Format.JSONL if self.output else Format.TEXT)

    @property
    def names(self) -> str:
        """The pattern of the files to take in directories."""
        return JSONL_GLOB if self.field is not None and self.glob == ANY_GLOB else self.glob


def label_files(request: Request) -> ExitCode:
    """Split or classify the inputs, write the results to standard output or below ``-o DIR``, and report."""
    started = time.perf_counter()
    # What NumPy multiplies here is small: more threads take longer, and -j has workers for the other cores. Said before
    # anything imports NumPy, which starts its threads at once.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    paths = input_paths(request.paths)
    form = request.output_form
    _check_output(request, paths)

    from classifier import batch, render
    from classifier.files import PassedOver
    from classifier.model import load_model

    model = load_model(request.model)
    if request.verbose:
        report(f"model {model.id} in {model.path}")
    jobs = request.jobs if request.jobs > 0 else cores()
    work = _work(request, threads=0 if jobs == 1 else max(1, cores() // jobs))
    tally = batch.Tally(request.verb)
    stdin = sys.stdin.buffer if sys.stdin else None
    skipped = PassedOver()
    results = batch.run(
        paths, work=work, model=model, jobs=jobs, stdin=stdin, cluster=request.dask, passed_over=skipped, say=report
    )
    failures = _Failures(request)
    blank, garbled = _Blank(), _Garbled(request)
    try:
        with closing(results), _progress(request, paths, tally) as track:
            watched = map(blank.note, _watch(track(results), request=request, tally=tally, failures=failures))
            watched = map(garbled.note, watched)
            if request.output:
                deque(watched, maxlen=0)
            else:
                for piece in render.stream(watched, form=form, verb=request.verb, colour=use_colour()):
                    write(piece)
    finally:
        failures.list()
    if blank.count and not request.quiet:
        report(str(blank))
    if not request.quiet:
        garbled.close()
        _report_skipped(skipped)
    if not request.quiet and (request.output or tally.total > 1 or any(map(os.path.isdir, paths))):
        report(f"{tally}, {time.perf_counter() - started:.1f} s")
    code = ExitCode.SOME_FAILED if tally.failed else ExitCode.OK
    if request.stitch and request.output:
        from classifier.commands.stitch import join_written

        code = join_written(request.output, model, quiet=request.quiet) or code
    return code


def _work(request: Request, *, threads: int) -> Work:
    """Return what is to be done with each input; pictures are read on so many threads, 0 for all."""
    from classifier.batch import Work
    from classifier.output import OutputTree

    form = request.output_form
    return Work(
        verb=request.verb,
        encoding=request.encoding,
        threshold=request.threshold,
        top_k=request.top_k,
        glob=request.names,
        field=request.field,
        output=OutputTree(request.output, form, request.verb, request.force) if request.output else None,
        keep_text=form is Format.TEXT and not request.output,
        reading=_reading(request, threads=threads),
        overlay=OutputTree(request.overlay, force=request.force) if request.overlay else None,
        scans_only=form in LAYOUT_FORMS,
    )


def _reading(request: Request, *, threads: int) -> Reading:
    """Return how scans are to be read. What is recognised is kept beside the results, if these are."""
    from classifier.scanfile import Reading

    if request.output is None:
        return Reading(request.ocr, None, threads)
    from classifier.ocrcache import FOLDER

    return Reading(request.ocr, request.output / FOLDER, threads)


def _check_output(request: Request, paths: list[str]) -> None:
    """Refuse an output or input that cannot be, before any work is done, and make the output's directory."""
    from classifier.inputs import is_archive

    if request.field is None and request.encoding is None:
        refuse_json(paths, request.glob, remedy="name the field of the text with --jsonl-text FIELD")
    packed = next(filter(is_archive, paths), None)
    if packed is not None and request.field is not None:
        raise UsageError(f"{visible(packed)}: --jsonl-text does not look into archives; unpack it")
    if request.output_form is Format.PARQUET and request.output is None:
        raise UsageError("--format parquet: the parts need a place; add -o DIR")
    if request.stitch:
        _check_stitch(request, paths)
    if request.output_form in LAYOUT_FORMS:
        _check_layout(request, paths)
    if request.output_form is Format.FILES:
        if request.verb == "classify":
            raise UsageError("--format files: only split writes articles; choose jsonl or tsv")
        if request.output is None:
            raise UsageError("--format files: the files need a place; add -o DIR")
    if request.output or request.overlay:
        _check_names(paths)
    if request.output is None:
        return
    shown = visible(str(request.output))
    try:
        request.output.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"-o {shown}: exists and is no directory; choose another name") from None
    except OSError as error:
        raise UsageError(f"-o {shown}: {error.strerror or error}; give a directory that can be written") from error
    if any(Path(path).is_dir() and request.output.samefile(path) for path in paths):
        raise UsageError(f"-o {shown}: is an input directory itself; choose another, which may lie in it")


def _check_names(paths: list[str]) -> None:
    """Refuse two directories or archives of one name, page after page of which would be an error."""
    from classifier.inputs import find_clash

    clash = find_clash(paths)
    if clash is None:
        return
    first, second, name = map(visible, clash)
    if os.path.realpath(clash[0]) == os.path.realpath(clash[1]):
        raise UsageError(f"{second}: given twice; name it once")
    raise UsageError(
        f"{first} and {second}: results of both would go to one folder {name}; "
        "give each a run and -o of its own, or name the directory above both"
    )


def _check_layout(request: Request, paths: list[str]) -> None:
    if request.verb == "classify":
        raise UsageError(f"--format {request.output_form}: only split finds articles; choose jsonl or tsv")
    if request.output is None and (len(paths) > 1 or any(map(os.path.isdir, paths))):
        raise UsageError(f"--format {request.output_form}: a file a page, and they need a place; add -o DIR")


def _check_stitch(request: Request, paths: list[str]) -> None:
    """Refuse to stitch what ``stitch`` could not read again afterwards."""
    from classifier.inputs import STDIN, is_archive, is_url

    if request.output is None:
        raise UsageError("--stitch: joins what is written below -o DIR; add -o DIR")
    if request.output_form not in (Format.JSONL, Format.FILES):
        raise UsageError(f"--stitch: cannot read {request.output_form} again; choose --format jsonl or files")
    if STDIN in paths:
        raise UsageError("--stitch: standard input has no name that says which page it is; give files")
    if request.field is not None:
        raise UsageError("--stitch: finds no text of a --jsonl-text page again; write the pages as files")
    packed = next((path for path in paths if is_archive(path) or is_url(path)), None)
    if packed is not None and request.output_form is Format.JSONL:
        raise UsageError(f"{visible(packed)}: --stitch looks for texts on this disk; unpack it, or add --format files")


@dataclass(slots=True)
class _Failures:
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
            from classifier.rooms import find_list

            output = self.request.output
            where = "the output" if output is None else find_list(output)
            remedy = "add -v to see all" if where is None else f"{visible(str(where))} lists all"
            report(f"{self.count - len(self.held):,} more failed; {remedy}")


@dataclass(slots=True)
class _Garbled:
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


def _report_skipped(skipped: PassedOver) -> None:
    """Say what was left out of directories and may have been meant."""
    folders, hidden = skipped.folders, skipped.hidden
    if folders.count:
        noun = "linked directory" if folders.count == 1 else "linked directories"
        report(f"{folders.count:,} {noun} not followed: {visible(str(folders))}; give them by name")
    if hidden.count:
        report(f"{counted(hidden.count, 'hidden file')} passed over: {visible(str(hidden))}; give them by name")


@dataclass(slots=True)
class _Blank:
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
        more = f" ({self.count - 1:,} more like it)" if self.count > 1 else ""
        return f"{visible(self.first)}: no text in it{more}"


def _watch(
    results: Iterable[PageResult], *, request: Request, tally: Tally, failures: _Failures
) -> Iterator[PageResult]:
    """Pass results on, counting them and reporting failures and, with ``-v``, successes."""
    for result in results:
        tally.add(result)
        if result.failure is not None:
            failures.add(result)
            if request.verbose and result.failure.traceback:
                report(result.failure.traceback)
        elif request.verbose:
            found = f", {len(result.articles):,} articles" if request.verb == "split" else ""
            outcome = "already done" if result.skipped else f"{result.encoding or 'scan'}{found}"
            outcome += ", its result changed by hand and left alone" if result.corrected else ""
            report(f"{visible(result.path)}: {outcome}")
        yield result


def _progress(
    request: Request, paths: list[str], tally: Tally
) -> AbstractContextManager[Callable[[Iterable[PageResult]], Iterable[PageResult]]]:
    """Show how far the run is on standard error, if nothing else moves there."""
    if request.quiet:
        return nullcontext(iter)
    from classifier.commands.progress import watch
    from classifier.inputs import is_archive, is_url
    from classifier.scanfile import PICTURES

    twice = request.field is None and not any(path == "-" or is_archive(path) or is_url(path) for path in paths)
    names = _pages(paths, request.names) if twice else None
    bar = request.output is not None or not is_terminal(sys.stdout)
    return watch(tally, names, bar=bar, is_slow=lambda path: path.lower().endswith(PICTURES))


def _pages(paths: list[str], glob: str) -> Iterator[str]:
    """Yield the path of every page that is going to be read."""
    from classifier.files import find_files
    from classifier.scanfile import PICTURES, count_pages_of

    for path, _ in find_files(paths, glob=glob):
        try:
            count = count_pages_of(path) if path.lower().endswith(PICTURES) else 1
        except Exception:  # a bug, which the run itself makes a failure of this file
            count = 1
        yield from repeat(path, count)
