"""Benchmark of the statistics with a million comments of one year.

Usage: python -m bench stats [ROWS [-v]]

Runs on a temporary PostgreSQL. Prints milliseconds (median of 5, in this process), queries and size of each page and
sheet. With -v prints also the slowest queries.
"""

from __future__ import annotations

import statistics
import sys
import time

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

ARTICLES = """
INSERT INTO articles_article (headline, standfirst, body, section_id, language, slug, published_at, first_published_at,
    day, version, changed_at)
SELECT 'Headline number ' || n, '', '', (SELECT id FROM articles_section ORDER BY id LIMIT 1 OFFSET n % 4), 'en',
    'number-' || n, now() - n * interval '1 hour', now() - n * interval '1 hour',
    (now() - n * interval '1 hour')::date, 1, now()
FROM generate_series(1, 8000) AS n
"""
# One in three comments is held. Moderators decide all of these except the newest, and approve half.
COMMENTS = """
INSERT INTO comments_comment (article_id, level, path, is_visible, approved_reply_count, visible_reply_count,
    recommendations,
    open_reports, name, name_key, text, status, created_at, decided_at, reviewed_at, version, device, network,
    text_hash)
SELECT (SELECT min(id) FROM articles_article WHERE slug LIKE 'number-%') + (n / 120 + n % 49 * 3) % 8000,
    1, '', true, 0, 0, 0, 0, 'Reader ' || n % 5000, md5((n % 5000)::text),
    'Comment number ' || n || repeat(' about the night boat, the quay and the price of herrings.', 1 + n % 5),
    CASE WHEN n < 20000 AND n % 3 = 0 THEN 0 WHEN n % 3 > 0 OR n % 2 = 0 THEN 1 WHEN n % 5 = 0 THEN 3 ELSE 2 END,
    at, at, CASE WHEN n % 3 = 0 AND n >= 20000 THEN at + n % 7200 * interval '1 second' END, 1,
    md5((n % 90000)::text), md5((n % 9000)::text), md5(n::text)
FROM (SELECT n, now() - n * interval '31 seconds' * (1000000.0 / {rows}) AS at FROM generate_series(1, {rows}) AS n)
    AS numbers
"""
DECISIONS = """
INSERT INTO comments_decision (comment_id, from_status, to_status, actor_id, cause, at, reason, author_message,
    findings, wait_time)
SELECT id, NULL, CASE WHEN reviewed_at IS NULL THEN status ELSE 0 END, NULL, 'submitted', created_at, '', '',
    CASE WHEN reviewed_at IS NULL AND status > 0 THEN '[]' ELSE
    '[{"rule": "comments.rules.builtin.device_is_not_trusted", "outcome": "hold",
    "detail": "0 approved so far"}]' END::jsonb,
    NULL::interval
FROM comments_comment
UNION ALL
SELECT id, 0, status, (SELECT min(id) FROM auth_user), 'decided', reviewed_at, '', '', '[]'::jsonb,
    reviewed_at - created_at
FROM comments_comment WHERE reviewed_at IS NOT NULL
"""
FIRINGS = """
INSERT INTO comments_rulehit (comment_id, rule, entry, is_decisive, is_overruled, comment_created_at)
SELECT comment.id, fired.rule, fired.entry, comment.id % 4 > 0, comment.id % 4 > 0 AND status = 1, created_at
FROM comments_comment AS comment, LATERAL (VALUES ('comments.rules.builtin.device_is_not_trusted', '', 0),
    ('comments.rules.builtin.matches_word_list', '', 1), ('comments.rules.builtin.matches_word_list',
    'listentry:' || comment.id % 1000, 1),
    ('comments.rules.builtin.has_many_links', '', 2)) AS fired (rule, entry, part)
WHERE (status = 0 OR reviewed_at IS NOT NULL) AND (part = 0 OR comment.id % 3 = part)
"""
PERIODS = (7, 30, 90, 365)


def main(rows: str = "1_000_000", *options: str) -> None:
    measure(int(rows), is_verbose="-v" in options)


def measure(rows: int, *, is_verbose: bool) -> None:
    fill(rows)
    client = Client()
    client.force_login(User.objects.get(username="editor"))
    print(f"{rows:,} comments of a year\n{'page':24}{'ms':>8}{'queries':>9}{'kB':>7}")
    for page in ("", "rules/", "days.csv", "articles.csv", "rules.csv"):
        for days in PERIODS:
            times = []
            for _ in range(5):
                cache.clear()
                with CaptureQueriesContext(connection) as queries:
                    started = time.perf_counter()
                    response = client.get(
                        f"/admin/comments/statistics/{page}?days={days}", headers={"host": "localhost"}
                    )
                    size = len(response.getvalue())
                    times.append((time.perf_counter() - started) * 1000)
            if response.status_code != 200:
                sys.exit(f"{page}: {response.status_code}")
            print(f"{page or 'numbers':12}{days:4} days{statistics.median(times):11.0f}{len(queries):9}", end="")
            print(f"{size / 1000:7.0f}", flush=True)
            if is_verbose:
                for query in sorted(queries, key=lambda query: -float(query["time"]))[:7]:
                    print(f"    {query['time']} {query['sql'][:200]}")


def fill(rows: int) -> None:
    """Insert the rows. Rebuild the indexes afterwards, which is much faster than updating them for each row."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE comments_comment CASCADE")
        tables = ("comments_comment", "comments_decision", "comments_rulehit")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes LEFT JOIN pg_constraint ON conname = indexname "
            "WHERE tablename = ANY(%s) AND conname IS NULL",
            [list(tables)],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute("SET session_replication_role = replica")  # skip foreign key checks: the rows are consistent
        for sql in (ARTICLES, COMMENTS.replace("{rows}", str(rows)), DECISIONS, FIRINGS):
            cursor.execute(sql)
        cursor.execute("SET session_replication_role = DEFAULT")
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")
