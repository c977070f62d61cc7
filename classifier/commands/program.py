"""The program itself: its help, its version, the verbs it knows."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer
import typer.main

import classifier
from classifier.commands.console import write
from classifier.commands.values import Command, Group
from classifier.errors import BanmianError
from classifier.rendering.escaping import visible

VERBS = {
    "split": "label",
    "classify": "label",
    "stitch": "stitch",
    "train": "train",
    "evaluate": "evaluate",
    "check": "evaluate",
    "explain": "explain",
    "info": "info",
}
"""The verbs in the order of ``--help``, the main job first, each with the module it is in."""

# \b keeps the lines of the paragraph that follows it.
APP_HELP = """Split Chinese newspaper pages into articles and label each with a genre.

A page is a text file (UTF-8, UTF-16, GB18030 or Big5) that holds several articles one after another, or a scan: a
picture, a PDF, an ALTO, PAGE or hOCR file. banmian finds where each article begins and ends, its headline and genre.

\b
  banmian split page.txt              the articles of a page, one a line
  banmian split pages/ -o results/    every page below a directory
  banmian COMMAND --help              options and examples of a command

\b
  banmian train my-labels/ -o mine    teach it genres and pages of your own

Exit status: 0 all done, 1 some inputs failed, 2 wrong usage, 3 no usable model, 4 labelled data that cannot be used, 5
a new model that is worse, 70 a bug, 130 interrupted.
"""


def version_line() -> str:
    """Return the versions of program and model; a model that cannot be found is no error here."""
    from classifier.modeldir import identify

    try:
        model = f"model {identify()}"
    except BanmianError as error:
        model = f"model: none ({error.message})"
    return f"banmian {classifier.__version__}, {model}"


def _print_version(wanted: bool) -> None:
    if wanted:
        write(visible(version_line()) + "\n")
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option(
        "--version", callback=_print_version, is_eager=True, help="Show the version of banmian and of its model."
    ),
]


def _banmian(version: VersionOption = False) -> None:
    """Hold the options of the program itself."""


def program(words: Sequence[str] = ()) -> Group:
    """Return the program as it is needed for the words of a command line.

    If the first is a verb, it is the only one there is: to import the others and read their options takes 30 ms.
    """
    app = typer.Typer(
        name="banmian",
        cls=Group,
        rich_markup_mode=None,  # help as plain text: the same on a terminal, in a pipe and in docs/cli.md, and faster
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=APP_HELP)(_banmian)
    for verb in [words[0]] if words and words[0] in VERBS else VERBS:
        module = import_module(f"classifier.commands.{VERBS[verb]}")
        app.command(cls=Command, help=getattr(module, f"{verb.upper()}_HELP"))(getattr(module, verb))
    group = typer.main.get_command(app)
    assert isinstance(group, Group)
    return group
