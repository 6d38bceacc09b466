"""Base of models with texts that users type."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from articles.text import clean_texts, unseen_error


class TypedText(models.Model):
    """Base of models that clean their texts before validation, so that duplicates are found, and before saving."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        clean_texts(self)
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.error_dict
        for field in self._meta.concrete_fields:
            if field.name in errors or field.name in (exclude or ()):
                continue
            if unseen := unseen_error(field, getattr(self, field.attname)):
                errors[field.name] = [ValidationError(unseen)]
        if errors:
            raise ValidationError(errors)

    def save(self, *args: Any, **kwargs: Any) -> None:
        clean_texts(self)
        super().save(*args, **kwargs)
