"""The command as its users meet it: real processes, real pipes, the shipped model."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import astuple
from functools import partial
from pathlib import Path

import pytest

from benchmarks.draws import USUAL
from classifier.__main__ import _status_of
from classifier.commands.info import training_for_people
from classifier.errors import ExitCode, ModelError
from classifier.rendering.render import Format
from tests.job_adverts import job_adverts

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "labeled" / "pages"
PAGE = PAGES / "seed-like-1.txt"

posix = pytest.mark.skipif(os.name == "nt", reason="signals, ttys and such names are POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full, or names that are not UTF-8")

COMMAND = [sys.executable, "-m", "classifier"]
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("BANMIAN_MODEL", "NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS")
} | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}

Done = subprocess.CompletedProcess[bytes]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty directory: nothing may depend on where one stands."""
    monkeypatch.chdir(tmp_path)


def banmian(*words: str | bytes | Path, stdin: bytes = b"", **variables: str) -> Done:
    environment = ENVIRONMENT | variables
    return subprocess.run([*COMMAND, *words], input=stdin, capture_output=True, env=environment, check=False)


def lines(output: bytes) -> list[str]:
    text = output.decode()
    assert "\r" not in text
    assert not text or text.endswith("\n")
    return text.splitlines()


def copy_pages(folder: str, count: int = 1) -> Path:
    top = Path(folder)
    top.mkdir()
    for number in range(count):
        shutil.copy(PAGE, top / f"{number:03}.txt")
    return top


# --- Help, version, launchers ---


@pytest.mark.parametrize(
    "words", [["--help"], ["split", "--help"], ["classify", "-h"], ["info", "-h"], ["train", "-h"], ["check", "-h"]]
)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys; from classifier.__main__ import main; status = main()\n"
        "heavy = {'sklearn', 'scipy', 'jieba', 'rjieba', 'numpy', 'joblib', 'safetensors', 'rich'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, env=ENVIRONMENT, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: banmian")


def test_split_of_a_page_imports_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys; from classifier.__main__ import main; status = main()\n"
        "idle = {'sklearn', 'joblib', 'rich', 'pydantic', 'classifier.scan', 'classifier.commands.train'}\n"
        "sys.exit(str(idle & set(sys.modules)) if status == 0 else status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "split", PAGE], capture_output=True, env=ENVIRONMENT, check=False
    )
    assert lines(done.stderr) == ["set()"]


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_split_starts_no_threads_for_products() -> None:
    code = (
        "import os, sys; from classifier.__main__ import main; status = main()\n"
        "sys.exit(f'{len(os.listdir(\"/proc/self/task\"))} threads' if status == 0 else status)"
    )
    environment = {name: value for name, value in ENVIRONMENT.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code, "split", "-q", PAGE], capture_output=True, env=environment, check=False
    )
    assert lines(done.stderr) == ["1 threads"]


def test_help_takes_less_than_three_tenths_of_a_second() -> None:
    def seconds() -> float:
        """Return processor seconds, which other programs on the machine do not lengthen (0 on Windows)."""
        started = os.times()
        banmian("--help")
        ended = os.times()
        return ended.children_user + ended.children_system - started.children_user - started.children_system

    assert min(seconds() for _ in range(5)) < 0.3


def test_all_launchers_are_the_same_program() -> None:
    script = Path(sys.executable).with_name("banmian.exe" if os.name == "nt" else "banmian")
    launchers = [[sys.executable, str(ROOT / "cli.py")], *([[str(script)]] if script.exists() else [])]
    expected = banmian("split", "--help").stdout
    for launcher in launchers:
        done = subprocess.run([*launcher, "split", "--help"], capture_output=True, env=ENVIRONMENT, check=True)
        assert done.stdout == expected


def test_version_names_program_and_model() -> None:
    done = banmian("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"banmian \d+\.\d+\S*, model default@[0-9a-f]{8}\n", done.stdout.decode())


def test_version_without_a_model_is_no_error() -> None:
    done = banmian("--version", BANMIAN_MODEL="nowhere")
    assert done.returncode == 0
    assert re.fullmatch(r"banmian \S+, model: none \(.*nowhere.*\)\n", done.stdout.decode())


@posix
def test_version_shows_what_would_act_on_a_terminal() -> None:
    (line,) = lines(banmian("--version", BANMIAN_MODEL="no\x1b[2Jwhere\u202e").stdout)
    assert "no␛[2Jwhere\\u{202e}: no such" in line


def test_the_shell_completes_commands_and_formats() -> None:
    def complete(words: str, at: int) -> list[str]:
        done = banmian(_BANMIAN_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(at))
        return done.stdout.decode().split()

    assert complete("banmian sp", 1) == ["split"]
    assert complete("banmian split --format ", 3) == [str(form) for form in Format]


# --- What is printed ---


def test_a_text_without_a_character_has_no_genre(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    done = banmian("classify", "--threshold", "0", tmp_path / "empty.txt")
    assert done.returncode == 0
    assert done.stdout.decode().split("\t")[1] == "unknown"


def test_text_is_one_line_an_article() -> None:
    done = banmian("split", PAGE)
    assert (done.returncode, done.stderr) == (0, b"")
    text = PAGE.read_text(encoding="utf-8").splitlines()
    for line in lines(done.stdout):
        place, genre, score, title = line.split("\t")
        match = re.fullmatch(rf"{re.escape(str(PAGE))}:(\d+)-(\d+)", place)
        assert match
        first, last = map(int, match.groups())
        assert text[first - 1].strip()
        assert text[last - 1].strip()
        assert re.fullmatch(r"[a-z-]+", genre)
        assert re.fullmatch(r"[01]\.\d\d", score)
        assert title
        assert title.startswith("…") or title in "".join(text[first - 1 : last])


def test_jsonl_is_the_contract_and_tiles_the_page() -> None:
    (line,) = lines(banmian("split", "--format", "jsonl", "--top-k", "2", PAGE).stdout)
    page = json.loads(line)
    assert list(page) == ["path", "encoding", "model", "articles"]
    text = PAGE.read_text(encoding="utf-8")
    covered = "".join(text[article["start"] : article["end"]] for article in page["articles"])
    assert "".join(covered.split()) == "".join(text.split())
    for article in page["articles"]:
        assert len(article["top"]) == 2
        assert article["score"] == article["top"][0][1]


def test_classify_says_one_genre_a_file() -> None:
    article = next((ROOT / "labeled" / "articles" / "sports").glob("*.txt"))
    (line,) = lines(banmian("classify", article).stdout)
    path, _, score = line.split("\t")
    assert path == str(article)
    assert 0 < float(score) <= 1
    (line,) = lines(banmian("classify", "--format", "jsonl", article).stdout)
    assert list(json.loads(line)) == ["path", "encoding", "model", "genre", "score", "top"]


def test_a_threshold_of_one_leaves_all_unknown() -> None:
    done = banmian("split", "--threshold", "1", "--format", "jsonl", PAGE)
    articles = json.loads(done.stdout)["articles"]
    assert all(article["genre"] == "unknown" or article["score"] == 1 for article in articles)
    assert done.returncode == 0


@pytest.mark.parametrize("words", [["-"], []])
def test_standard_input_is_called_dash(words: list[str]) -> None:
    expected = lines(banmian("split", PAGE).stdout)
    done = banmian("split", *words, stdin=PAGE.read_bytes())
    assert lines(done.stdout) == [line.replace(str(PAGE), "-") for line in expected]


def test_encoding_is_recognised_or_given() -> None:
    path = Path("gb.txt")
    path.write_bytes(PAGE.read_text(encoding="utf-8").encode("gb18030"))
    expected = [line.split("\t", 1)[1] for line in lines(banmian("split", PAGE).stdout)]
    for words in ([], ["--encoding", "gb18030"]):
        done = banmian("split", path, *words)
        assert [line.split("\t", 1)[1] for line in lines(done.stdout)] == expected
    assert banmian("split", path, "--encoding", "utf-8").returncode == ExitCode.SOME_FAILED


def test_inputs_without_text_are_said_to_be() -> None:
    Path("a.txt").write_bytes(b""), Path("b.txt").write_bytes(b" \r\n\xe3\x80\x80\n")
    done = banmian("split", "a.txt")
    assert (done.returncode, done.stdout, lines(done.stderr)) == (0, b"", ["a.txt: no text in it"])
    for verb in ("split", "classify"):
        assert lines(banmian(verb, "a.txt", PAGE, "b.txt").stderr)[0] == "a.txt: no text in it (1 more like it)"
        assert banmian(verb, "a.txt", "-q").stderr == b""


@pytest.mark.parametrize("verb", ["split", "classify"])
def test_texts_that_look_wrongly_decoded_are_said_to(verb: str) -> None:
    Path("garbled.txt").write_text(PAGE.read_bytes().decode("latin-1"), "utf-8")
    Path("sound.txt").write_bytes(PAGE.read_bytes())
    for words in ([], ["-j", "2", "-o", f"out-{verb}"]):
        done = banmian(verb, "garbled.txt", "sound.txt", *words)
        assert done.returncode == 0
        assert lines(done.stderr)[:-1] == [
            "garbled.txt: looks wrongly decoded; save it anew from its source, or give --encoding"
        ]
    assert b"looks" not in banmian(verb, "-q", "garbled.txt").stderr


@pytest.mark.parametrize(
    "words", ["split -o", "split --overlay", "classify -o", "stitch -o", "evaluate --plot", "train -o"]
)
def test_an_empty_name_is_no_place(words: str) -> None:
    # What an unset "$OUT" gives; as a path it would be the directory one stands in.
    verb, option = words.split()
    done = banmian(verb, PAGE, option, "")
    assert done.returncode == ExitCode.USAGE
    assert b"the name is empty" in done.stderr
    assert not any(Path().iterdir())


@pytest.mark.parametrize("words", ["split -o", "classify -o", "stitch -o", "evaluate --plot", "train -o"])
def test_a_url_is_no_place_to_write_to(words: str) -> None:
    # As a path it would be a folder "s3:" where one stands.
    verb, option = words.split()
    done = banmian(verb, PAGE, option, "s3://bucket/out")
    assert done.returncode == ExitCode.USAGE
    assert b"s3://bucket/out is a URL; give a path on this machine" in done.stderr
    assert not any(Path().iterdir())


@pytest.mark.parametrize(
    "words",
    ["check", "evaluate", "stitch", "train -o new", "train -o new --drop", "split --glob", "classify --jsonl-text"],
)
def test_an_empty_name_is_no_name(words: str) -> None:
    done = banmian(*words.split(), "")
    assert done.returncode == ExitCode.USAGE
    assert b"the name is empty" in done.stderr


def test_a_genre_gets_one_new_name() -> None:
    Path("cars").mkdir()
    Path("cars/a.txt").write_text("一篇短文。", "utf-8")
    done = banmian("train", ".", "-o", "new", "--rename", "cars=a", "--rename", "cars=b")
    assert (done.returncode, done.stderr) == (
        ExitCode.USAGE,
        b"banmian: --rename cars: to become both a and b; give one of the two\n",
    )


@pytest.mark.parametrize("place", [".", ".."])
def test_stories_are_not_written_to_a_directory(place: str) -> None:
    done = banmian("stitch", "-o", place)
    assert (done.returncode, done.stderr) == (
        ExitCode.USAGE,
        f"banmian: -o {place}: is a directory; give a file that can be written\n".encode(),
    )


def test_an_empty_page_has_no_articles() -> None:
    Path("empty.txt").touch()
    done = banmian("split", "empty.txt")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"empty.txt: no text in it\n")
    assert json.loads(banmian("split", "empty.txt", "--format", "json").stdout)[0]["articles"] == []


def test_info_describes_the_model() -> None:
    done = banmian("info")
    assert done.returncode == 0
    assert any(re.fullmatch(r"name +default", line) for line in lines(done.stdout))
    facts = json.loads(banmian("info", "--json").stdout)
    assert facts["name"] == "default"
    pages = facts["training"]["pages"] * sum(astuple(USUAL))
    said = [" ".join(line.split()) for line in lines(done.stdout)]
    assert f"corpora {len(facts['training']['corpora'])}" in said
    assert f"pages composed a round {pages:,.0f}" in said
    assert training_for_people({"pages": 3, "texts": 9}) == {"pages": 3, "texts": 9}


# --- Standard output carries results and nothing else ---


@posix
def test_links_and_hidden_files_are_named_and_two_dots_follow_links() -> None:
    Path("real/deep").mkdir(parents=True)
    Path("x.txt").write_text("水渠通水。\n", "utf-8")
    shutil.copy(PAGE, "real/x.txt")
    Path("real/.y.txt").write_text("水", "utf-8")
    Path("real/again").symlink_to("deep")
    Path("lnk").symlink_to("real/deep")
    expected = banmian("split", "--format", "json", "real/x.txt").stdout
    for words in (["lnk/../x.txt"], ["lnk/.."], ["real"]):
        done = banmian("split", "--format", "json", *words)
        (found,) = json.loads(done.stdout)
        assert found["articles"] == json.loads(expected)[0]["articles"]
        if words != ["lnk/../x.txt"]:
            top = words[0]
            assert lines(done.stderr)[:2] == [
                f"1 linked directory not followed: {top}/again; give them by name",
                f"1 hidden file passed over: {top}/.y.txt; give them by name",
            ]
    assert banmian("split", "-q", "real").stderr == b""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_standard_output_is_results_alone(jobs: str) -> None:
    top = copy_pages("pages", 30)
    (top / "bad.txt").write_bytes(b"\xff\xfe\x00\xd8\x00")
    words = ["split", str(top), "missing.txt", "--format", "jsonl", "-j", jobs]
    noisy = banmian(*words, "-v", PYTHONWARNINGS="always")
    quiet = banmian(*words, "-q")
    assert noisy.stdout == quiet.stdout
    assert quiet.stderr == b""
    assert noisy.returncode == quiet.returncode == ExitCode.SOME_FAILED
    results = [json.loads(line) for line in lines(noisy.stdout)]
    assert [result["path"] for result in results] == [str(path) for path in sorted(top.iterdir())] + ["missing.txt"]
    assert [result["error"]["code"] for result in results if "error" in result] == ["decode", "missing"]
    assert re.fullmatch(r"30 pages, \d+ articles, \d+ unknown, 2 failed, \d+\.\d s", lines(noisy.stderr)[-1])


@pytest.mark.parametrize("form", ["text", "tsv", "json", "jsonl"])
def test_workers_change_no_byte(form: str) -> None:
    top = copy_pages("pages", 5)
    alone = banmian("split", top, "--format", form)
    assert banmian("split", top, "--format", form, "-j", "2").stdout == alone.stdout
    assert alone.stdout


def test_failures_of_text_and_tsv_are_on_standard_error_even_with_quiet() -> None:
    for form in ("text", "tsv"):
        done = banmian("split", "missing.txt", PAGE, "--format", form, "-q")
        assert lines(done.stderr) == ["missing.txt: no such file"]
        assert str(PAGE) in done.stdout.decode()
        assert done.returncode == ExitCode.SOME_FAILED


@posix
def test_what_cannot_be_read_stops_nothing() -> None:
    Path("loop.txt").symlink_to("loop.txt")
    Path("empty").mkdir()
    done = banmian("split", "loop.txt", "empty", PAGE, "--format", "jsonl")
    *failed, page = [json.loads(line) for line in lines(done.stdout)]
    assert [(result["path"], result["error"]["code"]) for result in failed] == [
        ("loop.txt", "unreadable"),
        ("empty", "empty-directory"),
    ]
    assert page["articles"]
    assert done.returncode == ExitCode.SOME_FAILED
    assert [line.split(":")[0] for line in lines(done.stderr)[:-1]] == ["loop.txt", "empty"]


# --- Text that would act on a terminal ---


@pytest.mark.parametrize("form", ["text", "tsv", "json", "jsonl"])
def test_text_cannot_act_on_a_terminal(form: str) -> None:
    page = "校园\x1b[31m里的\x9b2J\u202e书香\x07\n\n晨读的声音从三楼传来，老师站在门口听了很久。\n"
    Path("ocr.txt").write_text(page, encoding="utf-8")
    done = banmian("split", "ocr.txt", "no\x1b[2Jfile\nhere.txt", "--format", form, "-v")
    assert not set((done.stdout + done.stderr).decode()) & set("\x1b\x9b\u202e\x07")
    assert "␛" in done.stderr.decode()
    if form == "jsonl":
        article = json.loads(lines(done.stdout)[0])["articles"][0]
        assert article["title"] in page


@linux
def test_a_path_that_is_not_utf8_is_no_obstacle() -> None:
    path = os.fsdecode(b"\xc3\xfb.txt")
    shutil.copy(PAGE, path)
    assert lines(banmian("split", path).stdout)[0].startswith(r"\u{dcc3}\u{dcfb}.txt:")
    for form in ("json", "jsonl"):
        done = banmian("split", path, "--format", form)
        assert rb'"\udcc3\udcfb.txt"' in done.stdout
    assert banmian("split", path, "-o", "out").returncode == 0
    assert [os.fsencode(name.name) for name in Path("out").glob("[!.]*")] == [b"\xc3\xfb.txt.jsonl"]
    assert json.loads(Path("out", path + ".jsonl").read_text(encoding="utf-8"))["path"] == path


# --- Files ---


def test_output_mirrors_the_directory() -> None:
    top = copy_pages("pages", 3)
    (top / "deep").mkdir()
    shutil.copy(PAGE, top / "deep" / "页.txt")
    done = banmian("split", top, "-o", "out", "-j", "2")
    assert (done.returncode, done.stdout) == (0, b"")
    assert re.fullmatch(r"4 pages, \d+ articles, \d+ unknown, 0 failed, \d+\.\d s", lines(done.stderr)[0])
    found = (path.relative_to("out").as_posix() for path in Path("out").rglob("*") if path.is_file())
    written = sorted(name for name in found if not name.startswith(".banmian/"))
    assert written == ["000.txt.jsonl", "001.txt.jsonl", "002.txt.jsonl", "deep/页.txt.jsonl"]
    expected = banmian("split", top / "000.txt", "--format", "jsonl").stdout
    assert Path("out", "000.txt.jsonl").read_bytes() == expected


def test_a_second_run_skips_what_is_done() -> None:
    top = copy_pages("pages", 12)
    (top / "bad.txt").write_bytes(b"\xff\xfe\x00\xd8\x00")
    first = banmian("split", top, "-o", "out", "-j", "2")
    assert first.returncode == ExitCode.SOME_FAILED
    failure, summary = lines(first.stderr)
    assert failure.startswith(f"{top / 'bad.txt'}: ")
    assert re.fullmatch(r"12 pages, \d+ articles, \d+ unknown, 1 failed, \d+\.\d s", summary)
    assert json.loads(Path("out", "_failures.jsonl").read_bytes())["error"]["code"] == "decode"
    (top / "bad.txt").write_text("好了\n", encoding="utf-8")
    (top / "003.txt").write_text("改了\n", encoding="utf-8")
    second = banmian("split", top, "-o", "out", "-v")
    assert second.returncode == ExitCode.OK
    assert f"{top / '000.txt'}: already done" in lines(second.stderr)
    summary = lines(second.stderr)[-1]
    assert re.fullmatch(r"2 pages, \d+ articles, \d+ unknown, 0 failed, 11 already done, \d+\.\d s", summary)
    assert not Path("out", "_failures.jsonl").exists()


def test_verbose_says_which_results_were_changed_by_hand() -> None:
    copy_pages("pages", 2)
    banmian("split", "pages", "-o", "out")
    with Path("out/001.txt.jsonl").open("a") as file:
        file.write("\n")
    said = lines(banmian("split", "pages", "-o", "out", "-v").stderr)
    assert f"{Path('pages', '000.txt')}: already done" in said
    assert f"{Path('pages', '001.txt')}: already done, its result changed by hand and left alone" in said


def test_many_failures_are_listed_in_a_file() -> None:
    Path("bad").mkdir()
    for number in range(25):
        Path("bad", f"{number:02}.txt").write_bytes(b"\xff\xfe\x00\xd8\x00")
    done = banmian("split", "bad", "-o", "out")
    *failed, more, summary = lines(done.stderr)
    assert len(failed) == 20
    assert more == f"5 more failed; {Path('out', '_failures.jsonl')} lists all"
    assert summary.startswith("0 pages, 0 articles, 0 unknown, 25 failed")
    assert len(Path("out", "_failures.jsonl").read_bytes().splitlines()) == 25
    printed = banmian("split", "bad", "--format", "jsonl")
    assert lines(printed.stderr)[20] == "5 more failed; the output lists all"


def test_archives_and_json_lines_are_inputs() -> None:
    text = PAGE.read_text(encoding="utf-8")
    with zipfile.ZipFile("pages.zip", "w") as archive:
        archive.write(PAGE, "a/1.txt")
        archive.writestr("../out.txt", text)
    done = banmian("split", "pages.zip", "--format", "jsonl")
    good, bad = map(json.loads, lines(done.stdout))
    assert good["path"] == "pages.zip/a/1.txt"
    assert good["articles"]
    assert (bad["path"], bad["error"]["code"]) == ("pages.zip/../out.txt", "archive")
    assert done.returncode == ExitCode.SOME_FAILED
    with gzip.open("pages.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"id": "p1", "body": text}) + "\n" + json.dumps({"id": 2}) + "\n")
    words = ["split", "pages.jsonl.gz", "--jsonl-text", "body"]
    good, bad = map(json.loads, lines(banmian(*words, "--format", "jsonl", "-j", "2").stdout))
    assert list(good) == ["path", "id", "encoding", "model", "articles"]
    assert (good["path"], good["id"]) == ("pages.jsonl.gz:1", "p1")
    assert (bad["id"], bad["error"]["code"]) == (2, "record")
    assert banmian(*words, "-o", "out").returncode == ExitCode.SOME_FAILED
    written = Path("out", "pages.jsonl.gz", "000000", "000000001.jsonl").read_bytes()
    assert json.loads(written) == good
    lines_of_json = gzip.decompress(Path("pages.jsonl.gz").read_bytes())
    piped = banmian("split", "--jsonl-text", "body", "--format", "jsonl", stdin=lines_of_json)
    assert json.loads(lines(piped.stdout)[0])["path"] == "-:1"


def test_parquet_is_written_in_parts() -> None:
    done = banmian("split", copy_pages("pages", 3), "-o", "out", "--format", "parquet", "-j", "2")
    assert (done.returncode, done.stdout) == (0, b"")
    (part,) = Path("out").glob("part-*.parquet")
    assert part.read_bytes()[:4] == b"PAR1"


def test_existing_output_needs_force() -> None:
    target = Path("out", f"{PAGE.name}.jsonl")
    target.parent.mkdir()
    target.write_text("precious", encoding="utf-8")
    done = banmian("split", PAGE, "-o", "out", "-q")
    assert done.returncode == ExitCode.SOME_FAILED
    said = f"{PAGE}: {target} exists already and is not known as banmian's; replace it with --force"
    assert lines(done.stderr) == [said]
    assert target.read_text(encoding="utf-8") == "precious"
    assert banmian("split", PAGE, "-o", "out", "--force").returncode == 0
    assert json.loads(target.read_text(encoding="utf-8"))["articles"]


def test_several_directories_keep_their_names() -> None:
    copy_pages("a"), copy_pages("b")
    for counted in ("0 failed,", "2 already done,"):
        done = banmian("split", "a/", "./b", "-o", "out")
        assert done.returncode == 0
        assert counted in lines(done.stderr)[-1]
    found = {path.relative_to("out").as_posix() for path in Path("out").rglob("*.txt.jsonl")}
    assert found == {"a/000.txt.jsonl", "b/000.txt.jsonl"}
    assert banmian("split", "a", "-o", "alone").returncode == 0
    assert Path("alone", "000.txt.jsonl").exists()


def test_two_directories_of_one_name_are_refused_before_any_work() -> None:
    for name in "xy":
        Path(name).mkdir()
    copy_pages("x/pages"), copy_pages("y/pages")
    done = banmian("split", "x/pages", "y/pages/", "-o", "out")
    assert done.returncode == ExitCode.USAGE
    (line,) = lines(done.stderr)
    assert line.startswith("banmian: x/pages and y/pages/: ")
    assert not Path("out").exists()
    done = banmian("split", "x/pages", "x/../x/pages", "-o", "out")
    assert lines(done.stderr) == ["banmian: x/../x/pages: given twice; name it once"]


def test_two_inputs_of_one_name_do_not_overwrite_each_other() -> None:
    copy_pages("a"), copy_pages("b")
    done = banmian("split", "a/000.txt", "b/000.txt", "-o", "out", "--force", "-q")
    assert done.returncode == ExitCode.SOME_FAILED
    (line,) = lines(done.stderr)
    assert line.startswith("b/000.txt: ")
    assert json.loads(Path("out", "000.txt.jsonl").read_bytes())["path"] == "a/000.txt"


def test_files_hold_what_jsonl_says() -> None:
    assert banmian("split", PAGE, "-o", "out", "--format", "files").returncode == 0
    folder = Path("out", PAGE.name)
    articles = json.loads(banmian("split", PAGE, "--format", "jsonl").stdout)["articles"]
    index = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    text = PAGE.read_text(encoding="utf-8")
    assert len(index) == len(articles)
    for number, (entry, article) in enumerate(zip(index, articles, strict=True), 1):
        assert entry["file"].startswith(f"{number:02}-{article['genre']}-")
        content = (folder / entry["file"]).read_text(encoding="utf-8")
        assert content == text[article["start"] : article["end"]] + "\n"


# --- Usage, errors, status ---


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "--help"),
        (["splt", "x"], "split"),
        (["."], "to split it, banmian split ."),
        (["-", "-o", "out"], "to split it, banmian split -"),
        (["split", "-j", "two", "x"], "'-j' / '--jobs': not a whole number"),
        (["split", "--threshold", "80%", "x"], "'--threshold': not a number"),
        (["split", "--encoding", "hex", "x"], "gb18030"),
        (["split", "--dask", "nowhere", "x"], "nowhere has no port; give tcp://HOST:8786"),
        (["split", "--dask", "tcp://nowhere", "x"], "has no port"),
        (["split", "--threshold", "nan", "x"], "from 0 to 1"),
        (["split", "--threshold", "1.5", "x"], "from 0 to 1"),
        (["split", "--threshold", "high", "x"], "--threshold"),
        (["split", "--top-k", "0", "x"], "'--top-k': too small; give at least 1"),
        (["split", "--format", "xml", "x"], "jsonl"),
        (["split", "--encoding", "klingon", "x"], "gb18030"),
        (["split", "--encoding", "", "x"], "empty name"),
        (["split", "-j", "-2", "x"], "--jobs"),
        (["split", "--nope", "x"], "--nope"),
        (["split", "-", "-"], "once"),
        (["explain", "-", "-"], "once"),
        (["split", "page.txt", ""], "empty"),
        (["explain", ""], "empty"),
        (["split", "--format", "files", "x"], "-o DIR"),
        (["split", "--format", "parquet", "x"], "-o DIR"),
        (["split", "--jsonl-text", "body", "x.zip"], "unpack it"),
        (["split", "x.jsonl"], "--jsonl-text"),
        (["classify", "y.txt", "x.JSONL.GZ"], "--jsonl-text"),
        (["classify", "--overlay", "shown", "x"], "--overlay"),
        (["classify", "--format", "files", "-o", "out", "x"], "jsonl"),
        (["split", ".", "-o", "."], "input directory"),
    ],
)
def test_wrong_usage_is_one_line_with_the_remedy(words: list[str], named: str) -> None:
    done = banmian(*words)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, b"")
    (line,) = lines(done.stderr)
    assert line.startswith("banmian: ")
    assert named in line


def test_an_output_that_is_a_file_is_wrong_usage() -> None:
    Path("out").touch()
    done = banmian("split", PAGE, "-o", "out")
    assert done.returncode == ExitCode.USAGE
    assert lines(done.stderr) == ["banmian: -o out: exists and is no directory; choose another name"]


def test_json_lines_are_a_text_if_an_encoding_says_so() -> None:
    Path("x.jsonl").write_text("县里修了新桥\n村民过河不再绕路了。\n", encoding="utf-8")
    assert banmian("split", "x.jsonl", "--encoding", "utf-8").stdout.startswith(b"x.jsonl:1-2\t")


@pytest.mark.parametrize(
    "words",
    [
        ["x.jsonl"],
        ["x.json"],
        ["X.JSON"],
        ["in", "--glob", "*.jsonl"],
        ["in", "--glob", "*.{txt,jsonl.gz}"],
        ["in", "--glob", "*.JSON"],
    ],
)
def test_json_is_not_read_as_running_text(words: list[str]) -> None:
    Path("in").mkdir()
    for verb in ("split", "classify", "explain"):
        done = banmian(verb, *words)
        assert (done.returncode, done.stdout) == (ExitCode.USAGE, b"")
        (line,) = lines(done.stderr)
        assert line.startswith(f"banmian: {words[-1] if len(words) == 1 else '--glob ' + words[-1]}: JSON")
        assert ("--jsonl-text FIELD" if verb != "explain" else "--encoding") in line


def test_json_on_standard_input_is_not_read_as_running_text() -> None:
    for data in ('{"text": "县里修了新桥"}\n', '[\n {"id": 1, "text": "县里修了新桥"}]', '{\n  "text": ""}'):
        done = banmian("split", stdin=data.encode())
        assert (done.returncode, done.stdout) == (ExitCode.SOME_FAILED, b"")
        assert b"--jsonl-text FIELD" in done.stderr
        assert banmian("split", "--encoding", "utf-8", stdin=data.encode()).returncode == 0


def test_encodings_may_be_written_as_people_do() -> None:
    for name, written in (("GB-18030", "gb18030"), ("Big 5", "big5")):
        Path("x.txt").write_bytes("縣里修了新橋，村民過河不再繞路了。\n".encode(written))
        assert banmian("split", "--encoding", name, "x.txt").stdout.startswith(b"x.txt:1-1\t")


def test_json_that_a_wide_pattern_finds_is_a_failure() -> None:
    copy_pages("in")
    Path("in", "x.jsonl").write_text('{"text": "县里修了新桥"}\n', encoding="utf-8")
    done = banmian("split", "in", "--glob", "*", "--format", "jsonl", "-q")
    page, bad = map(json.loads, lines(done.stdout))
    assert page["articles"]
    assert bad["error"]["code"] == "record"
    assert "--jsonl-text FIELD" in bad["error"]["message"]


def test_an_input_given_twice_is_said_to_be() -> None:
    done = banmian("split", PAGE, PAGE, "-o", "out")
    assert done.returncode == ExitCode.SOME_FAILED
    assert "given twice; name it once" in lines(done.stderr)[0]


@pytest.mark.parametrize("words", [["split", str(PAGE)], ["classify", str(PAGE)], ["info"]])
def test_a_missing_model_is_status_3(words: list[str]) -> None:
    for done in (banmian(*words, "-m", "no-such-model"), banmian(*words, BANMIAN_MODEL="no-such-model")):
        assert (done.returncode, done.stdout) == (ExitCode.MODEL, b"")
        (line,) = lines(done.stderr)
        assert "no-such-model" in line


def test_the_working_directory_is_not_searched_for_a_model() -> None:
    Path("models", "default").mkdir(parents=True)
    Path("models", "default", "config.json").write_text("{}", encoding="utf-8")
    Path("default").mkdir()
    assert banmian("split", PAGE).returncode == 0


def test_verbose_shows_the_traceback_of_an_error() -> None:
    done = banmian("split", PAGE, "-v", "-m", "no-such-model")
    assert done.returncode == ExitCode.MODEL
    assert "Traceback" in done.stderr.decode()
    assert "ModelError" in done.stderr.decode()


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ModelError("models/x: damaged; train it again"), 3, "banmian: models/x: damaged; train it again"),
        (
            ZeroDivisionError("a\nb"),
            70,
            "banmian: ZeroDivisionError: a b; this is a bug, run with -v for the traceback",
        ),
        (KeyboardInterrupt(), 130, "banmian: interrupted"),
        (SystemExit(0), 0, ""),
    ],
)
def test_errors_become_one_line_and_a_status(
    capsys: pytest.CaptureFixture[str], error: BaseException, status: int, said: str
) -> None:
    assert _status_of(error, verbose=False) == status
    assert capsys.readouterr() == ("", said and said + "\n")


# --- Training, scoring, checking ---

LABELED = ROOT / "labeled"


def write_labels(folder: str = "labels", count: int = 14) -> Path:
    """Make a directory with a genre that the shipped model does not know."""
    top = Path(folder)
    (top / "job-advert").mkdir(parents=True)
    for number, text in enumerate(job_adverts()[:count]):
        (top / "job-advert" / f"{number:02}.txt").write_text(text, encoding="utf-8")
    return top


def test_training_adds_a_genre_to_the_shipped_model() -> None:
    done = banmian("train", write_labels(), "-o", "models/mine")
    assert done.returncode == 0
    assert lines(done.stdout)[0].split() == ["genre", "articles", "precision", "recall", "F1"]
    said = lines(done.stderr)
    assert said[0] == "14 texts and 0 pages of 1 genre"
    assert re.fullmatch(r"mine@[0-9a-f]{8} in models/mine: 14 texts, 0 pages, [\d.]+ s", said[-1])
    found = []
    for number, text in enumerate(job_adverts()[14:]):
        Path(f"{number}.txt").write_text(text, encoding="utf-8")
        found += lines(banmian("classify", "-m", "models/mine", f"{number}.txt").stdout)
    assert sum("job-advert" in line for line in found) >= 3
    facts = json.loads(banmian("evaluate", "-m", "models/mine", "--json", "labels").stdout)
    assert facts["genre"]["genres"]["job-advert"]["f1"] >= 0.8
    before, after = (
        json.loads(banmian("evaluate", "--json", LABELED, *model).stdout)["genre"]["accuracy"]
        for model in ([], ["-m", "models/mine"])
    )
    assert after >= before - 0.01


def test_training_names_genres_with_too_few_texts() -> None:
    said = lines(banmian("train", write_labels(count=4), "-o", "mine").stderr)
    assert said[1] == "job-advert: only 4 texts of this genre; add 8 or more, or correct its name"


def test_evaluate_names_genres_that_the_model_does_not_know() -> None:
    done = banmian("evaluate", write_labels(count=3))
    (line,) = lines(done.stderr)
    assert line.endswith("does not know job-advert: all texts of this count as wrong")


def test_training_quietly_says_nothing_and_prints_json() -> None:
    done = banmian("train", "-q", "--json", write_labels(), "-o", "mine")
    assert done.stderr == b""
    assert json.loads(done.stdout)["model"].startswith("mine@")


def interruptible(words: list[str], *, group: bool = False) -> subprocess.Popen[bytes]:
    """Start a process that Ctrl-C can reach even if these tests run in the background, where shells ignore it.

    With ``group`` it heads a process group of its own.
    """
    pipe = subprocess.PIPE
    reset = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(
        words,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        env=ENVIRONMENT,
        preexec_fn=reset,
        process_group=0 if group else None,
    )


@posix
def test_interrupted_training_leaves_the_old_model() -> None:
    write_labels()
    assert banmian("train", "-q", "labels", "-o", "models/mine").returncode == 0
    before = Path("models/mine/config.json").read_bytes()
    words = [*COMMAND, "train", "--seed", "1", "labels", "-o", "models/mine"]
    with interruptible(words) as process:
        assert process.stderr
        while not process.stderr.readline().startswith(b"fitting"):
            pass
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (ExitCode.INTERRUPTED, b"")
    assert errors.endswith(b"banmian: interrupted\n")
    assert Path("models/mine/config.json").read_bytes() == before
    assert [path.name for path in Path("models").iterdir()] == ["mine"]
    assert banmian("info", "-m", "models/mine").returncode == 0


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["train", "labels"], ExitCode.USAGE, "output"),
        (["train", "-o", "labels", "labels"], ExitCode.USAGE, "is no part of a model"),
        (["train", "-o", "mine", "gone"], ExitCode.LABELS, "gone: no such"),
        (["train", "-o", "mine"], ExitCode.LABELS, "labeled: no such"),
        (["train", "-o", "mine", "--rename", "law", "labels"], ExitCode.USAGE, "OLD=NEW"),
        (["train", "-o", "mine", "--drop", "gone", "labels"], ExitCode.USAGE, "gone"),
        (["train", "-o", "mine", "--base", "gone", "labels"], ExitCode.MODEL, "gone"),
        (["evaluate", "gone"], ExitCode.LABELS, "gone: no such"),
        (["evaluate", "-m", "gone", "labels"], ExitCode.MODEL, "gone"),
    ],
)
def test_training_that_cannot_be(words: list[str], status: ExitCode, said: str) -> None:
    write_labels()
    done = banmian(*words)
    assert (done.returncode, done.stdout) == (status, b"")
    (line,) = lines(done.stderr)
    assert line.startswith("banmian: ")
    assert said in line
    assert not Path("mine").exists()


def test_evaluate_prints_tables() -> None:
    done = banmian("evaluate", PAGES)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode()
    for word in ("genre", "macro-F1", "whole articles", "WindowDiff"):
        assert word in shown


def test_check_finds_nothing_in_the_starter_collection() -> None:
    done = banmian("check", LABELED)
    assert (done.returncode, done.stdout) == (0, b"")
    assert lines(done.stderr)[0].endswith("20 genres: nothing wrong")


def test_check_lists_what_is_wrong() -> None:
    top = write_labels(count=13)
    shutil.copy(top / "job-advert" / "00.txt", top / "job-advert" / "twin.txt")
    (top / "law").mkdir()
    shutil.copy(top / "job-advert" / "01.txt", top / "law")
    (top / "law" / "bad.txt").write_bytes(bytes(range(256)) * 8)
    (top / "bad.jsonl").write_text("{\n", encoding="utf-8")
    done = banmian("check", top, "-q")
    assert (done.returncode, done.stderr) == (ExitCode.LABELS, b"")
    found = lines(done.stdout)
    assert [line.split(": ")[0] for line in found] == [
        "labels/law/bad.txt",
        "labels/bad.jsonl:1",
        "labels/job-advert/twin.txt",
        "labels/law/01.txt",
    ]


# --- Pipes, signals, terminals ---


@posix
@pytest.mark.parametrize("options", ["", "--format jsonl", "-j 2", "--format tsv -v"])
def test_a_reader_may_leave(options: str) -> None:
    copy_pages("pages", 40)
    command = f"set -o pipefail; '{sys.executable}' -m classifier split pages -q {options} | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0
    assert len(lines(done.stdout)) == 1
    assert "-v" in options or done.stderr == b""
    assert b"Error" not in done.stderr
    assert b"Exception" not in done.stderr


@posix
@pytest.mark.parametrize("words", ["--help", "--version", "split '{page}'", "info"])
def test_a_reader_may_be_gone_already(words: str) -> None:
    command = f"set -o pipefail; '{sys.executable}' -m classifier {words.format(page=PAGE)} | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=ENVIRONMENT, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@linux
def test_a_full_disk_is_reported() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "split", PAGE], stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False
        )
    assert done.returncode == ExitCode.SOME_FAILED
    (line,) = lines(done.stderr)
    assert line.startswith("banmian: standard output: ")


@linux
def test_a_disk_too_full_for_the_list_of_failures_ends_no_run() -> None:
    top = copy_pages("pages")
    for number in range(100):
        (top / f"{'坏' * 60}{number:03}.txt").write_bytes(b"\xff\xfe\x00\xd8\x00")
    command = ["bash", "-c", 'ulimit -f 8; exec "$@"', "-", *COMMAND, "split", "--format", "tsv", "pages", "-o", "out"]
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False)
    assert done.returncode == ExitCode.SOME_FAILED
    full, *failed, more, summary = lines(done.stderr)
    assert full.startswith(f"{Path('out', '_failures.jsonl')}: cannot be written: File too large; ")
    assert len(failed) == 20
    assert more == "80 more failed; add -v to see all"
    assert summary.startswith("1 page, ")
    assert "100 failed" in summary
    assert [path.name for path in Path("out").iterdir() if path.name != ".banmian"] == ["000.txt.tsv"]


@posix
def test_interrupting_is_status_130() -> None:
    words = [*COMMAND, "split", "-v", "-"]
    with interruptible(words) as process:
        assert process.stderr
        assert process.stderr.readline().startswith(b"model default@")  # from here on it waits for its input
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (ExitCode.INTERRUPTED, b"", b"banmian: interrupted\n")


@posix
@pytest.mark.parametrize("module", ["typer", "classifier.commands.label", "classifier.model", "numpy"])
def test_interrupting_while_it_starts_is_a_line_too(module: str) -> None:
    code = (
        "import os, signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from classifier.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "split", PAGE], capture_output=True, env=ENVIRONMENT, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.INTERRUPTED, b"", b"banmian: interrupted\n")


@posix
@pytest.mark.parametrize("delay", [0.0, 0.1, 0.2, 0.3, 0.5])
def test_workers_say_nothing_when_all_are_interrupted(delay: float) -> None:
    """As a terminal does it: Ctrl-C goes to every process of the group."""
    copy_pages("pages", 200)
    words = [*COMMAND, "split", "-v", "pages", "-o", "out", "-j", "2"]
    with interruptible(words, group=True) as process:
        assert process.stderr
        assert process.stderr.readline().startswith(b"model default@")  # workers are started next
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (ExitCode.INTERRUPTED, b"")
    assert [line for line in lines(errors) if "articles" not in line] == ["banmian: interrupted"]


@posix
@pytest.mark.parametrize("words", [["split", "-q", PAGE], ["split", "-q", PAGE, "--format", "jsonl"], ["--version"]])
def test_results_for_a_closed_standard_output_are_no_success(words: list[str | Path]) -> None:
    command: list[str | Path] = ["bash", "-c", '"$@" >&-', "-", *COMMAND, *words]
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False)
    assert done.returncode == ExitCode.SOME_FAILED
    (line,) = lines(done.stderr)
    assert line.startswith("banmian: standard output: closed")


@posix
def test_results_in_a_directory_need_no_standard_output() -> None:
    command = ["bash", "-c", '"$@" >&-', "-", *COMMAND, "split", "-q", str(PAGE), "-o", "out"]
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False)
    assert (done.returncode, done.stderr) == (ExitCode.OK, b"")
    assert Path("out", f"{PAGE.name}.jsonl").stat().st_size > 0


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Give the two ends of a pseudo-terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)


def on_terminal(ours: int, theirs: int, *words: str | Path, shared: bool = True, **variables: str) -> tuple[int, str]:
    """Run with standard input and error, and output if ``shared``, on a terminal; give status and what it showed."""
    process = subprocess.Popen(
        [*COMMAND, *words],
        stdin=theirs,
        stdout=theirs if shared else subprocess.DEVNULL,
        stderr=theirs,
        env=ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "40"} | variables,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # Linux: the other end is closed
            break
        if not piece:
            break
        shown += piece
    return process.wait(), shown.decode()


@posix
def test_on_a_terminal_genres_are_coloured_and_nothing_is_cut(terminal: tuple[int, int]) -> None:
    status, shown = on_terminal(*terminal, "split", PAGE)
    plain = re.sub(r"\x1b\[\d*m", "", shown).replace("\r\n", "\n")
    assert status == 0
    assert plain.encode() == banmian("split", PAGE).stdout
    assert "\x1b[36m" in shown


@posix
def test_no_color_is_respected(terminal: tuple[int, int]) -> None:
    assert "\x1b" not in on_terminal(*terminal, "split", PAGE, NO_COLOR="1")[1]


@posix
def test_without_paths_a_terminal_is_not_waited_for(terminal: tuple[int, int]) -> None:
    status, shown = on_terminal(*terminal, "split")
    assert status == ExitCode.USAGE
    assert "no PATH" in shown


@posix
@pytest.mark.parametrize(("words", "bar"), [([], True), (["-q"], False)])
def test_a_long_run_shows_a_bar_on_a_terminal(terminal: tuple[int, int], words: list[str], bar: bool) -> None:
    status, shown = on_terminal(*terminal, "split", copy_pages("pages", 25), *words, shared=False)
    assert status == 0
    assert ("/25" in shown) == bar
    assert ("25 pages" in shown) == bar
