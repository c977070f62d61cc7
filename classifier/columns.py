"""Which headline heads which columns of text, and in what order one reads them.

A *group* is a headline block (kicker, headline, subtitle, byline, an introduction across several columns) and the
strands of text under or beside it. A strand belongs to the headline that one sees looking up from it. One that sees
the page's edge, a ruled line, or text that it does not go on from is where a column of another group goes on: usually
of the one to its left, whose last column breaks off in the middle of a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from classifier.boxes import Boxes
from classifier.strands import Strand, crossed

HEAD_LINES = 6
"""Most lines of a headline in one size."""

INTRO_LINES = 10
"""Most lines of an introduction across several columns."""


@dataclass(slots=True, eq=False)
class Group:
    """A headline block and the strands of text that it heads, as indices of strands."""

    heads: list[int]
    texts: list[int] = field(default_factory=list)
    captions: list[int] = field(default_factory=list)
    upright: bool = False
    """The headline stands beside the text."""


@dataclass(slots=True, eq=False)
class Page:
    """The strands of a page on their way into groups."""

    boxes: Boxes
    strands: list[Strand]
    groups: list[Group] = field(default_factory=list)
    owner: dict[int, int] = field(default_factory=dict)
    """Group of each strand that has one."""

    @property
    def em(self) -> float:
        """Return the font size of running text in pixels."""
        return self.boxes.em

    def own(self, strand: int, group: int) -> None:
        """Make a strand text of a group."""
        if strand in self.owner:
            self.groups[self.owner[strand]].texts.remove(strand)
        self.owner[strand] = group
        self.groups[group].texts.append(strand)

    def begin(self, heads: list[int], *, upright: bool = False) -> int:
        """Make a group of headline strands."""
        self.groups.append(Group(heads, upright=upright))
        for head in heads:
            self.owner[head] = len(self.groups) - 1
        return len(self.groups) - 1

    def head_box(self, group: int) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of a group's headline block."""
        heads = [self.strands[head] for head in self.groups[group].heads]
        return (
            min(head.left for head in heads),
            min(head.top for head in heads),
            max(head.right for head in heads),
            max(head.bottom for head in heads),
        )


def shared(one: Strand, other: Strand) -> float:
    """Return the share of the narrower strand's width that lies over or under the other."""
    both = min(one.right, other.right) - max(one.left, other.left)
    return max(both, 0.0) / max(min(one.width, other.width), 1.0)


def goes_on(boxes: Boxes, strand: Strand) -> bool:
    """Tell whether the last line of a strand breaks off: it is full and does not end in a full stop."""
    line = strand.lines[-1]
    right = float(np.max(boxes.right[strand.lines[-6:]]))
    return not boxes.stops[line] and bool(boxes.right[line] > right - 1.6 * boxes.size[line])


def begins(boxes: Boxes, strand: Strand) -> bool | None:
    """Tell whether the first line of a strand is indented; ``None`` if there is no other line to tell by."""
    if len(strand.lines) < 2:
        return None
    first, second = strand.lines[0], strand.lines[1]
    indent = boxes.left[first] - min(boxes.left[second], float(np.median(boxes.left[strand.lines])))
    return bool(indent > 1.1 * boxes.size[first])


def group(boxes: Boxes, strands: list[Strand]) -> Page:
    """Return the strands of a page in groups; every strand is in one."""
    page = Page(boxes, strands)
    _folio(page)
    _find_heads(page)
    _look_up(page)
    _widen(page)
    _beside(page)
    _widen(page)
    _carry_on(page)
    _captions(page)
    return page


def _folio(page: Page) -> None:
    """Make the line over the page a group of its own, in which nothing else is found."""
    lines = [number for number, strand in enumerate(page.strands) if strand.folio]
    if lines:
        page.begin([])
        for number in sorted(lines, key=lambda i: page.strands[i].left):
            page.own(number, 0)


def _find_heads(page: Page) -> None:
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
        if joined:
            page.groups[joined[0]].heads.append(number)
            page.owner[number] = joined[0]
        else:
            page.begin([number])
    for group in range(len(page.groups)):
        if page.groups[group].heads and not page.groups[group].upright:
            _add_kicker(page, group, under)
            _add_small_lines(page, group)


def _is_head(page: Page, number: int, under: dict[int, list[int]]) -> bool:
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
    # A subhead stands close to both; a headline further from what is above it, which may break off there.
    gap = strand.top - over_it.bottom
    score = (strand.size / em - 1.4) * 2.5 + (gap - (below[0].top - strand.bottom)) / em * 0.6 + (gap / em - 1.3) * 0.7
    score += 1.3 * goes_on(page.boxes, over_it) - 0.5 * bool(page.boxes.stops[over_it.lines[-1]])
    score += 0.6 * (len(strand.lines) > 1)
    return score > 0


def _joins(page: Page, above: int, number: int) -> bool:
    """Tell whether a headline strand goes with the one right above it."""
    one, other = page.strands[above], page.strands[number]
    if page.groups[page.owner[above]].upright or other.ruled:
        return False
    gap = other.top - one.bottom
    middle = abs((one.left + one.right) - (other.left + other.right)) / 2 < 1.5 * page.em
    edge = abs(one.left - other.left) < 1.5 * page.em
    near = 1.3 if middle or edge else 0.5
    return gap < near * max(one.size, other.size) and shared(one, other) > 0.8


def _add_kicker(page: Page, group: int, under: dict[int, list[int]]) -> None:
    """Add the small line over a headline, if it stands nearer to it than to anything above."""
    head = page.strands[page.groups[group].heads[0]]
    for number in sorted(head.above):
        over = page.strands[number]
        if number in page.owner or over.caption or len(over.lines) > 2 or under.get(number, []) != [page.groups[group].heads[0]]:
            continue
        gap = head.top - over.bottom
        room = over.top - max((page.strands[other].bottom for other in over.above), default=0.0)
        if gap < 0.9 * head.size and gap < room and shared(over, head) > 0.8 and not head.ruled and over.size > 0.95 * page.em:
            page.groups[group].heads.insert(0, number)
            page.owner[number] = group


def _add_small_lines(page: Page, group: int) -> None:
    """Add what stands under a headline before its columns begin: a byline, or an introduction across columns."""
    strands = page.strands
    for number, strand in enumerate(strands):
        heads = page.groups[group].heads
        if number in page.owner or strand.caption or strand.upright or not strand.above & set(heads):
            continue
        left, _, right, bottom = page.head_box(group)
        if strand.top - bottom > 4 * page.em:
            continue
        below = [i for i, other in enumerate(strands) if number in other.above and not other.caption]
        spans = len(strand.lines) <= INTRO_LINES and sum(
            strands[i].width < 0.75 * strand.width and not strands[i].ruled for i in below
        ) > 1
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
        others = [other for other in strands if other.top > strand.top and other.above & {number, *heads} and not other.caption]
        if spans or (alone and len(others) > 1):
            heads.append(number)
            page.owner[number] = group


def _look_up(page: Page) -> None:
    """Give each strand of text to the headline, or to the column, that one sees looking up from it."""
    for number, strand in enumerate(page.strands):
        if number in page.owner or strand.caption or strand.upright:
            continue
        seen = sorted(
            (above for above in strand.above if above in page.owner),
            key=lambda above: (not _heads(page, above), -shared(page.strands[above], strand)),
        )
        if not seen:
            continue
        above = seen[0]
        if _heads(page, above):
            if not strand.ruled or strand.top - page.strands[above].bottom < 2 * page.em:
                page.own(number, page.owner[above])
        elif not strand.ruled and shared(page.strands[above], strand) > 0.5 and not _breaks(page, above, number):
            page.own(number, page.owner[above])


def _heads(page: Page, strand: int) -> bool:
    return strand in page.owner and strand in page.groups[page.owner[strand]].heads


def _breaks(page: Page, above: int, number: int) -> bool:
    """Tell whether a column does not go on below a gap: the text above ends and here none begins, or the reverse."""
    one, other = page.strands[above], page.strands[number]
    starts = begins(page.boxes, other)
    if starts is None or other.big or one.big:
        return False
    if abs(one.size - other.size) > 0.15 * page.em:
        return True
    # Text that breaks off over a new paragraph has lost a line more often than it goes on elsewhere.
    broken = goes_on(page.boxes, one)
    return broken == starts and (not broken or other.top - one.bottom > 3.2 * page.em)


def _widen(page: Page) -> None:
    """Give a group the columns that begin beside its own at the same height, with nothing over them but older text."""
    moved: set[int] = set()  # a column between two groups would go to and fro
    changed = True
    while changed:
        changed = False
        for number, strand in enumerate(page.strands):
            if number in moved or strand.caption or strand.folio or strand.upright or _heads(page, number):
                continue
            over = max((page.strands[above].bottom for above in strand.above), default=0.0)
            mine = page.owner.get(number)
            if mine is not None and strand.top - over < 2 * page.em:
                continue
            for group, other in enumerate(page.groups):
                if group == mine or not other.heads:
                    continue
                top = page.head_box(group)[1]
                if over > top + 0.6 * page.em or strand.top < top - page.em:
                    continue
                if _is_under(page, group, strand) or any(
                    _is_next(page, page.strands[text], strand, top) for text in other.texts
                ):
                    page.own(number, group)
                    moved.add(number)
                    changed = True
                    break


def _is_under(page: Page, group: int, strand: Strand) -> bool:
    """Tell whether a strand stands under a headline made wider to both sides as far as there is nothing beside it."""
    left, top, right, bottom = page.head_box(group)
    big = [page.strands[head].bottom for head in page.groups[group].heads if page.strands[head].big]
    bottom = max(big, default=bottom)  # a byline may stand beside the top of a column that it does not lie over
    if page.groups[group].upright or not -0.5 * page.em < strand.top - bottom < 3.5 * page.em:
        return False
    # Between the headline and the place over the strand there must be neither text nor picture nor ruled line.
    low, high = (right, strand.right) if strand.left + strand.right > left + right else (strand.left, left)
    low, high = low + 0.3 * page.em, high - 0.3 * page.em
    if high <= low:
        return True
    if high - low > 60 * page.em:
        return False
    edges = [(other.left, other.top, other.right, other.bottom) for other in page.strands if not other.folio]
    edges += [tuple(picture) for picture in page.boxes.pictures.tolist()]
    edges += [(x, first, x, last) for first, last, x in page.boxes.down.tolist()]
    return not any(
        x1 > low and x0 < high and min(y1, bottom) - max(y0, top) > 0.3 * page.em for x0, y0, x1, y1 in edges
    )


def _is_next(page: Page, one: Strand, other: Strand, top: float) -> bool:
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


def _divided(page: Page, one: Strand, other: Strand, *, top: float, bottom: float) -> bool:
    """Tell whether a ruled line stands between two neighbouring columns from ``top`` to ``bottom``."""
    if not len(page.boxes.down):
        return False
    low, high = top, bottom
    left, right = min(one.right, other.right), max(one.left, other.left)
    top, bottom, x = page.boxes.down.T
    slack = 0.4 * page.em
    return bool(((x > left - slack) & (x < right + slack) & (np.minimum(bottom, high) - np.maximum(top, low) > 0.5 * (high - low))).any())


def _beside(page: Page) -> None:
    """Give vertical headlines the columns at their side."""
    for group, found in enumerate(page.groups):
        if not found.upright:
            continue
        head = page.strands[found.heads[0]]
        sides: dict[bool, list[int]] = {True: [], False: []}
        gaps: dict[bool, float] = {True: np.inf, False: np.inf}
        for number, strand in enumerate(page.strands):
            if strand.caption or strand.folio or strand.upright or (strand.big and len(strand.lines) < 3):
                continue
            high = min(head.bottom, strand.bottom) - max(head.top, strand.top)
            if high < 0.4 * min(head.height, strand.height):
                continue
            mine = page.owner.get(number)
            if mine is not None and page.groups[mine].heads and page.head_box(mine)[1] > head.top - page.em:
                continue
            on_right = strand.left + strand.right > head.left + head.right
            near = [strand.lines[0], *strand.lines]
            lines = [i for i in near if page.boxes.top[i] < head.bottom and page.boxes.bottom[i] > head.top]
            if not lines:
                continue
            edge = float(np.min(page.boxes.left[lines]) - head.right if on_right else head.left - np.max(page.boxes.right[lines]))
            if -page.em < edge < 4 * page.em:
                sides[on_right].append(number)
                gaps[on_right] = min(gaps[on_right], edge)
        if not sides[True] and not sides[False]:
            continue
        # Text that widens under the headline is its own.
        spill = {
            side: any(
                (page.strands[i].left < head.right - 0.3 * head.width if side else page.strands[i].right > head.left + 0.3 * head.width)
                for i in sides[side]
            )
            for side in sides
        }
        best = max(sides, key=lambda side: (bool(sides[side]), spill[side], -gaps[side] - (0.3 * page.em if not side else 0)))
        for number in sides[best]:
            page.own(number, group)
        for number, strand in enumerate(page.strands):
            if number not in page.owner or _heads(page, number) or number in found.texts:
                continue
            ups = [a for a in strand.above if a in found.texts]
            if ups and not strand.ruled and not any(_heads(page, a) for a in strand.above):
                page.own(number, group)


def _carry_on(page: Page) -> None:
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
            for below, other in enumerate(page.strands):
                if below in loose and below not in page.owner and number in other.above and not other.ruled:
                    if not _breaks(page, number, below):
                        page.own(below, page.owner[number])


def _follows(page: Page, text: int, strand: Strand) -> float:
    """Return how well a strand that nothing heads goes on from a strand of a group; above 0 is good."""
    one = page.strands[text]
    if one.folio:
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


def _captions(page: Page) -> None:
    """Give each caption to the nearest group."""
    for number, strand in enumerate(page.strands):
        if number in page.owner:
            continue
        best, found = np.inf, -1
        for group, other in enumerate(page.groups):
            for text in (*other.texts, *other.heads):
                near = page.strands[text]
                if near.folio:
                    continue
                x = max(near.left - strand.right, strand.left - near.right, 0.0)
                y = max(near.top - strand.bottom, strand.top - near.bottom, 0.0)
                aligned = shared(near, strand) > 0.5
                inside = not crossed(page.boxes, (strand.left, strand.right), min(near.bottom, strand.bottom), max(near.top, strand.top))
                distance = x + y * (0.6 if aligned else 1.0) + (0 if inside else 6 * page.em)
                if near.top > strand.bottom - page.em and text in other.heads:
                    distance += 6 * page.em  # a photograph stands over its caption, not under it
                if distance < best:
                    best, found = distance, group
        if found < 0:
            found = page.begin([])
        page.groups[found].captions.append(number)
        page.owner[number] = found


def in_columns(page: Page, group: Group) -> list[tuple[int, list[int]]]:
    """Return the strands of a group in order of reading, each with its lines: headline, columns from the left, captions.

    A strand occurs twice where its first line is a byline over the columns.
    """
    columns: list[list[int]] = []
    for text in sorted(group.texts, key=lambda i: page.strands[i].left):
        strand = page.strands[text]
        home = next((c for c in columns if all(shared(page.strands[other], strand) > 0.5 for other in c)), None)
        if home is None:
            columns.append([text])
        else:
            home.append(text)
    by_top = [sorted(column, key=lambda i: page.strands[i].top) for column in columns]
    heads = group.heads if group.upright else sorted(group.heads, key=lambda i: (page.strands[i].top, page.strands[i].left))
    found = [(head, page.strands[head].lines) for head in heads]
    crown = _crown(page, by_top) if group.heads else None
    if crown is not None:
        found.append((crown[0], page.strands[crown[0]].lines[: crown[1]]))
    for text in (text for column in by_top for text in column):
        lines = page.strands[text].lines
        if crown is not None and text == crown[0]:
            lines = lines[crown[1] :]
        if lines:
            found.append((text, lines))
    captions = sorted(group.captions, key=lambda i: (page.strands[i].top, page.strands[i].left))
    return found + [(caption, page.strands[caption].lines) for caption in captions]


def _crown(page: Page, columns: list[list[int]]) -> tuple[int, int] | None:
    """Return the strand whose first lines stand over all columns of a group, and how many: a byline, or a subtitle."""
    if len(columns) < 2:
        return None
    first = min((column[0] for column in columns), key=lambda i: page.strands[i].top)
    strand, boxes = page.strands[first], page.boxes
    rest = [page.strands[column[0]].top for column in columns if column[0] != first]
    low = min(rest)
    count = sum(float(boxes.bottom[line]) < low + 0.25 * page.em for line in strand.lines)
    if not 1 <= count <= 2 or low - float(boxes.bottom[strand.lines[count - 1]]) > 3 * page.em:
        return None
    near = [top for top in rest if top < low + 0.8 * page.em]
    return (first, count) if len(near) >= 1 else None


def order_groups(page: Page) -> list[int]:
    """Return the groups in order of reading: cut across where nothing is cut, else down, else the topmost first."""
    boxes = []
    for group in page.groups:
        strands = [page.strands[i] for i in (*group.heads, *group.texts)] or [page.strands[i] for i in group.captions]
        boxes.append((min(s.left for s in strands), min(s.top for s in strands), max(s.right for s in strands), max(s.bottom for s in strands)))
    edges = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    found: list[int] = []
    waiting = [np.arange(len(edges))]
    while waiting:
        part = waiting.pop()
        if len(part) <= 1:
            found += part.tolist()
            continue
        pieces = _cut(edges, part, 1, 0.4 * page.em) or _cut(edges, part, 0, 0.4 * page.em)
        if pieces is None:
            first = part[int(np.argmin(edges[part, 1] + 0.25 * edges[part, 0]))]
            pieces = [np.array([first]), part[part != first]]
        waiting += pieces[::-1]
    return found


def _cut(edges: np.ndarray[tuple[int, ...], np.dtype[np.float64]], part: np.ndarray[tuple[int, ...], np.dtype[np.int64]], axis: int, slack: float) -> list[np.ndarray[tuple[int, ...], np.dtype[np.int64]]] | None:
    """Return the parts on both sides of every gap along an axis (0 from the left, 1 from the top), if there is one."""
    order = part[np.argsort(edges[part, axis], kind="stable")]
    reach = np.maximum.accumulate(edges[order, axis + 2])
    cuts = np.flatnonzero(edges[order[1:], axis] > reach[:-1] - slack) + 1
    return np.split(order, cuts) if len(cuts) else None
