"""What came in the minute in which an attack began: it is held, and joins the row of the attack in the queue."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from comments.models import Attack, Comment, NewDevicePost, Raid
from comments.moderation.decide import WrongMove, decide
from comments.statuses import Cause, Status

BEFORE = timedelta(minutes=1)  # the minute that was over the limit


def fold_beginnings() -> bool:
    """Look for an attack that has begun and put the comments that set it off into its row; tell if there was one.

    Comments that a person has looked at, and those with a proof of work, stay as they are. Repeatable: after an
    interruption the next call goes on.
    """
    attack = Attack.objects.running().filter(is_folded=False).first()
    if attack is None:
        return False
    for comment in _beginning(attack):
        _hold(comment)
        with transaction.atomic():
            _fold(comment, attack)
    Attack.objects.filter(pk=attack.pk).update(is_folded=True)
    return True


def _beginning(attack: Attack) -> list[Comment]:
    posts = NewDevicePost.objects.filter(at__gt=attack.began_at - BEFORE, at__lte=attack.began_at, is_proven=False)
    if attack.article_id:
        posts = posts.filter(article=attack.article_id)
    fresh = Comment.objects.filter(
        pk__in=posts.values("comment"), looked_at=None, status__in=[Status.APPROVED, Status.HELD]
    )
    return list(fresh.order_by("pk"))


def _hold(comment: Comment) -> None:
    if comment.is_public():
        try:
            decide(comment, Status.HELD, by=None, cause=Cause.ATTACK)
        except WrongMove:  # a moderator was faster
            return


def _fold(comment: Comment, attack: Attack) -> None:
    """Locks in the order of all code that changes a raid: attack, raid, comment."""
    locked = Attack.objects.select_for_update().get(pk=attack.pk)
    if locked.raid_id is None:
        locked.raid = Raid.objects.create(is_attack=True)
        locked.save(update_fields=["raid"])
    if Comment.objects.filter(pk=comment.pk, status=Status.HELD, raid=None).exists():
        Raid.lock(locked.raid_id or 0).take_in(comment.pk)
