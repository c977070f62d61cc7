"""The picture of a page with its articles tinted, for people to see what was found."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.document import Article, PageResult
from classifier.scan import PlacedText, Region

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

Colour = tuple[int, int, int]

MARK = b"written by banmian split --overlay"
"""The comment in every picture written here."""

SIDE = 2400
"""Pixels of the longer side at most: enough to read the print of a page, and quick to open."""

COLOURS: tuple[Colour, ...] = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (148, 103, 189),
    (140, 86, 75),
)
"""The palette of Okabe and Ito, which colour-blind people can tell apart, and two more."""

_FONTS = (
    # Debian, Ubuntu, Fedora; then macOS and Windows.
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)


def draw(result: PageResult, pixels: NDArray[np.uint8] | None) -> bytes:
    """Return a JPEG of a page, each article in its own colour with its number, genre and score.

    Parameters
    ----------
    result
        A result with ``scan``; a page of ``classify`` has no articles and is shown as it is.
    pixels
        Its picture, uint8 of shape (height, width, 3), blue, green, red; ``None`` for layout files, whose lines are
        drawn on white instead.
    """
    from PIL import Image, ImageDraw

    scan = result.scan
    assert scan is not None
    page = scan.page
    scale = min(1.0, SIDE / max(page.width, page.height))
    size = max(round(page.width * scale), 1), max(round(page.height * scale), 1)
    if pixels is None:
        picture = Image.new("RGB", size, "white")
        _draw_lines(ImageDraw.Draw(picture), scan, scale)
    else:
        picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1])).resize(size)
    tint = Image.new("RGBA", size, (255, 255, 255, 0))
    brush = ImageDraw.Draw(tint)
    font = _font(max(size[0] // 70, 14))
    for number, article in enumerate(result.articles):
        colour = COLOURS[number % len(COLOURS)]
        for region in article.regions:
            points = _scaled(region, scale)
            brush.polygon(points, fill=(*colour, 70))
            brush.line([*points, points[0]], fill=(*colour, 255), width=max(size[0] // 600, 2))
    for number, article in enumerate(result.articles):
        _draw_labels(brush, number, article, scale=scale, font=font, limit=size[0])
    picture = Image.alpha_composite(picture.convert("RGBA"), tint).convert("RGB")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80, comment=MARK)
    return file.getvalue()


def _scaled(region: Region, scale: float) -> list[tuple[float, float]]:
    return [(x * scale, y * scale) for x, y in region.polygon]


def _draw_lines(brush: ImageDraw, scan: PlacedText, scale: float) -> None:
    """Draw the lines of a page that has no picture: their text where there is a font, else their boxes."""
    for line in scan.page.lines:
        font = _font(max(round(line.height * scale * 0.8), 4))
        if line.vertical or not _can_write(line.text, font):
            brush.polygon([(x * scale, y * scale) for x, y in line.polygon], outline=(120, 120, 120))
        else:
            brush.text((line.left * scale, line.top * scale), line.text, fill=(60, 60, 60), font=font)


def _draw_labels(brush: ImageDraw, number: int, article: Article, *, scale: float, font: Font, limit: int) -> None:
    """Write number, genre and score above the first region of an article, and the number above the others."""
    full = f"{number + 1} {article.genre} {article.score:.2f}"
    if not _can_write(full, font):
        full = f"{number + 1} {article.score:.2f}"
    for region in article.regions:
        text = full if region is article.regions[0] else str(number + 1)
        x, y = min(_scaled(region, scale), key=lambda point: (point[1], point[0]))
        box = brush.textbbox((x, y), text, font=font)
        pad = (box[3] - box[1]) // 3 + 1
        height = box[3] - box[1] + 2 * pad
        y = max(y - height, 0)  # above the region, so that the headline stays readable
        x = max(min(x, limit - (box[2] - box[0]) - 2 * pad), 0)
        brush.rectangle((x, y, x + box[2] - box[0] + 2 * pad, y + height), fill=(*COLOURS[number % len(COLOURS)], 255))
        brush.text((x + pad, y + pad), text, fill=(255, 255, 255, 255), font=font, anchor="lt")


def _font(size: int) -> Font:
    """Return a font with Han characters, if the system has one where it usually is, else Pillow's own."""
    from PIL import ImageFont

    for path in _FONTS:
        if os.path.exists(path):  # noqa: PTH110 Path("C:/…") is relative elsewhere
            try:
                return ImageFont.truetype(path, size)
            except OSError:
                continue
    return ImageFont.load_default(size)


def _can_write(text: str, font: Font) -> bool:
    """Tell whether a font has the characters of a text: Pillow's own has those of Latin only."""
    return text.isascii() or Path(str(getattr(font, "path", ""))).is_file()
