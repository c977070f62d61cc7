"""Picture files to arrays of pixels, upright and in one form, whatever the file holds."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "JPEG2000")
"""What Pillow is allowed to open: raster formats that scans come in, none of the rarer, less tested ones."""


def count_pages(data: bytes) -> int:
    """Return the number of pages in a picture file: more than one in some TIFFs."""
    with _opened(data) as image:
        return max(1, int(getattr(image, "n_frames", 1))) if image.format == "TIFF" else 1


def read(data: bytes, number: int = 1) -> NDArray[np.uint8]:
    """Decode one page of a picture file.

    Parameters
    ----------
    number
        Page of a TIFF, from 1.

    Returns
    -------
    ndarray
        uint8 of shape (height, width, 3), in the order blue, green, red, turned as EXIF says, on white.

    Raises
    ------
    InputError
        With code ``scan`` if the file is damaged or empty, ``too-large`` if its pixels are more than Pillow considers
        safe (179 million).
    """
    with _opened(data) as image:
        if number > 1:
            image.seek(number - 1)
        return _pixels(image)


@contextmanager
def _opened(data: bytes) -> Iterator[Image]:
    """Open a picture and turn what goes wrong with it, now or while it is decoded, into an :class:`InputError`."""
    from PIL import Image, UnidentifiedImageError

    if not data:
        raise InputError("an empty file, not a picture", code="scan")
    try:
        with warnings.catch_warnings():
            # Damaged metadata and 90 to 179 million pixels, which is a large newspaper at 600 dpi, are no obstacle.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                yield image
    except InputError:
        raise
    except Image.DecompressionBombError:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise InputError(f"more than {limit} million pixels; scale the picture down", code="too-large") from None
    except UnidentifiedImageError:
        raise InputError("no picture that can be read; damaged, or of another format", code="scan") from None
    except MemoryError:
        raise InputError("too large for the memory there is; scale the picture down", code="too-large") from None
    except Exception as error:  # decoders of damaged files raise all kinds: OSError, SyntaxError, struct.error …
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"a damaged picture: {reason}; scan or export it again", code="scan") from error


def _pixels(image: Image) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    picture = image.copy() if image.getexif().get(0x0112, 1) == 1 else ImageOps.exif_transpose(image)
    if picture.mode.startswith(("I", "F")):
        picture = _eight_bits(picture)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        page = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(page, picture)
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])


def _eight_bits(picture: Image) -> Image:
    """Return a picture of 16 or 32 bits a pixel with 8: Pillow would cut off all that is brighter than 255."""
    from PIL import Image

    values = np.asarray(picture).astype(np.float64)
    low, high = (0.0, 65535.0) if picture.mode.startswith("I;16") else (float(values.min()), float(values.max()))
    scaled = (values - low) / max(high - low, 1e-9) * 255
    return Image.fromarray(np.nan_to_num(scaled).clip(0, 255).astype(np.uint8))
