"""The states of a comment and the moves between them. Policy on one screen; `moderation.decide` is the mechanism."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Status(models.IntegerChoices):
    """In the order in which the moderators' list shows them."""

    PENDING = 0, _("pending")
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


MAX_OPEN_DAYS = 3650  # days


def closing_time(published_at: datetime | None, days: int | None, days_of_the_site: int | None) -> datetime | None:
    """When a conversation closes by itself: so many days after publication, as the article says, else the site; 0 is
    never.
    """
    days = days_of_the_site if days is None else days
    if not days or published_at is None or published_at.year > 9000:
        return None
    return published_at + timedelta(days=days)


def effective_policy(*policies: str, closes: datetime | None) -> str:
    """The clock alone closes: nobody has to be there at that second."""
    return Policy.CLOSED if closes and closes <= timezone.now() else strictest(*policies)


TRANSITIONS: dict[Status, set[Status]] = {
    Status.PENDING: {Status.APPROVED, Status.REJECTED, Status.SPAM, Status.WITHDRAWN},
    Status.APPROVED: {Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN},
    Status.REJECTED: {Status.PENDING, Status.APPROVED, Status.SPAM, Status.WITHDRAWN},
    Status.SPAM: {Status.PENDING, Status.APPROVED, Status.REJECTED, Status.WITHDRAWN},
    Status.WITHDRAWN: set(),  # the author's word is final
}


_STATUS_KEEPING_CAUSES = {
    Cause.EDITED,
    Cause.REDACTED,
    Cause.PICKED,
    Cause.UNPICKED,
    Cause.UNDONE,
    Cause.AKISMET,
    Cause.IMPORTED,
}


def is_transition_allowed(from_status: Status, to_status: Status, cause: Cause, *, is_settled: bool) -> bool:
    """Whether a comment may go from `was` to `now`.

    Approving what is approved is a move too, unless it `is_settled`: a person has looked at it, and nothing has
    happened since.
    """
    if from_status == to_status:
        return cause in _STATUS_KEEPING_CAUSES or (from_status == Status.APPROVED and not is_settled)
    return to_status in TRANSITIONS[from_status]
