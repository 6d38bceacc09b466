"""Which pictures stand in the text of which articles: so that none is deleted, and changes reach the articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from articles.content.sanitizer import pictures_in
from articles.models.image import Picture

if TYPE_CHECKING:
    from articles.models.article import Article


class Illustration(models.Model):
    """Follows the article's body, by itself when the article is saved."""

    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="illustrations")
    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="illustrations")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "picture"], name="one_illustration_a_picture")]

    def __str__(self) -> str:
        return str(self.picture)

    @staticmethod
    def follow(article: Article) -> None:
        """To be called by whoever saves bodies in bulk. A reference to a picture that is not there is none."""
        kept = {illustration.picture_id: illustration for illustration in article.illustrations.all()}
        wanted = set(pictures_in(article.body))
        if gone := [illustration.pk for pk, illustration in kept.items() if pk not in wanted]:
            Illustration.objects.filter(pk__in=gone).delete()
        if new := wanted - set(kept):
            there = Picture.objects.filter(pk__in=new).values_list("pk", flat=True)
            Illustration.objects.bulk_create(
                [Illustration(article=article, picture_id=pk) for pk in there], ignore_conflicts=True
            )
