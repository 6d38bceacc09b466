"""A reader asks for letters, confirms, changes what they get, stops. Nobody is written to who has not confirmed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from comments.locks import one_at_a_time
from comments.models import Confirmation, Letter, Subscription
from comments.models.letter import new_token
from comments.tasks import post

# How many times a day somebody may be asked to confirm: the form must not be a way to pester a stranger.
DAY = timedelta(days=1)
OF_AN_ADDRESS, OF_A_DEVICE, OF_A_NETWORK = 3, 5, 30


class TooOften(Exception):
    """Not done: this device, or its network, has asked for too many letters today."""


@transaction.atomic
def subscribe(address: str, *, device: str, network: str, decisions: bool, replies: str) -> None:
    """One subscription a device. Another address has to be confirmed anew; the answer is the same for any address.

    Raises TooOften, which depends on who asks and not on the address.
    """
    key = _key(address)
    one_at_a_time(f"letters to {key}")
    one_at_a_time(f"letters for {device}")
    wishes = {"decisions": decisions, "replies": replies}
    subscription = Subscription.objects.select_for_update().filter(device=device).first()
    is_same = subscription is not None and subscription.address == address
    if subscription and is_same and subscription.is_confirmed():
        Subscription.objects.filter(pk=subscription.pk).update(**wishes)
        return
    since = timezone.now() - DAY
    _refuse_if_too_often(device, network, since)
    if subscription is None:
        subscription = Subscription(device=device)
    subscription.address, subscription.confirmed_at = address, None
    subscription.created_at = timezone.now()
    subscription.decisions, subscription.replies = decisions, replies
    if not is_same:
        subscription.token = new_token()
    subscription.save()
    unsent = subscription.letters.filter(kind=Letter.Kind.CONFIRM).exclude(state=Letter.State.SENT)
    unsent.update(state=Letter.State.CANCELLED)  # or one that was written for another address would go to this one
    of_address = Confirmation.objects.filter(address_key=key, at__gt=since)
    if len(of_address.values("pk")[:OF_AN_ADDRESS]) < OF_AN_ADDRESS:
        Confirmation.objects.create(address_key=key, device=device, network=network)
        post(Letter.objects.create(kind=Letter.Kind.CONFIRM, subscription=subscription))


def _refuse_if_too_often(device: str, network: str, since: object) -> None:
    today = Confirmation.objects.filter(at__gt=since)
    of_device = today.filter(device=device).values("pk")[:OF_A_DEVICE]
    of_network = today.filter(network=network).values("pk")[:OF_A_NETWORK]
    if len(of_device) == OF_A_DEVICE or len(of_network) == OF_A_NETWORK:
        raise TooOften


def confirm(subscription: Subscription) -> None:
    Subscription.objects.filter(pk=subscription.pk, confirmed_at=None).update(confirmed_at=timezone.now())


def change(subscription: Subscription, *, decisions: bool, replies: str) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(decisions=decisions, replies=replies)


@transaction.atomic
def stop(**which: str) -> None:
    """Forgets the address of this `token` or this `device`, and what waited to be sent there. Idempotent."""
    subscriptions = Subscription.objects.filter(**which)
    list(subscriptions.select_for_update().values("pk"))  # first: whoever writes a letter to it now is waited for
    subscriptions.delete()


def _key(address: str) -> str:
    """The same for an address however it is written, and for all names that its owner puts behind a plus sign."""
    name, _at, domain = address.casefold().rpartition("@")
    plain = f"{name.partition('+')[0]}@{domain}"
    return salted_hmac("comments.subscribing.address", plain, algorithm="sha256").hexdigest()[:32]
