"""Requests that nginx has abandoned: the application drops them."""

from concurrent.futures import ThreadPoolExecutor
import contextlib
import os
from pathlib import Path
import re
import signal
import socket
import time
from urllib.parse import urlencode, urlsplit

import psycopg

from newsite.http.stale_requests import MAX_WAIT_SECONDS
from tests.support.full_stack import METRICS_TOKEN, wait_until
from tests.support.http_client import FORM, UnixSocketConnection, ask, send
from tests.support.postgres import DEMO

IMPATIENT, SOME = 60, 5  # connections of others may open or close meanwhile


def counted(stack, metric):
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    text = ask(stack.url, "/metrics", headers=headers).text
    return sum(float(number) for number in re.findall(rf"^{re.escape(metric)} (\S+)$", text, re.MULTILINE))


def stored(stack, words):
    return int(
        stack.python(
            f"from comments.models import Comment\nprint(Comment.objects.filter(text__contains={words!r}).count())"
        )
    )


@contextlib.contextmanager
def nothing_is_stored(stack):
    """Lock the table of comments, so that each thread that stores a comment waits until the context ends."""
    database = {"host": str(stack.database.home), "user": "postgres", "dbname": DEMO}
    with psycopg.connect(**database) as holding:
        holding.execute("LOCK TABLE comments_comment IN SHARE MODE")
        yield holding
        holding.rollback()


def begin_to_send(stack, address, text, sender):
    host, body = urlsplit(stack.url), urlencode({"comment": text, "name": "Ada"})
    head = f"POST {address}comments/ HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Length: {len(body)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in FORM.items())
    connection = socket.create_connection((host.hostname, host.port), 10, source_address=(sender, 0))
    connection.sendall(f"{head}\r\n{body}".encode())
    return connection


def sockets_of_nginx(stack):
    """Count the sockets of nginx: two for each proxied request, to the client and to gunicorn."""
    found = 0
    for pid in stack.nginx.all():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found += os.readlink(descriptor).startswith("socket:")
    return found


@contextlib.contextmanager
def frozen_workers(stack):
    """Suspend the workers, so that requests wait as they do for busy workers."""
    workers = stack.workers()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def test_of_sixty_whose_clients_went_away_none_is_worked_off(stack, address):
    """Regression test: all sixty requests were stored one after another, while the next reader waited."""
    dropped = 'newsite_dropped_requests_total{cause="abandoned"}'
    before, idle = counted(stack, dropped), sockets_of_nginx(stack)
    with frozen_workers(stack):
        gone = [
            begin_to_send(stack, address, f"Impatient {number}.", f"127.3.0.{number + 1}")
            for number in range(IMPATIENT)
        ]
        wait_until(lambda: sockets_of_nginx(stack) >= idle + 2 * IMPATIENT - SOME)
        for connection in gone:
            connection.close()
        wait_until(lambda: sockets_of_nginx(stack) <= idle + SOME)
    assert send(stack.url, f"{address}comments/", comment="Patient.", name="Bo", sender="127.3.1.1").status == 303
    wait_until(lambda: counted(stack, dropped) >= before + IMPATIENT - SOME)
    assert stored(stack, "Impatient") == 0
    assert stored(stack, "Patient.") == 1


def test_who_is_still_there_is_answered(stack, address):
    with nothing_is_stored(stack) as holding, ThreadPoolExecutor(12) as pool:
        waiting = [
            pool.submit(
                send,
                stack.url,
                f"{address}comments/",
                comment=f"Waiting {number}.",
                name="Ada",
                sender=f"127.3.2.{number + 1}",
            )
            for number in range(12)
        ]
        time.sleep(1)
        holding.rollback()
        assert [each.result().status for each in waiting] == [303] * 12


def test_a_form_that_waited_too_long_comes_back_and_is_not_stored(stack, address):
    """Suspend the workers for longer than the limit, while nginx waits for them."""
    assert ask(stack.url, address).status == 200  # nginx has the page
    form = {"comment": "Too late for this.", "name": "Ada"}
    with ThreadPoolExecutor(2) as pool:
        with frozen_workers(stack):
            sent = pool.submit(send, stack.url, f"{address}comments/", sender="127.3.3.1", **form)
            read = pool.submit(ask, stack.url, f"{address}?after=1-1")
            time.sleep(MAX_WAIT_SECONDS + 1)
        answer = sent.result()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
        assert "Too late for this.</textarea>" in answer.text
        assert read.result().status == 503
    assert stored(stack, "Too late for this.") == 0
    assert ask(stack.url, address).status == 200


def test_the_application_believes_the_time_of_its_own_socket(stack, address):
    connection = UnixSocketConnection(stack.gunicorn_socket)
    try:
        connection.request("GET", address, headers={"X-Request-Start": str(time.time() - MAX_WAIT_SECONDS - 1)})
        assert connection.getresponse().status == 503
    finally:
        connection.close()
