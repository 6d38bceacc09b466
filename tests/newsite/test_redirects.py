"""Redirects of old URLs: two queries, and only where no page exists."""

from datetime import timedelta
from urllib.parse import quote

from django.contrib.redirects.models import Redirect
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest

from articles.models import Author, Byline, Tag
from articles.redirects import add_redirect
from comments.models import Comment
from tests.conftest import make_article, make_comment, send


@pytest.fixture
def run_import(article):
    """Change the slug of an article; return the article and its old URL."""
    old = article.get_absolute_url()
    article.slug = "somewhere-else"
    article.save()
    return article, old


@pytest.mark.parametrize("behind", ["", "feed/", "comments/", "yours/", "?sort=oldest", "feed/?x=1"])
def test_an_old_address_and_what_stands_under_it_lead_to_the_new_one(run_import, behind):
    article, old = run_import
    answer = Client().get(f"{old}{behind}")
    assert answer.status_code == 301
    assert answer["Location"] == f"{article.get_absolute_url()}{behind}"
    assert answer["Cache-Control"].startswith("public, max-age=0")


def test_what_a_reader_sends_to_the_old_address_is_taken(run_import):
    article, old = run_import
    answer = Client().post(f"{old}comments/", {"comment": "Not lost", "name": "Ada"})
    assert (answer.status_code, answer["Location"]) == (308, f"{article.get_absolute_url()}comments/")
    assert send(Client(), article, comment="Not lost").status_code == 303
    assert Comment.objects.get().text == "Not lost"


def test_the_permalink_of_a_comment_leads_to_the_new_address(run_import):
    comment = make_comment(run_import[0])
    assert Client().get(f"/comments/{comment.pk}/")["Location"].startswith(run_import[0].get_absolute_url())


@pytest.mark.parametrize("kind", ["section", "author", "tag"])
@pytest.mark.parametrize("part", ["", "feed/", "feed/atom/"])
def test_the_former_page_of_a_section_an_author_or_a_tag_leads_to_the_new_one(article, kind, part):
    author, tag = Author.objects.create(name="Ada", slug="ada"), Tag.objects.create(name="Boats", slug="boats")
    Byline.objects.create(article=article, author=author)
    article.tags.add(tag)
    listed = {"section": article.section, "author": author, "tag": tag}[kind]
    old = listed.get_absolute_url()
    for slug in ("new", "straße", "straße"):
        listed.slug = slug
        listed.save()
    answer = Client().get(f"{old}{part}")
    assert (answer.status_code, answer["Location"]) == (301, f"{listed.get_absolute_url()}{part}")
    assert Client().get(answer["Location"]).status_code == 200
    assert Client().get(f"/{kind}/new/{part}")["Location"] == answer["Location"]


def test_a_tag_that_takes_a_former_slug_stands_there_itself(article):
    tag = Tag.objects.create(name="Boats", slug="boats")
    tag.slug = "ships"
    tag.save()
    Tag.objects.create(name="Small boats", slug="boats")
    assert not Redirect.objects.exists()
    assert Client().get("/tag/boats/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/?p=12", "/2020/01/01/a/"),
        ("/?p=12&utm_source=x", "/2020/01/01/a/"),
        ("/?utm_source=x&p=12", "/2020/01/01/a/"),
        ("/?p=12&preview=true", "/2020/01/01/b/"),
        ("/?p=13", None),
        ("/?utm_source=x", None),
        ("/?" + "&".join(f"a{number}=1" for number in range(500)), None),
        ("/?" + "x" * 5000, None),
        ("/?%FF=%FE&&=", None),
    ],
)
def test_an_address_with_a_query_is_looked_for_whole_and_in_its_parts(db, asked, led_to):
    add_redirect("/?p=12", "/2020/01/01/a/")
    add_redirect("/?p=12&preview=true", "/2020/01/01/b/")
    answer = Client().get(asked)
    assert answer.get("Location") == led_to
    assert answer.status_code == (301 if led_to else 200)


@pytest.mark.parametrize("part", ["comment-page-2/", "comment-page-12", "2/", "trackback/", "trackback", "2/?x=1"])
def test_what_was_a_part_of_an_article_leads_to_all_of_it(run_import, part):
    article, old = run_import
    behind = "?x=1" if "?" in part else ""
    for address in (article.get_absolute_url(), old):
        answer = Client().get(f"{address}{part}")
        assert (answer.status_code, answer["Location"]) == (301, f"{article.get_absolute_url()}{behind}")


def test_parts_of_an_article_of_another_shape_lead_to_it_too(db):
    add_redirect("/straßen/", "/2020/01/01/a/")
    for part in ("comment-page-2/", "3/", "trackback/"):
        assert Client().get(quote(f"/straßen/{part}"))["Location"] == "/2020/01/01/a/"


def test_a_part_of_what_nobody_may_see_leads_nowhere(db):
    hidden = make_article(published_at=timezone.now() + timedelta(hours=1)).get_absolute_url()
    for address in (
        f"{hidden}comment-page-2/",
        f"{hidden}2/",
        "/2020/01/01/a/2/",
        "/2020/13/01/a/2/",
        "/2020/1/",
        "/2/",
    ):
        assert Client().get(address).status_code == 404


@pytest.mark.parametrize("asked", ["/index.php?p=12", "/index.php?utm_source=x&p=12"])
def test_the_file_that_wordpress_runs_by_is_the_front_page(db, asked):
    add_redirect("/?p=12", "/2020/01/01/a/")
    assert Client().get(asked)["Location"] == "/2020/01/01/a/"
    assert Client().get("/index.php?p=13").status_code == 404


@pytest.mark.parametrize("kind", ["rss2", "rss", "rdf", "atom"])
def test_other_feeds_of_all_comments_lead_to_the_one(db, kind):
    answer = Client().get(f"/comments/feed/{kind}/")
    assert (answer.status_code, answer["Location"]) == (301, "/comments/feed/")


def test_an_old_address_of_any_shape_works_also_in_unicode(db):
    add_redirect("/kategorie/straße/", "/section/straße/")
    add_redirect("/wp-content/uploads/a.jpg", "/media/a.jpg")
    assert Client().get(quote("/kategorie/straße/"))["Location"] == quote("/section/straße/")
    assert Client().get("/wp-content/uploads/a.jpg")["Location"] == "/media/a.jpg"


def test_an_address_that_leads_nowhere_is_gone(db):
    Redirect.objects.create(site_id=1, old_path="/taken/away/", new_path="")
    assert Client().get("/taken/away/").status_code == 410


def test_it_costs_two_queries_and_none_where_something_is(run_import):
    article, old = run_import
    Client().get(article.get_absolute_url())
    with CaptureQueriesContext(connection) as hit:
        Client().get(article.get_absolute_url())
    with CaptureQueriesContext(connection) as miss:
        assert Client().get(old).status_code == 301
    assert (len(hit), len(miss)) == (1, 3)


def test_nobody_is_led_past_an_article_that_stood_there_since_and_is_over(run_import):
    article, old = run_import
    day, now = article.day, timezone.now()
    slug = old.strip("/").rpartition("/")[2]
    make_article(slug=slug, published_at=now + timedelta(hours=1), unpublish_at=now + timedelta(hours=2), day=day)
    assert Client().get(old).status_code == 301
    type(article).objects.filter(slug=slug).update(
        published_at=now - timedelta(hours=2), unpublish_at=now - timedelta(hours=1), day=day
    )
    assert Client().get(old).status_code == 404


def test_the_admin_is_never_led_elsewhere(db, editor):
    add_redirect("/admin/nothing/", "/elsewhere/")
    client = Client()
    client.force_login(editor)
    assert client.get("/admin/nothing/").status_code == 404


def test_the_address_of_a_draft_leads_nowhere(run_import):
    """The target of a redirect must not reveal an unpublished article."""
    article, old = run_import
    article.published_at = None
    article.save()
    for part in ("", "feed/", "2/"):
        assert Client().get(f"{old}{part}").status_code == 404
