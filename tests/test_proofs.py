"""Set pages as a recogniser hands them over."""

from __future__ import annotations

from benchmarks.proofs import CLEAN, match, proof
from tests.printing import sheet


def test_a_clean_proof_is_matched_line_by_line() -> None:
    known = proof(sheet(2), seed=3, damage=CLEAN)
    assert match(sheet(2), known.page).prints == known.prints
    assert len(known.page.lines) == len(sheet(2).prints)
