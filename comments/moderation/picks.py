"""Editors' picks: public comments with a mark, also shown in a tab of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment, Conversation
from comments.moderation.decide import InvalidTransition, decide
from comments.statuses import Cause, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def pick(comment: Comment, *, actor: User) -> None:
    """Pick the comment; raise InvalidTransition if it is not public or is a pick already."""
    if comment.picked_at:
        raise InvalidTransition(_("“%s” is already a pick.") % comment)
    _set_picked(comment, True, actor)


def unpick(comment: Comment, *, actor: User) -> None:
    """Remove the pick; raise InvalidTransition if the comment is not a pick or not public.

    A pick that is not public is not shown as one anyway.
    """
    if not comment.picked_at:
        raise InvalidTransition(_("“%s” isn’t a pick.") % comment)
    _set_picked(comment, False, actor)


@transaction.atomic
def _set_picked(comment: Comment, is_pick: bool, actor: User) -> None:
    if not comment.is_public():
        raise InvalidTransition(_("“%s” isn’t published.") % comment)
    cause, at, change = (Cause.PICKED, timezone.now(), +1) if is_pick else (Cause.UNPICKED, None, -1)
    decide(comment, Status.APPROVED, actor=actor, cause=cause, picked_at=at)
    Conversation.objects.filter(article_id=comment.article_id).update(
        pick_count=F("pick_count") + change, version=F("version") + 1
    )
