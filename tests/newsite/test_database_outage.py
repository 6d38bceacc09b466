"""Database outage: a 503 in the site's design, with the submitted text."""

import contextlib
import hashlib
import logging
import sqlite3
import time
from types import SimpleNamespace

from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
import psycopg
import pytest

from comments.db import advisory_locks
from comments.models import Comment
from newsite.db import outage
from newsite.pages import article as articlepage
from newsite.pages import post_comment
from tests import conftest
from tests.conftest import client_of, make_article


@pytest.fixture
def database_down(db, monkeypatch):
    """Simulate a stopped database server: there is no connection, and queries raise OperationalError."""

    def refuse(*args, **kwargs):
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(outage._State, "is_down", False)
    lose_connection(monkeypatch, ensure_connection=refuse)
    monkeypatch.setattr(articlepage, "get_published", refuse)
    return refuse


def lose_connection(monkeypatch, *, ensure_connection):
    """Replace the connection that the middleware sees; the test keeps its own."""
    lost = SimpleNamespace(connection=None, close=lambda: None, ensure_connection=ensure_connection)
    monkeypatch.setattr(outage, "connection", lost)


def send(article, **fields):
    return Client().post(f"{article.get_absolute_url()}comments/", fields, headers={"Sec-Fetch-Site": "same-origin"})


def test_a_page_says_that_we_will_be_back(article, database_down):
    response = Client().get(article.get_absolute_url())
    assert response.status_code == 503
    assert response["Retry-After"] == "10"
    assert response["Cache-Control"] == "no-store"
    assert "We’ll be back" in response.text
    assert "newsite.css" in response.text
    assert "refused" not in response.text


def test_what_was_written_comes_back_to_be_sent_again(article, database_down):
    response = send(article, comment="Long & <b>thought</b>\n\nover", name='Ada "A"', parent="", rendered="then")
    assert response.status_code == 503
    assert response["Retry-After"] == "10"
    assert "\nLong &amp; &lt;b&gt;thought&lt;/b&gt;\n\nover</textarea>" in response.text
    assert 'name="name" value="Ada &quot;A&quot;"' in response.text
    assert f'action="{article.get_absolute_url()}comments/"' in response.text
    assert '<input type="hidden" name="rendered" value="then">' in response.text
    assert not Comment.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite’s writers wait as long as it is told to")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize(
    "lock", ["LOCK TABLE comments_comment IN EXCLUSIVE MODE", "SELECT pg_advisory_xact_lock({mine})"]
)
def test_what_waits_for_others_too_long_is_given_back(monkeypatch, lock):
    article, client, holding = make_article(), client_of("mine"), connection.copy()
    monkeypatch.setattr(advisory_locks, "LOCK_TIMEOUT_MS", 50)
    mine = int.from_bytes(hashlib.sha256(b"mine").digest()[:8], signed=True)
    with contextlib.closing(holding), holding.cursor() as cursor:
        holding.set_autocommit(False)
        cursor.execute(lock.format(mine=mine))
        response = conftest.send(client, article, comment="Some words", name="Ada")
        holding.rollback()
    assert response.status_code == 503
    assert "Some words</textarea>" in response.text
    assert conftest.send(client, article, comment="Some words", name="Ada").status_code == 303


def test_the_log_says_it_once_in_one_line(article, database_down, caplog):
    for _ in range(3):
        Client().get(article.get_absolute_url())
        send(article, comment="x", name="y")
    assert [record.getMessage() for record in caplog.records if record.name == "newsite.db.outage"] == [
        "The database does not answer: connection refused"
    ]
    assert not [record for record in caplog.records if record.exc_info]


def test_nobody_waits_for_it_for_a_second_and_then_it_is_tried(article, database_down, monkeypatch, caplog):
    caplog.set_level(logging.WARNING)
    Client().get(article.get_absolute_url())
    asked = []
    monkeypatch.setattr(articlepage, "get_published", lambda *args: asked.append(args))
    monkeypatch.setattr(outage._State, "try_again_at", time.monotonic() + 60)
    assert Client().get(article.get_absolute_url()).status_code == 503
    assert not asked
    monkeypatch.undo()
    monkeypatch.setattr(outage._State, "is_down", True)
    monkeypatch.setattr(outage._State, "try_again_at", 0.0)
    assert Client().get(article.get_absolute_url()).status_code == 200
    assert not outage._State.is_down
    assert "The database answers again." in caplog.text


@pytest.mark.parametrize("ask", [lambda article: Client().get(article.get_absolute_url()), send])
def test_an_attempt_that_fails_is_the_only_one_for_a_second(article, database_down, monkeypatch, caplog, ask):
    monkeypatch.setattr(outage._State, "is_down", True)
    monkeypatch.setattr(outage._State, "try_again_at", 0.0)
    assert ask(article).status_code == 503
    assert outage._State.is_down
    assert outage._State.try_again_at > time.monotonic()
    assert not caplog.records


def test_who_reads_does_not_notice_a_connection_that_a_restart_left_dead(article, monkeypatch):
    calls, find = [], articlepage.get_published

    def dead_at_first(*args):
        calls.append(args)
        if len(calls) == 1:
            raise OperationalError("terminating connection due to administrator command")
        return find(*args)

    monkeypatch.setattr(articlepage, "get_published", dead_at_first)
    lose_connection(monkeypatch, ensure_connection=lambda: None)
    assert Client().get(article.get_absolute_url()).status_code == 200
    assert len(calls) == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could end a connection")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_writes_does_not_notice_a_connection_that_the_server_has_ended():
    article = make_article()
    end_connection()
    assert send(article, comment="I was there.", name="Ada").status_code == 303
    assert Comment.objects.get().text == "I was there."


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could end a connection")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nor_does_an_editor_who_sends_so_much_that_a_middleware_asks_who_it_is(admin_client):
    end_connection()
    form = {"name": "Town", "slug": "town", "order": "1", "tint": "teal", "description": "Words. " * 2_000}
    assert len(form["description"]) > settings.UNCHECKED_REQUEST_MAX_BYTES
    answer = admin_client.post("/admin/articles/section/add/", form)
    assert answer.status_code == 200
    assert "description" in answer.context["adminform"].form.errors  # too long: validation of the form fails


def end_connection():
    ended = connection.connection
    with psycopg.connect(ended.info.dsn) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [ended.info.backend_pid])


@pytest.mark.parametrize("address", ["/letters/a-token/stop/", "/preview/a-token/"])
def test_the_log_does_not_have_what_opens_a_letter_or_a_preview(db, rf, caplog, address):
    outage.handle_outage(rf.post(address), OperationalError("disk full"))
    assert "The database failed: disk full (POST /" in caplog.text
    assert "a-token" not in caplog.text


def test_a_full_disk_is_told_to_the_one_who_wrote_and_others_go_on(article, monkeypatch, caplog):
    def full(*args, **kwargs):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise OperationalError(str(error)) from error

    monkeypatch.setattr(post_comment, "submit", full)
    response = send(article, comment="Kept", name="Ada")
    assert response.status_code == 503
    assert "Kept</textarea>" in response.text
    assert "The database failed: database or disk is full (POST /" in caplog.text
    assert Client().get(article.get_absolute_url()).status_code == 200


def test_a_mistake_of_ours_is_not_called_an_outage(article, monkeypatch):
    def mistaken(*args):
        error = sqlite3.OperationalError("no such table: nowhere")
        error.sqlite_errorcode = sqlite3.SQLITE_ERROR
        raise OperationalError(str(error)) from error

    monkeypatch.setattr(articlepage, "get_published", mistaken)
    assert Client(raise_request_exception=False).get(article.get_absolute_url()).status_code == 500


def test_what_the_login_asks_before_any_view_is_answered_the_same(db, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", refuse)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "0123456789abcdef0123456789abcdef"
    assert client.get("/admin/").status_code == 503


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's disk is not ours to fill")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_database_that_cannot_grow_gives_back_what_was_written_and_shows_pages(caplog):
    """SQLite itself raises the error, without a mock."""
    article = make_article()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # remove free pages of other tests
        most = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {most}")
        try:
            answers = [send(article, comment=f"{number} " + "long " * 900, name="Ada") for number in range(9)]
            page = Client().get(article.get_absolute_url())
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused
    assert "long long" in refused[0].text
    assert "database or disk is full" in caplog.text
    assert page.status_code == 200
    assert Comment.objects.count() == sum(answer.status_code == 303 for answer in answers)
    assert send(article, comment="There is room again.", name="Bo").status_code == 303
