"""A page of a conversation as it grows, on a PostgreSQL of its own: python -m bench.thread_growth

Prints, for each size: milliseconds (median of 15, in this process, comments' HTML kept), queries, rows that
PostgreSQL read, and the ratio of the times to those of 50 comments; for a page in the middle, which 50 comments do not
fill, to those of 1,000.
"""

from __future__ import annotations

from collections.abc import Callable
import statistics
import time
from typing import Any

from bench.site import site

SIZES = (50, 1_000, 100_000, 1_000_000)
REPLIES = 100_000

# Every third comment opens a thread; the others reply to one of the openings just before.
FILL = """
INSERT INTO comments_comment (id, article_id, parent_id, thread_id, level, path, name, text, status, created_at,
    decided_at, public_replies, shown_replies, is_shown, recommendations, version, device, network, text_hash)
SELECT %(first)s + n, %(article)s, CASE WHEN n %% 3 = 0 THEN NULL ELSE %(first)s + n - n %% 3 END,
    CASE WHEN n %% 3 = 0 THEN NULL ELSE %(first)s + n - n %% 3 END, CASE WHEN n %% 3 = 0 THEN 1 ELSE 2 END,
    CASE WHEN n %% 3 = 0 THEN '' ELSE lpad(to_hex(n), 14, '0') || '0000' END, 'Reader ' || n %% 5000,
    'Comment number ' || n || ' about the night boat, the quay and the price of herrings.', 1,
    now() - (%(size)s - n) * interval '1 second', now(), CASE WHEN n %% 3 = 0 THEN 2 ELSE 0 END,
    CASE WHEN n %% 3 = 0 THEN 2 ELSE 0 END, true, n %% 97, 1, '', '', ''
FROM generate_series(0, %(size)s - 1) AS n
"""
ONE_THREAD = """
INSERT INTO comments_comment (id, article_id, parent_id, thread_id, level, path, name, text, status, created_at,
    decided_at, public_replies, shown_replies, is_shown, recommendations, version, device, network, text_hash)
SELECT %(first)s + n, %(article)s, CASE WHEN n = 0 THEN NULL ELSE %(first)s END,
    CASE WHEN n = 0 THEN NULL ELSE %(first)s END, CASE WHEN n = 0 THEN 1 ELSE 2 END,
    CASE WHEN n = 0 THEN '' ELSE lpad(to_hex(n), 14, '0') || '0000' END, 'Reader', 'Reply number ' || n, 1,
    now() + n * interval '1 millisecond', now(), CASE WHEN n = 0 THEN %(size)s - 1 ELSE 0 END,
    CASE WHEN n = 0 THEN %(size)s - 1 ELSE 0 END, true, 0, 1, '', '', ''
FROM generate_series(0, %(size)s - 1) AS n
"""
ROWS_READ = """
SELECT sum(seq_tup_read) + sum(idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname = 'comments_comment'
"""


def main() -> None:
    with site():
        measure_all()


def measure_all() -> None:
    from articles.models import Article  # noqa: PLC0415 (after setup)
    from comments.models import Comment  # noqa: PLC0415
    from comments.threads import Cursor, Sort, page_of, page_of_thread, where  # noqa: PLC0415

    articles = list(Article.objects.published().filter(comments=None))
    articles += [Article.objects.create(headline=f"{n}", section=articles[0].section) for n in range(4)]
    print(f"{'':34}{'ms':>8}{'queries':>9}{'rows':>7}{'ratio':>7}")
    before: dict[str, float] = {}
    first = 10_000_000
    for size, article in zip(SIZES, articles, strict=False):
        fill(FILL, article.pk, first, size)
        middle = Comment.objects.get(pk=first + size // 2 // 3 * 3)
        pages = {sort.value: lambda sort=sort, pk=article.pk: page_of(pk, sort=sort) for sort in Sort}
        pages |= {
            "middle": lambda pk=article.pk, at=middle: page_of(pk, after=Cursor.of(at, Sort.NEWEST)),
            "permalink": lambda pk=middle.pk: where(Comment.objects.get(pk=pk)),
        }
        for name, page in pages.items():
            if (name, size) == ("middle", 50):
                continue
            report(f"{size:>9,} comments: {name}", page, before.setdefault(name, 0.0), before, name)
        first += size
    fill(ONE_THREAD, articles[4].pk, first, REPLIES)
    opening, last = Comment.objects.get(pk=first), Comment.objects.get(pk=first + REPLIES - 1)
    thread: dict[str, Callable[[], Any]] = {
        "newest": lambda: page_of(articles[4].pk),
        "middle": lambda: page_of_thread(opening, after=f"{REPLIES // 2:014x}0000"),
        "permalink": lambda: where(last),
    }
    for name, page in thread.items():
        report(f"{REPLIES:>9,} replies: {name}", page, before[name], before, name)


def fill(sql: str, article: int, first: int, size: int) -> None:
    from django.db import connection  # noqa: PLC0415 (after setup)

    with connection.cursor() as cursor:
        cursor.execute(sql, {"article": article, "first": first, "size": size})
        cursor.execute("VACUUM ANALYZE comments_comment")


def report(title: str, page: Callable[[], Any], base: float, before: dict[str, float], name: str) -> None:
    from django.db import connection, transaction  # noqa: PLC0415 (after setup)
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    page()
    times = []
    for _ in range(15):
        started = time.perf_counter()
        page()
        times.append((time.perf_counter() - started) * 1000)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ROWS_READ)
        earlier = cursor.fetchone()[0]
        with CaptureQueriesContext(connection) as queries:
            page()
        cursor.execute(ROWS_READ)
        rows = cursor.fetchone()[0] - earlier
    median = statistics.median(times)
    before[name] = base or median
    print(f"{title:34}{median:8.2f}{len(queries):9}{rows:7}{median / before[name]:7.2f}", flush=True)


if __name__ == "__main__":
    main()
