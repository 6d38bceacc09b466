"""A worker is killed during a stream of posts: all acknowledged comments are in the database."""

from concurrent.futures import ThreadPoolExecutor
import http.client
import os
import signal
import threading
import time
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.live_site import running_site

FIRST_ARTICLE = "from articles.models import Article; print(Article.objects.published()[0].get_absolute_url())"
ALL_COMMENTS = """
from comments.models import Comment
for comment in Comment.objects.all():
    print(comment.pk, comment.text[:40])
"""
SENDERS = 4
KILLS = 5


@pytest.mark.database
def test_every_post_that_was_answered_is_in_the_database(tmp_path):
    with running_site(tmp_path, workers=2) as site:
        address = site.python(FIRST_ARTICLE)
        stop, answered = threading.Event(), []
        with ThreadPoolExecutor(SENDERS) as threads:
            senders = [threads.submit(send_until, stop, site.url, address, name, answered) for name in range(SENDERS)]
            for _ in range(KILLS):
                wait_for_more(answered, SENDERS + 1)
                os.kill(site.workers()[0], signal.SIGKILL)
            wait_for_more(answered, SENDERS + 1)
            stop.set()
            for sender in senders:
                sender.result(30)
        stored = site.python(ALL_COMMENTS)
    found = set(stored.splitlines())
    assert {f"{pk} {text}" for pk, text in answered} <= found
    assert sum("of the stream" in line for line in found) <= len(answered) + SENDERS * (KILLS + 1)


def wait_for_more(answered, number):
    """Wait for more responses, however busy the machine is."""
    until, enough = time.monotonic() + 60, len(answered) + number
    while len(answered) < enough:
        assert time.monotonic() < until, "nothing is answered any more"
        time.sleep(0.02)


def send_until(stop, url, address, name, answered):
    """Send comments as one client; record ids and texts of those answered with 303."""
    number = 0
    while not stop.is_set():
        number += 1
        text = f"{name}-{number} of the stream"
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        try:
            headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", f"{address}comments/", urlencode({"comment": text, "name": "Ada"}), headers)
            response = connection.getresponse()
            assert response.status == 303, response.read()
            answered.append((int(response.headers["Location"].rpartition("-")[2]), text))
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)  # sent to the killed worker: no response
        finally:
            connection.close()
