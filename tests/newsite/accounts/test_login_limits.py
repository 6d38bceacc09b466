from datetime import timedelta
from ipaddress import ip_network

from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import User
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from newsite.accounts.login_limits import NETWORK_FAILURE_FACTOR
from newsite.worker.worker import run_periodic_jobs

LOGIN = "/admin/login/"
LIMIT = 5


@pytest.fixture(autouse=True)
def _editor(editor):
    """Create the editor, whose password is `secret`."""


def log_in(name="editor", password="wrong", address="203.0.113.7", **extra):
    data = {"username": name, "password": password, "next": "/admin/comments/moderation/"}
    return Client().post(LOGIN, data, REMOTE_ADDR=address, **extra)


def fail(times, **how):
    """Send two requests: another test checks that each failure counts as one."""
    response = log_in(**how)
    if times > 1:
        latest = AccessAttempt.objects.latest("attempt_time", "pk")
        AccessAttempt.objects.filter(pk=latest.pk).update(failures_since_start=times - 1)
        response = log_in(**how)
    return response


def test_a_login_leads_to_where_one_wanted():
    response = log_in(password="secret")
    assert (response.status_code, response["Location"]) == (302, "/admin/comments/moderation/")


@pytest.mark.parametrize("name", ["editor", "nobody of that name"])
def test_after_too_many_failures_one_is_told_when_to_come_again(name):
    with time_machine.travel("2026-03-01 12:00:00Z", tick=False):
        answers = [log_in(name) for _ in range(LIMIT)]
        *before, response = answers
    assert {answer.status_code for answer in before} == {200}
    assert response.status_code == 429
    assert response["Retry-After"] == "900"
    assert "Please try again in 15 minutes." in response.text
    assert "no-store" in response["Cache-Control"]


def test_the_answer_is_the_same_for_a_name_that_there_is_not():
    with time_machine.travel("2026-03-01 12:00:00Z", tick=False):
        there, not_there = (
            fail(LIMIT, name=name, address=at) for name, at in (("editor", "192.0.2.1"), ("x", "198.51.100.1"))
        )
    assert there.content == not_there.content
    assert there["Retry-After"] == not_there["Retry-After"]


def test_then_the_right_password_is_not_taken_either_until_the_time_is_over():
    with time_machine.travel("2026-03-01 12:00:00Z", tick=False) as clock:
        fail(LIMIT)
        clock.shift(timedelta(minutes=10))
        response = log_in(password="secret")
        assert (response.status_code, response["Retry-After"]) == (429, "300")  # lockout not extended
        clock.shift(timedelta(minutes=5, seconds=1))
        assert log_in(password="secret").status_code == 302


@pytest.mark.parametrize("address", ["198.51.100.7", "203.0.114.7", "2001:db8::1", ""])
def test_from_another_network_nobody_keeps_an_editor_out(address):
    fail(LIMIT * 2, address="203.0.113.9")
    assert log_in(password="secret", address=address).status_code == 302


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("203.0.113.7", "203.0.113.8"),
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("2001:db8:1:2::3", "2001:db8:1:ffff::4"),
        ("", "nonsense"),
    ],
)
def test_another_address_of_the_same_network_is_no_way_around(first, second):
    fail(LIMIT, address=first)
    assert log_in(password="secret", address=second).status_code == 429


def test_another_browser_or_a_forged_address_is_no_way_around():
    for number in range(LIMIT):
        log_in(HTTP_USER_AGENT=f"Browser {number}", HTTP_X_FORWARDED_FOR=f"198.51.{number}.1")
    assert log_in(password="secret").status_code == 429


def test_behind_a_proxy_it_is_the_client_that_counts(settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1"), "unix"]
    fail(LIMIT, address="127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.1")
    for proxy in ("127.0.0.1", ""):
        client = {"address": proxy, "password": "secret"}
        assert log_in(**client, HTTP_X_FORWARDED_FOR="198.51.100.2").status_code == 429
        assert log_in(**client, HTTP_X_FORWARDED_FOR="203.0.113.1").status_code == 302


def test_many_names_from_one_network_are_limited_too_and_colleagues_typos_are_not():
    fail(LIMIT - 1, name="a")
    fail(LIMIT - 1, name="b")
    assert log_in(password="secret").status_code == 302
    assert AccessAttempt.objects.count() == 2
    AccessAttempt.objects.update(failures_since_start=LIMIT * NETWORK_FAILURE_FACTOR // 2)
    assert log_in(password="secret").status_code == 429
    assert log_in(password="secret", address="198.51.100.1").status_code == 302


def test_whoever_logs_in_has_their_own_failures_forgotten_and_no_others():
    fail(LIMIT - 1)
    fail(LIMIT - 1, name="deputy")
    assert log_in(password="secret").status_code == 302
    assert AccessAttempt.objects.aggregate(Sum("failures_since_start")) == {"failures_since_start__sum": LIMIT - 1}
    assert fail(LIMIT - 1).status_code == 200


def test_of_who_failed_nothing_is_kept_but_hashes():
    log_in("my secret password", HTTP_USER_AGENT="Browser/7", HTTP_ACCEPT="text/html")
    log_in("my secret password", HTTP_USER_AGENT="Browser/8", HTTP_ACCEPT="text/plain")
    attempt = AccessAttempt.objects.get()
    kept = {name: str(value) for name, value in vars(attempt).items() if not name.startswith("_")}
    assert kept["failures_since_start"] == "2"
    assert kept["ip_address"].startswith("fd")
    for name in ("user_agent", "http_accept", "path_info", "get_data", "post_data"):
        assert kept[name] == ""
    assert not any("secret" in value or "203.0.113" in value for value in kept.values())
    log_in(password="secret")
    assert not AccessLog.objects.exists()


def test_the_worker_forgets_what_counts_no_more():
    fail(1, name="old")
    fail(1, name="new")
    oldest = AccessAttempt.objects.earliest("pk")
    AccessAttempt.objects.filter(pk=oldest.pk).update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    run_periodic_jobs()
    assert AccessAttempt.objects.get().pk != oldest.pk


@pytest.mark.parametrize("name", ["", "\0", "x" * 5000, "\u202e", "＜script＞", "' OR 1=1--"])
def test_a_name_that_cannot_be_is_a_fault_of_the_form(name):
    assert log_in(name).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_login_leads_nowhere_else(elsewhere):
    response = Client().post(
        f"{LOGIN}?next={elsewhere}", {"username": "editor", "password": "secret", "next": elsewhere}
    )
    assert response.status_code == 302
    assert "evil" not in response["Location"]
    assert "javascript" not in response["Location"]


def test_a_forged_login_is_refused(db):
    client = Client(enforce_csrf_checks=True)
    assert client.post(LOGIN, {"username": "editor", "password": "secret"}).status_code == 403
    assert User.objects.get(username="editor").last_login is None
