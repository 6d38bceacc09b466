"""A reader asks for letters, confirms, changes what they get, stops. Nobody is written to who has not confirmed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.db.advisory_locks import one_at_a_time
from comments.models import Confirmation, Declined, Letter, Subscription
from comments.models.notification import address_key, domain_key, new_token
from comments.readers.rate_limits import NotTaken
from comments.tasks import post

# Requests to confirm a day: the form must not be a way to pester a stranger. Those of a domain (all mail to it may be
# one person's) count until they are confirmed: a firm or a school never has so many open.
DAY = timedelta(days=1)
OF_AN_ADDRESS, OF_A_DEVICE, OF_A_NETWORK, OF_A_DOMAIN = 3, 5, 30, 20


@transaction.atomic
def subscribe(address: str, *, device: str, network: str, decisions: bool, replies: str) -> None:
    """One subscription a device. Another address has to be confirmed anew; the answer is the same for any address.

    Raises NotTaken, which depends on who asks and on what was asked of the domain, not on the one address.
    """
    key, domain = address_key(address), domain_key(address)
    if domain:
        one_at_a_time(f"letters to {domain}")
    one_at_a_time(f"letters to {key}")
    one_at_a_time(f"letters for {device}")
    wishes = {"decisions": decisions, "replies": replies}
    subscription = Subscription.objects.select_for_update().filter(device=device).first()
    is_same = subscription is not None and subscription.address == address
    if subscription and is_same and (subscription.is_confirmed() or _is_being_asked(subscription)):
        Subscription.objects.filter(pk=subscription.pk).update(**wishes)
        return
    since = timezone.now() - DAY
    _refuse_if_too_often(device, network, domain, since)
    if subscription is None:
        subscription = Subscription(device=device)
    subscription.address, subscription.confirmed_at = address, None
    subscription.created_at = timezone.now()
    subscription.decisions, subscription.replies = decisions, replies
    if not is_same:
        subscription.token = new_token()
    subscription.save()
    unsent = subscription.letters.filter(kind=Letter.Kind.CONFIRM).exclude(state=Letter.State.SENT)
    cancelled = Letter.objects.filter(pk__in=unsent.locked())  # one written for another address would go to this one
    cancelled.update(state=Letter.State.CANCELLED)
    of_address = Confirmation.objects.filter(address_key=key, at__gt=since)
    if len(of_address.values("pk")[:OF_AN_ADDRESS]) < OF_AN_ADDRESS:
        Confirmation.objects.create(address_key=key, domain_key=domain, device=device, network=network)
        post(Letter.objects.create(kind=Letter.Kind.CONFIRM, subscription=subscription))


def _is_being_asked(subscription: Subscription) -> bool:
    """Whether a letter that asks this address waits for the mail server: that one will do."""
    underway = [Letter.State.WAITING, Letter.State.SENDING]
    return subscription.letters.filter(kind=Letter.Kind.CONFIRM, state__in=underway).exists()


def _refuse_if_too_often(device: str, network: str, domain: str, since: object) -> None:
    today = Confirmation.objects.filter(at__gt=since)
    limits = [({"device": device}, OF_A_DEVICE), ({"network": network}, OF_A_NETWORK)]
    if domain:
        limits.append(({"domain_key": domain}, OF_A_DOMAIN))
    if any(len(today.filter(**whose).values("pk")[:most]) == most for whose, most in limits):
        text = _("You’ve reached today’s limit. Please try again tomorrow.")
        raise NotTaken(text, retry_after=int(DAY.total_seconds()))


def confirm(token: str) -> None:
    """By the token alone: should the device ask for another address meanwhile, that one is not confirmed."""
    asked = Subscription.objects.filter(token=token, confirmed_at=None)
    key = asked.values_list("address_key", flat=True).first()
    if asked.update(confirmed_at=timezone.now()):
        Confirmation.objects.filter(address_key=key).update(domain_key="")


def change(token: str, *, decisions: bool, replies: str) -> None:
    Subscription.objects.filter(token=token).update(decisions=decisions, replies=replies)


@transaction.atomic
def stop(**which: str) -> bool:
    """Forgets the address of this `token` or this `device`, and what waited to be sent there. Idempotent.

    Who has the token of an address that was not confirmed reads it and has asked for nothing: nobody can have it asked
    again for a year. Whether that is so now.
    """
    stopped = Subscription.objects.filter(**which)
    declined = stopped.filter(confirmed_at=None) if "token" in which else stopped.none()
    keys = [address_key(subscription.address) for subscription in declined]
    Declined.objects.bulk_create([Declined(address_key=key) for key in keys], ignore_conflicts=True)
    stopped.forget()
    return bool(keys)
