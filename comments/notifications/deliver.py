"""Delivery of due notifications, at least once each: see `Notification` for what happens if a worker is killed.

The worker talks to the mail server outside any transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
import logging
import re
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F, Q
from django.utils import timezone

from comments.models import ConfirmationRequest, Notification, Subscription, SuppressedAddress
from comments.models.notification import LEASE_DURATION, MAX_ATTEMPTS, RETRY_DELAYS
from comments.notifications.compose import compose
from comments.notifications.create import is_still_valid

SENT_RETENTION = timedelta(days=90)
UNCONFIRMED_RETENTION = timedelta(days=7)
CONFIRMATION_RETENTION = timedelta(days=1)
SUPPRESSED_RETENTION = timedelta(days=365)

_BATCH_SIZE = 10  # small, because each may take a full mail server timeout
_DELETE_BATCH_SIZE = 10_000  # the rest follows a minute later
_MAX_ERROR_LENGTH = 300
_LOCAL_PART = r"[^\s<>\"()\[\],:;]"
# Logs must not contain addresses. The lookbehind tries each run of characters only once, so that the time is linear.
_ADDRESS = re.compile(rf"(?<!{_LOCAL_PART}){_LOCAL_PART}+@[^\s<>\"'(){{}}\[\],:;]+")

logger = logging.getLogger(__name__)


def deliver_due(*, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Process a batch of due notifications and return how many were processed."""
    due = Notification.objects.due(timezone.now()).order_by("due_at", "pk")
    looked_at = 0
    for pk in list(due.values_list("pk", flat=True)[:_BATCH_SIZE]):
        if is_stopping():
            break
        deliver(pk)
        looked_at += 1
    return looked_at


def deliver(pk: int) -> None:
    """Send the notification if it is due, still valid and not leased by another worker.

    All due replies to the same subscription go into the same email.
    """
    notifications = _lease_batch(pk)
    if not notifications:
        return
    if notifications[0].attempts > MAX_ATTEMPTS:  # every worker that leased it was killed
        _finish(
            notifications,
            state=Notification.State.FAILED,
            last_error="The worker stopped during every attempt to send it.",
        )
        return
    try:
        wanted = [notification for notification in notifications if is_still_valid(notification)]
        if wanted:
            compose(wanted).send()
    except (DatabaseError, InterfaceError):  # not the email's fault: retried when the lease expires
        raise
    except Exception as error:  # store the error and continue with other emails
        _postpone(notifications, error)
    else:
        _finish(
            [notification for notification in notifications if notification not in wanted],
            state=Notification.State.CANCELLED,
            last_error="",
        )
        _finish(wanted, state=Notification.State.SENT, last_error="", sent_at=timezone.now())


def _lease_batch(pk: int) -> list[Notification]:
    """Take a lease on all notifications of one email.

    Return an empty list if it is not due or another worker has the lease.
    """
    now = timezone.now()
    with transaction.atomic():
        notification = Notification.objects.due(now).filter(pk=pk).first()
        if notification is None:
            return []
        together = Q(pk=pk)
        if notification.kind == Notification.Kind.REPLY:
            together |= Q(
                subscription=notification.subscription_id, kind=Notification.Kind.REPLY, batch=notification.batch
            )
        # What another worker leased meanwhile is not due any longer.
        chosen = Notification.objects.due(now).filter(together).locked()
        expires_at = Notification.objects.filter(pk__in=chosen).take_lease(
            now,
            LEASE_DURATION,
            state=Notification.State.SENDING,
            attempts=F("attempts") + 1,
            batch=notification.batch or min(chosen, default=pk),
        )
        if expires_at is None:
            return []
    if notification.state == Notification.State.SENDING:
        logger.warning("Email %s was abandoned by its worker and will be sent again.", notification.pk)
    people = ("subscription", "user", "decision__comment__article", "comment__article", "comment__parent")
    mine = Notification.objects.filter(pk__in=chosen, state=Notification.State.SENDING).leased_until(expires_at)
    return list(mine.select_related(*people).order_by("pk"))


def _postpone(notifications: Sequence[Notification], error: Exception) -> None:
    first = notifications[0]
    text = _redact_addresses(f"{type(error).__name__}: {error}", first.address)[:_MAX_ERROR_LENGTH]
    pause = None if _is_permanent(error) or first.attempts > len(RETRY_DELAYS) else RETRY_DELAYS[first.attempts - 1]
    logger.warning("Email %s could not be sent (attempt %s of %s): %s", first.pk, first.attempts, MAX_ATTEMPTS, text)
    if pause is None:
        _finish(notifications, state=Notification.State.FAILED, last_error=text)
    else:
        _finish(notifications, state=Notification.State.PENDING, last_error=text, due_at=timezone.now() + pause)


def _redact_addresses(text: str, own: str) -> str:
    """Remove email addresses from an error message.

    `own` is removed literally, because an address of staff may contain quotes and spaces. Other addresses are removed
    by pattern.
    """
    return _ADDRESS.sub("…", text.replace(own, "…") if own else text)


def _is_permanent(error: Exception) -> bool:
    """Return whether the server has permanently refused this email (5xx), so that a retry is useless."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _text in error.recipients.values())
    return isinstance(error, SMTPDataError) and 500 <= error.smtp_code < 600


def _finish(notifications: Sequence[Notification], **changes: object) -> None:
    """Update the notifications whose lease has not been taken over by another worker."""
    if notifications:
        expires_at = notifications[0].lease_expires_at
        mine = Notification.objects.filter(state=Notification.State.SENDING).leased_until(expires_at)
        with transaction.atomic():
            still = mine.filter(pk__in=[notification.pk for notification in notifications]).locked()
            Notification.objects.filter(pk__in=still).end_lease(expires_at, **changes)


def delete_old_notifications() -> None:
    """Delete old notifications, unconfirmed subscriptions, confirmation requests and suppressed addresses.

    The constants above define how long each is kept.
    """
    now = timezone.now()
    done = [Notification.State.SENT, Notification.State.CANCELLED]
    old = Notification.objects.filter(state__in=done, due_at__lt=now - SENT_RETENTION).order_by()
    with transaction.atomic():
        some = Notification.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_DELETE_BATCH_SIZE]))
        Notification.objects.filter(pk__in=some.locked()).delete()
    Subscription.objects.filter(confirmed_at=None, created_at__lt=now - UNCONFIRMED_RETENTION).purge()
    ConfirmationRequest.objects.filter(at__lt=now - CONFIRMATION_RETENTION).delete()
    SuppressedAddress.objects.filter(at__lt=now - SUPPRESSED_RETENTION).delete()
