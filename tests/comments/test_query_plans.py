"""Query plans: PostgreSQL reads a page of a conversation from an index, without sorting the whole."""

from datetime import timedelta
from itertools import count
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import psycopg
import pytest

from articles.models import Revision
from comments.models import Cluster, Comment
from comments.queue.queues import PAGE_SIZE, Queue
from comments.statuses import Status
from comments.threads import pages
from comments.threads.pages import Sort, cursor_of
from tests.conftest import make_article

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of PostgreSQL"),
]
OF_THREAD = re.compile("Index Scan using comment_(reply|in_thread)")  # in the order of a page, without hidden comments
INDEX = {
    Sort.PICKS: "comment_picked",
    Sort.NEWEST: "comment_opening",
    Sort.OLDEST: "comment_opening",
    Sort.RECOMMENDED: "comment_opening_recommended",
}


@pytest.fixture(scope="module")
def busy(django_db_setup, django_db_blocker):
    """Create an article with 6,000 comments, half of them replies, among other articles; delete it afterwards."""
    with django_db_blocker.unblock():
        article, at = make_article(), timezone.now() - timedelta(days=1)
        base = {"article": article, "name": "Ada", "text": "Text", "status": Status.APPROVED, "is_visible": True}
        Comment.objects.bulk_create(
            Comment(**base, created_at=at + timedelta(seconds=n), picked_at=at, recommendations=n % 97)
            for n in range(3000)
        )
        openings = list(Comment.objects.filter(article=article))
        replies = []
        for n in range(3000):
            reply = Comment(**base, created_at=at + timedelta(hours=2, seconds=n))
            reply.set_parent(openings[0])
            replies.append(reply)
        Comment.objects.bulk_create(replies)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE comments_comment")
        yield article, openings
        Comment.objects.filter(article=article, level=2).delete()
        Comment.objects.filter(article=article).delete()
        article.delete()
        article.section.delete()
        Revision.objects.all().delete()  # deletion creates revisions


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("sort", Sort)
def test_a_page_of_threads(busy, sort, is_first):
    article, openings = busy
    after = cursor_of(openings[1500], sort)
    with CaptureQueriesContext(connection) as queries:
        pages._compiled_query(sort, is_first=is_first).rows(article=article.pk, key=after.key, pk=after.pk)
    (asked,) = queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked['sql'].replace('%', '%%')}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert INDEX[sort] in plan
    assert bool(OF_THREAD.search(plan)) == (sort != Sort.PICKS)
    assert "Sort" not in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("is_first", [True, False])
def test_a_page_of_a_thread(busy, is_first):
    _article, openings = busy
    replies = pages._replies(openings[0].pk).filter(path__gt="" if is_first else "0006")
    plan = replies[:101].explain()
    assert OF_THREAD.search(plan)
    assert "Filter: is_shown" not in plan
    assert "Sort" not in plan


def test_what_is_planned_once_for_all_conversations_most_of_which_are_small_sorts_no_large_one():
    """Generic plans: after several executions PostgreSQL uses one plan for all articles; it may sort 1,000 rows."""
    at = timezone.now() - timedelta(days=9)
    for hour in range(200):
        base = {"article": make_article(), "name": "Ada", "text": "Text", "status": Status.APPROVED, "is_visible": True}
        Comment.objects.bulk_create(
            Comment(**base, created_at=at + timedelta(hours=hour, seconds=n)) for n in range(20)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
    for sort in (Sort.NEWEST, Sort.OLDEST):
        for after in ({}, {"key": at, "pk": 1}):
            plan = plan_for_any(pages._compiled_query(sort, is_first=not after), article=1, **after)
            assert "$1" in plan
            assert "Sort" not in plan


def test_where_most_threads_are_short_a_long_one_is_not_read_whole():
    article, at = make_article(), timezone.now() - timedelta(days=1)
    base = {"article": article, "name": "Ada", "text": "Text", "status": Status.APPROVED, "is_visible": True}
    openings = Comment.objects.bulk_create(
        Comment(**base, created_at=at + timedelta(seconds=n), visible_reply_count=1) for n in range(1500)
    )
    replies = [Comment(**base, created_at=at + timedelta(hours=2, seconds=n)) for n in range(3000)]
    for n, reply in enumerate(replies):
        reply.set_parent(openings[n % 1500] if n < 1500 else openings[-1])
    Comment.objects.bulk_create(replies)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
    plan = plan_for_any(pages._compiled_query(Sort.NEWEST, is_first=True), article=article.pk)
    assert OF_THREAD.search(plan)
    assert "Sort" not in plan
    assert "Filter: is_shown" not in plan


def plan_for_any(of_page, **values):
    (_connection, whole), (_same, part) = of_page.parent.compiled(), of_page.child.compiled()
    given = [*whole.fill_parameters(values), *part.constants]
    with psycopg.ClientCursor(connection.connection) as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE page AS {numbered(of_page._sql(whole, part))}")
        cursor.execute(f"EXPLAIN EXECUTE page ({', '.join(['%s'] * len(given))})", given)
        plan = "\n".join(row[0] for row in cursor)
        cursor.execute("DEALLOCATE page")
    return plan


def numbered(sql):
    numbers = count(1)
    return re.sub("%s", lambda _place: f"${next(numbers)}", sql)


def test_the_waiting_queue_reads_nothing_of_what_lies_under_a_clusters_row():
    article, at = make_article(), timezone.now()
    base = {"article": article, "name": "Ada", "text": "Text", "status": Status.PENDING}
    cluster = Cluster.objects.create(pending_count=3000)
    Comment.objects.bulk_create(
        Comment(**base, created_at=at + timedelta(seconds=n), cluster=cluster, is_collapsed=n > 0) for n in range(3000)
    )
    Comment.objects.bulk_create(Comment(**base, created_at=at + timedelta(seconds=n)) for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
    for page in (Queue.PENDING.ordered_rows(), Queue.PENDING.ordered_rows().after(timezone.now(), 1)):
        plan = page[:PAGE_SIZE].explain()
        assert "comment_waiting" in plan
        assert "Sort" not in plan
        assert "is_collapsed" not in plan
