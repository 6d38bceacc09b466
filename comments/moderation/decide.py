"""The only door to a change of a comment's state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments.akismet.requests import heed
from comments.models import Comment, Conversation, Decision, Firing, Raid
from comments.models.counters import KEEPS_ITS_PLACE, count_above, count_in_conversation
from comments.rules.builtin import Finding
from comments.statuses import Cause, Status, is_allowed
from comments.tasks import write_letters_about

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class WrongMove(Exception):
    """Not done, nothing changed. Speaks to the moderator."""


def decide(
    comment: Comment,
    now: Status,
    *,
    by: User | None,
    cause: Cause = Cause.DECIDED,
    reason: str = "",
    told: str = "",
    findings: Iterable[Finding] = (),
    **changes: Any,
) -> Decision:
    """Moves the comment, as the caller knows it, to the state `now`, and writes the Decision.

    All in one transaction, and only if nobody else has moved the comment since it was read: of many deciding at
    once, one succeeds. A person's decision is also not made if it was reported since. `changes` are fields that
    change with the state. `comment` is given all of this, but not what others have counted meanwhile. `by` is None
    for the author, readers or a task. Raises WrongMove.
    """
    was = Status(comment.status)
    is_settled = comment.looked_at is not None and not comment.open_reports
    if not is_allowed(was, now, cause, is_settled=is_settled):
        raise WrongMove(what_happened(comment))
    at = timezone.now()
    change = (now == Status.APPROVED) - (was == Status.APPROVED)
    waited = _waited(comment, at) if by and was == Status.HELD != now else None
    may_be_reported = comment.open_reports > 0 or by is None
    if by:
        changes = {"looked_at": at, "open_reports": 0, **changes}
    elif now == Status.WITHDRAWN:  # nobody needs to look any more
        changes = {"open_reports": 0, **changes}
    if now != was:
        changes["decided_at"] = at
    with transaction.atomic():
        if change:
            count_in_conversation(comment, change)
        elif now == Status.APPROVED or comment.raid_id:
            Conversation.lock(comment.article_id)
        if comment.raid_id:
            Raid.lock(comment.raid_id)
        _move(comment, was, by, {"status": now, "version": comment.version + 1, **changes})
        decision = Decision.objects.create(
            comment=comment,
            was=was,
            now=now,
            by=by,
            cause=cause,
            at=at,
            reason=reason,
            told=told,
            findings=[finding.as_json() for finding in findings],
            waited=waited,
        )
        Raid.follow(comment, was)
        if change:
            count_above(comment, change)
        if decision.findings or cause == Cause.EDITED:
            Firing.record(decision)
        if by:
            Firing.settle(comment)
        if may_be_reported and changes.get("open_reports") == 0:
            comment.reports.open().update(looked_at=at)
        write_letters_about(decision)
        heed(decision)
    return decision


def _move(comment: Comment, was: Status, by: User | None, changes: dict[str, Any]) -> None:
    unchanged = Comment.objects.filter(
        pk=comment.pk, version=comment.version, status=was, raid=comment.raid_id, forgotten_at=None
    )
    if by:
        unchanged = unchanged.filter(open_reports__lte=comment.open_reports)
    is_shown = changes["status"] == Status.APPROVED or KEEPS_ITS_PLACE
    if not unchanged.update(is_shown=is_shown, **changes):
        raise WrongMove(what_happened(comment))
    for field, value in changes.items():
        setattr(comment, field, value)


def _waited(comment: Comment, until: datetime) -> timedelta | None:
    """How long a held comment has been held; None if a person held it, and so has looked."""
    return None if comment.looked_at == comment.decided_at else until - comment.decided_at


def what_happened(comment: Comment) -> str:
    """Why it cannot be moved: the latest decision on it, with whose it was and when."""
    if Comment.objects.filter(pk=comment.pk, version=comment.version, open_reports__gt=comment.open_reports).exists():
        return _("“%s” has been reported since you opened it.") % comment
    latest = comment.decisions.select_related("by").order_by("-at", "-pk").first()
    if latest is None:
        return _("That isn’t possible for “%(comment)s”.") % {"comment": comment}
    return _("“%(comment)s” is already %(now)s (%(who)s, %(time)s).") % {
        "comment": comment,
        "now": latest.get_now_display(),
        "who": latest.who(),
        "time": date_format(timezone.localtime(latest.at), "DATETIME_FORMAT"),
    }
