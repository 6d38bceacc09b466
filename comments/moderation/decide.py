"""The only function that changes the status of a comment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments.akismet.requests import cancel_or_correct
from comments.models import Cluster, Comment, Conversation, Decision, RuleHit
from comments.models.counters import HAS_VISIBLE_REPLIES, update_ancestor_counts, update_conversation_counts
from comments.rules.engine import Finding
from comments.statuses import Cause, Status, is_transition_allowed
from comments.tasks import notify_about_decision

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class InvalidTransition(Exception):
    """Refused status change, which changed nothing; the message is for the moderator."""


def decide(
    comment: Comment,
    to_status: Status,
    *,
    actor: User | None,
    cause: Cause = Cause.DECIDED,
    reason: str = "",
    author_message: str = "",
    findings: Iterable[Finding] = (),
    **changes: Any,
) -> Decision:
    """Change the status of the comment to `to_status` and write the Decision, in one transaction.

    The change is made only if the comment has not changed since the caller read it: of several concurrent decisions
    one succeeds. A moderator's decision is also refused if the comment was reported since. `changes` are fields that
    change with the status. `comment` is updated with all of this, but not with counters that others have changed.
    `actor` is `None` for the author, readers or a task. Raise InvalidTransition if the change is not allowed.
    """
    was = Status(comment.status)
    is_settled = comment.reviewed_at is not None and not comment.open_reports
    if not is_transition_allowed(was, to_status, cause, is_settled=is_settled):
        raise InvalidTransition(conflict_message(comment))
    at = timezone.now()
    change = (to_status == Status.APPROVED) - (was == Status.APPROVED)
    waited = _wait_time(comment, at) if actor and was == Status.PENDING != to_status else None
    may_be_reported = comment.open_reports > 0 or actor is None
    if actor:
        changes = {"reviewed_at": at, "open_reports": 0, **changes}
    elif to_status == Status.WITHDRAWN:  # no review is needed after that
        changes = {"open_reports": 0, **changes}
    if to_status != was:
        changes["decided_at"] = at
    with transaction.atomic():
        if change:
            update_conversation_counts(comment, change)
        elif to_status == Status.APPROVED or comment.cluster_id:
            Conversation.lock(comment.article_id)
        if comment.cluster_id:
            Cluster.lock(comment.cluster_id)
        _apply_transition(comment, was, actor, {"status": to_status, "version": comment.version + 1, **changes})
        decision = Decision.objects.create(
            comment=comment,
            from_status=was,
            to_status=to_status,
            actor=actor,
            cause=cause,
            at=at,
            reason=reason,
            author_message=author_message,
            findings=[finding.as_json() for finding in findings],
            wait_time=waited,
        )
        Cluster.sync(comment, was)
        if change:
            update_ancestor_counts(comment, change)
        if decision.findings or cause == Cause.EDITED:
            RuleHit.record(decision)
        if actor:
            RuleHit.update_overruled(comment)
        if may_be_reported and changes.get("open_reports") == 0:
            comment.reports.open().update(reviewed_at=at)
        notify_about_decision(decision)
        cancel_or_correct(decision)
    return decision


def _apply_transition(comment: Comment, from_status: Status, actor: User | None, changes: dict[str, Any]) -> None:
    unchanged = Comment.objects.filter(
        pk=comment.pk, version=comment.version, status=from_status, cluster=comment.cluster_id, anonymized_at=None
    )
    if actor:
        unchanged = unchanged.filter(open_reports__lte=comment.open_reports)
    is_shown = changes["status"] == Status.APPROVED or HAS_VISIBLE_REPLIES
    if not unchanged.update(is_visible=is_shown, **changes):
        raise InvalidTransition(conflict_message(comment))
    for field, value in changes.items():
        setattr(comment, field, value)


def _wait_time(comment: Comment, until: datetime) -> timedelta | None:
    """Return how long the comment was pending; None if a moderator made it pending and so has reviewed it."""
    return None if comment.reviewed_at == comment.decided_at else until - comment.decided_at


def conflict_message(comment: Comment) -> str:
    """Return why the comment cannot be changed: the latest decision on it, with its actor and time."""
    if Comment.objects.filter(pk=comment.pk, version=comment.version, open_reports__gt=comment.open_reports).exists():
        return _("“%s” has been reported since you opened it.") % comment
    latest = comment.decisions.select_related("actor").order_by("-at", "-pk").first()
    if latest is None:
        return _("That isn’t possible for “%(comment)s”.") % {"comment": comment}
    return _("“%(comment)s” is already %(now)s (%(who)s, %(time)s).") % {
        "comment": comment,
        "now": latest.get_to_status_display(),
        "who": latest.actor_name(),
        "time": date_format(timezone.localtime(latest.at), "DATETIME_FORMAT"),
    }
