"""Comments posted in the minute before an attack was detected: hold them and add them to the attack's cluster."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from comments.models import Attack, Cluster, Comment, NewDevicePost
from comments.moderation.decide import InvalidTransition, decide
from comments.statuses import Cause, Status

LOOK_BACK = timedelta(minutes=1)  # the minute that exceeded the limit


def collect_initial_comments() -> bool:
    """Hold the comments that started a new attack, add them to its cluster, and return whether there was an attack.

    Comments that a moderator has reviewed and comments with a solved proof of work are not changed. The function can
    be interrupted: the next call continues.
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
        except InvalidTransition:  # a moderator has decided first
            return


def _add_to_cluster(comment: Comment, attack: Attack) -> None:
    """Add a held comment to the cluster of the attack.

    Locks are taken in the order of all code that changes a cluster: attack, cluster, comment.
    """
    locked = Attack.objects.select_for_update().get(pk=attack.pk)
    if locked.cluster_id is None:
        locked.cluster = Cluster.objects.create(is_attack=True)
        locked.save(update_fields=["cluster"])
    if Comment.objects.filter(pk=comment.pk, status=Status.PENDING, cluster=None).exists():
        Cluster.lock(locked.cluster_id or 0).add(comment.pk)
