"""``evaluate`` and ``check``: how good a model is, and whether labelled data is in order."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from classifier.commands.console import report, write
from classifier.commands.options import LABELED, LabelledArgument, ModelOption, set_verbose
from classifier.errors import BanmianError, ExitCode
from classifier.rendering.escaping import visible
from classifier.rendering.listing import counted

EVALUATE_HELP = """Score a model on labelled texts and pages.

Prints precision, recall and F1 of each genre and the commonest confusions; for pages how well boundaries and whole
articles are found. LABELED as for train; texts that the model was trained on flatter it.

\b
Examples:
  banmian evaluate my-labels/                   the shipped model on yours
  banmian evaluate -m models/mine test/         a model of your own
  banmian evaluate --plot pics/ test/           confusion, calibration drawn
  banmian evaluate --json test/ | jq .pages.pk  one number, for a script
"""

CHECK_HELP = """Check labelled data before training on it.

Prints a line for each thing that is wrong: files that cannot be read, texts that are there twice or in two genres,
genres with too few texts, articles of pages that overlap or end inside a paragraph, files that are not read. The exit
status is 4 if there are any. LABELED as for train.

\b
Examples:
  banmian check                  the directory labeled
  banmian check my-labels/       another
  banmian check corrected.jsonl  corrected output of split
"""


def evaluate(
    labelled: LabelledArgument = None,
    model: ModelOption = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Draw confusion.png and calibration.png there; needs pip install 'banmian[plot]'.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Annotated[  # noqa: ARG001 used by its callback
        bool, typer.Option("-v", "--verbose", callback=set_verbose, help="Show the traceback of an error.")
    ] = False,
) -> int:
    """Score a model."""
    from classifier import evaluation
    from classifier import plot as plotting
    from classifier.labelled import corpus
    from classifier.model import load_model
    from classifier.rendering import listing, serialisation

    if plot is not None:
        plotting.prepare(plot)
    loaded = load_model(model)
    found = corpus.load(labelled or [LABELED])
    if strange := sorted(set(found.genres) - set(loaded.genres)):
        report(f"{loaded.id} does not know {visible(', '.join(strange))}: all texts of this count as wrong")
    scores = evaluation.evaluate(loaded, found)
    facts = {"model": loaded.id, **scores.facts()}
    if plot is not None:
        for path in plotting.draw(scores.genre, scores.calibration, plot, title=loaded.id):
            report(f"wrote {path}")
    write(serialisation.json_line(facts) + "\n" if as_json else "".join(listing.score_lines(facts)))
    return ExitCode.OK


def check(
    labelled: LabelledArgument = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No summary.")] = False,
    verbose: Annotated[  # noqa: ARG001 used by its callback
        bool, typer.Option("-v", "--verbose", callback=set_verbose, help="Show the traceback of an error.")
    ] = False,
) -> int:
    """Check labelled data."""
    from classifier.labelled import checks, corpus
    from classifier.modeldir import locate, read_config

    known: list[str] = []
    with suppress(BanmianError):  # without a model, every genre is new
        known = [entry["id"] for entry in read_config(locate("default")[0])["genres"]]
    found, problems = corpus.inspect(labelled or [LABELED])
    problems += checks.check(found, known=known)
    for problem in problems:
        write(visible(problem) + "\n")
    if not quiet:
        wrong = f"{len(problems):,} wrong" if problems else "nothing wrong"
        sizes = ((found.texts, "text"), (found.pages, "page"), (found.genres, "genre"))
        report(f"{', '.join(counted(len(things), noun) for things, noun in sizes)}: {wrong}")
    return ExitCode.LABELS if problems else ExitCode.OK
