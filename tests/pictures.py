"""Files that are pictures, or claim to be."""

import io
import itertools
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from articles.images import take

_shades = itertools.count(1)


def drawn(width=60, height=40, color=None, mode="RGB"):
    """One half of another colour than the other, so that one sees which way it stands."""
    image = Image.new(mode, (width, height), color or 0)
    if mode in {"RGB", "RGBA"} and color is None:
        number = next(_shades)
        image.paste((200, number % 256, number // 256 % 256), (0, 0, width // 2, height))
    return image


def picture_bytes(kind="JPEG", image=None, **options):
    written = io.BytesIO()
    (image or drawn()).save(written, kind, **options)
    return written.getvalue()


def given(content=None, name="holiday.jpg", **options):
    return SimpleUploadedFile(name, picture_bytes(**options) if content is None else content)


def make_picture(*, width=60, height=40, alternative="A boat", **fields):
    return take(given(image=drawn(width, height)), alternative=alternative, **fields)


def png_of_size(width, height):
    """What its header claims; hardly anything follows."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )
