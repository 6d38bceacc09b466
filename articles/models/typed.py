"""Base of models whose texts people type."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models

from articles.visible import clean_texts


class TypedText(models.Model):
    """Clean the texts of a row before they are validated, so that equal ones are found, and before they are saved."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        clean_texts(self)
        super().clean_fields(exclude)

    def save(self, *args: Any, **kwargs: Any) -> None:
        clean_texts(self)
        super().save(*args, **kwargs)
