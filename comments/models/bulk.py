"""Comments of a bulk action, with the result for each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comments.models.background_job import BackgroundJob
from comments.models.comment import Comment


class BulkItemQuerySet(models.QuerySet["BulkItem"]):
    def pending(self) -> BulkItemQuerySet:
        return self.filter(new_version=None, problem="")

    def moved(self) -> BulkItemQuerySet:
        return self.filter(new_version__isnull=False)

    def skipped(self) -> BulkItemQuerySet:
        return self.exclude(problem="")


class BulkItem(models.Model):
    """Comment of a bulk action.

    It is skipped if its version has changed, or if it has more reports, since the job was started. `new_version` is
    the version after the change; it is `None` while the item is pending and if it was skipped. `problem` says why it
    was skipped.
    """

    job = models.ForeignKey(BackgroundJob, on_delete=models.CASCADE, related_name="items", db_index=False)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    open_reports = models.PositiveIntegerField()
    new_version = models.PositiveIntegerField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    objects = BulkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment of a bulk action")
        verbose_name_plural = _("comments of bulk actions")
        default_permissions = ()
        indexes = [
            models.Index(fields=["job", "id"], name="bulk_in_order"),
            models.Index(fields=["job", "id"], name="bulk_skipped", condition=~Q(problem="")),
        ]

    def __str__(self) -> str:
        return str(self.comment)
