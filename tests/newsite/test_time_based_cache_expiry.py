"""Time-based expiry: changes by the clock alone, in the page cache and in shared caches in front of it."""

from datetime import UTC, datetime, timedelta
import re

from django.test import Client
import pytest
import time_machine

from comments.models import Comment, Conversation, SitePolicy
from newsite.http.page_cache import Expiry, cache_control
from tests.conftest import make_article, make_comment, send

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at(moment):
    return time_machine.travel(moment, tick=False)


def get(address):
    return Client().get(address)


def seconds(response, directive):
    found = re.search(rf"\b{directive}=(\d+)", response["Cache-Control"])
    return int(found[1]) if found else 0


@pytest.fixture
def ending(db):
    """Create an article with a comment that is public for one hour."""
    article = make_article(headline="Only today", published_at=NOON, unpublish_at=NOON + timedelta(hours=1))
    with at(NOON):
        make_comment(article, text="While it lasts.")
    return article


def everywhere(article):
    address = article.get_absolute_url()
    return [address, f"{address}yours/", f"{address}feed/", f"{address}comments/", f"{address}comments/published/"]


def test_an_article_ends_everywhere_at_its_second(ending):
    comment = Comment.objects.get()
    with at(NOON + timedelta(hours=1) - SECOND):
        for address in ("/", "/section/town/"):
            assert "Only today" in get(address).text
        assert "While it lasts." in get("/comments/feed/").text
        for address in [*everywhere(ending), f"/comments/{comment.pk}/"]:
            assert get(address).status_code < 400, address
    with at(NOON + timedelta(hours=1)):
        for address in ("/", "/section/town/"):
            assert "Only today" not in get(address).text
        assert "While it lasts." not in get("/comments/feed/").text
        for address in [*everywhere(ending), f"/comments/{comment.pk}/", f"/comments/{comment.pk}/report/"]:
            assert get(address).status_code == 404, address


def test_an_article_that_has_ended_takes_no_comment_and_gives_the_text_back(ending):
    with at(NOON + timedelta(hours=1)):
        response = send(Client(), ending, comment="A moment too late")
    assert response.status_code == 404
    assert "A moment too late" in response.text
    assert Comment.objects.count() == 1


def test_a_scheduled_article_is_everywhere_at_its_second(db):
    article = make_article(headline="At noon", published_at=NOON)
    with at(NOON - SECOND):
        assert "At noon" not in get("/").text
        assert {get(address).status_code for address in everywhere(article)} == {404}
        assert send(Client(), article).status_code == 404
    with at(NOON):
        assert "At noon" in get("/").text
        assert send(Client(), article).status_code == 303


@pytest.mark.parametrize("before", [0.01, 0.9, 1, 1.5, 2, 2.9, 3, 5, 60, 3599])
def test_no_cache_shows_a_page_past_its_end_even_if_it_counts_whole_seconds(ending, before):
    with at(NOON + timedelta(hours=1) - timedelta(seconds=before)):
        for address in ("/", "/section/town/", ending.get_absolute_url(), f"{ending.get_absolute_url()}feed/"):
            response = get(address)
            fresh = seconds(response, "s-maxage")
            longest = fresh + max(seconds(response, "stale-while-revalidate"), seconds(response, "stale-if-error"))
            assert longest == 0 or longest + 1 <= before, (address, response["Cache-Control"])


def test_a_page_of_which_nothing_is_due_is_kept_for_two_seconds_and_for_a_day_if_we_are_down():
    kept = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
    assert cache_control() == kept
    with at(NOON):
        assert cache_control(Expiry(changes_at=NOON + 3 * SECOND)) == kept


def test_what_only_changes_may_still_be_shown_while_we_are_down():
    with at(NOON):
        due = Expiry(changes_at=NOON + 2 * SECOND)
        assert cache_control(due) == "public, max-age=0, s-maxage=1, stale-if-error=86400"
        due = Expiry(changes_at=NOON + SECOND, expires_at=NOON + timedelta(seconds=61))
        assert cache_control(due) == "public, max-age=0, s-maxage=0, stale-if-error=60"
        assert cache_control(Expiry(expires_at=NOON)) == "public, max-age=0, s-maxage=0"


def test_lists_are_kept_no_longer_than_until_the_next_article_of_all_begins(db):
    make_article(headline="There already", published_at=NOON - timedelta(days=1))
    make_article(headline="At noon", published_at=NOON)
    with at(NOON - SECOND):
        for address in ("/", "/section/town/"):
            assert seconds(get(address), "s-maxage") == 0
            assert seconds(get(address), "stale-if-error") == 86400


def test_an_empty_paper_waits_for_its_first_article(db):
    make_article(headline="At noon", published_at=NOON)
    with at(NOON - SECOND):
        assert seconds(get("/"), "s-maxage") == 0


@pytest.mark.parametrize(("days", "of_the_site"), [(7, None), (7, 30), (None, 7)])
def test_a_conversation_closes_at_its_second_on_the_page_and_for_those_who_send(db, days, of_the_site):
    article = make_article(published_at=NOON - timedelta(days=7))
    Conversation.objects.create(article=article, closes_after=days)
    SitePolicy(closes_after=of_the_site, pk=1).save()
    with at(NOON - SECOND):
        page = get(article.get_absolute_url())
        assert "<textarea" in page.text
        assert seconds(page, "s-maxage") == 0
        assert send(Client(), article).status_code == 303
        etag = get(article.get_absolute_url())["ETag"]
    with at(NOON):
        page = Client().get(article.get_absolute_url(), headers={"If-None-Match": etag})
        assert page.status_code == 200
        assert "<textarea" not in page.text
        assert "Comments on this article are closed." in page.text
        late = send(Client(), article, comment="A moment too late")
        assert late.status_code == 422
        assert "Comments on this article are closed." in late.text
        assert "A moment too late" in late.text
    assert Comment.objects.count() == 1


def test_a_conversation_that_never_closes_by_itself_stays_open_whatever_the_site_says(db):
    article = make_article(published_at=NOON)
    Conversation.objects.create(article=article, closes_after=0)
    SitePolicy(closes_after=1, pk=1).save()
    with at(NOON + timedelta(days=400)):
        assert "<textarea" in get(article.get_absolute_url()).text
        assert send(Client(), article).status_code == 303


def test_the_sites_closing_time_holds_also_where_nobody_has_written_yet(db):
    article = make_article(published_at=NOON)
    SitePolicy(closes_after=1, pk=1).save()
    with at(NOON + timedelta(days=1)):
        assert "<textarea" not in get(article.get_absolute_url()).text
        assert send(Client(), article).status_code == 422
