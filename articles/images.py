"""A file that somebody gave us becomes a clean picture, or is refused with a sentence for who gave it.

What is kept is never what was given: the picture is decoded and drawn anew, upright, in sRGB, at most as large as a
large screen shows. So no metadata (the place!), no comment, no second file hidden behind the picture is left.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
import hashlib
import io
import logging
import threading
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from articles.models import Picture
from articles.tasks import draw_renditions

READ = ["JPEG", "PNG", "WEBP", "AVIF", "GIF"]
LARGEST_EDGE = 2560  # pixels of what is kept: a large screen; the newsroom's archive is elsewhere
# What every browser shows: it stands in for the renditions until they are there, and where they cannot be read.
KEPT_AS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "JPEG": ("JPEG", "jpg", {"quality": 90, "progressive": True}),
    "MPO": ("JPEG", "jpg", {"quality": 90, "progressive": True}),  # a telephone's: a JPEG with more behind it
    "PNG": ("PNG", "png", {}),
    "GIF": ("PNG", "png", {}),
    "WEBP": ("WEBP", "webp", {"quality": 90}),
    "AVIF": ("WEBP", "webp", {"quality": 90}),
}
logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()  # each may take hundreds of megabytes, and a worker has several threads


@dataclass(frozen=True)
class Clean:
    content: bytes
    extension: str
    width: int
    height: int
    digest: str


def take(file: File, **fields: Any) -> Picture:
    """The picture of this file: the one that is there already (its words stay as they are), else a new one.

    `fields` are those of a new one. Raises ValidationError, with a sentence, for a file that is no picture for us.
    """
    digest = digest_of(file)
    return Picture.objects.filter(digest=digest).first() or keep(clean(file), Picture(**fields))


def keep(cleaned: Clean, picture: Picture, *, name: str = "") -> Picture:
    """Saves the new picture with its cleaned file, stored already if it has a name; its renditions will follow."""
    picture.digest, picture.width, picture.height = cleaned.digest, cleaned.width, cleaned.height
    picture.file = name or store(cleaned)
    try:
        with transaction.atomic():
            picture.save()
            draw_renditions.enqueue(picture.pk)
    except IntegrityError:  # somebody gave the same at the same time
        there = Picture.objects.get(digest=cleaned.digest)
        if there.file.name != picture.file.name:
            picture.file.storage.delete(picture.file.name)
        return there
    return picture


def store(cleaned: Clean) -> str:
    """Under the name that it returns. Raises ValidationError where there is no room, or no answer."""
    field = Picture._meta.get_field("file")
    try:
        name = field.generate_filename(Picture(), f"{cleaned.digest}.{cleaned.extension}")
        return str(field.storage.save(name, ContentFile(cleaned.content), max_length=field.max_length))
    except OSError as error:
        logger.error("A picture could not be kept: %s", error)
        raise ValidationError(_("We could not keep this file just now. Please try again in a moment.")) from error


def digest_of(file: File) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def clean(file: File) -> Clean:
    """Raises ValidationError. Nothing is decoded before the header's size has been looked at."""
    if file.size > settings.PICTURE_MOST_BYTES:
        most = settings.PICTURE_MOST_BYTES // (1024 * 1024)
        raise ValidationError(_("This file is too large: %(most)s MB at most.") % {"most": most})
    with _one_at_a_time, _opened(file) as image:
        extension, content, size = _drawn_anew(image)
    return Clean(content, extension, *size, digest_of(file))


@contextlib.contextmanager
def _opened(file: File) -> Iterator[Image.Image]:
    file.seek(0)
    try:
        with Image.open(file, formats=READ) as image:
            _refuse_too_many_pixels(image)
            if image.format != "MPO" and getattr(image, "is_animated", False):
                raise ValidationError(_("This picture moves. Take a still of it: a reader could not stop it."))
            yield image
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_too_many_pixels(settings.PICTURE_MOST_PIXELS)) from error
    except Exception as error:  # whatever a parser meets in a file that is broken, or made to break it
        sentence = _("This is not a picture that we can read. Give a JPEG, PNG, WebP, AVIF or GIF.")
        raise ValidationError(sentence) from error


def _refuse_too_many_pixels(image: Image.Image) -> None:
    most = settings.JPEG_MOST_PIXELS if KEPT_AS[str(image.format)][0] == "JPEG" else settings.PICTURE_MOST_PIXELS
    if image.width * image.height > most:
        raise ValidationError(_too_many_pixels(most))


def _too_many_pixels(most: int) -> str:
    return _("This picture has too many pixels: %(most)s million at most.") % {"most": most // 1_000_000}


def _drawn_anew(image: Image.Image) -> tuple[str, bytes, tuple[int, int]]:
    kept_as, extension, options = KEPT_AS[str(image.format)]
    profile = image.info.get("icc_profile")
    scale = min(1, LARGEST_EDGE / max(image.size))
    image.draft(None, (round(image.width * scale), round(image.height * scale)))  # a JPEG can be read at half its size
    image.thumbnail((LARGEST_EDGE, LARGEST_EDGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _in_srgb(ImageOps.exif_transpose(image), profile)
    image.info = {}  # some writers look for comments and profiles there
    written = io.BytesIO()
    image.save(written, kept_as, **options)
    return extension, written.getvalue(), image.size


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB, or RGBA where something shows through. A profile that cannot be understood is left out."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode == "P":
        image = image.convert(mode)
    if profile and image.mode in {"RGB", "RGBA", "L", "CMYK"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            output = "RGBA" if image.mode == "RGBA" else "RGB"
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=output) or image
    return image.convert(mode)
