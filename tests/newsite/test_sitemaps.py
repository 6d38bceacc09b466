from datetime import timedelta
from pathlib import Path
import re
from xml.etree import ElementTree

from django.contrib.flatpages.models import FlatPage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine
from xmlschema import XMLSchema

from articles.models import Author, Byline, Section, SiteSettings, Tag
from newsite.pages import sitemaps
from tests.conftest import make_article
from tests.newsite.test_hostile_text import HOSTILE

SCHEMA = XMLSchema(Path(__file__).parent / "schemas/sitemap.xsd")


def read(address):
    """Validate the sitemap against the schema; return the texts of its elements by name."""
    response = Client().get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/xml")
    SCHEMA.validate(response.text)
    root = ElementTree.fromstring(response.content)
    return [{each.tag.partition("}")[2]: each.text for each in entry.iter()} for entry in root]


def locations(address):
    return [entry["loc"].removeprefix("http://testserver") for entry in read(address)]


def everything():
    return [path for file in locations("/sitemap.xml") for path in locations(file)]


def test_the_index_leads_to_everything_public_and_to_nothing_else(article):
    FlatPage.objects.create(url="/imprint/", title="Imprint").sites.set([1])
    quiet = Section.objects.create(name="Quiet", slug="quiet")
    secrets = [
        make_article(headline="A draft", published_at=None, section=quiet),
        make_article(headline="A plan", published_at=timezone.now() + timedelta(hours=1)),
        make_article(headline="Over", unpublish_at=timezone.now() - timedelta(minutes=1)),
    ]
    for name, articles in {"Ada": [article], "Secret": secrets}.items():
        author = Author.objects.create(name=name, slug=name.lower())
        tag = Tag.objects.create(name=name, slug=name.lower())
        for each in articles:
            Byline.objects.create(article=each, author=author)
            each.tags.add(tag)
    assert sorted(everything()) == sorted(
        ["/", "/section/town/", "/imprint/", article.get_absolute_url(), "/author/ada/", "/tag/ada/"]
    )
    for path in everything():
        assert Client().get(path).status_code == 200


def test_an_empty_paper_has_a_sitemap(db):
    Section.objects.all().delete()
    assert everything() == ["/"]


def test_an_article_says_since_when(article):
    (entry,) = read("/sitemap/article-0.xml")
    assert entry["lastmod"] == timezone.localtime(article.published_at).isoformat(timespec="seconds")
    assert read("/sitemap.xml")[1]["lastmod"] == entry["lastmod"]


def test_files_are_of_a_bounded_size_and_of_a_fixed_number_of_queries(db, monkeypatch):
    monkeypatch.setattr(sitemaps, "IDS_PER_FILE", 3)
    articles = [make_article() for _ in range(7)]
    files = [file for file in locations("/sitemap.xml") if "article" in file]
    assert 3 <= len(files) <= 4
    found = [path for file in files for path in locations(file)]
    assert found == [article.get_absolute_url() for article in articles]
    with CaptureQueriesContext(connection) as queries:
        read("/sitemap.xml")
        read(files[0])
    assert len(queries) == 2  # the index is cached


@pytest.mark.parametrize("file", ["article-99", "author-0", "page-1", "page-00", "nothing-0", "article-9999999999999"])
def test_a_file_that_is_not_there_is_not_found(article, file):
    assert Client().get(f"/sitemap/{file}.xml").status_code == 404


def test_addresses_in_any_script_are_addresses(db):
    article = make_article(headline="Straße in Köln 東京")
    assert locations("/sitemap/article-0.xml") == [article.get_absolute_url()]
    assert article.get_absolute_url().isascii()


def test_the_news_are_those_of_two_days(db):
    SiteSettings(name="The <Paper> & Sons").save()
    make_article(headline="Old", published_at=timezone.now() - timedelta(days=2, minutes=1))
    make_article(headline="A plan", published_at=timezone.now() + timedelta(hours=1))
    new = make_article(headline="New & <good>", published_at=timezone.now() - timedelta(days=1), language="pt-br")
    (entry,) = read("/news-sitemap.xml")
    assert entry["title"] == "New & <good>"
    assert entry["name"] == "The <Paper> & Sons"
    assert entry["language"] == "pt"
    assert entry["loc"].endswith(new.get_absolute_url())
    assert entry["publication_date"] == timezone.localtime(new.published_at).isoformat(timespec="seconds")


def test_there_are_a_thousand_news_at_most(db, monkeypatch):
    monkeypatch.setattr(sitemaps, "MAX_NEWS", 2)
    for _ in range(3):
        make_article()
    with CaptureQueriesContext(connection) as queries:
        assert len(read("/news-sitemap.xml")) == 2
    assert len(queries) <= 5


def test_no_news_are_no_fault(db):
    assert read("/news-sitemap.xml") == []


@pytest.mark.parametrize("text", HOSTILE)
def test_the_news_are_well_formed_for_any_text(article, text):
    article.headline = text.replace("\x00", "")
    article.save()
    SiteSettings(name=article.headline).save()
    assert len(read("/news-sitemap.xml")) == 1


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap/article-0.xml", "/news-sitemap.xml", "/robots.txt"])
def test_who_has_it_is_told_so(article, address):
    with time_machine.travel(timezone.now(), tick=False):  # the cache key of the index changes every ten minutes
        etag = Client().get(address)["ETag"]
        assert Client().get(address, headers={"If-None-Match": etag}).status_code == 304


def test_robots_are_told_where_the_sitemaps_are_and_not_to_search(db, settings):
    settings.ALLOWED_HOSTS = ["*"]
    robots = Client().get("/robots.txt", headers={"Host": "evil.example"})
    assert robots["Content-Type"].startswith("text/plain")
    assert re.findall("Sitemap: (.*)", robots.text) == [
        "http://testserver/sitemap.xml",
        "http://testserver/news-sitemap.xml",
    ]
    assert "Disallow: /search/\n" in robots.text
    assert "Disallow: /admin/\n" in robots.text
