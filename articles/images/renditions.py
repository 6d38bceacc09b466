"""A picture in the sizes in which it is shown, drawn after it was taken in.

To change a width, change the table here, and a quality in articles/images/draw_renditions.py; pictures that are there
already keep what they have until `Picture.renditions` is emptied and `due_at` is set. articles/images/queue.py says
when.
"""

from __future__ import annotations

from dataclasses import asdict
import itertools
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.files.base import ContentFile

from articles.images.process import NotProcessed, header_of
from articles.images.protocol import DRAW, Drawing
from articles.models import Picture

WIDTHS = (400, 800, 1200, 1920)
KINDS = ("avif", "webp")
FORMATS = {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG"}
CROPS = ((16, 9), (4, 3), (1, 1))  # as search engines ask for them; the first one where an article is shared
CROP_WIDTH = 1200  # a JPEG: not everybody who shows what is shared reads the others


class Renditions:
    """Job that draws the missing widths of a picture, and crops around its present focus."""

    kind = DRAW

    def __init__(self, picture: Picture) -> None:
        self._picture, self.source = picture, picture.file
        self._before = {each["width"]: each for each in picture.renditions.get("widths", [])}
        self._widths, self._crops = _widths(picture), _crops(picture)
        missing = [each for width, each in self._widths.items() if width not in self._before]
        self._drawings = [*itertools.chain(*missing), *self._crops]
        self.names = tuple(each.name for each in self._drawings)

    def job(self, content: IO[bytes]) -> dict[str, Any]:
        return {"kind": DRAW, "drawings": [asdict(each) for each in self._drawings]}

    def finish(self, files: dict[str, bytes]) -> dict[str, Any]:
        """Store the drawings. Return the fields of the picture. Raise NotProcessed, or OSError."""
        for each in self._drawings:
            header = header_of(files[each.name])
            if (header.format, header.width, header.height) != (FORMATS[each.kind], each.width, each.height):
                raise NotProcessed(f"{each.name} is another image than was asked for")
        names = {name: _store(self._picture, name, files[name]) for name in self.names}
        renditions = {
            "widths": [self._before.get(width) or _as_width(each, names) for width, each in self._widths.items()],
            "crops": [{"width": each.width, "height": each.height, "name": names[each.name]} for each in self._crops],
            "focus": [self._picture.focus_x, self._picture.focus_y],
        }
        return {"renditions": renditions, "due_at": None, "attempts": 0}


def _widths(picture: Picture) -> dict[int, list[Drawing]]:
    """Never larger than the picture itself."""
    widths = sorted({min(width, picture.width) for width in WIDTHS})
    heights = [max(1, round(picture.height * width / picture.width)) for width in widths]
    return {
        width: [Drawing(f"{width}.{kind}", kind, width, height) for kind in KINDS]
        for width, height in zip(widths, heights, strict=True)
    }


def _as_width(drawings: list[Drawing], names: dict[str, str]) -> dict[str, Any]:
    size = {"width": drawings[0].width, "height": drawings[0].height}
    return {**size, **{each.kind: names[each.name] for each in drawings}}


def _crops(picture: Picture) -> list[Drawing]:
    """Around the focus, which stands in the name: whoever keeps a file for ever keeps the right one."""
    focus = picture.focus_x, picture.focus_y
    crops = []
    for across, down in CROPS:
        width = min(CROP_WIDTH, picture.width, picture.height * across // down) or 1
        name = f"{across}x{down}-{focus[0]}-{focus[1]}.jpg"
        crops.append(Drawing(name, "jpg", width, max(1, width * down // across), focus))
    return crops


def _store(picture: Picture, ending: str, content: bytes) -> str:
    """Beside the picture. Returns the name that the storage gave it."""
    name = PurePosixPath(str(picture.file.name))
    storage, drawn = picture.file.storage, str(name.with_name(f"{name.stem}-{ending}"))
    storage.delete(drawn)  # what a killed worker had begun to write
    return storage.save(drawn, ContentFile(content))
