"""The line that closes a run."""

from __future__ import annotations

from dataclasses import replace

from classifier.batches.tally import Tally
from classifier.document import UNKNOWN, Article, Failure, Label, PageResult


def test_tally_is_the_closing_line() -> None:
    tally = Tally()
    article = Article(0, 1, 1, 1, "", "law", 0.9, (), 1.0)
    tally.add(PageResult("a", articles=(article, replace(article, genre=UNKNOWN))))
    tally.add(PageResult("b", failure=Failure("missing", "no such file")))
    assert str(tally) == "1 page, 2 articles, 1 unknown, 1 failed"
    tally.add(PageResult("c", articles=(article,) * 1234))
    assert str(tally) == "2 pages, 1,236 articles, 1 unknown, 1 failed"
    texts = Tally("classify")
    texts.add(PageResult("a", label=Label(UNKNOWN, 0.2, ())))
    texts.add(PageResult("b", label=Label("law", 0.9, ())))
    assert str(texts) == "2 texts, 1 unknown, 0 failed"
