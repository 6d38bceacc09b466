from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from articles.models import Section, SiteSettings
from tests.conftest import make_article, make_comment
from tests.support.html import Page


def hours_ago(hours):
    return timezone.now() - timedelta(hours=hours)


def test_an_empty_paper_says_so(db):
    response = Client().get("/")
    assert response.status_code == 200
    assert "No articles yet." in response.text


def test_the_newest_article_leads(db):
    for hours in (5, 1, 3):
        make_article(headline=f"{hours} hours ago", published_at=hours_ago(hours))
    page = Client().get("/").text
    assert page.index("1 hours ago") < page.index("3 hours ago") < page.index("5 hours ago")


def test_drafts_and_scheduled_articles_are_in_no_list(db):
    make_article(headline="A draft", published_at=None)
    make_article(headline="A plan", published_at=timezone.now() + timedelta(hours=1))
    for address in ("/", "/section/town/"):
        page = Client().get(address).text
        assert "A draft" not in page
        assert "A plan" not in page


def test_a_scheduled_article_is_on_the_front_page_at_its_second(db):
    make_article(headline="There already")
    at = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    make_article(headline="At six", published_at=at)
    with time_machine.travel(at - timedelta(seconds=1), tick=False):
        assert "At six" not in Client().get("/").text
    with time_machine.travel(at, tick=False):
        assert "At six" in Client().get("/").text


def test_older_articles_stand_in_the_column_of_their_section(db):
    harbour = Section.objects.create(name="Harbour", slug="harbour", order=2)
    for hours in range(1, 30):
        make_article(published_at=hours_ago(hours), **({"section": harbour} if hours % 2 else {}))
    page = Page(Client().get("/").text)
    columns = [attributes for tag, attributes in page.elements if tag == "section" and "column" in attributes["class"]]
    assert len(columns) == 2


def test_the_number_of_comments_is_shown_and_moves(article):
    assert "1 comment" not in Client().get("/").text
    make_comment(article)
    assert "1 comment" in Client().get("/").text
    make_comment(article)
    assert "2 comments" in Client().get("/").text


def test_a_section_page_lists_its_own_articles(article):
    other = Section.objects.create(name="Harbour", slug="harbour", description="Ships and such.")
    make_article(headline="A ship came in", section=other)
    page = Client().get("/section/harbour/").text
    assert "A ship came in" in page
    assert "Ships and such." in page
    assert article.headline not in page


def test_a_section_that_does_not_exist_is_not_found(db):
    assert Client().get("/section/nothing/").status_code == 404


@pytest.mark.parametrize("address", ["/", "/section/town/"])
def test_lists_are_the_same_for_everyone_and_stored(article, editor, address):
    client = Client()
    client.force_login(editor)
    one, two = client.get(address), Client().get(address)
    assert one.content == two.content
    assert not one.cookies
    assert "Cookie" not in one.get("Vary", "")
    with CaptureQueriesContext(connection) as queries:
        Client().get(address)
    assert len(queries) <= 2


def test_as_many_queries_for_forty_articles_as_for_five(db):
    counts = set()
    for size in (5, 35):
        for _ in range(size):
            make_article()
        with CaptureQueriesContext(connection) as queries:
            Client().get("/")
        counts.add(len(queries))
    assert max(counts) <= 8
    assert len(counts) == 1 or max(counts) - min(counts) <= 3  # the base template is rendered once


def test_the_papers_name_is_on_every_page(article):
    SiteSettings(name="The Marrowgate Courier", tagline="Since 1868").save()
    for address in ("/", "/section/town/", article.get_absolute_url(), "/nothing-here/"):
        assert "The Marrowgate Courier" in Client().get(address).text
