"""``docs/scale.md``: the recipes run, what it says of options and columns is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from classifier.batches import parquet, workers
from classifier.batches.journal import SIZE
from classifier.batches.work import Work
from classifier.model import load_model

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "labeled" / "pages").glob("*.txt"))[:3]


@pytest.fixture(scope="module")
def recipe() -> dict[str, Any]:
    (code,) = re.findall(r"^```python\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_a_partition_of_spark_becomes_rows_of_articles(recipe: dict[str, Any]) -> None:
    rows = [{"path": path.name, "text": path.read_text(encoding="utf-8")} for path in PAGES]
    found = list(recipe["split_partition"](iter(rows)))
    expected = [
        (row["path"], article.start, article.end, article.genre, article.score, article.title)
        for row in rows
        for article in load_model().split(row["text"])
    ]
    assert found == expected
    names = re.findall(r"toDF\((\[.*\])\)", TEXT)[0]
    assert len(eval(names)) == len(found[0])


def test_a_batch_of_ray_becomes_columns_of_articles(recipe: dict[str, Any]) -> None:
    texts = [path.read_text(encoding="utf-8") for path in PAGES]
    columns = recipe["split_batch"]({"path": [path.name for path in PAGES], "text": texts})
    assert len({len(column) for column in columns.values()}) == 1
    rows = recipe["split_partition"]({"path": p.name, "text": t} for p, t in zip(PAGES, texts, strict=True))
    assert list(zip(*columns.values(), strict=True)) == list(rows)


def test_the_columns_of_parquet_are_listed() -> None:
    rows = re.findall(r"^\| (`.*?) \| ((?:string|int32|int64|double|list).*?) \|", TEXT, flags=re.MULTILINE)
    listed = {name: kind for names, kind in rows for name in re.findall(r"`(\w+)`", names)}
    fields = parquet.schema("split")
    assert set(listed) == set(fields.names)
    for name, kind in listed.items():
        assert str(fields.field(name).type).startswith(kind.split()[0]), name
    classified = re.search(r"`classify` has (.*?), a row a text", TEXT)
    assert classified
    assert re.findall(r"`(\w+)`", classified[1]) == parquet.schema("classify").names


def test_numbers_in_the_text_are_those_of_the_code() -> None:
    assert f"{SIZE} bytes a page" in TEXT
    assert workers.DEATHS == 10
    assert "ten in a row" in re.sub(r"\s+", " ", TEXT)
    for option in ("threshold", "top_k", "encoding", "field"):
        assert option in Work.__dataclass_fields__
