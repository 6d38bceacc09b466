"""What a job of many decisions has before it: which comments, and what became of each."""

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
    """One comment of a job, as it was meant when the job was begun: of another version, or with more reports, it is
    not moved. `made` is the version that the move made, None as long as it waits or if it was skipped: `problem` says
    why.
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
