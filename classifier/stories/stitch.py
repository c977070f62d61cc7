"""Stories: the parts of one report on several pages of an issue, found and put in order.

Every pair of articles on different pages is described by a handful of numbers, see :mod:`classifier.stories.pairs`. A
linear model makes of them the probability that the second continues the first, rather than another article or none.
Then pairs are accepted from the most probable down, so that every part has at most one before it and one after it; what
hangs together is a story.

The weights are numbers in this module, fitted by ``benchmarks/stitching.py --fit`` on newspaper pages whose reports
were cut in two and three. They know no word of a text, only the measurements above, so they hold for any model.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.stories.pairs import FEATURES, Pairs, describe_pairs
from classifier.story import Join, Part, Story

if TYPE_CHECKING:
    from classifier.model import Model

Floats = NDArray[np.float64]

LIKELY = 0.2
"""Pairs at least this probable are joined, unless the caller asks for another probability."""

WEIGHTS: tuple[float, ...] = (
    -1.054,  # both marks agree
    2.499,  # mark on names this page
    -3.702,  # mark on names another page
    7.814,  # mark from names that page
    -0.000,  # mark from names another page
    0.337,  # neither has a mark
    -2.673,  # neither has a mark, others have
    -2.706,  # no full stop
    0.177,  # breaks off
    -0.324,  # ends in a comma
    4.265,  # headless
    1.926,  # first line is no headline
    1.619,  # headline is a full line
    1.584,  # headline has a comma
    5.171,  # begins in mid-sentence
    0.265,  # breaks off, headless
    1.079,  # word across the cut
    7.283,  # quotation across the cut
    -6.050,  # words alike
    4.370,  # words alike, less the best other after
    -0.515,  # words alike, less the best other before
    4.636,  # rare words alike
    9.228,  # share of the second that the two alone have
    -7.818,  # share of the first that the two alone have
    11.510,  # pairs of characters alike
    -16.178,  # share of the second's pairs that the two alone have
    4.783,  # meaning alike
    0.981,  # meaning alike, less the best other after
    -0.061,  # meaning alike, less the best other before
    3.358,  # meaning alike near the cut
    1.405,  # headline words in the second
    1.229,  # same headline, theirs alone
    2.927,  # genres alike
    -5.181,  # on an earlier page
    -0.379,  # pages between
    -0.902,  # log length of the first
    -0.365,  # log length of the second
    -3.338,  # second begins with a credit
    -3.350,  # second is a caption
    -1.857,  # first is a caption
    -3.071,  # first ends in a credit
    0.365,  # second ends in a credit
    1.838,  # opens as what goes on
    0.395,  # opens with a date
    2.332,  # opens with a quotation
    3.532,  # headline again
    -1.461,  # headline again, breaks off
    0.344,  # characters across the cut
    0.694,  # characters across the cut, less the best other before
    1.483,  # opening's words in the first
    -0.467,  # opening's words in the first, less the best other before
    -1.289,  # close's words in the second
    0.520,  # close's words in the second, less the best other after
    0.105,  # words alike, headless
    0.253,  # meaning alike, headless
    0.803,  # rare words alike, headless
    8.426,  # words alike, less the part above
    -0.250,  # the part above breaks off, headless
    -0.430,  # the part below is headless
    -28.989,  # runs alike
    -4.829,  # runs alike, headless
    0.829,  # runs that the two alone have
    -0.123,  # begins as inside a sentence
    3.183,  # begins as inside a sentence, no full stop
    1.126,  # characters that meet in the issue
    1.166,  # first is on the front page
    -1.638,  # first has a headline
    -1.937,  # second opens with a dateline
    -1.563,  # first opens with a dateline
    -3.541,  # second is a picture
    -2.781,  # first is a picture
    -7.744,  # first points to another page
)
"""Of :data:`~classifier.stories.pairs.FEATURES`, in their order."""

BIAS = -7.488
"""Of every pair, added to its features weighed by :data:`WEIGHTS`."""


def probabilities(pairs: Pairs) -> Floats:
    """Return P(part j continues part i), (n, n); 0 on the same page.

    A part continues one other or none: the softmax over all that could come before it and, with a score of 0, nothing
    (a conditional logit, McFadden 1974). So what is just like ten others gets a tenth.
    """
    weights = np.array(WEIGHTS)
    # Row by row: the product with all of them would first make a copy in double precision.
    sums = np.array([row @ weights for row in pairs.values]).reshape(pairs.allowed.shape)
    scores = np.where(pairs.allowed, sums + BIAS, -np.inf)
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
