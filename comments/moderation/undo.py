"""Undo of the latest decision on a comment: a new Decision that restores the previous state."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from comments.models import Comment, Decision
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.picks import pick, unpick
from comments.moderation.redaction import restore_previous_text
from comments.statuses import Cause, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_UNDOABLE_CAUSES = {Cause.DECIDED, Cause.PICKED, Cause.UNPICKED, Cause.REDACTED, Cause.RETURNED, Cause.UNDONE}


@transaction.atomic
def undo(comment: Comment, *, actor: User) -> None:
    """Undo the latest decision on the comment; undoing an undo applies the decision again.

    Raise InvalidTransition if the latest decision was not a moderator's, or if the comment has changed since the
    caller read it.
    """
    history = list(comment.decisions.order_by("at", "pk"))
    latest = history[-1] if history else None
    if latest is None or latest.from_status is None or latest.cause not in _UNDOABLE_CAUSES:
        raise InvalidTransition(_("There’s nothing to undo for “%s”.") % comment)
    if latest.cause == Cause.PICKED:
        unpick(comment, actor=actor)
    elif latest.cause == Cause.UNPICKED:
        pick(comment, actor=actor)
    elif latest.cause == Cause.REDACTED:
        restore_previous_text(comment, actor=actor)
    else:
        _restore_previous_state(comment, history, actor=actor)


def reapply_decision(decision: Decision, comment: Comment, *, actor: User) -> None:
    """Apply an earlier decision again, with the same reason; raise InvalidTransition if that is not allowed."""
    decide(
        comment,
        Status(decision.to_status),
        actor=actor,
        cause=Cause.RETURNED,
        reason=decision.reason,
        author_message=decision.author_message,
    )


def _restore_previous_state(comment: Comment, history: list[Decision], *, actor: User) -> None:
    """Restore the status, the message to the author, and the review state of the comment and of its reports."""
    *earlier, latest = history
    looked_at = _review_times(earlier)[-1]
    undone = decide(
        comment,
        Status(earlier[-1].to_status),
        actor=actor,
        cause=Cause.UNDONE,
        reason=_("Undid: %s") % latest.get_to_status_display(),
        author_message=next(
            (
                each.author_message
                for each in reversed(earlier)
                if each.to_status == earlier[-1].to_status != each.from_status
            ),
            "",
        ),
        reviewed_at=looked_at,
        open_reports=comment.open_reports,
    )
    reports = comment.reports
    if reports.exists():
        reports.filter(reviewed_at=latest.at).update(reviewed_at=None)
        if looked_at:
            reports.open().filter(at__lte=looked_at).update(reviewed_at=undone.at)
        comment.open_reports = reports.open().count()
        comment.save(update_fields=["open_reports"])


def _review_times(history: list[Decision]) -> list[datetime | None]:
    """Return, for each decision, when a moderator had last reviewed the text of that time."""
    looks: list[datetime | None] = []
    for decision in history:
        before = looks[-1] if looks else None
        if decision.cause == Cause.UNDONE:
            looks.append(looks[-2] if len(looks) > 1 else None)
        elif decision.cause == Cause.EDITED:
            looks.append(None)
        else:
            looks.append(decision.at if decision.actor_id else before)
    return looks
