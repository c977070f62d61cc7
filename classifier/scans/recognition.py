"""Pictures of pages to lines of text, by the models that come with rapidocr. Works offline and on the processor.

Finding lines and reading them are separate: lines are found on a page made smaller and read from all its pixels.
``benchmarks/recognition.py`` shows that they are found as well with characters of 10 pixels as with 24.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from classifier.errors import InputError
from classifier.processor import cores
from classifier.scan import TextLine
from classifier.scans import gutters, large

Pixels = NDArray[np.uint8]
Quad = NDArray[np.float32]

SIDE = 2560
"""Pixels to which the longer side of a page is brought down to find its lines. On a real scan of 4,071 pixels a side a
few lines ran together at 2,048 and none did at 3,000."""

FINE_SIDE, FINE_HEIGHT = 4096, 12.0
"""A page whose lines turn out to be lower than so many pixels there is looked at once more at this side."""

_METHOD = 2
"""Raised whenever the same models find or read lines otherwise: what was kept of earlier pages is then made anew."""

_LEAST_SIDE = 64
"""Pixels of the shorter side that lines are looked for in; the model rounds sides to multiples of 32."""

_LYING = 0.8
"""Share of vertical lines from which a page may lie on its side."""

LEAST_CONFIDENCE = 0.5
"""Lines read less surely than this are specks, halftone dots and rules taken for text; rapidocr's own threshold."""

_SPARSE = 0.4
"""Least characters per line height of length: print has about one, and half as many where it is spaced out."""

_SAMPLE = 12
"""Longest lines that are read both ways up if the page seems to stand on its head."""

_UPRIGHT = 0.75
"""Mean confidence of the sample from which a page is taken to stand upright. Real pages have 0.9 and more; upside down
they have 0.3 to 0.6."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was read on a page."""

    lines: tuple[TextLine, ...]
    rotation: int
    """Degrees, clockwise, by which the page was turned upright: 0, 90, 180 or 270. Boxes are the turned page's."""


def version() -> str:
    """Return what the results depend on: the package, its models, how they are used. Raises like :func:`read_page`."""
    models = _models()
    return f"rapidocr {metadata.version('rapidocr')} {models[0].name} {models[1].name} {_METHOD}"


def read_page(pixels: Pixels, *, threads: int = 0) -> Recognised:
    """Find and read the lines of a page.

    Parameters
    ----------
    pixels
        uint8 of shape (height, width, 3), blue, green, red.
    threads
        Lines read at a time, each on one core; 0 for as many as there are cores.

    Raises
    ------
    InputError
        With code ``missing-extra`` if the packages are not installed.
    """
    engine = _engine(threads or cores())
    quads = engine.find(pixels)
    rotation = _find_rotation(engine, pixels, quads)
    if rotation:
        pixels = turned(pixels, rotation)
        quads = engine.find(pixels)
    quads = gutters.split(pixels, quads)
    texts = engine.read_all(pixels, quads)
    lines = [
        TextLine(text, tuple((float(x), float(y)) for x, y in quad), confidence)
        for quad, (text, confidence) in zip(quads, texts, strict=True)
        if text.strip() and confidence >= LEAST_CONFIDENCE
    ]
    return Recognised(tuple(lines), rotation)


def turned(pixels: Pixels, rotation: int) -> Pixels:
    """Return a page turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -rotation // 90))


def _find_rotation(engine: _Engine, pixels: Pixels, quads: Sequence[Quad]) -> int:
    """Return by how many degrees, clockwise, a page has to be turned to stand upright."""
    sample = sorted(quads, key=lambda quad: float(np.ptp(quad[:, 0]) + np.ptp(quad[:, 1])), reverse=True)[:_SAMPLE]
    if len(sample) < 3:
        return 0
    crops = [crop(pixels, quad) for quad in sample]
    texts = [engine.read(line) for line in crops]
    surely = float(np.mean([confidence for _, confidence in texts]))
    on_its_head = False
    if surely < _UPRIGHT:
        over = [np.ascontiguousarray(line[::-1, ::-1]) for line in crops]
        texts_over = [engine.read(line) for line in over]
        if float(np.mean([confidence for _, confidence in texts_over])) > surely + 0.1:
            on_its_head, crops, texts = True, over, texts_over
    n_vertical = sum(float(np.ptp(quad[:, 1])) > 1.5 * float(np.ptp(quad[:, 0])) for quad in quads)
    if n_vertical > _LYING * len(quads) and _is_lying(engine, crops, [text for text, _ in texts]):
        return 90 if on_its_head else 270
    return 180 if on_its_head else 0


def _is_lying(engine: _Engine, crops: Sequence[Pixels], texts: Sequence[str]) -> bool:
    """Tell a page on its side from one set vertically, by the first characters of lines laid flat.

    Whole lines are read either way; a single character is read only if it stands upright.
    """
    balance = 0
    for line, text in zip(crops, texts, strict=True):
        first = np.ascontiguousarray(line[:, : line.shape[0]])
        for sign, square in ((1, first), (-1, np.ascontiguousarray(np.rot90(first, -1)))):
            balance += sign * (engine.read(square)[0][:1] == text[:1] != "")
    return balance > 0


def crop(pixels: Pixels, quad: Quad, *, margin: float = 0.0) -> Pixels:
    """Cut a line out of a page and straighten it; a vertical one is laid on its side, its first character left.

    ``quad`` is float32 of shape (4, 2), clockwise from the upper left corner; ``margin`` is added above and below, in
    line heights.
    """
    import cv2

    width = max(float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[2] - quad[3])), 2.0)
    height = max(float(np.linalg.norm(quad[3] - quad[0])), float(np.linalg.norm(quad[2] - quad[1])), 2.0)
    if margin:
        across, down = (margin * height, 0.0) if height < width else (0.0, margin * width)
        step = (quad[3] - quad[0]) / height * across + (quad[1] - quad[0]) / width * down
        signs = np.array([[-1], [-1 if across else 1], [1], [1 if across else -1]], dtype=np.float32)
        quad = quad + signs * step
        width, height = width + 2 * down, height + 2 * across
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, dtype=np.float32), corners)
    line = cv2.warpPerspective(
        pixels, matrix, (round(width), round(height)), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC
    )
    if line.shape[0] >= 1.5 * line.shape[1]:
        line = np.rot90(line)
    return np.ascontiguousarray(line, dtype=np.uint8)


class _Engine:
    """The two models, loaded."""

    def __init__(self, threads: int) -> None:
        rapidocr = _package()
        finder, reader = _models()
        common = {
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.use_preprocess_img": False,
            "Global.use_vertical_padding": False,
            "Global.text_score": 0.0,
        }
        # A name for the model keeps rapidocr from looking for one on the network.
        self._finder = rapidocr.RapidOCR(
            params=common
            | {
                "Global.use_rec": False,
                "Det.model_path": str(finder),
                "Det.limit_type": "max",
                "Det.limit_side_len": 1_000_000,  # the page comes in the size it is to be looked at
                "Det.max_candidates": 10_000,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            }
        )
        # One line at a time on one core each: in batches short lines are padded to the longest, and idle threads spin.
        self._reader = rapidocr.RapidOCR(
            params=common
            | {
                "Global.use_det": False,
                "Rec.model_path": str(reader),
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            }
        )
        self.threads = threads

    def find(self, pixels: Pixels) -> list[Quad]:
        """Return the quadrilaterals of the lines, clockwise from the upper left corner of each."""
        side = max(pixels.shape[:2])
        quads = self._find_all(pixels, side)
        if len(quads) < 3:
            return quads
        coarse = self._find(pixels, min(side, SIDE) // 2)
        return large.mend(pixels, quads, coarse, lambda quad: self.read(crop(pixels, quad))[1] >= LEAST_CONFIDENCE)

    def _find_all(self, pixels: Pixels, side: int) -> list[Quad]:
        quads = self._find(pixels, min(side, SIDE))
        if side > SIDE * 1.2 and len(quads) > 20:
            heights = [min(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])) for quad in quads]
            if float(np.median(heights)) * SIDE / side < FINE_HEIGHT:
                return self._find(pixels, min(side, FINE_SIDE))
        return quads

    def _find(self, pixels: Pixels, side: int) -> list[Quad]:
        import cv2

        height, width = pixels.shape[:2]
        scale = side / max(height, width)
        if scale < 1:
            size = max(round(width * scale), 1), max(round(height * scale), 1)
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        across, down = width / pixels.shape[1], height / pixels.shape[0]
        lacking = [max(_LEAST_SIDE - side, 0) for side in pixels.shape[:2]]
        if any(lacking):
            pixels = np.pad(pixels, ((0, lacking[0]), (0, lacking[1]), (0, 0)), mode="edge")
        boxes = self._finder(pixels).boxes
        if boxes is None:
            return []
        return [np.asarray(box, dtype=np.float32) * np.array([across, down], dtype=np.float32) for box in boxes]

    def read(self, line: Pixels) -> tuple[str, float]:
        """Return the text of a straightened line and how sure it is."""
        found = self._reader(line)
        texts, scores = getattr(found, "txts", None), getattr(found, "scores", None)
        if not texts or not scores:
            return "", 0.0
        return str(texts[0]), float(scores[0])

    def read_all(self, pixels: Pixels, quads: Sequence[Quad]) -> list[tuple[str, float]]:
        """Return texts and confidences of lines, in order."""

        def text_of(quad: Quad) -> tuple[str, float]:
            picture = crop(pixels, quad)
            text, confidence = self.read(picture)
            if len(text) < _SPARSE * picture.shape[1] / picture.shape[0]:
                # Some lines come out as a single character, at random; with another margin they do not.
                other = self.read(crop(pixels, quad, margin=0.1))
                if len(other[0]) > 1.5 * len(text) and other[1] >= LEAST_CONFIDENCE:
                    return other
            return text, confidence

        if self.threads == 1:
            return [text_of(quad) for quad in quads]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(text_of, quads))


@lru_cache(maxsize=1)
def _engine(threads: int) -> _Engine:
    """Return the models, loaded once a process."""
    return _Engine(threads)


def _package() -> ModuleType:
    try:
        import cv2  # noqa: F401
        import onnxruntime  # noqa: F401
        import rapidocr
    except ImportError:
        raise missing_extra("needs OCR") from None
    return rapidocr


def _models() -> tuple[Path, Path]:
    """Return the files of the two models in rapidocr's wheel."""
    folder = Path(_package().__path__[0]) / "models"
    found = [sorted(folder.glob(f"*_{task}_*.onnx")) for task in ("det", "rec")]
    if not all(found):
        raise InputError("needs rapidocr with its models; pip install 'rapidocr>=3.10'", code="missing-extra")
    return found[0][-1], found[1][-1]


def missing_extra(need: str) -> InputError:
    """Return the error for an input that needs packages which are not installed."""
    return InputError(f"{need}; pip install 'banmian[ocr]'", code="missing-extra")
