"""Which comment came from another system, so that an import can run twice."""

from __future__ import annotations

from django.db import models

from comments.models.comment import Comment


class ImportedComment(models.Model):
    """`key` is what the other system calls it, `theirs` a hash of how it was there.

    `version` is the comment's when the import had last written it: a later one means that somebody has decided here.
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
