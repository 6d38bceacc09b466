"""Helpers for tests of email notifications."""

from __future__ import annotations

from typing import Any

from django.core import mail
from django.utils import timezone

from comments.models import Subscription
from comments.notifications.deliver import deliver_due


def create_subscription(device: str, address: str = "ada@example.org", **fields: Any) -> Subscription:
    """Create a confirmed subscription."""
    fields = {"confirmed_at": timezone.now(), **fields}
    return Subscription.objects.create(device=device, address=address, **fields)


def deliver_emails() -> list[Any]:
    """Deliver all due notifications and return the emails."""
    mail.outbox.clear()
    while deliver_due():
        pass
    return list(mail.outbox)
