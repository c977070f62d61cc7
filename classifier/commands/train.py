"""``train``: a model from labelled data."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from classifier.commands.console import report, write
from classifier.commands.options import LABELED, LabelledArgument, check_named, set_verbose
from classifier.errors import ExitCode, UsageError

TRAIN_HELP = """Train a model on labelled texts and pages.

LABELED is a directory with articles/GENRE/*.txt and pages/*.jsonl, a directory of folders named after genres, or one
JSONL file: corrected output of split. Default: labeled. Training starts from the shipped model and needs none of the
texts that it was made from; a new folder with a dozen texts is a new genre. Every fifth text and page is held out
first; a model that does worse on these than the one it replaces, or starts from, is not written, and the exit status
is 5; so is one that lacks genres of the one it replaces. Prints the scores on the held-out part.

\b
Examples:
  banmian train my-labels/ -o models/mine           a model of your own
  banmian split -m models/mine pages/               use it
  banmian train my/ -o mine --rename sports=games   a genre under a new name
  banmian train my/ -o mine --base none             only your genres
  banmian train more/ -o mine --base mine           go on from it
"""


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
        list[str] | None,
        typer.Option(metavar="GENRE", callback=check_named, help="Genre to leave out; may be given again."),
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
        bool, typer.Option("-v", "--verbose", callback=set_verbose, help="Show times, and the traceback of an error.")
    ] = False,
) -> int:
    """Train a model."""
    from classifier.rendering.listing import counted, score_lines
    from classifier.rendering.serialisation import json_line

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # sums in one order, whatever the machine's cores
    started = time.perf_counter()

    def say(line: str) -> None:
        if not quiet:
            report(f"{time.perf_counter() - started:6.1f} s  {line}" if verbose else line)

    from classifier import retraining

    options = retraining.Options(
        base=base,
        drop=tuple(drop or ()),
        rename=_renamings(rename or ()),
        userdict=userdict,
        allow_regression=allow_regression,
        seed=seed,
    )
    done = retraining.train(labelled or [LABELED], output, options, say=say)
    facts = done.held_out.facts()
    if as_json:
        write(json_line({"model": done.model, "seconds": round(done.seconds, 1), "held_out": facts}) + "\n")
    else:
        write("".join(score_lines(facts)))
    sizes = f"{counted(done.texts, 'text')}, {counted(done.pages, 'page')}"
    say(f"{done.model} in {output}: {sizes}, {done.seconds:.1f} s")
    return ExitCode.OK


def _renamings(given: Sequence[str]) -> dict[str, str]:
    renamed: dict[str, str] = {}
    for old, new in map(_renaming, given):
        if renamed.setdefault(old, new) != new:
            raise UsageError(f"--rename {old}: to become both {renamed[old]} and {new}; give one of the two")
    return renamed


def _renaming(words: str) -> tuple[str, str]:
    old, sign, new = words.partition("=")
    if not (old and sign and new):
        raise UsageError(f"--rename {words}: give the old and the new name as OLD=NEW")
    return old, new
