"""Which headline heads which columns of text, and in what order one reads them.

A *group* is a headline block (kicker, headline, subtitle, byline, an introduction across several columns) and the
strands of text under or beside it. A strand belongs to the headline that one sees looking up from it. One that sees
the page's edge, a ruled line, or text that it does not go on from is where a column of another group goes on: usually
of the one to its left, whose last column breaks off in the middle of a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.scans.boxes import Boxes
from classifier.scans.groups import Layout, begins, goes_on, heads, shared
from classifier.scans.heads import find_folio, find_heads
from classifier.scans.strands import Strand, crossed


def group(boxes: Boxes, strands: list[Strand]) -> Layout:
    """Return the strands of a page in groups; every strand is in one."""
    page = Layout(boxes, strands)
    find_folio(page)
    find_heads(page)
    _look_up(page)
    _widen(page)
    _beside(page)
    _widen(page)
    _carry_on(page)
    _strays(page)
    _captions(page)
    return page


def _look_up(page: Layout) -> None:
    """Give each strand of text to the headline, or to the column, that one sees looking up from it."""
    for number, strand in enumerate(page.strands):
        if number in page.owner or strand.caption or strand.upright:
            continue
        seen = sorted(
            (above for above in strand.above if above in page.owner),
            key=lambda above: (not heads(page, above), -shared(page.strands[above], strand)),
        )
        if not seen:
            continue
        above = seen[0]
        if heads(page, above):
            near = strand.top - page.strands[above].bottom < 2 * page.em
            if not strand.ruled or (near and not _let_in(page, number, above)):
                page.own(number, page.owner[above])
        elif not strand.ruled and shared(page.strands[above], strand) > 0.5 and not _breaks(page, above, number):
            page.own(number, page.owner[above])


def _let_in(page: Layout, number: int, above: int) -> bool:
    """Tell whether a ruled line under a headline parts a strand from it, but not others: those let in under it."""
    return any(
        above in other.above and not other.ruled and not other.caption and not heads(page, i)
        for i, other in enumerate(page.strands)
        if i != number
    )


def _breaks(page: Layout, above: int, number: int) -> bool:
    """Tell whether a column does not go on below a gap: the text above ends and here none begins, or the reverse."""
    one, other = page.strands[above], page.strands[number]
    if page.boxes.continued[other.lines[0]]:
        return True
    starts = begins(page.boxes, other)
    if starts is None or other.big or one.big:
        return False
    if min(len(one.lines), len(other.lines)) > 1 and abs(one.size - other.size) > 0.15 * page.em:
        return True
    # Text that breaks off over a new paragraph has lost a line more often than it goes on elsewhere.
    broken = goes_on(page.boxes, one)
    return broken == starts and (not broken or other.top - one.bottom > 3.2 * page.em)


def _widen(page: Layout) -> None:
    """Give a group the columns that begin beside its own at the same height, with nothing over them but older text."""
    moved: set[int] = set()  # a column between two groups would go to and fro
    changed = True
    while changed:
        changed = False
        for number, strand in enumerate(page.strands):
            if number in moved or strand.caption or strand.folio or strand.upright or heads(page, number):
                continue
            over = max((page.strands[above].bottom for above in strand.above), default=0.0)
            mine = page.owner.get(number)
            if mine is not None and (page.groups[mine].upright or strand.top - over < 2 * page.em):
                continue
            headed = mine is not None and any(heads(page, above) for above in strand.above)
            fits: list[tuple[float, int]] = []
            for group, other in enumerate(page.groups):
                if group == mine or not other.heads:
                    continue
                top = page.head_box(group)[1]
                if over > top + 0.6 * page.em or strand.top < top - page.em:
                    continue
                if headed and (other.upright or top < over - page.em):
                    continue  # only a headline nearer than its own
                near = [page.strands[text] for text in other.texts if _is_next(page, page.strands[text], strand, top)]
                # Columns of one article begin at one height to a pixel or two.
                if near:
                    apart = min(abs(one.top - strand.top) for one in near) / page.em
                    fits.append((apart + _off_centre(page, group, strand), group))
                elif _is_under(page, group, strand):
                    fits.append((1.0 + _off_centre(page, group, strand), group))
            if fits:
                page.own(number, min(fits)[1])
                moved.add(number)
                changed = True


def _off_centre(page: Layout, group: int, strand: Strand) -> float:
    """Return how much worse a headline stands over its columns with one more: below 0 if it is better centred then."""
    left, _, right, _ = page.head_box(group)
    texts = [page.strands[text] for text in page.groups[group].texts]
    if not texts or page.groups[group].upright:
        return 0.0
    first, last = min(text.left for text in texts), max(text.right for text in texts)
    if strand.right < left and abs(left - first) < 0.6 * page.em:
        return 1.0  # it begins where its first column does
    without = abs((left + right) - (first + last))
    within = abs((left + right) - (min(first, strand.left) + max(last, strand.right)))
    return float(np.clip(0.5 * (within - without) / max(strand.width, page.em), -0.5, 0.5))


def _is_under(page: Layout, group: int, strand: Strand) -> bool:
    """Tell whether a strand stands under a headline made wider to both sides as far as there is nothing beside it."""
    left, top, right, bottom = page.head_box(group)
    big = [page.strands[head].bottom for head in page.groups[group].heads if page.strands[head].big]
    bottom = max(big, default=bottom)  # a byline may stand beside the top of a column that it does not lie over
    slack = 0.5 * page.em + 0.15 * (bottom - top)  # the boxes of large characters are cut with much room
    if page.groups[group].upright or not -slack < strand.top - bottom < 3.5 * page.em:
        return False
    if crossed(page.boxes, (strand.left, strand.right), bottom, strand.top):
        return False
    # Between the headline and the place over the strand there must be neither text nor picture nor ruled line.
    low, high = (right, strand.right) if strand.left + strand.right > left + right else (strand.left, left)
    low, high = low + 0.3 * page.em, high - 0.3 * page.em
    if high <= low:
        return True
    edges = [(other.left, other.top, other.right, other.bottom) for other in page.strands if not other.folio]
    edges += [tuple(picture) for picture in page.boxes.pictures.tolist()]
    edges += [(x, first, x, last) for first, last, x in page.boxes.down.tolist()]
    return not any(
        x1 > low and x0 < high and min(y1, bottom) - max(y0, top) > 0.3 * page.em for x0, y0, x1, y1 in edges
    )


def _is_next(page: Layout, one: Strand, other: Strand, top: float) -> bool:
    """Tell whether two strands are neighbouring columns that begin at the same height, under a headline at ``top``."""
    gap = max(one.left, other.left) - min(one.right, other.right)
    if not -0.5 * page.em < gap < 4 * page.em or abs(one.top - other.top) > 0.8 * page.em:
        return False
    # A line over one of them alone is the upper edge of a box, or ends what stands above.
    low = max(one.top, other.top)
    over = [crossed(page.boxes, (s.left, s.right), max(top, low - 3 * page.em), low) for s in (one, other)]
    if over[0] != over[1]:
        return False
    # A line between the columns of one article begins under its headline.
    return not _divided(page, one, other, top=top, bottom=max(one.top, other.top))


def _divided(page: Layout, one: Strand, other: Strand, *, top: float, bottom: float) -> bool:
    """Tell whether a ruled line stands between two neighbouring columns from ``top`` to ``bottom``."""
    if not len(page.boxes.down):
        return False
    low, high = top, bottom
    left, right = min(one.right, other.right), max(one.left, other.left)
    top, bottom, x = page.boxes.down.T
    slack = 0.4 * page.em
    return bool(
        (
            (x > left - slack)
            & (x < right + slack)
            & (np.minimum(bottom, high) - np.maximum(top, low) > 0.5 * (high - low))
        ).any()
    )


def _beside(page: Layout) -> None:
    """Give vertical headlines the columns at their side."""
    for group, found in enumerate(page.groups):
        if not found.upright:
            continue
        head = page.strands[found.heads[0]]
        sides, gaps = _sides(page, head)
        if not sides[True] and not sides[False]:
            continue
        # Text that widens under the headline is its own; else it has the nearer side, of two as near the right one.
        on_right = max(
            sides,
            key=lambda side: (
                bool(sides[side]),
                _spills(page, head, sides[side], on_right=side),
                -gaps[side] - (0.3 * page.em if not side else 0),
            ),
        )
        for number in sides[on_right]:
            page.own(number, group)
        _reach_out(page, group, head, on_right=on_right)
        for number, strand in enumerate(page.strands):
            if number not in page.owner or heads(page, number) or number in found.texts:
                continue
            ups = [a for a in strand.above if a in found.texts]
            if ups and not strand.ruled and not any(heads(page, a) for a in strand.above):
                page.own(number, group)


def _sides(page: Layout, head: Strand) -> tuple[dict[bool, list[int]], dict[bool, float]]:
    """Return the columns close by a vertical headline, and how near the nearest is, on its right (true) and left."""
    sides: dict[bool, list[int]] = {True: [], False: []}
    gaps: dict[bool, float] = {True: np.inf, False: np.inf}
    for number, strand in enumerate(page.strands):
        if not _is_free_beside(page, head, number):
            continue
        on_right = strand.left + strand.right > head.left + head.right
        lines = [i for i in strand.lines if page.boxes.top[i] < head.bottom and page.boxes.bottom[i] > head.top]
        if not lines:
            continue
        edge = float(
            np.min(page.boxes.left[lines]) - head.right if on_right else head.left - np.max(page.boxes.right[lines])
        )
        if -page.em < edge < 4 * page.em:
            sides[on_right].append(number)
            gaps[on_right] = min(gaps[on_right], edge)
    return sides, gaps


def _is_free_beside(page: Layout, head: Strand, number: int) -> bool:
    """Tell whether a strand is text as high as a vertical headline that nothing parts from it or heads more closely."""
    strand = page.strands[number]
    if strand.caption or strand.folio or strand.upright or (strand.big and len(strand.lines) < 3):
        return False
    if heads(page, number):  # a headline may have many lines
        return False
    top, bottom = max(head.top, strand.top), min(head.bottom, strand.bottom)
    if bottom - top < 0.4 * min(head.height, strand.height):
        return False
    mine = page.owner.get(number)
    if mine is not None and page.groups[mine].heads and page.head_box(mine)[1] > head.top - page.em:
        return False
    if strand.top < head.top - 2 * page.em and _is_own(page, number):
        return False
    return not _divided(page, head, strand, top=top, bottom=bottom)


def _spills(page: Layout, head: Strand, columns: Sequence[int], *, on_right: bool) -> bool:
    """Tell whether one of the columns on one side of a vertical headline reaches under it."""
    if on_right:
        return any(page.strands[i].left < head.right - 0.3 * head.width for i in columns)
    return any(page.strands[i].right > head.left + 0.3 * head.width for i in columns)


def _reach_out(page: Layout, group: int, head: Strand, *, on_right: bool) -> None:
    """Give a vertical headline the columns beside its own that begin as high as these and as itself."""
    texts = page.groups[group].texts
    first = [i for i in texts if abs(page.strands[i].top - head.top) < 2 * page.em]
    if not first:
        return
    edge = min(first, key=lambda i: abs(page.strands[i].top - head.top))
    found = True
    while found:
        found = False
        one = page.strands[edge]
        for number, strand in enumerate(page.strands):
            if number in texts or heads(page, number) or strand.caption or strand.folio or strand.big or strand.upright:
                continue
            away = strand.left > one.left if on_right else strand.left < one.left
            headed = any(heads(page, above) and page.strands[above].top > head.top - page.em for above in strand.above)
            if away and not headed and not _is_own(page, number) and _is_next(page, one, strand, head.top):
                page.own(number, group)
                edge, found = number, True
                break


def _is_own(page: Layout, number: int) -> bool:
    """Tell whether a strand stands right under the headline of its group."""
    mine = page.owner.get(number)
    if mine is None:
        return False
    if page.groups[mine].upright:
        return True
    near = [page.strands[above].bottom for above in page.strands[number].above if heads(page, above)]
    return bool(near) and page.strands[number].top - max(near) < 3.5 * page.em


def _carry_on(page: Layout) -> None:
    """Give the strands that nothing heads to the group whose last column they go on from, else each its own group."""
    loose = [i for i, strand in enumerate(page.strands) if i not in page.owner and not strand.caption]
    for number in sorted(loose, key=lambda i: (page.strands[i].left // (2 * page.em), page.strands[i].top)):
        strand = page.strands[number]
        best, found = 0.0, -1
        for group, other in enumerate(page.groups):
            score = max((_follows(page, text, strand) for text in other.texts), default=-np.inf)
            if score > best:
                best, found = score, group
        if found >= 0:
            page.own(number, found)
        else:
            page.own(number, page.begin([]))
            for below, under in enumerate(page.strands):
                free = below in loose and below not in page.owner and number in under.above
                if free and not under.ruled and not _breaks(page, number, below):
                    page.own(below, page.owner[number])


def _follows(page: Layout, text: int, strand: Strand) -> float:
    """Return how well a strand that nothing heads goes on from a strand of a group; above 0 is good."""
    one = page.strands[text]
    if one.folio or page.boxes.continued[strand.lines[0]]:
        return -np.inf
    gap = strand.left - one.right
    columns = [page.strands[other] for other in page.groups[page.owner[text]].texts]
    if gap > -0.6 * page.em:
        if gap > 4 * page.em or min(one.bottom, strand.bottom) < max(one.top, strand.top) + 0.4 * page.em:
            return -np.inf
        between = [other for other in columns if one.right < other.left < strand.right]
        if any(min(other.bottom, strand.bottom) > max(other.top, strand.top) for other in between):
            return -np.inf  # the group has a column there already
        high = max(one.top, strand.top), min(one.bottom, strand.bottom)
        score = 0.6 - 1.1 * _divided(page, one, strand, top=high[0], bottom=high[1])
        score += 0.3 if abs(one.width - strand.width) < 1.5 * page.em else -0.3
        if strand.ruled and any(heads(page, above) for above in strand.above):
            score -= 0.3  # what is let in right under a headline begins here
        last = max((o for o in columns if shared(o, one) > 0.5), key=lambda o: o.bottom)
    elif text in strand.above and shared(one, strand) > 0.5:
        far = strand.top - one.bottom > 4 * page.em
        score, last = (-1.5 if strand.ruled else 0.2 if far else 1.0), one
    else:
        return -np.inf
    starts = begins(page.boxes, strand)
    if starts is not None:
        broken = goes_on(page.boxes, last)
        # A paragraph that ends, then one that begins: so it is between articles as well.
        score += -0.8 if broken == starts else 0.8 * broken
    return score - 0.6 * (abs(last.size - strand.size) > 0.15 * page.em)


STRAY = 8.0
"""Ems of text up to which a headline that heads nothing is a label, or letters in a photograph."""


def _strays(page: Layout) -> None:
    """Take headlines of a few characters that head nothing for captions: the name of a column, letters in a picture."""
    for found in page.groups:
        lines = [line for head in found.heads for line in page.strands[head].lines]
        if lines and not found.texts and float(page.boxes.letters[lines].sum()) <= STRAY:
            for head in found.heads:
                del page.owner[head]
                page.strands[head].caption = True
            found.heads = []
    # Groups keep their numbers while strands refer to them; empty ones are left out when they are put in order.


def _captions(page: Layout) -> None:
    """Give each caption to the group nearest to it and to its photograph."""
    for number, strand in enumerate(page.strands):
        if number in page.owner:
            continue
        box = _with_picture(page, strand)
        near = [
            (_distance(page, box, strand, group, text), group)
            for group, found in enumerate(page.groups)
            for text in (*found.texts, *found.heads)
            if not page.strands[text].folio
        ]
        group = min(near)[1] if near else page.begin([])
        page.groups[group].captions.append(number)
        page.owner[number] = group


def _with_picture(page: Layout, strand: Strand) -> tuple[float, float, float, float]:
    """Return the box of a caption and of the photograph that it stands in or under."""
    for left, top, right, bottom in page.boxes.pictures.tolist():
        inside = min(right, strand.right) - max(left, strand.left) > 0.7 * strand.width
        if inside and top < strand.top < bottom + 2 * page.em:
            return min(left, strand.left), min(top, strand.top), max(right, strand.right), max(bottom, strand.bottom)
    return strand.left, strand.top, strand.right, strand.bottom


def _distance(page: Layout, box: tuple[float, float, float, float], caption: Strand, group: int, text: int) -> float:
    """Return how far a strand of a group is from a caption with its photograph, in pixels, with what speaks against."""
    left, top, right, bottom = box
    near = page.strands[text]
    x = max(near.left - right, left - near.right, 0.0)
    y = max(near.top - bottom, top - near.bottom, 0.0)
    distance = x + y * (0.6 if shared(near, caption) > 0.5 else 1.0)
    if crossed(page.boxes, (caption.left, caption.right), min(near.bottom, caption.bottom), max(near.top, caption.top)):
        distance += 6 * page.em
    low, high = sorted(((caption.left + caption.right) / 2, (near.left + near.right) / 2))
    for first, last, at in page.boxes.down.tolist():
        # A photograph found in a scan may reach over the line beside it: its caption does not.
        if low < at < high and min(last, bottom) - max(first, top) > 0.3 * (bottom - top):
            between = caption.right < at < near.left or near.right < at < caption.left
            distance += 6 * page.em * between
    if near.top > caption.bottom - page.em and text in page.groups[group].heads:
        distance += 6 * page.em  # a photograph stands over its caption, not under it
    return distance
