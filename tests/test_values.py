"""What is given for options becomes the values that Typer itself would make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from classifier.commands import values
from classifier.commands.options import Session
from classifier.commands.program import VERBS, program
from classifier.rendering.render import Format
from classifier.scans.scanfile import Ocr

LINES = [
    ["split"],
    ["split", "page.txt"],
    ["split", "a.txt", "-", "二.txt", "-o", "out", "--format", "jsonl", "--ocr", "never", "--threshold", "0.5"],
    ["split", "--glob", "*.jpg", "-m", "mine", "-j", "0", "--top-k", "5", "--stitch", "-q", "-v", "--encoding", "big5"],
    ["classify", "--format", "tsv", "--jsonl-text", "body", "--force", "x.jsonl"],
    ["train", "-o", "mine", "--rename", "a=b", "--rename", "c=d", "--drop", "e", "--seed", "3"],
    ["stitch", "out", "--format", "jsonl"],
    ["evaluate", "--plot", "pics", "test"],
    ["explain", "--top", "20", "page.txt"],
    ["check", "-q"],
    ["info", "--json"],
]


def read(words: list[str]) -> dict[str, Any]:
    command = program(words).commands[words[0]]
    return command.make_context(words[0], words[1:], obj=Session()).params


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_values_are_those_of_typer(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(words)
    monkeypatch.setattr(values, "_sparing", lambda parameter: parameter)
    expected = read(words)
    assert found == expected
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in expected.items()
    }


@pytest.mark.parametrize(
    "words",
    [
        ["split", "--format", "pdf"],
        ["split", "--threshold", "2"],
        ["split", "-j", "x"],
        ["split", "--ocr", ""],
        ["train"],
    ],
    ids=" ".join,
)
def test_refusals_are_those_of_typer(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(typer.TyperException) as found:
        read(words)
    monkeypatch.setattr(values, "_sparing", lambda parameter: parameter)
    with pytest.raises(typer.TyperException) as expected:
        read(words)
    assert found.type is expected.type
    assert found.value.format_message() == expected.value.format_message()


def test_what_is_given_arrives() -> None:
    found = read(LINES[2])
    assert found["paths"] == ["a.txt", "-", "二.txt"]
    assert (found["output"], found["form"], found["ocr"]) == (Path("out"), Format.JSONL, Ocr.NEVER)


@pytest.mark.parametrize("words", [[], ["--help"], ["nonsense"], ["-v", "split"]])
def test_a_line_that_begins_with_no_verb_has_all(words: list[str]) -> None:
    assert list(program(words).commands) == list(VERBS)


def test_a_line_that_begins_with_a_verb_has_that_alone() -> None:
    assert list(program(["check", "x"]).commands) == ["check"]
