"""Options and arguments that several commands share, as Typer annotations, and the checks of their values."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from classifier.errors import InputError, UsageError
from classifier.rendering.escaping import visible
from classifier.rendering.render import Format
from classifier.scans.scanfile import Ocr

_JSON_GLOB = re.compile(r"[.,{](nd)?jsonl?(\.gz)?\*?([,}]|$)")

LABELED = "labeled"
"""Where labelled data is looked for if no place is given."""


@dataclass(slots=True)
class Session:
    """What :func:`~classifier.__main__.main` has to know of the options when an error reaches it."""

    verbose: bool = False


def input_paths(paths: list[str] | None) -> list[str]:
    """Return the inputs that are named, or standard input if none is and it is no terminal.

    Raises
    ------
    UsageError
        If there is none, a name is empty, or standard input is named twice.
    """
    if not paths:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no PATH; give files or directories, or text on standard input")
        return ["-"]
    if "" in paths:  # a variable of the shell that is not set
        raise UsageError("a PATH is empty; give files or directories, or - for standard input")
    if paths.count("-") > 1:
        raise UsageError("-: standard input can be read only once; give - once")
    return paths


def refuse_json(paths: list[str], glob: str, *, remedy: str) -> None:
    """Refuse JSON where text is read: with ``--encoding`` a file is text, whatever it is called.

    Raises
    ------
    UsageError
        If the name of a file says that it is JSON, or the pattern of those looked for in a directory.
    """
    from classifier.batches.inputs import JSON, is_archive

    for path in paths:
        folder = os.path.isdir(path)  # noqa: PTH112
        if path.lower().endswith(JSON) and not folder:
            raise UsageError(f"{visible(path)}: JSON, not running text; {remedy}")
        if (folder or is_archive(path)) and _JSON_GLOB.search(glob.lower()):
            raise UsageError(f"--glob {visible(glob)}: JSON, not running text; {remedy}")


def check_threshold(threshold: float | None) -> float | None:
    """Return an option that is a probability, or refuse it."""
    if threshold is not None and not 0 <= threshold <= 1:  # false for NaN as well
        raise typer.BadParameter(f"{threshold:g} is not a probability; give a number from 0 to 1")
    return threshold


_Named = TypeVar("_Named", str, list[str], None)


def check_named(name: _Named) -> _Named:
    """Return the value of an option or argument that is a name or several, or refuse an empty one."""
    if name == "" or (isinstance(name, list | tuple) and "" in name):  # a variable of the shell that is not set
        raise typer.BadParameter("the name is empty")
    return name


def _check_encoding(encoding: str | None) -> str | None:
    if encoding is not None:
        from classifier.text.reader import find_codec

        try:
            find_codec(encoding)
        except InputError:
            raise typer.BadParameter(
                f"{visible(encoding) or 'an empty name'} is not a known encoding; try gb18030, big5 or utf-16"
            ) from None
    return encoding


def _check_jobs(jobs: int) -> int:
    if jobs < -1:
        raise typer.BadParameter(f"{jobs} is not a number of processes; give 1 or more, or 0 for all cores")
    return jobs


def _check_address(address: str | None) -> str | None:
    # Dask waits half a minute for an address without a port, and ends with a traceback.
    if address is not None and re.fullmatch(r"((tcp|tls)://)?[^:/]*", address):
        raise typer.BadParameter(f"{visible(address) or 'an empty word'} has no port; give tcp://HOST:8786")
    return address


def set_verbose(context: typer.Context, verbose: bool) -> bool:
    """Note ``-v`` where ``main`` finds it when an error comes."""
    if isinstance(context.obj, Session):
        context.obj.verbose = verbose
    return verbose


PathsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="Files, directories, .zip or .tar.gz archives of pages, URLs such as s3://bucket/pages, or - for standard "
        "input (as also without PATH in a pipe).",
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
        "DIR/b.txt.jsonl, of one of several directories DIR/a/b.txt.jsonl. What is there and current is skipped.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help="text for people; json: one array; jsonl: one object a page; tsv: a table; files (split with -o): a "
        "folder a page, a file an article; parquet (with -o): a row an article, many pages a file; alto, page-xml "
        "(split, scans only): articles as groups of regions. Default: text, with -o jsonl.",
        show_default=False,
    ),
]
ClassifyFormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="<text|json|jsonl|tsv|parquet>",
        help="text for people; json: one array; jsonl: one object a text; tsv: a table; parquet (with -o): a row a "
        "text, many texts a file. Default: text, with -o jsonl.",
        show_default=False,
    ),
]
ThresholdOption = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        callback=check_threshold,
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
    str,
    typer.Option(
        "--glob",
        metavar="PATTERN",
        callback=check_named,
        help="Names of the files to take in directories and archives, such as *.{jpg,pdf}.",
    ),
]
OcrOption = Annotated[
    Ocr,
    typer.Option(
        help="When to recognise scans. auto: pictures, and PDF pages without a sound text layer; always: all PDF "
        "pages; never: take what text there is.",
    ),
]
OverlayOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Write the picture of each scanned page below DIR, its articles tinted, with number, genre and score.",
        show_default=False,
    ),
]
JsonlTextOption = Annotated[
    str | None,
    typer.Option(
        metavar="FIELD",
        callback=check_named,
        help="Inputs are JSON Lines (.jsonl, .jsonl.gz; UTF-8 unless --encoding says else): each object is a page, its "
        "text in FIELD, its id kept.",
        show_default=False,
    ),
]
StitchOption = Annotated[
    bool,
    typer.Option(
        "--stitch",
        help="Then join the parts of one story in -o DIR and print the stories, as banmian stitch DIR does (with -o; "
        "jsonl or files).",
    ),
]
DaskOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        callback=_check_address,
        help="Work on the Dask cluster whose scheduler is at ADDRESS, tcp://HOST:8786, instead of on this machine.",
        show_default=False,
    ),
]
JobsOption = Annotated[
    int,
    typer.Option(
        "-j", "--jobs", metavar="N", callback=_check_jobs, help="Files worked on at the same time; 0 or -1: all cores."
    ),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Do everything again and replace what exists below -o DIR, whoever wrote it.")
]
QuietOption = Annotated[
    bool,
    typer.Option("-q", "--quiet", help="No progress, no summary; no line for a failure that the printed JSON holds."),
]
VerboseOption = Annotated[
    bool,
    typer.Option(
        "-v", "--verbose", callback=set_verbose, help="Note every file on standard error; tracebacks of errors."
    ),
]
LabelledArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LABELED",
        callback=check_named,
        help="Directories of labelled texts and pages, or JSONL files. Default: labeled.",
        show_default=False,
    ),
]
