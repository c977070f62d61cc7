"""The form of an article: what it is told by, and what it does not depend on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.genres import form
from classifier.genres.form import NAMES, column_bucket, column_name, describe_forms, form_buckets, labels
from classifier.text.paragraphs import codepoints
from classifier.text.tokens import normalise, normalise_text

NOTICE = "关于停水的公告\n各位居民：因管道检修，明日停水。咨询电话：12345678。"
COMMENT = "别让好事难办（人民时评）\n我们为什么要改？因为群众需要！“好用才是真好。”必须把事办好。（作者为本报评论员）"


def forms_of(text: str, head: int = 0) -> dict[str, int]:
    at = [np.array([value], dtype=np.int64) for value in (0, len(text), head)]
    return dict(zip(NAMES, describe_forms(normalise(codepoints(text)), *at)[0].tolist(), strict=True))


def column_of(title: str) -> str | None:
    name = column_name(normalise(codepoints(title)))
    return None if name is None else "".join(map(chr, name))


def test_cues_are_found_where_they_stand() -> None:
    notice, comment = forms_of(NOTICE, NOTICE.index("\n")), forms_of(COMMENT, COMMENT.index("\n"))
    assert notice["text has a way to call"] == 1
    assert notice["question marks / 1000 characters"] == 0
    assert comment["text has a way to call"] == 0
    assert comment["end names the author"] == 1
    for mark in ("question marks", "exclamation marks", "quotation marks", "we", "must"):
        assert comment[f"{mark} / 1000 characters"] > 0, mark
    assert comment["headline length"] > 0
    assert forms_of(NOTICE)["headline length"] == 0


def test_cues_of_the_end_do_not_count_at_the_head() -> None:
    text = "作者近日来到乡村。" + "田里的庄稼长得很好。" * 20
    found = forms_of(text)
    assert (found["head names a recent day"], found["end names the author"]) == (1, 0)


def test_line_ends_are_no_matter_of_form() -> None:
    body = COMMENT.replace("\n", "")
    wrapped = "\n".join(body[at : at + 9] for at in range(0, len(body), 9))
    assert forms_of(wrapped) == forms_of(body)


@given(st.text("中国？！“”，。我们1a \n", max_size=80), st.integers(0, 80))
@settings(deadline=None)
def test_every_category_has_a_name_and_a_bucket(text: str, head: int) -> None:
    at = [np.array([value], dtype=np.int64) for value in (0, len(text), min(head, len(text)))]
    forms = describe_forms(normalise(codepoints(text)), *at)
    assert forms.shape == (1, len(NAMES))
    said = labels(forms[0])
    assert all(name in line for name, line in zip(NAMES, said, strict=True))
    buckets = form_buckets(forms, 17)
    assert ((buckets >= 0) & (buckets < 1 << 17)).all()


def test_categories_have_buckets_of_their_own() -> None:
    keys = np.stack([np.full(len(NAMES), value) for value in range(14)])
    assert len(np.unique(form_buckets(keys, 30))) == keys.size


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("别让好事难办（人民时评）", "人民时评"),
        ("菜场会“呼吸”（美丽中国·身边的绿色故事）", "美丽中国"),
        ("好事 (短 评) ", "短评"),
        ("没有栏目", None),
        ("（上）", None),
        ("一个（不在末尾）的括号", None),
        ("没有开头）", None),
        ("", None),
    ],
)
def test_the_column_is_the_bracket_at_the_end_of_a_headline(title: str, column: str | None) -> None:
    assert column_of(title) == column


def test_columns_differ_and_a_column_is_itself() -> None:
    codes = [normalise(codepoints(title)) for title in ("甲（短评）", "乙(短评)", "甲（时评）", "甲")]
    one, same, other, none = (column_bucket(code, 17) for code in codes)
    assert one == same != other
    assert none is None
    assert normalise_text("（") == "("


def test_a_cue_that_is_counted_is_characters_or_pairs_but_not_both() -> None:
    for words in form._RATES.values():
        assert len({len(word) for word in words.split()}) == 1, words


def test_articles_of_one_text_have_the_forms_they_have_alone() -> None:
    texts = ["题目：问？\n我们必须做好。\n“好！”\n", "　", "记者近日在现场看到，必须", "须做好第一\n二（作者：某"]
    heads = np.array([6, 0, 0, 5])
    ends = np.cumsum([len(text) for text in texts])
    starts = ends - np.array([len(text) for text in texts])
    together = describe_forms(normalise(codepoints("".join(texts))), starts, ends, starts + heads)
    for text, head, found in zip(texts, heads, together, strict=True):
        at = (np.array([0]), np.array([len(text)]), np.array([int(head)]))
        assert np.array_equal(found, describe_forms(normalise(codepoints(text)), *at)[0])
