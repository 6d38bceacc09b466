"""Extra columns of revisions (django-simple-history)."""

from __future__ import annotations

from django.db import models


class RevisionExtra(models.Model):
    """Bylines and tags of a revision, as [[id, name], ...] in the order in which readers see them."""

    byline_snapshot = models.JSONField(default=list)
    tag_snapshot = models.JSONField(default=list)

    class Meta:
        abstract = True
