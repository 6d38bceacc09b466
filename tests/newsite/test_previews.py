"""Preview links: valid for some days or until they are revoked, for one article (H30)."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from articles.models import PreviewLink
from tests.conftest import make_article
from tests.newsite.test_article_admin import LIST, logged_in


@pytest.fixture
def draft(db):
    return make_article(headline="A secret plan", published_at=None)


@pytest.fixture
def link(draft, reporter):
    return PreviewLink.make(draft, days=7, recipient="The source", actor_id=reporter.pk)


def get(link):
    return Client().get(link.get_absolute_url())


def test_whoever_has_the_link_sees_the_article_as_it_stands(draft, link):
    assert "A secret plan" in get(link).text
    draft.headline = "Another plan"
    draft.save()
    assert "Another plan" in get(link).text


def test_no_cache_and_no_search_engine_keeps_it_and_nobody_learns_whence_one_came(link):
    page = get(link)
    assert "no-store" in page["Cache-Control"]
    assert "private" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert not page.cookies
    assert "canonical" not in page.text
    assert 'method="post"' not in page.text


def test_it_ends_by_itself_at_its_second(link):
    with time_machine.travel(link.expires_at - timedelta(seconds=1), tick=False):
        assert get(link).status_code == 200
    with time_machine.travel(link.expires_at, tick=False):
        page = get(link)
        assert page.status_code == 410
        assert "A secret plan" not in page.text
        assert "no-store" in page["Cache-Control"]


def test_it_can_be_withdrawn_at_once(draft, link, reporter):
    page = logged_in(reporter).get(f"{LIST}{draft.pk}/links/").text
    assert link.get_absolute_url() in page
    assert logged_in(reporter).post(f"{LIST}{draft.pk}/links/", {"revoke": link.pk}).status_code == 302
    assert get(link).status_code == 410
    assert link.get_absolute_url() not in logged_in(reporter).get(f"{LIST}{draft.pk}/links/").text


def test_once_the_article_is_public_it_leads_there(draft, link):
    draft.published_at = timezone.now()
    draft.save()
    assert get(link)["Location"] == draft.get_absolute_url()


def test_a_link_to_a_deleted_article_leads_nowhere(draft, link):
    address = link.get_absolute_url()
    draft.delete()
    assert Client().get(address).status_code == 404


def test_nobody_can_guess_or_bend_a_link(link, draft):
    token = link.get_absolute_url().split("/")[2]
    other = make_article(headline="Another secret", published_at=None)
    theirs = PreviewLink.make(other, days=7, recipient="", actor_id=None)
    swapped = f"{theirs.key.hex}:{token.partition(':')[2]}"
    for forged in (token[:-1], f"{token}x", str(link.pk), link.key.hex, str(link.key), swapped, "x:y", ":", "%00"):
        assert Client().get(f"/preview/{forged}/").status_code in {400, 404}, forged


def test_what_the_database_holds_opens_nothing_without_the_secret(link, settings):
    address = link.get_absolute_url()
    settings.SECRET_KEY = "another-secret-key-that-is-long-enough-to-be-one-0123456789"
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("days", ["0", "31", "-1", "x", "", "9" * 30])
def test_how_long_a_link_lasts_has_bounds(draft, reporter, days):
    answer = logged_in(reporter).post(f"{LIST}{draft.pk}/links/", {"days": days, "recipient": "x"})
    assert answer.status_code == 200
    assert "errorlist" in answer.text
    assert not PreviewLink.objects.exists()


def test_links_are_made_by_those_who_may_change_the_article_and_by_nobody_else(draft, article, reporter, moderator):
    for who, made_for, status in (
        (reporter, draft, 302),
        (reporter, article, 403),
        (moderator, draft, 404),
    ):
        answer = logged_in(who).post(f"{LIST}{made_for.pk}/links/", {"days": 3, "recipient": "x"})
        assert answer.status_code == status
    made = PreviewLink.objects.get()
    assert (made.actor, made.article) == (reporter, draft)
    assert made.expires_at - made.created_at == timedelta(days=3)
    assert Client().post(f"{LIST}{draft.pk}/links/", {"days": 3}).status_code == 302
    assert PreviewLink.objects.count() == 1


def test_a_link_is_withdrawn_on_its_own_articles_page_alone(link, article, reporter, editor):
    elsewhere = make_article(published_at=None)
    for pk in (link.pk, "x", "9" * 30):
        assert logged_in(editor).post(f"{LIST}{elsewhere.pk}/links/", {"revoke": pk}).status_code == 404
    assert get(link).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_for_reading(link, method):
    assert getattr(Client(), method)(link.get_absolute_url()).status_code == 405
