"""Limits that image headers must meet, and the messages for images that exceed them."""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from articles.images.headers import BadHeader, Header, TooManyParts, read_header
from articles.images.protocol import ImageProblem, ImageRejected, ProcessLimits

_MEGABYTE = 1024 * 1024


def read_checked_header(file: IO[bytes] | File) -> Header:
    """Return the header of an image that may be decoded. Raise ImageRejected, with the known size as detail."""
    try:
        header = read_header(file, max_parts=settings.IMAGE_MAX_PARTS, max_scans=settings.JPEG_MAX_SCANS)
    except TooManyParts as error:
        raise ImageRejected(ImageProblem.TOO_MANY_PARTS) from error
    except BadHeader as error:
        raise ImageRejected(ImageProblem.UNREADABLE, str(error)) from error
    for problem, is_beyond in (
        (ImageProblem.TOO_LONG, max(header.width, header.height) > settings.IMAGE_MAX_EDGE),
        (ImageProblem.TOO_MANY_PIXELS, header.width * header.height > max_pixels(header.format)),
        (ImageProblem.ANIMATED, header.frames > 1),
        (ImageProblem.TOO_MANY_SCANS, header.scans > settings.JPEG_MAX_SCANS),
        (ImageProblem.TOO_MUCH_METADATA, header.metadata > settings.IMAGE_MAX_METADATA_BYTES),
    ):
        if is_beyond:
            raise ImageRejected(problem, _dimensions(header))
    return header


def max_pixels(form: str) -> int:
    """Return the maximum number of pixels of an image of this format."""
    return int(settings.JPEG_MAX_PIXELS if form == "JPEG" else settings.IMAGE_MAX_PIXELS)


def process_limits() -> ProcessLimits:
    return ProcessLimits(
        memory_bytes=settings.IMAGE_PROCESS_MEMORY_BYTES,
        cpu_seconds=settings.IMAGE_PROCESS_CPU_SECONDS,
        wall_seconds=settings.IMAGE_PROCESS_WALL_SECONDS,
    )


def problem_message(problem: str, size: str = "") -> str:
    """Return the message for a problem of an image of this size. It says what to do."""
    sentences = {
        ImageProblem.UNREADABLE: _(
            "This file is damaged or isn’t an image we can read. Upload a JPEG, PNG, WebP, AVIF or GIF."
        ),
        ImageProblem.ANIMATED: _("Animated images aren’t supported. Please use a still."),
        ImageProblem.TOO_MANY_BYTES: _(
            "File too large (maximum %(megabytes)s MB). Make it smaller and upload it again."
        ),
        ImageProblem.TOO_LONG: _(
            "Image too large: %(size)s pixels (maximum %(edge)s pixels a side). Make it smaller and upload it again."
        ),
        ImageProblem.TOO_MANY_PIXELS: _(
            "Image too large: %(size)s pixels (maximum %(pixels)s megapixels, JPEGs %(jpeg)s megapixels). "
            "Make it smaller and upload it again."
        ),
        ImageProblem.TOO_MANY_SCANS: _("This JPEG has too many scans. Save it as a baseline JPEG and upload it again."),
        ImageProblem.TOO_MANY_PARTS: _(
            "This image file has too many parts. Save it again in an image editor and upload that."
        ),
        ImageProblem.TOO_MUCH_METADATA: _(
            "Too much metadata (maximum %(metadata)s MB). Export the image without metadata and upload it again."
        ),
        ImageProblem.TOO_COSTLY: _(
            "This image takes too much memory or time to process. Make it smaller and upload it again."
        ),
        ImageProblem.LOST: _("We couldn’t process this image. Save it again in an image editor and upload that."),
    }
    return sentences[ImageProblem(problem)] % {
        "size": size,
        "megabytes": settings.IMAGE_MAX_BYTES // _MEGABYTE,
        "edge": _format_number(settings.IMAGE_MAX_EDGE),
        "pixels": settings.IMAGE_MAX_PIXELS // 1_000_000,
        "jpeg": settings.JPEG_MAX_PIXELS // 1_000_000,
        "metadata": settings.IMAGE_MAX_METADATA_BYTES // _MEGABYTE,
    }


def _dimensions(header: Header) -> str:
    return f"{_format_number(header.width)} × {_format_number(header.height)}"


def _format_number(number: int) -> str:
    return number_format(number, force_grouping=True)
