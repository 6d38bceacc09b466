"""Images used in article bodies. They cannot be deleted, and their changes invalidate the cached articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from articles.content.sanitizer import image_ids_in
from articles.models.image import Image

if TYPE_CHECKING:
    from articles.models.article import Article


class BodyImage(models.Model):
    """Use of an image in the body of an article. Saving the article updates the rows."""

    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="body_images")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="body_images")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "image"], name="one_body_image_an_image")]

    def __str__(self) -> str:
        return str(self.image)

    @staticmethod
    def follow(article: Article) -> None:
        """Update the rows of an article. Call it after bulk saves of bodies. Ignore references to missing images."""
        kept = {illustration.image_id: illustration for illustration in article.body_images.all()}
        wanted = set(image_ids_in(article.body))
        if gone := [illustration.pk for pk, illustration in kept.items() if pk not in wanted]:
            BodyImage.objects.filter(pk__in=gone).delete()
        if new := wanted - set(kept):
            there = Image.objects.filter(pk__in=new).values_list("pk", flat=True)
            BodyImage.objects.bulk_create(
                [BodyImage(article=article, image_id=pk) for pk in there], ignore_conflicts=True
            )
