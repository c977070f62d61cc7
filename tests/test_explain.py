"""Explanations: the terms add up to the scores they explain, and carry the names of what is in the text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classifier.article import Segmentation, segment_rows
from classifier.document import Page
from classifier.explain import explain, explain_gaps, explain_genre
from classifier.model import Model
from classifier.rendering.listing import reason_lines
from classifier.rendering.serialisation import reason_object
from classifier.text.paragraphs import split_paragraphs
from classifier.text.tokens import tokenise

ROOT = Path(__file__).resolve().parents[1]
TEXT = (
    "主队二比一取胜（体坛快评）\n足球联赛周末开战，主队二比一取胜，提前两轮夺冠。球迷欢呼雀跃。\n\n"
    "央行下调存款准备金率\n中国人民银行宣布，下调金融机构存款准备金率0.5个百分点，释放长期资金约1万亿元。\n"
)


def test_articles_are_those_of_split(model: Model) -> None:
    found = explain(model, TEXT)
    assert [reason.article.end for reason in found] == [article.end for article in model.split(TEXT)]
    assert all(reason.runner_up and reason.runner_up != reason.article.top[0][0] for reason in found)
    assert found[0].cues == ()
    assert explain(model, " \n") == []


@pytest.mark.parametrize("titles", [0, 1, 2, 3, 4])
def test_a_jump_line_is_named_under_a_headline_of_many_lines(titles: int, model: Model) -> None:
    above = "".join(f"{line}\n" for line in ["主队二比一", "提前两轮夺冠", "球迷欢呼雀跃", "主帅赛后致谢"][:titles])
    text = f"{TEXT}\n{above}（上接第1版）\n足球联赛周末开战，主队二比一取胜，提前两轮夺冠。球迷欢呼雀跃。\n"
    last = explain(model, text)[-1]
    assert last.article.continued_from == "1"
    assert last.article.first_line == 7
    assert last.jump


def test_terms_of_the_genre_add_up_to_the_difference_of_the_scores(model: Model) -> None:
    page, tokens = Page(TEXT, split_paragraphs(TEXT)), tokenise(TEXT, model.cutter)
    n = len(page.paragraphs)
    rows, _ = segment_rows([Segmentation(page, [n], {})], tokens)
    scores = model.genre.scores(rows)[0]
    best, other = np.argsort(-scores)[:2]
    head = TEXT.index("\n")
    terms = explain_genre(
        model.genre,
        tokens,
        int(page.paragraphs.starts[0]),
        int(page.paragraphs.ends[-1]),
        head,
        best=model.genres[best],
        against=model.genres[other],
    )
    total = sum(term.weight for term in terms) + model.genre.bias[best] - model.genre.bias[other]
    assert total == pytest.approx(scores[best] - scores[other], abs=1e-3)
    names = [term.name for term in terms]
    assert "?" not in names
    assert any("足球" in name.split(" | ") for name in names)
    assert any("主队 in the headline" in name for name in names)
    assert any("column 体坛快评" in name for name in names)
    assert [term.weight for term in terms] == sorted((term.weight for term in terms), reverse=True)


def test_cues_of_a_gap_are_named_from_the_tables_of_the_features(model: Model) -> None:
    page, tokens = Page(TEXT, split_paragraphs(TEXT)), tokenise(TEXT, model.cutter)
    cues, context = explain_gaps(model, page, tokens, [2], shown=1000)[0]
    gaps = model.segmenter.describe(tokens, page.paragraphs)
    first = float(model.segmenter.first_scores(gaps)[1]) - model.segmenter.first_bias
    # Terms too small to be worth a line are left out.
    assert sum(term.weight for term in cues) == pytest.approx(first, abs=0.5)
    assert sum(term.weight for term in context) == pytest.approx(
        float(model.segmenter.scores(gaps)[1]) - model.segmenter.second_bias, abs=0.5
    )
    assert any(term.name.startswith("line length ") for term in cues)
    assert any("this block" in term.name for term in cues)
    assert any(term.name.startswith("own score ") for term in context)


def test_text_and_json_tell_the_same(model: Model) -> None:
    found = explain(model, TEXT, shown=3)
    shown = "".join(reason_lines("页.txt", TEXT, found))
    for reason in found:
        for name, _ in json.loads(json.dumps(reason_object(reason)))["for"]:
            assert name in shown
        assert len(reason.speaks_for) <= 3


def test_the_command_explains_and_reports_what_it_cannot_read(model_dir: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "classifier", "explain", "-m", str(model_dir), "--json", "-", "missing.txt"]
    done = subprocess.run(words, input=TEXT.encode(), capture_output=True, env=environment, cwd=tmp_path, check=False)
    assert done.returncode == 1
    first, second = (json.loads(line) for line in done.stdout.decode().splitlines())
    assert first["articles"][0]["for"]
    assert second["error"]["code"] == "missing"
    assert done.stderr.decode().splitlines() == ["missing.txt: no such file"]


def test_a_text_without_a_character_is_named(model_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "blank.txt").write_text("\n\n", "utf-8")
    command = [sys.executable, "-m", "classifier", "explain", "-m", str(model_dir), "blank.txt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "blank.txt: no text in it\n")
