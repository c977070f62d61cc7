"""Measure how well scanned pages are read and split: ``python benchmarks/scans.py --corpus DIR``.

Sets newspaper pages from test texts (:mod:`benchmarks.newsprint`) and measures the order of the text and the articles
found on them. *Boxes* are what a perfect recogniser would hand over, and need nothing else; *clean* and *damaged* are
pictures painted by Chromium, as they are and as a scanner gives them, that are recognised as ``banmian split page.png``
recognises them. ``--scan FILE`` measures real scans beside which a ``.gold.json`` says what their articles are.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a script, Python puts benchmarks/ first and not the checkout
    sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks import presswork, scan_pages, sources  # noqa: E402
from benchmarks.legibility import ReadingScore, plain, score_articles, score_order  # noqa: E402
from benchmarks.newsprint import Sheet  # noqa: E402
from benchmarks.proofs import CLEAN, Damage, Proof, match, proof  # noqa: E402
from benchmarks.quality import markdown  # noqa: E402
from classifier import load_model  # noqa: E402
from classifier.errors import ExitCode  # noqa: E402
from classifier.scan import PlacedText, ScanPage  # noqa: E402
from classifier.scans import placement  # noqa: E402

if TYPE_CHECKING:
    from classifier.document import Article
    from classifier.model import Model

KINDS = ("boxes", "shaken", "traditional", "clean", "damaged")
"""How pages come: perfect boxes, boxes with a recogniser's faults, the same in Traditional characters, pictures as
painted, pictures as scanned."""

Genres = dict[str, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes of a set page what a recogniser makes of it, and says how long that took."""

    kind: str
    seed: int

    def __call__(self, sheet: Sheet, behind: Sheet, number: int) -> tuple[Proof, float]:
        """Read one page; ``behind`` is on the back of its paper."""
        seed = self.seed + number
        if self.kind == "boxes":
            return proof(sheet, seed=seed, damage=CLEAN), 0.0
        if self.kind in ("shaken", "traditional"):
            return proof(sheet, seed=seed, damage=Damage()), 0.0
        picture = presswork.paint(sheet, seed=seed)
        angle = 0.0
        if self.kind == "damaged":
            picture, angle = presswork.age(picture, seed=seed, behind=presswork.paint(behind, seed=seed))
        page, seconds = recognise(picture)
        return match(sheet, page, angle=angle), seconds


def recognise(picture: Any) -> tuple[ScanPage, float]:  # noqa: ANN401 - a Pillow image
    """Read a picture as ``banmian split`` does."""
    from classifier.scans import scanfile

    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    begin = time.perf_counter()
    page = scanfile.read_page(buffer.getvalue(), reading=scanfile.Reading(threads=2))
    return page, time.perf_counter() - begin


def score(known: Proof, placed: PlacedText, articles: Sequence[Article], genres: Genres) -> ReadingScore:
    """Score one page that was split."""
    labels = np.zeros(len(placed.order), dtype=np.int64)
    for number, article in enumerate(articles):
        labels[article.first_line - 1 : article.last_line] = number
    truth = known.articles[list(placed.order)]
    sizes = np.array([len(plain(known.page.lines[line].text)) for line in placed.order], dtype=np.int64)
    result = score_order(known, placed.order) + replace(score_articles(truth, labels, sizes), pages=0)
    right = total = 0
    for number, source in enumerate(known.sheet.sources):
        genre = genres.get(f"{source.date}:{source.title}") if source.title else None
        mine = labels[truth == number]
        if genre is None or not len(mine):
            continue
        total += 1
        right += articles[int(np.bincount(mine).argmax())].genre == genre
    return result + ReadingScore(genres_right=right, genres=total)


def measure(sheets: Sequence[Sheet], model: Model, *, read: Reader, genres: Genres) -> Iterator[ReadingScore]:
    """Read and split pages, one score a page."""
    for number, sheet in enumerate(sheets):
        known, seconds = read(sheet, sheets[number - 1], number)
        begin = time.perf_counter()
        placed, articles = placement.split(known.page, model, threshold=0.0)
        seconds += time.perf_counter() - begin
        yield score(known, placed, articles, genres) + ReadingScore(seconds=seconds)


def table(scores: dict[str, ReadingScore]) -> str:
    """Return the scores as a Markdown table."""
    columns = ["kind", "pages", "ordered-text error", "reading-order error", "article-exact F1", "B-cubed F1"]
    rows = [
        [
            kind,
            str(found.pages),
            f"{found.error:.2%}",
            f"{found.order_error:.2%}",
            f"{found.exact_f1:.3f}",
            f"{found.b_cubed:.3f}",
            f"{found.genre_accuracy:.2f} of {found.genres}",
            f"{found.seconds / max(found.pages, 1):.1f}",
        ]
        for kind, found in scores.items()
    ]
    return markdown([*columns, "genre right", "seconds a page"], rows)


def check_scan(file: Path, model: Model) -> list[str]:
    """Split a real scan and say which of the articles in its ``.gold.json`` are found whole."""
    from classifier.scans import scanfile

    gold = json.loads(file.with_suffix(".gold.json").read_text("utf-8"))["articles"]
    page = scanfile.read_page(file.read_bytes(), reading=scanfile.Reading(threads=2))
    placed, articles = placement.split(page, model, threshold=0.0)
    texts = [plain("".join(placed.text.split("\n")[a.first_line - 1 : a.last_line])) for a in articles]
    said = [f"{file.name}: {len(gold)} articles, {len(articles)} found"]
    for article in gold:
        marks = [plain(article[part]) for part in ("title", "first_words", "last_words")]
        held = [[_held(mark, text) for mark in marks] for text in texts]
        best = max(held, key=lambda found: sum(part > WHOLE for part in found), default=[0.0] * 3)
        strange = sum(
            _held(plain(other[part]), texts[held.index(best)]) > WHOLE
            for other in gold
            if other is not article
            for part in ("title", "first_words", "last_words")
        )
        verdict = "whole" if min(best) > WHOLE and not strange else "not whole"
        parts = ", ".join(f"{name} {value:.2f}" for name, value in zip(("headline", "begin", "end"), best, strict=True))
        said.append(f"  {verdict}: {article['title'][:20]} ({parts}, {strange} parts of others)")
    return said


WHOLE = 0.7
"""Share of a passage's pairs of characters that must be in an article for the passage to count as found: the
recogniser may read a few characters wrong."""


def _held(passage: str, text: str) -> float:
    pairs = [passage[at : at + 2] for at in range(len(passage) - 1)]
    return sum(pair in text for pair in pairs) / max(len(pairs), 1)


def _genres(corpus: Path) -> Genres:
    rows: Iterable[sources.Row] = sources.read(corpus, "genres")
    found = {}
    for row in rows:
        if title := sources.tidy(row["title"]):
            found[f"{row['date']}:{title}"] = row["genre"]
            found[f"{row['date']}:{scan_pages.in_traditional(title)}"] = row["genre"]
    return found


def build(corpus: Path, *, kind: str, count: int, seed: int) -> list[Sheet]:
    """Set the test pages of a kind."""
    pages = scan_pages.newspaper(corpus, test=True)
    pages = [page for page in pages if len(page) >= 3]
    if kind == "traditional":
        pages = [scan_pages.traditional(page) for page in pages]
    return list(scan_pages.sheets(pages, count=count, seed=seed))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure how well scanned newspaper pages are read and split.")
    add = parser.add_argument
    add("--corpus", type=Path, metavar="DIR", help="directory of the .jsonl.gz corpora")
    add("--pages", type=int, default=150, help="pages without pictures (default: %(default)s)")
    add("--pictures", type=int, default=10, help="pages painted and recognised (default: %(default)s)")
    add("--kinds", default=",".join(KINDS), help="kinds, with commas between (default: all)")
    add("--seed", type=int, default=0, help="another number sets other pages (default: %(default)s)")
    add("--model", metavar="DIR", help="model to measure (default: the one banmian would use)")
    add("--scan", type=Path, action="append", default=[], metavar="FILE", help="a real scan with its .gold.json")
    options = parser.parse_args(arguments)
    options.kinds = [kind for kind in options.kinds.split(",") if kind]
    if unknown := [kind for kind in options.kinds if kind not in KINDS]:
        parser.error(f"no such kind: {', '.join(unknown)}; choose from {', '.join(KINDS)}")
    if options.corpus is None and not options.scan:
        parser.error("give --corpus DIR, or --scan FILE")
    if options.corpus is not None and not options.corpus.is_dir():
        parser.error(f"{options.corpus}: no such directory")
    if presswork.browser() is None and {"clean", "damaged"} & set(options.kinds) and options.corpus is not None:
        parser.error(
            "no Chromium to paint with; on Debian: apt-get install chromium fonts-noto-cjk, or leave out kinds"
        )
    return options


def report(options: argparse.Namespace, model: Model, say: Callable[[str], None]) -> Iterator[str]:
    """Yield what was measured."""
    if options.corpus is not None:
        genres = _genres(options.corpus)
        scores: dict[str, ReadingScore] = {}
        for kind in options.kinds:
            painted = kind in ("clean", "damaged")
            count = options.pictures if painted else options.pages
            sheets = build(options.corpus, kind=kind, count=count, seed=options.seed)
            total = ReadingScore()
            for number, found in enumerate(measure(sheets, model, read=Reader(kind, options.seed), genres=genres)):
                total += found
                if painted:
                    say(f"{kind} {number + 1}/{count}: error {found.error:.2%}, B-cubed F1 {found.b_cubed:.3f}")
            scores[kind] = total
        yield table(scores)
    for file in options.scan:
        yield "\n".join(check_scan(file, model)) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return its exit code."""
    options = parse(arguments)
    model = load_model(options.model)
    for part in report(options, model, lambda line: print(line, file=sys.stderr, flush=True)):
        print(part, flush=True)
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
