"""Image: the clean file, its description and its focal point.

The original file of an upload is stored under a name that is not public until the worker has made the clean file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.typed_text import TypedText

_PERCENT = [MaxValueValidator(100)]


def uploads_storage() -> Storage:
    return storages["uploads"]


@dataclass(frozen=True)
class Crop:
    """Crop of an image for other services, with an absolute URL. It is a JPEG, except before renditions are drawn."""

    address: str
    width: int
    height: int


class ImageQuerySet(models.QuerySet["Image"]):
    def due(self) -> ImageQuerySet:
        """Return the images to process now."""
        return self.filter(due_at__lte=timezone.now())

    def ready(self) -> ImageQuerySet:
        """Return the images that readers can see."""
        return self.exclude(file="")

    def waiting(self) -> ImageQuerySet:
        """Return the images whose upload has not been processed yet."""
        return self.exclude(original="")

    @transaction.atomic
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the images and their files. Bulk deletion in the admin does not call `Image.delete`."""
        forget = [image.file_deleter() for image in self]
        deleted = super().delete()
        for each in forget:
            transaction.on_commit(each)
        return deleted


class Image(TypedText):
    """Image with its files and texts.

    `digest` is the SHA-256 (hexadecimal) of the original file, so that each file is stored once.

    A waiting image has an `original` and no `file`. A ready image has a `file` and no `original`. A failed image has
    neither; `problem` is the reason (articles.images.protocol.ImageProblem), and the digest is cleared.

    `renditions` lists the drawn renditions (articles/images/renditions.py). `due_at` is the time of the next attempt,
    None if nothing is left to do. `attempts` counts the attempts since the last success.
    """

    file = models.FileField(_("file"), upload_to="images/%Y/%m/", max_length=200, blank=True)
    original = models.FileField(
        storage=uploads_storage, max_length=200, blank=True, default="", db_default="", editable=False
    )
    problem = models.CharField(max_length=20, blank=True, default="", db_default="", editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    digest = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    alt_text = models.CharField(
        _("alt text"), max_length=300, help_text=_("Describe the image for people who can’t see it.")
    )
    caption = models.CharField(_("caption"), max_length=500, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True, help_text=_("e.g. Jane Doe/Reuters"))
    focal_point_x = models.PositiveSmallIntegerField(_("focal point, % from left"), default=50, validators=_PERCENT)
    focal_point_y = models.PositiveSmallIntegerField(_("focal point, % from top"), default=50, validators=_PERCENT)
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    renditions = models.JSONField(default=dict, editable=False)
    due_at = models.DateTimeField(null=True, default=timezone.now, editable=False, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focal_point_x__lte=100, focal_point_y__lte=100), name="focal_point_in_image"
            ),
            models.CheckConstraint(condition=models.Q(file="") | models.Q(original=""), name="image_waiting_or_ready"),
        ]

    def __str__(self) -> str:
        return self.alt_text

    @property
    def is_ready(self) -> bool:
        """Return whether readers can see the image."""
        return bool(self.file)

    @property
    def is_waiting(self) -> bool:
        return bool(self.original)

    @property
    def has_failed(self) -> bool:
        return not self.file and not self.original

    def crops(self) -> list[Crop]:
        """Return the crops for og:image and JSON-LD around the focal point: 16:9, 4:3 and 1:1, in this order.

        Return the whole image until the crops are drawn, and an empty list until the image is ready.
        """
        if not self.is_ready:
            return []
        if drawn := self.renditions.get("crops"):
            return [Crop(self._absolute(each["name"]), each["width"], each["height"]) for each in drawn]
        return [Crop(self._absolute(str(self.file.name)), self.width, self.height)]

    def _absolute(self, name: str) -> str:
        return urljoin(settings.SITE_URL, self.file.storage.url(name))

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the image, and bump the version of all articles that show it.

        With `update_fields` a save is safe while the worker processes the image.
        """
        if self.renditions and self.renditions["focus"] != [self.focal_point_x, self.focal_point_y]:
            self.due_at = timezone.now()
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "due_at"}
        super().save(*args, **kwargs)
        self.bump_article_versions()

    def bump_article_versions(self) -> None:
        self.articles.all().bump_version()
        self.body_articles.all().bump_version()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the image, and its files after the commit. Raise ProtectedError while an article uses it."""
        forget = self.file_deleter()
        deleted = super().delete(*args, **kwargs)
        transaction.on_commit(forget)
        return deleted

    def file_deleter(self) -> Callable[[], None]:
        """Return a function that deletes the files. It works after the row was deleted."""
        files = [(each.storage, str(each.name)) for each in (self.file, self.original) if each]
        files += [(self.file.storage, name) for name in self._rendition_names()]

        def forget() -> None:
            for storage, name in files:
                storage.delete(name)

        return forget

    def _rendition_names(self) -> list[str]:
        widths = self.renditions.get("widths", [])
        return [
            *[each[extension] for each in widths for extension in ("avif", "webp")],
            *[each["name"] for each in self.renditions.get("crops", [])],
        ]
