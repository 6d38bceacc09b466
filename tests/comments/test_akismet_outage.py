"""Akismet is down, slow or sends invalid responses: requests are not delayed and nothing is lost."""

import contextlib
from datetime import UTC, datetime
import logging
import threading
import time

from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
import pytest
import time_machine

from comments.akismet import client, worker
from comments.akismet.client import AkismetUnavailable
from comments.akismet.worker import run_due, run_request
from comments.models import AkismetRequest, Comment
from comments.models.akismet import LEASE_DURATION, MAX_ATTEMPTS, RETRY_DELAYS
from comments.statuses import Status
from newsite.worker import worker as worker_module
from newsite.worker.worker import AKISMET_RETRY_SECONDS, Worker
from tests.comments.test_concurrency import at_once
from tests.conftest import make_article, send
from tests.support.akismet import ADDRESS, BROWSER, finding_details, latest_request, post
from tests.support.notifications import create_subscription
from tests.support.smtp_server import unresponsive_server

NOON = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize(
    ("answer", "why", "is_down"),
    [
        ({"status": 500, "verdict": "false"}, "HTTP status 500", True),
        ({"status": 429}, "HTTP status 429", True),
        ({"status": 403}, "HTTP status 403", False),
        ({"verdict": "<!doctype html><p>false"}, "Unclear answer", False),
        ({"verdict": "invalid"}, "Key or request rejected", False),
        ({"verdict": ""}, "Unclear answer", False),
        ({"verdict": "true or false"}, "Unclear answer", False),
        ({"verdict": "false" * 10_000_000}, "Unclear answer", False),
        ({"status": 302, "headers": {"Location": "/1.1/elsewhere"}}, "HTTP status 302", False),
        ({"status": 0}, "Unreachable (RemoteDisconnected)", True),
        ({"headers": {"Content-Encoding": "gzip"}, "verdict": "\x1f\x8b"}, "Unclear answer", False),
    ],
)
def test_whatever_else_it_answers_the_comment_stays_held_and_is_asked_about_again(
    article, akismet, caplog, answer, why, is_down
):
    for name, value in answer.items():
        setattr(akismet, name, value)
    comment = post(article)
    with pytest.raises(AkismetUnavailable) if is_down else contextlib.nullcontext():
        run_due()
    comment.refresh_from_db()
    request = latest_request(comment)
    assert comment.status == Status.PENDING
    assert (request.state, request.attempts, request.last_error) == ("pending", 1, why)
    assert len(akismet.requests) == 1
    assert why in caplog.text
    assert ADDRESS not in caplog.text
    assert BROWSER not in caplog.text


def test_a_server_that_hangs_keeps_no_reader_waiting_and_the_worker_not_for_long(article, settings, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.2)
    with unresponsive_server() as listener:
        settings.AKISMET_KEY, settings.AKISMET_URL = "key", f"http://127.0.0.1:{listener.getsockname()[1]}"
        started = time.monotonic()
        comment = post(article)
        with pytest.raises(AkismetUnavailable, match="Timed out"):
            run_due()
        assert time.monotonic() - started < 5  # seconds; without a timeout it hangs
    assert comment.status == Status.PENDING
    assert latest_request(comment).last_error == "Timed out"


def test_an_answer_that_drips_is_not_waited_for(article, akismet, monkeypatch):
    monkeypatch.setattr(client, "DEADLINE_SECONDS", 0.3)
    akismet.stop_dripping = threading.Event()
    post(article)
    started = time.monotonic()
    with pytest.raises(AkismetUnavailable, match="Timed out"):
        run_due()
    assert time.monotonic() - started < 5


def test_a_server_that_is_not_there(article, settings):
    settings.AKISMET_KEY, settings.AKISMET_URL = "key", "http://127.0.0.1:1"
    post(article)
    with pytest.raises(AkismetUnavailable, match="Connection refused"):
        run_due()


def test_an_outage_holds_then_says_that_a_moderator_has_to_decide(clock, article, akismet, editor):
    akismet.status = 503
    comment = post(article)
    for attempt, pause in enumerate(RETRY_DELAYS, start=1):
        with pytest.raises(AkismetUnavailable):
            run_due()
        request = latest_request(comment)
        assert (request.state, request.attempts) == ("pending", attempt)
        assert run_due() == 0
        clock.shift(pause)
    with pytest.raises(AkismetUnavailable):
        run_due()
    comment.refresh_from_db()
    assert comment.status == Status.PENDING
    assert latest_request(comment).state == "failed"
    assert finding_details(comment)[-1] == "Akismet check failed: HTTP status 503"
    assert sorted(RETRY_DELAYS) == RETRY_DELAYS


def test_when_the_outage_is_over_what_waited_is_answered(clock, article, akismet):
    akismet.status = 503
    comment = post(article)
    with pytest.raises(AkismetUnavailable):
        run_due()
    clock.shift(RETRY_DELAYS[0])
    akismet.status, akismet.verdict = 200, "true"
    assert run_due() == 1
    comment.refresh_from_db()
    assert comment.status == Status.SPAM
    assert latest_request(comment).last_error == ""


def test_a_worker_that_found_it_away_does_its_other_work_and_leaves_it_alone_for_a_minute(
    article, akismet, monkeypatch, mailoutbox
):
    akismet.status = 500
    for number in range(3):
        post(article, comment=f"Number {number}.")
    create_subscription("adas", confirmed_at=None).notifications.create(kind="confirm")
    monkeypatch.setattr(worker_module, "close_old_connections", lambda: None)  # pytest keeps the connection open
    work = Worker()
    for _ in range(3):
        work.run_once()
    assert len(akismet.requests) == 1
    assert len(mailoutbox) == 1
    work.akismet_at -= AKISMET_RETRY_SECONDS
    work.run_once()
    assert len(akismet.requests) == 2


def test_a_worker_asks_a_few_then_other_work_has_its_turn(article, akismet):
    for number in range(7):
        post(article, comment=f"Number {number}.")
    assert [run_due(), run_due(), run_due()] == [5, 2, 0]
    assert run_due(is_stopping=lambda: True) == 0


def test_a_question_that_breaks_keeps_no_other_from_being_asked(article, akismet, monkeypatch, caplog):
    broken, other = post(article, comment="One."), post(article, comment="Two.")
    check = client.check_comment

    def break_on_the_first(fields):
        if fields["comment_content"] == "One.":
            raise ZeroDivisionError
        return check(fields)

    monkeypatch.setattr(client, "check_comment", break_on_the_first)
    assert run_due() == 2
    assert latest_request(broken).last_error == "ZeroDivisionError"
    assert latest_request(other).answer == "ham"


def test_while_somebody_asks_nobody_else_does_and_after_the_lease_somebody_does(clock, article, akismet):
    comment = post(article)
    assert worker._lease_request(latest_request(comment).pk)  # and then that worker is killed
    assert run_due() == 0
    clock.shift(LEASE_DURATION)
    assert run_due() == 1
    assert latest_request(comment).attempts == 2


def test_a_worker_that_comes_too_late_changes_nothing(clock, article, akismet):
    comment = post(article)
    late = worker._lease_request(latest_request(comment).pk)
    clock.shift(LEASE_DURATION)
    run_due()
    worker._store_answer(late, AkismetRequest.Answer.SPAM)
    comment.refresh_from_db()
    assert comment.status == Status.PENDING
    assert latest_request(comment).answer == "ham"


def test_a_question_that_kills_every_worker_is_given_up(clock, article, akismet):
    comment = post(article)
    for _ in range(MAX_ATTEMPTS):
        assert worker._lease_request(latest_request(comment).pk)
        clock.shift(LEASE_DURATION)
    run_due()
    assert latest_request(comment).state == "failed"
    assert "The worker stopped during every attempt" in finding_details(comment)[-1]
    assert akismet.requests == []


def test_what_was_sealed_with_another_key_is_a_moderators(article, akismet, settings):
    comment = post(article)
    settings.SECRET_KEY = "another one"
    assert run_due() == 1
    assert "SECRET_KEY has changed" in finding_details(comment)[-1]
    assert akismet.requests == []


def test_a_key_that_was_changed_in_order_is_no_trouble(article, akismet, settings):
    comment = post(article)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [settings.SECRET_KEY]
    assert run_due() == 1
    assert latest_request(comment).answer == "ham"


def test_a_question_about_a_comment_that_is_gone_is_gone_too(article, akismet, monkeypatch):
    comment = post(article)

    def erase_meanwhile(_fields):
        Comment.objects.filter(pk=comment.pk).delete()
        return AkismetRequest.Answer.SPAM

    monkeypatch.setattr(client, "check_comment", erase_meanwhile)
    assert run_due() == 1
    assert not AkismetRequest.objects.exists()
    run_request(10**9)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_four_workers_at_once_ask_each_question_once(akismet):
    article = make_article()
    for number in range(5):
        assert send(Client(), article, comment=f"Number {number}.").status_code == 303

    def work():
        try:
            return run_due()
        finally:
            connection.close()

    at_once([work] * 4)
    assert sorted(form["comment_content"] for form in akismet.forms) == [f"Number {number}." for number in range(5)]
    assert set(AkismetRequest.objects.values_list("state", "attempts")) == {("done", 1)}


def test_the_command_says_whether_the_key_is_taken(settings, monkeypatch, capsys):
    with pytest.raises(CommandError, match="not set"):
        call_command("check_akismet")
    settings.AKISMET_KEY = "key"
    monkeypatch.setattr(client, "_post", lambda *_args: ("valid", {}))
    call_command("check_akismet")
    assert "accepted this AKISMET_KEY" in capsys.readouterr().out
    monkeypatch.setattr(client, "_post", lambda *_args: ("invalid", {}))
    with pytest.raises(CommandError, match="rejected"):
        call_command("check_akismet")


def test_the_command_says_that_nobody_is_there(akismet):
    akismet.status = 500
    with pytest.raises(CommandError, match="status 500"):
        call_command("check_akismet")


def test_what_is_not_answered_is_logged_once_a_try(article, akismet, caplog):
    akismet.verdict = "invalid"
    post(article)
    with caplog.at_level(logging.DEBUG):
        run_due()
    assert [record.levelname for record in caplog.records if record.name.startswith("comments")] == ["WARNING"]
