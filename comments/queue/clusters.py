"""What a moderator was shown of a raid: one decision about all of it is about no more than that."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import OuterRef, Q, Subquery

from articles.params import as_id
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.statuses import Status


def newest_of_raid() -> Subquery:
    """The id of the comment that came last into a comment's raid, off the index of raids."""
    return Subquery(Comment.objects.filter(raid=OuterRef("raid")).newest().values("pk")[:1])


def as_shown(newest: int, at: datetime) -> str:
    """For a form: how far the raid went when it was shown."""
    return f"{newest}-{at.timestamp()}"


def waiting_as_shown(raid: int, shown: str) -> CommentQuerySet:
    """Of the raid, what waited then and has not been given other words since. None for what no page has said."""
    newest, _hyphen, moment = shown.partition("-")
    try:
        at = datetime.fromtimestamp(float(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return Comment.objects.none()
    unchanged = Q(edited_at=None) | Q(edited_at__lt=at)
    return Comment.objects.filter(unchanged, status=Status.HELD, raid=raid, pk__lte=as_id(newest))
