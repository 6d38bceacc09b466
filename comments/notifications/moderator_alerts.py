"""Staff on duty: one letter to each when something waits for too long, however much it is, and one when many reports
come that hide nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from comments.models import Comment, Decision, Duty, Letter, Report
from comments.statuses import Cause, Status

NOT_ANOTHER_BEFORE = timedelta(hours=12)
NO_OTHER_ALERT_BEFORE = timedelta(hours=1)


def may_be_on_duty(user: User) -> bool:
    """Who may decide about comments, and has an address to write to."""
    return user.is_active and user.is_staff and user.has_perm("comments.moderate_comment") and bool(user.email)


def is_on_duty(user: User) -> bool:
    return may_be_on_duty(user) and Duty.objects.filter(user=user, is_on_duty=True).exists()


def waits_since() -> datetime | None:
    """Since when something has waited for a moderator, held or reported, if that is too long."""
    held = Comment.objects.filter(status=Status.HELD).order_by("decided_at").values_list("decided_at", flat=True)
    reported = Report.objects.open().order_by("at").values_list("at", flat=True)
    oldest = min(filter(None, (held.first(), reported.first())), default=None)
    is_too_long = oldest and oldest <= timezone.now() - timedelta(hours=settings.COMMENT_WAITS_TOO_LONG)
    return oldest if is_too_long else None


def alert_since() -> datetime | None:
    """Return when readers' reports last came to what would hide a comment and was not let hide it; None if a moderator
    has looked at all of those.
    """
    kept = Decision.objects.filter(cause=Cause.REPORTED, now=Status.APPROVED)
    of_comments = Comment.objects.kept_despite_reports().values("pk")
    return kept.filter(comment__in=of_comments).order_by("-at").values_list("at", flat=True).first()


def write_to_those_on_duty() -> int:
    """Write to all who are due, and return how many letters that made. Of several workers, one writes to each."""
    now = timezone.now()
    on_duty = Duty.objects.filter(is_on_duty=True)
    rested = on_duty.filter(Q(written_at=None) | Q(written_at__lte=now - NOT_ANOTHER_BEFORE))
    written = _write(Letter.Kind.DUTY, rested, now, "written_at") if rested.exists() and waits_since() else 0
    if at := alert_since():
        not_told = Q(alerted_at=None) | Q(alerted_at__lt=at, alerted_at__lte=now - NO_OTHER_ALERT_BEFORE)
        written += _write(Letter.Kind.ALERT, on_duty.filter(not_told), now, "alerted_at")
    return written


def _write(kind: Letter.Kind, due: QuerySet[Duty], now: datetime, told_at: str) -> int:
    written = 0
    for duty in due.select_related("user"):
        if may_be_on_duty(duty.user):
            with transaction.atomic():
                if due.filter(pk=duty.pk).update(**{told_at: now}):
                    Letter.objects.create(kind=kind, user=duty.user, due_at=now)
                    written += 1
    return written
