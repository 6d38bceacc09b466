"""Upload of images: check the file, store the original, queue it for the worker.

A request reads only the header: format, size, frames, scans and chunks. It stores the file under a name that is not
public. The worker makes the clean image in a separate process (articles/images/queue.py). Commands wait for such a
process: `get_or_create_image`. The original file is never published. A rejected file has a message for the uploader.
"""

from __future__ import annotations

from dataclasses import dataclass
import hashlib
import logging
import secrets
import tempfile
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import IntegrityError, transaction
from django.db.models import FileField
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.images.headers import Header
from articles.images.limits import max_pixels, problem_message, process_limits, read_checked_header
from articles.images.process import ImageProcess, ProcessingFailed, process_lock, read_result_header
from articles.images.protocol import DECODE_UPLOAD, MAX_EDGE_PIXELS, RESULT_NAME, ImageProblem, ImageRejected
from articles.models import Image

FILE_EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}  # of clean images
UPLOAD_FOLDER = "uploads"  # of original files

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """Uploaded file whose header is within the limits. `digest` is the SHA-256 of the file in hexadecimal."""

    file: File
    header: Header
    digest: str


@dataclass(frozen=True)
class ProcessedImage:
    content: bytes
    extension: str
    width: int
    height: int


def check_upload(file: File) -> Upload:
    """Read the header and compute the digest of a file. Raise ValidationError if it is not an acceptable image."""
    if file.size > settings.IMAGE_MAX_BYTES:
        raise ValidationError(problem_message(ImageProblem.TOO_MANY_BYTES))
    try:
        return Upload(file, read_checked_header(file), file_digest(file))
    except ImageRejected as refused:
        raise ValidationError(problem_message(refused.problem, refused.detail)) from refused


def file_digest(file: File) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def store_original(upload: Upload) -> str:
    """Store the original file. Return its secret name. Raise ValidationError if the storage fails or is full."""
    upload.file.seek(0)
    return _store_file("original", f"{UPLOAD_FOLDER}/{secrets.token_hex(32)}", upload.file)


def queue_image(upload: Upload, image: Image, *, original: str) -> Image:
    """Save a new or failed image for the worker to process.

    Return the other image if the same file was uploaded concurrently.
    """
    image.digest, image.width, image.height = upload.digest, upload.header.width, upload.header.height
    image.original, image.problem, image.attempts, image.due_at = original, "", 0, timezone.now()
    return _save_or_get(image)


def get_or_create_image(file: File, **fields: Any) -> Image:
    """Return the existing image of this file unchanged, or create a new one that is ready.

    Call it from commands only, because it waits for a process. `fields` are the fields of a new image. Raise
    ValidationError, with a message for the user, for a file that is not an acceptable image.
    """
    upload = check_upload(file)
    there = Image.objects.filter(digest=upload.digest).first()
    if there is not None and there.is_waiting:
        raise ValidationError(_("This image is already being processed. Try again in a moment."))
    return there or save_image(process_upload(upload), Image(digest=upload.digest, **fields))


def process_upload(upload: Upload) -> ProcessedImage:
    """Wait for a process that makes the clean image. Raise ValidationError."""
    try:
        with process_lock(DECODE_UPLOAD, waits=True) as mine, tempfile.TemporaryFile() as content:
            copy_file(upload.file, content)
            job = decode_job(upload.header)
            return processed_image(
                ImageProcess(job, content, [RESULT_NAME], limits=process_limits(), turn=mine).result()
            )
    except ImageRejected as refused:
        raise ValidationError(problem_message(refused.problem)) from refused
    except ProcessingFailed as error:
        logger.warning("An image could not be processed: %s", error)
        raise ValidationError(problem_message(ImageProblem.LOST)) from error


class DecodeUploadJob:
    """Job that makes the clean image of an upload."""

    kind, names = DECODE_UPLOAD, (RESULT_NAME,)

    def __init__(self, image: Image) -> None:
        self._image, self.source = image, image.original

    def job(self, content: IO[bytes]) -> dict[str, Any]:
        """Return the job. Raise ImageRejected."""
        return decode_job(read_checked_header(content))

    def finish(self, files: dict[str, bytes]) -> dict[str, Any]:
        """Store the clean image. Return the new values of the image's fields.

        Raise ProcessingFailed or ValidationError.
        """
        cleaned = processed_image(files)
        size = {"width": cleaned.width, "height": cleaned.height}
        name = store_processed(cleaned, str(self._image.digest))
        return {"file": name, "original": "", "problem": "", **size, "due_at": timezone.now(), "attempts": 0}


def copy_file(file: File, to: IO[bytes]) -> None:
    file.seek(0)
    for chunk in file.chunks():
        to.write(chunk)


def decode_job(header: Header) -> dict[str, Any]:
    return {"kind": DECODE_UPLOAD, "format": header.format, "max_pixels": max_pixels(header.format)}


def processed_image(files: dict[str, bytes]) -> ProcessedImage:
    """Return the result of `decode_job`. Raise ProcessingFailed if it is not a clean image."""
    content = files[RESULT_NAME]
    header = read_result_header(content)
    if header.format not in FILE_EXTENSIONS or max(header.width, header.height) > MAX_EDGE_PIXELS or header.frames > 1:
        raise ProcessingFailed("its result is another kind of image")
    return ProcessedImage(content, FILE_EXTENSIONS[header.format], header.width, header.height)


def save_image(cleaned: ProcessedImage, image: Image) -> Image:
    """Save a new image, whose digest is set, with its clean image. The worker draws the renditions later."""
    image.file, image.width, image.height = (
        store_processed(cleaned, str(image.digest)),
        cleaned.width,
        cleaned.height,
    )
    return _save_or_get(image)


def store_processed(cleaned: ProcessedImage, digest: str) -> str:
    """Store a clean image. Return its name. Raise ValidationError if the storage fails or is full."""
    name = Image._meta.get_field("file").generate_filename(Image(), f"{digest}.{cleaned.extension}")
    return _store_file("file", name, ContentFile(cleaned.content))


def _store_file(field_name: str, name: str, content: File) -> str:
    field = cast(FileField, Image._meta.get_field(field_name))
    try:
        return str(field.storage.save(name, content, max_length=field.max_length))
    except OSError as error:
        logger.error("An image could not be stored: %s", error)
        raise ValidationError(_("We couldn’t save this file. Please try again in a moment.")) from error


def _save_or_get(image: Image) -> Image:
    try:
        with transaction.atomic():
            image.save()
    except IntegrityError:  # the same file was uploaded concurrently
        there = Image.objects.get(digest=image.digest)
        for mine, theirs in ((image.file, there.file), (image.original, there.original)):
            if mine and mine.name != theirs.name:
                mine.storage.delete(str(mine.name))
        return there
    return image
