"""A disk on which renaming fails, for tests of what is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest


def fail_second_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second rename from here on fail, and every other work."""
    rename, calls = Path.rename, []

    def fail_second(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError("no room")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_second)
