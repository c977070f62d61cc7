"""Content words of a line, for the methods that compare words."""

from __future__ import annotations

import rjieba

_STOP = (
    "的 了 和 是 在 有 不 我 他 她 它 我们 他们 她们 你 这 那 这个 那个 也 就 都 而 及 与 或 等 对 为 被 把 "
    "从 到 向 以 于 之 其 将 要 会 能 可 可以 并 并且 但 但是 因 因为 所以 如果 还 更 最 很 已 已经 又 再 让 "
    "使 由 给 上 下 中 里 后 前 时 年 月 日 个 位 名 一 一个 二 两 三 说 表示 介绍 记者 本报 新华社 电"
)
STOP_WORDS = frozenset(_STOP.split())
"""Function words, numerals, measure words and words of reporting, which occur in any text."""


def content_words(line: str) -> list[str]:
    """Return the words of a line without punctuation and :data:`STOP_WORDS`."""
    return [word for word in rjieba.cut(line) if word not in STOP_WORDS and any(char.isalnum() for char in word)]
