from datetime import UTC, date, datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
import pytest

from articles.models import Article
from comments.db.compiled_query import BoundQuery, CompiledQuery, run_pipelined
from tests.conftest import make_article


def by_slug_and_time(slug, now):
    return Article.objects.filter(slug=slug, published_at__lte=now).values_list("pk", "published_at", "day")


TIMES = [datetime(2026, 1, number, tzinfo=UTC) for number in (1, 2, 3)]
ASKED = CompiledQuery(Article, by_slug_and_time, slug="¶", now=datetime(1, 2, 3, tzinfo=UTC))


def test_it_answers_as_the_query_does_for_whatever_values(db, django_assert_num_queries):
    one, other = make_article(slug="one"), make_article(slug="other")
    now = timezone.now()
    for article in (one, other, one):
        with django_assert_num_queries(1):
            found = ASKED.first(slug=article.slug, now=now)
        assert found == by_slug_and_time(article.slug, now).get()
    assert ASKED.first(slug="one", now=one.published_at - timedelta(seconds=1)) is None
    assert ASKED.first(slug="' OR 1=1 --", now=now) is None


def test_what_comes_back_is_what_django_would_give(db):
    article = make_article()
    pk, published_at, day = ASKED.first(slug=article.slug, now=timezone.now())
    assert (pk, published_at) == (article.pk, article.published_at)
    assert isinstance(day, date)
    assert published_at.tzinfo


def test_a_value_without_a_place_is_a_mistake_of_ours(db):
    lost = CompiledQuery(Article, lambda slug: Article.objects.values_list("pk"), slug="¶")
    with pytest.raises(LookupError, match="slug"):
        lost.first(slug="x")


def by_slug(slug):
    return Article.objects.filter(slug=slug, version__gte=1).order_by("-pk").values_list("pk", "published_at")[:2]


def of_section(section):
    return Article.objects.filter(section=section).order_by("-pk").values_list("slug", "section")[:2]


def test_of_each_value_it_answers_in_one_query(db, django_assert_num_queries):
    articles = [make_article(slug=slug, published_at=at) for slug in ("one", "two", "three") for at in TIMES]
    asked = CompiledQuery(Article, by_slug, slug="¶")
    for wanted in (["one"], ["three", "one"], ["one", "nothing", "%s"], []):
        with django_assert_num_queries(1 if wanted else 0):
            found = asked.rows_for_each(wanted)
        assert sorted(found) == sorted(row for slug in wanted for row in by_slug(slug))
    numbers = CompiledQuery(Article, of_section, section=1_000_000_001)
    assert len(numbers.rows_for_each([articles[0].section_id, 7_000_000_000])) == 2


def test_asked_together_each_answers_as_it_does_alone(db):
    articles = [make_article(slug=slug) for slug in ("one", "two")]
    each = CompiledQuery(Article, by_slug, slug="¶")
    now = timezone.now()
    asked = {
        "first": ASKED.bind(slug="one", now=now),
        "none": ASKED.bind(slug="%s", now=now),
        "both": each.bind_many(["two", "one"]),
        "nothing": each.bind_many([]),
        "second": ASKED.bind(slug="two", now=now),
    }
    found = run_pipelined(asked)
    assert {name: sorted(rows) for name, rows in found.items()} == {
        "first": ASKED.rows(slug="one", now=now),
        "none": [],
        "both": sorted((article.pk, article.published_at) for article in articles),
        "nothing": [],
        "second": ASKED.rows(slug="two", now=now),
    }


def test_a_fault_among_them_is_raised_as_by_django_and_the_transaction_can_go_back(db):
    article = make_article(slug="one")
    wrong = BoundQuery(connection, [("SELECT nothing FROM nowhere", [])])
    with pytest.raises(DatabaseError), transaction.atomic():
        run_pipelined({"wrong": wrong, "right": ASKED.bind(slug="one", now=timezone.now())})
    assert ASKED.first(slug="one", now=timezone.now())[0] == article.pk


def test_more_values_than_a_statement_of_sqlite_takes_are_asked_all_the_same(db):
    make_article(slug="last")
    found = CompiledQuery(Article, by_slug, slug="¶").rows_for_each([*map(str, range(1_100)), "last"])
    assert len(found) == 1
