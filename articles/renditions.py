"""A picture in the sizes in which it is shown, drawn after it was taken in.

To change a width, change the table here, and a quality in articles/drawing.py; pictures that are there already keep
what they have until `Picture.renditions` is emptied and `due_at` is set.
"""

from __future__ import annotations

from datetime import timedelta
import itertools
import logging
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone

from articles import drawing
from articles.drawing import Drawing
from articles.models import Picture

WIDTHS = (400, 800, 1200, 1920)
KINDS = ("avif", "webp")
CROPS = ((16, 9), (4, 3), (1, 1))  # as search engines ask for them; the first one where an article is shared
CROP_WIDTH = 1200  # a JPEG: not everybody who shows what is shared reads the others
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
    """What stands in `Picture.renditions`: widths that are there already, and crops around the focus of now."""
    before = {each["width"]: each for each in picture.renditions.get("widths", [])}
    widths, crops = _widths(picture), _crops(picture)
    missing = [each for width, each in widths.items() if width not in before]
    with picture.file.open() as file:
        content = drawing.draw(file.read(), [*itertools.chain(*missing), *crops])
    names = {name: _store(picture, name, drawn) for name, drawn in content.items()}
    return {
        "widths": [before.get(width) or _as_width(each, names) for width, each in widths.items()],
        "crops": [{"width": each.width, "height": each.height, "name": names[each.name]} for each in crops],
        "focus": [picture.focus_x, picture.focus_y],
    }


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
