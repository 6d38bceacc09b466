"""States of a comment and the allowed transitions; `moderation.decide` applies them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Status(models.IntegerChoices):
    """Status of a comment, in the order in which the moderation queue shows them."""

    PENDING = 0, _("pending")
    APPROVED = 1, _("approved")
    REJECTED = 2, _("rejected")
    SPAM = 3, _("spam")
    WITHDRAWN = 4, _("deleted by author")


class Cause(models.TextChoices):
    """Cause of a Decision."""

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
    """Policy for new comments, of one article or of the whole site; the stricter of the two applies."""

    OPEN = "open", _("Open")
    HOLD = "hold", _("Pre-moderated")
    CLOSED = "closed", _("Closed")


_STRICTNESS = {policy: place for place, policy in enumerate(Policy.values)}


def strictest(*policies: str) -> str:
    return max(policies, key=_STRICTNESS.__getitem__)


MAX_OPEN_DAYS = 3650  # after publication


def closing_time(published_at: datetime | None, days: int | None, days_of_the_site: int | None) -> datetime | None:
    """Return when a conversation closes automatically, as a number of days after publication.

    The article's number is used if it has one, else the site's. 0 means never.
    """
    days = days_of_the_site if days is None else days
    if not days or published_at is None or published_at.year > 9000:
        return None
    return published_at + timedelta(days=days)


def effective_policy(*policies: str, closes: datetime | None) -> str:
    """Return the policy that applies now; it is CLOSED as soon as `closes` has passed, without any background job."""
    return Policy.CLOSED if closes and closes <= timezone.now() else strictest(*policies)


TRANSITIONS: dict[Status, set[Status]] = {
    Status.PENDING: {Status.APPROVED, Status.REJECTED, Status.SPAM, Status.WITHDRAWN},
    Status.APPROVED: {Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN},
    Status.REJECTED: {Status.PENDING, Status.APPROVED, Status.SPAM, Status.WITHDRAWN},
    Status.SPAM: {Status.PENDING, Status.APPROVED, Status.REJECTED, Status.WITHDRAWN},
    Status.WITHDRAWN: set(),  # final: the author has deleted it
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
    """Return whether a comment may change from `from_status` to `to_status`.

    Approving an approved comment is allowed too, unless it `is_settled`: a moderator has reviewed it, and nothing has
    happened since.
    """
    if from_status == to_status:
        return cause in _STATUS_KEEPING_CAUSES or (from_status == Status.APPROVED and not is_settled)
    return to_status in TRANSITIONS[from_status]
