"""Corrections: below the article, in the list of all, and the time of the last update."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest

from articles.models import Correction
from tests.conftest import make_article


def correct(article, text="It was Tuesday.", **fields):
    return Correction.objects.create(article=article, text=text, **fields)


def get(address="/corrections/"):
    return Client().get(address)


def test_a_correction_is_under_the_article_and_in_the_list(article):
    before = get(article.get_absolute_url())["ETag"]
    correct(article, "It was <Tuesday>.\n\nNot Monday.")
    for address in (article.get_absolute_url(), "/corrections/"):
        page = get(address).text
        assert "It was &lt;Tuesday&gt;." in page
        assert "Not Monday." in page
    assert get(article.get_absolute_url())["ETag"] != before
    assert f'href="{article.get_absolute_url()}#corrections"' in get().text


def test_the_list_is_linked_from_every_page_and_says_when_it_is_empty(db):
    assert 'href="/corrections/"' in get("/").text
    assert "No corrections yet." in get().text


@pytest.mark.parametrize("hidden", [{"published_at": None}, {"unpublish_at": timezone.now() - timedelta(minutes=1)}])
def test_corrections_of_what_is_not_public_are_not_there(article, hidden):
    correct(article)
    assert "Tuesday" in get().text
    for name, value in hidden.items():
        setattr(article, name, value)
    article.save()
    assert "Tuesday" not in get().text


def test_a_changed_or_deleted_correction_moves_both_pages(article):
    correction = correct(article)
    get()
    correction.text = "It was Friday."
    correction.save()
    for address in (article.get_absolute_url(), "/corrections/"):
        assert "It was Friday." in get(address).text
    correction.delete()
    for address in (article.get_absolute_url(), "/corrections/"):
        assert "It was Friday." not in get(address).text


def test_a_new_headline_is_in_the_list(article):
    correct(article)
    get()
    article.headline = "Quite another headline"
    article.save()
    assert "Quite another headline" in get().text


def test_the_list_is_paged_and_nothing_is_shown_twice_or_left_out(article):
    now = timezone.now()
    made = [correct(article, f"Number {number}.", at=now - timedelta(hours=number // 2)) for number in range(120)]
    seen, address = [], "/corrections/"
    while address:
        page = get(address).text
        seen += [each.pk for each in made if f'id="correction-{each.pk}"' in page]
        last = page.rpartition('href="?after=')[2].partition('"')[0] if "Earlier corrections" in page else None
        address = f"/corrections/?after={last}" if last else None
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("after", ["x", "0", "-1", "9" * 30, ""])
def test_a_page_that_cannot_be_is_not_found(db, after):
    assert Client().get("/corrections/", {"after": after}).status_code == 404


def test_a_stored_list_costs_two_queries(article):
    correct(article)
    get()
    with CaptureQueriesContext(connection) as queries:
        get()
    assert len(queries) == 2


def test_updated_is_shown_when_the_text_changed_after_publication(article):
    assert "Updated" not in get(article.get_absolute_url()).text
    article.body = "<p>Twice upon a time.</p>"
    article.is_minor_change = True
    article.save()
    assert "Updated" not in get(article.get_absolute_url()).text
    article.body, article.is_minor_change = "<p>Thrice.</p>", False
    article.save()
    assert "Updated <time" in get(article.get_absolute_url()).text


def test_every_article_has_its_own(article):
    correct(make_article(), "Elsewhere.")
    assert "Elsewhere." not in get(article.get_absolute_url()).text
