"""A picture as the newsroom keeps it: the cleaned file, what it shows, and what in it matters most.

An upload is stored as it was given, under a name that is not public, until the worker has made the clean file of it.
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
    """A part of a picture for machines: an absolute address, a JPEG unless nothing has been drawn yet."""

    address: str
    width: int
    height: int


class ImageQuerySet(models.QuerySet["Image"]):
    def due(self) -> ImageQuerySet:
        """Return those that are to be processed now."""
        return self.filter(due_at__lte=timezone.now())

    def ready(self) -> ImageQuerySet:
        """Return those that readers can see."""
        return self.exclude(file="")

    def waiting(self) -> ImageQuerySet:
        """Return those whose upload has not been processed yet."""
        return self.exclude(original="")

    @transaction.atomic
    def delete(self) -> tuple[int, dict[str, int]]:
        """As the admin deletes many at once, past each one's own `delete`: the files go, too."""
        forget = [picture.file_deleter() for picture in self]
        deleted = super().delete()
        for each in forget:
            transaction.on_commit(each)
        return deleted


class Image(TypedText):
    """`digest` is the SHA-256 (hexadecimal) of the file as it was given: the same file is one picture.

    A picture is waiting with an `original` and without a `file`, ready with a `file` and without an `original`, and has
    failed with neither; then `problem` says why (articles.images.protocol.ImageProblem), and the digest is forgotten.

    `renditions` tells which ones have been drawn (articles/images/renditions.py); `due_at` when it is to be processed
    next, None if nothing is left to do; `attempts` how often that was begun since the last success.
    """

    file = models.FileField(_("file"), upload_to="pictures/%Y/%m/", max_length=200, blank=True)
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
        """Tell whether readers can see it."""
        return bool(self.file)

    @property
    def is_waiting(self) -> bool:
        return bool(self.original)

    @property
    def has_failed(self) -> bool:
        return not self.file and not self.original

    def crops(self) -> list[Crop]:
        """For og:image and JSON-LD: 16:9 first, then 4:3 and 1:1, around the focus; until then the whole picture.

        Empty until it is ready.
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
        """Changed words or another focus move every article that shows it.

        With `update_fields` the worker may process it meanwhile.
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
        """With its files, once that is certain. Raises ProtectedError while an article shows it."""
        forget = self.file_deleter()
        deleted = super().delete(*args, **kwargs)
        transaction.on_commit(forget)
        return deleted

    def file_deleter(self) -> Callable[[], None]:
        """What deletes them when it is called, also when the row is gone."""
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
