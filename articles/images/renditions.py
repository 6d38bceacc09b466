"""Renditions of an image, drawn after its upload was processed.

Widths are defined here, qualities in articles/images/draw_renditions.py. After a change, existing images keep their
renditions until `Image.renditions` is emptied and `due_at` is set. articles/images/queue.py schedules the drawing.
"""

from __future__ import annotations

from dataclasses import asdict
import itertools
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.files.base import ContentFile

from articles.images.process import ProcessingFailed, read_result_header
from articles.images.protocol import DRAW_RENDITIONS, RenditionSpec
from articles.models import Image

WIDTHS = (400, 800, 1200, 1920)
RENDITION_KINDS = ("avif", "webp")
PILLOW_FORMATS = {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG"}
CROP_RATIOS = ((16, 9), (4, 3), (1, 1))  # ratios that search engines recommend; shared links use the first one
CROP_WIDTH = 1200  # pixels; a JPEG, because not every service that shows shared links reads AVIF and WebP


class DrawRenditionsJob:
    """Job that draws the missing widths of an image, and the crops around its current focal point."""

    kind = DRAW_RENDITIONS

    def __init__(self, image: Image) -> None:
        self._image, self.source = image, image.file
        self._before = {each["width"]: each for each in image.renditions.get("widths", [])}
        self._widths, self._crops = _widths(image), _crops(image)
        missing = [each for width, each in self._widths.items() if width not in self._before]
        self._drawings = [*itertools.chain(*missing), *self._crops]
        self.names = tuple(each.name for each in self._drawings)

    def job(self, content: IO[bytes]) -> dict[str, Any]:
        return {"kind": DRAW_RENDITIONS, "drawings": [asdict(each) for each in self._drawings]}

    def finish(self, files: dict[str, bytes]) -> dict[str, Any]:
        """Store the renditions. Return the new values of the image's fields. Raise ProcessingFailed or OSError."""
        for each in self._drawings:
            header = read_result_header(files[each.name])
            if (header.format, header.width, header.height) != (PILLOW_FORMATS[each.kind], each.width, each.height):
                raise ProcessingFailed(f"{each.name} is another image than was asked for")
        names = {name: _store(self._image, name, files[name]) for name in self.names}
        renditions = {
            "widths": [self._before.get(width) or _as_width(each, names) for width, each in self._widths.items()],
            "crops": [{"width": each.width, "height": each.height, "name": names[each.name]} for each in self._crops],
            "focus": [self._image.focal_point_x, self._image.focal_point_y],
        }
        return {"renditions": renditions, "due_at": None, "attempts": 0}


def _widths(image: Image) -> dict[int, list[RenditionSpec]]:
    """Return the specifications by width. No width exceeds the width of the image."""
    widths = sorted({min(width, image.width) for width in WIDTHS})
    heights = [max(1, round(image.height * width / image.width)) for width in widths]
    return {
        width: [RenditionSpec(f"{width}.{kind}", kind, width, height) for kind in RENDITION_KINDS]
        for width, height in zip(widths, heights, strict=True)
    }


def _as_width(drawings: list[RenditionSpec], names: dict[str, str]) -> dict[str, Any]:
    size = {"width": drawings[0].width, "height": drawings[0].height}
    return {**size, **{each.kind: names[each.name] for each in drawings}}


def _crops(image: Image) -> list[RenditionSpec]:
    """Return the crops around the focal point. It is part of the file name, so that caches may keep files forever."""
    focus = image.focal_point_x, image.focal_point_y
    crops = []
    for across, down in CROP_RATIOS:
        width = min(CROP_WIDTH, image.width, image.height * across // down) or 1
        name = f"{across}x{down}-{focus[0]}-{focus[1]}.jpg"
        crops.append(RenditionSpec(name, "jpg", width, max(1, width * down // across), focus))
    return crops


def _store(image: Image, ending: str, content: bytes) -> str:
    """Store a rendition in the folder of the image file. Return the name in the storage."""
    name = PurePosixPath(str(image.file.name))
    storage, drawn = image.file.storage, str(name.with_name(f"{name.stem}-{ending}"))
    storage.delete(drawn)  # a killed worker may have left a partial file
    return storage.save(drawn, ContentFile(content))
