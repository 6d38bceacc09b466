"""Benchmark of the moderation queue with a million comments, 20,000 of them pending.

Usage: python -m bench moderation_queue [ROWS]

Runs on a temporary PostgreSQL. Prints for each page the milliseconds in this process (median, 95th percentile, and
median of processor time), the number of queries (including session, user, permissions, BEGIN and COMMIT), and the rows
that PostgreSQL fetched from the tables of comments and articles.
"""

from __future__ import annotations

from collections.abc import Callable
import itertools
import random
import re
import statistics
import sys
import time
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Section
from comments.models import RejectReason
from comments.queue.queues import Queue
from comments.text import confusables
from tests.conftest import make_user

QUEUE_URL = "/admin/comments/moderation/"
TEXTS = 20_000  # different texts; each comment also contains its number
RARE = "xylophone"  # in four comments
PLACES = [
    "sea",
    "quay",
    "boat",
    "herring",
    "harbour",
    "council",
    "street",
    "price",
    "winter",
    "school",
    "tram",
    "night",
]
ARTICLES = """
INSERT INTO articles_article (headline, standfirst, body, section_id, language, slug, published_at, first_published_at,
    day, version, changed_at)
SELECT 'Headline number ' || n, '', '', (SELECT id FROM articles_section ORDER BY id LIMIT 1 OFFSET n % 4), 'en',
    'number-' || n, now() - n * interval '1 hour', now() - n * interval '1 hour',
    (now() - n * interval '1 hour')::date, 1, now()
FROM generate_series(1, 8000) AS n
"""
CONVERSATIONS = """
INSERT INTO comments_conversation (article_id, policy, public_count, published_count, pick_count, version)
SELECT id, 'open', 120, 120, 0, 1 FROM articles_article WHERE slug LIKE 'number-%'
"""
# Every second comment is a reply to the one before it. Of the newest 60,000, one in three is pending.
COMMENTS = """
INSERT INTO comments_comment (id, article_id, parent_id, thread_id, level, path, is_visible, approved_reply_count,
    visible_reply_count, recommendations, open_reports, name, name_key, text, status, created_at, decided_at,
    reviewed_at,
    version, device, network, text_hash)
SELECT 1000 + n, (SELECT min(id) FROM articles_article WHERE slug LIKE 'number-%') + n / 2 * 37 % 8000,
    CASE WHEN n % 2 = 1 THEN 999 + n END, CASE WHEN n % 2 = 1 THEN 999 + n END, 1 + n % 2,
    CASE WHEN n % 2 = 1 THEN lpad(to_hex(n), 18, '0') ELSE '' END, true, 1 - n % 2, 1 - n % 2, 0,
    CASE WHEN n % 1000 = 9 THEN 1 ELSE 0 END, named.name, named.key,
    texts.text || ' ' || n || CASE WHEN n % ({rows} / 4) = 7 THEN ' {rare}' ELSE '' END,
    CASE WHEN n % 3 = 1 AND n > {rows} - 60000 THEN 0 WHEN n % 20 = 1 THEN 3 WHEN n % 30 = 2 THEN 2
        WHEN n % 100 = 3 THEN 4 ELSE 1 END,
    at, at, CASE WHEN n % 7 = 0 THEN at END, 1, md5((n % 90000)::text), md5((n % 9000)::text), md5(n::text)
FROM (SELECT n, now() - ({rows} - n) * interval '31 seconds' AS at FROM generate_series(0, {rows} - 1) AS n) AS numbers
JOIN texts ON texts.place = n % {texts} JOIN named ON named.place = n % 5000
ORDER BY n
"""
DECISIONS = """
INSERT INTO comments_decision (comment_id, to_status, cause, at, reason, author_message, findings)
SELECT id, status, 'submitted', created_at, '', '',
    '[{"rule": "comments.rules.builtin.has_many_links", "outcome": "hold", "detail": "3 links"}]'
FROM comments_comment
"""
FIRINGS = """
INSERT INTO comments_rulehit (comment_id, rule, entry, is_decisive, is_overruled, comment_created_at)
SELECT id, CASE WHEN id % 50 = 0 THEN 'comments.rules.builtin.has_many_links'
    ELSE 'comments.rules.builtin.device_is_not_trusted' END,
    '', true, false, created_at
FROM comments_comment WHERE id % 3 = 0
"""
FETCHED = """
SELECT sum(seq_tup_read) + sum(idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname ~ '^(comments|articles)_'
"""
SEARCHES = {
    "a rare word, all": "?queue=all&text=" + RARE,
    "a rare word, waiting": "?queue=pending&text=" + RARE,
    "a common word, all": "?queue=all&text=herring",
    "a common word, waiting": "?queue=pending&text=herring",
    "two letters, nowhere": "?queue=all&text=qz",
    "a word that nobody wrote": "?queue=all&text=elephants",
    "the rare and the common": f"?queue=all&text=the+{RARE}",
    "a name": "?queue=all&name=reader+77",
    "a rule, often": "?queue=pending&rule=comments.rules.builtin.device_is_not_trusted",
    "a rule, all spam": "?queue=spam&rule=comments.rules.builtin.has_many_links",
    "a device": "?queue=all&device=c4ca4238a0b923820dcc509a6f75849b",
    "a network": "?queue=all&network=c4ca4238a0b923820dcc509a6f75849b",
    "an article by its headline": "?queue=all&article=Headline+number+4711",
    "a section, spam": "?queue=spam&section={section}",
    "a day, a word": "?queue=all&text=herring&since={day}&until={day}",
}


def main(rows: str = "1_000_000") -> None:
    measure(int(rows))


def measure(rows: int) -> None:
    fill(rows)
    make_user("moderator", "Moderators")
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="moderator"))
    print(f"{rows:,} comments\n{'':34}{'median':>8}{'95 %':>8}{'Python':>8}{'queries':>9}{'rows':>8}")
    for queue in Queue:
        report(queue.value, lambda queue=queue: client.get(f"{QUEUE_URL}?queue={queue}"))
    actions = itertools.cycle(["approve", f"reject:{RejectReason.objects.earliest('pk').pk}", "spam"])
    report("a decision with the next", decider(client, actions), runs=200)
    report("an approval with the next", decider(client, itertools.repeat("approve")), runs=200)
    day, section = timezone.localdate() - timezone.timedelta(days=90), Section.objects.earliest("pk").slug
    for title, query in SEARCHES.items():
        address = QUEUE_URL + query.format(day=day, section=section)
        report(title, lambda address=address: client.get(address))
    for title, word in (("list in the admin, a rare word", RARE), ("list in the admin, a common word", "herring")):
        report(title, lambda word=word: client.get(f"/admin/comments/comment/?q={word}"))


def fill(rows: int) -> None:
    chance = random.Random(1)
    syllables = [first + second for first in "bdfghklmnprstvw" for second in "aeiou"]
    words = ["the", "of", "and", *PLACES]
    words += ["".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(40_000)]
    weights = list(itertools.accumulate(1 / (place + 3) for place in range(len(words))))
    texts = [
        " ".join(chance.choices(words, cum_weights=weights, k=chance.choice((8, 15, 25, 40, 80)))) for _ in range(TEXTS)
    ]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE comments_comment CASCADE")
        cursor.execute("CREATE TEMPORARY TABLE texts (place int PRIMARY KEY, text text)")
        cursor.executemany("INSERT INTO texts VALUES (%s, %s)", list(enumerate(texts)))
        cursor.execute("CREATE TEMPORARY TABLE named (place int PRIMARY KEY, name text, key text)")
        named = [(n, f"Reader {n}", confusables.confusable_key(f"Reader {n}")) for n in range(5000)]
        cursor.executemany("INSERT INTO named VALUES (%s, %s, %s)", named)
        comments = COMMENTS.format(rows=rows, texts=TEXTS, rare=RARE)
        for sql in (ARTICLES, CONVERSATIONS, comments, DECISIONS, FIRINGS, "VACUUM ANALYZE"):
            cursor.execute(sql)


def decider(client: Any, actions: Any) -> Callable[[], Any]:
    """Return a function that decides on the comment that the previous response focused."""
    of_focus = re.compile(r'id="moves".*?name="comment" value="(\d+)".*?name="version" value="([^"]+)"', re.DOTALL)
    latest = client.get(f"{QUEUE_URL}?queue=pending")

    def decide() -> Any:
        nonlocal latest
        comment, version = of_focus.search(latest.text).groups()
        latest = client.post(
            f"{QUEUE_URL}?queue=pending", {"comment": comment, "version": version, "action": next(actions)}
        )
        return latest

    return decide


def report(title: str, page: Callable[[], Any], *, runs: int = 40) -> None:
    page()
    times, own = [], []
    for _ in range(runs):
        started, busy = time.perf_counter(), time.process_time()
        response = page()
        times.append((time.perf_counter() - started) * 1000)
        own.append((time.process_time() - busy) * 1000)
        if response.status_code != 200:
            sys.exit(f"{title}: {response.status_code}")
    with CaptureQueriesContext(connection) as queries:
        page()
        asked = len(queries)
    with transaction.atomic():
        before = fetched()
        page()
        rows = fetched() - before
    median, slow = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    print(f"{title:34}{median:8.1f}{slow:8.1f}{statistics.median(own):8.1f}{asked:9}{rows:8}", flush=True)


def fetched() -> int:
    """Return the number of rows fetched in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(FETCHED)
        return int(cursor.fetchone()[0])
