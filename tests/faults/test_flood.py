"""Twenty thousand comments in ten minutes from fresh devices in 5,000 networks, and fifty honest new readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
import json
import random
import re
import statistics
import threading
import time
from urllib.parse import urlencode

import pytest

from tests.abuse.flood import distinct_text, form_fields, solve_page_challenge
from tests.faults.test_worker import working
from tests.support.full_stack import Stack, create_article, running_stack
from tests.support.http_client import FORM, ask, send
from tests.support.template_databases import ATTACK_MODE

pytestmark = pytest.mark.slow

POSTS, NETWORKS, SECONDS = 20_000, 5_000, 600
SENDERS, HONEST, PATIENT = 8, 50, 10  # patient ones have no scripts and wait

OUTCOME = """
import json
from django.db.models import Q
from comments.models import Attack, Comment
from comments.queue.queues import Queue
flood = Comment.objects.filter(name__startswith="Bot")
print(json.dumps({
    "public": flood.filter(status=1).count(),
    "stored": flood.count(),
    "rows": Queue.PENDING.rows().filter(name__startswith="Bot").count(),
    "honest": Comment.objects.filter(name__startswith="Reader").count(),
    "honest public": Comment.objects.filter(name__startswith="Reader", status=1).count(),
    "attacks": Attack.objects.count(),
    "challenged": sum(Attack.objects.values_list("challenged_count", flat=True)),
}))
"""


@pytest.fixture
def trusting() -> Iterator[Stack]:
    """Run the complete stack, with a setting that publishes comments of new devices immediately."""
    with running_stack(COMMENT_TRUST_AFTER_APPROVALS="0") as stack:
        stack.python(ATTACK_MODE.format("auto"))
        yield stack


def test_none_is_public_the_queue_stays_short_and_honest_readers_get_through(
    trusting: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    articles = [create_article(trusting) for _ in range(3)]
    answers: Counter[int] = Counter()
    waits: list[float] = []
    over = threading.Event()
    with working(trusting, "worker-in-the-flood"), ThreadPoolExecutor(SENDERS + HONEST + 1) as threads:
        begun = time.monotonic()
        reading = threads.submit(read_on, trusting, articles[0], over, waits)
        flooding = [threads.submit(flood, trusting, articles, n, begun, answers) for n in range(SENDERS)]
        taking_part = [threads.submit(take_part, trusting, articles[n % 2], n, begun) for n in range(HONEST)]
        for future in flooding:
            future.result()
        got_through = [future.result() for future in taking_part]
        over.set()
        reading.result()
        time.sleep(3)  # the worker collapses the first comments of the attacks
    outcome = json.loads(trusting.python(OUTCOME))
    p99 = statistics.quantiles(waits, n=100)[98] * 1000
    with capsys.disabled():
        print(f"\n{dict(answers)} {outcome}; {len(waits)} pages read, p99 {p99:.0f} ms")
    assert sum(answers.values()) == POSTS
    assert set(answers) <= {303, 422, 429}
    assert outcome["public"] == 0
    assert outcome["rows"] <= 50
    assert got_through == [303] * HONEST
    assert (outcome["honest"], outcome["honest public"]) == (HONEST, HONEST - PATIENT)


def flood(stack: Stack, articles: list[str], sender: int, begun: float, answers: Counter[int]) -> None:
    """Send every SENDERS-th post at its time; one in ten brings a cookie that a recommendation has earned."""
    chance, rendered = random.Random(sender), rendered_at(stack, articles[0])
    for number in range(sender, POSTS, SENDERS):
        time.sleep(max(0, begun + number * SECONDS / POSTS - time.monotonic()))
        network = number % NETWORKS
        source = f"127.{network // 250 + 10}.{network % 250}.{number // NETWORKS % 250 + 1}"
        headers = {"Cookie": cookie_from(stack, articles, source)} if number % 10 == 0 else {}
        answer = send(
            stack.url,
            f"{articles[number % 2]}comments/",
            sender=source,
            headers=headers,
            comment=distinct_text(chance),
            name=f"Bot {number}",
            rendered=rendered,
        )
        answers[answer.status] += 1


def cookie_from(stack: Stack, articles: list[str], source: str) -> str:
    """Recommend the first comment of an article, as an attacker would who wants a device."""
    page = ask(stack.url, articles[2], sender=source)
    number = page.text.partition('id="comment-')[2].partition('"')[0]
    answer = send(stack.url, f"/comments/{number}/recommend/", sender=source)
    cookies = [value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or []]
    return "; ".join(cookies)


def rendered_at(stack: Stack, article: str) -> str:
    """Return the signed time that the form of an article's page has, as a browser would send it."""
    found = re.search(r'name="rendered" value="([^"]*)"', ask(stack.url, article).text)
    assert found
    return found[1]


def take_part(stack: Stack, article: str, number: int, begun: float) -> int:
    """Comment as an honest new reader at some moment of the flood; return the status of the last answer."""
    chance = random.Random(f"honest {number}")
    time.sleep(max(0, begun + 20 + number * (SECONDS - 60) / HONEST - time.monotonic()))
    source, where = f"127.200.{number}.7", f"{article}comments/"
    text = f"{distinct_text(chance)} {distinct_text(chance)}"
    rendered = rendered_at(stack, article)
    time.sleep(4)
    answer = send(stack.url, where, sender=source, comment=text, name=f"Reader {number}", rendered=rendered)
    if answer.status != 422:
        return answer.status
    fields = form_fields(answer.text)
    assert fields["comment"] == text
    if number % (HONEST // PATIENT) == 0:
        time.sleep(21)
    else:
        fields["proof"] = solve_page_challenge(answer.text)
    return ask(stack.url, where, method="POST", body=urlencode(fields), headers=FORM, sender=source).status


def read_on(stack: Stack, article: str, over: threading.Event, waits: list[float]) -> None:
    while not over.is_set():
        before = time.monotonic()
        assert ask(stack.url, f"{article}?read={len(waits)}", sender="127.250.0.1").status == 200
        waits.append(time.monotonic() - before)
        time.sleep(0.05)
