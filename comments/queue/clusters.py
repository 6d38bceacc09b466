"""Stamps of clusters, for decisions about a whole cluster.

A decision about a cluster applies only to the comments that the moderator was shown.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import OuterRef, Q, Subquery

from articles.params import parse_id
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.statuses import Status


def newest_in_cluster() -> Subquery:
    """Return a subquery for the id of the newest comment in the cluster. It uses the index of clusters."""
    return Subquery(Comment.objects.filter(cluster=OuterRef("cluster")).newest_first().values("pk")[:1])


def cluster_stamp(newest: int, at: datetime) -> str:
    """Return a form value that records which comments the cluster had when it was shown."""
    return f"{newest}-{at.timestamp()}"


def pending_at_stamp(cluster: int, shown: str) -> CommentQuerySet:
    """Return the cluster's pending comments that existed at the stamp and have not been edited since.

    Return no comments if the stamp is malformed.
    """
    newest, _hyphen, moment = shown.partition("-")
    try:
        at = datetime.fromtimestamp(float(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return Comment.objects.none()
    unchanged = Q(edited_at=None) | Q(edited_at__lt=at)
    return Comment.objects.filter(unchanged, status=Status.PENDING, cluster=cluster, pk__lte=parse_id(newest))
