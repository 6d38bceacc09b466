"""What an article's history keeps of each save beside the article's own columns (django-simple-history)."""

from __future__ import annotations

from django.db import models


class RevisionExtra(models.Model):
    """Bylines and tags, which are rows of their own: [[id, name], ...] in the order in which readers see them."""

    byline_snapshot = models.JSONField(default=list)
    tag_snapshot = models.JSONField(default=list)

    class Meta:
        abstract = True
