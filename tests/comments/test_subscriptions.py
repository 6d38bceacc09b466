"""Subscriptions: which addresses get a confirmation email, how often, and what a confirmation permits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
import time

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments.models import Notification, Subscription
from comments.notifications import deliver
from comments.notifications.forms import SubscriptionForm
from comments.notifications.subscriptions import MAX_PER_ADDRESS, confirm, subscribe, unsubscribe
from tests.conftest import make_article, make_comment
from tests.support.notifications import create_subscription, deliver_emails

pytestmark = pytest.mark.django_db


def ask(address="ada@example.org", *, device="adas", network="n"):
    subscribe(address, device=device, network=network, decisions=True, replies="at_once")


def test_a_confirmation_is_for_the_address_that_was_asked_and_for_no_later_one():
    ask("own@example.org")
    asked = Subscription.objects.get().token
    ask("stranger@example.org")  # after the page has found the subscription, before it confirms
    confirm(asked)
    assert not Subscription.objects.get().is_confirmed()


def test_asking_again_while_the_letter_waits_for_the_mail_server_keeps_that_letter():
    for _ in range(MAX_PER_ADDRESS + 1):
        ask()
    assert [letter.to for letter in deliver_emails()] == [["ada@example.org"]]
    ask()
    assert len(deliver_emails()) == 1


def test_another_address_takes_the_waiting_letter_back():
    ask("own@example.org")
    ask("other@example.org")
    assert [letter.to for letter in deliver_emails()] == [["other@example.org"]]


SPELLINGS = [
    *["ada@Example.Org", "ada@\uff45xample.org", "ada@example\u3002org", "ada@exam\ufe0fple.org"],
    *["ada@e\u034fxample.org", "ADA+x@EXAMPLE.org"],
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_address_is_kept_as_mail_servers_are_asked_for_it(spelling):
    form = SubscriptionForm({"address": spelling, "replies": "never"})
    assert form.is_valid()
    assert form.cleaned_data["address"].rpartition("@")[2] == "example.org"


def test_a_domain_with_other_letters_is_kept_in_ascii():
    form = SubscriptionForm({"address": "ada@Bücher.example", "replies": "never"})
    assert form.is_valid()
    assert form.cleaned_data["address"] == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["\u017fam@example.org", "ada@\u034f.org", f"ada@{'ü' * 70}.org", "ada@a..b.org"])
def test_an_address_that_ascii_cannot_spell_is_none(address):
    assert not SubscriptionForm({"address": address, "replies": "never"}).is_valid()


def test_however_a_domain_is_spelled_a_stranger_is_asked_only_so_often():
    written = []
    for number, spelling in enumerate(SPELLINGS):
        form = SubscriptionForm({"address": spelling, "replies": "never"})
        form.is_valid()
        ask(form.cleaned_data["address"], device=f"device {number}")
        written += deliver_emails()
    assert len(written) == MAX_PER_ADDRESS


def say_no(client=None):
    token = Subscription.objects.get().token
    return (client or Client()).post(f"/letters/{token}/stop/", {"List-Unsubscribe": "One-Click"})


def test_who_says_no_is_not_asked_again_for_a_year_whoever_asks():
    now = timezone.now()
    ask("Ada@example.org")
    assert len(deliver_emails()) == 1
    assert "for a year" in say_no().text
    assert not Subscription.objects.exists()
    for days, device in enumerate(["adas", "bobs", "adas"], start=1):
        with time_machine.travel(now + timedelta(days=days)):
            ask("ada+other@example.org", device=device)
            assert deliver_emails() == []
            say_no()
    with time_machine.travel(now + timedelta(days=366)):
        deliver.delete_old_notifications()
        ask()
        assert len(deliver_emails()) == 1


def test_a_letter_that_waits_for_the_same_address_does_not_go_out_any_more():
    ask(device="adas")
    ask(device="bobs")
    unsubscribe(token=Subscription.objects.get(device="adas").token)
    assert deliver_emails() == []


@pytest.mark.parametrize("which", ["device", "token"])
def test_who_had_confirmed_or_only_has_the_device_declines_nothing(which):
    subscription = create_subscription("adas", confirmed_at=timezone.now() if which == "token" else None)
    unsubscribe(**{which: getattr(subscription, which)})
    ask()
    assert len(deliver_emails()) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite writers queue")
def test_stopping_and_sending_do_not_wait_in_a_circle():
    """Regression test for deadlocks: notifications are not in order in the table, and one row is locked."""
    letters = letters_out_of_order()
    with ThreadPoolExecutor(2) as threads:
        with transaction.atomic():
            list(Notification.objects.filter(pk=letters[3].pk).select_for_update().values("pk"))
            taking = threads.submit(and_close, partial(deliver._lease_batch, letters[0].pk))
            wait_until_waiting(1)
            stopping = threads.submit(and_close, partial(unsubscribe, device="adas"))
            wait_until_waiting(2)
        taking.result(30)
        stopping.result(30)
    assert not Notification.objects.filter(kind=Notification.Kind.REPLY).exists()


def letters_out_of_order():
    """Create notifications of one reader among so many that PostgreSQL uses different indexes for different queries."""
    article, past = make_article(), timezone.now() - timedelta(hours=1)
    reader, parent = create_subscription("adas", replies="daily"), make_comment(article, device="adas")
    others = [Subscription(device=f"device {number}", address="bob@example.org") for number in range(3000)]
    Subscription.objects.bulk_create(others)
    Notification.objects.bulk_create(Notification(kind="confirm", subscription=other, state="sent") for other in others)
    replies = [make_comment(article, parent=parent) for _ in range(12)]
    letters = [
        Notification.objects.create(kind="reply", subscription=reader, comment=each, due_at=past) for each in replies
    ]
    for letter in letters[:6]:
        for seconds in range(3):
            letter.due_at = past - timedelta(seconds=seconds)
            letter.save()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE comments_notification")
    return letters


def and_close(task):
    try:
        return task()
    finally:
        connection.close()


def wait_until_waiting(number):
    """Wait until so many connections wait for a lock."""
    until = time.monotonic() + 10
    waiting = 0
    while waiting < number:
        assert time.monotonic() < until
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            waiting = cursor.fetchone()[0]
