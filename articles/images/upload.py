"""A file that was uploaded becomes a picture, or is refused with a sentence for the uploader.

A request reads no more than the header: format, size, frames, scans and chunks. It stores the file under a name that is
not public. The worker makes the clean image of it in a process of its own (articles/images/queue.py). A command waits
for such a process: `take`. The file as it was given is never published.
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
from articles.images.limits import checked_header, max_pixels, process_limits, sentence
from articles.images.process import ImageProcess, NotProcessed, header_of, turn
from articles.images.protocol import CLEAN, IMAGE, LARGEST_EDGE, Problem, Refused
from articles.models import Picture

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}  # of clean images
UPLOADS = "uploads"  # the folder of files as they were given

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """A file whose header was read, and is within the limits."""

    file: File
    header: Header
    digest: str


@dataclass(frozen=True)
class Clean:
    content: bytes
    extension: str
    width: int
    height: int


def receive(file: File) -> Upload:
    """Read the header and the digest of a file. Raise ValidationError."""
    if file.size > settings.PICTURE_MOST_BYTES:
        raise ValidationError(sentence(Problem.TOO_MANY_BYTES))
    try:
        return Upload(file, checked_header(file), digest_of(file))
    except Refused as refused:
        raise ValidationError(sentence(refused.problem, refused.detail)) from refused


def digest_of(file: File) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def store_original(upload: Upload) -> str:
    """Store the file as it is. Return its secret name. Raise ValidationError where there is no room, or no answer."""
    upload.file.seek(0)
    return _store("original", f"{UPLOADS}/{secrets.token_hex(32)}", upload.file)


def submit(upload: Upload, picture: Picture, *, original: str) -> Picture:
    """Save a picture for the worker to process; also one that had failed. Return the one that is there already, if the
    same file was uploaded at the same time.
    """
    picture.digest, picture.width, picture.height = upload.digest, upload.header.width, upload.header.height
    picture.original, picture.problem, picture.attempts, picture.due_at = original, "", 0, timezone.now()
    return _save(picture)


def take(file: File, **fields: Any) -> Picture:
    """The picture of this file: the one that is there already (its words stay as they are), else a new one, which is
    ready. For commands: it waits for a process.

    `fields` are those of a new one. Raises ValidationError, with a sentence, for a file that is no picture for us.
    """
    upload = receive(file)
    there = Picture.objects.filter(digest=upload.digest).first()
    if there is not None and there.is_waiting:
        raise ValidationError(_("This image is already being processed. Try again in a moment."))
    return there or keep(clean(upload), Picture(digest=upload.digest, **fields))


def clean(upload: Upload) -> Clean:
    """Wait for a process that makes the clean image. Raise ValidationError."""
    try:
        with turn(CLEAN, waits=True) as mine, tempfile.TemporaryFile() as content:
            copy(upload.file, content)
            job = clean_job(upload.header)
            return as_clean(ImageProcess(job, content, [IMAGE], limits=process_limits(), turn=mine).result())
    except Refused as refused:
        raise ValidationError(sentence(refused.problem)) from refused
    except NotProcessed as error:
        logger.warning("An image could not be processed: %s", error)
        raise ValidationError(sentence(Problem.LOST)) from error


class Cleaning:
    """Job that makes the clean image of an upload."""

    kind, names = CLEAN, (IMAGE,)

    def __init__(self, picture: Picture) -> None:
        self._picture, self.source = picture, picture.original

    def job(self, content: IO[bytes]) -> dict[str, Any]:
        """Raise Refused."""
        return clean_job(checked_header(content))

    def finish(self, files: dict[str, bytes]) -> dict[str, Any]:
        """Store the clean image. Return the fields of the picture. Raise NotProcessed or ValidationError."""
        cleaned = as_clean(files)
        size = {"width": cleaned.width, "height": cleaned.height}
        name = store(cleaned, str(self._picture.digest))
        return {"file": name, "original": "", "problem": "", **size, "due_at": timezone.now(), "attempts": 0}


def copy(file: File, to: IO[bytes]) -> None:
    file.seek(0)
    for chunk in file.chunks():
        to.write(chunk)


def clean_job(header: Header) -> dict[str, Any]:
    return {"kind": CLEAN, "format": header.format, "max_pixels": max_pixels(header.format)}


def as_clean(files: dict[str, bytes]) -> Clean:
    """Return the result of `clean_job`. Raise NotProcessed if it is not a clean image."""
    content = files[IMAGE]
    header = header_of(content)
    if header.format not in EXTENSIONS or max(header.width, header.height) > LARGEST_EDGE or header.frames > 1:
        raise NotProcessed("its result is another kind of image")
    return Clean(content, EXTENSIONS[header.format], header.width, header.height)


def keep(cleaned: Clean, picture: Picture) -> Picture:
    """Saves the new picture, whose digest is known, with its cleaned file; its renditions will follow."""
    picture.file, picture.width, picture.height = store(cleaned, str(picture.digest)), cleaned.width, cleaned.height
    return _save(picture)


def store(cleaned: Clean, digest: str) -> str:
    """Store a clean image. Return its name. Raise ValidationError where there is no room, or no answer."""
    name = Picture._meta.get_field("file").generate_filename(Picture(), f"{digest}.{cleaned.extension}")
    return _store("file", name, ContentFile(cleaned.content))


def _store(field_name: str, name: str, content: File) -> str:
    field = cast(FileField, Picture._meta.get_field(field_name))
    try:
        return str(field.storage.save(name, content, max_length=field.max_length))
    except OSError as error:
        logger.error("A picture could not be kept: %s", error)
        raise ValidationError(_("We couldn’t save this file. Please try again in a moment.")) from error


def _save(picture: Picture) -> Picture:
    try:
        with transaction.atomic():
            picture.save()
    except IntegrityError:  # the same file was given at the same time
        there = Picture.objects.get(digest=picture.digest)
        for mine, theirs in ((picture.file, there.file), (picture.original, there.original)):
            if mine and mine.name != theirs.name:
                mine.storage.delete(str(mine.name))
        return there
    return picture
