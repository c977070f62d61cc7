"""Articles: what is their headline, where they begin and end, where they are continued."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classifier.article import Segmentation, build_articles, find_top_index, label_texts, segment_rows
from classifier.composing.compose import Composed, compose_page
from classifier.composing.manuscript import Manuscript
from classifier.composing.style import Style
from classifier.document import Article, Page
from classifier.model import Model
from classifier.page.bundle import Bundle
from classifier.page.jumps import find_jumps
from classifier.text.paragraphs import BLANK, codepoints, split_paragraphs
from classifier.text.tokens import make_cutter, tokenise
from tests.wrapping import wrapped

BODY = "本报讯 桥北街道社区食堂昨天开张，首日来了八十位老人，十元钱两荤一素，米饭管够。"
MORE = "街道负责人说，食堂由三家单位合办，午餐和晚餐都有，行动不便的老人可以送餐上门。"


CUTTER = make_cutter()


def page_of(text: str) -> Page:
    return Page(text, split_paragraphs(text))


def cut(text: str, model: Model, ends: list[int]) -> tuple[Article, ...]:
    """Make articles of a page that is cut at ``ends``."""
    page = page_of(text)
    proba = np.full(max(len(page.paragraphs) - 1, 0), 0.25, dtype=np.float32)
    cut = Segmentation(page, ends, find_jumps(page), proba)
    return build_articles([cut], tokenise(text, model.cutter), genre=model.genre)[0]


@pytest.mark.parametrize(("width", "least"), [(0, 0.95), (18, 0.9)])
def test_most_headlines_of_composed_pages_are_found(width: int, least: float, stories: list[Manuscript]) -> None:
    style = Style(captions=0.0, wrap=(width,) if width else (), indent="\u3000\u3000")
    right = total = 0
    for seed in range(30):
        rng = random.Random(seed)
        page = compose_page(rng.sample(stories, 4), style, rng)
        (titles,) = segment_rows([Segmentation(page_of(page.text), page.ends, {})], tokenise(page.text, CUTTER))[1]
        lines = page.text.splitlines()
        for first, title in zip((0, *page.ends), titles, strict=False):
            total += 1
            # Whether the rest of a story's first lines are its headline too is a matter of taste; the first is.
            right += "".join(title.split()).startswith("".join(lines[first].split()))
    assert right / total > least


@pytest.mark.parametrize(("width", "most"), [(0, 0.2), (18, 0.25)])
def test_few_articles_without_a_headline_are_given_one(width: int, most: float, stories: list[Manuscript]) -> None:
    style = Style(headline=0.0, captions=0.0, wrap=(width,) if width else (), indent="\u3000\u3000")
    wrong = total = 0
    for seed in range(30):
        rng = random.Random(seed)
        page = compose_page(rng.sample(stories, 4), style, rng)
        (titles,) = segment_rows([Segmentation(page_of(page.text), page.ends, {})], tokenise(page.text, CUTTER))[1]
        total += len(titles)
        wrong += sum(map(bool, titles))
    assert wrong / total < most


# --- Articles ---------------------------------------------------------------------------------------------------------

LINES = (
    "",
    "  社区食堂开张",
    "本报记者 王一",
    BODY,
    "",
    "",
    "（上接第1版）",
    "",
    MORE,
    f"{BODY}（下转5版）",
    "早春",
    "——江畔小记",
    BODY,
    MORE,
    "",
)
PAGE = "\n".join(LINES)


def test_articles_are_what_the_page_says(model: Model) -> None:
    one, other, third = cut(PAGE, model, [3, 6, 10])
    assert (one.title, one.first_line, one.last_line) == ("社区食堂开张", 2, 4)
    assert PAGE[one.start : one.end] == f"社区食堂开张\n本报记者 王一\n{BODY}"
    assert (one.continued_from, one.continued_on, one.boundary_score) == (None, None, 1.0)
    assert (other.title, other.first_line, other.last_line) == ("", 7, 10)
    assert (other.continued_from, other.continued_on, other.boundary_score) == ("1", "5", 0.25)
    assert PAGE[other.start : other.end].startswith("（上接第1版）")
    assert (third.title, third.first_line, third.last_line) == ("早春", 11, 14)
    assert PAGE[third.end :] == "\n"


def test_a_headline_over_or_under_the_jump_line_is_the_title(model: Model) -> None:
    for lines in (("社区食堂开张", "（上接第1版）"), ("（上接第1版）", "社区食堂开张")):
        (article,) = cut("\n".join([*lines, BODY, MORE]), model, [4])
        assert (article.title, article.continued_from) == ("社区食堂开张", "1")


@pytest.mark.parametrize(
    "text",
    [
        f"（上接第1版）{BODY}\n{MORE}",
        f"（上接第1版）\n{BODY}\n{MORE}",
        "（上接第1版）",
        "（上接第1版）\n社区食堂",
        "（上接第1版）\n（上接第1版）\n社区食堂\n开张",
    ],
)
def test_a_continued_part_has_no_title_of_its_own(text: str, model: Model) -> None:
    (article,) = cut(text, model, [len(split_paragraphs(text))])
    assert (article.title, article.continued_from) == ("", "1")


def test_a_paragraph_continued_on_both_sides(model: Model) -> None:
    (article,) = cut(f"（上接第1版）{BODY}（下转5版）", model, [1])
    assert (article.continued_from, article.continued_on) == ("1", "5")


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_list_of_contents_under_the_masthead_is_not_the_lead(gap: str, model: Model) -> None:
    index = "江北日报　2010年10月13日　星期三\n今日导读\n夏粮丰收在望　02版\n一条老街的早晨　05版"
    articles = model.split(f"{index}{gap}社区食堂开张 老人吃上热饭\n{BODY}\n{MORE}\n")
    assert [(article.first_line, article.title) for article in articles] == [
        (1, "今日导读"),
        (4 + len(gap), "社区食堂开张 老人吃上热饭"),
    ]
    assert find_top_index(page_of(f"{index}{gap}社区食堂开张 老人吃上热饭\n{BODY}"), 1) == 4
    # Who edited the page is said under such a list, and belongs to it.
    assert find_top_index(page_of(f"{index}{gap}责任编辑 王一二\n社区食堂开张 老人吃上热饭\n{BODY}"), 1) == 0


def test_white_space_in_a_title_is_plain(model: Model) -> None:
    (article,) = cut(f"社区食堂\u3000\u3000开张\t啦\n{BODY}\n{MORE}", model, [3])
    assert article.title == "社区食堂 开张 啦"


def test_a_page_wrapped_in_columns(model: Model) -> None:
    first = wrapped("社区食堂开张，老人吃上热饭，十元钱两荤一素", BODY, MORE, BODY)
    other = wrapped(MORE, BODY, MORE)
    text = "\n".join([*first, *other])
    one, two = cut(text, model, [len(first), len(first) + len(other)])
    assert one.title == "社区食堂开张，老人吃上热饭，十元钱两荤一素"
    assert two.title == ""
    assert text[one.start : one.end] == "\n".join(first)
    assert text[two.start : two.end] == "\n".join(other).strip()


def ink_of(text: str) -> str:
    """Return the characters of ``text`` that are not blank."""
    return "".join(char for char in text if not BLANK[min(ord(char), 0xFFFF)])


def check(text: str, articles: tuple[Article, ...]) -> None:
    """Check what must hold of the articles of any page."""
    lines = text.splitlines()
    covered = np.zeros(len(text), dtype=int)
    last_end, last_line = 0, 0
    for number, article in enumerate(articles):
        assert last_end <= article.start < article.end <= len(text)
        assert last_line < article.first_line <= article.last_line <= len(lines)
        covered[article.start : article.end] += 1
        # The ends are ink, and the lines are those that hold them.
        ink = ~BLANK.take(codepoints(text[article.start : article.end]), mode="clip")
        assert ink[0]
        assert ink[-1]
        assert text[: article.start + 1].splitlines()[article.first_line - 1 :] != []
        assert len(text[: article.start + 1].splitlines()) == article.first_line
        assert len(text[: article.end].splitlines()) == article.last_line
        assert (article.boundary_score == 1.0) or number
        assert 0 <= article.boundary_score <= 1
        assert 0 < article.score <= 1
        assert article.score == pytest.approx(article.top[0][1])
        assert ink_of(article.title) in ink_of(text[article.start : article.end])
        assert article.title == " ".join(article.title.split())
        last_end, last_line = article.end, article.last_line
    blank = BLANK.take(codepoints(text), mode="clip")
    assert (covered[~blank] == 1).all()
    assert covered.max(initial=0) <= 1


newsy = st.lists(
    st.text("中国记者，。：（）— \u3000\u200b12", max_size=60)
    | st.sampled_from(
        ["（上接第1版）", f"（上接2版）{BODY}", f"{BODY}（下转3版）", "（下转4版）", "社区食堂开张", BODY, ""]
    ),
    max_size=30,
).flatmap(lambda lines: st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\n\n"]).map(lambda end: end.join(lines)))


@given(newsy | st.text(st.characters(exclude_categories=()), max_size=300))
@settings(deadline=None, max_examples=200)
@example("")
@example("\n\n")
@example("一")
@example("\u200b一\u200b\n\x1c二")
@example("\r\n一\r\n\r\n二\r\r\n三")
@example("\ud800\n\udfff")
@example("（上接第1版）")
@example("（下转第1版）\n（上接第1版）\n（下转第1版）")
def test_articles_tile_every_page(small: Model, text: str) -> None:
    articles = small.split(text)
    check(text, articles)
    assert len(articles) == len(small.split_ends(text))
    if not split_paragraphs(text):
        assert articles == ()


@given(newsy, st.data())
@settings(deadline=None)
def test_articles_tile_every_page_however_it_is_cut(small: Model, text: str, data: st.DataObject) -> None:
    n = len(split_paragraphs(text))
    if n:
        inner = data.draw(st.sets(st.integers(1, n), max_size=6))
        ends = sorted(inner | {n})
        articles = cut(text, small, ends)
        assert len(articles) == len(ends)
        check(text, articles)


@pytest.fixture(scope="module", name="small")
def _small(model: Model) -> Model:
    return model


def test_pages_of_every_kind_are_tiled(model: Model, composed: list[Composed]) -> None:
    for page in composed:
        check(page.text, model.split(page.text))


# --- Labels -----------------------------------------------------------------------------------------------------------


def test_a_text_has_the_label_of_its_one_article(model: Model) -> None:
    text = f"社区食堂开张\n{BODY}\n{MORE}"
    (article,) = cut(text, model, [3])
    (label,) = label_texts(Bundle.of([text], model.cutter), genre=model.genre)
    assert (label.genre, label.score, label.top) == (article.genre, article.score, article.top)


def test_the_headline_weighs_in_the_label(model: Model) -> None:
    page = page_of(f"足球联赛\n{BODY}\n{MORE}")
    tokens = tokenise(page.text, model.cutter)
    rows, ((title,),) = segment_rows([Segmentation(page, [3], {})], tokens)
    assert title == "足球联赛"
    plain = page_of(f"足球联赛。\n{BODY}\n{MORE}")
    other, ((title,),) = segment_rows([Segmentation(plain, [3], {})], tokenise(plain.text, model.cutter))
    assert title == ""
    assert rows.values.sum() > other.values.sum()


def test_genre_options_reach_the_articles(model: Model) -> None:
    page = page_of(PAGE)
    tokens = tokenise(PAGE, model.cutter)
    cut = Segmentation(page, [10], {})
    for top_k in (0, 1, 5):
        ((article,),) = build_articles([cut], tokens, genre=model.genre, threshold=1.1, top_k=top_k)
        assert article.genre == "unknown"
        assert len(article.top) == top_k
    known = replace(model.genre, threshold=0.0)
    assert build_articles([cut], tokens, genre=known)[0][0].genre in model.genres


def test_boundaries_that_are_given_are_certain(model: Model) -> None:
    page = page_of(f"{BODY}\n{MORE}")
    tokens = tokenise(page.text, model.cutter)
    found = np.array([0.25], dtype=np.float32)
    for proba, score in ((None, 1.0), (found, 0.25)):
        (articles,) = build_articles([Segmentation(page, [1, 2], {}, proba)], tokens, genre=model.genre)
        assert [article.boundary_score for article in articles] == [1.0, score]
