"""Bylines join articles and authors."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.author import Author


class Byline(models.Model):
    """One author of one article; their order is the one in which readers see them."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="bylines", verbose_name=_("author"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("byline")
        verbose_name_plural = _("bylines")
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["article", "author"], name="one_byline_an_author")]

    def __str__(self) -> str:
        return str(self.author)

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        Article.objects.filter(pk=self.article_id).move()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        Article.objects.filter(pk=self.article_id).move()
        return deleted
