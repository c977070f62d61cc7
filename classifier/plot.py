"""Pictures of a score: which genres are taken for which, and what a score is worth. Needs matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classifier.atomic import appearing
from classifier.document import UNKNOWN
from classifier.errors import UsageError
from classifier.metrics import Calibration, GenreScore

CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti TC",
    "Arial Unicode MS",
)
"""Fonts with Chinese characters that systems come with. All fonts could be asked, which takes a second or two."""

CONFUSION, CALIBRATION = "confusion.png", "calibration.png"


def prepare(folder: Path) -> None:
    """Make sure that pictures can be drawn and written, before the work of scoring.

    Raises
    ------
    UsageError
        If matplotlib is not installed or the folder cannot be made.
    """
    _pyplot()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"--plot {folder}: {error.strerror or error}; give a directory that can be written"
        raise UsageError(message) from error


def _pyplot() -> Any:  # noqa: ANN401 - matplotlib has no types here
    try:
        import matplotlib
    except ImportError:
        raise UsageError("--plot: matplotlib is not installed; pip install 'banmian[plot]'") from None
    matplotlib.use("Agg")  # files only: no display is needed
    from matplotlib import pyplot

    return pyplot


def draw(score: GenreScore, calibration: Calibration, folder: Path, *, title: str = "") -> list[Path]:
    """Draw both pictures and return their paths; none if no article with a genre was scored.

    Raises
    ------
    UsageError
        If matplotlib is not installed or a picture cannot be written.
    """
    if not score.count:
        return []
    pyplot = _pyplot()
    with pyplot.rc_context({"font.family": _families()}):
        title = _drawable(title)
        figures = {CONFUSION: _confusion(pyplot, score, title), CALIBRATION: _calibration(pyplot, calibration, title)}
        paths = []
        for name, figure in figures.items():
            paths.append(_write(figure, folder / name))
            pyplot.close(figure)
    return paths


def _families() -> list[str]:
    """Return matplotlib's own font, and for what it lacks a Chinese one that is installed."""
    from matplotlib import font_manager

    there = set(font_manager.get_font_names())
    return ["DejaVu Sans", *[name for name in CHINESE_FONTS if name in there][:1]]


def _drawable(text: str) -> str:
    """Return a text with the characters that no font has as escapes: boxes would all look alike."""
    from matplotlib import font_manager, rcParams

    fonts = [
        font_manager.get_font(font_manager.findfont(font_manager.FontProperties(family=[name])))
        for name in rcParams["font.family"]
    ]
    have = [set(font.get_charmap()) for font in fonts]
    return "".join(
        char if any(ord(char) in known for known in have) else char.encode("ascii", "backslashreplace").decode()
        for char in text
    )


def _write(figure: Any, path: Path) -> Path:  # noqa: ANN401
    """Write a picture, whole or not at all."""
    try:
        with appearing(path) as draft:
            figure.savefig(draft, format="png", metadata={"Software": None})
    except OSError as error:
        raise UsageError(f"--plot {path}: {error.strerror or error}; give a directory that can be written") from error
    return path


def _confusion(pyplot: Any, score: GenreScore, title: str) -> Any:  # noqa: ANN401
    """Return a figure of the shares of each genre's articles by the answer they got."""
    names = score.genres
    answers = [*names, UNKNOWN] if any(label == UNKNOWN for _, label in score.confusion) else names
    counts = [[score.confusion.get((true, label), 0) for label in answers] for true in names]
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    size = 3 + 0.38 * len(answers)
    figure, axes = pyplot.subplots(figsize=(size + 1, size), dpi=120, layout="constrained")
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(answers)), map(_drawable, answers), rotation=90)
    axes.set_yticks(range(len(names)), map(_drawable, names))
    axes.set_xlabel("labelled as")
    axes.set_ylabel("is")
    axes.set_title(f"{title}: {score.count:,} articles, accuracy {score.accuracy:.3f}", fontsize="medium")
    for row, (line, share) in enumerate(zip(counts, shares, strict=True)):
        for column, count in enumerate(line):
            if count:
                shade = "white" if share[column] > 0.5 else "black"
                axes.text(column, row, f"{count}", ha="center", va="center", color=shade, fontsize="small")
    return figure


def _calibration(pyplot: Any, calibration: Calibration, title: str) -> Any:  # noqa: ANN401
    """Return a figure of how many answers of a score are right, and how many answers have it."""
    bins = calibration.reliability()
    figure, (axes, below) = pyplot.subplots(
        2, 1, figsize=(5, 6), dpi=120, sharex=True, height_ratios=(3, 1), layout="constrained"
    )
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    points = [found.confidence for found in bins], [found.accuracy for found in bins]
    axes.plot(*points, color="#b03a2e", marker="o", clip_on=False, zorder=3)  # points at 0 and 1 lie on the frame
    axes.set_ylabel("share that is right")
    axes.set_ylim(0, 1)
    axes.set_title(f"{title}: calibration error {calibration.ece:.3f}", fontsize="medium")
    edges = [(found.low + found.high) / 2 for found in bins]
    widths = [0.9 * (found.high - found.low) for found in bins]
    below.bar(edges, [found.count for found in bins], width=widths, color="0.6")
    below.set_xlabel("score")
    below.set_ylabel("articles")
    below.set_xlim(0, 1)
    return figure
