"""Headline blocks of a page: kicker, headline, subtitle, byline, an introduction across several columns."""

from __future__ import annotations

import numpy as np

from classifier.scans.groups import Layout, goes_on, shared

HEAD_LINES = 6
"""Most lines of a headline in one size."""

INTRO_LINES = 10
"""Most lines of an introduction across several columns."""


def find_folio(page: Layout) -> None:
    """Make the line over the page a group of its own, in which nothing else is found."""
    lines = [number for number, strand in enumerate(page.strands) if strand.folio]
    if lines:
        page.begin([])
        for number in sorted(lines, key=lambda i: page.strands[i].left):
            page.own(number, 0)


def find_heads(page: Layout) -> None:
    """Make a group of every headline block."""
    strands = page.strands
    under: dict[int, list[int]] = {}
    for number, strand in enumerate(strands):
        for above in strand.above:
            under.setdefault(above, []).append(number)
    heads = [number for number in range(len(strands)) if _is_head(page, number, under)]
    for number in heads:
        strand = strands[number]
        if strand.upright:
            page.begin([number], upright=True)
            continue
        joined = [page.owner[above] for above in strand.above if above in page.owner and _joins(page, above, number)]
        joined += [page.owner[other] for other in heads if other in page.owner and _is_beside(page, other, number)]
        if joined:
            page.groups[joined[0]].heads.append(number)
            page.owner[number] = joined[0]
        else:
            page.begin([number])
    for group in range(len(page.groups)):
        if page.groups[group].heads and not page.groups[group].upright:
            _add_kicker(page, group, under)
            _add_small_lines(page, group)


def _is_head(page: Layout, number: int, under: dict[int, list[int]]) -> bool:
    """Tell whether a strand is (a line of) a headline and no subhead."""
    strand, em = page.strands[number], page.em
    if strand.caption or strand.folio:
        return False
    if strand.upright:
        return strand.size > 1.05 * em and len(strand.lines) <= 4
    if not strand.big or len(strand.lines) > (HEAD_LINES if strand.size > 1.4 * em else 3):
        return False
    if strand.size >= 1.75 * em or len(under.get(number, ())) > 1 or strand.ruled:
        return True
    over = [page.strands[above] for above in strand.above]
    if not over or any(other.big for other in over) or len(over) > 1:
        return True
    over_it = over[0]
    if len(over_it.lines) <= 2 and (over_it.ruled or not over_it.above):
        return True  # what stands over it is its kicker
    below = [page.strands[other] for other in under.get(number, ()) if shared(page.strands[other], strand) > 0.8]
    column = strand.left > over_it.left - em and strand.right < over_it.right + em
    edge = min(abs(below[0].left - over_it.left), abs(below[0].right - over_it.right)) if below else np.inf
    if not column or edge > 2.5 * em:
        return True
    full = strand.width > over_it.width - em and strand.width > below[0].width - em if below else False
    if full and strand.size < 1.4 * em and len(strand.lines) == 1:
        return False  # a line of text, of which a character was not read
    # A subhead stands close to both; a headline further from what is above it, which may break off there.
    gap = strand.top - over_it.bottom
    score = (strand.size / em - 1.4) * 2.5 + (gap - (below[0].top - strand.bottom)) / em * 0.6 + (gap / em - 1.3) * 0.7
    score += 1.3 * goes_on(page.boxes, over_it) - 0.5 * bool(page.boxes.stops[over_it.lines[-1]])
    score += 0.6 * (len(strand.lines) > 1)
    return score > 0


def _joins(page: Layout, above: int, number: int) -> bool:
    """Tell whether a headline strand goes with the one right above it."""
    one, other = page.strands[above], page.strands[number]
    if page.groups[page.owner[above]].upright or other.ruled:
        return False
    gap = other.top - one.bottom
    middle = abs((one.left + one.right) - (other.left + other.right)) / 2 < 1.5 * page.em
    edge = abs(one.left - other.left) < 1.5 * page.em
    near = 1.3 if middle or edge else 0.5
    return gap < near * max(one.size, other.size) and shared(one, other) > 0.8 and not _is_let_in(page, above, number)


def _is_let_in(page: Layout, above: int, number: int) -> bool:
    """Tell whether a headline stands among the columns under another: one of these begins beside it, not lower."""
    one, other = page.strands[above], page.strands[number]
    low = other.top + 0.5 * min(other.height, 2 * page.em)
    return any(
        above in beside.above
        and not (beside.big or beside.caption or beside.upright or beside.ruled)
        and beside.top < low
        and beside.bottom > other.bottom + 2 * page.em
        and min(beside.right, one.right) - max(beside.left, one.left) > page.em
        and max(beside.left - other.right, other.left - beside.right) > 0
        for beside in page.strands
    )


def _is_beside(page: Layout, one: int, other: int) -> bool:
    """Tell whether two headline strands are one line of print that was found in two pieces."""
    left, right = sorted((page.strands[one], page.strands[other]), key=lambda strand: strand.left)
    if one == other or left.upright or right.upright:
        return False
    high = min(left.bottom, right.bottom) - max(left.top, right.top)
    size = max(left.size, right.size)
    alike = size < 1.3 * min(left.size, right.size) and high > 0.7 * min(left.height, right.height)
    return alike and right.left - left.right < 0.5 * size and right.right > left.right and size >= 1.4 * page.em


def _add_kicker(page: Layout, group: int, under: dict[int, list[int]]) -> None:
    """Add the small line over a headline, if it stands nearer to it than to anything above."""
    head = page.strands[page.groups[group].heads[0]]
    for number in sorted(head.above):
        over = page.strands[number]
        if (
            number in page.owner
            or over.caption
            or len(over.lines) > 2
            or under.get(number, []) != [page.groups[group].heads[0]]
        ):
            continue
        gap = head.top - over.bottom
        room = over.top - max((page.strands[other].bottom for other in over.above), default=-np.inf)
        if (
            gap < 0.9 * head.size
            and gap < room
            and shared(over, head) > 0.8
            and not head.ruled
            and over.size > 0.95 * page.em
        ):
            page.groups[group].heads.insert(0, number)
            page.owner[number] = group


def _add_small_lines(page: Layout, group: int) -> None:
    """Add what stands under a headline before its columns begin: a byline, or an introduction across columns."""
    strands = page.strands
    for number, strand in enumerate(strands):
        heads = page.groups[group].heads
        if number in page.owner or strand.caption or strand.upright or not strand.above & set(heads):
            continue
        if strand.ruled:  # what is let in under the headline
            continue
        left, _, right, bottom = page.head_box(group)
        if strand.top - bottom > 4 * page.em:
            continue
        below = [i for i, other in enumerate(strands) if number in other.above and not other.caption]
        columns = [strands[i] for i in below if strands[i].width > 4 * page.em or len(strands[i].lines) > 2]
        spans = (
            len(strand.lines) <= INTRO_LINES
            and sum(column.width < 0.75 * strand.width and not column.ruled for column in columns) > 1
        )
        # Columns begin side by side: a line that has nothing beside it is no column.
        rivals = [
            other
            for i, other in enumerate(strands)
            if i != number
            and i not in heads
            and not other.caption
            and not other.upright
            and other.top < strand.bottom - 0.3 * page.em
            and other.bottom > strand.top + 0.3 * page.em
            and min(other.right, right + page.em) - max(other.left, left - page.em) > 0.5 * page.em
        ]
        alone = len(strand.lines) <= 2 and bool(below) and not rivals
        others = [
            other
            for other in strands
            if other.top > strand.top and other.above & {number, *heads} and not other.caption
        ]
        if spans or (alone and len(others) > 1):
            heads.append(number)
            page.owner[number] = group
