"""Two moderators, one queue: who opens a comment has it for a short time, and the others are given the next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from comments.models import Claim, Comment

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CLAIM_DURATION = timedelta(minutes=2)
MAX_CLAIM_DURATION = (
    2 * CLAIM_DURATION
)  # from now on, whatever the clocks of two hosts say; a longer one is of before a clock was set back

_CLAIM_SQL = """
INSERT INTO comments_claim AS claim (comment_id, actor_id, until) VALUES (%s, %s, %s)
ON CONFLICT (comment_id) DO UPDATE SET actor_id = excluded.actor_id, until = excluded.until
WHERE claim.actor_id = excluded.actor_id OR claim.until <= %s OR claim.until > %s
RETURNING actor_id
"""
_RELEASE_SQL = "DELETE FROM comments_claim WHERE actor_id = %s AND comment_id <> %s"


def claim_first_available(comments: Iterable[Comment], user: User) -> Comment | None:
    """The first that no colleague has before them; it is then the user's."""
    free = (comment for comment in comments if not claim_of_colleague(comment, user))
    return next((comment for comment in free if claim(comment, user)), None)


def claim_of_colleague(comment: Comment, user: User) -> Claim | None:
    """The claim of a colleague, while it lasts."""
    held: Claim | None = getattr(comment, "claim", None)
    now = timezone.now()
    return held if held and held.actor_id != user.pk and now < held.until <= now + MAX_CLAIM_DURATION else None


def claim(comment: Comment, user: User) -> bool:
    """For CLAIM from now on; false if a colleague has it: in one statement, so that of two at once one has it."""
    now = timezone.now()
    times = [
        connection.ops.adapt_datetimefield_value(time) for time in (now + CLAIM_DURATION, now, now + MAX_CLAIM_DURATION)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_SQL, [comment.pk, user.pk, *times])
        return cursor.fetchone() is not None


def claim_or_get_holder(comment: Comment, user: User) -> Claim | None:
    """Claims it for the user, or gives the claim of the colleague who has it."""
    if claim(comment, user):
        return None
    return Claim.objects.select_related("actor").filter(comment=comment).exclude(actor=user).first()


def release_claims(user: User, *, besides: Comment | None) -> None:
    """Who has gone on to another comment has the ones before it no longer."""
    with connection.cursor() as cursor:  # one statement: Django would ask for a transaction around it
        cursor.execute(_RELEASE_SQL, [user.pk, besides.pk if besides else 0])
