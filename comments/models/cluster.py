"""Comments that are nearly the same, from many hands: one row of the desk."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment
from comments.statuses import Status


class Cluster(models.Model):
    """What the comments of one raid have in common. Of those that wait, `waiting`, exactly one is shown on the desk;
    the others are `is_folded`.
    """

    started_at = models.DateTimeField(_("first seen"), default=timezone.now)
    pending_count = models.PositiveIntegerField(_("pending"), default=0)
    is_attack = models.BooleanField(default=False, db_default=False)  # of one attack, whatever they say

    class Meta:
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.started_at)

    @property
    def other_pending_count(self) -> int:
        """Besides the one that is shown."""
        return max(self.pending_count - 1, 0)

    @classmethod
    def lock(cls, pk: int) -> Cluster:
        """Whoever will change a comment of a raid, or which ones are in it, comes here first: behind the conversation,
        before the comment.
        """
        return cls.objects.select_for_update().get(pk=pk)

    def add(self, *comments: int) -> None:
        """Comments that were in none, by their ids. The raid is locked."""
        Comment.objects.filter(pk__in=comments, cluster=None).update(cluster=self)
        taken = Comment.objects.filter(pk__in=comments, cluster=self, status=Status.PENDING).order_by(
            "created_at", "pk"
        )
        waiting = list(taken.values_list("pk", flat=True))
        folded = waiting if self.pending_count else waiting[1:]
        Comment.objects.filter(pk__in=folded).update(is_collapsed=True)
        Cluster.objects.filter(pk=self.pk).update(pending_count=F("pending_count") + len(waiting))

    @staticmethod
    def remove(comment: Comment) -> None:
        """It has other words now. The raid is locked."""
        this = Comment.objects.filter(pk=comment.pk)
        was_folded = this.filter(is_collapsed=True).update(is_collapsed=False)
        this.update(cluster=None)
        if comment.status == Status.PENDING and comment.cluster_id:
            _decrement_pending(comment.cluster_id, was_shown=not was_folded)
        comment.cluster_id = None

    @staticmethod
    def sync(comment: Comment, from_status: Status) -> None:
        """The comment has just moved. Belongs into the transaction of its decision, which has locked the raid."""
        if comment.cluster_id is None or from_status == comment.status:
            return
        this = Comment.objects.filter(pk=comment.pk)
        if from_status == Status.PENDING:
            _decrement_pending(
                comment.cluster_id, was_shown=not this.filter(is_collapsed=True).update(is_collapsed=False)
            )
        elif comment.status == Status.PENDING:
            raid = Cluster.objects.filter(pk=comment.cluster_id)
            this.update(is_collapsed=raid.filter(pending_count__gt=0).exists())
            raid.update(pending_count=F("pending_count") + 1)


def _decrement_pending(pk: int, *, was_shown: bool) -> None:
    """If it was the one on the desk, the oldest of the others takes its place."""
    Cluster.objects.filter(pk=pk).update(pending_count=F("pending_count") - 1)
    if was_shown:
        others = Comment.objects.filter(cluster=pk, status=Status.PENDING, is_collapsed=True).order_by(
            "created_at", "pk"
        )
        Comment.objects.filter(pk__in=list(others.values_list("pk", flat=True)[:1])).update(is_collapsed=False)


class Shingle(models.Model):
    """A few words of a comment, as a number: by it others like it are found, for a day."""

    key = models.BigIntegerField()
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        default_permissions = ()
        indexes = [models.Index(fields=["key", "-id"], name="trace_key"), models.Index(fields=["at"], name="trace_at")]

    def __str__(self) -> str:
        return str(self.comment)
