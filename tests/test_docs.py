"""Documentation as a test: the reference is up to date, every command has help and is in the README."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.core
import typer.main

from classifier.__main__ import app

ROOT = Path(__file__).resolve().parents[1]


def commands() -> dict[str, typer.core.TyperCommand]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return dict(group.commands)  # type: ignore[arg-type]


COMMANDS = commands()


def test_reference_is_up_to_date() -> None:
    check = [sys.executable, str(ROOT / "docs" / "generate_cli.py"), "--check"]
    done = subprocess.run(check, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_reference_names_no_machine() -> None:
    reference = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert str(ROOT) not in reference
    assert max(map(len, reference.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches(name: str) -> None:
    command = COMMANDS[name]
    assert command.help is not None
    purpose, *rest = command.help.split("\n\n")
    assert "\n" not in purpose
    assert purpose.endswith(".")
    assert any(paragraph.startswith("\b\nExamples:") for paragraph in rest)
    assert command.help.count(f"banmian {name}") >= 3
    for param in command.params:
        assert getattr(param, "help", None), f"{name} {param.name} has no help"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_every_command_is_in_the_readme(name: str, readme: str) -> None:
    assert re.search(rf"banmian {name}\b", (ROOT / readme).read_text(encoding="utf-8"))
