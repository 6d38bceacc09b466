"""A picture in the sizes in which it is shown, drawn after it was taken in.

To change a width or a quality, change the table here; pictures that are there already keep what they have until
`Picture.renditions` is emptied and `due_at` is set.
"""

from __future__ import annotations

from datetime import timedelta
import io
import logging
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone
from PIL import Image, ImageOps

from articles.models import Picture

WIDTHS = (400, 800, 1200, 1920)
FORMATS: dict[str, dict[str, Any]] = {
    "avif": {"quality": 60, "speed": 6, "max_threads": 1},  # the other core is the site's
    "webp": {"quality": 78, "method": 4},
}
CROPS = ((16, 9), (4, 3), (1, 1))  # as search engines ask for them; the first one where an article is shared
CROP_WIDTH = 1200
CROP = {"quality": 82, "progressive": True}  # a JPEG: not everybody who shows what is shared reads the others
FIRST_AGAIN, LAST_AGAIN = timedelta(minutes=10), timedelta(days=1)  # longer than drawing can take, then ever rarer
MOST_AT_ONCE = 5  # of those that failed before: the worker has other things to do, too

logger = logging.getLogger(__name__)


def draw_due() -> None:
    """Those whose task was lost or failed."""
    for pk in list(Picture.objects.due().order_by("due_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        draw(pk)


def draw(pk: int) -> None:
    """Nothing, unless it is due. What fails, or is killed, is due again later: ten minutes, then twice as many, ..."""
    picture = Picture.objects.due().filter(pk=pk).first()
    if picture is None:
        return
    again = timezone.now() + min(FIRST_AGAIN * 2 ** min(picture.attempts, 10), LAST_AGAIN)
    claimed = Picture.objects.filter(pk=pk, due_at=picture.due_at)
    if not claimed.update(due_at=again, attempts=models.F("attempts") + 1):
        return
    try:
        drawn = _draw_all(picture)
    except Exception:
        logger.exception("Picture %s could not be drawn in its sizes; it is tried again at %s.", pk, again)
        return
    with transaction.atomic():  # another focus or another worker has set another time: then it is due again
        if Picture.objects.filter(pk=pk, due_at=again).update(renditions=drawn, due_at=None, attempts=0):
            picture.move_articles()


def _draw_all(picture: Picture) -> dict[str, Any]:
    before = {each["width"]: each for each in picture.renditions.get("widths", [])}
    with picture.file.open() as file, Image.open(file, formats=["JPEG", "PNG", "WEBP"]) as image:
        image.load()
        return {
            "widths": [before.get(width) or _draw_width(picture, image, width) for width in _widths(image)],
            "crops": _draw_crops(picture, image),
            "focus": [picture.focus_x, picture.focus_y],
        }


def _widths(image: Image.Image) -> list[int]:
    """Never larger than the picture itself."""
    return sorted({min(width, image.width) for width in WIDTHS})


def _draw_width(picture: Picture, image: Image.Image, width: int) -> dict[str, Any]:
    height = max(1, round(image.height * width / image.width))
    small = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.info = {}
    names = {
        extension: _store(picture, f"{width}.{extension}", small, options) for extension, options in FORMATS.items()
    }
    return {"width": width, "height": height, **names}


def _draw_crops(picture: Picture, image: Image.Image) -> list[dict[str, Any]]:
    """Around the focus, which stands in the name: whoever keeps a file for ever keeps the right one."""
    focus = picture.focus_x, picture.focus_y
    flat = _on_white(image)
    crops = []
    for across, down in CROPS:
        width = min(CROP_WIDTH, flat.width, flat.height * across // down) or 1
        size = width, max(1, width * down // across)
        crop = ImageOps.fit(flat, size, Image.Resampling.LANCZOS, centering=(focus[0] / 100, focus[1] / 100))
        name = _store(picture, f"{across}x{down}-{focus[0]}-{focus[1]}.jpg", crop, CROP)
        crops.append({"width": size[0], "height": size[1], "name": name})
    return crops


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _store(picture: Picture, ending: str, image: Image.Image, options: dict[str, Any]) -> str:
    """Beside the picture. Returns the name that the storage gave it."""
    name = PurePosixPath(str(picture.file.name))
    written = io.BytesIO()
    image.save(written, {".jpg": "JPEG", ".avif": "AVIF", ".webp": "WEBP"}[f".{ending.rpartition('.')[2]}"], **options)
    storage, drawn = picture.file.storage, str(name.with_name(f"{name.stem}-{ending}"))
    storage.delete(drawn)  # what a killed worker had begun to write
    return storage.save(drawn, ContentFile(written.getvalue()))
