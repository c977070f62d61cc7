"""``info``: which model, where it was found, what it knows."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.commands.console import write
from classifier.commands.options import ModelOption, set_verbose
from classifier.errors import ExitCode

INFO_HELP = """Describe a model: where it was found, its genres, its scores.

Without -m, the model that split and classify would use. The --json has all that its config.json says, docs/models.md
explains it.

\b
Examples:
  banmian info                         the model in use
  banmian info -m models/mine          a model of your own
  banmian info --json | jq .digest     one field, for a script
"""

ROUND_PAGES = 5050
"""What the number of pages in the configuration of the shipped model counts in: ``train_default.py --pages``."""


def info(
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Annotated[  # noqa: ARG001 used by its callback
        bool, typer.Option("-v", "--verbose", callback=set_verbose, help="Show the traceback of an error.")
    ] = False,
) -> int:
    """Describe a model."""
    from classifier.model import load_model
    from classifier.rendering import listing, serialisation

    facts = load_model(model).info()
    if as_json:
        write(serialisation.json_line(facts) + "\n")
    else:
        write("".join(listing.info_lines(facts | {"training": training_for_people(facts["training"])})))
    return ExitCode.OK


def training_for_people(training: object) -> object:
    """Return what a model was trained on without the digests of its corpora, its pages as a number of pages."""
    if not isinstance(training, dict) or not isinstance(training.get("corpora"), dict):
        return training  # made with train: it counts texts and pages itself
    shown = training | {"corpora": len(training["corpora"])}
    times = shown.pop("pages", None)
    if isinstance(times, int | float):
        shown["pages composed a round"] = f"{round(times * ROUND_PAGES):,}"
    return shown
