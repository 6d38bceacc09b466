from xml.etree import ElementTree

from django.test import Client
import feedparser
import pytest

from articles.models import SiteSettings
from comments.models import Comment
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import make_article, make_comment
from tests.newsite.test_hostile_text import HOSTILE


def feed(address="/comments/feed/"):
    response = Client().get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/rss+xml")
    ElementTree.fromstring(response.content)
    return feedparser.parse(response.content)


def test_all_comments_newest_first(article, settings):
    SiteSettings(name="The Paper").save()
    make_comment(article, name="Ada", text="first")
    make_comment(make_article(headline="Gulls"), name="Grace", text="second https://example.org")
    parsed = feed()
    assert not parsed.bozo
    assert parsed.feed.title == "The Paper"
    assert [entry.title for entry in parsed.entries] == ["Grace on “Gulls”", f"Ada on “{article.headline}”"]
    assert parsed.entries[0].author == "Grace"
    assert 'rel="nofollow ugc noopener"' in Client().get("/comments/feed/").text.replace("&quot;", '"')
    assert parsed.entries[0].link.startswith(settings.SITE_URL)


def test_one_articles_comments(article):
    make_comment(article, text="here")
    make_comment(make_article(), text="there")
    parsed = feed(f"{article.get_absolute_url()}feed/")
    assert [entry.summary for entry in parsed.entries] == ["<p>here</p>"]


def test_only_public_comments_of_public_articles(article, moderator):
    for status in Status:
        make_comment(article, text=status.name, status=status)
    taken_back = make_article()
    make_comment(taken_back, text="taken back")
    taken_back.published_at = None
    taken_back.save()
    assert [entry.summary for entry in feed().entries] == ["<p>APPROVED</p>"]
    address = f"{taken_back.get_absolute_url()}feed/"
    assert Client().get(address).status_code == 404
    decide(Comment.objects.get(text="APPROVED"), Status.REJECTED, actor=moderator)
    assert feed().entries == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_feed_is_well_formed_for_any_text(article, text):
    article.headline = text.replace("\x00", "")
    article.save()
    make_comment(article, name=text.replace("\x00", "").replace("\x01", "").replace("\x02", "").replace("\x1f", ""))
    feed()
    feed(f"{article.get_absolute_url()}feed/")


def test_a_client_that_has_the_feed_is_told_so(article):
    make_comment(article)
    etag = Client().get("/comments/feed/")["ETag"]
    assert Client().get("/comments/feed/", headers={"If-None-Match": etag}).status_code == 304
    make_comment(article)
    assert Client().get("/comments/feed/", headers={"If-None-Match": etag}).status_code == 200
