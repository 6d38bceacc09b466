"""Logs: which fields are written, and which data is never written."""

import io
from ipaddress import ip_network
import json
import logging

from django.db import IntegrityError, connection, transaction
from django.test import Client
import pytest

from comments.models import Report
from newsite.observability.logging import Formatter, JsonFormatter, error_summary, logging_config, redact_path
from newsite.pages import previews, views
from tests.conftest import make_comment, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(settings):
    """Return the log lines written as JSON during the test."""
    settings.LOG_FORMAT = "json"
    return written(JsonFormatter())


def written(formatter):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    return Lines(stream, handler)


class Lines:
    def __init__(self, stream, handler):
        self.stream, self.handler = stream, handler
        self.loggers = {
            name: logging.getLogger(name) for name in ("newsite.observability.middleware", "django.request", "test")
        }

    def __enter__(self):
        self.levels = {name: logger.level for name, logger in self.loggers.items()}
        for name, logger in self.loggers.items():
            logger.addHandler(self.handler)
            logger.setLevel("ERROR" if name == "django.request" else "INFO")
        return self

    def __exit__(self, *_error):
        for name, logger in self.loggers.items():
            logger.removeHandler(self.handler)
            logger.setLevel(self.levels[name])

    @property
    def text(self):
        return self.stream.getvalue()

    def read(self):
        return [json.loads(line) for line in self.text.splitlines()]


def test_a_request_is_a_line_that_says_how_it_went(article, client, lines):
    with lines:
        client.get(article.get_absolute_url(), {"sort": "oldest"})
    (line,) = lines.read()
    assert line["method"] == "GET"
    assert line["path"] == article.get_absolute_url()
    assert line["view"] == "article"
    assert line["status"] == 200
    assert line["queries"] > 0
    assert line["ms"] > 0
    assert len(line["request"]) == 16
    assert {"time", "level", "logger", "message"} < line.keys()


def test_nothing_of_a_reader_is_written(article, lines):
    client = Client(headers={"User-Agent": "Browser of Zuleika"}, REMOTE_ADDR="198.51.100.77")
    with lines:
        send(client, article, comment="Her own words", name="Zuleika", address="198.51.100.77")
        client.get("/search/", {"q": "what she looked for"})
        client.get("/author/zuleika@example.org/")
        client.get(f"{article.get_absolute_url()}yours/")
    device = client.cookies["device"].value
    assert len(lines.read()) == 4
    for secret in ["Her own", "Zuleika", "198.51", "looked for", "zuleika@", "example.org", device]:
        assert secret not in lines.text


@pytest.mark.parametrize("path", ["/letters/s3cret/", "/letters/s3cret/stop/", "/preview/s3cret/", "/preview/s3cret"])
def test_what_opens_something_is_not_written(path, client, lines):
    with lines:
        client.get(path)
    assert "s3cret" not in lines.text
    assert lines.read()[0]["path"] == path.replace("s3cret", "…")


@pytest.mark.parametrize(
    ("given", "trusted", "is_taken"),
    [
        ("0123456789abcdef", ["127.0.0.1"], True),
        ("0123456789abcdef", [], False),
        ('short"', ["127.0.0.1"], False),
        ("forged\nline-of-a-log", ["127.0.0.1"], False),
        ("x" * 65, ["127.0.0.1"], False),
    ],
)
def test_the_number_of_a_request_is_the_proxys_if_it_is_trusted(settings, client, lines, given, trusted, is_taken):
    settings.TRUSTED_PROXIES = [ip_network(network) for network in trusted]
    with lines:
        client.get("/healthz", headers={"X-Request-Id": given})
    assert (lines.read()[0]["request"] == given) is is_taken


def test_what_is_logged_within_a_request_carries_its_number(client, lines, monkeypatch):
    monkeypatch.setattr(views, "unapplied_migrations", lambda: logging.getLogger("test").warning("Hm.") or [])
    with lines:
        client.get("/readyz")
        logging.getLogger("test").warning("Outside.")
    within, request, outside = lines.read()
    assert within["request"] == request["request"]
    assert "request" not in outside


def test_what_breaks_is_told_with_its_place_and_without_values(lines, monkeypatch):
    def broken():
        words = " ".join(["Her", "own", "words"])
        raise ValueError(f"cannot use {words!r} of {'zuleika'}@example.org\nDETAIL: {words}")

    monkeypatch.setattr(views, "unapplied_migrations", broken)
    client = Client(raise_request_exception=False)
    with lines:
        response = client.get("/readyz", {"q": "Her own words"})
    error, request = lines.read()
    assert "in broken" in error["exception"]
    assert error["exception"].splitlines()[-1] == "ValueError: cannot use … of …"
    assert error["message"] == "Internal Server Error: /readyz"
    assert "Her own" not in lines.text
    assert request["status"] == 500
    assert response["X-Request-Id"] == error["request"] == request["request"]


def test_a_token_is_not_in_the_line_about_what_broke(lines, monkeypatch):
    def broken(token):
        raise ZeroDivisionError

    monkeypatch.setattr(previews.PreviewLink, "get_by_token", broken)
    with lines:
        Client(raise_request_exception=False).get("/preview/s3cret/")
    assert "Internal Server Error: /preview/…/" in lines.text
    assert "s3cret" not in lines.text


def test_a_database_says_which_constraint_and_not_whose_row(article):
    comment = make_comment(article)
    row = {"comment": comment, "device": "zuleikas", "network": "n", "complaint": "spam", "is_counted": True}
    Report.objects.create(**row)
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        Report.objects.create(**row)
    told = error_summary(raised.value)
    assert "IntegrityError" in told
    assert ("one_report_a_device" if connection.vendor == "postgresql" else "comments_report.device") in told
    assert "zuleikas" not in told


def test_lines_for_people_tell_no_more(lines):
    plain = written(Formatter("{levelname} {name}: {message}", style="{"))
    with plain:
        try:
            try:
                raise KeyError("Her own words")
            except KeyError as error:
                raise RuntimeError("in the end") from error
        except RuntimeError:
            logging.getLogger("test").exception("It broke.")
    assert plain.text.startswith("ERROR test: It broke.\n")
    assert "KeyError: …\n…and then:\n" in plain.text
    assert plain.text.rstrip().endswith("RuntimeError: in the end")
    assert "Her own words" not in plain.text.replace('raise KeyError("Her own words")', "")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "/"),
        ("/letters/", "/letters/"),
        ("/letters/abc/stop/", "/letters/…/stop/"),
        ("/2026/01/02/letters/abc/", "/2026/01/02/letters/abc/"),
        ("/a/jane@example.org/b", "/a/…/b"),
        ("/" + "x" * 600, "/" + "x" * 499),
    ],
)
def test_paths_are_shown_without_secrets(path, shown):
    assert redact_path(path) == shown


@pytest.mark.parametrize(("form", "level"), [("json", "INFO"), ("line", "WARNING")])
def test_every_request_is_written_where_programs_read(form, level):
    assert logging_config(form)["loggers"]["newsite.observability.middleware"]["level"] == level


@pytest.mark.parametrize("fields", [{f"a{number}": "b" for number in range(1_001)}, {"comment": "x" * 5_300_000}])
def test_who_sends_too_much_is_told_so_and_the_log_is_not(article, settings, caplog, fields):
    settings.PUBLIC_REQUEST_MAX_BYTES = 10_000_000
    assert send(Client(), article, **fields).status_code == 400
    assert [record for record in caplog.records if record.name.startswith("django.security")] == []
