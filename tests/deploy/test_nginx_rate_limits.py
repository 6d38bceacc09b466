"""Limits of nginx for frequent and slow requests, and its responses to them."""

from concurrent.futures import ThreadPoolExecutor
import contextlib
import socket
import time
from urllib.parse import urlsplit

import psycopg

from tests.deploy.test_nginx_request_filtering import assert_guarded
from tests.support.full_stack import wait_until
from tests.support.http_client import ask, send
from tests.support.postgres import DEMO

A_HUNDRED = 100  # connections of one address; limit_conn


@contextlib.contextmanager
def connections_that_say(stack, number, begun, *, sender):
    """Open so many connections, each of which sends only this text."""
    host = urlsplit(stack.url)
    with contextlib.ExitStack() as kept:
        yield [
            kept.enter_context(_begun(host.hostname, host.port, begun.format(host=host.netloc), sender))
            for _number in range(number)
        ]


def _begun(host, port, begun, sender):
    connection = socket.create_connection((host, port), timeout=10, source_address=(sender, 0))
    connection.sendall(begun.encode())
    return connection


def test_more_connections_than_one_address_may_have_are_told_so_as_what_comes_too_often_is(stack, address):
    unfinished = "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\n"
    with connections_that_say(stack, A_HUNDRED + 1, unfinished, sender="127.0.8.1"):
        answer = ask(stack.url, address, sender="127.0.8.1")
        assert_guarded(answer, 429)
        assert answer.headers["Retry-After"] == "10"
        assert "Please wait a moment" in answer.text
        assert ask(stack.url, address, sender="127.0.8.2").status == 200


def test_who_does_not_come_to_the_point_is_not_waited_for(stack):
    """The default server's timeout applies until the Host header has arrived."""
    no_line, no_end = "GET /", "GET / HTTP/1.1\r\nHost: {host}\r\n"
    with (
        connections_that_say(stack, 1, no_line, sender="127.0.8.3") as one,
        connections_that_say(stack, 1, no_end, sender="127.0.8.3") as other,
    ):
        asked = time.monotonic()
        for connection in (*one, *other):
            with contextlib.suppress(ConnectionResetError):
                assert b" 200 " not in connection.recv(100)
        assert (
            time.monotonic() - asked < 8
        )  # two, as tests/support/full_stack.py has it; not the sixty that nginx would wait


def test_a_text_that_is_far_too_long_is_told_so_at_its_field_and_stays_there(stack, address):
    """Accept 70,000 characters as a reader's work and show an error; only larger bodies are cut off."""
    text = "ж" * 70_000
    answer = send(stack.url, f"{address}comments/", comment=text, name="Ada", sender="127.0.8.4")
    assert answer.status == 422
    assert "Your comment is 70000 characters long; the limit is 5000." in answer.text
    assert f"{text}</textarea>" in answer.text


def test_a_very_long_address_is_answered_like_any_other(stack):
    """Request an unknown URL, which redirects to itself with a slash: the response is as long again."""
    for length in (590, 610, 4_000):
        assert ask(stack.url, f"/{'a' * length}").status == 301
        assert ask(stack.url, f"/?x={'a' * length}").status == 200
    assert ask(stack.url, f"/admin/{chr(34) * 2_000}").status == 302  # with each of them as three


def test_an_address_that_is_longer_than_any_is_414(stack):
    assert ask(stack.url, f"/?x={'a' * 7_000}").status == 414


def test_searches_that_take_long_keep_nobody_waiting_for_a_page(stack, address):
    """Start sixteen searches that wait for a table: more than there are threads."""
    database = {"host": str(stack.database.home), "user": "postgres", "dbname": DEMO}
    with psycopg.connect(**database) as holding, ThreadPoolExecutor(16) as pool:
        holding.execute("LOCK TABLE articles_searchdocument")
        searches = [pool.submit(ask, stack.url, f"/search/?q=word{number}") for number in range(16)]
        wait_until(lambda: waiting(holding) >= 2)
        asked = time.monotonic()
        assert ask(stack.url, f"{address}?after=1-1").status == 200
        assert time.monotonic() - asked < 1
        holding.rollback()
    assert {search.result().status for search in searches} <= {200, 422, 429}


def waiting(connection):
    (number,) = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    return number
