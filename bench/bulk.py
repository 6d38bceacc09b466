"""Benchmark of bulk decisions and of a spam cluster.

Usage: python -m bench bulk [sqlite]

Runs on a temporary PostgreSQL or on SQLite. Prints the seconds of 10,000 decisions in the background, on 20 articles,
and of their undo; the longest step; and the longest wait of a reader who loads the newest comments of one of these
articles meanwhile. Then submits 2,000 near-identical comments, from as many new devices in 500 networks, as the forms
do. Prints milliseconds per comment, the number of public comments, the rows in the moderation queue, and the time of
one decision on all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import random
import statistics
import sys
import threading
import time
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from articles.models import Article
from comments.background_jobs import run_one_step
from comments.identity import Reader
from comments.models import Cluster, Comment, Conversation, Decision, Shingle
from comments.queue.bulk import start_bulk, start_undo
from comments.queue.queues import Queue
from comments.statuses import Cause, Status
from comments.submission.collect_facts import SubmittedComment
from comments.submission.submit import submit

DECISIONS = 10_000
ARTICLES = 20
POSTS = 2_000
NETWORKS = 500
SAID = "The mayor sold our harbour to his friends, and nobody at the council dares to say so. Vote them out now"
SWAPPED = ["river", "quay", "bridge", "money", "people", "night", "boats"]


def main() -> None:
    editor = User.objects.get(username="editor")
    decide_on_many(editor)
    add_cluster(editor)


def decide_on_many(editor: Any) -> None:
    section = Article.objects.published()[0].section
    articles = [Article.objects.create(headline=f"Bulk {n}", section=section) for n in range(ARTICLES)]
    for article in articles:
        Conversation.objects.get_or_create(article=article)
    fields = {"name": "Ada", "status": Status.PENDING, "text_hash": ""}
    Comment.objects.bulk_create(
        Comment(article=articles[n % ARTICLES], text=f"Number {n}.", **fields) for n in range(DECISIONS)
    )
    mine = Comment.objects.filter(article__in=articles)
    Decision.objects.bulk_create(Decision(comment=each, to_status=each.status, cause=Cause.SUBMITTED) for each in mine)
    started = time.perf_counter()
    job = start_bulk(mine.filter(status=Status.PENDING).order_by("pk"), "approve", actor=editor)
    print(f"fixing {job.total:,} rows: {time.perf_counter() - started:.2f} s")
    with a_reader(articles[0].pk) as waits:
        work("decisions", job)
    print(f"  a reader meanwhile: median {statistics.median(waits):.1f} ms, longest {max(waits):.1f} ms")
    work("their undo", start_undo(job, actor=editor))
    if mine.exclude(status=Status.PENDING).exists():
        sys.exit("The undo has left something behind.")
    mine.update(status=Status.SPAM)


def work(what: str, job: Any) -> None:
    started, steps = time.perf_counter(), []
    while True:
        at = time.perf_counter()
        if not run_one_step():
            break
        steps.append(time.perf_counter() - at)
    seconds = time.perf_counter() - started
    job.refresh_from_db()
    print(
        f"{what}: {job.done:,} in {seconds:.1f} s ({seconds / job.done * 1000:.1f} ms each), {len(steps)} steps, the "
        f"longest {max(steps):.2f} s; {job.result}",
        flush=True,
    )


@contextlib.contextmanager
def a_reader(article: int) -> Iterator[list[float]]:
    """Read comments ten times a second in a thread. Yield the list of milliseconds of each read."""
    waits: list[float] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.1):
            started = time.perf_counter()
            list(Comment.objects.filter(article=article, level=1, is_visible=True).newest_first()[:50])
            waits.append((time.perf_counter() - started) * 1000)
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    yield waits
    is_over.set()
    thread.join()


def add_cluster(editor: Any) -> None:
    articles = list(Article.objects.published()[:5])
    before, last = set(Queue.PENDING.rows().values_list("pk", flat=True)), Comment.objects.latest("pk").pk
    chance = random.Random(1)
    times = []
    for number in range(POSTS):
        draft = SubmittedComment(varied(chance, number), f"Citizen {number}")
        started = time.perf_counter()
        submit(articles[number % 5], draft, Reader(None, f"network {number % NETWORKS}"))
        times.append((time.perf_counter() - started) * 1000)
    posts = Comment.objects.filter(pk__gt=last)
    rows = Queue.PENDING.rows().exclude(pk__in=before)
    print(
        f"a cluster of {posts.count():,}: {statistics.median(times):.1f} ms a post (the first hundred "
        f"{statistics.median(times[:100]):.1f}, the last {statistics.median(times[-100:]):.1f}), "
        f"{posts.approved().count()} public, {rows.count()} queue rows, {Cluster.objects.count()} clusters, "
        f"{Shingle.objects.filter(comment__pk__gt=last).count()} shingles"
    )
    largest = Cluster.objects.order_by("-pending_count")[0]
    work(
        "one decision",
        start_bulk(Queue.PENDING.comments().filter(cluster=largest).order_by("pk"), "spam", actor=editor),
    )
    print(f"{Queue.PENDING.rows().exclude(pk__in=before).count()} rows are left of it")


def varied(chance: random.Random, number: int) -> str:
    """Return a variant of SAID: up to two words replaced, other case and spaces, an added number, emoji or link."""
    words = SAID.split()
    for _ in range(chance.randrange(3)):
        words[chance.randrange(len(words))] = chance.choice(SWAPPED)
    text = chance.choice([" ", "  ", "\n"]).join(words)
    text = chance.choice([str, str.upper, str.lower])(text)
    return text + chance.choice(["", " 😀", " 🔥🔥", "!!!", f" https://spam{number}.example/", f" {number}"])
