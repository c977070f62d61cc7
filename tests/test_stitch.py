"""Stories over pages, of labelled articles cut in two, with the small model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.commands import stitch as stitch_command
from classifier.document import Article
from classifier.errors import UsageError
from classifier.model import Model
from classifier.stories import stitch
from classifier.stories.pairs import describe_pairs
from classifier.story import Story
from tests.conftest import Text
from tests.story_parts import cut, part, pick_long, whole


@pytest.fixture(scope="module")
def long_texts(texts: list[Text]) -> list[Text]:
    return pick_long(texts)


def shape(stories: list[Story]) -> list[list[str]]:
    return [[f"{part.page}:{part.article.first_line}" for part in story.parts] for story in stories]


def test_parts_whose_marks_agree_are_joined_and_nothing_else(long_texts: list[Text], model: Model) -> None:
    one, other, *rest = long_texts
    head, tail = cut(one)
    head2, tail2 = cut(other)
    parts = [
        part("1", head + "（下转第3版）", title=one.lines[0], on="3"),
        part("1", head2 + "（下转第2版）", title=other.lines[0], line=20, on="2"),
        whole("1", rest[0], line=40),
        part("2", "（上接第1版）\n" + tail2, source="1"),
        whole("2", rest[1], line=30),
        whole("3", rest[2]),
        part("3", "（上接第一版）\n" + tail, line=30, source="1"),
    ]
    stories = stitch.stitch(parts, model)
    assert shape(stories) == [["1:1", "3:30"], ["1:20", "2:1"], ["1:40"], ["2:30"], ["3:1"]]
    assert [join.by for story in stories for join in story.joins] == ["marks", "marks"]
    assert stories[0].id == "1998-05-12/1.txt:1"
    assert stories[0].title == one.lines[0]


def test_a_story_in_three_parts_is_one_chain(long_texts: list[Text], model: Model) -> None:
    head, tail = cut(long_texts[0])
    head2, tail2 = cut(long_texts[1])
    parts = [
        part("1", head, title=long_texts[0].lines[0], on="2"),
        part("2", "（上接1版）\n" + tail + "\n" + head2 + "（下转4版）", source="1", on="4"),
        part("4", "（上接2版）\n" + tail2, source="2"),
        whole("4", long_texts[3], line=30),
    ]
    assert shape(stitch.stitch(parts, model)) == [["1:1", "2:1", "4:1"], ["4:30"]]


def test_one_mark_is_enough_where_the_sentence_goes_on(long_texts: list[Text], model: Model) -> None:
    head, tail = cut(long_texts[0])
    for marks in ({"on": "2"}, {"source": "1"}):
        parts = [
            part("1", head, title=long_texts[0].lines[0], on=marks.get("on")),
            whole("1", long_texts[1], line=20),
            part("2", tail, source=marks.get("source")),
            whole("2", long_texts[2], line=30),
        ]
        stories = stitch.stitch(parts, model)
        assert shape(stories)[0] == ["1:1", "2:1"], marks
        assert stories[0].joins[0].by == "mark"


def test_articles_that_are_whole_stay_alone(long_texts: list[Text], model: Model) -> None:
    parts = [whole(str(1 + number // 3), text, line=1 + number % 3 * 30) for number, text in enumerate(long_texts)]
    assert all(len(story.parts) == 1 for story in stitch.stitch(parts, model))


def test_parts_of_one_page_are_never_joined(long_texts: list[Text], model: Model) -> None:
    head, tail = cut(long_texts[0])
    parts = [part("1", head, title=long_texts[0].lines[0], on="1"), part("1", tail, line=30, source="1")]
    assert [len(story.parts) for story in stitch.stitch(parts, model, least=0.0)] == [1, 1]


def test_nothing_and_texts_without_a_word(model: Model) -> None:
    assert stitch.stitch([], model) == []
    parts = [part("1", "——"), part("2", ""), part("3", "。")]
    assert len(stitch.stitch(parts, model)) == 3


@given(st.integers(1, 9), st.integers(0, 10_000))
def test_matching_gives_chains(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    odds = rng.exponential(1.0, (n, n)) * (1 - np.eye(n))
    after = stitch.match(odds / (0.3 + odds.sum(axis=0)), least=0.3)
    others = [other for other, _ in after.values()]
    assert len(set(others)) == len(after)
    assert all(0.3 <= score <= 1 + 1e-9 for _, score in after.values())
    for first in range(n):
        seen = {first}
        at = first
        while at in after:
            at = after[at][0]
            assert at not in seen
            seen.add(at)


def test_matching_takes_the_most_probable_first() -> None:
    proba = np.array([[0.0, 0.9, 0.4], [0.0, 0.0, 0.3], [0.0, 0.0, 0.0]])
    assert {one: other for one, (other, _) in stitch.match(proba).items()} == {0: 1, 1: 2}
    assert stitch.match(proba, least=0.75) == {0: (1, 0.9)}


def test_what_continues_a_part_that_is_taken_is_divided_among_the_rest() -> None:
    # The third part is most like the first, which the second continues already.
    proba = np.array([[0.0, 0.95, 0.8], [0.0, 0.0, 0.15], [0.0, 0.0, 0.0]])
    after = stitch.match(proba)
    other, score = after[1]
    assert other == 2
    assert score == pytest.approx(0.75)  # .15 of the .20 that are left; the other .05 are nothing


def test_certainty_that_is_used_up_leaves_nothing() -> None:
    assert stitch.match(np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])) == {0: (1, 1.0)}


def test_names_of_editors_are_no_part_of_a_story(long_texts: list[Text], model: Model) -> None:
    editors = "本版责编：王小明　李大力\n版式设计：张三"
    parts = [
        whole("1", long_texts[0]),
        part("1", editors, line=30),
        whole("2", long_texts[1]),
        part("2", editors, line=30),
    ]
    assert all(len(story.parts) == 1 for story in stitch.stitch(parts, model, least=0.0) if story.title == "")
    assert not describe_pairs(parts, model).allowed[1].any()


# --- The command ---


@pytest.fixture
def issue(long_texts: list[Text], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    """Two pages of an issue and their results, cut where they truly are, in the working directory."""
    from classifier.document import PageResult
    from classifier.rendering.serialisation import json_line, page_object

    monkeypatch.chdir(tmp_path)
    head, tail = cut(long_texts[0])
    pages: dict[str, list[tuple[str, str, str | None, str | None]]] = {
        "01": [
            (head + "（下转第2版）", long_texts[0].lines[0], None, "2"),
            (long_texts[1].whole, long_texts[1].lines[0], None, None),
        ],
        "02": [(long_texts[2].whole, long_texts[2].lines[0], None, None), ("（上接第1版）\n" + tail, "", "1", None)],
    }
    Path("scans/0512").mkdir(parents=True)
    Path("out/0512").mkdir(parents=True)
    for number, articles in pages.items():
        text, found = "", []
        for body, title, source, on in articles:
            line = text.count("\n") + 1
            last = line + body.count("\n")
            found.append(
                Article(len(text), len(text) + len(body), line, last, title, "rural", 0.8, (), 1.0, source, on)
            )
            text += body + "\n\n"
        Path(f"scans/0512/{number}.txt").write_text(text, "utf-8")
        result = PageResult(f"scans/0512/{number}.txt", "utf-8", model.id, articles=tuple(found))
        Path(f"out/0512/{number}.txt.jsonl").write_text(json_line(page_object(result)) + "\n", "utf-8")


def banmian(*words: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-m", "classifier", *words]
    return subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False)


@pytest.mark.usefixtures("issue")
def test_the_command_prints_stories_in_parts(model_dir: Path, long_texts: list[Text]) -> None:
    done = banmian("stitch", "-m", model_dir, "out")
    first, second = done.stdout.decode().splitlines()
    assert first.startswith("scans/0512/01.txt:1-")
    assert first.split("\t")[1:] == ["rural", long_texts[0].lines[0]]
    assert second.startswith("  scans/0512/02.txt:")
    assert second.split("\t")[1].startswith("marks ")
    assert done.stderr.decode().startswith("1 issue, 2 pages, 1 story of 2 parts, 0 failed")
    assert done.returncode == 0


@pytest.mark.usefixtures("issue")
def test_results_are_named_once(model_dir: Path) -> None:
    done = banmian("stitch", "-m", model_dir, "out", "./out")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == "banmian: ./out: given twice; name it once\n"


@pytest.mark.usefixtures("issue")
def test_the_command_writes_json_that_can_be_joined(model_dir: Path) -> None:
    results = b"".join(Path(f"out/0512/0{number}.txt.jsonl").read_bytes() for number in (1, 2))
    done = banmian("stitch", "-m", model_dir, "--all", "-q", "-o", "stories.jsonl", stdin=results)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    stories = [json.loads(line) for line in Path("stories.jsonl").read_text("utf-8").splitlines()]
    assert [len(story["parts"]) for story in stories] == [2, 1, 1]
    assert list(stories[0]) == ["story", "issue", "title", "genre", "parts"]
    assert stories[0]["story"] == "scans/0512/01.txt:1"
    assert stories[0]["issue"] == "scans/0512"
    assert [found["by"] for found in stories[0]["parts"]] == [None, "marks"]
    joined = ""
    for found in stories[0]["parts"]:
        joined += Path(found["path"]).read_text("utf-8")[found["start"] : found["end"]]
    assert "（下转第2版）（上接第1版）" in joined
    assert sorted(path.name for path in Path().iterdir()) == ["out", "scans", "stories.jsonl"]


def test_only_what_is_done_to_the_file_is_blamed_on_o(tmp_path: Path) -> None:
    def write(place: Path, error: OSError | None) -> None:
        with stitch_command._writer(place) as put:
            put("half")
            if error:
                raise error

    with pytest.raises(OSError, match="the disk of the results"):
        write(tmp_path / "stories.jsonl", OSError(5, "the disk of the results is gone"))
    for place in (tmp_path / "none" / "stories.jsonl", tmp_path):
        with pytest.raises(UsageError, match=r"-o .*; give a file that can be written"):
            write(place, None)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def scanned(long_texts: list[Text], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pages of an issue, in the working directory, with a story on both."""
    monkeypatch.chdir(tmp_path)
    head, tail = cut(long_texts[0])
    Path("scans/0512").mkdir(parents=True)
    Path("scans/0512/01.txt").write_text(f"{long_texts[1].whole}\n\n{head}（下转第2版）\n", "utf-8")
    Path("scans/0512/02.txt").write_text(f"（上接第1版）\n{tail}\n\n{long_texts[2].whole}\n", "utf-8")


@pytest.mark.usefixtures("scanned")
@pytest.mark.parametrize("form", ["jsonl", "files"])
def test_split_stitches_what_it_wrote_as_stitch_does_afterwards(model_dir: Path, form: str) -> None:
    done = banmian("split", "-m", model_dir, "scans", "-o", "out", "--format", form, "--stitch")
    assert done.returncode == 0, done.stderr.decode()
    assert "\tmarks " in done.stdout.decode()
    assert "1 issue, 2 pages, 1 story of 2 parts, 0 failed" in done.stderr.decode()
    assert banmian("stitch", "-m", model_dir, "out").stdout == done.stdout
    again = banmian("split", "-m", model_dir, "scans", "-o", "out", "--format", form, "--stitch", "-q")
    assert (again.returncode, again.stdout, again.stderr) == (0, done.stdout, b"")


@pytest.mark.usefixtures("scanned")
def test_split_stitches_the_pages_that_it_could_read(model_dir: Path) -> None:
    Path("scans/0512/03.txt").write_bytes(b"\xff\xfe\xff\x00\xd8")
    Path("scans/readme.txt").write_text("说明\n\n这不是报纸的一页。\n", "utf-8")
    done = banmian("split", "-m", model_dir, "scans", "-o", "out", "--stitch")
    assert done.returncode == 1
    assert "\tmarks " in done.stdout.decode()
    assert "--issue-pattern" in done.stderr.decode()


@pytest.mark.usefixtures("scanned")
def test_split_says_what_it_cannot_stitch(model_dir: Path) -> None:
    refused: list[tuple[list[str], str]] = [
        (["scans"], "--stitch: joins what is written below -o DIR; add -o DIR"),
        (["scans", "-o", "out", "--format", "parquet"], "--stitch: cannot read parquet again"),
        (["scans", "-o", "out", "--format", "tsv"], "--stitch: cannot read tsv again"),
        (["-", "-o", "out"], "--stitch: standard input has no name"),
        (["all.zip", "-o", "out"], "all.zip: --stitch looks for texts on this disk"),
        (["all.jsonl", "-o", "out", "--jsonl-text", "body"], "--stitch: finds no text of a --jsonl-text page"),
    ]
    for words, message in refused:
        done = banmian("split", "-m", model_dir, "--stitch", *words)
        assert done.returncode == 2, words
        assert message in done.stderr.decode()
        assert len(done.stderr.decode().splitlines()) == 1
        assert not Path("out").exists()


@pytest.mark.usefixtures("issue")
def test_an_output_of_its_own_is_replaced_and_no_other(model_dir: Path) -> None:
    words: list[str | Path] = ["stitch", "-m", model_dir, "out", "-q", "-o", "stories"]
    for form in ("jsonl", "text"):
        for _ in range(2):
            assert banmian(*words, "--format", form).returncode == 0
    written = Path("stories").read_bytes()
    assert written.count(b"\n") == 2
    Path("stories").write_bytes(b"")
    assert banmian(*words, "--format", "text").returncode == 0
    assert Path("stories").read_bytes() == written
    others = [b"my notes\n", b"\n", b'{"path": "a"}\n', "a.txt:1-2\trural\t0.93\t题\n".encode(), b"\xff\xfe"]
    for mine in others:
        Path("stories").write_bytes(mine)
        done = banmian(*words)
        assert done.returncode == 2
        assert "-o stories: exists and holds no stories" in done.stderr.decode()
        assert Path("stories").read_bytes() == mine
    assert banmian(*words, "--format", "text", "--force").returncode == 0
    assert Path("stories").read_bytes() == written


@pytest.mark.usefixtures("issue")
def test_pages_that_fail_alike_are_one_line(model_dir: Path) -> None:
    lines = [json.dumps({"path": f"{name}.txt", "articles": []}) for name in ("readme", "index", "about")]
    Path("more.jsonl").write_text("\n".join([*lines, "{}"]) + "\n", "utf-8")
    done = banmian("stitch", "-m", model_dir, "out", "more.jsonl")
    assert done.returncode == 1
    first, second, summary = done.stderr.decode().splitlines()
    assert first.startswith("readme.txt: its name does not say which page it is; ")
    assert first.endswith(" (2 more like it; -v lists all)")
    assert second.startswith("more.jsonl:4: no result of split; ")
    assert ", 4 failed" in summary
    assert len(banmian("stitch", "-m", model_dir, "out", "more.jsonl", "-v").stderr.splitlines()) == 5


@pytest.mark.usefixtures("issue")
def test_the_command_says_what_is_missing(model_dir: Path) -> None:
    Path("scans/0512/02.txt").unlink()
    done = banmian("stitch", "-m", model_dir, "out")
    assert done.returncode == 1
    first, summary = done.stderr.decode().splitlines()
    assert first == "scans/0512/02.txt: its text is not here; name the directory of the texts with --texts"
    assert ", 1 failed" in summary
    refused: list[tuple[list[str], str]] = [
        (["out", "--texts", "nowhere"], "--texts nowhere: no such directory"),
        (["out", "--issue-pattern", "x"], "names no page"),
        (["out", "--threshold", "2"], "is not a probability"),
        (["out", "-o", "no/such/file"], "-o no/such/file"),
    ]
    for words, message in refused:
        done = banmian("stitch", "-m", model_dir, *words)
        assert done.returncode == 2, words
        assert message in done.stderr.decode()
        assert len(done.stderr.decode().splitlines()) == 1


def test_the_command_joins_from_the_probability_that_the_library_does() -> None:
    assert stitch_command.THRESHOLD == stitch.LIKELY
