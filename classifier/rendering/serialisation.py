"""Results as JSON objects: what ``--format json`` and ``jsonl`` and ``--json`` promise, keys in their order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from classifier.document import Article, PageResult
from classifier.rendering.escaping import HIDDEN

if TYPE_CHECKING:
    from classifier.explain import Reason, Term
    from classifier.scan import PlacedText
    from classifier.story import Story


def page_object(result: PageResult) -> dict[str, object]:
    """Return a result as the JSON contract has it, keys in their order (``docs/design.md``)."""
    head: dict[str, object] = {"path": result.path}
    if result.id is not None:
        head["id"] = result.id
    if result.failure is not None:
        return head | {"error": {"code": result.failure.code, "message": result.failure.message}}
    head |= {"encoding": result.encoding, "model": result.model}
    tail = {} if result.scan is None else {"scan": scan_object(result.scan)}
    if result.label is not None:
        label = result.label
        return head | {"genre": label.genre, "score": rounded(label.score), "top": _pairs(label.top)} | tail
    return head | {"articles": [article_object(article) for article in result.articles]} | tail


def scan_object(scan: PlacedText) -> dict[str, object]:
    """Return what JSON says of a scanned page: what it was read from, its size, and the text that offsets index."""
    page = scan.page
    return {
        "page": page.number,
        "width": round(page.width),
        "height": round(page.height),
        "rotation": page.rotation,
        "source": page.source,
        "text": scan.text,
    }


def scan_text(entry: dict[str, Any]) -> str | None:
    """Return the text that the offsets of a result index, where the result holds it: that of a scan.

    ``None`` for the result of a text file. Raises :class:`ValueError` if it should be there and is not.
    """
    if (scan := entry.get("scan")) is None:
        return None
    text = scan.get("text") if isinstance(scan, dict) else None
    if not isinstance(text, str):
        raise ValueError("a scan without its text; keep the key scan as split --format jsonl wrote it")
    return text


def article_object(article: Article) -> dict[str, object]:
    """Return one article as the JSON contract has it, keys in their order; ``regions`` of scans only."""
    facts: dict[str, object] = {
        "start": article.start,
        "end": article.end,
        "first_line": article.first_line,
        "last_line": article.last_line,
        "title": article.title,
        "genre": article.genre,
        "score": rounded(article.score),
        "top": _pairs(article.top),
        "boundary_score": rounded(article.boundary_score),
        "continued_from": article.continued_from,
        "continued_on": article.continued_on,
    }
    if article.regions:
        facts["regions"] = [
            {"page": region.page, "polygon": [[round(x), round(y)] for x, y in region.polygon]}
            for region in article.regions
        ]
    return facts


def rounded(score: float) -> float:
    """Return a score to four decimals: more are not known, and the last bits differ from machine to machine."""
    return round(float(score), 4)


def _pairs(top: Iterable[tuple[str, float]]) -> list[list[object]]:
    return [[genre, rounded(score)] for genre, score in top]


def json_line(value: object) -> str:
    """Return ``value`` as one line of JSON: Chinese as it is, hidden characters and lone surrogates escaped."""
    return HIDDEN.sub(_json_escape, json.dumps(value, ensure_ascii=False))


def _json_escape(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1] if ord(match.group()) != 0x7F else "\\u007f"


def story_object(issue: str, story: Story) -> dict[str, object]:
    """Return a story as the JSON contract has it, keys in their order (``docs/stories.md``)."""
    parts = []
    for part, join in zip(story.parts, (None, *story.joins), strict=True):
        article = part.article
        parts.append(
            {
                "path": part.path,
                "page": part.page,
                "start": article.start,
                "end": article.end,
                "first_line": article.first_line,
                "last_line": article.last_line,
                "title": article.title,
                "score": None if join is None else rounded(join.score),
                "by": None if join is None else join.by,
            }
        )
    return {"story": story.id, "issue": issue, "title": story.title, "genre": story.genre, "parts": parts}


def reason_object(reason: Reason) -> dict[str, object]:
    """Return one explained article as JSON has it: what ``split`` says of it, then the terms."""
    return article_object(reason.article) | {
        "runner_up": reason.runner_up or None,
        "for": _term_pairs(reason.speaks_for),
        "against": _term_pairs(reason.speaks_against),
        "jump_line": reason.jump,
        "boundary_cues": _term_pairs(reason.cues),
        "boundary_context": _term_pairs(reason.context),
    }


def _term_pairs(terms: Iterable[Term]) -> list[list[object]]:
    return [[term.name, rounded(term.weight)] for term in terms]
