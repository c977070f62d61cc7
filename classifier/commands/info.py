"""``info``: which model, where it was found, what it knows."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.commands.console import write
from classifier.commands.options import ModelOption, set_verbose
from classifier.errors import ExitCode

INFO_HELP = """Describe a model: where it was found, its genres, its scores.

Without -m, the model that split and classify would use.

\b
Examples:
  banmian info                         the model in use
  banmian info -m models/mine          a model of your own
  banmian info --json | jq .digest     one field, for a script
"""


def info(
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Annotated[  # noqa: ARG001 used by its callback
        bool, typer.Option("-v", "--verbose", callback=set_verbose, help="Show the traceback of an error.")
    ] = False,
) -> int:
    """Describe a model."""
    from classifier import render
    from classifier.model import load_model

    facts = load_model(model).info()
    write(render.json_line(facts) + "\n" if as_json else "".join(render.info_lines(facts)))
    return ExitCode.OK
