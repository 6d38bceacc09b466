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

CLAIM = timedelta(minutes=2)
LONGEST = 2 * CLAIM  # from now on, whatever the clocks of two hosts say; a longer one is of before a clock was set back

_CLAIM = """
INSERT INTO comments_claim AS claim (comment_id, by_id, until) VALUES (%s, %s, %s)
ON CONFLICT (comment_id) DO UPDATE SET by_id = excluded.by_id, until = excluded.until
WHERE claim.by_id = excluded.by_id OR claim.until <= %s OR claim.until > %s
RETURNING by_id
"""
_LET_GO = "DELETE FROM comments_claim WHERE by_id = %s AND comment_id <> %s"


def claim_first_free(comments: Iterable[Comment], user: User) -> Comment | None:
    """The first that no colleague has before them; it is then the user's."""
    free = (comment for comment in comments if not claimed_by_another(comment, user))
    return next((comment for comment in free if claim(comment, user)), None)


def claimed_by_another(comment: Comment, user: User) -> Claim | None:
    """The claim of a colleague, while it lasts."""
    held: Claim | None = getattr(comment, "claim", None)
    now = timezone.now()
    return held if held and held.by_id != user.pk and now < held.until <= now + LONGEST else None


def claim(comment: Comment, user: User) -> bool:
    """For CLAIM from now on; false if a colleague has it: in one statement, so that of two at once one has it."""
    now = timezone.now()
    times = [connection.ops.adapt_datetimefield_value(time) for time in (now + CLAIM, now, now + LONGEST)]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [comment.pk, user.pk, *times])
        return cursor.fetchone() is not None


def holder_of(comment: Comment, user: User) -> Claim | None:
    """Claims it for the user, or gives the claim of the colleague who has it."""
    if claim(comment, user):
        return None
    return Claim.objects.select_related("by").filter(comment=comment).exclude(by=user).first()


def let_go(user: User, *, besides: Comment | None) -> None:
    """Who has gone on to another comment has the ones before it no longer."""
    with connection.cursor() as cursor:  # one statement: Django would ask for a transaction around it
        cursor.execute(_LET_GO, [user.pk, besides.pk if besides else 0])
