"""Emails to moderators on duty.

One reminder when comments or reports have waited too long, however many there are. One alert when many reports arrive
that do not hide a comment.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from comments.models import Comment, Decision, ModeratorOnDuty, Notification, Report
from comments.statuses import Cause, Status

MIN_REMINDER_INTERVAL = timedelta(hours=12)
MIN_ALERT_INTERVAL = timedelta(hours=1)


def may_be_on_duty(user: User) -> bool:
    """Return whether the user may moderate and has an email address."""
    return user.is_active and user.is_staff and user.has_perm("comments.moderate_comment") and bool(user.email)


def is_on_duty(user: User) -> bool:
    return may_be_on_duty(user) and ModeratorOnDuty.objects.filter(user=user, is_on_duty=True).exists()


def overdue_since() -> datetime | None:
    """Return since when the oldest pending comment or open report has waited, or None if that is not too long."""
    held = Comment.objects.filter(status=Status.PENDING).order_by("decided_at").values_list("decided_at", flat=True)
    reported = Report.objects.open().order_by("at").values_list("at", flat=True)
    oldest = min(filter(None, (held.first(), reported.first())), default=None)
    is_too_long = oldest and oldest <= timezone.now() - timedelta(hours=settings.COMMENT_PENDING_ALERT_HOURS)
    return oldest if is_too_long else None


def last_unhandled_alert() -> datetime | None:
    """Return when reports last reached the limit for hiding a comment but were not allowed to hide it.

    Return None if a moderator has reviewed all of these comments.
    """
    kept = Decision.objects.filter(cause=Cause.REPORTED, to_status=Status.APPROVED)
    of_comments = Comment.objects.public_despite_reports().values("pk")
    return kept.filter(comment__in=of_comments).order_by("-at").values_list("at", flat=True).first()


def notify_moderators_on_duty() -> int:
    """Create all due reminders and alerts and return their number.

    With several workers, each moderator is notified once.
    """
    now = timezone.now()
    on_duty = ModeratorOnDuty.objects.filter(is_on_duty=True)
    rested = on_duty.filter(Q(reminded_at=None) | Q(reminded_at__lte=now - MIN_REMINDER_INTERVAL))
    written = _notify(Notification.Kind.DUTY, rested, now, "reminded_at") if rested.exists() and overdue_since() else 0
    if at := last_unhandled_alert():
        not_told = Q(alerted_at=None) | Q(alerted_at__lt=at, alerted_at__lte=now - MIN_ALERT_INTERVAL)
        written += _notify(Notification.Kind.ALERT, on_duty.filter(not_told), now, "alerted_at")
    return written


def _notify(kind: Notification.Kind, due: QuerySet[ModeratorOnDuty], now: datetime, told_at: str) -> int:
    written = 0
    for duty in due.select_related("user"):
        if may_be_on_duty(duty.user):
            with transaction.atomic():
                if due.filter(pk=duty.pk).update(**{told_at: now}):
                    Notification.objects.create(kind=kind, user=duty.user, due_at=now)
                    written += 1
    return written
