"""A page of a scan labelled: read, put in order, split or classified, shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from classifier.atomic import write_atomically
from classifier.document import PageResult
from classifier.errors import InputError
from classifier.scans import placement, scanfile

if TYPE_CHECKING:
    from classifier.batches.sources import Source
    from classifier.batches.work import Work
    from classifier.model import Model


def label(source: Source, content: bytes, *, work: Work, model: Model) -> PageResult:
    """Return the result for one page of a scan and, with ``work.overlay``, write its picture.

    Raises
    ------
    InputError
        With the codes of :func:`classifier.scans.scanfile.read_page`, or ``output`` if the picture cannot be written.
    """
    target = None if work.overlay is None else _overlay_target(source, work)
    page = scanfile.read_page(content, source.page, reading=work.reading)
    if work.verb == "split":
        placed, articles = placement.split(page, model, threshold=work.threshold, top_k=work.top_k)
        result = PageResult(
            source.path, None, model.id, articles, text=placed.text, scan=placed, modified=source.modified()
        )
    else:
        placed = placement.place(page)
        named = model.classify(placed.text, threshold=work.threshold, top_k=work.top_k)
        result = PageResult(source.path, None, model.id, label=named, text=placed.text, scan=placed)
    if target is not None:
        _write_overlay(target, content, result)
    return result


def _overlay_target(source: Source, work: Work) -> Path:
    """Return the file for the tinted picture; before the work, so that none is done in vain."""
    assert work.overlay is not None
    target = work.overlay.target(source.name).with_suffix(".jpg")
    if not _is_ours(target):
        work.overlay.check(target)
    return target


def _is_ours(target: Path) -> bool:
    """Tell a picture that was written here, and may be replaced by a newer one, from a user's."""
    from classifier.scans.overlay import MARK

    try:
        with target.open("rb") as file:
            return MARK in file.read(4096)
    except OSError:
        return False


def _write_overlay(target: Path, content: bytes, result: PageResult) -> None:
    assert result.scan is not None
    try:
        from classifier.scans import overlay

        picture = overlay.draw(result, scanfile.picture(content, result.scan.page))
    except ImportError:
        from classifier.scans.recognition import missing_extra

        raise missing_extra("--overlay draws a picture") from None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, picture)
    except OSError as error:
        message = f"cannot write {target}: {error.strerror or error}; choose another --overlay"
        raise InputError(message, code="output") from error
