"""What tests of letters start from."""

from __future__ import annotations

from typing import Any

from django.core import mail
from django.utils import timezone

from comments.models import Subscription
from comments.notifications.deliver import deliver_due


def subscribed(device: str, address: str = "ada@example.org", **fields: Any) -> Subscription:
    """A reader who has confirmed."""
    fields = {"confirmed_at": timezone.now(), **fields}
    return Subscription.objects.create(device=device, address=address, **fields)


def delivered() -> list[Any]:
    """What went out just now."""
    mail.outbox.clear()
    while deliver_due():
        pass
    return list(mail.outbox)
