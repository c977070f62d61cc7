"""Pictures of every kind to pixels, and what is no picture."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from classifier.errors import InputError
from classifier.scans import images


def picture(mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Return a white picture whose upper left quarter is black (blue, in colour)."""
    image = Image.new("RGB", size, "white")
    image.paste((0, 0, 200), (0, 0, size[0] // 2, size[1] // 2))
    return image.convert(mode)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "JPEG2000"])
def test_every_format_is_read(form: str) -> None:
    pixels = images.read(encoded(picture(), form))
    assert pixels.shape == (20, 40, 3)
    assert pixels.dtype == np.uint8
    blue, green, red = pixels[3, 3].tolist()
    assert blue > 150 > 60 > max(green, red)
    assert pixels[15, 35].min() > 240


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_is_read(mode: str) -> None:
    grey = picture("L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = grey.convert(mode) if mode in ("1", "L", "I", "F") else picture(mode)
    pixels = images.read(encoded(image, "TIFF"))
    assert pixels.shape == (20, 40, 3)
    assert pixels[:10, :20, 2].mean() < 60
    assert pixels[10:, 20:].mean() > 240


def test_what_is_transparent_is_paper() -> None:
    pixels = images.read(encoded(Image.new("RGBA", (5, 5), (0, 0, 0, 0)), "PNG"))
    assert pixels.min() == 255


def test_a_picture_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held a quarter turn to the left
    pixels = images.read(encoded(picture(), "JPEG", exif=exif))
    assert pixels.shape == (40, 20, 3)
    assert pixels[3, 15, 2] < 60  # the dark quarter is now right above
    assert pixels[3, 3].min() > 200


def test_pages_of_a_tiff_are_read_one_by_one() -> None:
    pages = [Image.new("L", (10 + n, 10), 80 * n) for n in range(3)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert images.count_pages(data) == 3
    assert [images.read(data, n).shape[1] for n in (1, 2, 3)] == [10, 11, 12]
    assert [int(images.read(data, n)[0, 0, 0]) for n in (3, 1, 2)] == [160, 0, 80]
    assert images.count_pages(encoded(pages[0], "GIF", save_all=True, append_images=pages[1:])) == 1


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        images.read(data)
    assert "\n" not in caught.value.message
    return caught.value


def test_a_file_cut_short_is_refused() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8))
    for form in ("PNG", "JPEG", "TIFF", "WEBP"):
        data = encoded(noise, form)
        assert refused(data[: len(data) // 2]).code == "scan", form


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"\xff\xd8\xff" + bytes(50)])
def test_no_picture_at_all_is_refused(data: bytes) -> None:
    assert refused(data).code == "scan"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    side = (100_000).to_bytes(4, "big")
    head = chunk(b"IHDR", side + side + b"\x01\x00\x00\x00\x00")
    error = refused(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))
    assert error.code == "too-large"
    assert "million pixels" in error.message
