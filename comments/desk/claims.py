"""Two moderators, one queue: who opens a comment has it for a short time, and the others are given the next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from comments.models import Claim, Comment

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CLAIM = timedelta(minutes=2)


def first_free(comments: Iterable[Comment], user: User) -> Comment | None:
    """The first that no colleague has before them."""
    return next((comment for comment in comments if not claimed_by_another(comment, user)), None)


def claimed_by_another(comment: Comment, user: User) -> Claim | None:
    """The claim of a colleague, while it lasts."""
    held: Claim | None = getattr(comment, "claim", None)
    return held if held and held.by_id != user.pk and held.until > timezone.now() else None


def claim(comment: Comment, user: User) -> None:
    """For CLAIM from now on, unless a colleague has it."""
    now = timezone.now()
    lapsed = Claim.objects.filter(Q(by=user) | Q(until__lte=now), comment=comment)
    if not lapsed.update(by=user, until=now + CLAIM):
        Claim.objects.bulk_create([Claim(comment_id=comment.pk, by=user, until=now + CLAIM)], ignore_conflicts=True)
