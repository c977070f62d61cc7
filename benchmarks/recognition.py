"""How large a page has to be to find its lines: ``python benchmarks/recognition.py [--font FILE]``.

Sets a page of dense columns from the texts in ``labeled/``, clean and as a poor scan (askew by a degree, faded,
blurred, noisy, JPEG), looks for its lines at several sizes, reads them from all pixels, and prints a table: lines
found, characters wrong, processor seconds. It also compares ways of handing lines to the model. Takes some minutes.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from classifier.scans import recognition  # noqa: E402
from classifier.scans.recognition import Pixels, Quad  # noqa: E402

T = TypeVar("T")

FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
EM, LEADING, CHARACTERS, COLUMNS, ROWS = 24, 35, 20, 5, 38
"""Pixels of a character and from line to line; characters a line, columns and lines a column."""
SHARES = (0.3, 0.42, 0.63, 1.0)


@dataclass(frozen=True)
class Row:
    """A line of print and the pixel in its middle."""

    text: str
    x: float
    y: float


def set_page(font_file: str) -> tuple[Pixels, list[Row]]:
    """Return a page and its lines."""
    from PIL import Image, ImageDraw, ImageFont

    texts = [path.read_text("utf-8") for path in sorted((ROOT / "labeled" / "articles").glob("*/*.txt"))]
    text = "".join("".join(texts).split())
    page = Image.new("L", ((COLUMNS * (CHARACTERS + 2) + 10) * EM, ROWS * LEADING + 10 * EM), 250)
    brush, font = ImageDraw.Draw(page), ImageFont.truetype(font_file, EM, index=2)
    rows = []
    for number in range(COLUMNS * ROWS):
        part = text[number * CHARACTERS : (number + 1) * CHARACTERS]
        x, y = 5 * EM + number // ROWS * (CHARACTERS + 2) * EM, 5 * EM + number % ROWS * LEADING
        brush.text((x, y), part, font=font, fill=30)
        rows.append(Row(part, x + len(part) * EM / 2, y + EM / 2))
    return np.repeat(np.asarray(page)[:, :, None], 3, axis=2), rows


def damage(pixels: Pixels, rows: list[Row]) -> tuple[Pixels, list[Row]]:
    """Return the page as a poor scan, and where its lines are then."""
    import cv2

    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 1.0, 1.0)
    page = cv2.GaussianBlur(cv2.warpAffine(pixels, turn, (width, height), borderValue=(250, 250, 250)), (0, 0), 1.1)
    noise = np.random.default_rng(0).normal(0, 14, page.shape)
    faded = np.clip(np.asarray(page, dtype=np.float64) * 0.75 + 45 + noise, 0, 255).astype(np.uint8)
    _, file = cv2.imencode(".jpg", faded, [cv2.IMWRITE_JPEG_QUALITY, 45])
    moved = [Row(row.text, *(turn @ np.array([row.x, row.y, 1.0]))) for row in rows]
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), dtype=np.uint8), moved


def wrong(rows: list[Row], quads: list[Quad], texts: list[str]) -> float:
    """Return the share of characters that are not among those read in their line."""
    missing = total = 0
    middles = [quad.mean(axis=0) for quad in quads]
    for row in rows:
        near = [
            (middle[0], text)
            for middle, text in zip(middles, texts, strict=True)
            if abs(middle[1] - row.y) < EM / 2 and abs(middle[0] - row.x) < CHARACTERS * EM / 2
        ]
        read = "".join(text for _, text in sorted(near))
        blocks = SequenceMatcher(None, row.text, read, autojunk=False).get_matching_blocks()
        missing += len(row.text) - sum(block.size for block in blocks)
        total += len(row.text)
    return missing / total


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time a piece of work takes."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def collect(found: list[T], work: Callable[[], list[T]]) -> None:
    """Append what a piece of work returns."""
    found.extend(work())


def compare_sizes(engine: recognition._Engine, pixels: Pixels, rows: list[Row], *, name: str) -> None:
    """Print a line of the table for every size."""
    for share in SHARES:
        quads: list[Quad] = []
        texts: list[tuple[str, float]] = []
        side = round(max(pixels.shape[:2]) * share)
        find = seconds(partial(collect, quads, partial(engine._find, pixels, side)))
        read = seconds(partial(collect, texts, partial(engine.read_all, pixels, quads)))
        errors = wrong(rows, quads, [text for text, _ in texts])
        print(f"| {name} | {share * EM:.0f} | {len(quads)} | {errors:.2%} | {find:.1f} | {read:.1f} |")


def compare_batches(pixels: Pixels, quads: list[Quad]) -> None:
    """Print the processor time of reading lines one by one and in batches."""
    from importlib import import_module

    engine, lines = import_module("rapidocr").RapidOCR, import_module("rapidocr.ch_ppocr_rec").TextRecInput
    crops = [recognition.crop(pixels, quad) for quad in quads]
    for threads, batch in ((1, 1), (1, 6), (2, 6)):
        settings = {"Rec.rec_batch_num": batch, "EngineConfig.onnxruntime.intra_op_num_threads": threads}
        model = engine(params={"Global.log_level": "critical", **settings})._load_rec_model()
        spent = seconds(partial(model, lines(img=crops, return_word_box=False)))
        print(f"| {batch} | {threads} | {spent:.1f} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", default=FONT, help="a serif font with Chinese characters")
    pixels, rows = set_page(parser.parse_args().font)
    engine = recognition._Engine(1)
    print(f"{len(rows)} lines of {CHARACTERS} characters\n")
    print("| page | character, pixels | lines found | characters wrong | to find, s | to read, s |")
    print("|---|---:|---:|---:|---:|---:|")
    compare_sizes(engine, pixels, rows, name="clean")
    compare_sizes(engine, *damage(pixels, rows), name="poor scan")
    print("\n| lines at a time | threads | to read, s |\n|---:|---:|---:|")
    compare_batches(pixels, engine.find(pixels)[:120])


if __name__ == "__main__":
    main()
