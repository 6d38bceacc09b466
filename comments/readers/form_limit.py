"""Rate limit of the short forms: recommend, report, edit, withdraw, subscribe; normal use never reaches it.

Events are counted in the database, so the limit holds for all workers and hosts together. Comments are limited by
rules (comments/rules/builtin.py), emails to an address in comments/notifications/subscriptions.py.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import rate_limits
from comments.db.advisory_locks import acquire_locks
from comments.identity import Reader
from comments.models import RateLimitEvent

MINUTE = timedelta(minutes=1)
EVENT_RETENTION = 5 * MINUTE


class FormRefused(Exception):
    """Rejected form; the message is for the reader, and `retry_after` (seconds) is set when waiting helps."""

    def __init__(self, text: str, *, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@transaction.atomic
def check_rate_limit(reader: Reader) -> None:
    """Count a request of the reader; raise FormRefused if the reader is over the limit.

    Call it before any other work. Rejected requests are not counted, so that repeating them does not prolong the
    wait.
    """
    # Parallel requests would not count each other otherwise.
    acquire_locks(f"forms of {reader.device or reader.network}")
    now = timezone.now()
    # Ignores future rows after the clock was set back.
    latest = RateLimitEvent.objects.filter(at__gt=now - MINUTE, at__lte=now)
    limits = [({"network": reader.network}, rate_limits.NETWORK_FORMS_PER_MINUTE)]
    if reader.device:
        limits.append(({"device": reader.device}, rate_limits.DEVICE_FORMS_PER_MINUTE))
    for whose, most in limits:
        if len(latest.filter(**whose).values("pk")[:most]) >= most:
            seconds = int(MINUTE.total_seconds())
            raise FormRefused(_("Too many attempts. Please wait a minute and try again."), retry_after=seconds)
    RateLimitEvent.objects.create(device=reader.device or "", network=reader.network)


def delete_old_rate_limit_events() -> None:
    RateLimitEvent.objects.filter(at__lt=timezone.now() - EVENT_RETENTION).delete()
