"""How many headlines are found as they are printed: ``python benchmarks/headlines.py``. Needs no corpus.

On the pages of ``labeled/pages``, articles given. The rule was made with the other pages in view, not with those
written for testing (``blind-*``). A line of the headline that begins with a dash may be there or not, and white space
does not count. Many of the others differ in whether the name of a column above a headline is part of it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.sources import TEST_PAGES  # noqa: E402
from classifier.article import Segmentation, find_headlines  # noqa: E402
from classifier.labelled import corpus  # noqa: E402
from classifier.page.jumps import find_jumps  # noqa: E402

PAGES = ROOT / "labeled" / "pages"


def is_right(found: str, printed: str) -> bool:
    """Tell whether a headline is the one that is printed."""

    def bare(text: str) -> str:
        return "".join(text.split())

    return bare(found) in (bare(printed), bare(re.sub(r" (——|—|--).*", "", printed)))


def main() -> int:
    """Print the table; return the exit status."""
    counts: dict[tuple[bool, bool], list[bool]] = {}
    for page in corpus.load([str(PAGES)]).pages:
        blind = Path(page.path).name.startswith(TEST_PAGES)
        gold = json.loads(Path(page.path).with_suffix(".jsonl").read_text("utf-8"))["articles"]
        heads = find_headlines(Segmentation(page.page, page.ends, find_jumps(page.page)))
        for number, (article, (found, _, _)) in enumerate(zip(gold, heads, strict=True)):
            counts.setdefault((blind, number == 0), []).append(is_right(found, article["title"]))
    print("| articles | written for testing | | other pages | |\n| --- | ---: | ---: | ---: | ---: |")
    for first, name in ((True, "first of their page, under its masthead"), (False, "others")):
        cells = [f"{sum(counts[blind, first]):,} of {len(counts[blind, first]):,}" for blind in (True, False)]
        shares = [f"{sum(counts[blind, first]) / len(counts[blind, first]):.2f}" for blind in (True, False)]
        print(f"| {name} | {cells[0]} | {shares[0]} | {cells[1]} | {shares[1]} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
