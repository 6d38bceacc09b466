"""A reader asks for letters, confirms, changes what they get, stops. Nobody is written to who has not confirmed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.db.advisory_locks import acquire_locks
from comments.models import ConfirmationRequest, Notification, Subscription, SuppressedAddress
from comments.models.notification import address_key, domain_key, new_token
from comments.readers.rate_limits import RequestRejected
from comments.tasks import enqueue_delivery

# Requests to confirm a day: the form must not be a way to pester a stranger. Those of a domain (all mail to it may be
# one person's) count until they are confirmed: a firm or a school never has so many open.
DAY = timedelta(days=1)
MAX_PER_ADDRESS, MAX_PER_DEVICE, MAX_PER_NETWORK, MAX_PER_DOMAIN = 3, 5, 30, 20


@transaction.atomic
def subscribe(address: str, *, device: str, network: str, decisions: bool, replies: str) -> None:
    """One subscription a device. Another address has to be confirmed anew; the answer is the same for any address.

    Raises NotTaken, which depends on who asks and on what was asked of the domain, not on the one address.
    """
    key, domain = address_key(address), domain_key(address)
    if domain:
        acquire_locks(f"letters to {domain}")
    acquire_locks(f"letters to {key}")
    acquire_locks(f"letters for {device}")
    wishes = {"decisions": decisions, "replies": replies}
    subscription = Subscription.objects.select_for_update().filter(device=device).first()
    is_same = subscription is not None and subscription.address == address
    if subscription and is_same and (subscription.is_confirmed() or _has_unsent_confirmation(subscription)):
        Subscription.objects.filter(pk=subscription.pk).update(**wishes)
        return
    since = timezone.now() - DAY
    _check_daily_limits(device, network, domain, since)
    if subscription is None:
        subscription = Subscription(device=device)
    subscription.address, subscription.confirmed_at = address, None
    subscription.created_at = timezone.now()
    subscription.decisions, subscription.replies = decisions, replies
    if not is_same:
        subscription.token = new_token()
    subscription.save()
    unsent = subscription.notifications.filter(kind=Notification.Kind.CONFIRM).exclude(state=Notification.State.SENT)
    cancelled = Notification.objects.filter(
        pk__in=unsent.locked()
    )  # one written for another address would go to this one
    cancelled.update(state=Notification.State.CANCELLED)
    of_address = ConfirmationRequest.objects.filter(address_key=key, at__gt=since)
    if len(of_address.values("pk")[:MAX_PER_ADDRESS]) < MAX_PER_ADDRESS:
        ConfirmationRequest.objects.create(address_key=key, domain_key=domain, device=device, network=network)
        enqueue_delivery(Notification.objects.create(kind=Notification.Kind.CONFIRM, subscription=subscription))


def _has_unsent_confirmation(subscription: Subscription) -> bool:
    """Whether a letter that asks this address waits for the mail server: that one will do."""
    underway = [Notification.State.PENDING, Notification.State.SENDING]
    return subscription.notifications.filter(kind=Notification.Kind.CONFIRM, state__in=underway).exists()


def _check_daily_limits(device: str, network: str, domain: str, since: object) -> None:
    today = ConfirmationRequest.objects.filter(at__gt=since)
    limits = [({"device": device}, MAX_PER_DEVICE), ({"network": network}, MAX_PER_NETWORK)]
    if domain:
        limits.append(({"domain_key": domain}, MAX_PER_DOMAIN))
    if any(len(today.filter(**whose).values("pk")[:most]) == most for whose, most in limits):
        text = _("You’ve reached today’s limit. Please try again tomorrow.")
        raise RequestRejected(text, retry_after=int(DAY.total_seconds()))


def confirm(token: str) -> None:
    """By the token alone: should the device ask for another address meanwhile, that one is not confirmed."""
    asked = Subscription.objects.filter(token=token, confirmed_at=None)
    key = asked.values_list("address_key", flat=True).first()
    if asked.update(confirmed_at=timezone.now()):
        ConfirmationRequest.objects.filter(address_key=key).update(domain_key="")


def change_preferences(token: str, *, decisions: bool, replies: str) -> None:
    Subscription.objects.filter(token=token).update(decisions=decisions, replies=replies)


@transaction.atomic
def unsubscribe(**which: str) -> bool:
    """Forgets the address of this `token` or this `device`, and what waited to be sent there. Idempotent.

    Who has the token of an address that was not confirmed reads it and has asked for nothing: nobody can have it asked
    again for a year. Whether that is so now.
    """
    stopped = Subscription.objects.filter(**which)
    declined = stopped.filter(confirmed_at=None) if "token" in which else stopped.none()
    keys = [address_key(subscription.address) for subscription in declined]
    SuppressedAddress.objects.bulk_create([SuppressedAddress(address_key=key) for key in keys], ignore_conflicts=True)
    stopped.purge()
    return bool(keys)
