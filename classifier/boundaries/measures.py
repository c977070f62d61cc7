"""What is measured of a gap: lengths, blank lines and indents around it, links and likeness across it, binned.

A gap is the place before a line. Every measurement has a name, which the explanation of a boundary gives, and the edges
of its bins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.boundaries import bins
from classifier.boundaries.bins import Binning
from classifier.boundaries.blocks import RUNNING, Blocks
from classifier.boundaries.cohesion import RARE_REACH, REACH, Spans, Words, link_words
from classifier.boundaries.lines import Lines, usual_blank
from classifier.document import Paragraphs
from classifier.text.tokens import CLOSE, COMMA, DIGIT, OPEN, SPACE, STOP

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

WINDOWS = (60, 150, 400, 1000)
"""Characters on either side of a gap over which word vectors are compared."""

_RUNNING = bins.edges(1, 30, 100, 300)
_FEW = bins.edges(-0.5, 0.5, 1.5)
_INDENT = bins.edges(-1.5, -0.5, 0.5, 1.5)

MEASURES: dict[str, Floats] = {
    "line length": bins.LENGTHS,
    "previous line length": bins.LENGTHS,
    "next line length": bins.LENGTHS,
    "block length": bins.LENGTHS,
    "previous block length": bins.LENGTHS,
    "next block length": bins.LENGTHS,
    "block length / page": bins.RATIO,
    "previous block length / page": bins.RATIO,
    "fill of line": bins.RATIO,
    "fill of previous line": bins.RATIO,
    "fill of next line": bins.RATIO,
    "lines in block": bins.COUNT,
    "lines in previous block": bins.COUNT,
    "column width change": bins.edges(-3.5, -1.5, -0.5, 0.5, 1.5, 3.5),
    "blank lines before - usual": _FEW,
    "blank lines after block - usual": _FEW,
    "indent - usual": _INDENT,
    "previous indent - usual": _INDENT,
    "next indent - usual": _INDENT,
    "open brackets before": _FEW,
    "digits share": bins.SHARE,
    "punctuation share": bins.SHARE,
    "previous punctuation share": bins.SHARE,
    "spaces inside": bins.COUNT,
    "lines from page start": bins.COUNT,
    "running text before": _RUNNING,
    "running text after": _RUNNING,
    "lines to page end": bins.COUNT,
    "links forward": bins.SHARE,
    "links backward": bins.SHARE,
    "links forward - backward": bins.DIFFERENCE,
    "previous links forward - backward": bins.DIFFERENCE,
    **{f"links across {reach}": bins.SHARE for reach in REACH},
    **{f"links across {reach}, rank": bins.SCORE for reach in REACH},
    **{f"rare words across {reach}": bins.COUNT for reach in RARE_REACH},
    **{f"rare words across {reach}, rank": bins.SCORE for reach in RARE_REACH},
    **{f"similarity {window}": bins.COSINE for window in WINDOWS},
    **{f"similarity {window}, rank": bins.SCORE for window in WINDOWS},
    **{f"similarity {window}, dip": bins.DIFFERENCE for window in WINDOWS},
    "block like what follows": bins.COSINE,
    "block like what precedes": bins.COSINE,
    "block like what follows - precedes": bins.DIFFERENCE,
    "previous block like what follows - precedes": bins.DIFFERENCE,
}
"""Every binned measurement and the edges of its bins (bin 0 lies below the first edge)."""

N_MEASURES = len(MEASURES)
BINNING = Binning.of(MEASURES)
"""Bins of all measurements, in the order of :data:`MEASURES`."""


@dataclass(frozen=True, slots=True, eq=False)
class PageLines:
    """The lines of one page and the blocks they make: what its gaps are measured by."""

    paragraphs: Paragraphs
    lines: Lines
    blocks: Blocks
    kind: Ints
    """Types of the blocks that begin at each line, and of what follows the page, (n + 1,)."""
    kind_before: Ints
    """Types of the blocks that end before each line, (n,)."""
    total: Ints
    """Characters before each line, (n + 1,)."""
    size: Ints
    """Characters of the blocks that begin at each line, and 0 for what follows the page, (n + 1,)."""
    running: Ints
    """Characters of running text (no headlines, bylines, captions …) before each line, (n + 1,)."""

    @classmethod
    def of(cls, paragraphs: Paragraphs, lines: Lines, blocks: Blocks, kind: Ints, kind_before: Ints) -> PageLines:
        """Return the lines of a page; the types are those of :func:`~.blocks.block_types`, (n,) each."""
        n = len(paragraphs)
        total = np.concatenate([[0], np.cumsum(lines.length)])
        size = np.append(total[blocks.after] - total[:n], 0)
        running = np.concatenate([[0], np.cumsum(np.where(RUNNING[kind], lines.length, 0))])
        return cls(paragraphs, lines, blocks, np.append(kind, 0), kind_before, total, size, running)


def measure_gaps(page: PageLines, words: Words, spans: Spans) -> NDArray[np.float64]:
    """Return :data:`MEASURES` of the gaps of a page of at least two lines, float64 (``N_MEASURES``, n - 1)."""
    n = len(page.paragraphs)
    found = _measure_print(page) | _measure_links(page, words) | _measure_likeness(page, spans)
    stacked = np.empty((N_MEASURES, n - 1))
    for number, name in enumerate(MEASURES):
        stacked[number] = found[name]
    return stacked


def _measure_print(page: PageLines) -> dict[str, NDArray[np.generic]]:
    """Return what is seen of the gaps 1 … n-1 without reading a word, each of shape (n - 1,)."""
    lines, blocks, total, size, running = page.lines, page.blocks, page.total, page.size, page.running
    n = len(page.paragraphs)
    gap = np.arange(1, n)
    before, after = blocks.before[1:], blocks.after[1:]
    length = lines.length
    last_length = np.append(length, 0)
    page_length = max(_quantile(size[:n], 0.75), 20.0)
    width = np.where(lines.width > 0, lines.width, max(_quantile(length, 0.9), 20.0))
    fill = np.append((length + np.minimum(lines.indent, 2)) / width, 0.0)
    few_blank = usual_blank(lines.blank)
    usual_indent = int(np.bincount(lines.indent).argmax())
    blank = np.append(lines.blank, 0)
    indent = np.append(lines.indent, usual_indent)
    nesting = np.cumsum(lines.counts[:, OPEN] - lines.counts[:, CLOSE])
    base = np.concatenate([[0], nesting])[before]
    punctuation = (lines.counts[:, COMMA] + lines.counts[:, STOP]) / length
    return {
        "line length": length[1:],
        "previous line length": length[:-1],
        "next line length": last_length[gap + 1],
        "block length": size[1:n],
        "previous block length": total[gap] - total[before],
        "next block length": size[after],
        "block length / page": size[1:n] / page_length,
        "previous block length / page": (total[gap] - total[before]) / page_length,
        "fill of line": fill[1:n],
        "fill of previous line": fill[: n - 1],
        "fill of next line": fill[gap + 1],
        "lines in block": after - gap,
        "lines in previous block": gap - before,
        "column width change": lines.width[1:] - lines.width[:-1],
        "blank lines before - usual": lines.blank[1:] - few_blank,
        "blank lines after block - usual": blank[after] - few_blank,
        "indent - usual": lines.indent[1:] - usual_indent,
        "previous indent - usual": lines.indent[:-1] - usual_indent,
        "next indent - usual": indent[gap + 1] - usual_indent,
        "open brackets before": nesting[:-1] - base,
        "digits share": lines.counts[1:, DIGIT] / length[1:],
        "punctuation share": punctuation[1:],
        "previous punctuation share": punctuation[:-1],
        "spaces inside": lines.counts[1:, SPACE],
        "lines from page start": gap,
        "lines to page end": n - gap,
        "running text before": running[gap],
        "running text after": running[n] - running[gap],
    }


def _measure_links(page: PageLines, words: Words) -> dict[str, NDArray[np.generic]]:
    """Return how words come again on the other side of each gap."""
    links = link_words(page.paragraphs, words)
    out: dict[str, NDArray[np.generic]] = {
        "links forward": links.forward[1:],
        "links backward": links.backward[1:],
        "links forward - backward": links.forward[1:] - links.backward[1:],
        "previous links forward - backward": links.forward[:-1] - links.backward[:-1],
    }
    for name, reaches, found in (("links", REACH, links.across), ("rare words", RARE_REACH, links.rare)):
        rows = np.ascontiguousarray(found[1:].T)
        for reach, row, ranked in zip(reaches, rows, _rank(rows), strict=True):
            out[f"{name} across {reach}"] = row
            out[f"{name} across {reach}, rank"] = ranked
    return out


def _quantile(values: Ints, share: float) -> float:
    """Return a quantile between neighbours by their distance, as ``np.percentile`` does at ten times the cost."""
    ordered = np.sort(values)
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    one, other, part = float(ordered[low]), float(ordered[high]), place - low
    return other - (other - one) * (1 - part) if part >= 0.5 else one + (other - one) * part


def _measure_likeness(page: PageLines, spans: Spans) -> dict[str, NDArray[np.generic]]:
    """Compare the word vectors on both sides of each gap, at several widths."""
    n = len(page.paragraphs)
    gap = np.arange(1, n)
    before, after = page.blocks.before[1:], page.blocks.after[1:]
    starts, ends = page.paragraphs.starts, page.paragraphs.ends
    here = starts[gap]
    windows = np.array(WINDOWS)[:, None]
    low = np.minimum(ends.searchsorted(here - windows, side="right"), gap - 1)
    high = np.maximum(starts.searchsorted(here + windows), gap + 1)
    reach = 400
    low_400, high_400 = low[WINDOWS.index(reach)], high[WINDOWS.index(reach)]
    beyond = np.minimum(np.maximum(starts.searchsorted(ends[after - 1] + reach), np.minimum(after + 1, n)), n)
    low_before = np.minimum(ends.searchsorted(starts[before] - reach, side="right"), before)
    gaps = np.broadcast_to(gap, low.shape)
    # Rows: the windows; this block and what follows, and what precedes; the previous block and the same.
    found = spans.cosines(
        (np.vstack([low, gap, gap, before, before]), np.vstack([gaps, after, after, gap, gap])),
        (np.vstack([gaps, after, low_400, gap, low_before]), np.vstack([high, beyond, gap, high_400, before])),
    )
    similar, (follows, precedes, previous_follows, previous_precedes) = found[: len(WINDOWS)], found[len(WINDOWS) :]
    out: dict[str, NDArray[np.generic]] = {}
    for form, rows in (("", similar), (", rank", _rank(similar)), (", dip", _dip(similar))):
        out.update({f"similarity {window}{form}": row for window, row in zip(WINDOWS, rows, strict=True)})
    out["block like what follows"] = follows
    out["block like what precedes"] = precedes
    out["block like what follows - precedes"] = follows - precedes
    out["previous block like what follows - precedes"] = previous_follows - previous_precedes
    return out


def _rank(values: Floats) -> Floats:
    """Return how many standard deviations each value lies over the mean of its page, (rows, n)."""
    if values.shape[1] < 3:
        return np.zeros_like(values)
    mean = values.mean(axis=1, keepdims=True)
    apart = values - mean
    spread = np.sqrt((apart * apart).mean(axis=1, keepdims=True))
    ranked: Floats = apart / np.where(spread > 1e-6, spread, np.float32(1.0))
    return ranked


def _dip(values: Floats) -> Floats:
    """Return how far each value lies over the mean of its neighbours (negative: a valley, as in TextTiling)."""
    first, last = values[:, :1], values[:, -1:]
    padded = np.concatenate([first, first, values, last, last], axis=1)
    around = (padded[:, :-4] + padded[:, 1:-3] + padded[:, 3:-1] + padded[:, 4:]) / 4
    dips: Floats = values - around
    return dips
