"""Rows of articles: counted as one would by hand, apart from one another, no more read than is needed."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.genres.form import column_bucket, describe_forms, form_buckets
from classifier.genres.tfidf import (
    COLUMN_WEIGHT,
    FORM_WEIGHT,
    GENRE_BITS,
    HEADLINE_MARK,
    HEADLINE_WEIGHT,
    LEAD,
    LEAD_MARK,
    LONGEST,
    TAIL,
    TAIL_MARK,
    Rows,
)
from classifier.text.paragraphs import codepoints
from classifier.text.tokens import buckets, hash_ngrams, hash_words, make_cutter, mix
from tests.genre_rows import SIZE, offsets, rows_of


def row(rows: Rows, index: int) -> dict[int, float]:
    part = slice(rows.pointers[index], rows.pointers[index + 1])
    return dict(zip(rows.columns[part].tolist(), rows.values[part].tolist(), strict=True))


def word_bucket(word: str) -> int:
    hashed = hash_words(codepoints(word), offsets(0), offsets(len(word)))
    return int(buckets(mix(hashed), GENRE_BITS)[0])


def gram_bucket(gram: str) -> int:
    return int(buckets(hash_ngrams(codepoints(gram), len(gram)), GENRE_BITS)[0])


def occurrences(text: str) -> list[tuple[int, int]]:
    """Return offset and bucket of the features of a normalised text, found the slow way: words, characters, pairs."""
    found, at = [], 0
    for word in make_cutter().cut(text):
        if any(char.isalnum() for char in word):
            found.append((at, word_bucket(word)))
        at += len(word)
    for at, char in enumerate(text):
        if not char.isspace():
            found.append((at, gram_bucket(char)))
            if at + 1 < len(text) and not text[at + 1].isspace():
                found.append((at, gram_bucket(text[at : at + 2])))
    return found


def expected_row(text: str, head: int = 0) -> dict[int, float]:
    """Return the row of a normalised text whose first ``head`` characters are its headline."""
    counts: Counter[int] = Counter()
    for at, bucket in occurrences(text):
        counts[bucket] += HEADLINE_WEIGHT if at < head else 1
        counts[bucket ^ HEADLINE_MARK] += at < head
        counts[bucket ^ LEAD_MARK] += head <= at < head + LEAD
        counts[bucket ^ TAIL_MARK] += at >= max(head, len(text) - TAIL)
    values = {bucket: 1 + math.log(number) for bucket, number in counts.items() if number}
    length = math.sqrt(sum(value * value for value in values.values()))
    forms = describe_forms(codepoints(text), offsets(0), offsets(len(text)), offsets(head))
    for bucket in form_buckets(forms, GENRE_BITS)[0].tolist():
        values[bucket] = values.get(bucket, 0.0) + FORM_WEIGHT * length
    column = column_bucket(codepoints(text[:head]), GENRE_BITS)
    if column is not None:
        values[column] = values.get(column, 0.0) + COLUMN_WEIGHT * length
    return values


TEXT = "深化改革开放\n全市经济社会发展取得新成效,经济总量再上台阶。\n经济 100亿元"


def test_a_row_counts_words_characters_pairs_and_forms() -> None:
    found = rows_of(TEXT, (0, len(TEXT), 0))
    assert row(found, 0) == pytest.approx(expected_row(TEXT), rel=1e-6)
    assert [found.columns.dtype, found.values.dtype, found.pointers.dtype] == ["int64", "float32", "int64"]


def test_headline_lead_and_end_count_once_more_as_such() -> None:
    text = f"{TEXT.replace(chr(10), '(人民时评)' + chr(10), 1)}\n{'经济总量再上台阶。' * 20}\n(作者为研究员)"
    head = text.index("\n")
    assert HEADLINE_WEIGHT > 1
    assert len(text) > head + LEAD + TAIL
    assert row(rows_of(text, (0, len(text), head)), 0) == pytest.approx(expected_row(text, head), rel=1e-6)


def test_articles_are_counted_apart() -> None:
    texts = [TEXT, "足球联赛周末开战\n主队二比一取胜。", "楼盘盛大开放"]
    whole = "\n\n".join(texts)
    spans, at = [], 0
    for text in texts:
        spans.append((at, at + len(text), at + max(text.find("\n"), 0)))
        at += len(text) + 2
    together = rows_of(whole, *spans)
    assert together.pointers.tolist()[0] == 0
    for index, text in enumerate(texts):
        alone = rows_of(text, (0, len(text), max(text.find("\n"), 0)))
        assert row(together, index) == row(alone, 0)


def test_what_lies_outside_the_articles_is_not_counted() -> None:
    whole = "页眉页眉\n" + TEXT + "\n页脚页脚"
    assert row(rows_of(whole, (5, 5 + len(TEXT), 5)), 0) == row(rows_of(TEXT, (0, len(TEXT), 0)), 0)


def test_columns_ascend_within_a_row_and_pointers_count_them() -> None:
    found = rows_of(TEXT, (0, 6, 0), (7, len(TEXT), 7))
    assert found.pointers.tolist() == [0, found.pointers[1], len(found.columns)]
    for index in range(2):
        part = found.columns[found.pointers[index] : found.pointers[index + 1]]
        assert (np.diff(part) > 0).all()
        assert part.min() >= 0
        assert part.max() < SIZE


def test_no_article_has_no_row_and_an_empty_one_an_empty_row() -> None:
    for text in ("", "\n", TEXT):
        none = rows_of(text)
        assert (none.pointers.tolist(), len(none.columns)) == ([0], 0)
        empty = rows_of(text, (0, 0, 0))
        assert (empty.pointers.tolist(), len(empty.columns)) == ([0, 0], 0)
    blank = rows_of(" \u3000\n ", (0, 4, 0))
    assert blank.pointers.tolist() == [0, 0]


def test_only_the_beginning_of_a_very_long_article_is_read() -> None:
    text = "经济" * (LONGEST // 2) + "足球" * 50
    found = row(rows_of(text, (0, len(text), 0)), 0)
    assert gram_bucket("经济") in found
    assert gram_bucket("足球") not in found


@given(
    st.lists(st.text("中国足球经济，。 \u3000ab12\U00020000", min_size=1, max_size=30), min_size=1, max_size=6),
    st.data(),
)
@settings(deadline=None)
def test_rows_of_any_articles_are_those_of_each_alone(parts: list[str], data: st.DataObject) -> None:
    spans, at = [], 0
    for part in parts:
        head = data.draw(st.integers(0, len(part)))
        spans.append((at, at + len(part), at + head))
        at += len(part) + 1
    together = rows_of("\n".join(parts), *spans)
    for index, (part, (start, _, head)) in enumerate(zip(parts, spans, strict=True)):
        assert row(together, index) == row(rows_of(part, (0, len(part), head - start)), 0)
