"""What is shipped: the wheel and the source archive, the launchers, the constraints, the labelled texts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LABELED = ROOT / "labeled"
ARTICLES = sorted(LABELED.glob("articles/*/*.txt"))
PAGES = sorted(LABELED.glob("pages/*.jsonl"))

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LABELS: list[dict[str, str]] = tomllib.loads((LABELED / "labels.toml").read_text(encoding="utf-8"))["genres"]
GENRES = [genre["id"] for genre in LABELS]

FORMS = ["real-estate-advert", "advert", "notice", "literature", "commentary"]
TOPICS = (
    "party-building politics diplomacy world economy law society rural environment science education health culture "
    "sports military"
).split()


def built(kind: str, folder: Path) -> Path:
    """Build a ``wheel`` or an ``sdist`` of the checkout and return its path."""
    if find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the project, is not installed: pip install --group test")
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.iterdir()
    return path


def files_below(folder: str) -> set[str]:
    """Return the files of a folder of the checkout, as paths relative to it, without what Python leaves there."""
    top = ROOT / folder
    found = {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}
    return {name for name in found if "__pycache__" not in name and not name.endswith((".pyc", ".DS_Store"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(built("wheel", tmp_path_factory.mktemp("wheel")))


# --- The wheel and the source archive --------------------------------------------------------------------------------


def test_wheel_holds_the_package_the_model_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    info = f"banmian-{PROJECT['project']['version']}.dist-info"
    names = {name for name in wheel.namelist() if not name.startswith(f"{info}/")}
    code = {f"classifier/{name}" for name in files_below("classifier")}
    model = {f"classifier/models/default/{name}" for name in files_below("models/default")}
    assert names == code | model
    assert {"classifier/py.typed", "classifier/text/variants.txt", "classifier/text/dictionary.safetensors"} <= names
    assert {"config.json", "weights.safetensors"} <= files_below("models/default")


def test_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    info = f"banmian-{PROJECT['project']['version']}.dist-info"
    assert b"banmian = classifier.__main__:main" in wheel.read(f"{info}/entry_points.txt")
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= set(wheel.namelist())
    head = wheel.read(f"{info}/METADATA").decode().partition("\n\n")[0].splitlines()
    assert {"Name: banmian", "Requires-Python: >=3.11", "License-Expression: MIT"} <= set(head)
    required = [line.partition(";")[0] for line in head if line.startswith("Requires-Dist")]
    assert not [line for line in required if re.search(r"<|~=|==|@", line)]


def test_source_archive_holds_all_that_tests_and_builds_need(tmp_path: Path) -> None:
    with tarfile.open(built("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tops = {name.partition("/")[0] for name in names}
    assert {"classifier", "models", "labeled", "tests", "benchmarks", "docs"} <= tops
    assert {"cli.py", "Makefile", "constraints.txt", "pyproject.toml", "README.md", "LICENSE", "NOTICE"} <= tops
    for folder in ("labeled", "models/default", "tests"):
        assert {f"{folder}/{name}" for name in files_below(folder)} <= names


# --- Launchers -------------------------------------------------------------------------------------------------------


def version_by(*command: str, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "BANMIAN_MODEL"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    return done.stdout


def test_launchers_are_one_program(tmp_path: Path) -> None:
    module = version_by(sys.executable, "-m", "classifier", "--version", folder=tmp_path)
    assert version_by(sys.executable, str(ROOT / "cli.py"), "--version", folder=tmp_path) == module
    assert module.startswith(f"banmian {PROJECT['project']['version']}, model default@")


def test_installed_command_is_the_same_program(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("banmian.exe" if os.name == "nt" else "banmian")
    if not command.exists():
        pytest.skip("banmian is not installed beside this Python")
    module = version_by(sys.executable, "-m", "classifier", "--version", folder=tmp_path)
    assert version_by(str(command), "--version", folder=tmp_path) == module


# --- Requirements ----------------------------------------------------------------------------------------------------


def bare_name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_constraints_pin_everything_that_is_required() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
    assert lines == sorted(set(lines))
    groups = PROJECT["dependency-groups"].values()
    required = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    required += [requirement for extra in PROJECT["project"]["optional-dependencies"].values() for requirement in extra]
    required += [requirement for group in groups for requirement in group if isinstance(requirement, str)]
    assert {bare_name(requirement) for requirement in required} <= {line.partition("==")[0] for line in lines}


def test_requirements_have_lower_bounds_only() -> None:
    for requirement in PROJECT["project"]["dependencies"]:
        assert re.fullmatch(r"[\w-]+>=[\d.]+", requirement)


# --- Labelled texts --------------------------------------------------------------------------------------------------


def test_genres_are_the_twenty_forms_first() -> None:
    assert GENRES == FORMS + TOPICS
    assert [genre["id"] for genre in LABELS if genre["kind"] == "form"] == FORMS
    assert {genre["kind"] for genre in LABELS} == {"form", "topic"}


@pytest.mark.parametrize("genre", LABELS, ids=GENRES)
def test_genre_is_defined(genre: dict[str, str]) -> None:
    assert genre.keys() - {"iptc"} == {"id", "zh", "kind", "definition", "definition_zh"}
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", genre["id"])
    assert re.fullmatch(r"[\u4e00-\u9fff·]+", genre["zh"])
    assert genre["definition"].endswith(".")
    assert genre["definition_zh"].endswith("。")
    assert re.fullmatch(r"medtop:\d{8}|genre:\w+|", genre.get("iptc", ""))


def test_every_genre_has_a_folder_and_every_folder_a_genre() -> None:
    folders = {path.name for path in (LABELED / "articles").iterdir() if path.is_dir()}
    assert folders == set(GENRES)
    counts = Counter(path.parent.name for path in ARTICLES)
    assert min(counts[genre] for genre in GENRES) >= 3


def test_readme_counts_the_texts_rightly() -> None:
    readme = (LABELED / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\S+) \| (\d+) \| (\d+) \|$", readme, flags=re.MULTILINE)
    articles = Counter(path.parent.name for path in ARTICLES)
    pages = Counter(article["genre"] for path in PAGES for page in gold(path) for article in page["articles"])
    expected = [(genre["id"], genre["zh"], articles[genre["id"]], pages[genre["id"]]) for genre in LABELS]
    assert [(name, zh, int(count), int(on_pages)) for name, zh, count, on_pages in rows] == expected
    assert f"| all | | {articles.total()} | {pages.total()} |" in readme


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_article_can_be_read(path: Path) -> None:
    text = path.read_bytes().decode()
    assert not text.startswith("\ufeff")
    assert "\r" not in text
    assert text.endswith("\n")
    lines = text.removesuffix("\n").split("\n")
    assert all(line == line.strip() != "" for line in lines)
    assert len(text) >= 20


STOCK = {
    "本公司及董事会全体成员保证公告内容的真实、准确和完整，对公告的虚假记载、误导性陈述或者重大遗漏负连带责任。",
    "（作者单位：省社会科学院农村发展研究所）",
    "市委理论学习中心组举行专题学习会",
}
"""What every listed company's notice begins with, by law; where authors of theory pages work; a headline that is in
every city's paper."""


def test_no_line_is_there_twice() -> None:
    """Lines of fewer than fifteen characters, jump lines, standing heads and set phrases among them, may recur."""
    where: dict[str, list[str]] = {}
    for path in [*ARTICLES, *LABELED.glob("pages/*.txt")]:
        for line in {line.strip() for line in path.read_text(encoding="utf-8").split("\n")}:
            if len(line) >= 15 and line not in STOCK:
                where.setdefault(line, []).append(path.relative_to(LABELED).as_posix())
    assert {line: paths for line, paths in where.items() if len(paths) > 1} == {}


def gold(path: Path) -> list[dict[str, Any]]:
    """Return the pages that a JSONL file holds."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_page_has_its_gold() -> None:
    described = [path.with_name(page["path"]) for path in PAGES for page in gold(path)]
    assert sorted(described) == sorted(LABELED.glob("pages/*.txt"))
    assert len(described) >= 3


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_gold_articles_tile_their_page(path: Path) -> None:
    for page in gold(path):
        assert list(page) == ["path", "encoding", "articles"]
        text = path.with_name(page["path"]).read_bytes().decode(page["encoding"])
        position = 0
        for article in page["articles"]:
            assert list(article) == "start end first_line last_line title genre continued_from continued_on".split()
            assert article["genre"] in GENRES
            assert text[position : article["start"]].strip() == ""
            assert text[article["start"] : article["end"]] == text[article["start"] : article["end"]].strip() != ""
            assert article["first_line"] == text.count("\n", 0, article["start"]) + 1
            assert article["last_line"] == text.count("\n", 0, article["end"]) + 1
            # A byline may stand between two lines of a headline that recognition took apart.
            found = "".join(text[article["start"] : article["end"]].split())
            for line in article["title"].split():
                assert line in found
                found = found[found.index(line) + len(line) :]
            position = article["end"]
        assert text[position:].strip() == ""
