"""Image files, and files that only claim to be images."""

import io
import itertools
import struct
import zlib

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as PILImage

from articles.images.decode_upload import decode_upload
from articles.images.limits import max_pixels, problem_message
from articles.images.process import process_lock
from articles.images.protocol import RESULT_NAME, ImageRejected
from articles.images.queue import Attempt
from articles.images.upload import check_upload, file_digest, processed_image, queue_image, save_image, store_original
from articles.models import Image

_shades = itertools.count(1)


def draw_image(width=60, height=40, color=None, mode="RGB"):
    """Return an image whose left half has another colour, so that its orientation is visible."""
    image = PILImage.new(mode, (width, height), color or 0)
    if mode in {"RGB", "RGBA"} and color is None:
        number = next(_shades)
        image.paste((200, number % 256, number // 256 % 256), (0, 0, width // 2, height))
    return image


def image_bytes(kind="JPEG", image=None, **options):
    buffer = io.BytesIO()
    (image or draw_image()).save(buffer, kind, **options)
    return buffer.getvalue()


def upload_file(content=None, name="holiday.jpg", **options):
    return SimpleUploadedFile(name, image_bytes(**options) if content is None else content)


def process_bytes(file):
    """Return what articles.images.upload.process_upload returns, without a process."""
    upload = check_upload(file)
    upload.file.seek(0)
    try:
        content = decode_upload(upload.file, upload.header.format, max_pixels=max_pixels(upload.header.format))
    except ImageRejected as error:
        raise ValidationError(problem_message(error.problem)) from error
    return processed_image({RESULT_NAME: content})


def get_or_create(file, **fields):
    """Return what articles.images.upload.get_or_create_image returns, without a process."""
    return save_image(process_bytes(file), Image(digest=file_digest(file), **fields))


def process(pk):
    """Run one step of the worker if the image is due. An upload needs a second step for its renditions."""
    image = Image.objects.due().filter(pk=pk).first()
    if image is None:
        return
    attempt = Attempt(image)
    with process_lock(attempt.kind, waits=True) as lock:
        is_begun = attempt.claim() and attempt.begin(lock)
    if is_begun:
        attempt.end()


def queue_upload(content=None, *, alt_text="A boat", **fields):
    """Return an image as the admin saves an upload: not yet processed by the worker."""
    upload = check_upload(upload_file(image_bytes("PNG") if content is None else content))
    return queue_image(upload, Image(alt_text=alt_text, **fields), original=store_original(upload))


def make_image(*, width=60, height=40, alt_text="A boat", **fields):
    return get_or_create(upload_file(image=draw_image(width, height)), alt_text=alt_text, **fields)


def png_of_size(width, height):
    """Return a PNG whose header claims this size, with almost no pixel data."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )
