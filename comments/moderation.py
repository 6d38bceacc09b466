"""The only door to a change of a comment's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments.models import Comment, Conversation, Decision, count_public
from comments.statuses import Status, is_allowed

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class WrongMove(Exception):
    """Not done, nothing changed. Speaks to the moderator."""


def decide(comment: Comment, now: Status, *, by: User | None, reason: str = "") -> Decision:
    """Moves the comment, as the caller knows it, to the state `now`, and writes the Decision.

    All in one transaction, and only if nobody else has moved the comment since it was read: of many deciding at
    once, one succeeds. `comment` is brought up to date. `by` is None for the author or a task. Raises WrongMove.
    """
    was = Status(comment.status)
    if not is_allowed(was, now, looked_at=comment.looked_at is not None):
        raise WrongMove(_what_happened(comment))
    at = timezone.now()
    change = (now == Status.APPROVED) - (was == Status.APPROVED)
    with transaction.atomic():
        if change:
            Conversation.lock(comment.article_id)
        unchanged = Comment.objects.filter(pk=comment.pk, version=comment.version, status=was)
        moved = unchanged.update(
            status=now,
            decided_at=at,
            looked_at=at if by else models.F("looked_at"),
            version=models.F("version") + 1,
        )
        if not moved:
            raise WrongMove(_what_happened(comment))
        decision = Decision.objects.create(comment=comment, was=was, now=now, by=by, at=at, reason=reason)
        if change:
            count_public(comment, change)
        comment.refresh_from_db()
    return decision


def _what_happened(comment: Comment) -> str:
    latest = comment.decisions.select_related("by").order_by("-at", "-pk").first()
    if latest is None:
        return _("“%(comment)s” cannot be moved there.") % {"comment": comment}
    return _("“%(comment)s” is already %(now)s: by %(who)s at %(time)s.") % {
        "comment": comment,
        "now": latest.get_now_display(),
        "who": latest.who(),
        "time": date_format(timezone.localtime(latest.at), "DATETIME_FORMAT"),
    }
