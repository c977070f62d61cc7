"""What is given for a parameter, made a value of its type, without pydantic where nothing has to be checked.

Typer asks pydantic for every parameter of a command, those too that were not given. To import it and to build its
checks takes as long as everything that is ours in a run over one page.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from classifier.errors import UsageError
from classifier.rendering.escaping import visible


class Command(TyperCommand):
    """A command that hands to pydantic only what is neither a default nor text nor the name of a choice."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 a class that Typer keeps to itself
        """Return the parameters."""
        return list(map(_sparing, super().get_params(ctx)))


class Group(TyperGroup):
    """The same for the program itself."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """Return the command that the first word names. Raises :class:`UsageError` for a file in its place."""
        word = args[0] if args else ""
        if word and self.get_command(ctx, word) is None and (word == "-" or os.path.exists(word)):  # noqa: PTH110
            raise UsageError(f"{visible(word)}: no command; to split it, banmian split {visible(word)}")
        return super().resolve_command(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401
        """Return the parameters."""
        return list(map(_sparing, super().get_params(ctx)))


def _sparing(parameter: Any) -> Any:  # noqa: ANN401
    if "process_value" not in vars(parameter):
        parameter.process_value = partial(_process, parameter, parameter.process_value)
    return parameter


def _process(parameter: Any, ask_typer: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:  # noqa: ANN401
    """Return the value of a parameter as Typer would."""
    # A Typer that does not say so is asked itself.
    kind = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    if value == "" and kind is Path:
        # An unset "$OUT"; as a path it would be the directory one stands in.
        raise typer.BadParameter("the name is empty", ctx=context, param=parameter)
    if kind is Path and isinstance(value, str) and "://" in value:
        # As a path it would be a folder "s3:" where one stands.
        message = f"{visible(value)} is a URL; give a path on this machine"
        raise typer.BadParameter(message, ctx=context, param=parameter)
    if kind is None or parameter.required:
        return ask_typer(context, value)
    if value is None:
        value = () if parameter.multiple or parameter.nargs == -1 else None
    elif kind == list[str] and isinstance(value, list | tuple):
        value = list(value)
    elif isinstance(kind, type) and issubclass(kind, StrEnum) and value in list(kind):
        value = kind(value)
    elif not (value is parameter.default or (kind is str and isinstance(value, str))):
        return ask_typer(context, value)
    return value if parameter.callback is None else parameter.callback(context, parameter, value)
