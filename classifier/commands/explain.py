"""``explain``: what made each boundary and each genre."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from classifier.commands.console import report, write
from classifier.commands.options import (
    EncodingOption,
    GlobOption,
    ModelOption,
    PathsArgument,
    input_paths,
    refuse_json,
    set_verbose,
)
from classifier.errors import ExitCode
from classifier.rendering.escaping import visible

EXPLAIN_HELP = """Say why: what made each boundary and each genre of a page.

For each article the line that split prints, then what speaks for its genre and against the one that came second, with
what each word or pair of characters adds to the difference of their scores, and what speaks the other way; then what
made a boundary of its first line (positive) or spoke against one (negative), at first look and when the gaps around had
been seen.

\b
Examples:
  banmian explain page.txt             every article of a page
  banmian explain --top 20 page.txt    more terms
  banmian explain --json page.txt      one JSON object a page
"""

_SCAN = "a scan, whose articles are told by their places too; explain the text that split --format jsonl prints of it"


def explain(
    paths: PathsArgument = None,
    model: ModelOption = None,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="Terms shown of each kind.")] = 8,
    encoding: EncodingOption = None,
    glob: GlobOption = "*.txt",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a page.")] = False,
    verbose: Annotated[  # noqa: ARG001 used by its callback
        bool, typer.Option("-v", "--verbose", callback=set_verbose, help="Show the traceback of an error.")
    ] = False,
) -> int:
    """Explain pages."""
    inputs = input_paths(paths)
    if encoding is None:
        refuse_json(inputs, glob, remedy="give a text, or --encoding utf-8 to take it for one")

    from classifier import explain as explaining
    from classifier.batches import batch
    from classifier.batches.work import Work
    from classifier.document import Failure
    from classifier.model import load_model
    from classifier.rendering import listing, render, serialisation

    loaded = load_model(model)
    work = Work(encoding=encoding, glob=glob, keep_text=True)
    failed = False
    for result in batch.run(inputs, work=work, model=loaded, stdin=sys.stdin.buffer if sys.stdin else None):
        if result.failure is None and result.scan is not None:
            result = replace(result, failure=Failure("scan", _SCAN))
        if result.failure is not None:
            failed = True
            if as_json:
                write(serialisation.json_line(serialisation.page_object(result)) + "\n")
            report(render.failure_line(result))
            continue
        reasons = explaining.explain(loaded, result.text, shown=top)
        if not reasons:
            report(f"{visible(result.path)}: no text in it")
        if as_json:
            head: dict[str, object] = {"path": result.path, "encoding": result.encoding, "model": loaded.id}
            write(serialisation.json_line(head | {"articles": list(map(serialisation.reason_object, reasons))}) + "\n")
        else:
            write("".join(listing.reason_lines(result.path, result.text, reasons)))
    return ExitCode.SOME_FAILED if failed else ExitCode.OK
