"""The benchmark of scans, on a page set from the labelled articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import scans
from benchmarks.presswork import as_svg
from classifier.model import Model
from tests.printing import sheet


def test_boxes_are_measured_and_the_table_says_what_was_found(model: Model) -> None:
    read = scans.Reader("boxes", 0)
    (found,) = scans.measure([sheet(1)], model, read=read, genres={})
    assert found.pages == 1
    assert found.characters > 500
    assert found.lines > 50
    table = scans.table({"boxes": found})
    assert table.splitlines()[2].startswith("| boxes | 1 | ")
    assert f"{found.b_cubed:.3f}" in table


def test_a_kind_that_is_not_known_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        scans.parse(["--corpus", str(tmp_path), "--kinds", "boxes,sheep"])
    assert "no such kind: sheep" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        scans.parse([])
    assert "give --corpus DIR, or --scan FILE" in capsys.readouterr().err


def test_the_picture_holds_every_line_escaped() -> None:
    page = sheet(1)
    drawing = as_svg(page)
    assert drawing.count("<text") >= len(page.prints)
    assert drawing.endswith("</svg>")
