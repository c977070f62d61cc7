"""The benchmark's own parts: splits, page building, damage and the gate, on made-up texts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import damage, gate, pieces, quality, sources, stories, tracks
from benchmarks.peers import headline
from benchmarks.sources import Source
from classifier.errors import ExitCode

SENTENCES = (
    "市里的老码头改成了书店，读者从早到晚坐满了三层楼，附近的面馆也跟着延长了营业时间。",
    "气象台预计明后两天有中雨，水库提前放水，沿河的住户已经接到通知，学校停课一天。",
    "篮球队在主场以两分险胜，替补后卫在最后三秒投进三分球，观众站起来鼓掌了很久。",
    "医院的夜间门诊增加了两名医生，挂号时间延长到晚上十点，家长不必再请假带孩子看病。",
)


def source(number: int, **parts: object) -> Source:
    """Make an article of six different paragraphs."""
    body = tuple(f"第{number}篇第{i}段，{SENTENCES[(number + i) % 4]}" for i in range(6))
    fields: dict[str, object] = {"title": f"标题{number}说的是{'甲乙丙丁戊己庚辛'[number % 8] * 4}", "paragraphs": body}
    return Source(**{**fields, "date": "2026-07-02", "page_key": f"2026-07-02:{number:02d}", **parts})  # type: ignore[arg-type]


@pytest.fixture
def corpora() -> tracks.Corpora:
    """Return made-up texts for every track."""
    texts = [source(i) for i in range(24)]
    short = [source(i, paragraphs=(f"第{i}条短讯。{SENTENCES[i % 4]}",)) for i in range(40)]
    return tracks.Corpora(
        pages=[texts[i : i + 3] for i in range(0, 24, 3)] + [[source(30 + i)] for i in range(6)],
        days=[texts[:5], texts[5:9]],
        columns={kind: [short[:20], short[20:]] for kind in ("newspaper", "briefs", "broadcast")},
        outlets={"甲报": [source(0, title=sign * 6, paragraphs=(sign * 30,)) for sign in "天地玄黄宇宙洪荒日月盈昃"]},
        adverts=[source(50, kind="ad"), source(51, kind="ad")],
        genres={f"2026-07-02:{texts[0].title}": "law"},
        confusions=damage.Confusions.from_texts(SENTENCES),
    )


@pytest.mark.parametrize("track", [*tracks.NATURAL, *tracks.COMPOSED])
def test_pages_end_where_they_say_and_are_the_same_again(track: str, corpora: tracks.Corpora) -> None:
    built = tracks.build(track, corpora, pages=6, seed=3)
    assert built
    for page in built:
        assert page.ends[-1] == len(page.lines)
        assert list(page.ends) == sorted(set(page.ends))
        assert page.genres is None or len(page.genres) == len(page.ends)
    assert tracks.build(track, corpora, pages=6, seed=3) == built
    assert tracks.build(track, corpora, pages=2, seed=3) == built[:2]
    assert tracks.build(track, corpora, pages=6, seed=4) != built


def test_the_written_pages_are_blind_and_of_two_kinds(corpora: tracks.Corpora) -> None:
    papers, columns = tracks.build("papers", corpora), tracks.build("columns", corpora)
    assert (len(papers), len(columns)) == (101, 51)
    assert all(page.key.startswith("blind-") and len(page.ends) > 2 for page in papers + columns)
    assert not {page.text for page in papers + columns} & {page.text for page in stories.written_pages(tracks.LABELED)}


def test_clean_pages_begin_articles_with_their_head_block(corpora: tracks.Corpora) -> None:
    titles = {text.title for page in corpora.pages for text in page}
    for page in tracks.build("clean", corpora, pages=6):
        assert all(page.lines[start] in titles for start in (0, *page.ends[:-1]))


def test_broken_pages_have_no_headlines(corpora: tracks.Corpora) -> None:
    titles = {text.title for page in corpora.pages for text in page}
    assert not any(titles & set(page.lines) for page in tracks.build("broken", corpora, pages=6))


def test_an_unknown_track_is_refused(corpora: tracks.Corpora) -> None:
    with pytest.raises(ValueError, match="no such track"):
        tracks.build("nonsense", corpora)


def test_single_article_pages_are_thinned() -> None:
    kept = tracks.thin_singles([[1], [1, 2], [1]] * 20, count=len)
    assert sum(len(page) == 1 for page in kept) <= tracks.MAX_SINGLE * len(kept)
    assert sum(len(page) == 2 for page in kept) == 20


def test_seed_page_is_read_in_lines(tmp_path: Path) -> None:
    text = "\n甲\n\n　　乙\n\n（上接1版）\n丙\n"
    path = tmp_path / "page.txt"
    path.write_text(text, encoding="utf-8")
    gold = [{"start": 1, "genre": "law"}, {"start": text.index("（"), "genre": "world"}]
    path.with_suffix(".gold.json").write_text(json.dumps({"articles": gold}), encoding="utf-8")
    page = tracks.seed_page(path)
    assert (page.ends, page.genres) == ((2, 4), ("law", "world"))


def test_corpora_are_read_and_split(tmp_path: Path) -> None:
    def row(date: str, *titles: str) -> dict[str, object]:
        texts = [{"kind": "article", "title": title, "text": f"{title}的正文\n\u200b\n第二段"} for title in titles]
        return {"date": date, "page": 3, "articles": [*texts, {"kind": "empty", "title": "无", "text": ""}]}

    with gzip.open(tmp_path / "paper.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row(date, "甲", "乙")) + "\n" for date in ("2026-06-30", "2026-07-01"))
    train, test = sources.split_pages(sources.newspaper_pages(sources.read(tmp_path, "paper")))
    assert [page[0].date for page in train] == ["2026-06-30"]
    assert [text.paragraphs for text in test[0]] == [("甲的正文", "第二段"), ("乙的正文", "第二段")]


def test_a_round_up_is_many_articles() -> None:
    text = "甲地开会\n据新华社电会议今天开始。\n乙队获胜\n本报讯比赛结束。\n观众很多。"
    row = {"date": "2026-07-01", "page": 3, "articles": [{"kind": "article", "title": "环球扫描", "text": text}]}
    (page,) = sources.newspaper_pages([row])
    assert [(text.intro, text.title, len(text.paragraphs)) for text in page] == [
        ("环球扫描", "甲地开会", 1),
        ("", "乙队获胜", 2),
    ]


def test_a_list_of_links_ends_a_text() -> None:
    assert sources.paragraphs_of("正文。\n此前报道：\n别的标题") == ("正文。",)


def test_held_out_outlets_are_known_by_field_and_by_name_in_the_text() -> None:
    assert sources.is_held_out(source(1, outlet="华商报"))
    assert sources.is_held_out(source(1, outlet="别家", paragraphs=("华商报记者 某某", "正文。")))
    assert not sources.is_held_out(source(1, outlet=""))


def test_a_repeated_long_paragraph_is_a_leak_and_a_short_one_is_not() -> None:
    long = "很长的一段，" * 8
    train = [[source(1, paragraphs=(long, "短"))], [source(2)], [source(3, paragraphs=("短",))]]
    assert sources.leaks(train, [[source(4, paragraphs=(long.replace("，", "， "), "短"))]]) == {0}


@given(st.text("汉字，。“ab1 ", max_size=80), st.integers(6, 30), st.booleans())
def test_wrapping_loses_nothing_and_keeps_the_width(line: str, width: int, hanging: bool) -> None:
    wrapped = damage.wrap(line, width=width, hanging=hanging)
    assert "".join("".join(wrapped).split()) == "".join(line.split())
    limit = width + (1 if hanging else 0)
    assert all(sum(map(damage.cells, part)) <= limit for part in wrapped)


def test_hanging_punctuation() -> None:
    assert damage.wrap("一二三四，五六", width=4, hanging=True) == ["一二三四，", "五六"]
    assert damage.wrap("一二三四，五六", width=4, hanging=False) == ["一二三四", "，五六"]
    assert damage.wrap("一二三“四五", width=4, hanging=True) == ["一二三", "“四五"]


def test_damage_is_about_as_often_as_said() -> None:
    confusions = damage.Confusions.from_texts(["天地玄黄宇宙洪荒日月盈昃辰宿列张" * 3])
    line = "天地玄黄宇宙洪荒日月盈昃辰宿列张" * 200
    read = damage.misread_line(line, Random(1), confusions=confusions, wrong=0.04)
    wrong = sum(a != b for a, b in zip(line, read, strict=True)) / len(line)
    assert 0.03 < wrong < 0.05
    spoilt = damage.spoil_line(line, Random(1), confusions=confusions, wrong=0.04, punctuation=0.1)
    assert 0.98 < len(spoilt) / len(line) < 1.02


def test_pieces_of_one_story_are_recognised() -> None:
    one = source(1, title="某市化工厂发生火灾", paragraphs=("火灾发生在清晨。",))
    assert pieces.is_same_story(one, source(2, title="化工厂火灾已扑灭", paragraphs=("明火已灭。",)))
    assert not pieces.is_same_story(one, source(3, title="两队战平", paragraphs=("比赛很激烈。",)))


def test_floors_fall_raise_and_are_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    assert gate.Floors.read(path).failures({"clean": 0.1}, digest="") == []
    floors, lowered = gate.Floors().raised({"clean": 0.9, "bare": 0.8}, digest="d", allow_regression=False)
    assert lowered == []
    floors.write(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["floors.json"]
    stored = gate.Floors.read(path)
    assert stored.failures({"clean": 0.89, "bare": 0.8}, digest="d") == []
    assert len(stored.failures({"clean": 0.87, "bare": 0.9}, digest="d")) == 1
    assert len(stored.failures({"clean": 0.95}, digest="other")) == 2
    kept, lowered = stored.raised({"clean": 0.95, "bare": 0.7}, digest="d", allow_regression=False)
    assert (dict(kept.scores), lowered) == ({"clean": 0.95, "bare": 0.8}, ["bare"])
    dropped, _ = stored.raised({"clean": 0.95, "bare": 0.7}, digest="d", allow_regression=True)
    assert dict(dropped.scores) == {"clean": 0.95, "bare": 0.7}


def test_the_digest_tells_samples_apart() -> None:
    page = tracks.GoldPage("甲\n乙\n", (1, 2), "clean", "k")
    moved = tracks.GoldPage("甲\n乙\n", (2,), "clean", "k")
    assert gate.sample_digest({"clean": [page]}) != gate.sample_digest({"clean": [moved]})
    assert len(gate.sample_digest({})) == 64


class HeadlineModel:
    """The headline rule in the shape of a model: sure where it cuts, and all but sure elsewhere."""

    def split_ends(self, text: str) -> list[int]:
        return headline.segment([line.strip() for line in text.splitlines() if line.strip()])

    def boundary_proba(self, text: str) -> np.ndarray:
        ends = self.split_ends(text)
        proba = np.full(ends[-1] - 1, 0.05)
        proba[np.asarray(ends[:-1], dtype=np.int64) - 1] = 0.95
        return proba


def options(tmp_path: Path, *more: str) -> list[str]:
    """Return the arguments of a run on the made-up texts."""
    return [
        "--corpus",
        str(tmp_path),
        "--tracks",
        "clean,broken",
        "--pages",
        "4",
        "--floors",
        str(tmp_path / "f"),
        *more,
    ]


def test_tables_are_printed_for_every_track(
    tmp_path: Path, corpora: tracks.Corpora, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracks.Corpora, "load", lambda *_, **__: corpora)
    printed = "\n".join(quality.report(quality.parse(options(tmp_path, "--no-peers")), HeadlineModel()))
    assert "### clean: 4 pages, 12 articles" in printed
    assert "| **banmian** | 1.000 | 1.000 | 1.000 | 1.000 | 0.000 | 0.000 |" in printed
    assert "### Calibration" in printed
    assert "Expected calibration error" in printed


def test_peers_are_measured_with_and_without_the_true_number(corpora: tracks.Corpora) -> None:
    pages = tracks.build("clean", corpora, pages=2)
    found = {name: quality.measure(split, pages) for name, split in quality.methods(None, peers=True).items()}
    assert {"one segment", "C99", "C99, true number given", "U00"} <= set(found)
    assert found["headline rule"].score.article.f1 == 1.0


def test_the_gate_passes_and_trips(tmp_path: Path, corpora: tracks.Corpora, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks.Corpora, "load", lambda *_, **__: corpora)

    def run(*more: str) -> ExitCode:
        return quality.check_floors(quality.parse(options(tmp_path, "--gate", *more)), HeadlineModel())[1]

    assert run() == ExitCode.BELOW_FLOOR  # no floors yet: another sample
    assert run("--update") == ExitCode.OK
    assert run() == ExitCode.OK
    floors = gate.Floors.read(tmp_path / "f")
    gate.Floors({**floors.scores, "broken": 1.0}, floors.digest).write(tmp_path / "f")
    assert run() == ExitCode.BELOW_FLOOR
    assert run("--update") == ExitCode.BELOW_FLOOR
    assert run("--update", "--allow-regression") == ExitCode.OK
    assert run() == ExitCode.OK


@pytest.mark.parametrize("wrong", [["--tracks", "nonsense"], ["--corpus", "nowhere"], ["--gate", "--no-banmian"]])
def test_usage_errors_exit_with_2(tmp_path: Path, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        quality.parse(options(tmp_path, *wrong))
    assert caught.value.code == ExitCode.USAGE
