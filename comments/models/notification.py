"""Notifications by email: subscriptions, notifications to send, and moderators on duty."""

from __future__ import annotations

from datetime import datetime, timedelta
import secrets
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment
from comments.models.decision import Decision
from comments.models.lease import LeaseQuerySet
from comments.text.mailboxes import normalize_mailbox, owned_domain

MAX_ADDRESS_LENGTH = 254  # RFC 5321, 4.5.3.1.3, without the brackets


class ReplyFrequency(models.TextChoices):
    """Frequency of notifications about replies."""

    IMMEDIATELY = "at_once", _("straight away")
    DAILY = "daily", _("in a daily summary")
    NEVER = "never", _("never")


def new_token() -> str:
    """Return 256 random bits with a signature.

    The signature proves that a token was issued here, even after its subscription has been deleted.
    """
    chance = secrets.token_urlsafe(32)
    return f"{chance}{_token_signature(chance)}"


def is_genuine_token(token: str) -> bool:
    return constant_time_compare(_token_signature(token[:-_SIGNATURE_LENGTH]), token[-_SIGNATURE_LENGTH:])


_SIGNATURE_LENGTH = 16


def _token_signature(chance: str) -> str:
    return salted_hmac("comments.notification.token", chance, algorithm="sha256").hexdigest()[:_SIGNATURE_LENGTH]


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def to_mailbox(self, address: str) -> SubscriptionQuerySet:
        """Return the subscriptions whose mailbox is that of this address."""
        return self.filter(Q(address_key=address_key(address)) | Q(address__iexact=address))

    @transaction.atomic
    def purge(self) -> None:
        """Delete the subscriptions with all notifications to them.

        The lock waits for transactions that are creating a notification, so that it is deleted too.
        """
        pks = list(self.order_by("pk").select_for_update().values_list("pk", flat=True))
        Notification.objects.filter(subscription__in=pks).locked()
        Subscription.objects.filter(pk__in=pks).delete()


class Subscription(models.Model):
    """Subscription of one device; only the device links the address to comments.

    `token` is part of the links in emails and is sufficient to confirm, change or end the subscription. A new
    address gets a new token, so that a person who knows only the device cannot confirm it for the owner of that
    address.
    """

    device = models.CharField(max_length=32, unique=True)
    address = models.EmailField(_("address"), max_length=MAX_ADDRESS_LENGTH)
    address_key = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    token = models.CharField(max_length=64, unique=True, default=new_token)
    decisions = models.BooleanField(_("emails about decisions"), default=True)
    replies = models.CharField(
        _("emails about replies"), max_length=7, choices=ReplyFrequency, default=ReplyFrequency.IMMEDIATELY
    )
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        default_permissions = ()
        indexes = [models.Index(fields=["address_key"], name="subscription_of_mailbox")]

    def __str__(self) -> str:
        return mask_address(self.address)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.address_key = address_key(self.address)
        super().save(*args, **kwargs)

    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


def mask_address(address: str) -> str:
    """Return the part of the address that its owner recognizes: `a…@example.org`."""
    return f"{address[:1]}…@{address.rpartition('@')[2]}"


def address_key(address: str) -> str:
    """Return a keyed hash of the address's mailbox (comments/text/mailboxes.py)."""
    return salted_hmac("comments.subscribing.address", normalize_mailbox(address), algorithm="sha256").hexdigest()[:32]


def domain_key(address: str) -> str:
    """Return a keyed hash of the address's registered domain; empty for one of a large provider."""
    domain = owned_domain(address)
    return domain and salted_hmac("comments.subscribing.domain", domain, algorithm="sha256").hexdigest()[:32]


class ConfirmationRequest(models.Model):
    """Confirmation email that was requested for an address, stored for a day for rate limits.

    The address is stored as a keyed hash. `domain_key` is empty if the request does not count for the domain: large
    providers, and addresses confirmed since.
    """

    address_key = models.CharField(max_length=32)
    domain_key = models.CharField(max_length=32, blank=True, default="", db_default="")
    device = models.CharField(max_length=32)
    network = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        default_permissions = ()
        indexes = [
            models.Index(fields=["address_key", "at"], name="confirmation_of_address"),
            models.Index(fields=["domain_key", "at"], name="confirmation_of_domain", condition=~Q(domain_key="")),
            models.Index(fields=["device", "at"], name="confirmation_by_device"),
            models.Index(fields=["network", "at"], name="confirmation_by_network"),
        ]

    def __str__(self) -> str:
        return self.address_key


class SuppressedAddress(models.Model):
    """Address whose owner stopped emails before confirming; no confirmation is sent to it while the row exists.

    The address is stored as a keyed hash.
    """

    address_key = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        default_permissions = ()

    def __str__(self) -> str:
        return self.address_key

    @classmethod
    def includes(cls, address: str) -> bool:
        return cls.objects.filter(address_key=address_key(address)).exists()


class ModeratorOnDuty(models.Model):
    """Staff member who wants to be alerted when comments are pending for too long, or when many are reported."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_on_duty = models.BooleanField(_("moderation alerts"), default=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    alerted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("moderation alerts")
        verbose_name_plural = _("moderation alerts")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


class NotificationQuerySet(LeaseQuerySet["Notification"]):
    def due(self, now: datetime) -> NotificationQuerySet:
        """Return the notifications to send now: pending ones, and those whose lease has expired."""
        open_ = self.filter(state__in=[Notification.State.PENDING, Notification.State.SENDING], due_at__lte=now)
        return open_.unleased(now)

    def locked(self) -> list[int]:
        """Return the ids of these rows and lock the rows until the transaction ends.

        Call it before changing or deleting several rows. All lock them in the same order, which prevents deadlocks.
        """
        return list(self.order_by("pk").select_for_update().values_list("pk", flat=True))


class Notification(models.Model):
    """Message to one recipient; the row is the source of truth and is updated before and after each attempt.

    A worker takes a lease on it and counts an attempt. If the worker is killed, another one takes it. An email is
    therefore sent at least once, with the same `message_id` each time. Notifications that are sent in one email have
    the id of the first one in `batch`.
    """

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("Confirmation")
        APPROVED = "approved", _("Comment approved")
        REJECTED = "rejected", _("Comment rejected")
        REPLY = "reply", _("Reply")
        DUTY = "duty", _("Comments waiting")
        ALERT = "alert", _("Many reports")

    class State(models.TextChoices):
        PENDING = "pending", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(_("type"), max_length=8, choices=Kind)
    subscription = models.ForeignKey(Subscription, null=True, on_delete=models.CASCADE, related_name="notifications")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(_("status"), max_length=9, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_expires_at = models.DateTimeField(null=True)
    batch = models.BigIntegerField(null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("email log")
        default_permissions = ["view"]
        permissions = [("resend_notification", _("Can resend failed emails"))]
        ordering = ["-due_at", "-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="notification_due", condition=Q(state__in=["pending", "sending"])
            ),
            models.Index(fields=["state", "-due_at", "-id"], name="notification_by_state"),
            models.Index(fields=["batch"], name="notification_batch"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "decision"], name="one_notification_a_decision"),
            models.UniqueConstraint(fields=["subscription", "comment"], name="one_notification_a_reply"),
            models.CheckConstraint(
                condition=Q(subscription__isnull=False, user=None) | Q(subscription=None, user__isnull=False),
                name="notification_has_recipient",
            ),
        ]

    def __str__(self) -> str:
        return _("%(kind)s to %(whom)s") % {"kind": self.get_kind_display(), "whom": mask_address(self.address)}

    @property
    def address(self) -> str:
        """Return the address of the reader or of the staff member."""
        if self.subscription:
            return self.subscription.address
        return self.user.email if self.user else ""

    def message_id(self, domain: str) -> str:
        """Return the Message-ID, by which mail programs recognize an email that was sent twice."""
        number = self.batch or self.pk
        mark = salted_hmac("comments.notification.message_id", str(number), algorithm="sha256").hexdigest()[:12]
        return f"<notification-{number}-{mark}@{domain}>"


LEASE_DURATION = timedelta(minutes=3)  # longer than all timeouts of one email together (EMAIL_TIMEOUT each)
RETRY_DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60)]
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1
