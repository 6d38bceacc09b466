"""Queue of images to process: first the upload, then its renditions. The worker runs it beside its other jobs.

A worker processes one image at a time and does not block on the decoder. To start an attempt, it sets `due_at` to the
time of the retry that follows if this attempt fails or is killed. So one column is lease and retry time, unlike in
comments/models/lease.py: an image has no state that says whether it is being processed, and every attempt may fail by
killing the process.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from datetime import timedelta
import logging
import tempfile
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, models, transaction
from django.utils import timezone

from articles.images.limits import process_limits
from articles.images.process import ImageProcess, ProcessBusy, ProcessingFailed, process_lock
from articles.images.protocol import ImageProblem, ImageRejected
from articles.images.renditions import DrawRenditionsJob
from articles.images.upload import UPLOAD_FOLDER, DecodeUploadJob, copy_file
from articles.models import Image
from articles.models.image import ImageQuerySet, uploads_storage

MIN_RETRY_DELAY, MAX_RETRY_DELAY = (
    timedelta(minutes=10),
    timedelta(days=1),
)  # longer than processing can take; doubles with each attempt
STORAGE_RETRY_DELAY = timedelta(minutes=1)  # the image is not the cause
MAX_ATTEMPTS = 3  # of an upload; after them it has failed
ORPHAN_RETENTION = timedelta(days=1)  # uploads without an image row: the request was killed before it saved the row

_IS_PROCESSED = models.ExpressionWrapper(models.Q(original=""), output_field=models.BooleanField())

logger = logging.getLogger(__name__)


class ImageQueue:
    """Queue of one worker, and the image it is processing. Call `step` repeatedly."""

    def __init__(self) -> None:
        self._attempt: Attempt | None = None

    @property
    def is_busy(self) -> bool:
        return self._attempt is not None

    def step(self) -> bool:
        """Start the next image, or finish the current one if its process has ended. Return whether anything was done.

        Block only on the database and the storage.
        """
        if self._attempt is None:
            self._attempt = _start_next()
            return self.is_busy
        if not self._attempt.has_exited():
            return False
        attempt, self._attempt = self._attempt, None
        attempt.end()
        return True

    def stop(self) -> None:
        """Release the current image. The next worker starts it again."""
        if self._attempt is not None:
            self._attempt.release()
            self._attempt = None


def _start_next() -> Attempt | None:
    """Start the next due image: uploads before renditions, then the fewest attempts first.

    Return None if no image is due, or if it cannot be started now.
    """
    image = Image.objects.due().order_by(_IS_PROCESSED, "attempts", "due_at").first()
    if image is None:
        return None
    attempt = Attempt(image)
    with contextlib.suppress(ProcessBusy), process_lock(attempt.kind, waits=False) as mine:
        if attempt.claim() and attempt.begin(mine):
            return attempt
    return None


class Attempt:
    """Attempt to process one image in one image process."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._step = DecodeUploadJob(image) if image.is_waiting else DrawRenditionsJob(image)
        self._until = timezone.now() + min(MIN_RETRY_DELAY * 2 ** min(image.attempts, 10), MAX_RETRY_DELAY)

    @property
    def kind(self) -> str:
        return self._step.kind

    @property
    def _claimed(self) -> ImageQuerySet:
        """Return the image, or no row if another worker has claimed it or its focal point has changed."""
        return Image.objects.filter(pk=self._image.pk, due_at=self._until)

    def claim(self) -> bool:
        free = Image.objects.filter(pk=self._image.pk, due_at=self._image.due_at)
        return bool(free.update(due_at=self._until, attempts=models.F("attempts") + 1))

    def begin(self, mine: int) -> bool:
        """Start the image process. Return whether it was started."""
        with self._recording_failures(), tempfile.TemporaryFile() as content:
            if self._image.is_waiting and self._image.attempts >= MAX_ATTEMPTS:
                raise ImageRejected(ImageProblem.LOST, "each worker that tried it was killed")
            self._fetch(content)
            job = self._step.job(content)
            self._process = ImageProcess(job, content, self._step.names, limits=process_limits(), turn=mine)
            return True
        return False

    def _fetch(self, content: IO[bytes]) -> None:
        try:
            with self._step.source.open() as file:
                copy_file(file, content)
        except FileNotFoundError as error:
            raise ProcessingFailed("its file is gone") from error

    def has_exited(self) -> bool:
        return self._process.has_exited()

    def end(self) -> None:
        with self._recording_failures():
            self._save(self._step.finish(self._process.result()))

    def release(self) -> None:
        self._process.close()
        self._claimed.update(due_at=timezone.now(), attempts=models.F("attempts") - 1)

    def _save(self, fields: dict[str, Any]) -> None:
        """Save the result. Readers see it from now on."""
        with transaction.atomic():
            if self._claimed.update(**fields):
                self._image.bump_article_versions()
                self._delete_original()
            elif name := fields.get("file"):  # the image was deleted or claimed again
                self._image.file.storage.delete(name)

    def _delete_original(self) -> None:
        if original := self._image.original:
            transaction.on_commit(lambda: original.storage.delete(str(original.name)), robust=True)

    @contextlib.contextmanager
    def _recording_failures(self) -> Iterator[None]:
        pk = self._image.pk
        try:
            yield
        except (DatabaseError, InterfaceError):  # the image is not the cause; it is due again when the claim expires
            raise
        except ImageRejected as refused:
            logger.warning("Image %s was rejected: %s (%s)", pk, refused.problem, refused.detail)
            self._fail(refused.problem)
        except (OSError, ValidationError) as error:
            logger.error("Image %s could not be read or stored and will be retried in a minute: %s", pk, error)
            again = timezone.now() + STORAGE_RETRY_DELAY
            self._claimed.update(due_at=again, attempts=models.F("attempts") - 1)
        except Exception as error:
            is_known = isinstance(error, ProcessingFailed)
            logger.warning("Image %s could not be processed: %s", pk, error, exc_info=not is_known)
            if self._image.attempts + 1 >= MAX_ATTEMPTS:
                self._fail(ImageProblem.LOST)
            elif self._image.is_waiting:
                self._claimed.update(problem=ImageProblem.LOST)

    def _fail(self, problem: ImageProblem) -> None:
        """Mark an upload as failed and delete its original. Failed renditions are retried."""
        if self._image.is_waiting:
            with transaction.atomic():
                if self._claimed.update(original="", problem=problem, digest=None, due_at=None, attempts=0):
                    self._delete_original()


def purge_orphaned_uploads() -> None:
    """Delete stored uploads that no image refers to."""
    storage = uploads_storage()
    try:
        _folders, names = storage.listdir(UPLOAD_FOLDER)
    except FileNotFoundError:  # nothing was ever uploaded
        return
    before = timezone.now() - ORPHAN_RETENTION
    old = {f"{UPLOAD_FOLDER}/{name}" for name in names if storage.get_modified_time(f"{UPLOAD_FOLDER}/{name}") < before}
    for name in old - set(Image.objects.waiting().values_list("original", flat=True)):
        storage.delete(name)
