"""Corrections of articles, shown below the article and in a list of all corrections."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.typed_text import TypedText


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def published(self) -> CorrectionQuerySet:
        """Return the corrections of public articles."""
        return self.filter(article__in=Article.objects.published().values("pk"))

    def newest_first(self) -> CorrectionQuerySet:
        return self.order_by("-at", "-pk")

    def after(self, last: Correction) -> CorrectionQuerySet:
        """Return the corrections that follow this one in `newest_first`."""
        return self.filter(models.Q(at__lt=last.at) | models.Q(at=last.at, pk__lt=last.pk), at__lte=last.at)


class Correction(TypedText):
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="corrections")
    text = models.TextField(
        _("correction"),
        max_length=1000,
        help_text=_("Say what was wrong and what is right. Shown below the article and on the Corrections page."),
    )
    at = models.DateTimeField(_("date"), default=timezone.now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["-at", "-id"], name="correction_newest")]

    def __str__(self) -> str:
        return self.text[:60]

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        Article.objects.filter(pk=self.article_id).bump_version()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        Article.objects.filter(pk=self.article_id).bump_version()
        return deleted
