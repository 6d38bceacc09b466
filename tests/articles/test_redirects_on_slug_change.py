"""Redirects after changes of a slug: which old URLs redirect, and the rows after several changes."""

from datetime import UTC, datetime, timedelta

from django.contrib.redirects.models import Redirect
import pytest
import time_machine

from articles.models import Article
from articles.redirects import add_redirect
from tests.conftest import make_article

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


def move(article, **fields):
    article = Article.objects.get(pk=article.pk)
    for name, value in fields.items():
        setattr(article, name, value)
    article.save()
    return article


def redirects():
    return dict(Redirect.objects.values_list("old_path", "new_path"))


def test_the_old_address_of_what_readers_may_have_seen_is_kept():
    move(make_article(slug="old", published_at=NOON), slug="new")
    assert redirects() == {"/2026/03/01/old/": "/2026/03/01/new/"}


def test_it_is_kept_also_when_the_clock_alone_made_it_public_and_when_it_was_taken_back():
    article = make_article(slug="old", published_at=NOON + DAY)
    with time_machine.travel(NOON + 2 * DAY):
        move(article, published_at=None)
        move(article, slug="new")
    assert redirects() == {"/2026/03/02/old/": "/2026/03/02/new/"}


@pytest.mark.parametrize("published_at", [None, NOON + DAY])
def test_nothing_is_kept_of_what_nobody_has_seen(published_at):
    article = move(make_article(slug="old", published_at=published_at), slug="new")
    move(article, published_at=NOON)
    assert redirects() == {}


def test_there_is_no_chain():
    article = make_article(slug="a", published_at=NOON)
    for slug in ("b", "c", "d"):
        article = move(article, slug=slug)
    assert set(redirects().values()) == {"/2026/03/01/d/"}
    assert len(redirects()) == 3


def test_there_is_no_loop_when_an_article_comes_back():
    article = make_article(slug="a", published_at=NOON)
    for slug in ("b", "a"):
        article = move(article, slug=slug)
    assert redirects() == {"/2026/03/01/b/": "/2026/03/01/a/"}


def test_two_articles_that_swap_their_slugs_lead_nowhere_wrong():
    one, other = make_article(slug="one", published_at=NOON), make_article(slug="other", published_at=NOON)
    move(one, slug="between")
    move(other, slug="one")
    move(one, slug="other")
    assert redirects() == {"/2026/03/01/between/": "/2026/03/01/other/"}


def test_an_address_that_a_new_article_takes_leads_to_that_one():
    move(make_article(slug="old", published_at=NOON), slug="new")
    make_article(slug="old", published_at=NOON)
    assert redirects() == {}


def test_a_scheduled_article_does_not_take_an_address_before_its_time():
    move(make_article(slug="old", published_at=NOON), slug="new")
    later = make_article(slug="old", published_at=NOON + timedelta(hours=1))
    assert "/2026/03/01/old/" in redirects()
    with time_machine.travel(NOON + timedelta(hours=2)):
        move(later)
    assert redirects() == {}


def test_what_an_import_kept_follows_the_article():
    article = make_article(slug="a", published_at=NOON)
    add_redirect("/?p=12", "/2026/03/01/a/")
    move(article, slug="b")
    assert redirects() == {"/?p=12": "/2026/03/01/b/", "/2026/03/01/a/": "/2026/03/01/b/"}


def test_the_day_stays_that_of_the_first_publication_whatever_the_time_zone_is_later(settings):
    article = make_article(slug="a", published_at=NOON)
    settings.TIME_ZONE = "Pacific/Auckland"
    assert move(article, published_at=NOON + DAY).get_absolute_url() == "/2026/03/01/a/"


def test_the_longest_unicode_address_that_moves_fits():
    article = make_article(headline="東" * 250, published_at=NOON)
    assert len(article.slug) == 180
    move(article, slug="京" * 180)
    ((old, new),) = redirects().items()
    assert (len(old), len(new)) == (193, 193)


@pytest.mark.parametrize("field", ["headline", "standfirst", "body"])
def test_a_change_of_the_text_after_publication_is_an_update(field):
    article = make_article(published_at=NOON)
    with time_machine.travel(NOON + DAY, tick=False):
        assert move(article, **{field: "Something else"}).updated_at == NOON + DAY
    assert Article.objects.get().is_updated()


def test_what_is_no_update():
    article = make_article(published_at=NOON + DAY)
    assert move(article, body="<p>Before publication</p>").updated_at is None
    with time_machine.travel(NOON + 2 * DAY):
        assert move(article, slug="elsewhere", is_ready=True).updated_at is None
        assert move(article, headline="A typo", is_minor_change=True).updated_at is None
        assert not Article.objects.get().is_updated()


def test_what_was_updated_and_is_published_anew_is_new():
    article = make_article(published_at=NOON)
    with time_machine.travel(NOON + DAY):
        move(article, body="<p>Something else</p>")
    with time_machine.travel(NOON + 2 * DAY):
        assert not move(article, published_at=NOON + 2 * DAY).is_updated()


def test_what_is_published_is_not_ready_for_review_any_more():
    assert not make_article(is_ready=True, published_at=NOON).is_ready
    assert make_article(is_ready=True, published_at=None).is_ready
