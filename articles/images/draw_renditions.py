"""Drawing of renditions from a clean image in the image process."""

from __future__ import annotations

from collections.abc import Iterable
import io
from itertools import groupby
from typing import IO, Any

from PIL import Image, ImageOps

from articles.images.protocol import RenditionSpec

ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "avif": ("AVIF", {"quality": 60, "speed": 6, "max_threads": 1}),  # leave the other core to the site
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "jpg": ("JPEG", {"quality": 82, "progressive": True}),
}


def draw_renditions(file: IO[bytes], drawings: Iterable[RenditionSpec]) -> dict[str, bytes]:
    """Return the contents by name. Renditions of the same size must be adjacent, so that the size is drawn once."""
    drawn = {}
    with Image.open(file, formats=["JPEG", "PNG", "WEBP"]) as image:
        for (width, height, focus), those in groupby(drawings, lambda each: (each.width, each.height, each.focus)):
            small = _crop(image, (width, height), focus) if focus else _resize(image, (width, height))
            for each in those:
                kind, options = ENCODERS[each.kind]
                written = io.BytesIO()
                small.save(written, kind, **options)
                drawn[each.name] = written.getvalue()
    return drawn


def _resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.info = {}
    return small


def _crop(image: Image.Image, size: tuple[int, int], focus: tuple[int, int]) -> Image.Image:
    across, down = focus
    return ImageOps.fit(_flatten_on_white(image), size, Image.Resampling.LANCZOS, centering=(across / 100, down / 100))


def _flatten_on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white
