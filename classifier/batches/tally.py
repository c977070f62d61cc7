"""How a run went, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from classifier.document import UNKNOWN, PageResult
from classifier.rendering.listing import counted
from classifier.rendering.render import Verb


@dataclass(slots=True)
class Tally:
    """How a run went, counted result by result. As a string, the line that closes the run."""

    verb: Verb = "split"
    done: int = 0
    articles: int = 0
    unknown: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, result: PageResult) -> None:
        """Count one result."""
        if result.failure is not None:
            self.failed += 1
            return
        if result.skipped:
            self.skipped += 1
            return
        self.done += 1
        self.articles += len(result.articles)
        self.unknown += sum(article.genre == UNKNOWN for article in result.articles)
        self.unknown += result.label is not None and result.label.genre == UNKNOWN

    @property
    def total(self) -> int:
        """How many inputs were seen."""
        return self.done + self.failed + self.skipped

    def __str__(self) -> str:
        """Return ``212 pages, 1,904 articles, 37 unknown, 1 failed``, and ``, 198 already done`` if some were."""
        counts = [counted(self.done, "page" if self.verb == "split" else "text")]
        if self.verb == "split":
            counts.append(counted(self.articles, "article"))
        counts += [f"{self.unknown:,} unknown", f"{self.failed:,} failed"]
        return ", ".join([*counts, f"{self.skipped:,} already done"] if self.skipped else counts)
