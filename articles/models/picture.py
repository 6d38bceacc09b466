"""A picture as the newsroom keeps it: the cleaned file, what it shows, and what in it matters most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.visible import drop_controls

_PERCENT = [MaxValueValidator(100)]


@dataclass(frozen=True)
class Crop:
    """A part of a picture for machines: an absolute address, a JPEG unless nothing has been drawn yet."""

    address: str
    width: int
    height: int


class PictureQuerySet(models.QuerySet["Picture"]):
    def due(self) -> PictureQuerySet:
        """Whose renditions are to be made now."""
        return self.filter(due_at__lte=timezone.now())

    @transaction.atomic
    def delete(self) -> tuple[int, dict[str, int]]:
        """As the admin deletes many at once, past each one's own `delete`: the files go, too."""
        forget = [picture.forgetting_files() for picture in self]
        deleted = super().delete()
        for each in forget:
            transaction.on_commit(each)
        return deleted


class Picture(models.Model):
    """`digest` is the SHA-256 (hexadecimal) of the file as it was given: the same file is one picture.

    `renditions` tells which ones have been drawn (articles/renditions.py); `due_at` when they are to be drawn next,
    None if they are there; `attempts` how often that was begun since they last were.
    """

    file = models.FileField(_("file"), upload_to="pictures/%Y/%m/", max_length=200)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    alternative = models.CharField(
        _("alternative text"), max_length=300, help_text=_("What it shows, for those who cannot see it.")
    )
    caption = models.CharField(_("caption"), max_length=500, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True, help_text=_("Who made it, and for whom."))
    focus_x = models.PositiveSmallIntegerField(
        _("focus, from the left"), default=50, validators=_PERCENT, help_text=_("Percent.")
    )
    focus_y = models.PositiveSmallIntegerField(
        _("focus, from the top"), default=50, validators=_PERCENT, help_text=_("Percent.")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    renditions = models.JSONField(default=dict, editable=False)
    due_at = models.DateTimeField(null=True, default=timezone.now, editable=False, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(focus_x__lte=100, focus_y__lte=100), name="focus_in_the_picture")
        ]

    def __str__(self) -> str:
        return self.alternative

    def crops(self) -> list[Crop]:
        """For og:image and JSON-LD: 16:9 first, then 4:3 and 1:1, around the focus; until then the whole picture."""
        if drawn := self.renditions.get("crops"):
            return [Crop(self._absolute(each["name"]), each["width"], each["height"]) for each in drawn]
        return [Crop(self._absolute(str(self.file.name)), self.width, self.height)]

    def _absolute(self, name: str) -> str:
        return urljoin(settings.SITE_URL, self.file.storage.url(name))

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Changed words or another focus move every article that shows it."""
        if self.renditions and self.renditions["focus"] != [self.focus_x, self.focus_y]:
            self.due_at = timezone.now()
        drop_controls(self)
        super().save(*args, **kwargs)
        self.move_articles()

    def move_articles(self) -> None:
        self.articles.all().move()
        self.illustrated.all().move()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """With its files, once that is certain. Raises ProtectedError while an article shows it."""
        forget = self.forgetting_files()
        deleted = super().delete(*args, **kwargs)
        transaction.on_commit(forget)
        return deleted

    def forgetting_files(self) -> Callable[[], None]:
        """What deletes them when it is called, also when the row is gone."""
        storage, names = self.file.storage, [str(self.file.name), *self._names_of_renditions()]

        def forget() -> None:
            for name in names:
                storage.delete(name)

        return forget

    def _names_of_renditions(self) -> list[str]:
        widths = self.renditions.get("widths", [])
        return [
            *[each[extension] for each in widths for extension in ("avif", "webp")],
            *[each["name"] for each in self.renditions.get("crops", [])],
        ]
