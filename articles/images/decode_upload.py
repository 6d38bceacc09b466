"""Decoding of an uploaded original in the image process, and encoding of a clean image.

The clean image is upright, in sRGB, and at most as large as a large screen. It has no metadata (such as the location),
no comment, and no second file appended to it.
"""

from __future__ import annotations

import contextlib
import io
from typing import IO, Any

from PIL import AvifImagePlugin, Image, ImageCms, ImageOps

from articles.images.protocol import MAX_EDGE_PIXELS, ImageProblem, ImageRejected

# Formats that every browser shows. The clean image replaces renditions that are not drawn yet or that cannot be read.
OUTPUT_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("JPEG", {"quality": 90, "progressive": True}),
    "PNG": ("PNG", {}),
    "GIF": ("PNG", {}),
    "WEBP": ("WEBP", {"quality": 90}),
    "AVIF": ("WEBP", {"quality": 90}),
}
_DECODER_FORMATS = {"JPEG": ["JPEG", "MPO"]}  # MPO: a JPEG of a phone with more images appended

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # leave the other core to the site
Image.MAX_IMAGE_PIXELS = None  # the caller has read the header and passes `max_pixels`


def decode_upload(file: IO[bytes], form: str, *, max_pixels: int) -> bytes:
    """Return the content of the clean image. Raise ImageRejected.

    `form` is the format in the header. Check the size again before decoding, because the decoder may find another one.
    """
    try:
        with Image.open(file, formats=_DECODER_FORMATS.get(form, [form])) as image:
            if image.width * image.height > max_pixels:
                raise ImageRejected(ImageProblem.UNREADABLE, "another size than its header says")
            if image.format != "MPO" and getattr(image, "is_animated", False):
                raise ImageRejected(ImageProblem.ANIMATED)
            return _reencode(image, form)
    except (ImageRejected, MemoryError):
        raise
    except Exception as error:  # decoders raise any exception for damaged or hostile files
        raise ImageRejected(ImageProblem.UNREADABLE, f"{type(error).__name__}: {error}") from error


def _reencode(image: Image.Image, form: str) -> bytes:
    kept_as, options = OUTPUT_FORMATS[form]
    profile = image.info.get("icc_profile")
    scale = min(1, MAX_EDGE_PIXELS / max(image.size))
    image.draft(None, (round(image.width * scale), round(image.height * scale)))  # a JPEG can be read at half its size
    image.thumbnail((MAX_EDGE_PIXELS, MAX_EDGE_PIXELS), Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _to_srgb(ImageOps.exif_transpose(image), profile)
    image.info = {}  # some writers look for comments and profiles there
    written = io.BytesIO()
    image.save(written, kept_as, **options)
    return written.getvalue()


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to RGB, or to RGBA if the image has transparency. Ignore a color profile that cannot be read."""
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
