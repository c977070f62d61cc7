"""The command line: parse, call, render, exit. The only module that knows Typer, exit codes and ``sys``.

Each command is one thin wrapper, where its options are documented, around one plain function. Functions return a
status or raise; :func:`main` alone turns errors into a line on stderr and a process status. Nothing heavy is imported
here: ``--help`` answers in a fraction of a second.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
import typer.main

from classifier.errors import BanmianError, ExitCode, UsageError
from classifier.render import Format, Verb, failure_line, visible

if TYPE_CHECKING:
    from classifier.batch import Tally
    from classifier.document import PageResult

MANY_FILES = 20
"""More files than this get a progress bar: fewer are done before one has read it."""

LABELED = "labeled"
"""Where labelled data is looked for if no place is given."""

COUNT_LIMIT = 100_000
"""Files counted in advance for the progress bar's total, in about half a second."""

app = typer.Typer(
    name="banmian",
    rich_markup_mode=None,  # help as plain text: the same on a terminal, in a pipe and in docs/cli.md, and faster
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# --- Help texts. \b keeps the lines of the paragraph that follows it. ------------------------------------------------

APP_HELP = """Split Chinese newspaper pages into articles and label each with a genre.

A page is a text file (UTF-8, UTF-16, GB18030 or Big5) that holds several articles one after another. banmian finds
where each begins and ends, its headline, and its genre.

\b
  banmian split page.txt              the articles of a page, one a line
  banmian split pages/ -o results/    every page below a directory
  banmian COMMAND --help              options and examples of a command

\b
  banmian train my-labels/ -o mine    teach it genres and pages of your own

Exit status: 0 all done, 1 some inputs failed, 2 wrong usage, 3 no usable model, 4 labelled data that cannot be used, 5
a new model that is worse, 70 a bug, 130 interrupted.
"""

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

INFO_HELP = """Describe a model: where it was found, its genres, its scores.

Without -m, the model that split and classify would use.

\b
Examples:
  banmian info                         the model in use
  banmian info -m models/mine          a model of your own
  banmian info --json | jq .digest     one field, for a script
"""

TRAIN_HELP = """Train a model on labelled texts and pages.

LABELED is a directory with articles/GENRE/*.txt and pages/*.jsonl, a directory of folders named after genres, or one
JSONL file: corrected output of split. Default: labeled. Training starts from the shipped model and needs none of the
texts that it was made from; a new folder with a dozen texts is a new genre. Every fifth text and page is held out
first; a model that does worse on these than the one it replaces, or starts from, is not written, and the exit status
is 5. Prints the scores on the held-out part.

\b
Examples:
  banmian train my-labels/ -o models/mine           a model of your own
  banmian split -m models/mine pages/               use it
  banmian train my/ -o mine --rename sports=games   a genre under a new name
  banmian train my/ -o mine --base none             only your genres
"""

EVALUATE_HELP = """Score a model on labelled texts and pages.

Prints precision, recall and F1 of each genre and the commonest confusions; for pages how well boundaries and whole
articles are found. LABELED as for train; texts that the model was trained on flatter it.

\b
Examples:
  banmian evaluate my-labels/                   the shipped model on yours
  banmian evaluate -m models/mine test/         a model of your own
  banmian evaluate --json test/ | jq .pages.pk  one number, for a script
"""

CHECK_HELP = """Check labelled data before training on it.

Prints a line for each thing that is wrong: files that cannot be read, texts that are there twice or in two genres,
genres with too few texts, articles of pages that overlap or end inside a paragraph. The exit status is 4 if there are
any. LABELED as for train.

\b
Examples:
  banmian check                  the directory labeled
  banmian check my-labels/       another
  banmian check corrected.jsonl  corrected output of split
"""

# --- Options, shared by the commands. --------------------------------------------------------------------------------


def _check_threshold(threshold: float | None) -> float | None:
    if threshold is not None and not 0 <= threshold <= 1:  # false for NaN as well
        raise typer.BadParameter(f"{threshold:g} is not a probability; give a number from 0 to 1")
    return threshold


def _check_encoding(encoding: str | None) -> str | None:
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except (LookupError, ValueError):
            raise typer.BadParameter(
                f"{visible(encoding)} is not a known encoding; try gb18030, big5 or utf-16"
            ) from None
    return encoding


def _check_jobs(jobs: int) -> int:
    if jobs < -1:
        raise typer.BadParameter(f"{jobs} is not a number of processes; give 1 or more, or 0 for all cores")
    return jobs


def _set_verbose(context: typer.Context, verbose: bool) -> bool:
    if isinstance(context.obj, Session):
        context.obj.verbose = verbose
    return verbose


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(version_line() + "\n")
        raise typer.Exit


PathsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="Files, directories, or - for standard input (as also without PATH in a pipe).",
        show_default=False,
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--model",
        metavar="MODEL",
        help="Name or directory of a model. Default: $BANMIAN_MODEL, else the one that comes with banmian.",
        show_default=False,
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="DIR",
        help="Write files below DIR, named after the inputs, instead of printing: a/b.txt of directory a becomes "
        "DIR/b.txt.jsonl.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help="text for people; json: one array; jsonl: one object a page; tsv: a table; files (split with -o): a "
        "folder a page, a file an article. Default: text, with -o jsonl.",
        show_default=False,
    ),
]
ThresholdOption = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        callback=_check_threshold,
        help="Probability under which the genre is unknown, 0 to 1. Default: the model's own.",
        show_default=False,
    ),
]
TopOption = Annotated[int, typer.Option(metavar="N", min=1, help="Genres listed in JSON under top, best first.")]
EncodingOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        callback=_check_encoding,
        help="Encoding of the inputs, such as gb18030 or big5. Default: recognised, file by file.",
        show_default=False,
    ),
]
GlobOption = Annotated[
    str, typer.Option("--glob", metavar="PATTERN", help="Names of the files to take in directories.")
]
JobsOption = Annotated[
    int,
    typer.Option(
        "-j", "--jobs", metavar="N", callback=_check_jobs, help="Files worked on at the same time; 0 or -1: all cores."
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that exist below -o DIR.")]
QuietOption = Annotated[
    bool, typer.Option("-q", "--quiet", help="No progress, no summary; no line for a failure that the output holds.")
]
VerboseOption = Annotated[
    bool,
    typer.Option(
        "-v", "--verbose", callback=_set_verbose, help="Note every file on standard error; tracebacks of errors."
    ),
]
LabelledArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LABELED",
        help="Directories of labelled texts and pages, or JSONL files. Default: labeled.",
        show_default=False,
    ),
]
VersionOption = Annotated[
    bool,
    typer.Option(
        "--version", callback=_print_version, is_eager=True, help="Show the version of banmian and of its model."
    ),
]

# --- Commands. ---------------------------------------------------------------------------------------------------


@app.callback(help=APP_HELP)
def _banmian(version: VersionOption = False) -> None:
    """Hold the options of the program itself."""


@app.command(help=SPLIT_HELP)
def split(
    paths: PathsArgument = None,
    model: ModelOption = None,
    output: OutputOption = None,
    form: FormatOption = None,
    threshold: ThresholdOption = None,
    top_k: TopOption = 3,
    encoding: EncodingOption = None,
    glob: GlobOption = "*.txt",
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
        jobs=jobs,
        force=force,
        quiet=quiet,
        verbose=verbose,
    )
    return label_files(request)


@app.command(help=CLASSIFY_HELP)
def classify(
    paths: PathsArgument = None,
    model: ModelOption = None,
    output: OutputOption = None,
    form: FormatOption = None,
    threshold: ThresholdOption = None,
    top_k: TopOption = 3,
    encoding: EncodingOption = None,
    glob: GlobOption = "*.txt",
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
        jobs=jobs,
        force=force,
        quiet=quiet,
        verbose=verbose,
    )
    return label_files(request)


@app.command(help=INFO_HELP)
def info(
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Annotated[  # noqa: ARG001 used by its callback
        bool, typer.Option("-v", "--verbose", callback=_set_verbose, help="Show the traceback of an error.")
    ] = False,
) -> int:
    """Describe a model."""
    from classifier import render
    from classifier.model import load_model

    facts = load_model(model).info()
    _write(render.json_line(facts) + "\n" if as_json else "".join(render.info_lines(facts)))
    return ExitCode.OK


@app.command(help=TRAIN_HELP)
def train(
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Directory of the new model; a model that is there is replaced.",
            show_default=False,
        ),
    ],
    labelled: LabelledArgument = None,
    base: Annotated[
        str,
        typer.Option(metavar="MODEL", help="Model to start from: default, a directory, or none for new genres alone."),
    ] = "default",
    drop: Annotated[
        list[str] | None, typer.Option(metavar="GENRE", help="Genre to leave out; may be given again.")
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD=NEW", help="Genre to give another name, or to join with another."),
    ] = None,
    userdict: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Words of your own, in jieba's format; the model keeps them."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Another number holds out other texts.")] = 0,
    allow_regression: Annotated[
        bool, typer.Option("--allow-regression", help="Write the model even if it is worse.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress.")] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", callback=_set_verbose, help="Show times, and the traceback of an error.")
    ] = False,
) -> int:
    """Train a model."""
    from classifier.render import json_line, score_lines

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # sums in one order, whatever the machine's cores
    started = time.perf_counter()

    def say(line: str) -> None:
        if not quiet:
            _report(f"{time.perf_counter() - started:6.1f} s  {line}" if verbose else line)

    from classifier import retraining

    options = retraining.Options(
        base=base,
        drop=tuple(drop or ()),
        rename=dict(map(_renaming, rename or ())),
        userdict=userdict,
        allow_regression=allow_regression,
        seed=seed,
    )
    report = retraining.train(labelled or [LABELED], output, options, say=say)
    facts = report.held_out.facts()
    if as_json:
        _write(json_line({"model": report.model, "seconds": round(report.seconds, 1), "held_out": facts}) + "\n")
    else:
        _write("".join(score_lines(facts)))
    say(f"{report.model} in {output}: {report.texts:,} texts, {report.pages:,} pages, {report.seconds:.1f} s")
    return ExitCode.OK


def _renaming(words: str) -> tuple[str, str]:
    old, sign, new = words.partition("=")
    if not (old and sign and new):
        raise UsageError(f"--rename {words}: give the old and the new name as OLD=NEW")
    return old, new


@app.command(help=EVALUATE_HELP)
def evaluate(
    labelled: LabelledArgument = None,
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Annotated[  # noqa: ARG001 used by its callback
        bool, typer.Option("-v", "--verbose", callback=_set_verbose, help="Show the traceback of an error.")
    ] = False,
) -> int:
    """Score a model."""
    from classifier import corpus, render, retraining
    from classifier.model import load_model

    loaded = load_model(model)
    facts = {"model": loaded.id, **retraining.evaluate(loaded, corpus.load(labelled or [LABELED])).facts()}
    _write(render.json_line(facts) + "\n" if as_json else "".join(render.score_lines(facts)))
    return ExitCode.OK


@app.command(help=CHECK_HELP)
def check(
    labelled: LabelledArgument = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No summary.")] = False,
    verbose: Annotated[  # noqa: ARG001 used by its callback
        bool, typer.Option("-v", "--verbose", callback=_set_verbose, help="Show the traceback of an error.")
    ] = False,
) -> int:
    """Check labelled data."""
    from classifier import corpus
    from classifier.model import locate, read_config

    known: list[str] = []
    with suppress(BanmianError):  # without a model, every genre is new
        known = [entry["id"] for entry in read_config(locate("default")[0])["genres"]]
    found, problems = corpus.inspect(labelled or [LABELED])
    problems += corpus.check(found, known=known)
    for problem in problems:
        _write(visible(problem) + "\n")
    if not quiet:
        wrong = f"{len(problems):,} wrong" if problems else "nothing wrong"
        _report(f"{len(found.texts):,} texts, {len(found.pages):,} pages, {len(found.genres):,} genres: {wrong}")
    return ExitCode.LABELS if problems else ExitCode.OK


# --- What the commands do. -------------------------------------------------------------------------------------------


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
        _report(f"model {model.id} in {model.path}")
    work = batch.Work(
        verb=request.verb,
        encoding=request.encoding,
        threshold=request.threshold,
        top_k=request.top_k,
        glob=request.glob,
        output=OutputTree(request.output, form, request.verb, request.force) if request.output else None,
        keep_text=form is Format.TEXT and not request.output,
    )
    tally = batch.Tally(request.verb)
    jobs = request.jobs if request.jobs > 0 else batch.cores()
    stdin = sys.stdin.buffer if sys.stdin else None
    results = batch.run(paths, work=work, model=model, jobs=jobs, stdin=stdin)
    with closing(results), _progress(request, paths) as track:
        watched = _watch(track(results), request=request, tally=tally)
        if request.output:
            deque(watched, maxlen=0)
        else:
            for piece in render.stream(watched, form=form, verb=request.verb, colour=_use_colour()):
                _write(piece)
    if not request.quiet and (request.output or tally.done + tally.failed > 1 or any(map(os.path.isdir, paths))):
        _report(f"{tally}, {time.perf_counter() - started:.1f} s")
    return ExitCode.SOME_FAILED if tally.failed else ExitCode.OK


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


def _watch(results: Iterable[PageResult], *, request: Request, tally: Tally) -> Iterator[PageResult]:
    """Pass results on, counting them and reporting failures and, with ``-v``, successes."""
    in_output = request.output is None and request.output_form in (Format.JSON, Format.JSONL)
    for result in results:
        tally.add(result)
        if result.failure is not None:
            if not (request.quiet and in_output):
                _report(failure_line(result))
            if request.verbose and result.failure.traceback:
                _report(result.failure.traceback)
        elif request.verbose:
            found = f", {len(result.articles):,} articles" if request.verb == "split" else ""
            _report(f"{visible(result.path)}: {result.encoding}{found}")
        yield result


@contextmanager
def _progress(request: Request, paths: list[str]) -> Iterator[Callable[[Iterable[PageResult]], Iterable[PageResult]]]:
    """Show a progress bar on a terminal's standard error, if the run is long and nothing else moves there."""
    files = 0
    if not request.quiet and _is_terminal(sys.stderr) and (request.output or not _is_terminal(sys.stdout)):
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


def version_line() -> str:
    """Return the versions of program and model; a model that cannot be found is no error here."""
    from classifier.model import identify

    try:
        model = f"model {identify()}"
    except BanmianError as error:
        model = f"model: none ({error.message})"
    return f"banmian {_version()}, {model}"


def _version() -> str:
    try:
        return metadata.version("banmian")
    except metadata.PackageNotFoundError:  # cli.py in a checkout that is not installed
        import tomllib

        project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])


# --- Streams, errors, status. ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Session:
    """What :func:`main` has to know of the options when an error reaches it."""

    verbose: bool = False


def main() -> int:
    """Run the command line and return the exit status."""
    session = Session()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # UTF-8 with \n wherever it goes; a terminal keeps its own encoding
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace", newline="\n")
    try:
        command = typer.main.get_command(app)
        status = command.main(prog_name="banmian", standalone_mode=False, obj=session)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BaseException as error:
        return _status_of(error, verbose=session.verbose)
    if status == ExitCode.INTERRUPTED:  # Typer makes this of a KeyboardInterrupt
        return _status_of(KeyboardInterrupt(), verbose=session.verbose)
    return int(status or ExitCode.OK)


def _status_of(error: BaseException, *, verbose: bool) -> int:
    """Report an error that ended the run, in one line, and return the exit status it stands for."""
    if isinstance(error, SystemExit):  # Typer's completion, and what it makes of a broken pipe
        if not isinstance(error.__context__, OSError):
            return error.code if isinstance(error.code, int) else ExitCode.OK
        error = error.__context__
    if isinstance(error, OSError):
        _discard_stdout()
        # A reader that has had enough (`| head -1`) is no error; Windows says EINVAL.
        if error.errno == errno.EPIPE or (os.name == "nt" and error.errno == errno.EINVAL):
            return ExitCode.OK
    if verbose and not isinstance(error, KeyboardInterrupt):
        _report("".join(traceback.format_exception(error)))
    match error:
        case BanmianError():
            _report(f"banmian: {visible(error.message)}")
            return error.exit_code
        case typer.TyperException():
            context = getattr(error, "ctx", None)
            command = "banmian" if context is None else context.command_path
            message = " ".join(error.format_message().replace("Value error, ", "").split()).rstrip(".")
            _report(f"banmian: {visible(message)}; see {command} --help")
            return ExitCode.USAGE
        case KeyboardInterrupt() | typer.Abort():
            _report("banmian: interrupted")
            return ExitCode.INTERRUPTED
        case OSError():
            where = error.filename or "standard output"
            _report(f"banmian: {visible(str(where))}: {error.strerror or error}")
            return ExitCode.SOME_FAILED
        case _:
            what = visible(" ".join(f"{type(error).__name__}: {error}".split()))
            _report(f"banmian: {what}; this is a bug, run with -v for the traceback")
            return ExitCode.INTERNAL


def _write(text: str) -> None:
    """Write a piece of the result, at once: whoever reads the pipe may be waiting for it."""
    if sys.stdout is not None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _report(text: str) -> None:
    """Write to standard error, where there is one: a line, or the lines of a traceback."""
    with suppress(OSError):
        if sys.stderr is not None:
            sys.stderr.write("".join(visible(line) + "\n" for line in text.rstrip("\n").split("\n")))
            sys.stderr.flush()


def _discard_stdout() -> None:
    """Let what is still buffered go nowhere, or Python complains of it at exit."""
    with suppress(OSError, AttributeError, io.UnsupportedOperation):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _use_colour() -> bool:
    """Return whether to colour results: on a terminal that knows ANSI codes, unless NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not _is_terminal(sys.stdout):
        return False
    return os.name != "nt" or "WT_SESSION" in os.environ or "TERM" in os.environ


if __name__ == "__main__":
    sys.exit(main())
