"""How fast readers may send the short forms: recommend, report, edit, withdraw, letters. People never notice it.

Counted in the database, so for all workers and hosts together. How fast they may write comments is a rule (rules.py);
how often they may ask for letters to an address, another (letters/subscribing.py).
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.db.advisory_locks import acquire_locks
from comments.identity import Reader
from comments.models import RateLimitEvent

DEVICE_FORMS_PER_MINUTE = 20
NETWORK_FORMS_PER_MINUTE = 200  # readers share addresses: a school, a carrier
MINUTE = timedelta(minutes=1)
EVENT_RETENTION = 5 * MINUTE


class RequestRejected(Exception):
    """A form that was not taken. Speaks to the reader; `retry_after` (seconds) is set when waiting helps."""

    def __init__(self, text: str, *, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@transaction.atomic
def check_rate_limit(reader: Reader) -> None:
    """Before anything else is done. Raises NotTaken, and then it is not counted: who goes on is not kept waiting."""
    acquire_locks(f"clicks of {reader.device or reader.network}")  # or many of one instant would not see each other
    now = timezone.now()
    latest = RateLimitEvent.objects.filter(
        at__gt=now - MINUTE, at__lte=now
    )  # not what a clock says that was set back meanwhile
    limits = [({"network": reader.network}, NETWORK_FORMS_PER_MINUTE)]
    if reader.device:
        limits.append(({"device": reader.device}, DEVICE_FORMS_PER_MINUTE))
    for whose, most in limits:
        if len(latest.filter(**whose).values("pk")[:most]) >= most:
            seconds = int(MINUTE.total_seconds())
            raise RequestRejected(_("Too many attempts. Please wait a minute and try again."), retry_after=seconds)
    RateLimitEvent.objects.create(device=reader.device or "", network=reader.network)


def delete_old_rate_limit_events() -> None:
    RateLimitEvent.objects.filter(at__lt=timezone.now() - EVENT_RETENTION).delete()
