from datetime import UTC, date, datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
import pytest

from articles.models import Article
from comments.db.compiled_query import BoundQuery, CompiledQuery, run_pipelined
from comments.models import Comment
from comments.threads.pages import Sort, conversation_page
from tests.conftest import make_article, make_comment, send


@pytest.fixture(autouse=True, params=[True, False], ids=["compiled", "ordinary"])
def is_compiled(request, settings):
    """Run each test with and without compiled queries."""
    settings.COMPILED_QUERIES = request.param
    return request.param


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


def test_a_value_without_a_place_is_a_mistake_of_ours(db, settings):
    settings.COMPILED_QUERIES = True
    lost = CompiledQuery(Article, lambda slug: Article.objects.values_list("pk"), slug="¶")
    with pytest.raises(LookupError, match="slug"):
        lost.first(slug="x")


def by_slug(slug):
    return Article.objects.filter(slug=slug, version__gte=1).order_by("-pk").values_list("pk", "published_at")[:2]


def of_section(section):
    return Article.objects.filter(section=section).order_by("-pk").values_list("slug", "section")[:2]


def test_of_each_value_it_answers_in_one_query(db, is_compiled, django_assert_num_queries):
    articles = [make_article(slug=slug, published_at=at) for slug in ("one", "two", "three") for at in TIMES]
    asked = CompiledQuery(Article, by_slug, slug="¶")
    for wanted in (["one"], ["three", "one"], ["one", "nothing", "%s"], []):
        with django_assert_num_queries(min(1, len(wanted)) if is_compiled else len(wanted)):
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


def test_without_the_setting_they_are_compiled(db, settings, django_assert_num_queries):
    del settings.COMPILED_QUERIES
    with django_assert_num_queries(1):
        CompiledQuery(Article, by_slug, slug="¶").rows_for_each(["one", "two"])


@pytest.mark.parametrize("sort", Sort)
def test_a_conversation_is_the_same_with_and_without(article, settings, sort):
    for number in range(3):
        opening = make_comment(article, recommendations=number % 2)
        for _ in range(number):
            make_comment(article, parent=opening)
    pages = []
    for settings.COMPILED_QUERIES in (True, False):
        pages.append([thread.html for thread in conversation_page(article.pk, sort=sort).threads])
    assert pages[0] == pages[1]
    assert len(pages[0]) == (0 if sort == Sort.PICKS else 3)


def test_a_form_is_answered_with_and_without(client, article):
    assert send(client, article, comment="I was there.").status_code == 303
    assert "I was there." in client.get(f"{article.get_absolute_url()}yours/").text
    assert send(client, article, comment="I was there.").status_code == 303  # the same again
    assert Comment.objects.count() == 1
