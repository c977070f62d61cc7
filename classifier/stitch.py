"""Stories: the parts of one report on several pages of an issue, found and put in order.

Every pair of articles on different pages is described by a handful of numbers, see :mod:`classifier.pairs`. A linear
model makes of them the probability that the second continues the first, rather than another article or none. Then pairs
are accepted from the most probable down, so that every part has at most one before it and one after it; what hangs
together is a story.

The weights are numbers in this module, fitted by ``benchmarks/stitching.py --fit`` on newspaper pages whose reports
were cut in two and three. They know no word of a text, only the measurements above, so they hold for any model.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.pairs import FEATURES, Pairs, describe_pairs
from classifier.story import Join, Part, Story

if TYPE_CHECKING:
    from classifier.model import Model

Floats = NDArray[np.float64]

LIKELY = 0.2
"""Pairs at least this probable are joined, unless the caller asks for another probability."""

WEIGHTS: tuple[float, ...] = (
    -0.249,  # both marks agree
    1.734,  # mark on names this page
    -4.138,  # mark on names another page
    5.732,  # mark from names that page
    -0.442,  # mark from names another page
    -0.371,  # neither has a mark
    -2.705,  # neither has a mark, others have
    -2.468,  # no full stop
    -0.052,  # breaks off
    -0.384,  # ends in a comma
    3.909,  # headless
    1.803,  # first line is no headline
    1.367,  # headline is a full line
    2.119,  # headline has a comma
    4.876,  # begins in mid-sentence
    0.377,  # breaks off, headless
    0.936,  # word across the cut
    6.835,  # quotation across the cut
    -5.090,  # words alike
    4.347,  # words alike, less the best other after
    -0.186,  # words alike, less the best other before
    3.080,  # rare words alike
    5.983,  # share of the second that the two alone have
    -8.758,  # share of the first that the two alone have
    3.698,  # pairs of characters alike
    -10.477,  # share of the second's pairs that the two alone have
    2.986,  # meaning alike
    1.428,  # meaning alike, less the best other after
    -0.299,  # meaning alike, less the best other before
    3.701,  # meaning alike near the cut
    1.651,  # headline words in the second
    1.733,  # same headline, theirs alone
    2.870,  # genres alike
    -5.280,  # on an earlier page
    -0.547,  # pages between
    -0.919,  # log length of the first
    -0.377,  # log length of the second
    -2.424,  # second begins with a credit
    -3.522,  # second is a caption
    -2.757,  # first is a caption
    -4.854,  # first ends in a credit
    0.570,  # second ends in a credit
    1.858,  # opens as what goes on
    0.678,  # opens with a date
    2.338,  # opens with a quotation
    3.146,  # headline again
    -2.210,  # headline again, breaks off
    0.361,  # characters across the cut
    0.605,  # characters across the cut, less the best other before
    2.078,  # opening's words in the first
    -0.904,  # opening's words in the first, less the best other before
    -1.500,  # close's words in the second
    0.342,  # close's words in the second, less the best other after
    4.001,  # words alike, headless
    1.620,  # meaning alike, headless
    1.451,  # rare words alike, headless
    7.866,  # words alike, less the part above
    -0.312,  # the part above breaks off, headless
    -0.480,  # the part below is headless
    -13.983,  # runs alike
    -15.236,  # runs alike, headless
    0.800,  # runs that the two alone have
    0.024,  # begins as inside a sentence
    3.049,  # begins as inside a sentence, no full stop
    1.112,  # characters that meet in the issue
    1.187,  # first is on the front page
    -1.651,  # first has a headline
    -1.971,  # second opens with a dateline
    -1.547,  # first opens with a dateline
    -3.638,  # second is a picture
    -3.158,  # first is a picture
    -6.384,  # first points to another page
)
"""Of :data:`~classifier.pairs.FEATURES`, in their order."""

BIAS = -6.050
"""Of every pair, added to its features weighed by :data:`WEIGHTS`."""


def probabilities(pairs: Pairs) -> Floats:
    """Return P(part j continues part i), (n, n); 0 on the same page.

    A part continues one other or none: the softmax over all that could come before it and, with a score of 0, nothing
    (a conditional logit, McFadden 1974). So what is just like ten others gets a tenth.
    """
    scores = np.where(pairs.allowed, pairs.values @ np.array(WEIGHTS) + BIAS, -np.inf)
    most = np.maximum(scores.max(axis=0, initial=0.0), 0.0)
    odds = np.exp(scores - most)
    found: Floats = odds / (np.exp(-most) + odds.sum(axis=0))
    return found


def match(proba: Floats, *, least: float = LIKELY) -> dict[int, tuple[int, float]]:
    """Return which part follows which, and how probable that was: one at most on either side, and no circle.

    Greedy, from the most probable pair down, ties in the order of the parts. A part that has what follows it is no
    longer there to be continued: what is left for the others is divided among the rest, nothing included. So the third
    part of a story, most like the long first one, is found to continue the second.
    """
    left = proba.copy()
    nothing = np.maximum(1.0 - proba.sum(axis=0), 0.0)
    after: dict[int, tuple[int, float]] = {}
    while left.size and (score := float(left.max())) >= max(least, 1e-12):
        one, other = (int(found) for found in np.unravel_index(int(left.argmax()), left.shape))
        end = other
        while end in after:
            end = after[end][0]
        if end == one:
            left[one, other] = 0.0
            continue
        after[one] = other, score
        left[:, other] = 0.0
        left[one] = 0.0
        rest = left.sum(axis=0) + nothing
        rest = np.where(rest > 1e-9, rest, 1.0)
        left, nothing = left / rest, nothing / rest
    return after


def stitch(parts: Iterable[Part], model: Model, *, least: float = LIKELY) -> list[Story]:
    """Put the parts of the stories of one issue together.

    Parameters
    ----------
    parts
        The articles of all pages of the issue, in the order of their pages.
    model
        Its words and word vectors are used.
    least
        Probability from which two parts are joined, 0 to 1.

    Returns
    -------
    list of Story
        Every part is in exactly one, most of them alone; in the order of their first parts.
    """
    parts = list(parts)
    if not parts:
        return []
    pairs = describe_pairs(parts, model)
    proba = probabilities(pairs)
    after = match(proba, least=least)
    both, on, back = (FEATURES.index(name) for name in FEATURES[:2] + FEATURES[3:4])
    stories = []
    for first in sorted(set(range(len(parts))) - {other for other, _ in after.values()}):
        chain = [first]
        joins = []
        while chain[-1] in after:
            one, (other, score) = chain[-1], after[chain[-1]]
            found = pairs.values[one, other]
            by = "marks" if found[both] else "mark" if found[on] or found[back] else "text"
            joins.append(Join(score, by))
            chain.append(other)
        stories.append(Story(tuple(parts[number] for number in chain), tuple(joins)))
    return stories
