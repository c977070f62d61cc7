"""Pictures of set pages: painted by Chromium, then damaged as scanners and old paper damage them.

Needs Debian's ``chromium`` and ``fonts-noto-cjk``, and Pillow.
"""

from __future__ import annotations

import html
import io
import os
import random
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.newsprint import Print, Sheet

if TYPE_CHECKING:
    from PIL.Image import Image

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Return the path of a Chromium, or ``None``."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def as_svg(sheet: Sheet, *, seed: int = 0) -> str:
    """Return a page as SVG; photographs are clouds of grey."""
    chance = random.Random(seed)
    face = "Noto Serif CJK SC" if sheet.serif else "Noto Sans CJK SC"
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width:.0f}" height="{sheet.height:.0f}">',
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for tint in sheet.tints:
        out.append(_rect(tint, "#e4e9e4"))
    for number, picture in enumerate(sheet.pictures):
        out.append(
            f'<filter id="f{number}" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" '
            f'baseFrequency="{chance.uniform(0.004, 0.02):.4f}" numOctaves="4" seed="{chance.randint(0, 999)}"/>'
            '<feColorMatrix type="saturate" values="0"/><feComponentTransfer><feFuncA type="linear" slope="0" '
            'intercept="1"/></feComponentTransfer></filter>'
        )
        out.append(_rect(picture, "#999", f' filter="url(#f{number})"'))
    out += [_rect(rule, "#222") for rule in sheet.rules]
    out += [_text(line, face) for line in sheet.prints]
    return "\n".join([*out, "</svg>"])


def _rect(box: Any, fill: str, more: str = "") -> str:  # noqa: ANN401 - a Rule
    size = f'width="{box.right - box.left:.1f}" height="{box.bottom - box.top:.1f}"'
    return f'<rect x="{box.left:.1f}" y="{box.top:.1f}" {size} fill="{fill}"{more}/>'


def _text(line: Print, face: str) -> str:
    family = face if line.kind not in ("subhead", "caption", "folio") else "Noto Sans CJK SC"
    weight = ' font-weight="bold"' if line.bold else ""
    style = f'font-family="{family}" font-size="{line.size:.1f}"{weight} fill="#111"'
    if line.vertical:
        step = (line.bottom - line.top) / len(line.text)
        return "".join(
            f'<text x="{line.left:.1f}" y="{line.top + number * step + line.size * 0.88:.1f}" {style}>'
            f"{html.escape(char)}</text>"
            for number, char in enumerate(line.text)
        )
    wide = f'textLength="{line.right - line.left:.1f}" xml:space="preserve"' if len(line.text) > 1 else ""
    text = html.escape(line.text)
    return f'<text x="{line.left:.1f}" y="{line.top + line.size * 0.88:.1f}" {wide} {style}>{text}</text>'


def paint(sheet: Sheet, *, seed: int = 0) -> Image:
    """Return the picture of a page, in colour.

    Raises
    ------
    RuntimeError
        If there is no Chromium, or it fails.
    """
    from PIL import Image as Images

    program = browser()
    if program is None:
        raise RuntimeError("no Chromium; on Debian: apt-get install chromium fonts-noto-cjk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        head = "<!doctype html><meta charset=utf-8><style>*{margin:0}svg{display:block}</style>"
        page = head + as_svg(sheet, seed=seed)
        (folder / "page.html").write_text(page, "utf-8")
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        command += [f"--user-data-dir={folder / 'profile'}", f"--screenshot={folder / 'page.png'}"]
        command += [f"--window-size={sheet.width:.0f},{sheet.height:.0f}", (folder / "page.html").as_uri()]
        run = subprocess.run(command, capture_output=True, timeout=180, check=False, env={**os.environ, "HOME": name})
        if not (folder / "page.png").exists():
            raise RuntimeError(f"Chromium painted nothing: {run.stderr.decode(errors='replace')[-300:]}")
        with Images.open(folder / "page.png") as picture:
            return picture.convert("RGB")


def age(picture: Image, *, seed: int, behind: Image | None = None) -> tuple[Image, float]:
    """Return a picture as a scanner gives it, and by how many degrees it is turned counter-clockwise.

    Paper that is not white, the back of the page showing through (``behind``), up to 2 degrees of skew, blur, noise,
    JPEG.
    """
    from PIL import Image as Images
    from PIL import ImageFilter

    chance = random.Random(seed)
    grain = np.random.default_rng(seed)
    angle = chance.uniform(-2.0, 2.0)
    paper = np.asarray(picture, dtype=np.float32)
    if behind is not None:
        back = np.asarray(behind.resize(picture.size).transpose(Images.Transpose.FLIP_LEFT_RIGHT), dtype=np.float32)
        paper = paper - (255.0 - back) * chance.uniform(0.06, 0.16)
    tone = np.array([chance.uniform(225, 250), chance.uniform(220, 245), chance.uniform(200, 238)], dtype=np.float32)
    paper = np.clip(paper, 0, 255) / 255.0 * (tone - 30) + 30
    turned = Images.fromarray(paper.astype(np.uint8)).rotate(
        angle, resample=Images.Resampling.BICUBIC, fillcolor=tuple(int(value) for value in tone)
    )
    turned = turned.filter(ImageFilter.GaussianBlur(chance.uniform(0.4, 1.1)))
    noisy = np.asarray(turned, dtype=np.float32) + grain.normal(0, chance.uniform(4, 12), (*turned.size[::-1], 1))
    buffer = io.BytesIO()
    Images.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=chance.randint(45, 75))
    buffer.seek(0)
    with Images.open(buffer) as aged:
        return aged.convert("RGB"), angle
