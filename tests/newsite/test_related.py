from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from articles.models import Section, Tag
from newsite.pages import related
from newsite.pages.related import RELATED_COUNT, related_articles
from tests.conftest import make_article


@pytest.fixture
def tags(db):
    return [Tag.objects.create(name=name, slug=name.lower()) for name in ("Ferries", "Tides", "Gulls")]


def tagged(headline, tags, **fields):
    article = make_article(headline=headline, **fields)
    article.tags.set(tags)
    return article


def titles(article):
    return [each.headline for each in related_articles(article, article.tags.all())]


def test_what_shares_most_tags_comes_first_then_the_section(tags):
    elsewhere = Section.objects.create(name="Harbour", slug="harbour")
    article = tagged("It", tags[:2])
    tagged("One tag", tags[:1], section=elsewhere)
    tagged("Two tags", tags[:2], section=elsewhere, published_at=timezone.now() - timedelta(days=99))
    tagged("Another tag", tags[2:], section=elsewhere)
    make_article(headline="Same section")
    assert titles(article) == ["Two tags", "One tag", "Same section"]


def test_nothing_is_related_to_itself_or_twice(tags):
    article = tagged("It", tags)
    tagged("Other", tags)
    assert titles(article) == ["Other"]


def test_what_is_not_public_is_not_related(tags):
    article = tagged("It", tags)
    tagged("A draft", tags, published_at=None)
    tagged("A plan", tags, published_at=timezone.now() + timedelta(hours=1))
    tagged("Over", tags, unpublish_at=timezone.now() - timedelta(seconds=1))
    assert titles(article) == []


@pytest.mark.parametrize("number", [1, 30])
def test_a_few_of_many_in_one_query(tags, number):
    article = tagged("It", tags[:1])
    for each in range(number):
        tagged(f"Other {each}", tags[:1])
        make_article()
    with CaptureQueriesContext(connection) as queries:
        assert len(related_articles(article, tags[:1])) == min(RELATED_COUNT, 2 * number)
    assert len(queries) == 1


def test_the_page_shows_them_and_looks_again_after_ten_minutes(tags):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        article, other = tagged("It", tags), tagged("To read on", tags)
        assert "To read on" in Client().get(article.get_absolute_url()).text
        other.published_at = None
        other.save()
    with time_machine.travel(now + timedelta(seconds=related.SLOT_SECONDS), tick=False):
        assert "To read on" not in Client().get(article.get_absolute_url()).text


def test_where_there_is_nothing_else_nothing_is_offered(article):
    assert "More on this story" not in Client().get(article.get_absolute_url()).text
