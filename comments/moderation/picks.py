"""The newsroom's picks: public comments that stand in a tab of their own and carry a mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment, Conversation
from comments.moderation.decide import WrongMove, decide
from comments.statuses import Cause, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def pick(comment: Comment, *, by: User) -> None:
    """Raises WrongMove for a comment that is not public, or a pick already."""
    if comment.picked_at:
        raise WrongMove(_("“%s” is already a pick.") % comment)
    _set(comment, True, by)


def unpick(comment: Comment, *, by: User) -> None:
    """Raises WrongMove for what is no pick, or not public: then it is not shown as one anyway."""
    if not comment.picked_at:
        raise WrongMove(_("“%s” isn’t a pick.") % comment)
    _set(comment, False, by)


@transaction.atomic
def _set(comment: Comment, is_pick: bool, by: User) -> None:
    if not comment.is_public():
        raise WrongMove(_("“%s” isn’t published.") % comment)
    cause, at, change = (Cause.PICKED, timezone.now(), +1) if is_pick else (Cause.UNPICKED, None, -1)
    decide(comment, Status.APPROVED, by=by, cause=cause, picked_at=at)
    Conversation.objects.filter(article_id=comment.article_id).update(
        picks=F("picks") + change, version=F("version") + 1
    )
