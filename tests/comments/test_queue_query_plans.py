"""Query plans of the queue: on PostgreSQL any filtered page reads a bounded number of comments."""

from django.db import connection, transaction
import pytest

from articles.cursor import PageCursor
from articles.models import Revision
from comments.models import Comment
from comments.queue import selection as selections
from comments.queue.queues import PAGE_SIZE
from comments.queue.selection import QueueQuery
from tests.conftest import make_article

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of PostgreSQL"),
]
ROWS, FEW, LOOKED_THROUGH = 20_000, 50, 200
FILL = """
INSERT INTO comments_comment (article_id, level, path, is_visible, visible_reply_count, recommendations,
    open_reports, name,
    name_key, text, status, created_at, decided_at, approved_reply_count, version, device, network, text_hash)
SELECT %s + n %% 2, 1, '', true, 0, 0, 0, 'Ada', md5((n %% 100)::text),
    'The boat ' || n || CASE WHEN n %% 5000 = 1 THEN ' zebra' ELSE '' END
        || CASE WHEN n %% 3 = 1 THEN ' gull' ELSE '' END,
    CASE n %% 60 WHEN 0 THEN 3 WHEN 1 THEN 0 ELSE 1 END, now() - n * interval '1 minute', now(), 0, 1,
    'd' || n %% 1000, 'n' || n %% 50, md5(n::text)
FROM generate_series(1, %s) AS n
"""
FIRINGS = """
INSERT INTO comments_rulehit (comment_id, rule, entry, is_decisive, is_overruled, comment_created_at)
SELECT id, 'comments.rules.builtin.has_many_links', '', true, false, created_at FROM comments_comment
    WHERE text LIKE '%%zebra%%'
UNION ALL
SELECT id, 'comments.rules.builtin.device_is_not_trusted', '', true, false, created_at FROM comments_comment
"""


@pytest.fixture(scope="module")
def many(django_db_setup, django_db_blocker):
    """Create two articles with 20,000 comments; delete them afterwards."""
    with django_db_blocker.unblock():
        article, other = make_article(slug="boats"), make_article(slug="more-boats")
        with connection.cursor() as cursor:
            cursor.execute(FILL, [article.pk, ROWS])
            cursor.execute(FIRINGS)
            cursor.execute("ANALYZE comments_comment")
            cursor.execute("ANALYZE comments_rulehit")
        yield article
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM comments_rulehit")
            cursor.execute("DELETE FROM comments_comment")
        article.delete()
        other.delete()
        article.section.delete()
        Revision.objects.all().delete()  # deletion creates revisions


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(selections, "MAX_INDEXED_MATCHES", FEW)
    monkeypatch.setattr(selections, "MAX_COMMENTS_SCANNED", LOOKED_THROUGH)


def rows_read(query, after=None):
    """Return the number of rows read from the table of comments, and the result."""
    with transaction.atomic(), connection.cursor() as cursor:
        read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'comments_comment'"
        cursor.execute(read)
        before = cursor.fetchone()[0]
        view = QueueQuery.parse({"queue": "all", **query}).view(after=after)
        cursor.execute(read)
        return cursor.fetchone()[0] - before, view


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"text": "zebra"}, 4),
        ({"text": "zebra boat"}, 4),
        ({"text": "elephant"}, 0),
        ({"rule": "comments.rules.builtin.has_many_links"}, 4),
        ({"device": "d7"}, 20),
        ({"device": "d7", "text": "the"}, 20),
        ({"since": "2999-01-01"}, 0),
    ],
)
def test_few_are_found_wherever_they_lie_without_the_rest(many, query, number):
    read, view = rows_read(query)
    assert (len(view.comments), view.after) == (number, None)
    assert read <= 4 * number + 10


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"text": "boat"},
        {"text": "gull", "queue": "pending"},
        {"network": "n7"},
        {"rule": "comments.rules.builtin.device_is_not_trusted", "queue": "spam"},
        {"name": "!", "text": "boat"},
        {"section": "town", "queue": "approved"},
        {"article": "boats", "text": "boat"},
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_of_many_the_first_are_found_without_the_rest(many, query, is_first):
    query = {name: value if name != "article" else str(many.pk) for name, value in query.items()}
    middle = Comment.objects.newest_first()[ROWS // 2]
    after = None if is_first else PageCursor(middle.created_at, middle.pk)
    read, view = rows_read(query, after)
    assert len(view.comments) == PAGE_SIZE or "name" in query
    assert read <= 1_500  # of 20,000


@pytest.mark.parametrize(
    "query",
    [
        {"text": "gull", "queue": "spam"},
        {"text": "a b x", "queue": "all"},
        *(
            {"text": text, "queue": "all"}
            for text in ("!!!", ":-)", "\U0001f600" * 3, "the 5g", "the \U0001f600", "-=-=-")
        ),
    ],
)
def test_what_is_not_there_is_looked_for_as_far_as_is_said(many, query):
    read, view = rows_read(query)
    assert view.comments == []
    assert view.scanned_until
    assert read <= (FEW + 1) + 2 * LOOKED_THROUGH + 10
    assert len(Comment.objects.filter(pk=view.after.pk)) == 1
