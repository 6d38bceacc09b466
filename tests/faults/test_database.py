"""PostgreSQL is restarted under load, or down: no acknowledged comment is lost, and recovery is automatic."""

import re
import signal
import time

import pytest

from tests.support.full_stack import wait_until
from tests.support.http_client import ask, send
from tests.support.load import ALL_COMMENTS, lost_comments, running_load


def test_what_was_answered_survives_crashes_of_the_database_under_load(stack, address, log):
    with running_load(stack.url, address, readers=2, senders=3) as load:
        for how in (signal.SIGQUIT, signal.SIGINT):
            load.wait_for_posts(10)
            stack.database.stop(how)
            stack.database.start()
        load.wait_for_posts(10)
    assert not lost_comments(load, stack.python(ALL_COMMENTS))
    assert not load.unexpected_pages  # readers notice nothing
    assert set(load.post_statuses) <= {303, 503}
    assert load.returned_with_text == load.post_statuses[503]
    assert not load.failed_requests
    assert all(is_whole(page) for page in load.pages)
    assert "Traceback" not in log()


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_while_the_database_is_away_pages_are_shown_and_posts_given_back(stack, address, log, seconds):
    wait_until(lambda: ask(stack.url, address).cache_status == "HIT")  # slow responses are not cached
    before = ask(stack.url, address)
    stack.database.stop(signal.SIGINT)
    try:
        slowest = while_away(stack, address, before, time.monotonic() + seconds)
    finally:
        stack.database.start()
    assert slowest < 3  # requests do not wait for the missing database
    back = time.monotonic()
    words = {"comment": "And now.", "name": "Ada", "sender": "127.5.0.2"}
    wait_until(lambda: send(stack.url, f"{address}comments/", **words).status == 303, seconds=10)
    assert time.monotonic() - back < 5
    assert 1 <= log().count("The database does not answer") <= 2  # once for each worker
    # Each worker says so after its own next request, and another one may have answered first.
    wait_until(
        lambda: ask(stack.url, f"/search/?q={time.monotonic()}").status and "The database answers again." in log()
    )
    assert "Traceback" not in log()


def while_away(stack, address, before, until):
    """Send requests until this time; return the slowest response time."""
    slowest = 0.0
    time.sleep(2.1)  # until the cache of nginx is stale
    while time.monotonic() < until:
        begun = time.monotonic()
        page = ask(stack.url, address)
        post = send(stack.url, f"{address}comments/", comment="Kept in the form.", name="Ada", sender="127.5.0.1")
        slowest = max(slowest, time.monotonic() - begun)
        assert (page.status, page.body) == (200, before.body)
        assert (post.status, post.headers["Retry-After"]) == (503, "10")
        assert "Kept in the form.</textarea>" in post.text
        assert ask(stack.url, "/nobody/asked/for/it/").status == 503
        assert ask(stack.url, "/healthz").status == 200
        assert ask(stack.url, "/readyz").status == 503
        time.sleep(0.25)  # one address may send five forms a second
    return slowest


def is_whole(page):
    """Return whether the page is complete, and shows as many comments as its counter says, up to 20."""
    count = int(re.search(r'id="conversation-headline">(\d+) comment', page).group(1))
    return page.rstrip().endswith("</html>") and len(re.findall(r'id="comment-\d+"', page)) == min(count, 20)
