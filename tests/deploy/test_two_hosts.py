"""Two hosts: changes on one are visible on the other, and rate limits cover both together."""

import re
import time
from urllib.parse import urlencode

import pytest

from comments.rate_limits import YOUNG_DEVICE_COMMENTS_PER_MINUTE
from tests.support.full_stack import create_article, wait_until
from tests.support.http_client import FORM, ask, send
from tests.support.two_hosts import query_value

SOON = 2.0  # seconds until all readers see a change
MOST_LAG = 2.0  # seconds; default of DATABASE_REPLICA_MAX_LAG
QUEUE_URL, LOGIN = "/admin/comments/moderation/", "/admin/login/"


@pytest.fixture
def address(hosts):
    """Create an article for the test, and return its path when its pages come from the replica."""
    address = create_article(hosts.stack)
    wait_until(lambda: ask(hosts.other_url, address).status == 200)
    hosts.wait_until_replica_is_used()
    return address


@pytest.fixture
def editor(hosts):
    return f"sessionid={hosts.stack.session_id_for('editor')}"


def cookies_of(answer):
    return "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie"))


def approve(url, session, pk):
    """Approve a comment in the moderation queue."""
    page = ask(url, f"{QUEUE_URL}?comment={pk}", headers={"Cookie": session})
    token = page.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    version = re.search(rf'name="comment" value="{pk}".*?name="version" value="([^"]+)"', page.text, re.DOTALL)[1]
    fields = {"comment": pk, "version": version, "action": "approve", "csrfmiddlewaretoken": token}
    headers = {**FORM, "Cookie": f"{session}; csrftoken={token}"}
    answer = ask(url, f"{QUEUE_URL}?queue=pending", method="POST", body=urlencode(fields), headers=headers)
    assert answer.status in {200, 302, 303}, answer.text


def test_a_comment_approved_on_one_host_is_seen_on_the_other_within_two_seconds(hosts, address, editor):
    answer = send(hosts.other_url, f"{address}comments/", comment="It waited.", name="Ada", sender="127.0.31.1")
    pk = int(answer.headers["Location"].rpartition("-")[2])
    assert "It waited." not in ask(hosts.stack.url, address).text
    approve(hosts.other_url, editor, pk)
    approved = time.monotonic()
    wait_until(lambda: "It waited." in ask(hosts.stack.url, address).text)
    assert time.monotonic() - approved < SOON + 0.2  # plus the time of the request
    assert hosts.servers_queried(hosts.stack.url) == {"replica"}


def test_who_has_written_sees_it_at_once_on_whichever_host(hosts, address):
    """Private pages read from the primary, also while the replica is behind."""
    query_value(hosts.replica, "SELECT pg_wal_replay_pause()")
    try:
        answer = send(hosts.stack.url, f"{address}comments/", comment="Mine.", name="Ada", sender="127.0.32.1")
        assert "Mine." in ask(hosts.other_url, f"{address}yours/", headers={"Cookie": cookies_of(answer)}).text
    finally:
        query_value(hosts.replica, "SELECT pg_wal_replay_resume()")


def test_a_replica_that_falls_behind_is_left_out_until_it_has_caught_up(hosts, address):
    """Reads are never older than the setting allows, and no page is cached under the versions of another."""
    before = len(hosts.stack.site.log_text())
    replace_all = (
        "from articles.models import Article\n"
        f"article = [one for one in Article.objects.all() if one.get_absolute_url() == {address!r}][0]\n"
        "article.headline = 'A new headline'; article.save()"
    )
    query_value(hosts.replica, "SELECT pg_wal_replay_pause()")
    try:
        hosts.stack.python(replace_all)
        at = time.monotonic()
        old = ask(hosts.stack.url, f"{address}?sort=oldest").text
        is_surely_read_there = time.monotonic() - at < MOST_LAG / 4  # unless this machine has slept
        assert "A new headline" not in old or not is_surely_read_there
        wait_until(lambda: "A new headline" in ask(hosts.stack.url, f"{address}?sort=oldest").text)
        assert time.monotonic() - at < MOST_LAG + SOON + 0.2
        wait_until(
            lambda: hosts.servers_queried(hosts.stack.url) == hosts.servers_queried(hosts.other_url) == {"primary"}
        )
        for url in (hosts.stack.url, hosts.other_url):
            assert "A new headline" in ask(url, address).text
    finally:
        query_value(hosts.replica, "SELECT pg_wal_replay_resume()")
    hosts.wait_until_replica_is_used()
    for url in (hosts.stack.url, hosts.other_url):
        assert "A new headline" in ask(url, f"{address}?sort=oldest").text
    said = hosts.stack.site.log_text()[before:]
    assert 1 <= said.count("The replica is not used; pages are read from the primary: it is more than 2 s") <= 2
    assert 1 <= said.count("The replica is in use again.") <= 2  # once for each worker


def test_an_idle_primary_makes_no_replica_late(hosts, address):
    before = len(hosts.stack.site.log_text())
    time.sleep(MOST_LAG + 1.5)  # nothing is written meanwhile
    assert hosts.servers_queried(hosts.stack.url) == {"replica"}
    assert "not used" not in hosts.stack.site.log_text()[before:]


def test_a_device_is_as_slow_on_two_hosts_as_on_one(hosts, address):
    cookie, statuses = "", []
    for number in range(YOUNG_DEVICE_COMMENTS_PER_MINUTE + 2):
        url = (hosts.stack.url, hosts.other_url)[number % 2]
        answer = send(
            url,
            f"{address}comments/",
            comment=f"Number {number} of mine.",
            name="Ada",
            sender="127.0.33.1",
            headers={"Cookie": cookie},
        )
        statuses.append(answer.status)
        cookie = cookie or cookies_of(answer)
    assert statuses == [303] * YOUNG_DEVICE_COMMENTS_PER_MINUTE + [429] * 2


def test_failed_logins_are_counted_on_both_hosts_together(hosts):
    statuses = []
    for number in range(6):
        url = (hosts.stack.url, hosts.other_url)[number % 2]
        token = ask(url, LOGIN, sender="127.0.34.1").headers["Set-Cookie"].partition(";")[0]
        answer = send(
            url,
            LOGIN,
            username="somebody",
            password="wrong",
            csrfmiddlewaretoken=token.partition("=")[2],
            sender="127.0.34.1",
            headers={"Cookie": token},
        )
        statuses.append(answer.status)
    assert statuses == [200] * 4 + [429] * 2
