"""Events for Sentry, recorded by a transport that sends nothing."""

import json
import logging

from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from newsite.conf import env
from newsite.observability.sentry import init_sentry
from newsite.pages import post_comment, previews
from newsite.wsgi import application

pytestmark = pytest.mark.django_db

# Kept away from the failing line, because Sentry sends the lines around it.
WORDS, ADDRESS = "Her own words", "zuleika@example.org"
BROWSER = {"User-Agent": "Browser of Zuleika", "Cookie": "device=d3v"}
SECRETS = ["Her own", "Her+own", "uleika", "Browser", "d3v", "198.51", "s3cret"]
REQUEST = {"PATH_INFO": "/preview/s3cret/", "QUERY_STRING": "q=Her+own+words", "REMOTE_ADDR": "198.51.100.77"}
COMMENT = {"comment": WORDS, "name": "Zuleika"}


class Kept(Transport):
    def __init__(self):
        super().__init__()
        self.events = []

    def capture_envelope(self, envelope):
        self.events += [event for item in envelope.items if (event := item.get_event())]


@pytest.fixture
def sent():
    transport = Kept()
    init_sentry("https://key@sentry.example/1", release="r1", transport=transport)
    yield transport.events
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)  # its patches remain, but have no effect


def found_of(event):
    whole = json.dumps(event, ensure_ascii=False, default=str)
    return [secret for secret in SECRETS if secret in whole]


def test_what_broke_is_sent_and_nothing_of_whom_it_happened_to(sent, monkeypatch):
    def broken(token):
        raise ValueError(f"cannot use {WORDS!r} of {ADDRESS}")

    monkeypatch.setattr(previews.PreviewLink, "get_by_token", broken)
    request = RequestFactory(headers=BROWSER)._base_environ(**REQUEST)
    b"".join(application(request, lambda status, headers: None))
    (event,) = sent
    error = event["exception"]["values"][-1]
    assert (error["type"], error["value"]) == ("ValueError", "cannot use … of …")
    assert error["stacktrace"]["frames"][-1]["function"] == "broken"
    assert event["release"] == "r1"
    assert event["request"] == {"method": "GET", "url": "http://testserver/preview/…/"}
    assert found_of(event) == []


def test_a_body_is_never_sent(sent, article, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(post_comment, "submit", broken)
    client = Client(raise_request_exception=False, headers=BROWSER)
    client.post(f"{article.get_absolute_url()}comments/", COMMENT, headers={"Sec-Fetch-Site": "same-origin"})
    (event,) = sent
    assert found_of(event) == []


def test_an_error_in_the_log_is_sent_without_its_values(sent):
    logging.getLogger("newsite.worker.worker").error("Letter %s to %s", 7, ADDRESS)
    (event,) = sent
    assert event["logentry"] == {"message": "Letter %s to %s"}
    assert found_of(event) == []


@pytest.mark.parametrize("dsn", ["nonsense", "https://sentry.example/1", "https://key@sentry.example/", "ftp://k@h/1"])
def test_a_wrong_dsn_stops_the_start(monkeypatch, dsn):
    monkeypatch.setenv("SENTRY_DSN", dsn)
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN"):
        env.sentry_dsn()


def test_without_the_package_too(monkeypatch):
    monkeypatch.setenv("SENTRY_DSN", "https://key@sentry.example/1")
    monkeypatch.setattr(env, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="not installed"):
        env.sentry_dsn()


def test_it_is_off_by_default(monkeypatch):
    monkeypatch.delenv("SENTRY_DSN", raising=False)
    assert env.sentry_dsn() == ""
