"""``split`` and ``classify``: many inputs in, results out."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from itertools import repeat
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
)
from classifier.commands.remarks import Blank, Failures, Garbled, report_skipped
from classifier.commands.request import Request, check_output
from classifier.errors import ExitCode
from classifier.processor import cores
from classifier.rendering.escaping import visible
from classifier.rendering.render import LAYOUT_FORMS, Format
from classifier.scans.scanfile import Ocr

if TYPE_CHECKING:
    from classifier.batches.tally import Tally
    from classifier.batches.work import Work
    from classifier.document import PageResult
    from classifier.scans.scanfile import Reading

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


def label_files(request: Request) -> ExitCode:
    """Split or classify the inputs, write the results to standard output or below ``-o DIR``, and report."""
    started = time.perf_counter()
    # What NumPy multiplies here is small: more threads take longer, and -j has workers for the other cores. Said before
    # anything imports NumPy, which starts its threads at once.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    paths = input_paths(request.paths)
    form = request.output_form
    check_output(request, paths)

    from classifier.batches import batch
    from classifier.batches.tally import Tally
    from classifier.files import PassedOver
    from classifier.model import load_model
    from classifier.rendering import render

    model = load_model(request.model)
    if request.verbose:
        report(f"model {model.id} in {model.path}")
    jobs = request.jobs if request.jobs > 0 else cores()
    work = _work(request, threads=0 if jobs == 1 else max(1, cores() // jobs))
    tally = Tally(request.verb)
    stdin = sys.stdin.buffer if sys.stdin else None
    skipped = PassedOver()
    results = batch.run(
        paths, work=work, model=model, jobs=jobs, stdin=stdin, cluster=request.dask, passed_over=skipped, say=report
    )
    failures = Failures(request)
    blank, garbled = Blank(), Garbled(request)
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
        report_skipped(skipped)
    if not request.quiet and (request.output or tally.total > 1 or any(map(os.path.isdir, paths))):
        report(f"{tally}, {time.perf_counter() - started:.1f} s")
    code = ExitCode.SOME_FAILED if tally.failed else ExitCode.OK
    if request.stitch and request.output:
        from classifier.commands.stitch import join_written

        code = join_written(request.output, model, quiet=request.quiet) or code
    return code


def _work(request: Request, *, threads: int) -> Work:
    """Return what is to be done with each input; pictures are read on so many threads, 0 for all."""
    from classifier.batches.output import OutputTree
    from classifier.batches.work import Work

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
    from classifier.scans.scanfile import Reading

    if request.output is None:
        return Reading(request.ocr, None, threads)
    from classifier.scans.ocrcache import FOLDER

    return Reading(request.ocr, request.output / FOLDER, threads)


def _watch(
    results: Iterable[PageResult], *, request: Request, tally: Tally, failures: Failures
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
    from classifier.batches.inputs import is_archive, is_url
    from classifier.commands.progress import watch
    from classifier.scans.scanfile import PICTURES

    twice = request.field is None and not any(path == "-" or is_archive(path) or is_url(path) for path in paths)
    names = _pages(paths, request.names) if twice else None
    bar = request.output is not None or not is_terminal(sys.stdout)
    return watch(tally, names, bar=bar, is_slow=lambda path: path.lower().endswith(PICTURES))


def _pages(paths: list[str], glob: str) -> Iterator[str]:
    """Yield the path of every page that is going to be read."""
    from classifier.files import find_files
    from classifier.scans.scanfile import PICTURES, count_pages_of

    for path, _ in find_files(paths, glob=glob):
        try:
            count = count_pages_of(path) if path.lower().endswith(PICTURES) else 1
        except Exception:  # a bug, which the run itself makes a failure of this file
            count = 1
        yield from repeat(path, count)
