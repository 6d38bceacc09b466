"""Email delivery with real SMTP servers: accepting, rejecting, unresponsive and unreachable ones."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
import time

from django.core import mail
from django.db import connection
from django.utils import timezone
import pytest
import time_machine

from comments.models import ConfirmationRequest, Notification, Subscription
from comments.models.notification import LEASE_DURATION, MAX_ATTEMPTS, RETRY_DELAYS
from comments.notifications import deliver as delivery
from comments.notifications.deliver import delete_old_notifications, deliver, deliver_due
from tests.comments.test_concurrency import at_once
from tests.conftest import make_article, make_comment, send, trusted_client
from tests.support.notifications import create_subscription
from tests.support.smtp_server import mail_server, unresponsive_server

NOON = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def reply_letter(article):
    """Create a notification that is due."""
    return reply_to("adas", "ada@example.org", article)


def reply_to(device, address, article):
    reply = make_comment(article, parent=make_comment(article, device=device))
    subscription = Subscription.objects.filter(device=device).first() or create_subscription(device, address)
    return Notification.objects.create(kind=Notification.Kind.REPLY, subscription=subscription, comment=reply)


@pytest.fixture
def smtp(settings):
    """Return a function that makes the site send emails to this port."""

    def use(port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    return use


def test_a_server_that_takes_it_gets_it_once(reply_letter, smtp):
    with mail_server() as server:
        smtp(server.port)
        assert deliver_due() == 1
        assert deliver_due() == 0
    ((address, message),) = server.received
    assert address == "ada@example.org"
    assert message.get_content_type() == "multipart/alternative"
    reply_letter.refresh_from_db()
    assert (reply_letter.state, reply_letter.attempts, reply_letter.last_error) == ("sent", 1, "")


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"ada@example.org": "550 no such user <ada@example.org>"}, "failed"),
        ({"DATA": "554 we do not like it"}, "failed"),
        ({"ada@example.org": "451 later, please"}, "pending"),
        ({"DATA": "452 the disk is full"}, "pending"),
    ],
)
def test_a_server_that_refuses_for_good_is_not_asked_again_one_that_says_later_is(reply_letter, smtp, answers, state):
    with mail_server(answers) as server:
        smtp(server.port)
        deliver_due()
    reply_letter.refresh_from_db()
    assert reply_letter.state == state
    assert next(iter(answers.values()))[:3] in reply_letter.last_error
    assert "ada@example.org" not in reply_letter.last_error


def test_a_letter_is_tried_again_with_growing_pauses_then_shown_as_failed(clock, reply_letter, smtp):
    with mail_server({"ada@example.org": "451 later"}) as server:
        smtp(server.port)
        for attempt, pause in enumerate(RETRY_DELAYS, start=1):
            assert deliver_due() == 1
            reply_letter.refresh_from_db()
            assert (reply_letter.state, reply_letter.attempts) == ("pending", attempt)
            assert reply_letter.due_at == timezone.now() + pause
            assert deliver_due() == 0
            clock.shift(pause)
        deliver_due()
    reply_letter.refresh_from_db()
    assert (reply_letter.state, reply_letter.attempts) == ("failed", MAX_ATTEMPTS)
    assert sorted(RETRY_DELAYS) == RETRY_DELAYS


def test_a_server_that_is_not_there_or_hangs_loses_nothing_and_blocks_nobody(clock, article, smtp, settings):
    settings.EMAIL_TIMEOUT = 0.3
    letters = [reply_to(f"device {n}", f"reader{n}@example.org", article) for n in range(2)]
    with unresponsive_server() as listener:
        smtp(listener.getsockname()[1])
        started = time.monotonic()
        assert deliver_due() == 2
        smtp(1)
        clock.shift(RETRY_DELAYS[0])
        assert deliver_due() == 2
        assert time.monotonic() - started < 5
    for letter in letters:
        letter.refresh_from_db()
        assert (letter.state, letter.attempts) == ("pending", 2)
        assert "ConnectionRefusedError" in letter.last_error
    with mail_server() as server:
        smtp(server.port)
        clock.shift(RETRY_DELAYS[1])
        deliver_due()
    assert len(server.received) == 2


def test_no_reader_waits_for_a_hanging_server(article, smtp):
    mine = make_comment(article, device="adas")
    create_subscription("adas")
    replier = trusted_client(make_article())
    with unresponsive_server() as listener:
        smtp(listener.getsockname()[1])
        started = time.monotonic()
        assert send(replier, article, parent=mine.pk).status_code == 303
        assert time.monotonic() - started < 5  # seconds; the server would hang until the timeout
    assert Notification.objects.get().state == "pending"


def test_a_letter_that_cannot_be_composed_does_not_keep_the_others(article, monkeypatch):
    poisonous = reply_to("adas", "ada@example.org", article)
    reply_to("bobs", "bob@example.org", article)
    compose = delivery.compose

    def break_on_the_first(letters):
        if letters[0].pk == poisonous.pk:
            raise ZeroDivisionError
        return compose(letters)

    monkeypatch.setattr(delivery, "compose", break_on_the_first)
    deliver_due()
    poisonous.refresh_from_db()
    assert poisonous.last_error.startswith("ZeroDivisionError")
    assert [letter.to for letter in mail.outbox] == [["bob@example.org"]]


def test_while_somebody_has_it_nobody_else_takes_it_and_after_the_lease_somebody_does(clock, reply_letter):
    assert len(delivery._lease_batch(reply_letter.pk)) == 1  # and then that worker is killed
    assert deliver_due() == 0
    deliver(reply_letter.pk)
    assert mail.outbox == []
    clock.shift(LEASE_DURATION)
    deliver_due()
    assert len(mail.outbox) == 1
    reply_letter.refresh_from_db()
    assert (reply_letter.state, reply_letter.attempts) == ("sent", 2)


def test_sent_twice_it_has_the_same_number(clock, reply_letter, monkeypatch):
    # killed before it stored the result
    monkeypatch.setattr(delivery, "_finish", lambda letters, **changes: None)
    deliver_due()
    clock.shift(LEASE_DURATION)
    reply_to("adas", "", reply_letter.comment.article)  # a new notification is not added to the old email
    deliver(reply_letter.pk)
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert first.body == second.body


def test_a_letter_that_kills_every_worker_is_given_up(clock, reply_letter):
    for _ in range(MAX_ATTEMPTS):
        assert delivery._lease_batch(reply_letter.pk)
        clock.shift(LEASE_DURATION)
    deliver_due()
    reply_letter.refresh_from_db()
    assert reply_letter.state == "failed"
    assert mail.outbox == []


def test_a_worker_that_comes_too_late_changes_nothing(clock, reply_letter):
    late = delivery._lease_batch(reply_letter.pk)
    clock.shift(LEASE_DURATION)
    deliver_due()
    delivery._finish(late, state=Notification.State.FAILED)
    reply_letter.refresh_from_db()
    assert reply_letter.state == "sent"


def test_a_letter_stopped_while_it_is_being_sent_is_gone(reply_letter, monkeypatch):
    compose = delivery.compose

    def stop_meanwhile(letters):
        Subscription.objects.all().delete()
        return compose(letters)

    monkeypatch.setattr(delivery, "compose", stop_meanwhile)
    deliver_due()
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_four_workers_at_once_send_each_letter_once():
    article = make_article()
    for number in range(6):
        reply_to(f"device {number}", f"reader{number}@example.org", article)
    for _ in range(3):
        reply_to("adas", "ada@example.org", article)

    def work():
        try:
            return deliver_due()
        finally:
            connection.close()

    at_once([work] * 4)
    addresses = sorted(letter.to[0] for letter in mail.outbox)
    assert addresses == ["ada@example.org", *[f"reader{number}@example.org" for number in range(6)]]
    assert set(Notification.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_what_is_done_with_is_forgotten(clock, reply_letter):
    deliver_due()
    create_subscription("bobs", confirmed_at=None)
    ConfirmationRequest.objects.create(address_key="a", device="bobs", network="n")
    clock.shift(timedelta(days=6))
    delete_old_notifications()
    assert Subscription.objects.filter(device="bobs").exists()
    assert not ConfirmationRequest.objects.exists()
    clock.shift(timedelta(days=2))
    delete_old_notifications()
    assert not Subscription.objects.filter(device="bobs").exists()
    assert Notification.objects.exists()
    clock.shift(timedelta(days=90))
    delete_old_notifications()
    assert not Notification.objects.exists()
    assert Subscription.objects.filter(device="adas").exists()


@pytest.mark.parametrize("echoed", ["ada@xn--exmple-cua.de", "ADA@EXAMPLE.ORG", "<ada@example.org>:"])
def test_no_address_stands_in_the_log_or_the_admin_however_a_server_writes_it(
    reply_letter, monkeypatch, caplog, echoed
):
    def fail(_letters):
        raise ValueError(f"550 {echoed} is not known here")

    monkeypatch.setattr(delivery, "compose", fail)
    deliver(reply_letter.pk)
    reply_letter.refresh_from_db()
    assert "@" not in reply_letter.last_error + caplog.text
    assert "is not known here" in reply_letter.last_error


@pytest.mark.parametrize(
    "address", ["john'@example.org", "a{b}@example.org", "o'neil@example.org", "{x}@example.org", '"a b"@example.org']
)
def test_an_address_with_unusual_signs_stands_nowhere_either(article, monkeypatch, caplog, address):
    letter = reply_to("adas", address, article)

    def refuse(_letters):
        raise SMTPRecipientsRefused({address: (450, f"<{address}> is busy".encode())})

    monkeypatch.setattr(delivery, "compose", refuse)
    deliver(letter.pk)
    letter.refresh_from_db()
    for written in (letter.last_error, caplog.text):
        assert "busy" in written
        assert "@" not in written
        assert address.partition("@")[0] not in written
