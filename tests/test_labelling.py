"""One input labelled."""

from __future__ import annotations

from pathlib import Path

from classifier.batches.labelling import label
from classifier.batches.sources import Source
from classifier.batches.work import Work
from classifier.model import Model
from tests.test_batch import model as model  # a fixture
from tests.test_batch import write


def test_a_bug_in_one_page_is_a_failure_of_that_page(tmp_path: Path, model: Model) -> None:
    (path,) = write(tmp_path, "a.txt")
    broken = Work(threshold="high")  # type: ignore[arg-type] # stands for any bug
    result = label(Source(path), work=broken, model=model)
    assert result.failure is not None
    assert result.failure.code == "internal"
    assert result.failure.message.startswith("TypeError: ")
    assert "\n" not in result.failure.message
    assert "Traceback" in result.failure.traceback
