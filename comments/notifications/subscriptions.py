"""Subscriptions of readers: request, confirm, change, cancel. Only confirmed addresses receive notifications."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.db.advisory_locks import acquire_locks
from comments.models import ConfirmationRequest, Notification, Subscription, SuppressedAddress
from comments.models.notification import address_key, domain_key, new_token
from comments.readers.form_limit import FormRefused
from comments.tasks import enqueue_delivery

# Confirmation requests a day, so that the form cannot be used to harass a stranger. Requests for a domain (whose mail
# may all go to one person) count until they are confirmed: a company or a school never has so many unconfirmed ones.
DAY = timedelta(days=1)
MAX_PER_ADDRESS, MAX_PER_DEVICE, MAX_PER_NETWORK, MAX_PER_DOMAIN = 3, 5, 30, 20


@transaction.atomic
def subscribe(address: str, *, device: str, network: str, decisions: bool, replies: str) -> None:
    """Create or change the subscription of a device.

    A new address must be confirmed. The response is the same for every address. Raise FormRefused because of limits
    for the device, the network and the domain, never because of the single address.
    """
    key, domain = address_key(address), domain_key(address)
    if domain:
        acquire_locks(f"notifications to {domain}")
    acquire_locks(f"notifications to {key}")
    acquire_locks(f"notifications for {device}")
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
    # An unsent confirmation for the old address would be sent to the new one.
    cancelled = Notification.objects.filter(pk__in=unsent.locked())
    cancelled.update(state=Notification.State.CANCELLED)
    of_address = ConfirmationRequest.objects.filter(address_key=key, at__gt=since)
    if len(of_address.values("pk")[:MAX_PER_ADDRESS]) < MAX_PER_ADDRESS:
        ConfirmationRequest.objects.create(address_key=key, domain_key=domain, device=device, network=network)
        enqueue_delivery(Notification.objects.create(kind=Notification.Kind.CONFIRM, subscription=subscription))


def _has_unsent_confirmation(subscription: Subscription) -> bool:
    """Return whether a confirmation email for this address is already queued."""
    underway = [Notification.State.PENDING, Notification.State.SENDING]
    return subscription.notifications.filter(kind=Notification.Kind.CONFIRM, state__in=underway).exists()


def _check_daily_limits(device: str, network: str, domain: str, since: object) -> None:
    today = ConfirmationRequest.objects.filter(at__gt=since)
    limits = [({"device": device}, MAX_PER_DEVICE), ({"network": network}, MAX_PER_NETWORK)]
    if domain:
        limits.append(({"domain_key": domain}, MAX_PER_DOMAIN))
    if any(len(today.filter(**whose).values("pk")[:most]) == most for whose, most in limits):
        text = _("You’ve reached today’s limit. Please try again tomorrow.")
        raise FormRefused(text, retry_after=int(DAY.total_seconds()))


def confirm(token: str) -> None:
    """Confirm the subscription with this token.

    The token belongs to one address: if the device requests another address meanwhile, that one is not confirmed.
    """
    asked = Subscription.objects.filter(token=token, confirmed_at=None)
    key = asked.values_list("address_key", flat=True).first()
    if asked.update(confirmed_at=timezone.now()):
        ConfirmationRequest.objects.filter(address_key=key).update(domain_key="")


def change_preferences(token: str, *, decisions: bool, replies: str) -> None:
    Subscription.objects.filter(token=token).update(decisions=decisions, replies=replies)


@transaction.atomic
def unsubscribe(**which: str) -> bool:
    """Delete the subscription of this `token` or `device` and its unsent notifications. Idempotent.

    A token of an unconfirmed address means that the owner of the address did not request emails. The address is then
    suppressed for a year. Return whether it has been suppressed.
    """
    stopped = Subscription.objects.filter(**which)
    declined = stopped.filter(confirmed_at=None) if "token" in which else stopped.none()
    keys = [address_key(subscription.address) for subscription in declined]
    SuppressedAddress.objects.bulk_create([SuppressedAddress(address_key=key) for key in keys], ignore_conflicts=True)
    stopped.purge()
    return bool(keys)
