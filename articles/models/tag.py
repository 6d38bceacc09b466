"""Tags of articles, across sections."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from articles.models.slugged_page import SluggedPage


class TagQuerySet(models.QuerySet["Tag"]):
    @transaction.atomic
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the tags and bump their articles. Bulk deletion in the admin does not call `Tag.delete`."""
        for tag in self:
            tag.articles.all().bump_version()
        return super().delete()


class Tag(SluggedPage):
    """Tag of articles. After changing the tags of an article, save the article or bump its version."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("slug"), max_length=100, unique=True, allow_unicode=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the tag, and bump the version of all articles that show the name."""
        super().save(*args, **kwargs)
        self.articles.all().bump_version()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.articles.all().bump_version()
        return super().delete(*args, **kwargs)
