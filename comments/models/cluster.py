"""Comments that are nearly the same, from many hands: one row of the desk."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment
from comments.statuses import Status


class Raid(models.Model):
    """What the comments of one raid have in common. Of those that wait, `waiting`, exactly one is shown on the desk;
    the others are `is_folded`.
    """

    began_at = models.DateTimeField(_("first seen"), default=timezone.now)
    waiting = models.PositiveIntegerField(_("pending"), default=0)
    is_attack = models.BooleanField(default=False, db_default=False)  # of one attack, whatever they say

    class Meta:
        verbose_name = _("cluster")
        verbose_name_plural = _("clusters")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.began_at)

    @property
    def waiting_with_it(self) -> int:
        """Besides the one that is shown."""
        return max(self.waiting - 1, 0)

    @classmethod
    def lock(cls, pk: int) -> Raid:
        """Whoever will change a comment of a raid, or which ones are in it, comes here first: behind the conversation,
        before the comment.
        """
        return cls.objects.select_for_update().get(pk=pk)

    def take_in(self, *comments: int) -> None:
        """Comments that were in none, by their ids. The raid is locked."""
        Comment.objects.filter(pk__in=comments, raid=None).update(raid=self)
        taken = Comment.objects.filter(pk__in=comments, raid=self, status=Status.HELD).order_by("created_at", "pk")
        waiting = list(taken.values_list("pk", flat=True))
        folded = waiting if self.waiting else waiting[1:]
        Comment.objects.filter(pk__in=folded).update(is_folded=True)
        Raid.objects.filter(pk=self.pk).update(waiting=F("waiting") + len(waiting))

    @staticmethod
    def let_go(comment: Comment) -> None:
        """It has other words now. The raid is locked."""
        this = Comment.objects.filter(pk=comment.pk)
        was_folded = this.filter(is_folded=True).update(is_folded=False)
        this.update(raid=None)
        if comment.status == Status.HELD and comment.raid_id:
            _one_less(comment.raid_id, was_shown=not was_folded)
        comment.raid_id = None

    @staticmethod
    def follow(comment: Comment, was: Status) -> None:
        """The comment has just moved. Belongs into the transaction of its decision, which has locked the raid."""
        if comment.raid_id is None or was == comment.status:
            return
        this = Comment.objects.filter(pk=comment.pk)
        if was == Status.HELD:
            _one_less(comment.raid_id, was_shown=not this.filter(is_folded=True).update(is_folded=False))
        elif comment.status == Status.HELD:
            raid = Raid.objects.filter(pk=comment.raid_id)
            this.update(is_folded=raid.filter(waiting__gt=0).exists())
            raid.update(waiting=F("waiting") + 1)


def _one_less(pk: int, *, was_shown: bool) -> None:
    """If it was the one on the desk, the oldest of the others takes its place."""
    Raid.objects.filter(pk=pk).update(waiting=F("waiting") - 1)
    if was_shown:
        others = Comment.objects.filter(raid=pk, status=Status.HELD, is_folded=True).order_by("created_at", "pk")
        Comment.objects.filter(pk__in=list(others.values_list("pk", flat=True)[:1])).update(is_folded=False)


class Trace(models.Model):
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
