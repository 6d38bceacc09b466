"""Replica: which requests read from it, and when it is used; tests/deploy and tests/faults have a real one."""

import contextlib
import logging
import time

from django.db import OperationalError, connection, router
from django.http import HttpResponse
from django.test import Client, RequestFactory
import psycopg
import pytest

from articles.models import Article
from newsite.db import outage
from newsite.db.replica import ALIAS, monitor
from newsite.db.replica import router as routing
from newsite.db.replica.base import TimeoutConnection
from newsite.db.replica.router import from_replica, needs_no_primary
from tests.conftest import make_article
from tests.support.routes import site_routes

MOST_LAG = 2.0
PRIVATE = {
    *(
        "post_comment",
        "article_private",
        "own_comments_fragment",
        "comment",
        "own_comments",
        "edit_comment",
        "report_comment",
    ),
    *(
        "withdraw_comment",
        "recommend_comment",
        "subscribe",
        "subscription",
        "unsubscribe",
        "preview",
        "healthz",
        "readyz",
        "metrics",
    ),
}


@pytest.fixture(autouse=True)
def _of_a_process_that_has_just_begun(monkeypatch):
    for name, value in {"usable_until": 0.0, "is_excluded": False, "must_reconnect": False}.items():
        monkeypatch.setattr(monitor._State, name, value)
    monkeypatch.setattr(monitor, "POLL_SECONDS", 0.001)


@pytest.fixture
def good(settings, monkeypatch):
    settings.DATABASE_ROUTERS = ["newsite.db.replica.router.ReplicaRouter"]
    monkeypatch.setattr(monitor, "is_usable", lambda: True)


class Server:
    """Fake server with a list of answers, the last of which it repeats."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.has_come_anew = False

    def __call__(self, question, *values):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def forget(self):
        self.has_come_anew = True


AT_7, BEHIND, THERE, A_PRIMARY = Server(("0/7",)), (True, False), (True, True), (False, True)
GONE = psycopg.OperationalError("connection refused\nIs it running?")


def look(primary, replica, most_lag=MOST_LAG):
    monitor.check_once(primary, replica if isinstance(replica, Server) else Server(replica), most_lag)
    return monitor._State.usable_until - time.monotonic()


def test_what_has_come_as_far_as_the_primary_is_good_for_so_long_as_it_may_lag():
    assert MOST_LAG - 0.5 < look(AT_7, THERE) <= MOST_LAG


def test_one_that_needs_a_moment_is_given_it():
    assert look(AT_7, Server(BEHIND, BEHIND, THERE)) > 0


def test_one_that_stays_behind_is_left_out_and_one_that_caught_up_is_used_again_each_said_once(caplog):
    caplog.set_level(logging.WARNING)
    for answer in (BEHIND, BEHIND):
        assert look(AT_7, answer, 0.02) < 0
    for answer in (THERE, THERE):
        look(AT_7, answer)
    assert [record.getMessage() for record in caplog.records] == [
        "The replica is not used; pages are read from the primary: it is more than 2 s behind",
        "The replica is in use again.",
    ]


def test_one_that_does_not_answer_is_left_out_with_what_it_said(caplog):
    look(AT_7, THERE)
    assert look(AT_7, GONE) < 0
    assert "it does not answer (connection refused)" in caplog.text


def test_one_that_takes_what_is_written_is_no_replica(caplog):
    """Simulate a failover without an update of the configuration."""
    assert look(AT_7, A_PRIMARY) < 0
    assert "it is not a replica" in caplog.text


def test_while_the_primary_is_away_it_is_good_since_nobody_can_write():
    look(AT_7, THERE)
    assert look(Server(GONE), THERE) > MOST_LAG


def test_one_that_was_behind_when_the_primary_went_stays_left_out():
    look(AT_7, BEHIND, 0.02)
    assert look(Server(GONE), THERE) < 0
    assert look(AT_7, THERE) > 0


def test_after_a_doubt_it_is_asked_as_by_somebody_who_comes_anew():
    replica = Server(THERE)
    look(AT_7, replica)
    assert not replica.has_come_anew
    monitor.recheck_now()
    look(AT_7, replica)
    assert replica.has_come_anew


def test_without_one_nobody_watches():
    assert not monitor.is_usable()
    assert not monitor._threads


on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to wait for")


@pytest.fixture
def limited(db):
    """Return a connection that waits for a tenth of a second at most."""
    connection.ensure_connection()
    with TimeoutConnection.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.timeout_seconds = 0.1
        yield other


@on_postgresql
def test_a_query_that_takes_too_long_is_given_up_with_its_connection(limited):
    begun = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match=r"no answer within 0\.1 s"):
        limited.execute("SELECT pg_sleep(5)")
    assert time.monotonic() - begun < 2
    assert limited.closed


@on_postgresql
def test_what_the_server_itself_says_is_passed_on_and_the_connection_stays(limited):
    limited.execute("SET statement_timeout = 20")
    with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"):
        limited.execute("SELECT pg_sleep(5)")
    assert limited.execute("SELECT 1").fetchone() == (1,)


def used(request):
    return HttpResponse(router.db_for_read(Article))


def test_a_public_page_is_read_from_it_and_all_else_is_not(good):
    request = RequestFactory().get("/")
    assert from_replica(used)(request).text == ALIAS
    assert used(request).text == "default"
    assert router.db_for_write(Article) == "default"


def test_one_that_is_not_good_is_not_asked(good, monkeypatch):
    monkeypatch.setattr(monitor, "is_usable", lambda: False)
    assert from_replica(used)(RequestFactory().get("/")).text == "default"


@pytest.fixture
def dropped(monkeypatch):
    """Record the servers whose connections are dropped."""
    servers = []
    monkeypatch.setattr(routing, "drop_connection", servers.append)
    return servers


def read_where_these_fail(*failing):
    """Return the servers that a view queries if each of these fails in turn while it runs."""
    asked, left = [], list(failing)

    def view(request):
        asked.append(router.db_for_read(Article))
        if left and asked[-1] == left[0]:
            raise OperationalError(f"{left.pop(0)} says no more")
        return HttpResponse("whole")

    with contextlib.suppress(OperationalError):
        assert from_replica(view)(RequestFactory().get("/")).text == "whole"
        asked.append("whole")
    assert not routing._is_reading.get()
    return asked


def test_what_fails_there_begins_anew_with_the_primary_and_the_replica_is_doubted(good, dropped):
    assert read_where_these_fail(ALIAS) == [ALIAS, "default", "whole"]
    assert dropped == [ALIAS]
    assert monitor._State.must_reconnect


@pytest.mark.parametrize("is_late", [True, False])
def test_with_the_primary_away_too_the_replica_is_asked_afresh_unless_it_is_late(good, dropped, monkeypatch, is_late):
    monkeypatch.setattr(monitor, "is_configured", lambda: True)
    monkeypatch.setattr(monitor._State, "is_excluded", is_late)
    whole = [] if is_late else [ALIAS, "whole"]
    assert read_where_these_fail(ALIAS, "default") == [ALIAS, "default", *whole]
    assert dropped == ([ALIAS] if is_late else [ALIAS, "default"])


@pytest.mark.parametrize("is_late", [True, False])
def test_what_the_primary_fails_is_read_there_by_whoever_has_never_looked_unless_it_is_late(
    good, dropped, monkeypatch, is_late
):
    monkeypatch.setattr(monitor, "is_usable", lambda: False)
    monkeypatch.setattr(monitor, "is_configured", lambda: True)
    monkeypatch.setattr(monitor._State, "is_excluded", is_late)
    assert read_where_these_fail("default") == (["default"] if is_late else ["default", ALIAS, "whole"])


def test_where_all_fail_that_is_said_and_nobody_is_asked_for_ever(good, dropped, monkeypatch):
    monkeypatch.setattr(monitor, "is_configured", lambda: True)
    assert read_where_these_fail(ALIAS, "default", ALIAS) == [ALIAS, "default", ALIAS]


def test_the_public_addresses_are_the_ones_that_are_read_from_it():
    reading = {pattern.name: getattr(pattern.callback, "reads_from_replica", False) for pattern in site_routes()}
    assert {name for name, is_read_there in reading.items() if not is_read_there} == PRIVATE


@pytest.mark.django_db(databases=["default"])
def test_while_the_primary_is_away_only_what_needs_it_is_503(good, monkeypatch):
    monkeypatch.setattr(outage._State, "is_down", True)
    monkeypatch.setattr(outage._State, "try_again_at", time.monotonic() + 60)
    article = make_article()
    monkeypatch.setattr(routing, "ALIAS", "default")  # the only one that there is here
    assert Client().get(article.get_absolute_url()).status_code == 200
    assert Client().get("/nobody/was/here/").status_code == 404
    assert Client().get(f"{article.get_absolute_url()}yours/").status_code == 503
    assert Client().post(f"{article.get_absolute_url()}comments/", {"comment": "x"}).status_code == 503


def test_a_form_needs_the_primary_also_at_an_address_that_leads_nowhere(good):
    assert needs_no_primary(RequestFactory().get("/nobody/was/here/"))
    assert not needs_no_primary(RequestFactory().post("/nobody/was/here/"))
    assert not needs_no_primary(RequestFactory().get("/admin/"))


@pytest.mark.parametrize("is_used", [True, False])
def test_the_metrics_tell_whether_it_is_used(db, settings, monkeypatch, is_used):
    settings.METRICS_TOKEN = "told"
    monkeypatch.setattr(monitor, "is_configured", lambda: True)
    monkeypatch.setattr(monitor, "is_usable", lambda: is_used)
    told = Client().get("/metrics", headers={"Authorization": "Bearer told"}).text
    assert f"newsite_replica_used {float(is_used)}\n" in told
