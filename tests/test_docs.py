"""Documentation as a test: what it shows is what the program does, and what the program has is in it.

Scores may differ from those shown: they change with every model. Lines, genres and titles may not.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.core

from classifier import ExitCode
from classifier.commands.program import program
from classifier.modeldir import CONFIG_KEYS

ROOT = Path(__file__).resolve().parents[1]


def commands() -> dict[str, typer.core.TyperCommand]:
    return dict(program().commands)  # type: ignore[arg-type]


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


# --- The READMEs show what the program does --------------------------------------------------------------------------

READMES = ["README.md", "README.zh.md"]
PAGE = "labeled/pages/seed-like-1.txt"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("BANMIAN_MODEL", "PYTHONPATH")} | {
    "PYTHONUTF8": "1"
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code(name: str, language: str) -> list[str]:
    """Return the contents of the fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(name), flags=re.MULTILINE | re.DOTALL)


def banmian(*words: str) -> str:
    """Return what the program of this checkout prints on standard output."""
    command = [sys.executable, str(ROOT / "cli.py"), *words]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode in (ExitCode.OK, ExitCode.SOME_FAILED), done.stderr
    return done.stdout


def python(program: str, *, folder: Path, **variables: str) -> str:
    """Return what a Python program prints that uses the package of this checkout."""
    environment = ENVIRONMENT | {"PYTHONPATH": str(ROOT)} | variables
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_scores(value: Any) -> Any:
    """Return a JSON value without what differs from model to model though the answer is the same."""
    if isinstance(value, dict):
        value = {key: without_scores(entry) for key, entry in value.items()}
        plain: dict[str, Any] = {"score": 0, "boundary_score": 0}
        for key, entry in value.items():
            plain |= {"model": str(entry).partition("@")[0]} if key == "model" else {}
            plain |= {"top": entry[0][0]} if key == "top" else {}
        return {key: plain.get(key, entry) for key, entry in value.items()}
    return [without_scores(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize("readme", READMES)
def test_commands_print_what_the_readme_shows(readme: str) -> None:
    shown = [
        (shlex.split(words), output)
        for block in code(readme, "console")
        for words, output in re.findall(r"^\$ banmian (.+)\n((?:[^$].*\n)*)", block, flags=re.MULTILINE)
    ]
    assert ["split", PAGE] in [words for words, _ in shown]
    for words, output in shown:
        found = [re.sub(r"\t[01]\.\d\d\t", "\t…\t", text) for text in (banmian(*words), output)]
        assert found[0] == found[1], f"{readme} does not show what `banmian {shlex.join(words)}` prints"


@pytest.mark.parametrize("readme", READMES)
def test_the_excerpt_is_from_the_page(readme: str) -> None:
    page, block = re.findall(r"^<!-- excerpt: (.+) -->\n```text\n(.*?)^```$", read(readme), re.MULTILINE | re.DOTALL)[0]
    lines = read(page).splitlines()
    numbers = []
    for row in block.splitlines():
        number, _, shown = row.strip().partition("  ")
        if number == "…":
            continue
        numbers.append(int(number))
        pattern = ".+".join(map(re.escape, shown.split("…")))
        assert re.fullmatch(pattern.removesuffix(".+") + (".+" if shown.endswith("…") else ""), lines[int(number) - 1])
    assert numbers == sorted(numbers)
    ends = [int(line) for pair in re.findall(rf"^{page}:(\d+)-(\d+)\t", read(readme), re.MULTILINE) for line in pair]
    assert set(ends) <= set(numbers), "the excerpt does not show where the articles begin and end"


@pytest.mark.parametrize("readme", READMES)
def test_the_json_in_the_readme_is_what_is_printed(readme: str) -> None:
    shown = json.loads(code(readme, "json")[0])
    printed = json.loads(banmian("split", "--format", "jsonl", PAGE))
    assert list(shown) == list(printed)
    assert shown["articles"][0].keys() == printed["articles"][1].keys()
    printed["articles"] = printed["articles"][1:2]
    assert without_scores(shown) == without_scores(printed)


@pytest.mark.parametrize("readme", READMES)
def test_the_files_in_the_readme_are_those_written(readme: str, tmp_path: Path) -> None:
    listed = next(block.split() for block in code(readme, "text") if block.startswith("articles/"))
    assert f"`banmian split --format files -o articles {PAGE}`" in read(readme)
    banmian("split", "--format", "files", "-o", str(tmp_path / "articles"), PAGE)
    written = (file for file in tmp_path.rglob("*.*") if file.is_file() and ".banmian" not in file.parts)
    assert listed == sorted(file.relative_to(tmp_path).as_posix() for file in written)


@pytest.mark.parametrize("readme", READMES)
def test_the_python_in_the_readme_runs(readme: str) -> None:
    (program,) = code(readme, "python")
    printed = python(program + "\nprint(len(pages), label.top[0][0] in model.genres)", folder=ROOT)
    assert len(printed.splitlines()) == 4
    assert printed.endswith("2 True\n")


def test_both_readmes_say_the_same() -> None:
    english, chinese = READMES
    for language in ("console", "sh", "powershell", "json", "text", "python"):
        both = [[re.sub(r"\s+# .*", "", block) for block in code(name, language)] for name in READMES]
        assert both[0] == both[1], language
    for pattern in (r"^#+ ", r"\*\*.+?\*\*", r"^\d\. ", r"^- ", r"^\| `", r"<!-- .+? -->"):
        counts = [len(re.findall(pattern, read(name), re.MULTILINE)) for name in READMES]
        assert counts[0] == counts[1], pattern
    links = [sorted(re.findall(r"\]\((.+?)\)", read(name))) for name in READMES]
    assert [link for link in links[0] if link != chinese] == [link for link in links[1] if link != english]


@pytest.mark.parametrize("readme", READMES)
def test_genres_and_statuses_are_in_the_readme(readme: str) -> None:
    text = re.sub(r"\s+", " ", read(readme))
    for genre in tomllib.loads(read("labeled/labels.toml"))["genres"]:
        assert re.search(rf"`{genre['id']}` ?{genre['zh']}", text), genre["id"]
    for status in ExitCode:
        assert re.search(rf"(?<![\d.]){status.value}(?![\d.])", text), status


# --- The other documents ---------------------------------------------------------------------------------------------

DOCUMENTS = [*READMES, "CONTRIBUTING.md", "CHANGELOG.md", "labeled/README.md", "models/default/README.md"]
DOCUMENTS += ["benchmarks/README.md", *(f"docs/{file.name}" for file in sorted((ROOT / "docs").glob("*.md")))]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    here = (ROOT / name).parent
    targets = re.findall(r"\]\(([^)\s]+)\)", read(name))
    missing = [to for to in targets if "://" not in to and not (here / to.partition("#")[0]).exists()]
    assert missing == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_name_no_machine(name: str) -> None:
    assert not re.search(r"(?<![\w.~])/(work|tmp|root|home|Users|opt)\b|[A-Z]:\\|file://|localhost", read(name))


def test_every_part_of_a_model_is_described() -> None:
    described = set(re.findall(r"^\| `([\w.]+)`", read("docs/models.md"), re.MULTILINE))
    described |= set(re.findall(r"^\| `[\w.]+`, `([\w.]+)` \|", read("docs/models.md"), re.MULTILINE))
    assert described >= CONFIG_KEYS
    raw = (ROOT / "models/default/weights.safetensors").read_bytes()
    assert described >= json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")]).keys() - {"__metadata__"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_in_documents_exist(name: str) -> None:
    shown = [block for language in ("sh", "console") for block in code(name, language)]
    found = re.findall(r"^(?:\$ )?banmian ([a-z].*?)(?: +#.*)?$", "\n".join(shown), re.MULTILINE)
    found += re.findall(r"(?:^ {4}|`)banmian ([a-z].*?)(?: +#.*|`|$)", read(name), re.MULTILINE)
    for words in found:
        command, *options = shlex.split(words)
        assert command in COMMANDS, f"banmian {words}"
        known = {option for param in COMMANDS[command].params for option in param.opts}
        assert {word for word in options if re.match(r"--?[a-z]", word)} <= known | {"--help"}, f"banmian {words}"
