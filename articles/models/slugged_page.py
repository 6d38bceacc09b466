"""Base of models with a page that lists articles: sections, authors, tags."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from django.db import models, transaction
from django.urls import reverse

from articles.models.typed_text import TypedText
from articles.redirects import add_list_redirects


class SluggedPage(TypedText):
    """Base of models with a slug. Former slugs redirect to the page and its feeds."""

    slug: models.SlugField[str, str]

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        """Return the path of the page. Authors and tags have a page only while they have a public article."""
        return reverse(str(self._meta.model_name), args=[self.slug])

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        before = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        super().save(*args, **kwargs)
        if before is None or before.slug != self.slug:
            old = unquote(before.get_absolute_url()) if before else ""
            add_list_redirects(old, unquote(self.get_absolute_url()))
