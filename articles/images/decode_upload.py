"""The image process decodes an original and encodes a clean image: upright, in sRGB, as large as a large screen.

The clean image has no metadata (such as the place), no comment, and no second file behind it.
"""

from __future__ import annotations

import contextlib
import io
from typing import IO, Any

from PIL import AvifImagePlugin, Image, ImageCms, ImageOps

from articles.images.protocol import MAX_EDGE_PIXELS, ImageProblem, ImageRejected

# What every browser shows: it stands in for the renditions until they are there, and where they cannot be read.
OUTPUT_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("JPEG", {"quality": 90, "progressive": True}),
    "PNG": ("PNG", {}),
    "GIF": ("PNG", {}),
    "WEBP": ("WEBP", {"quality": 90}),
    "AVIF": ("WEBP", {"quality": 90}),
}
_DECODER_FORMATS = {"JPEG": ["JPEG", "MPO"]}  # MPO is a telephone's: a JPEG with more behind it

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the other core is the site's
Image.MAX_IMAGE_PIXELS = None  # the caller has read the header, and says how many


def decode_upload(file: IO[bytes], form: str, *, max_pixels: int) -> bytes:
    """Return the content of the clean image. Raise Refused.

    `form` is the format that the header said. The decoder may find another size, and is asked before it decodes.
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
    except Exception as error:  # whatever a decoder meets in a file that is broken, or made to break it
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
