"""Staff on duty: one letter to each when something waits for too long, however much it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from comments.models import Comment, Duty, Letter, Report
from comments.statuses import Status

NOT_ANOTHER_BEFORE = timedelta(hours=12)


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


def write_to_those_on_duty() -> int:
    """How many letters that made. Of several workers at once, one writes to each."""
    now = timezone.now()
    rested = Duty.objects.filter(Q(written_at=None) | Q(written_at__lte=now - NOT_ANOTHER_BEFORE), is_on_duty=True)
    waiting = list(rested.select_related("user"))
    if not waiting or waits_since() is None:
        return 0
    written = 0
    for duty in waiting:
        if may_be_on_duty(duty.user):
            with transaction.atomic():
                if rested.filter(pk=duty.pk).update(written_at=now):
                    Letter.objects.create(kind=Letter.Kind.DUTY, user=duty.user, due_at=now)
                    written += 1
    return written
