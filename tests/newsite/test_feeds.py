from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import feedparser
import pytest

from articles.feeds import FEED_SIZE
from articles.models import Author, Byline, Image, Section, SiteSettings, Tag
from tests.conftest import make_article, make_comment
from tests.newsite.test_hostile_text import HOSTILE

RSS = ["/feed/", "/section/town/feed/", "/author/ada/feed/", "/tag/ferries/feed/"]
FEEDS = [*RSS, *(f"{address}atom/" for address in RSS)]


@pytest.fixture
def listed(article):
    """Create an article that all feeds list."""
    for order, name in enumerate(["Ada", "Grace"]):
        author = Author.objects.create(name=name, slug=name.lower())
        Byline.objects.create(article=article, author=author, order=order)
    article.tags.add(Tag.objects.create(name="Ferries", slug="ferries"))
    article.standfirst = "In short."
    article.save()
    return article


def feed(address):
    response = Client().get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith(f"application/{'atom' if 'atom' in address else 'rss'}+xml")
    ElementTree.fromstring(response.content)
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo
    return parsed


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_tells_what_there_is_to_know(listed, settings, address):
    SiteSettings(name="The Paper").save()
    parsed = feed(address)
    assert "The Paper" in parsed.feed.title
    assert {link.href for link in parsed.feed.links if link.rel == "self"} == {f"{settings.SITE_URL}{address}"}
    (entry,) = parsed.entries
    assert entry.title == listed.headline
    assert entry.link == f"{settings.SITE_URL}{listed.get_absolute_url()}"
    assert entry.summary == "In short."
    assert [author.name for author in entry.authors] == ["Ada", "Grace"] or entry.author == "Grace"
    assert [tag.term for tag in entry.tags] == ["Town", "Ferries"]
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == listed.published_at.replace(microsecond=0)


@pytest.mark.parametrize("address", FEEDS)
def test_only_what_is_public_the_newest_first(listed, address):
    def another(**fields):
        article = make_article(**fields)
        Byline.objects.create(article=article, author=Author.objects.get(slug="ada"))
        article.tags.add(Tag.objects.get())

    another(headline="A draft", published_at=None)
    another(headline="A plan", published_at=timezone.now() + timedelta(hours=1))
    another(headline="Over", unpublish_at=timezone.now() - timedelta(minutes=1))
    another(headline="Newer", published_at=timezone.now())
    assert [entry.title for entry in feed(address).entries] == ["Newer", listed.headline]


def test_a_feed_has_the_newest_fifty(db):
    for _ in range(FEED_SIZE + 1):
        make_article()
    assert len(feed("/feed/").entries) == FEED_SIZE


@pytest.mark.parametrize("address", ["/feed/", "/feed/atom/"])
def test_an_article_is_named_for_ever(listed, address):
    before = feed(address).entries[0].id
    listed.slug, listed.headline = "another-address", "Another headline"
    listed.save()
    assert feed(address).entries[0].id == before
    assert before.startswith("tag:testserver,")


@pytest.mark.parametrize("address", ["/feed/", "/feed/atom/"])
def test_a_lead_picture_goes_with_its_article(listed, settings, address):
    about = {"width": 1600, "height": 900, "alt_text": "A <ferry> & gulls", "credit": "Ada"}
    listed.lead_image = Image.objects.create(file="images/a ferry.webp", digest="x", **about)
    listed.save()
    (picture,) = feed(address).entries[0].media_content
    assert picture["url"].startswith(settings.SITE_URL)
    assert picture["url"].endswith("images/a%20ferry.webp")
    assert (picture["type"], picture["width"], picture["height"]) == ("image/webp", "1600", "900")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_feed_is_well_formed_for_any_text(listed, text):
    text = text.replace("\x00", "")
    listed.headline = listed.standfirst = text
    listed.save()
    Author.objects.update(name=text)
    Tag.objects.update(name=text)
    Section.objects.update(name=text[:60], description=text)
    for address in FEEDS:
        feed(address)


@pytest.mark.parametrize("address", FEEDS)
def test_a_client_that_has_the_feed_is_told_so_in_one_query(listed, address):
    etag = Client().get(address)["ETag"]
    make_comment(listed)  # of which the feed says nothing
    with CaptureQueriesContext(connection) as queries:
        assert Client().get(address, headers={"If-None-Match": etag}).status_code == 304
    assert len(queries) == 1
    listed.save()
    assert Client().get(address, headers={"If-None-Match": etag}).status_code == 200


def test_as_many_queries_for_fifty_articles_as_for_one(listed):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            feed("/feed/")
        counts.append(len(queries))
        for _ in range(20):
            make_article()
    assert counts[1] <= counts[0] <= 10


@pytest.mark.parametrize("address", ["/section/no/feed/", "/author/no/feed/", "/tag/no/feed/atom/"])
def test_what_is_not_there_has_no_feed(db, address):
    assert Client().get(address).status_code == 404


def test_of_an_author_of_a_draft_alone_there_is_no_feed(db):
    draft = make_article(published_at=None)
    Byline.objects.create(article=draft, author=Author.objects.create(name="Ada", slug="ada"))
    assert Client().get("/author/ada/feed/").status_code == 404


def test_an_empty_section_has_an_empty_feed(db):
    Section.objects.create(name="Harbour", slug="harbour")
    assert feed("/section/harbour/feed/").entries == []


def test_a_feed_does_not_follow_a_forged_host(listed, settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert "evil.example" not in Client().get("/feed/", headers={"Host": "evil.example"}).text


@pytest.mark.parametrize("address", ["/", "/section/town/", "/author/ada/", "/tag/ferries/"])
def test_a_page_names_its_feeds(listed, address):
    page = Client().get(address).text
    root = "" if address == "/" else address.rstrip("/")
    assert 'type="application/rss+xml" title="' in page
    assert f'href="{root}/feed/"' in page
    assert f'href="{root}/feed/atom/"' in page
