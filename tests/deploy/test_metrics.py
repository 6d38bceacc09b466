"""Metrics of a gunicorn with two workers, each of which counts separately."""

from __future__ import annotations

import os
import re
import signal

from tests.support.full_stack import METRICS_TOKEN, Stack, wait_until
from tests.support.http_client import UnixSocketConnection, ask

ASKED = re.compile(r'^newsite_requests_total\{status="200",view="healthz"\} (\d+)\.0$', re.M)


def ask_one_worker(stack: Stack, pid: int, times: int) -> None:
    """Suspend the other workers, and bypass nginx, which keeps connections to all of them."""
    others = [other for other in stack.workers() if other != pid]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        for _ in range(times):
            connection = UnixSocketConnection(stack.gunicorn_socket)
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
            connection.close()
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def asked(stack: Stack) -> int:
    answer = ask(stack.url, "/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert answer.status == 200
    found = ASKED.search(answer.text)
    return int(found.group(1)) if found else 0


def test_the_numbers_of_all_workers_are_added_and_stay_when_one_is_gone(stack):
    first, second = stack.workers()
    before = asked(stack)
    ask_one_worker(stack, first, 3)
    ask_one_worker(stack, second, 5)
    wait_until(lambda: asked(stack) == before + 8, seconds=10)
    wait_until(lambda: [asked(stack) for _ in range(6)] == [before + 8] * 6, seconds=10)  # from either worker
    os.kill(first, signal.SIGTERM)
    wait_until(lambda: len(stack.workers()) == 2 and first not in stack.workers())
    stack.wait_until_ready()
    assert asked(stack) == before + 8


def test_nobody_else_sees_them(stack):
    for headers in ({}, {"Authorization": "Bearer x"}, {"X-Forwarded-For": "127.0.0.1"}):
        assert ask(stack.url, "/metrics", headers=headers).status == 404
