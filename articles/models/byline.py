"""Bylines, which connect articles and authors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.author import Author


class Byline(models.Model):
    """Author of an article. `order` is the order in which readers see the authors."""

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
        Article.objects.filter(pk=self.article_id).bump_version()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        Article.objects.filter(pk=self.article_id).bump_version()
        return deleted


@dataclass(frozen=True)
class BylineChanges:
    added: list[Byline]
    reordered: list[Byline]
    removed: list[Byline]


@transaction.atomic
def set_bylines(article: Article, wanted: Mapping[int, int]) -> BylineChanges:
    """Set the authors of an article. `wanted` maps ids of authors to their order. Keep rows of unchanged authors."""
    standing = {each.author_id: each for each in Byline.objects.filter(article=article).select_related("author")}
    removed = [each for author, each in standing.items() if author not in wanted]
    added = [
        Byline(article=article, author_id=author, order=order)
        for author, order in wanted.items()
        if author not in standing
    ]
    moved = [each for author, each in standing.items() if wanted.get(author, each.order) != each.order]
    for each in moved:
        each.order = wanted[each.author_id]
    Byline.objects.filter(pk__in=[each.pk for each in removed]).delete()
    Byline.objects.bulk_create(added)
    Byline.objects.bulk_update(moved, ["order"])
    if added or moved or removed:
        Article.objects.filter(pk=article.pk).bump_version()
    return BylineChanges(added, moved, removed)
