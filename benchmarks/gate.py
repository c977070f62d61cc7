"""Floors under the quality of the shipped model: a score for each track that it must not fall below.

``floors.json`` holds the article-exact F1 of each track on a fixed sample, and the digest of that sample, so that an
edited corpus, builder or seed trips the gate instead of moving the floor unseen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.tracks import GoldPage
from classifier.atomic import write_atomically

SAMPLE = 40
"""Pages of each track in the fixed sample: with the shipped model, well under three minutes in all."""

EPSILON = 0.02
"""How far a score may be under its floor.

Same pages, same model, same arithmetic give the same score, so this is only for other arithmetic: another NumPy or
processor may turn a gap whose probability is at the threshold. A boundary missed merges two articles that were right;
of 40 pages that moves F1 by 0.003 where a page has eleven articles (shorts), by 0.006 where it has six (clean)
and by 0.013 where it has three (mixed). So one turned boundary passes on every track but ``seed``, whose page must stay
as right as it is, and six pass on none.
"""


@dataclass(frozen=True, slots=True)
class Floors:
    """What ``floors.json`` says."""

    scores: Mapping[str, float] = field(default_factory=dict)
    """Article-exact F1 by track."""
    digest: str = ""
    """SHA-256 of the sample, see :func:`sample_digest`."""

    @classmethod
    def read(cls, path: Path) -> Floors:
        """Read the floors; none where there is no file."""
        if not path.exists():
            return cls()
        stored = json.loads(path.read_bytes())
        return cls(stored["scores"], stored["sample"])

    def write(self, path: Path) -> None:
        """Write the floors, the file whole or not at all."""
        text = json.dumps({"sample": self.digest, "scores": dict(self.scores)}, indent=2, ensure_ascii=False) + "\n"
        write_atomically(path, text.encode())

    def failures(self, scores: Mapping[str, float], *, digest: str) -> list[str]:
        """Return why a set of scores does not pass, one line a reason; none when it passes."""
        failed = [
            f"{track}: article-exact F1 {scores[track]:.4f} is under its floor {floor:.4f} by more than {EPSILON}"
            for track, floor in self.scores.items()
            if track in scores and scores[track] < floor - EPSILON
        ]
        missing = [track for track in self.scores if track not in scores]
        if missing:
            failed.append(f"not measured: {', '.join(missing)}")
        if digest != self.digest:
            failed.append("the sample is not the one the floors were measured on; check why, then use --update")
        return failed

    def raised(self, scores: Mapping[str, float], *, digest: str, allow_regression: bool) -> tuple[Floors, list[str]]:
        """Return the floors after an update, and the tracks whose floor it would lower.

        Without ``allow_regression`` a floor that would be lowered stays where it is.
        """
        lowered = [track for track, floor in self.scores.items() if round(scores.get(track, 0.0), 4) < floor]
        kept = {} if allow_regression else {track: self.scores[track] for track in lowered}
        return Floors({**{track: round(score, 4) for track, score in scores.items()}, **kept}, digest), lowered


def sample_digest(pages: Mapping[str, Sequence[GoldPage]]) -> str:
    """Return the SHA-256 of the texts and ends of a sample, in hexadecimal."""
    digest = hashlib.sha256()
    for track in sorted(pages):
        for page in pages[track]:
            digest.update(json.dumps([track, page.key, page.text, page.ends], ensure_ascii=True).encode())
    return digest.hexdigest()
