"""Claims: a comment that a moderator opens is reserved for a short time.

Colleagues are given the next comment. A claim is not a lease of a worker (comments/models/lease.py): it belongs to a
person, who renews it with each page, and it is a row of its own, so that it does not change the comment.
"""

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
# Allows for clock differences between hosts. A longer claim was stored before a clock was set back; ignore it.
MAX_CLAIM_DURATION = 2 * CLAIM_DURATION

_CLAIM_SQL = """
INSERT INTO comments_claim AS claim (comment_id, actor_id, until) VALUES (%s, %s, %s)
ON CONFLICT (comment_id) DO UPDATE SET actor_id = excluded.actor_id, until = excluded.until
WHERE claim.actor_id = excluded.actor_id OR claim.until <= %s OR claim.until > %s
RETURNING actor_id
"""
_RELEASE_SQL = "DELETE FROM comments_claim WHERE actor_id = %s AND comment_id <> %s"


def claim_first_available(comments: Iterable[Comment], user: User) -> Comment | None:
    """Claim and return the first comment that no colleague has claimed."""
    free = (comment for comment in comments if not claim_of_colleague(comment, user))
    return next((comment for comment in free if claim(comment, user)), None)


def claim_of_colleague(comment: Comment, user: User) -> Claim | None:
    """Return a colleague's claim that has not expired."""
    held: Claim | None = getattr(comment, "claim", None)
    now = timezone.now()
    return held if held and held.actor_id != user.pk and now < held.until <= now + MAX_CLAIM_DURATION else None


def claim(comment: Comment, user: User) -> bool:
    """Claim the comment for CLAIM_DURATION. Return False if a colleague holds it.

    One SQL statement, so that only one of two concurrent requests succeeds.
    """
    now = timezone.now()
    times = [
        connection.ops.adapt_datetimefield_value(time) for time in (now + CLAIM_DURATION, now, now + MAX_CLAIM_DURATION)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_SQL, [comment.pk, user.pk, *times])
        return cursor.fetchone() is not None


def claim_or_get_holder(comment: Comment, user: User) -> Claim | None:
    """Claim the comment for the user, or return the claim of the colleague who holds it."""
    if claim(comment, user):
        return None
    return Claim.objects.select_related("actor").filter(comment=comment).exclude(actor=user).first()


def release_claims(user: User, *, besides: Comment | None) -> None:
    """Release all claims of the user except the one on `besides`."""
    with connection.cursor() as cursor:  # one statement: QuerySet.delete() would open a transaction
        cursor.execute(_RELEASE_SQL, [user.pk, besides.pk if besides else 0])
