"""Names of files are safe everywhere."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from classifier.rendering.filename import NAME_BYTES, file_name

HIDDEN_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Cs"}
ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Cs"]))


@given(ANY_TEXT)
@example("a/../../etc/passwd")
@example("C:\\Windows\\x")
@example("CON")
@example("lpt1.tar")
@example("... ")
@example("标" * 300)
def test_file_names_are_safe_everywhere(stem: str) -> None:
    name = file_name(stem)
    assert len(name.encode()) <= NAME_BYTES
    assert not set(name) & set('<>:"/\\|?*')
    assert not {unicodedata.category(char) for char in name} & HIDDEN_CATEGORIES
    assert name.endswith(".txt")
    base = name.removesuffix(".txt")
    assert base
    assert base.strip(". ") == base
    reserved = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
    assert base.split(".")[0].lower() not in reserved
