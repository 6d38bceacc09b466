"""The replica or the primary hangs or crashes: pages are still served, and recovery is automatic."""

import signal
import time

import pytest

from newsite.db.replica.base import QUERY_TIMEOUT_SECONDS
from tests.deploy.test_two_hosts import MOST_LAG
from tests.support.full_stack import create_article, wait_until
from tests.support.http_client import ask, send
from tests.support.load import running_load

LEFT_OUT, USED_AGAIN = "The replica is not used", "The replica is in use again."


@pytest.fixture
def address(hosts):
    address = create_article(hosts.stack)
    wait_until(lambda: ask(hosts.stack.url, address).status == 200)
    hosts.wait_until_replica_is_used()
    return address


@pytest.fixture
def log(hosts):
    before = len(hosts.stack.site.log_text())
    return lambda: hosts.stack.site.log_text()[before:]


def ask_for_new_pages(hosts, *, seconds):
    """Request uncached pages, and return the slowest response time."""
    slowest, begun = 0.0, time.monotonic()
    while (asked := time.monotonic()) < begun + seconds:
        assert ask(hosts.stack.url, f"/search/?q=new{asked}").status == 200
        slowest = max(slowest, time.monotonic() - asked)
    return slowest


def dies(replica):
    replica.stop(signal.SIGQUIT)
    return replica.start


def hangs(replica):
    replica.freeze()
    return replica.thaw


@pytest.mark.slow
@pytest.mark.parametrize("how", [dies, hangs])
def test_a_replica_that_is_away_makes_no_request_fail_and_nobody_wait_twice(hosts, address, log, how):
    with running_load(hosts.stack.url, address, readers=2, senders=1) as load:
        ask_for_new_pages(hosts, seconds=1)
        back = how(hosts.replica)
        try:
            first, then = ask_for_new_pages(hosts, seconds=4), ask_for_new_pages(hosts, seconds=3)
        finally:
            back()
        ask_for_new_pages(hosts, seconds=1)
        load.wait_for_posts(3)
    assert set(load.post_statuses) == {303}
    assert not load.unexpected_pages
    assert not load.failed_requests
    assert first < QUERY_TIMEOUT_SECONDS + 2  # a request that was running
    assert then < 2  # all later requests
    hosts.wait_until_replica_is_used()
    assert 1 <= log().count(LEFT_OUT) == log().count(USED_AGAIN) <= 2  # once for each worker
    assert "Traceback" not in log()


def test_while_the_primary_is_away_pages_are_read_from_the_replica(hosts, address, log):
    """Uncached pages are read from the replica; private pages and forms have to wait.

    Threads may still have connections to a replica that has been restarted since.
    """
    with running_load(hosts.stack.url, address, readers=6, senders=0):
        ask_for_new_pages(hosts, seconds=2)
    hosts.replica.stop(signal.SIGINT)
    hosts.replica.start()
    time.sleep(MOST_LAG)  # within that time every worker has looked at it
    wait_until(lambda: log().count(LEFT_OUT) == log().count(USED_AGAIN))
    hosts.wait_until_replica_is_used()
    hosts.stack.database.stop(signal.SIGINT)
    try:
        until = time.monotonic() + 5
        while time.monotonic() < until:
            begun = time.monotonic()
            page = ask(hosts.stack.url, f"{address}?after=0-0-{begun}")
            assert ask(hosts.stack.url, f"/search/?q=away{begun}").status == 200
            assert ask(hosts.stack.url, f"/nobody/was/here/{begun}/").status == 404
            post = send(hosts.stack.url, f"{address}comments/", comment="Kept.", name="Ada", sender="127.5.1.1")
            assert page.status in {200, 404}
            assert (post.status, post.headers["Retry-After"]) == (503, "10")
            assert "Kept.</textarea>" in post.text
            assert ask(hosts.stack.url, f"{address}yours/").status == 503
            assert ask(hosts.stack.url, "/readyz").status == 503
            assert time.monotonic() - begun < 4
            time.sleep(0.25)
    finally:
        hosts.stack.database.start()
    wait_until(lambda: ask(hosts.stack.url, f"{address}yours/").status == 200, seconds=10)
    hosts.wait_until_replica_is_used()
    assert log().count(LEFT_OUT) == log().count(USED_AGAIN)
    assert 1 <= log().count("The database does not answer") <= 2
    assert "Traceback" not in log()
