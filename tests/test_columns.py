"""Which headline heads which columns of a page."""

from __future__ import annotations

import pytest

from classifier.scan import Rule, ScanPage, TextLine
from classifier.scans.boxes import straighten
from classifier.scans.columns import group
from classifier.scans.strands import gather
from tests.printing import EM, LEADING, PITCH, at, column, page, upright


def headed(scan: ScanPage) -> set[tuple[str, str, str]]:
    """Return the groups of a page: the first characters of its headlines, of its strands, and of its captions."""
    boxes = straighten(scan)
    found = group(boxes, gather(boxes))
    assert sorted(found.owner) == list(range(len(found.strands)))

    def first(strands: list[int]) -> str:
        places = sorted(strands, key=lambda i: (found.strands[i].left, found.strands[i].top))
        return "".join(scan.lines[found.strands[i].lines[0]].text[0] for i in places)

    parts = {(first(part.heads), first(part.texts), first(part.captions)) for part in found.groups}
    return parts - {("", "", "")}


def title(text: str, x: float, y: float) -> TextLine:
    return at(text, x, y, size=40)


def shifted(lines: list[TextLine], x: float) -> list[TextLine]:
    return [at(line.text, line.left + x, line.top) for line in lines]


def narrow(name: str, number: int, y: float, rows: int) -> list[TextLine]:
    """Return a column too narrow for the others, of a text that began before: it goes on from none that has ended."""
    return [at(line.text[:9], line.left, line.top) for line in column(name, number, y, rows)]


def test_a_headline_heads_the_columns_that_lie_under_it_and_no_others() -> None:
    lines = [
        title("题目在两栏之上共十二个字", 20, 0),
        *column("甲", 0, 60, 8, begins=True),
        *column("乙", 1, 60, 8, ends=True),
        title("另一个题目", 2 * PITCH + 20, 0),
        *column("丙", 2, 60, 8, begins=True, ends=True),
    ]
    assert headed(page(*lines)) == {("题", "甲乙", ""), ("另", "丙", "")}


def test_a_headline_over_the_first_column_heads_those_that_begin_beside_it() -> None:
    lines = [
        title("题目五个字", 0, 0),
        *column("甲", 0, 60, 8, begins=True, ends=True),
        *narrow("乙", 1, 60, 8),
        *narrow("丙", 2, 60, 8),
    ]
    assert headed(page(*lines)) == {("题", "甲乙丙", "")}


@pytest.mark.parametrize(("lower", "is_headed"), [(-100, False), (-12, True), (0, True), (12, True), (100, False)])
def test_a_column_beside_another_begins_at_its_height(lower: float, is_headed: bool) -> None:
    # A photograph beside the headline: the column is not under it, however far one thinks of it as reaching.
    lines = [title("题目五个字", 0, 100), *column("甲", 0, 160, 8, begins=True, ends=True)]
    lines += narrow("乙", 1, 160 + lower, 8)
    picture = Rule(PITCH, 100, PITCH + 240, 140)
    expected = {("题", "甲乙", "")} if is_headed else {("题", "甲", ""), ("", "乙", "")}
    assert headed(page(*lines, pictures=[picture])) == expected


@pytest.mark.parametrize(
    ("rule", "is_headed"),
    [
        (Rule(259, 100, 261, 400), False),  # from beside the headline down
        (Rule(259, 150, 261, 400), True),  # begins under it
        (Rule(200, 100, 202, 400), True),  # within the first column
        (Rule(PITCH, 148, PITCH + 180, 150), False),  # over the second column alone
        (Rule(0, 148, PITCH + 180, 150), True),  # over both
    ],
)
def test_a_ruled_line_parts_columns_beside_one_another(rule: Rule, is_headed: bool) -> None:
    lines = [title("题目五个字", 0, 100), *column("甲", 0, 160, 8, begins=True, ends=True), *narrow("乙", 1, 160, 8)]
    expected = {("题", "甲乙", "")} if is_headed else {("题", "甲", ""), ("", "乙", "")}
    picture = Rule(PITCH, 100, PITCH + 240, 140)
    assert headed(page(*lines, rules=[rule], pictures=[picture])) == expected


@pytest.mark.parametrize(
    ("pictures", "rules", "is_headed"),
    [
        ([], [], True),
        ([Rule(PITCH + 20, 0, PITCH + 200, 40)], [], False),
        ([Rule(PITCH + 20, 44, PITCH + 200, 60)], [], True),  # between headline and column, not beside the headline
        ([], [Rule(PITCH - 20, 0, PITCH - 18, 44)], False),
        ([], [Rule(PITCH, 60, PITCH + 240, 62)], False),
    ],
)
def test_a_headline_reaches_over_what_is_free_beside_it(
    pictures: list[Rule], rules: list[Rule], is_headed: bool
) -> None:
    # Nothing stands right under the headline itself: its column is beside that place.
    lines = [
        at("题目在左栏之上", 0, 0, size=34),
        *column("乙", 1, 70, 8, begins=True, ends=True),
        *column("己", 3, 0, 9),
    ]
    found = headed(page(*lines, pictures=pictures, rules=rules))
    assert (("题", "乙", "") in found) == is_headed


@pytest.mark.parametrize(("ends", "begins"), [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("ruled", [False, True])
def test_a_column_that_nothing_heads_goes_on_from_the_left(ends: bool, begins: bool, ruled: bool) -> None:
    # It begins over the headline. A ruled line between stops it, unless a sentence breaks off on the left and no
    # paragraph begins here.
    lines = [
        title("题目五个字", 0, 100),
        *column("甲", 0, 160, 10, begins=True, ends=ends),
        *column("乙", 1, 0, 12, begins=begins),
    ]
    stopped = ruled and (ends or begins)
    expected = {("题", "甲", ""), ("", "乙", "")} if stopped else {("题", "甲乙", "")}
    assert headed(page(*lines, rules=[Rule(259, 0, 261, 480)] if ruled else [])) == expected


def test_a_column_goes_on_from_the_nearest_and_not_from_one_that_has_its_next_column() -> None:
    lines = [
        title("题目五个字", 0, 100),
        *column("甲", 0, 160, 10, begins=True),
        *column("乙", 1, 160, 10, ends=True),
        title("另一个题目", PITCH, 100),
        *column("丙", 2, 0, 12),
    ]
    assert headed(page(*lines)) == {("题", "甲", ""), ("另", "乙丙", "")}


def test_a_column_of_another_width_or_far_away_does_not_go_on() -> None:
    first = [title("题目五个字", 0, 100), *column("甲", 0, 160, 10, begins=True, ends=True)]
    apart = {("题", "甲", ""), ("", "乙", "")}
    assert headed(page(*first, *column("乙", 1, 0, 12))) == {("题", "甲乙", "")}
    assert headed(page(*first, *narrow("乙", 1, 0, 12))) == apart
    assert headed(page(*first, *shifted(column("乙", 1, 0, 12), 60))) == apart
    assert headed(page(*first, *column("乙", 1, 0, 5))) == apart  # ends over where the other begins


def test_a_part_continued_from_another_page_goes_on_from_no_column() -> None:
    first = [title("题目五个字", 0, 100), *column("甲", 0, 160, 10, begins=True)]
    part = [at("（上接第一版）", PITCH, 0), *column("乙", 1, LEADING, 11)]
    assert headed(page(*first, *part)) == {("题", "甲", ""), ("", "（", "")}


@pytest.mark.parametrize(
    ("gap", "ends", "begins", "is_one"),
    [
        (2.0, True, False, True),
        (5.0, False, False, True),
        (5.0, True, True, True),
        (5.0, True, False, False),
        (5.0, False, True, False),
    ],
)
def test_text_under_a_wide_gap_goes_on_where_the_sentence_does(
    gap: float, ends: bool, begins: bool, is_one: bool
) -> None:
    lines = [
        title("题目五个字", 0, 0),
        *column("甲", 0, 60, 6, begins=True, ends=ends),
        *column("乙", 0, 80 + 5 * LEADING + gap * EM, 6, begins=begins),
    ]
    assert headed(page(*lines)) == ({("题", "甲乙", "")} if is_one else {("题", "甲", ""), ("", "乙", "")})


@pytest.mark.parametrize(
    ("gap", "ends", "begins", "size", "owner"),
    [
        (5.0, False, False, 20.0, "丙"),
        (5.0, True, True, 20.0, "丙"),
        (5.0, True, False, 20.0, "甲"),
        (5.0, False, True, 20.0, "甲"),
        (3.0, False, True, 20.0, "丙"),  # it has lost a line, more likely
        (5.0, False, False, 22.5, "丙"),
        (5.0, False, False, 23.5, "甲"),  # another size
    ],
)
def test_text_under_text_goes_on_from_it_before_it_goes_on_from_the_left(
    gap: float, ends: bool, begins: bool, size: float, owner: str
) -> None:
    y = 80 + 5 * LEADING + gap * EM
    below = [
        at(line.text[: round(len(line.text) * EM / size)], line.left, line.top, size=size)
        for line in column("乙", 1, y, 6, begins=begins)
    ]
    lines = [
        title("题目五字", 0, 0),
        *column("甲", 0, 60, 16, begins=True),
        title("另题五字", PITCH, 0),
        *column("丙", 1, 60, 6, begins=True, ends=ends),
        *below,
    ]
    expected = {("题", "甲乙", ""), ("另", "丙", "")} if owner == "甲" else {("题", "甲", ""), ("另", "丙乙", "")}
    assert headed(page(*lines)) == expected


def test_a_column_under_its_own_headline_is_not_that_of_a_vertical_one_beside_it() -> None:
    beside = [title("另题五字", 110, 40), *shifted(column("甲", 0, 100, 12, begins=True, ends=True), 110)]
    lines = [upright("竖排的题目在此", 20, 40, size=70), *beside]
    assert headed(page(*lines)) == {("另", "甲", "竖")}
    # Under a headline further up than the vertical one it may be.
    high = [title("另题五字", 110, 0), *shifted(column("乙", 0, 60, 4, begins=True, ends=True), 110)]
    y = 60 + 6 * LEADING
    low = shifted(column("甲", 0, y, 14, begins=True, ends=True), 110)
    assert headed(page(*high, upright("竖排的题目在此", 20, y, size=70), *low)) == {("另", "乙", ""), ("竖", "甲", "")}


@pytest.mark.parametrize(("rows", "is_headed"), [(3, False), (9, True)])
def test_a_column_beside_a_vertical_headline_is_about_as_high(rows: int, is_headed: bool) -> None:
    # Only its last lines are beside the headline.
    top = 400 - (12 - rows) * LEADING
    lines = [
        upright("竖排的题目在此", 20, 400, size=70),
        *shifted(column("甲", 0, top, 12, begins=True, ends=True), 110),
    ]
    assert headed(page(*lines)) == ({("竖", "甲", "")} if is_headed else {("", "甲", "竖")})


def test_text_under_a_ruled_line_belongs_to_no_column_above_it() -> None:
    y = 60 + 6 * LEADING
    lines = [
        title("题目五个字", 0, 0),
        *column("甲", 0, 60, 6, begins=True, ends=True),
        *column("乙", 0, y + 20, 6, begins=True),
    ]
    assert headed(page(*lines)) == {("题", "甲乙", "")}
    assert headed(page(*lines, rules=[Rule(0, y, 240, y + 2)])) == {("题", "甲", ""), ("", "乙", "")}


def test_text_under_text_that_nothing_heads_is_of_its_group() -> None:
    y = 12 * LEADING
    lines = [*column("甲", 0, 0, 12, begins=True), *column("乙", 0, y + 20, 6)]
    assert headed(page(*lines)) == {("", "甲乙", "")}
    assert headed(page(*lines, rules=[Rule(0, y, 240, y + 2)])) == {("", "甲", ""), ("", "乙", "")}


@pytest.mark.parametrize(("y", "is_headed"), [(70, True), (100, False)])
def test_a_ruled_line_right_under_a_headline_is_its_own(y: float, is_headed: bool) -> None:
    lines = [title("题目有九个字那么长", 0, 0), *column("甲", 0, y, 8, begins=True, ends=True)]
    found = headed(page(*lines, rules=[Rule(0, 54, 360, 56)]))
    assert found == ({("题", "甲", "")} if is_headed else {("题", "", ""), ("", "甲", "")})


def test_a_ruled_line_under_a_headline_of_several_columns_lets_nothing_in() -> None:
    # None of the columns is without it; what else is on the page has nothing to do with them.
    lines = [
        title("题目在两栏之上共十二个字", 20, 0),
        *column("甲", 0, 70, 10, begins=True, ends=True),
        *narrow("乙", 1, 70, 8),
        *column("丙", 3, 0, 9, begins=True, ends=True),
    ]
    found = headed(page(*lines, rules=[Rule(0, 54, 520, 56)]))
    assert found == {("题", "甲乙", ""), ("", "丙", "")}


@pytest.mark.parametrize(
    ("ends", "begins", "is_let_in"), [(False, True, True), (True, False, True), (False, False, False)]
)
def test_what_is_let_in_under_a_headline_goes_on_only_in_a_sentence(ends: bool, begins: bool, is_let_in: bool) -> None:
    lines = [
        title("题目在两栏之上共十二个字", 20, 0),
        *column("甲", 0, 60, 10, begins=True, ends=ends),
        *column("乙", 1, 66, 8, begins=begins, ends=True),
    ]
    found = headed(page(*lines, rules=[Rule(PITCH, 52, PITCH + 240, 54)]))
    assert found == ({("题", "甲", ""), ("", "乙", "")} if is_let_in else {("题", "甲乙", "")})


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [(10.0, 30.0, "左"), (30.0, 10.0, "右"), (20.0, 20.0, "右"), (22.0, 26.0, "右"), (20.0, 30.0, "左")],
)
def test_a_vertical_headline_has_the_nearer_column_and_of_two_as_near_the_right(
    left: float, right: float, text: str
) -> None:
    lines = [
        upright("竖排的题目在", 400, 0, size=70),
        *shifted(column("左", 0, 0, 14, begins=True, ends=True), 400 - 240 - left),
        *shifted(column("右", 0, 0, 14, begins=True, ends=True), 470 + right),
    ]
    other = "右" if text == "左" else "左"
    assert headed(page(*lines)) == {("竖", text, ""), ("", other, "")}


def test_a_ruled_line_parts_a_vertical_headline_from_the_nearer_column() -> None:
    lines = [
        upright("竖排的题目在", 400, 0, size=70),
        *shifted(column("左", 0, 0, 14, begins=True, ends=True), 130),
        *shifted(column("右", 0, 0, 14, begins=True, ends=True), 510),
    ]
    assert headed(page(*lines, rules=[Rule(384, 0, 386, 420)])) == {("竖", "右", ""), ("", "左", "")}


@pytest.mark.parametrize("widens", [False, True])
def test_text_that_widens_under_a_vertical_headline_is_its_own(widens: bool) -> None:
    # The column on the other side stands nearer; it begins a line lower, and so not beside the other one.
    under = [at("下" * (17 if widens else 12), 100, row * LEADING) for row in range(9, 15)]
    lines = [
        upright("竖排标", 370, 0, size=80),
        *shifted(column("左", 0, 0, 9, begins=True), 100),
        *under[:-1],
        at("下下下。", 100, 14 * LEADING),
        *shifted(column("右", 0, 20, 14), 460),
    ]
    assert headed(page(*lines)) == {("竖", "左" if widens else "右", ""), ("", "右" if widens else "左", "")}


@pytest.mark.parametrize("on_right", [False, True])
def test_a_vertical_headline_heads_the_columns_in_a_row_beside_it(on_right: bool) -> None:
    columns = [line for n, name in enumerate("甲乙") for line in column(name, n, 0, 12, begins=True, ends=True)]
    head = upright("竖排的题目", -90 if on_right else 540, 0, size=70)
    other = [title("另题", 700 if not on_right else 580, 0), *shifted(column("丙", 0, 60, 9, begins=True), 560)]
    lines = [head, *columns, *(other if on_right else [])]
    assert ("竖", "甲乙", "") in headed(page(*lines))


CAPTION = "▲村民在修水渠。"


@pytest.mark.parametrize(("x", "text"), [(PITCH - 20, "甲"), (PITCH + 20, "乙")])
@pytest.mark.parametrize("ruled", [False, True])
def test_a_caption_is_of_the_text_nearest_to_its_photograph(x: float, text: str, ruled: bool) -> None:
    lines = [
        title("题目五字", 0, 0),
        *column("甲", 0, 60, 16, begins=True, ends=True),
        title("另题五字", 2 * PITCH, 0),
        *column("乙", 2, 60, 16, begins=True, ends=True),
        at(CAPTION, x, 310, size=17),
    ]
    # A line on that side of the photograph turns it over to the other.
    edge = 250 if text == "甲" else 2 * PITCH - 8
    rules = [Rule(edge - 1, 90, edge + 1, 340)] if ruled else []
    other = "乙" if text == "甲" else "甲"
    owner = other if ruled else text
    found = headed(page(*lines, pictures=[Rule(x, 100, x + 240, 300)], rules=rules))
    assert found == {("题", "甲", "▲" if owner == "甲" else ""), ("另", "乙", "▲" if owner == "乙" else "")}


def test_the_photograph_says_where_a_caption_belongs() -> None:
    # The caption alone is nearer to the right column, its photograph to the left one.
    lines = [
        title("题目五字", 0, 0),
        *column("甲", 0, 60, 16, begins=True, ends=True),
        title("另题五字", 2 * PITCH, 0),
        *column("乙", 2, 60, 16, begins=True, ends=True),
        at(CAPTION, PITCH + 100, 310, size=17),
    ]
    picture = Rule(250, 100, PITCH + 220, 300)
    assert ("题", "甲", "▲") in headed(page(*lines, pictures=[picture]))
    assert ("另", "乙", "▲") in headed(page(*lines))


def test_a_photograph_between_two_articles_belongs_to_the_upper_unless_a_line_parts_them() -> None:
    y = 60 + 4 * LEADING
    lines = [
        title("上面题目", 0, 0),
        *column("甲", 0, 60, 4, begins=True, ends=True),
        at(CAPTION, 0, y + 200, size=17),
        title("下面题目", 0, y + 230),
        *column("乙", 0, y + 290, 6, begins=True, ends=True),
    ]
    picture = Rule(0, y + 40, 240, y + 190)
    assert headed(page(*lines, pictures=[picture])) == {("上", "甲", "▲"), ("下", "乙", "")}
    rule = Rule(0, y + 10, 240, y + 12)
    assert headed(page(*lines, pictures=[picture], rules=[rule])) == {("上", "甲", ""), ("下", "乙", "▲")}


def test_a_caption_alone_on_a_page_is_a_group() -> None:
    assert headed(page(at(CAPTION, 0, 110, size=17), pictures=[Rule(0, 0, 240, 100)])) == {("", "", "▲")}


@pytest.mark.parametrize(
    ("text", "is_headline"), [("独眼", False), ("独眼看天下大事", False), ("独眼看天下大事今日新闻", True)]
)
def test_a_few_large_characters_that_head_nothing_are_a_caption(text: str, is_headline: bool) -> None:
    lines = [title("题目五字", 0, 100), *column("甲", 0, 160, 16, begins=True, ends=True), title(text, 400, 700)]
    expected = {("题", "甲", ""), ("独", "", "")} if is_headline else {("题", "甲", "独")}
    assert headed(page(*lines)) == expected


def test_a_caption_is_never_of_the_line_over_the_page() -> None:
    lines = [
        at("06", 0, 0),
        at("2026年6月24日", 300, 0),
        at(CAPTION, 400, 60, size=17),
        title("题目五字", 0, 160),
        *column("甲", 0, 220, 20, begins=True, ends=True),
    ]
    found = headed(page(*lines, pictures=[Rule(400, 30, 640, 55)]))
    assert found == {("", "02", ""), ("题", "甲", "▲")}
