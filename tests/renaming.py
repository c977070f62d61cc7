"""Renames that fail and runs that are killed between two of them, for tests of what is left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def fail_second_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second rename from here on fail, and every other work."""
    rename, calls = Path.rename, []

    def fail_second(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError("no room")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_second)


def killed_between_renames(target: Path) -> Path:
    """Let a process that replaces the folder ``target`` end when it has moved that aside; return where it went."""
    code = (
        "import os, sys; from pathlib import Path; from classifier.atomic import appearing\n"
        "rename, calls = Path.rename, []\n"
        "def kill_second(self, target):\n"
        "    calls.append(target)\n"
        "    return os._exit(9) if len(calls) == 2 else rename(self, target)\n"
        "Path.rename = kill_second\n"
        "with appearing(Path(sys.argv[1])) as draft:\n"
        "    draft.mkdir(); (draft / 'new').touch()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(target)], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert not target.exists()
    (aside,) = target.parent.glob(".*.old")
    return aside
