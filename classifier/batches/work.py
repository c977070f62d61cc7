"""What is to be done with every input of a run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.batches import inputs, journal
from classifier.batches.output import OutputTree
from classifier.rendering.render import Format, Verb
from classifier.scans import scanfile

if TYPE_CHECKING:
    from classifier.model import Model

REVISION = 3
"""Raised when the same model, options and input give another result: what was written before is then done again.
``test_batch.py`` holds what a model gave at each revision, and fails when that is no longer so."""


@dataclass(frozen=True, slots=True)
class Work:
    """What to do with every input: all that a worker process needs to know besides the model."""

    verb: Verb = "split"
    encoding: str | None = None
    threshold: float | None = None
    top_k: int = 3
    glob: str = "*.txt"
    field: str | None = None
    """The field of JSON objects that holds the text, if the inputs are JSON Lines."""
    output: OutputTree | None = None
    """Where to write results, or ``None`` to hand them back only."""
    keep_text: bool = False
    """Whether results carry their page's text, as the form ``text`` needs it."""
    reading: scanfile.Reading = scanfile.USUAL
    """How scans are read."""
    overlay: OutputTree | None = None
    """Where to write the pictures of scans with their articles tinted, if anywhere."""
    scans_only: bool = False
    """Whether text files fail: for forms of output that say where things stand on a picture."""
    settings: int = 0
    """What the journal knows the model and the options above by: :func:`settings_of`. :func:`run` fills it in."""

    @property
    def search(self) -> inputs.Search:
        """How inputs are looked for."""
        outputs = tuple(tree.directory for tree in (self.output, self.overlay) if tree is not None)
        written = self.output is not None
        return inputs.Search(
            self.glob, self.field, outputs, stamped=written, paged=self.encoding is None, encoding=self.encoding
        )

    @property
    def in_parts(self) -> bool:
        """Whether results are written many in a file."""
        return self.output is not None and self.output.form is Format.PARQUET


def settings_of(work: Work, model: Model) -> int:
    """Return a number that stands for the model and every option that changes a result."""
    config = hashlib.sha256(json.dumps(model.config, sort_keys=True).encode()).hexdigest()
    columns = ("id",) if work.output is not None and work.output.form is Format.TSV else ()  # since 0.2
    return journal.number(
        REVISION,
        config,
        work.threshold,
        work.top_k,
        work.encoding,
        work.field,
        work.reading.ocr,
        "" if work.overlay is None else str(work.overlay.directory.absolute()),
        *columns,
    )
