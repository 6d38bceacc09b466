"""Benchmark of the moderators' list with a million comments.

Usage: python -m bench admin_comment_list [ROWS]

Runs on a temporary PostgreSQL. Prints for each view of the list the milliseconds (median of 9, in this process), the
number of queries, and the plan of the slowest query.
"""

from __future__ import annotations

import statistics
import sys
import time

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

FILL = """
INSERT INTO comments_comment (article_id, level, path, is_visible, visible_reply_count, recommendations, name, text,
                              status, created_at, decided_at, approved_reply_count, version,
                              device, network, text_hash, name_key, open_reports)
SELECT (SELECT min(id) FROM articles_article) + n %% (SELECT count(*) FROM articles_article), 1, '', true, 0, 0,
       'Reader ' || n %% 5000,
       'Comment number ' || n || ' about the night boat, the quay and the price of herrings.',
       CASE WHEN n %% 50 = 0 THEN 0 WHEN n %% 20 = 0 THEN 3 WHEN n %% 30 = 0 THEN 2 ELSE 1 END,
       now() - n * interval '10 seconds', now(), 0, 1, md5((n %% 90000)::text), md5((n %% 9000)::text), md5(n::text),
       md5('Reader ' || n %% 5000), 0
FROM generate_series(1, %s) AS n
"""
DECISIONS = """
INSERT INTO comments_decision (comment_id, to_status, at, reason, author_message, cause, findings)
SELECT id, status, created_at, '', '', 'submitted',
       '[{"rule": "comments.rules.builtin.has_many_links", "outcome": "hold", "detail": "3 links"}]'
FROM comments_comment
"""
VIEWS = {
    "all, held first": "",
    "held": "?status__exact=0",
    "approved": "?status__exact=1",
    "approved, page 50": "?status__exact=1&p=50",
    "one section": "?article__section__id__exact=1",
    "search, common word": "?q=herrings",
    "search, rare word": "?q=number+777777+",
}


def main(rows: str = "1_000_000") -> None:
    measure(int(rows))


def measure(rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE comments_comment CASCADE")
        cursor.execute(FILL, [rows])
        cursor.execute(DECISIONS)
        cursor.execute("VACUUM ANALYZE")
    client = Client()
    client.force_login(User.objects.get(username="editor"))
    print(f"{rows:,} comments\n{'view':24}{'ms':>8}{'queries':>9}")
    for name, query in VIEWS.items():
        times = []
        for _ in range(9):
            with CaptureQueriesContext(connection) as queries:
                started = time.perf_counter()
                response = client.get(f"/admin/comments/comment/{query}", headers={"host": "localhost"})
                times.append((time.perf_counter() - started) * 1000)
            if response.status_code != 200:
                sys.exit(f"{query}: {response.status_code}")
        print(f"{name:24}{statistics.median(times):8.0f}{len(queries):9}", flush=True)
