from datetime import timedelta
import re

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest

from articles.models import Author, Byline, Section, SiteSettings
from comments.models import Comment, Conversation, SitePolicy
from comments.moderation.decide import decide
from comments.statuses import Policy, Status
from tests.conftest import make_article, make_comment, send


def get(article, client=None, **kwargs):
    return (client or Client()).get(article.get_absolute_url(), **kwargs)


def queries_of(article):
    with CaptureQueriesContext(connection) as queries:
        assert get(article).status_code == 200
    return len(queries)


def test_readers_see_the_whole_article(article):
    article.standfirst = "In short."
    article.save()
    for order, name in enumerate(["Ada Lovelace", "Grace Hopper"]):
        Byline.objects.create(article=article, author=Author.objects.create(name=name, slug=name[:3]), order=order)
    page = get(article).text
    for part in (article.headline, "In short.", "<p>Once upon a time.</p>", "Ada Lovelace", "Grace Hopper", "Town"):
        assert part in page
    assert page.index("Ada Lovelace") < page.index("Grace Hopper")


@pytest.mark.parametrize("published_at", [None, timedelta(hours=1)])
def test_a_draft_and_a_scheduled_article_are_not_there_for_readers(db, published_at):
    article = make_article()
    address = article.get_absolute_url()
    article.published_at = published_at and timezone.now() + published_at
    article.save()
    client = Client()
    assert client.get(address).status_code == 404
    assert client.get(f"{address}yours/").status_code == 404
    assert client.get(f"{address}comments/").status_code == 404


def test_an_approved_comment_is_there_at_once_and_a_held_one_never(article, moderator):
    comment = make_comment(article, text="A fine point.", status=Status.PENDING)
    Conversation.objects.create(article=article)
    assert "A fine point." not in get(article).text
    decide(comment, Status.APPROVED, actor=moderator)
    assert "A fine point." in get(article).text
    assert f'id="comment-{comment.pk}"' in get(article).text
    decide(comment, Status.REJECTED, actor=moderator)
    assert "A fine point." not in get(article).text


def test_everyone_gets_the_same_bytes_and_no_cookie(article):
    poster, other = Client(), Client()
    send(poster, article)
    one, two = get(article, poster), get(article, other)
    assert one.content == two.content
    for response in (one, two):
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert response["Cache-Control"].startswith("public")


def test_a_logged_in_editor_gets_the_same_bytes(article, editor):
    client = Client()
    client.force_login(editor)
    assert get(article, client).content == get(article).content
    assert "Cookie" not in get(article, client).get("Vary", "")


def test_what_waits_is_on_its_authors_page_alone(article):
    poster = Client()
    send(poster, article, comment="Still waiting")
    yours = poster.get(f"{article.get_absolute_url()}yours/")
    assert "Still waiting" in yours.text
    assert "Awaiting approval. Only you can see this comment." in yours.text
    assert "no-store" in yours["Cache-Control"]
    assert "private" in yours["Cache-Control"]
    assert "Still waiting" not in Client().get(f"{article.get_absolute_url()}yours/").text
    assert "Still waiting" not in get(article, poster).text


def test_a_client_that_has_the_page_is_told_so(article):
    etag = get(article)["ETag"]
    response = get(article, headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response.content == b""
    assert response["Cache-Control"].startswith("public")


@pytest.mark.parametrize(
    "change",
    [
        lambda article: article.save(),
        make_comment,
        lambda article: SiteSettings(name="Another name").save(),
        lambda article: Section.objects.create(name="New", slug="new"),
        lambda article: SitePolicy(pk=1, policy=Policy.CLOSED).save(),
        lambda article: Conversation(article=article, policy=Policy.CLOSED).save(),
        lambda article: Byline.objects.create(article=article, author=Author.objects.create(name="A", slug="a")),
    ],
)
def test_whatever_the_page_shows_moves_its_version(article, change):
    etag = get(article)["ETag"]
    change(article)
    assert get(article)["ETag"] != etag


def test_a_closed_conversation_shows_no_form(article):
    Conversation.objects.create(article=article, policy=Policy.CLOSED)
    page = get(article).text
    assert "Comments on this article are closed." in page
    assert "<textarea" not in page


def test_at_most_ten_queries_with_every_cache_empty(article):
    for _ in range(5):
        make_comment(article, parent=make_comment(article))
    for cache in caches.all():
        cache.clear()
    assert queries_of(article) <= 10


def test_two_queries_or_three_when_a_comment_has_just_been_approved(article, moderator):
    comment = make_comment(article, status=Status.PENDING)
    make_comment(article, parent=make_comment(article))
    get(article)
    decide(comment, Status.APPROVED, actor=moderator)
    assert queries_of(article) == (2 if connection.vendor == "postgresql" else 3)


def test_one_query_for_a_stored_page(article):
    make_comment(article)
    get(article)
    assert queries_of(article) == 1


def test_older_comments_are_a_link_away(article):
    for _ in range(25):
        make_comment(article)
    first = get(article)
    oldest = Comment.objects.earliest("pk")
    assert f'id="comment-{oldest.pk}"' not in first.text
    query = re.search(r"\?(after=[0-9-]+)#conversation", first.text)[1]
    older = Client().get(f"{article.get_absolute_url()}?{query}")
    assert f'id="comment-{oldest.pk}"' in older.text
    assert f'id="comment-{Comment.objects.latest("pk").pk}"' not in older.text


@pytest.mark.parametrize("name", ["after", "thread", "reply", "sort"])
@pytest.mark.parametrize("value", ["x", "-1", "0", "9" * 30, "²", "1 OR 1=1", ""])
def test_a_part_of_a_conversation_that_cannot_be_is_not_found(article, name, value):
    assert Client().get(article.get_absolute_url(), {name: value}).status_code == 404


def test_the_form_for_a_reply_says_to_whom(article):
    parent = make_comment(article, name="Grace")
    page = Client().get(article.get_absolute_url(), {"reply": parent.pk})
    assert "Replying to <bdi>Grace</bdi>" in page.text
    hidden = re.search(r'<input[^>]*name="parent"[^>]*>', page.text)[0]
    assert f'value="{parent.pk}"' in hidden
    assert page["Cache-Control"].startswith("public")


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED])
def test_what_is_not_public_cannot_be_replied_to(article, status):
    hidden = make_comment(article, status=status)
    elsewhere = make_comment(make_article())
    for comment in (hidden, elsewhere):
        assert Client().get(article.get_absolute_url(), {"reply": comment.pk}).status_code == 404
        assert Client().get(article.get_absolute_url(), {"thread": comment.pk}).status_code == 404


def test_one_thread_has_a_page(article):
    opening = make_comment(article)
    for number in range(8):
        make_comment(article, parent=opening, text=f"reply number {number}")
    page = Client().get(article.get_absolute_url())
    assert "Show 3 more replies" in page.text
    query = re.search(r"\?(thread=[^#\"]+)", page.text)[1].replace("&amp;", "&")
    rest = Client().get(f"{article.get_absolute_url()}?{query}").text
    assert "reply number 7" in rest
    assert "reply number 2" not in rest


def test_a_comments_own_address_leads_to_its_page(article):
    comments = [make_comment(article) for _ in range(25)]
    newest = Client().get(f"/comments/{comments[-1].pk}/")
    assert newest["Location"] == f"{article.get_absolute_url()}#comment-{comments[-1].pk}"
    oldest = Client().get(f"/comments/{comments[0].pk}/")
    page = Client().get(oldest["Location"].partition("#")[0])
    assert f'id="comment-{comments[0].pk}"' in page.text


def test_the_address_of_a_hidden_comment_answers_as_that_of_a_missing_one(article):
    hidden = Client().get(f"/comments/{make_comment(article, status=Status.PENDING).pk}/")
    missing = Client().get("/comments/999999999/")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


def test_the_day_in_the_address_is_one_of_the_calendar(db):
    for address in ("/2020/13/01/x/", "/2020/02/30/x/", "/0000/01/01/x/", "/2020/2/7/x/", "/2020/02/07/x"):
        assert Client().get(address, follow=True).status_code == 404


def test_a_unicode_slug_works(db):
    article = make_article(headline="Straße in Köln 東京", slug="")
    assert get(article).status_code == 200


def test_the_policy_is_constant_and_allows_nothing_inline(article):
    policies = {get(article)["Content-Security-Policy"] for _ in range(2)}
    (policy,) = policies
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert "default-src 'none'" in policy
    page = get(article).text
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick" not in page


def test_links_do_not_follow_a_forged_host(article, settings):
    settings.ALLOWED_HOSTS = ["*"]
    page = get(article, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.text
