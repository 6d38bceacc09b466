"""What a moderator was shown of a raid: one decision about all of it is about no more than that."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import OuterRef, Q, Subquery

from articles.params import parse_id
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.statuses import Status


def newest_in_cluster() -> Subquery:
    """The id of the comment that came last into a comment's raid, off the index of raids."""
    return Subquery(Comment.objects.filter(cluster=OuterRef("cluster")).newest_first().values("pk")[:1])


def cluster_stamp(newest: int, at: datetime) -> str:
    """For a form: how far the raid went when it was shown."""
    return f"{newest}-{at.timestamp()}"


def pending_at_stamp(raid: int, shown: str) -> CommentQuerySet:
    """Of the raid, what waited then and has not been given other words since. None for what no page has said."""
    newest, _hyphen, moment = shown.partition("-")
    try:
        at = datetime.fromtimestamp(float(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return Comment.objects.none()
    unchanged = Q(edited_at=None) | Q(edited_at__lt=at)
    return Comment.objects.filter(unchanged, status=Status.PENDING, cluster=raid, pk__lte=parse_id(newest))
