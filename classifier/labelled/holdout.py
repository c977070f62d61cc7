"""Which texts are held out: chosen by what they say, twins together."""

from __future__ import annotations

from collections.abc import Sequence

from classifier.labelled.duplicates import groups

HELD_OUT = 5
"""One text in so many is held out."""


def hold_out(texts: Sequence[str], kinds: Sequence[str], *, seed: int = 0) -> list[bool]:
    """Tell which texts to hold out: of each kind every fifth, in the order of their fingerprints, twins together.

    The choice depends on what the texts say and not on their names, so that it stays when others are added or moved,
    as far as it can; another ``seed`` holds out others.
    """
    group = groups(texts)
    kind_of: dict[int, str] = {}
    for number, kind in zip(group, kinds, strict=True):
        kind_of.setdefault(number, kind)
    out: set[int] = set()
    for kind in sorted(set(kind_of.values())):
        members = sorted(number for number, own in kind_of.items() if own == kind)
        out.update(members[(HELD_OUT // 2 + seed) % HELD_OUT :: HELD_OUT])
    return [number in out for number in group]
