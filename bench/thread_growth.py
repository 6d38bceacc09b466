"""Benchmark of a page of comments as the conversation grows.

Usage: python -m bench thread_growth [sqlite]

Runs on a temporary PostgreSQL, or on SQLite (up to 100,000 comments). Prints for each size milliseconds (median of 15,
in this process, with cached HTML of the comments), queries, rows that PostgreSQL read, and the ratio of the times to
those of 50 comments. For a page in the middle, which 50 comments do not fill, the ratio is relative to 1,000 comments.
"""

from __future__ import annotations

from collections.abc import Callable
import statistics
import time
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from comments.models import Comment
from comments.threads.pages import Sort, conversation_page, cursor_of, find_page, thread_page

SIZES = (50, 1_000, 100_000, 1_000_000)
REPLIES = 100_000

# Every second comment starts a thread, so that the first page is equally full for fifty and for a million comments.
A_DEBATE = {"opening": "{first} + n - n % 2", "is_opening": "n % 2 = 0", "replies": 1}
ONE_THREAD = {"opening": "{first}", "is_opening": "n = 0", "replies": REPLIES - 1}

FILL = """
WITH {numbers}
INSERT INTO comments_comment (id, article_id, parent_id, thread_id, level, path, name, text, status, created_at,
    decided_at, approved_reply_count, visible_reply_count, is_visible, recommendations, open_reports, version,
    device, network,
    text_hash, name_key)
SELECT {first} + n, {article}, CASE WHEN {is_opening} THEN NULL ELSE {opening} END,
    CASE WHEN {is_opening} THEN NULL ELSE {opening} END, CASE WHEN {is_opening} THEN 1 ELSE 2 END,
    CASE WHEN {is_opening} THEN '' ELSE {hexadecimal} || '0000' END, 'Reader ' || n % 5000,
    'Comment number ' || n || ' about the night boat, the quay and the price of herrings.', 1,
    {at}, {at}, CASE WHEN {is_opening} THEN {replies} ELSE 0 END,
    CASE WHEN {is_opening} THEN {replies} ELSE 0 END, true, n % 97, 0, 1, '', '', '', ''
FROM numbers
"""
DIALECTS = {
    "postgresql": {
        "numbers": "numbers AS (SELECT generate_series(0, {size} - 1) AS n)",
        "hexadecimal": "lpad(to_hex(n), 14, '0')",
        "at": "now() - ({size} - n) * interval '1 second'",
        "analyse": "VACUUM ANALYZE comments_comment",
    },
    "sqlite": {
        "numbers": "RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {size})",
        "hexadecimal": "printf('%014x', n)",
        "at": "strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || ({size} - n) || ' seconds')",
        "analyse": "ANALYZE",
    },
}
ROWS_READ = """
SELECT sum(seq_tup_read) + sum(idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname = 'comments_comment'
"""


def main() -> None:
    articles = list(Article.objects.published().filter(comments=None))
    articles += [Article.objects.create(headline=f"{n}", section=articles[0].section) for n in range(4)]
    print(f"{'':34}{'ms':>8}{'queries':>9}{'rows':>7}{'ratio':>7}")
    before: dict[str, float] = {}
    first = 10_000_000
    sizes = SIZES if connection.vendor == "postgresql" else SIZES[:3]
    for size, article in zip(sizes, articles, strict=False):
        fill(A_DEBATE, article.pk, first, size)
        middle = Comment.objects.get(pk=first + size // 2 // 2 * 2)
        pages = {
            sort.value: lambda sort=sort, pk=article.pk: conversation_page(pk, sort=sort)
            for sort in Sort
            if sort != Sort.PICKS
        }
        pages |= {
            "middle": lambda pk=article.pk, at=middle: conversation_page(pk, after=cursor_of(at, Sort.NEWEST)),
            "permalink": lambda pk=middle.pk: find_page(Comment.objects.get(pk=pk)),
        }
        for name, page in pages.items():
            if (name, size) == ("middle", 50):
                continue
            report(f"{size:>9,} comments: {name}", page, before.setdefault(name, 0.0), before, name)
        first += size
    fill(ONE_THREAD, articles[4].pk, first, REPLIES)
    opening, last = Comment.objects.get(pk=first), Comment.objects.get(pk=first + REPLIES - 1)
    thread: dict[str, Callable[[], Any]] = {
        "newest": lambda: conversation_page(articles[4].pk),
        "middle": lambda: thread_page(opening, after=f"{REPLIES // 2:014x}0000"),
        "permalink": lambda: find_page(last),
    }
    for name, page in thread.items():
        report(f"{REPLIES:>9,} replies: {name}", page, before[name], before, name)


def fill(shape: dict[str, Any], article: int, first: int, size: int) -> None:
    dialect = DIALECTS[connection.vendor]
    sql = FILL
    for _ in range(2):  # the inserted data has gaps too
        sql = sql.format(**{**dialect, **shape, "article": article, "first": first, "size": size})
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute(dialect["analyse"])


def report(title: str, page: Callable[[], Any], base: float, before: dict[str, float], name: str) -> None:
    page()
    times = []
    for _ in range(15):
        started = time.perf_counter()
        page()
        times.append((time.perf_counter() - started) * 1000)
    with transaction.atomic():
        earlier = rows_read()
        with CaptureQueriesContext(connection) as queries:
            page()
        rows = rows_read() - earlier
    median = statistics.median(times)
    before[name] = base or median
    print(f"{title:34}{median:8.2f}{len(queries):9}{rows:7}{median / before[name]:7.2f}", flush=True)


def rows_read() -> int:
    """Return the number of rows read in this transaction. SQLite does not count them."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(ROWS_READ)
        return int(cursor.fetchone()[0])
