"""Pages to set for scans: which texts of the corpora, for training and for testing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from pathlib import Path

from benchmarks import sources
from benchmarks.makeup import TRIES, set_page
from benchmarks.newsprint import Sheet
from benchmarks.sources import Source

ADVERTORIALS = 0.25
"""Share of pages with an advertisement dressed as a feature, in a box."""


def newspaper(corpus: Path, *, test: bool) -> list[list[Source]]:
    """Return the texts of newspaper pages with two articles at least, each with its advertisement if it has one."""
    pages = sources.newspaper_pages(sources.read(corpus, "peoples-daily-2026"))
    pages = sources.split_pages(pages)[test]
    estates = sources.titled_texts(sources.read(corpus, "real-estate"), name="real-estate", kind="ad")[test::2]
    chance = random.Random(77)
    chosen = [[text for text in page if text.kind != "credit"] for page in pages]
    chosen = [page for page in chosen if len(page) >= 2]
    chance.shuffle(chosen)
    return [[*page, chance.choice(estates)] if chance.random() < ADVERTORIALS else page for page in chosen]


def sheets(pages: Sequence[Sequence[Source]], *, count: int, seed: int, tries: int = TRIES) -> Iterator[Sheet]:
    """Set pages; where there are fewer than ``count``, they come again, set otherwise."""
    found = 0
    for number in range(3 * count):
        if found == count:
            return
        try:
            yield set_page(pages[number % len(pages)], seed=seed + number, tries=tries)
        except ValueError:  # a word too long for any column
            continue
        found += 1


@lru_cache(maxsize=1)
def _traditional() -> dict[int, str]:
    """Return the table of variants the tokeniser reads, the other way round."""
    table = resources.files("classifier.text").joinpath("variants.txt").read_text("utf-8")
    pairs = "".join(line for line in table.splitlines() if not line.startswith("#"))
    return {ord(pairs[i + 1]): pairs[i] for i in range(len(pairs) - 2, -2, -2)}


def in_traditional(text: str) -> str:
    """Return a text in Traditional characters."""
    return text.translate(_traditional())


def traditional(page: Sequence[Source]) -> list[Source]:
    """Return a page in Traditional characters."""
    turned = in_traditional
    return [
        replace(
            source,
            title=turned(source.title),
            intro=turned(source.intro),
            subtitle=turned(source.subtitle),
            byline=turned(source.byline),
            paragraphs=tuple(map(turned, source.paragraphs)),
            captions=tuple(tuple(map(turned, caption)) for caption in source.captions),
            heads=tuple(map(turned, source.heads)),
        )
        for source in page
    ]
