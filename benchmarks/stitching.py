"""Measure how well the parts of a story are found again: ``python benchmarks/stitching.py --corpus DIR``.

Takes whole days of the newspaper, cuts some of their reports in two or three, at the end of a paragraph or anywhere in
a line as a column ends, and moves what follows to a later page of the same day. All other texts of the day stay where
they are, so reports of the same event, of the same column and of the same place are there to be mistaken for the rest.
Three variants: both jump lines are there, one of the two is lost, both are lost. Scores count pairs of parts of one
story in their order: precision of those found, recall of those there.

``given`` tests stitching alone, on articles cut where they truly are; ``split`` runs the whole of it on pages cut by
the model, and counts a part as found when it is the piece that holds most of it.

``--fit`` fits the weights of :mod:`classifier.stories.stitch` on the days before July and prints them; the tests are on
July. With ``--until DATE`` it fits on the days up to DATE and tests on the rest of those before July. The shipped word
vectors were learned from these very days, so what is about the same looks more alike on them than on a new day; for the
fit, those of each third of the days are learned anew without it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a script, Python puts benchmarks/ first and not the checkout
    sys.path.insert(0, str(ROOT))

from benchmarks import pieces, sources  # noqa: E402
from benchmarks.damage import wrap, wrap_headline  # noqa: E402
from benchmarks.quality import markdown  # noqa: E402
from benchmarks.sources import Source  # noqa: E402
from benchmarks.stories import Pools  # noqa: E402
from benchmarks.train_default import lexicon_texts  # noqa: E402
from classifier.article import Segmentation, build_articles  # noqa: E402
from classifier.document import Article, Page  # noqa: E402
from classifier.model import Model, load_model  # noqa: E402
from classifier.page.jumps import find_jumps  # noqa: E402
from classifier.stories import stitch  # noqa: E402
from classifier.stories.pairs import FEATURES, Pairs, describe_pairs  # noqa: E402
from classifier.story import Part  # noqa: E402
from classifier.text.paragraphs import split_paragraphs  # noqa: E402
from classifier.text.tokens import tokenise  # noqa: E402

VARIANTS = ("both marks", "one mark", "no mark")
SHORTEST = 700
"""Characters of a report that is worth continuing."""
LEAST = 120
"""Characters of a part."""
TARGETS = {"both marks": 0.95, "no mark": 0.80}
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands on a page as one article: a whole text or a part of one."""

    lines: tuple[str, ...]
    story: int
    """Number of the story it is a part of, -1 for a text that was left whole."""
    order: int = 0
    inside: str = ""
    """Its line that goes on in the middle of a paragraph, and so has no indent."""
    head: int = 0
    """Lines of its headline."""


@dataclass(frozen=True, slots=True)
class Issue:
    """The pages of one day with some of their stories cut."""

    date: str
    pages: dict[int, list[Piece]]
    form: str
    """How its pages are set: ``spaced``, ``bare`` or ``wrapped``."""
    width: int
    """Characters of a line where it is wrapped."""
    headline: float
    """The same of a headline, whose type is larger and often stands across columns."""


def days_of(pages: Iterable[list[Source]]) -> dict[str, dict[int, list[Source]]]:
    """Return the texts by day and page number."""
    days: dict[str, dict[int, list[Source]]] = {}
    for page in pages:
        days.setdefault(page[0].date, {})[int(page[0].page_key.rsplit(":", 1)[1])] = page
    return {date: dict(sorted(found.items())) for date, found in sorted(days.items()) if len(found) > 1}


def cut_issue(date: str, texts: dict[int, list[Source]], *, variant: str, seed: int) -> Issue:
    """Cut two to five reports of a day and put their rests on later pages."""
    rng = Random(f"{seed}:stitch:{date}")  # the same cuts in every variant
    style = pieces.Style.draw(rng)
    form = rng.choices(("spaced", "bare", "wrapped"), weights=(45, 30, 25))[0]
    width = rng.randrange(14, 27)
    headline = rng.uniform(0.7, 2.0) * width
    numbers = list(texts)
    pages = {n: [_whole(pieces.respaced(t, style)) for t in texts[n]] for n in numbers}
    able = [
        (number, place)
        for number in numbers[:-1]
        for place, text in enumerate(texts[number])
        if pieces.is_report(text) and sum(map(len, text.paragraphs)) >= SHORTEST
    ]
    # The front page continues inside more often than any other.
    rng.shuffle(able)
    able.sort(key=lambda where: where[0] != numbers[0] or rng.random() < 0.4)
    rests: list[tuple[int, Piece]] = []
    for story, (number, place) in enumerate(able[: rng.randrange(2, 6)]):
        text = pieces.respaced(texts[number][place], style)
        later = [n for n in numbers if n > number]
        parts, inside = _cut(
            text, rng, count=3 if len(later) > 1 and rng.random() < 0.25 else 2, width=width if form == "wrapped" else 1
        )
        where = [number, *sorted(rng.sample(later, len(parts) - 1))]
        marked = _marked(parts, text, where, rng, variant=variant)
        pages[number][place] = Piece(marked[0][0], story, head=marked[0][1])
        rests += [(where[n], Piece(marked[n][0], story, n, inside[n], marked[n][1])) for n in range(1, len(parts))]
    for at, piece in rests:
        pages[at].insert(rng.randrange(len(pages[at]) + 1), piece)
    return Issue(date, pages, form, width, headline)


def _whole(text: Source) -> Piece:
    return Piece((*text.head_block, *text.paragraphs), -1, head=len(text.head_block))


def _cut(text: Source, rng: Random, *, count: int, width: int) -> tuple[list[list[str]], list[str]]:
    """Cut the running text in parts, each at the end of a paragraph or in one, in wrapped text where a line ends.

    With each part goes its first line if that goes on in the middle of a paragraph, else ``""``.
    """
    body = list(text.paragraphs)
    total = sum(map(len, body))
    count = min(count, total // (3 * LEAST))
    places = (
        sorted(rng.uniform(0.25, 0.75) * total for _ in range(count - 1)) if count == 2 else [total / 3, total / 1.5]
    )
    parts: list[list[str]] = [[]]
    inside = [""]
    at = 0
    for line, after in zip(body, [*body[1:], ""], strict=True):
        due = len(parts) <= len(places) and at + len(line) >= places[len(parts) - 1]
        at += len(line)
        # A subhead is no place that a column ends at, neither above it nor below.
        if not due or len(line) < 20 or (len(after) < 40 and len(line) < 40):
            parts[-1].append(line)
        elif (rng.random() < 0.5 and len(after) >= 40) or len(line) < 40:
            parts[-1].append(line)
            parts.append([])
            inside.append("")
        else:
            cut = rng.randrange(10, len(line) - 10)
            cut = max(cut // width * width - 2, width - 2) if width > 1 else cut
            parts[-1].append(line[:cut].rstrip())
            parts.append([line[cut:].lstrip()])
            inside.append(parts[-1][0])
    return [part for part in parts if part], inside


def _marked(
    parts: list[list[str]], text: Source, where: Sequence[int], rng: Random, *, variant: str
) -> list[tuple[tuple[str, ...], int]]:
    """Set the parts with the jump lines the variant leaves them; the rest seldom has the headline again.

    Returns the lines of each and how many of them are its headline.
    """
    on_own_line, inline, repeated = rng.random() < 0.5, rng.random() < 0.3, rng.random() < 0.1
    opening, closing = rng.choice(("（）", "（）", "()", "【】", "◀▶"))
    form = rng.choice(("第{}版", "第{}版", "{}版", "{}版", "第{}版", "han"))
    lost_on = rng.random() < 0.5
    out = []
    for number, part in enumerate(parts):
        lines = list(part)
        if number + 1 < len(parts) and (variant == "both marks" or (variant == "one mark" and not lost_on)):
            mark = f"{opening}下转{_page(where[number + 1], form)}{closing}"
            if on_own_line:
                lines.append(mark)
            else:
                lines[-1] += mark
        if number and (variant == "both marks" or (variant == "one mark" and lost_on)):
            mark = f"{opening}上接{_page(where[number - 1], form)}{closing}"
            if inline:
                lines[0] = mark + lines[0]
            else:
                lines.insert(0, mark)
        head = list(text.head_block) if number == 0 else [text.title] if repeated else []
        out.append(((*head, *lines), len(head)))
    return out


def _page(number: int, form: str) -> str:
    if form == "han":
        return f"第{_NUMERALS[number - 1]}版" if number <= 10 else f"第{number}版"
    return form.format(number)


def set_page(articles: Sequence[Piece], issue: Issue) -> tuple[str, list[int]]:
    """Set a page and return its text and the ends of its articles in non-blank lines."""
    lines: list[str] = []
    ends: list[int] = []
    count = 0
    for piece in articles:
        for number, line in enumerate(piece.lines):
            indent = 0.0 if piece.inside and line.endswith(piece.inside) else 2.0
            rows = [line]
            if issue.form == "wrapped" and number < piece.head:
                rows = wrap_headline(line, width=issue.headline)
            elif issue.form == "wrapped":
                rows = wrap(line, width=float(issue.width), indent=indent)
            lines += [part for row in rows for part in ((row, "") if issue.form == "spaced" else (row,))]
            count += len([row for row in rows if row.strip()])
        ends.append(count)
    return "\n".join(lines) + "\n", ends


@dataclass(frozen=True, slots=True)
class Set:
    """The articles of an issue as parts, and which of them truly follow one another."""

    parts: list[Part]
    story: list[tuple[int, int]]
    """(number of the story, place in it) of each part; -1 for a text of its own."""


def given_parts(issue: Issue, model: Model) -> Set:
    """Return the issue's articles, cut where they truly are."""
    return _parts(issue, model, given=True)


def split_parts(issue: Issue, model: Model) -> Set:
    """Return the issue's articles as the model cuts them; a true part is the article that holds most of it."""
    return _parts(issue, model, given=False)


def _parts(issue: Issue, model: Model, *, given: bool) -> Set:
    parts: list[Part] = []
    story: list[tuple[int, int]] = []
    for number, articles in issue.pages.items():
        text, ends = set_page(articles, issue)
        found = _cut_truly(text, ends, model) if given else model.split(text, top_k=20)
        owner = [(-1, 0)] * len(found)
        page = split_paragraphs(text)
        for piece, first, last in zip(articles, [0, *ends[:-1]], ends, strict=True):
            if piece.story < 0:
                continue
            low, high = int(page.starts[first]), int(page.ends[last - 1])
            shared = [min(high, article.end) - max(low, article.start) for article in found]
            owner[int(np.argmax(shared))] = (piece.story, piece.order)
        name = f"{issue.date}/{number:02d}.txt"
        parts += [Part(name, str(number), article, text[article.start : article.end]) for article in found]
        story += owner
    return Set(parts, story)


def _cut_truly(text: str, ends: list[int], model: Model) -> tuple[Article, ...]:
    page = Page(text, split_paragraphs(text))
    proba = np.ones(len(page.paragraphs) - 1, dtype=np.float32)
    tokens = tokenise(text, model.cutter)
    cut = Segmentation(page, ends, find_jumps(page), proba)
    return build_articles([cut], tokens, genre=model.genre, top_k=20)[0]


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs of parts of one story: right, found, there."""

    right: int = 0
    found: int = 0
    there: int = 0

    def __add__(self, other: Score) -> Score:
        """Return the score of both."""
        return Score(self.right + other.right, self.found + other.found, self.there + other.there)

    @property
    def precision(self) -> float:
        """Share of the pairs found that are right."""
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        """Share of the pairs there are that were found."""
        return self.right / max(self.there, 1)


def score(tested: Set, model: Model, issue: Issue) -> Score:
    """Stitch an issue and compare. A part that the splitter merged into another can only be missed."""
    place = {(part.path, part.article.start): truth for part, truth in zip(tested.parts, tested.story, strict=True)}
    right = found = 0
    for story in stitch.stitch(tested.parts, model):
        truth = [place[part.path, part.article.start] for part in story.parts]
        for later in range(1, len(truth)):
            for earlier in range(later):
                found += 1
                one, other = truth[earlier], truth[later]
                right += one[0] >= 0 and one[0] == other[0] and one[1] < other[1]
    sizes: dict[int, int] = {}
    for articles in issue.pages.values():
        for piece in articles:
            if piece.story >= 0:
                sizes[piece.story] = sizes.get(piece.story, 0) + 1
    return Score(right, found, sum(size * (size - 1) // 2 for size in sizes.values()))


def labelled(tested: Set) -> NDArray[np.bool_]:
    """Return which part truly comes right after which, (n, n)."""
    story, order = np.array(tested.story).T
    same = (story[:, None] == story[None, :]) & (story >= 0)
    found: NDArray[np.bool_] = same & (order[:, None] + 1 == order[None, :])
    return found


@dataclass(frozen=True, slots=True)
class Examples:
    """Parts to learn from: each with all that could come before it. Rows of one part follow one another."""

    rows: NDArray[np.float32]
    """(n_rows, n_features)"""
    begins: NDArray[np.int64]
    """First row of each part, (n_parts,)."""
    truth: NDArray[np.int64]
    """Row of what truly comes before it, -1 if nothing does, (n_parts,)."""
    weights: NDArray[np.float64]
    """(n_parts,)"""

    @classmethod
    def of(cls, described: Iterable[tuple[Pairs, NDArray[np.bool_]]]) -> Examples:
        """Return the parts of some issues: of the many that are clearly whole a tenth, at ten times the weight."""
        rows, begins, truth, weights, at = [], [], [], [], 0
        for number, (pairs, labels) in enumerate(described):
            easy = pairs.values[0, :, FEATURES.index("headless")] == 0
            easy &= pairs.values[0, :, FEATURES.index("headline is a full line")] == 0
            easy &= (pairs.values[:, :, FEATURES.index("neither has a mark")] == 1).all(axis=0)
            easy &= ~labels.any(axis=0)
            drawn = np.random.default_rng(number).random(len(labels)) < 0.1
            for j in np.flatnonzero(~easy | drawn):
                allowed = np.flatnonzero(pairs.allowed[:, j])
                if not len(allowed):
                    continue
                rows.append(pairs.values[allowed, j].astype(np.float32))
                before = np.flatnonzero(labels[allowed, j])
                begins.append(at)
                truth.append(at + int(before[0]) if len(before) else -1)
                weights.append(10.0 if easy[j] else 1.0)
                at += len(allowed)
        return cls(np.concatenate(rows), np.array(begins), np.array(truth), np.array(weights))


def regress(found: Examples, *, penalty: float = 3.0) -> tuple[list[float], float]:
    """Return the weights and the bias of a conditional logit (:func:`stitch.probabilities`)."""
    from scipy.optimize import minimize

    spread = found.rows.std(axis=0) + 1e-6
    rows = np.concatenate([found.rows / spread, np.ones((len(found.rows), 1), np.float32)], axis=1)
    part = np.repeat(np.arange(len(found.begins)), np.diff(np.append(found.begins, len(rows))))
    true = found.truth[found.truth >= 0]
    true_weight = found.weights[found.truth >= 0]

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = (rows @ w.astype(np.float32)).astype(np.float64)
        most = np.maximum(np.maximum.reduceat(scores, found.begins), 0.0)
        odds = np.exp(scores - most[part])
        total = np.exp(-most) + np.add.reduceat(odds, found.begins)
        value = float(found.weights @ (np.log(total) + most) - true_weight @ scores[true])
        value += penalty / 2 * float(w[:-1] @ w[:-1])
        slope = odds * (found.weights / total)[part]
        np.subtract.at(slope, true, true_weight)
        gradient = (slope.astype(np.float32) @ rows).astype(np.float64)
        gradient[:-1] += penalty * w[:-1]
        return value, gradient

    fitted = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return (fitted.x[:-1] / spread).tolist(), float(fitted.x[-1])


FOLDS, SEEDS = 3, (101, 102, 103)
"""Parts of the training days whose word vectors are learned without them, and draws of cuts of each day."""

Days = dict[str, dict[int, list[Source]]]


def unseen(corpus: Path, model: Model, days: Days) -> dict[str, Model]:
    """Return for each day the model with word vectors that were learned without that day and those next to it."""
    from classifier.training import fit_lexicon

    found: dict[str, Model] = {}
    for fold in np.array_split(np.array(list(days)), FOLDS):
        dates = frozenset(map(str, fold))
        lexicon = fit_lexicon(lexicon_texts(corpus, Pools.load(corpus, ROOT / "labeled", without=dates)))
        idf, vectors = lexicon.idf.astype(np.float16), lexicon.vectors.astype(np.float16)
        other = replace(model, segmenter=replace(model.segmenter, idf=idf, vectors=vectors))
        found |= dict.fromkeys(dates, other)
    return found


def fit(days: Days, model: Model, views: dict[str, Model]) -> tuple[tuple[float, ...], float]:
    """Fit weights and bias on some days, articles as given; ``views`` compare the texts.

    What jump lines say is clear from every third day of the first draw; pairs without any are the hard ones, and the
    other draws hold nothing else.
    """

    def described() -> Iterator[tuple[Pairs, NDArray[np.bool_]]]:
        for seed in SEEDS:
            first = seed == SEEDS[0]
            for date, texts in list(days.items())[:: 3 if first else 1]:
                for variant in VARIANTS if first else VARIANTS[2:]:
                    issue = cut_issue(date, texts, variant=variant, seed=seed)
                    tested = given_parts(issue, model)
                    yield describe_pairs(tested.parts, views[date]), labelled(tested)

    weights, bias = regress(Examples.of(described()))
    return tuple(round(weight, 3) for weight in weights), round(bias, 3)


def measure(
    days: Days, model: Model, *, seeds: Sequence[int], views: dict[str, Model] | None = None
) -> list[list[str]]:
    """Return the rows of the table; ``views`` are the models that compare texts, if not ``model``."""
    rows = []
    for variant in VARIANTS:
        for name, cut in (("given", given_parts), ("split", split_parts)):
            total, stitching, n_parts = Score(), 0.0, 0
            for seed in seeds:
                for date, texts in days.items():
                    issue = cut_issue(date, texts, variant=variant, seed=seed)
                    tested = cut(issue, model)
                    begin = time.process_time()
                    total += score(tested, views[date] if views else model, issue)
                    stitching += time.process_time() - begin
                    n_parts += len(tested.parts)
            target = f"{TARGETS[variant]:.2f}" if variant in TARGETS and name == "given" else ""
            rows.append(
                [f"{variant}, {name}", str(total.there), f"{total.precision:.3f}", f"{total.recall:.3f}", target,
                 f"{1000 * stitching / max(n_parts, 1):.1f}"]
            )  # fmt: skip
    return rows


def say_weights(weights: Sequence[float], bias: float) -> None:
    """Print the weights as they stand in :mod:`classifier.stories.stitch`."""
    sys.stdout.write("WEIGHTS: tuple[float, ...] = (\n")
    for name, weight in zip(FEATURES, weights, strict=True):
        sys.stdout.write(f"    {weight:.3f},  # {name}\n")
    sys.stdout.write(f")\nBIAS = {bias:.3f}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table, or fit the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR", help="directory of the corpora")
    parser.add_argument("--model", default=None, help="model directory; the shipped one without")
    parser.add_argument("--seed", type=int, default=0, help="another number cuts other reports")
    parser.add_argument("--days", type=int, default=0, metavar="N", help="test on the first N days only")
    parser.add_argument("--fit", action="store_true", help="fit the weights on the days before July and print them")
    parser.add_argument(
        "--until", default="", metavar="DATE", help="fit up to DATE, test on the later days before July"
    )
    options = parser.parse_args(arguments)
    model = load_model(options.model)
    pages = sources.newspaper_pages(sources.read(options.corpus, "peoples-daily-2026"))
    train, test = map(days_of, sources.split_pages(pages))
    seeds: Sequence[int] = (options.seed,)
    views = None
    if options.fit:
        views = unseen(options.corpus, model, train)
        last = options.until or sources.TRAIN_UNTIL
        weights, bias = fit({date: texts for date, texts in train.items() if date <= last}, model, views)
        say_weights(weights, bias)
        stitch.WEIGHTS, stitch.BIAS = weights, bias
        test, seeds = {date: texts for date, texts in train.items() if date > last}, (201, 202, 203, 204)
        if not test:
            return 0
    chosen = dict(list(test.items())[: options.days or None])
    rows = measure(chosen, model, seeds=seeds, views=views)
    sys.stdout.write(f"{len(chosen)} days, model `{model.id}`\n\n")
    header = ["variant, articles", "pairs", "precision", "recall", "target", "ms an article"]
    sys.stdout.write(markdown(header, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
