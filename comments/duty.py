"""Staff on duty: one letter to each when something waits for too long, however much it is."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from comments.models import Comment, Duty, Letter
from comments.statuses import Status

NOT_ANOTHER_BEFORE = timedelta(hours=12)


def may_be_on_duty(user: User) -> bool:
    """Who may decide about comments, and has an address to write to."""
    return user.is_active and user.is_staff and user.has_perm("comments.moderate_comment") and bool(user.email)


def is_on_duty(user: User) -> bool:
    return may_be_on_duty(user) and Duty.objects.filter(user=user, is_on_duty=True).exists()


def longest_waiting() -> Comment | None:
    """The one that has waited longest, if that is too long."""
    long_ago = timezone.now() - timedelta(hours=settings.COMMENT_WAITS_TOO_LONG)
    return Comment.objects.filter(status=Status.HELD, decided_at__lte=long_ago).order_by("decided_at").first()


def write_to_those_on_duty() -> int:
    """How many letters that made. Of several workers at once, one writes to each."""
    now = timezone.now()
    rested = Duty.objects.filter(Q(written_at=None) | Q(written_at__lte=now - NOT_ANOTHER_BEFORE), is_on_duty=True)
    waiting = list(rested.select_related("user"))
    if not waiting or longest_waiting() is None:
        return 0
    written = 0
    for duty in waiting:
        if may_be_on_duty(duty.user):
            with transaction.atomic():
                if rested.filter(pk=duty.pk).update(written_at=now):
                    Letter.objects.create(kind=Letter.Kind.DUTY, user=duty.user, due_at=now)
                    written += 1
    return written
