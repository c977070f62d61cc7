"""What was asked of ``split`` and ``classify``, and what of that cannot be."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from classifier.commands.options import refuse_json
from classifier.errors import UsageError
from classifier.rendering.escaping import visible
from classifier.rendering.render import LAYOUT_FORMS, Format, Verb
from classifier.scans.scanfile import Ocr

ANY_GLOB = "*.txt"
JSONL_GLOB = "*.jsonl*"
"""Names of the files to take in directories, ``.jsonl.gz`` among them, if inputs are JSON Lines."""


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
    field: str | None
    ocr: Ocr
    jobs: int
    dask: str | None
    force: bool
    quiet: bool
    verbose: bool
    overlay: Path | None = None
    stitch: bool = False

    @property
    def output_form(self) -> Format:
        """The form asked for, or what is usual on a screen or in a file."""
        return self.form or (Format.JSONL if self.output else Format.TEXT)

    @property
    def names(self) -> str:
        """The pattern of the files to take in directories."""
        return JSONL_GLOB if self.field is not None and self.glob == ANY_GLOB else self.glob


def check_output(request: Request, paths: list[str]) -> None:
    """Refuse an output or input that cannot be, before any work is done, and make the output's directory."""
    from classifier.batches.inputs import is_archive

    if request.field is None and request.encoding is None:
        refuse_json(paths, request.glob, remedy="name the field of the text with --jsonl-text FIELD")
    packed = next(filter(is_archive, paths), None)
    if packed is not None and request.field is not None:
        raise UsageError(f"{visible(packed)}: --jsonl-text does not look into archives; unpack it")
    if request.output_form is Format.PARQUET and request.output is None:
        raise UsageError("--format parquet: the parts need a place; add -o DIR")
    if request.stitch:
        _check_stitch(request, paths)
    if request.output_form in LAYOUT_FORMS:
        _check_layout(request, paths)
    if request.output_form is Format.FILES:
        if request.verb == "classify":
            raise UsageError("--format files: only split writes articles; choose jsonl or tsv")
        if request.output is None:
            raise UsageError("--format files: the files need a place; add -o DIR")
    if request.output or request.overlay:
        _check_names(paths)
    if request.output is None:
        return
    shown = visible(str(request.output))
    try:
        request.output.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"-o {shown}: exists and is no directory; choose another name") from None
    except OSError as error:
        raise UsageError(f"-o {shown}: {error.strerror or error}; give a directory that can be written") from error
    if any(Path(path).is_dir() and request.output.samefile(path) for path in paths):
        raise UsageError(f"-o {shown}: is an input directory itself; choose another, which may lie in it")


def _check_names(paths: list[str]) -> None:
    """Refuse two directories or archives of one name, page after page of which would be an error."""
    from classifier.batches.inputs import find_clash

    clash = find_clash(paths)
    if clash is None:
        return
    first, second, name = map(visible, clash)
    if os.path.realpath(clash[0]) == os.path.realpath(clash[1]):
        raise UsageError(f"{second}: given twice; name it once")
    raise UsageError(
        f"{first} and {second}: results of both would go to one folder {name}; "
        "give each a run and -o of its own, or name the directory above both"
    )


def _check_layout(request: Request, paths: list[str]) -> None:
    if request.verb == "classify":
        raise UsageError(f"--format {request.output_form}: only split finds articles; choose jsonl or tsv")
    if request.output is None and (len(paths) > 1 or any(map(os.path.isdir, paths))):
        raise UsageError(f"--format {request.output_form}: a file a page, and they need a place; add -o DIR")


def _check_stitch(request: Request, paths: list[str]) -> None:
    """Refuse to stitch what ``stitch`` could not read again afterwards."""
    from classifier.batches.inputs import STDIN, is_archive, is_url

    if request.output is None:
        raise UsageError("--stitch: joins what is written below -o DIR; add -o DIR")
    if request.output_form not in (Format.JSONL, Format.FILES):
        raise UsageError(f"--stitch: cannot read {request.output_form} again; choose --format jsonl or files")
    if STDIN in paths:
        raise UsageError("--stitch: standard input has no name that says which page it is; give files")
    if request.field is not None:
        raise UsageError("--stitch: finds no text of a --jsonl-text page again; write the pages as files")
    packed = next((path for path in paths if is_archive(path) or is_url(path)), None)
    if packed is not None and request.output_form is Format.JSONL:
        raise UsageError(f"{visible(packed)}: --stitch looks for texts on this disk; unpack it, or add --format files")
