"""Imported comments and their origin, so that an import can run twice."""

from __future__ import annotations

from django.db import models

from comments.models.comment import Comment


class ImportedComment(models.Model):
    """Comment from another system.

    `key` is its id there, `source_hash` a hash of its content there. `version` is the comment's version after the
    import last wrote it; a higher version means that a decision was made here.
    """

    source = models.CharField(max_length=120)
    key = models.CharField(max_length=40)
    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="imported")
    source_hash = models.CharField(max_length=32)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="comment_imported_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.source}"
