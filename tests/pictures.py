"""Files that are pictures, or claim to be."""

import io
import itertools
import struct
import zlib

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from articles.images.decode_upload import clean
from articles.images.limits import max_pixels, sentence
from articles.images.process import turn
from articles.images.protocol import IMAGE, Refused
from articles.images.queue import Attempt
from articles.images.upload import as_clean, digest_of, keep, receive, store_original, submit
from articles.models import Picture

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


def cleaned(file):
    """Return what articles.images.upload.clean returns, without a process."""
    upload = receive(file)
    upload.file.seek(0)
    try:
        content = clean(upload.file, upload.header.format, max_pixels=max_pixels(upload.header.format))
    except Refused as refused:
        raise ValidationError(sentence(refused.problem)) from refused
    return as_clean({IMAGE: content})


def take(file, **fields):
    """Return what articles.images.upload.take returns, without a process."""
    return keep(cleaned(file), Picture(digest=digest_of(file), **fields))


def process(pk):
    """Do one step of the worker, if the picture is due. An upload needs another one for its renditions."""
    picture = Picture.objects.due().filter(pk=pk).first()
    if picture is None:
        return
    attempt = Attempt(picture)
    with turn(attempt.kind, waits=True) as mine:
        is_begun = attempt.claim() and attempt.begin(mine)
    if is_begun:
        attempt.end()


def uploaded(content=None, *, alternative="A boat", **fields):
    """Return a picture as the admin saves an upload: the worker has not processed it."""
    upload = receive(given(picture_bytes("PNG") if content is None else content))
    return submit(upload, Picture(alternative=alternative, **fields), original=store_original(upload))


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
