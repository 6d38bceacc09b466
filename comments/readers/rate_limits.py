"""How fast readers may send the short forms: recommend, report, edit, withdraw, letters. People never notice it.

Counted in the database, so for all workers and hosts together. How fast they may write comments is a rule (rules.py);
how often they may ask for letters to an address, another (letters/subscribing.py).
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.db.advisory_locks import one_at_a_time
from comments.identity import Reader
from comments.models import Click

DEVICE_PER_MINUTE = 20
NETWORK_PER_MINUTE = 200  # readers share addresses: a school, a carrier
MINUTE = timedelta(minutes=1)
KEPT = 5 * MINUTE


class NotTaken(Exception):
    """A form that was not taken. Speaks to the reader; `retry_after` (seconds) is set when waiting helps."""

    def __init__(self, text: str, *, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


@transaction.atomic
def count_click(reader: Reader) -> None:
    """Before anything else is done. Raises NotTaken, and then it is not counted: who goes on is not kept waiting."""
    one_at_a_time(f"clicks of {reader.device or reader.network}")  # or many of one instant would not see each other
    now = timezone.now()
    latest = Click.objects.filter(at__gt=now - MINUTE, at__lte=now)  # not what a clock says that was set back meanwhile
    limits = [({"network": reader.network}, NETWORK_PER_MINUTE)]
    if reader.device:
        limits.append(({"device": reader.device}, DEVICE_PER_MINUTE))
    for whose, most in limits:
        if len(latest.filter(**whose).values("pk")[:most]) >= most:
            seconds = int(MINUTE.total_seconds())
            raise NotTaken(_("Too many attempts. Please wait a minute and try again."), retry_after=seconds)
    Click.objects.create(device=reader.device or "", network=reader.network)


def forget_clicks() -> None:
    Click.objects.filter(at__lt=timezone.now() - KEPT).delete()
