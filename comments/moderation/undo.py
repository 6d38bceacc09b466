"""A moderator takes back the latest decision on a comment: by a new Decision that restores what was before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from comments.models import Comment, Decision
from comments.moderation.decide import WrongMove, decide
from comments.moderation.picks import pick, unpick
from comments.moderation.redaction import restore
from comments.statuses import Cause, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_OF_A_PERSON = {Cause.DECIDED, Cause.PICKED, Cause.UNPICKED, Cause.REDACTED, Cause.RETURNED, Cause.UNDONE}


@transaction.atomic
def undo(comment: Comment, *, by: User) -> None:
    """To undo an undo is to do it again. Raises WrongMove when the latest decision was not a moderator's, or when
    `comment`, as the caller knows it, has changed since.
    """
    history = list(comment.decisions.order_by("at", "pk"))
    latest = history[-1] if history else None
    if latest is None or latest.was is None or latest.cause not in _OF_A_PERSON:
        raise WrongMove(_("There’s nothing to undo for “%s”.") % comment)
    if latest.cause == Cause.PICKED:
        unpick(comment, by=by)
    elif latest.cause == Cause.UNPICKED:
        pick(comment, by=by)
    elif latest.cause == Cause.REDACTED:
        restore(comment, by=by)
    else:
        _restore(comment, history, by=by)


def return_to(decision: Decision, comment: Comment, *, by: User) -> None:
    """Decides again as was decided then, with the same reason. Raises WrongMove."""
    decide(comment, Status(decision.now), by=by, cause=Cause.RETURNED, reason=decision.reason, told=decision.told)


def _restore(comment: Comment, history: list[Decision], *, by: User) -> None:
    """The state, what its author was told of it, and whether somebody had looked, also at the reports."""
    *earlier, latest = history
    looked_at = _looks(earlier)[-1]
    undone = decide(
        comment,
        Status(earlier[-1].now),
        by=by,
        cause=Cause.UNDONE,
        reason=_("Undid: %s") % latest.get_now_display(),
        told=next((each.told for each in reversed(earlier) if each.now == earlier[-1].now != each.was), ""),
        looked_at=looked_at,
        open_reports=comment.open_reports,
    )
    reports = comment.reports
    if reports.exists():
        reports.filter(looked_at=latest.at).update(looked_at=None)
        if looked_at:
            reports.open().filter(at__lte=looked_at).update(looked_at=undone.at)
        comment.open_reports = reports.open().count()
        comment.save(update_fields=["open_reports"])


def _looks(history: list[Decision]) -> list[datetime | None]:
    """After each decision, when a person had last looked at what the comment then said."""
    looks: list[datetime | None] = []
    for decision in history:
        before = looks[-1] if looks else None
        if decision.cause == Cause.UNDONE:
            looks.append(looks[-2] if len(looks) > 1 else None)
        elif decision.cause == Cause.EDITED:
            looks.append(None)
        else:
            looks.append(decision.at if decision.by_id else before)
    return looks
