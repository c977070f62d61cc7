"""What lies among labelled data and is not read, so that nobody takes it for labelled."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from itertools import groupby
from pathlib import Path

from classifier.rendering.listing import counted

SHOWN = 3
"""Names in a line; there may be thousands of one kind."""

_NOTES = ("readme", "license", "labels.toml")
"""Beginnings of names of files that are about the data and not of it, in lower case."""

_TEXTS = (".txt", ".md", ".doc", ".docx", ".rtf", ".html", ".htm")
"""Ends of names that texts have. Beside pages there may be their scans and whatever else."""


def find_ignored(top: Path, used: Collection[Path]) -> list[str]:
    """Return a line for each kind of file below a labelled directory that looks like a text and was not read.

    ``used`` are the resolved paths of the files that were: texts, JSONL files and the texts of pages.
    """
    found = sorted((str(path.parent), path.name) for path in _texts(top) if path.resolve() not in used)
    lines = []
    for folder, group in groupby(found, key=lambda entry: entry[0]):
        names = [name for _, name in group]
        shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
        lines.append(
            f"{folder}: {counted(len(names), 'file')} ignored ({shown}); a text is GENRE/*.txt (below articles/, where "
            "that is) or is named by the JSONL file beside it"
        )
    return lines


def _texts(top: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            lower = name.lower()
            if lower.endswith((*_TEXTS, ".jsonl")) and not lower.startswith((".", *_NOTES)):
                yield Path(folder) / name
