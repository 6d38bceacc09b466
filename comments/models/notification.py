"""Letters by choice: who wants them, what waits to be sent, who of the staff is on duty."""

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
from comments.text.mailboxes import normalize_mailbox, owned_domain

MAX_ADDRESS_LENGTH = 254  # RFC 5321, 4.5.3.1.3, less the brackets


class ReplyFrequency(models.TextChoices):
    """When a reader wants to hear that somebody replied."""

    IMMEDIATELY = "at_once", _("straight away")
    DAILY = "daily", _("in a daily summary")
    NEVER = "never", _("never")


def new_token() -> str:
    """256 bits of chance, with a mark by which a token of ours is known when its subscription is gone."""
    chance = secrets.token_urlsafe(32)
    return f"{chance}{_token_signature(chance)}"


def is_genuine_token(token: str) -> bool:
    return constant_time_compare(_token_signature(token[:-_SIGNATURE_LENGTH]), token[-_SIGNATURE_LENGTH:])


_SIGNATURE_LENGTH = 16


def _token_signature(chance: str) -> str:
    return salted_hmac("comments.letter.token", chance, algorithm="sha256").hexdigest()[:_SIGNATURE_LENGTH]


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def to_mailbox(self, address: str) -> SubscriptionQuerySet:
        """Return those whose letters arrive where letters to this address do."""
        return self.filter(Q(address_key=address_key(address)) | Q(address__iexact=address))

    @transaction.atomic
    def purge(self) -> None:
        """With all letters to them. Whoever writes one now is waited for, and it goes, too."""
        pks = list(self.order_by("pk").select_for_update().values_list("pk", flat=True))
        Notification.objects.filter(subscription__in=pks).locked()
        Subscription.objects.filter(pk__in=pks).delete()


class Subscription(models.Model):
    """One device wants letters. Nothing but the device joins the address to what was written.

    `token` is in the links of the letters, and is all that one needs to confirm, to change, to stop. Another address
    makes another token: who knows only the device cannot confirm for whoever reads that address.
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
    """As much as its owner needs to know it again: `a…@example.org`."""
    return f"{address[:1]}…@{address.rpartition('@')[2]}"


def address_key(address: str) -> str:
    """Return a keyed hash of the address's mailbox (comments/text/mailboxes.py)."""
    return salted_hmac("comments.subscribing.address", normalize_mailbox(address), algorithm="sha256").hexdigest()[:32]


def domain_key(address: str) -> str:
    """Return a keyed hash of the address's registered domain; empty for one of a large provider."""
    domain = owned_domain(address)
    return domain and salted_hmac("comments.subscribing.domain", domain, algorithm="sha256").hexdigest()[:32]


class ConfirmationRequest(models.Model):
    """A request to write to this address. Kept for a day, for the limits; the address as a keyed hash.

    `domain_key` is empty where it does not count against the domain: large providers, and addresses since confirmed.
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
    """Who reads this address stopped the letters before they had confirmed: as long as this is kept, none asks again.

    The address as a keyed hash.
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
    """A member of staff who wants to hear of it when comments wait for too long, or many reports come at a time."""

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


class NotificationQuerySet(models.QuerySet["Notification"]):
    def due(self, now: datetime) -> NotificationQuerySet:
        """What somebody should look at now: what waits, and what a worker that is gone has left."""
        open_ = self.filter(state__in=[Notification.State.PENDING, Notification.State.SENDING], due_at__lte=now)
        return open_.exclude(state=Notification.State.SENDING, lease_expires_at__gt=now)

    def locked(self) -> list[int]:
        """The numbers of these, which nobody else changes until the transaction ends.

        Whoever changes or deletes several comes here first: all lock them in one order, so that nobody waits in a
        circle.
        """
        return list(self.order_by("pk").select_for_update().values_list("pk", flat=True))


class Notification(models.Model):
    """One thing to be told to one person. The row is the truth: whoever sends it writes here first and last.

    A worker takes it with a compare-and-set that counts an attempt and sets the lease; when the worker is killed, the
    lease runs out and another takes it. So a letter is sent at least once, and `message_id` is the same each time.
    What goes into one envelope carries the number of its first letter in `envelope`.
    """

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("ConfirmationRequest")
        APPROVED = "approved", _("Comment approved")
        REJECTED = "rejected", _("Comment rejected")
        REPLY = "reply", _("Reply")
        DUTY = "duty", _("Comments waiting")
        ALERT = "alert", _("Many reports")

    class State(models.TextChoices):
        PENDING = "waiting", _("Queued")
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
            models.Index(fields=["due_at", "id"], name="letter_due", condition=Q(state__in=["waiting", "sending"])),
            models.Index(fields=["state", "-due_at", "-id"], name="letter_by_state"),
            models.Index(fields=["batch"], name="letter_in_envelope"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "decision"], name="one_letter_a_decision"),
            models.UniqueConstraint(fields=["subscription", "comment"], name="one_letter_a_reply"),
            models.CheckConstraint(
                condition=Q(subscription__isnull=False, user=None) | Q(subscription=None, user__isnull=False),
                name="letter_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return _("%(kind)s to %(whom)s") % {"kind": self.get_kind_display(), "whom": mask_address(self.address)}

    @property
    def address(self) -> str:
        """Of a reader, or of a member of staff."""
        if self.subscription:
            return self.subscription.address
        return self.user.email if self.user else ""

    def message_id(self, domain: str) -> str:
        """By it a reader's program knows that a letter which came twice is one."""
        number = self.batch or self.pk
        mark = salted_hmac("comments.letter.message_id", str(number), algorithm="sha256").hexdigest()[:12]
        return f"<letter-{number}-{mark}@{domain}>"


LEASE_DURATION = timedelta(
    minutes=3
)  # longer than all the answers together that one letter waits for (EMAIL_TIMEOUT each)
RETRY_DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60)]
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1
