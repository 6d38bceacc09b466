"""What came in the minute in which an attack began: it is held, and joins the row of the attack in the queue."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from comments.models import Attack, Cluster, Comment, NewDevicePost
from comments.moderation.decide import InvalidTransition, decide
from comments.statuses import Cause, Status

LOOK_BACK = timedelta(minutes=1)  # the minute that was over the limit


def collect_initial_comments() -> bool:
    """Look for an attack that has begun and put the comments that set it off into its row; tell if there was one.

    Comments that a person has looked at, and those with a proof of work, stay as they are. Repeatable: after an
    interruption the next call goes on.
    """
    attack = Attack.objects.running().filter(has_initial_comments=False).first()
    if attack is None:
        return False
    for comment in _initial_comments(attack):
        _hold(comment)
        with transaction.atomic():
            _add_to_cluster(comment, attack)
    Attack.objects.filter(pk=attack.pk).update(has_initial_comments=True)
    return True


def _initial_comments(attack: Attack) -> list[Comment]:
    posts = NewDevicePost.objects.filter(
        at__gt=attack.started_at - LOOK_BACK, at__lte=attack.started_at, has_proof=False
    )
    if attack.article_id:
        posts = posts.filter(article=attack.article_id)
    fresh = Comment.objects.filter(
        pk__in=posts.values("comment"), reviewed_at=None, status__in=[Status.APPROVED, Status.PENDING]
    )
    return list(fresh.order_by("pk"))


def _hold(comment: Comment) -> None:
    if comment.is_public():
        try:
            decide(comment, Status.PENDING, actor=None, cause=Cause.ATTACK)
        except InvalidTransition:  # a moderator was faster
            return


def _add_to_cluster(comment: Comment, attack: Attack) -> None:
    """Locks in the order of all code that changes a raid: attack, raid, comment."""
    locked = Attack.objects.select_for_update().get(pk=attack.pk)
    if locked.cluster_id is None:
        locked.cluster = Cluster.objects.create(is_attack=True)
        locked.save(update_fields=["cluster"])
    if Comment.objects.filter(pk=comment.pk, status=Status.PENDING, cluster=None).exists():
        Cluster.lock(locked.cluster_id or 0).add(comment.pk)
