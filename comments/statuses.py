"""The states of a comment and the moves between them. Policy on one screen; `moderation.decide` is the mechanism."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Status(models.IntegerChoices):
    """In the order in which the moderators' list shows them."""

    HELD = 0, _("pending")
    APPROVED = 1, _("approved")
    REJECTED = 2, _("rejected")
    SPAM = 3, _("spam")
    WITHDRAWN = 4, _("deleted by author")


class Cause(models.TextChoices):
    """What led to a Decision."""

    SUBMITTED = "submitted", _("the rules")
    DECIDED = "decided", _("a moderator")
    WITHDRAWN = "withdrawn", _("the author")
    EDITED = "edited", _("the author’s edit")
    REPORTED = "reported", _("readers’ reports")
    PICKED = "picked", _("a pick")
    UNPICKED = "unpicked", _("a removed pick")
    REDACTED = "redacted", _("a redaction")
    RETURNED = "returned", _("a return to an earlier status")
    UNDONE = "undone", _("an undo")
    AKISMET = "akismet", _("Akismet")
    IMPORTED = "imported", _("the import")
    ATTACK = "attack", _("an attack")


class Policy(models.TextChoices):
    """What becomes of new comments: under one article, or on the whole site. The stricter of the two counts."""

    OPEN = "open", _("Open")
    HOLD = "hold", _("Pre-moderated")
    CLOSED = "closed", _("Closed")


_STRICTNESS = {policy: place for place, policy in enumerate(Policy.values)}


def strictest(*policies: str) -> str:
    return max(policies, key=_STRICTNESS.__getitem__)


LONGEST_OPEN = 3650  # days


def closing_time(published_at: datetime | None, days: int | None, days_of_the_site: int | None) -> datetime | None:
    """When a conversation closes by itself: so many days after publication, as the article says, else the site; 0 is
    never.
    """
    days = days_of_the_site if days is None else days
    if not days or published_at is None or published_at.year > 9000:
        return None
    return published_at + timedelta(days=days)


def policy_now(*policies: str, closes: datetime | None) -> str:
    """The clock alone closes: nobody has to be there at that second."""
    return Policy.CLOSED if closes and closes <= timezone.now() else strictest(*policies)


MOVES: dict[Status, set[Status]] = {
    Status.HELD: {Status.APPROVED, Status.REJECTED, Status.SPAM, Status.WITHDRAWN},
    Status.APPROVED: {Status.HELD, Status.REJECTED, Status.SPAM, Status.WITHDRAWN},
    Status.REJECTED: {Status.HELD, Status.APPROVED, Status.SPAM, Status.WITHDRAWN},
    Status.SPAM: {Status.HELD, Status.APPROVED, Status.REJECTED, Status.WITHDRAWN},
    Status.WITHDRAWN: set(),  # the author's word is final
}


_KEEPS_ITS_STATE = {
    Cause.EDITED,
    Cause.REDACTED,
    Cause.PICKED,
    Cause.UNPICKED,
    Cause.UNDONE,
    Cause.AKISMET,
    Cause.IMPORTED,
}


def is_allowed(was: Status, now: Status, cause: Cause, *, is_settled: bool) -> bool:
    """Whether a comment may go from `was` to `now`.

    Approving what is approved is a move too, unless it `is_settled`: a person has looked at it, and nothing has
    happened since.
    """
    if was == now:
        return cause in _KEEPS_ITS_STATE or (was == Status.APPROVED and not is_settled)
    return now in MOVES[was]
