"""Pictures of scores: both are drawn, whole, and a missing matplotlib is told of before any work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from classifier import plot
from classifier.errors import UsageError
from classifier.metrics import Calibration, GenreScore

SCORE = GenreScore.of_rankings(["甲", "甲", "乙"], [["甲", "乙"], ["乙", "甲"], ["乙", "甲"]])
CALIBRATION = Calibration.of_pairs([0.9, 0.4, 0.8], [True, False, True])


def test_both_pictures_are_drawn_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    folder = tmp_path / "new" / "pictures"
    plot.prepare(folder)
    paths = plot.draw(SCORE, CALIBRATION, folder, title="mine@12345678")
    assert [path.name for path in paths] == ["confusion.png", "calibration.png"]
    assert sorted(folder.iterdir()) == sorted(paths)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    assert plot.draw(GenreScore(), CALIBRATION, folder) == []


def test_characters_that_no_font_has_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(plot, "CHINESE_FONTS", ())
    with plot._pyplot().rc_context({"font.family": plot._families()}):
        assert plot._drawable("mine 天气-é") == "mine \\u5929\\u6c14-é"


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"file/pictures: .*; give a directory"):
        plot.prepare(tmp_path / "file" / "pictures")


def test_without_matplotlib_the_error_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"pip install 'banmian\[plot\]'"):
        plot.prepare(tmp_path)
