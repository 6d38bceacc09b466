"""Clusters of near-identical comments, each shown as one row of the moderation queue."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment
from comments.statuses import Status


class Cluster(models.Model):
    """Cluster of comments; the queue shows one of its pending comments, the others are `is_collapsed`."""

    started_at = models.DateTimeField(_("first seen"), default=timezone.now)
    pending_count = models.PositiveIntegerField(_("pending"), default=0)
    is_attack = models.BooleanField(default=False, db_default=False)  # comments of one attack, whatever their text

    class Meta:
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.started_at)

    @property
    def other_pending_count(self) -> int:
        """Return the number of pending comments besides the one that is shown."""
        return max(self.pending_count - 1, 0)

    @classmethod
    def lock(cls, pk: int) -> Cluster:
        """Lock a cluster before its comments, or the set of its comments, are changed.

        The order of locks is: conversation, cluster, comment.
        """
        return cls.objects.select_for_update().get(pk=pk)

    def add(self, *comments: int) -> None:
        """Add comments without a cluster, by their ids; the cluster must be locked."""
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
        """Remove a comment because its text has changed; the cluster must be locked."""
        this = Comment.objects.filter(pk=comment.pk)
        was_folded = this.filter(is_collapsed=True).update(is_collapsed=False)
        this.update(cluster=None)
        if comment.status == Status.PENDING and comment.cluster_id:
            _decrement_pending(comment.cluster_id, was_shown=not was_folded)
        comment.cluster_id = None

    @staticmethod
    def sync(comment: Comment, from_status: Status) -> None:
        """Update the cluster after a status change; call it in the transaction of the decision.

        That transaction must have locked the cluster.
        """
        if comment.cluster_id is None or from_status == comment.status:
            return
        this = Comment.objects.filter(pk=comment.pk)
        if from_status == Status.PENDING:
            _decrement_pending(
                comment.cluster_id, was_shown=not this.filter(is_collapsed=True).update(is_collapsed=False)
            )
        elif comment.status == Status.PENDING:
            cluster = Cluster.objects.filter(pk=comment.cluster_id)
            this.update(is_collapsed=cluster.filter(pending_count__gt=0).exists())
            cluster.update(pending_count=F("pending_count") + 1)


def _decrement_pending(pk: int, *, was_shown: bool) -> None:
    """Decrement the number of pending comments.

    If the comment was the one that the queue shows, show the oldest of the others.
    """
    Cluster.objects.filter(pk=pk).update(pending_count=F("pending_count") - 1)
    if was_shown:
        others = Comment.objects.filter(cluster=pk, status=Status.PENDING, is_collapsed=True).order_by(
            "created_at", "pk"
        )
        Comment.objects.filter(pk__in=list(others.values_list("pk", flat=True)[:1])).update(is_collapsed=False)


class Shingle(models.Model):
    """Hash of a few words of a comment, by which similar comments of one day are found."""

    key = models.BigIntegerField()
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("shingle")
        verbose_name_plural = _("shingles")
        default_permissions = ()
        indexes = [
            models.Index(fields=["key", "-id"], name="shingle_key"),
            models.Index(fields=["at"], name="shingle_at"),
        ]

    def __str__(self) -> str:
        return str(self.comment)
