from datetime import timedelta
import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest

from articles.models import Author, Byline, Section, Tag
from newsite.pages.listing import PAGE_SIZE
from tests.conftest import make_article
from tests.support.html import Page

ADDRESSES = ["/section/town/", "/author/ada/", "/tag/ferries/"]


def make_listed(**fields):
    """Create an article with the section, author and tag whose pages these tests open."""
    article = make_article(**fields)
    author, _ = Author.objects.get_or_create(slug="ada", defaults={"name": "Ada Lovelace", "about": "Counts."})
    Byline.objects.create(article=article, author=author)
    article.tags.add(Tag.objects.get_or_create(slug="ferries", defaults={"name": "Ferries"})[0])
    return article


def headlines(html):
    return re.findall(r"<h2><a [^>]*>([^<]*)</a></h2>", html)


def queries_of(address):
    with CaptureQueriesContext(connection) as queries:
        assert Client().get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_list_has_its_own_articles_and_no_other(db, address):
    make_listed(headline="Here")
    make_article(headline="Elsewhere", section=Section.objects.create(name="Harbour", slug="harbour"))
    make_listed(headline="A draft", published_at=None)
    make_listed(headline="A plan", published_at=timezone.now() + timedelta(hours=1))
    make_listed(headline="Over", unpublish_at=timezone.now() - timedelta(minutes=1))
    assert headlines(Client().get(address).text) == ["Here"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_article_stands_on_exactly_one_page(db, address):
    at = timezone.now() - timedelta(days=1)
    for number in range(PAGE_SIZE + 5):  # many with the same timestamp: ordered by id
        make_listed(headline=f"Number {number}", published_at=at + timedelta(seconds=number // 20))
    first = Client().get(address).text
    older = re.search(r"\?(after=[0-9]+-[0-9]+)", first)[0]
    rest = Client().get(f"{address}{older}").text
    assert headlines(first) + headlines(rest) == [f"Number {number}" for number in reversed(range(PAGE_SIZE + 5))]
    assert "Older articles</a>" not in rest
    assert 'content="noindex"' in rest
    assert 'content="noindex"' not in first


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("after", ["", "x", "1", "1-x", "-1-1", "9" * 40, "²-1", "1-1"])
def test_a_page_that_cannot_be_is_not_found(db, address, after):
    make_listed()
    assert Client().get(address, {"after": after}).status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_stored_page_takes_one_query_and_one_that_is_made_a_few(db, address):
    for _ in range(PAGE_SIZE + 1):
        make_listed()
    assert queries_of(address) <= 9  # four of them for the frame
    assert queries_of(address) == 1
    older = re.search(r"\?(after=[0-9]+-[0-9]+)", Client().get(address).text)[0]
    assert queries_of(f"{address}{older}") <= 5


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_client_that_has_the_list_is_told_so_until_it_moves(db, address):
    article = make_listed()
    etag = Client().get(address)["ETag"]
    assert Client().get(address, headers={"If-None-Match": etag}).status_code == 304
    article.save()
    assert Client().get(address, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("address", ["/author/ada/", "/tag/ferries/"])
def test_of_what_nothing_public_is_about_not_even_the_name_is_told(db, address):
    make_listed(published_at=None)
    response = Client().get(address)
    assert response.status_code == 404
    assert "Ada" not in response.text
    assert "Ferries" not in response.text


def test_an_author_is_introduced(db):
    make_listed()
    assert "Counts." in Page(Client().get("/author/ada/").text).text


def test_an_article_leads_to_its_authors_and_to_what_it_is_about(db):
    page = Page(Client().get(make_listed().get_absolute_url()).text)
    links = {attributes.get("rel"): attributes.get("href") for tag, attributes in page.elements if tag == "a"}
    assert links["author"] == "/author/ada/"
    assert links["tag"] == "/tag/ferries/"


@pytest.mark.parametrize(
    "change",
    [
        lambda: Author.objects.get().save(),
        lambda: Tag.objects.get().save(),
        lambda: Tag.objects.get().delete(),
        lambda: Tag.objects.all().delete(),
    ],
)
def test_what_an_article_names_moves_it(db, change):
    address = make_listed().get_absolute_url()
    etag = Client().get(address)["ETag"]
    change()
    assert Client().get(address)["ETag"] != etag


def test_a_unicode_slug_has_its_pages(db):
    article = make_article()
    Byline.objects.create(article=article, author=Author.objects.create(name="Ágnes", slug="ágnes-szélvári"))
    article.tags.add(Tag.objects.create(name="東京", slug="東京"))
    assert Client().get("/author/ágnes-szélvári/").status_code == 200
    assert Client().get("/tag/東京/").status_code == 200


def test_hostile_names_are_text(db):
    text = "</title><script>alert(1)</script>"
    make_listed()
    Author.objects.update(name=text, about=text)
    Tag.objects.update(name=text)
    for address in ADDRESSES[1:]:
        page = Page(Client().get(address).text)
        assert text in page.text
        assert not page.has_executable_content()


def test_the_admin_leads_to_a_page_only_where_there_is_one(client, editor, article):
    client.force_login(editor)
    ada = Author.objects.create(name="Ada", slug="ada")
    assert "View on site" not in client.get(f"/admin/articles/author/{ada.pk}/change/").text
    Byline.objects.create(article=article, author=ada)
    assert "View on site" in client.get(f"/admin/articles/author/{ada.pk}/change/").text
