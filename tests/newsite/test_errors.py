from django.contrib.flatpages.models import FlatPage
from django.db import OperationalError, ProgrammingError
from django.test import Client
from django.utils import timezone
import pytest

from articles.models import SiteSettings
from newsite.pages import errors, front_page, site_context, views


def test_what_is_not_there_is_said_in_the_sites_look(db):
    SiteSettings(name="The Paper").save()
    response = Client().get("/nothing/here/")
    assert response.status_code == 404
    assert "Page not found" in response.text
    assert "The Paper" in response.text
    assert "newsite.css" in response.text
    assert not response.cookies


def test_what_breaks_is_said_in_the_sites_look_without_a_database(article, monkeypatch):
    def broken(*args):
        raise ProgrammingError("secret words of the database")

    monkeypatch.setattr(front_page, "_load_rows", broken)
    monkeypatch.setattr(site_context, "get_or_build", broken)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert "Something went wrong." in response.text
    assert "secret" not in response.text
    assert "newsite.css" in response.text


def test_not_found_without_a_database_is_still_not_found(db, monkeypatch):
    def broken(*args):
        raise OperationalError

    monkeypatch.setattr(errors, "current_site_context", broken)
    assert Client().get("/a/b/c/d.php").status_code == 404


def test_a_host_that_is_not_ours_is_refused(db):
    assert Client().get("/nothing", headers={"Host": "evil.example"}).status_code == 400


def test_healthz_and_readyz_answer(db):
    assert Client().get("/healthz").text == "ok"
    assert Client().get("/readyz").text == "ok"


def test_readyz_says_when_the_database_does_not_answer(db, monkeypatch):
    def broken():
        raise OperationalError

    monkeypatch.setattr(views, "unapplied_migrations", broken)
    assert Client().get("/readyz").status_code == 503
    assert Client().get("/healthz").status_code == 200


@pytest.mark.parametrize("address", ["/imprint/", "/about/us/"])
def test_a_flat_page_is_shown_cleaned_and_stored(db, address):
    page = FlatPage.objects.create(url=address, title="Who <we> are", content="<p>We</p><script>alert(1)</script>")
    response = Client().get(address)
    assert "<p>We</p>" in response.text
    assert "alert(1)" not in response.text
    assert "Who &lt;we&gt; are" in response.text
    page.content = "<p>Others</p>"
    page.save()
    assert "<p>Others</p>" in Client().get(address).text


def test_caches_keep_for_a_second_that_an_article_was_taken_back(article):
    """Otherwise caches would still have the page, and show it during an outage."""
    article.unpublish_at = timezone.now()
    article.save()
    response = Client().get(article.get_absolute_url())
    assert response.status_code == 404
    assert response["Cache-Control"] == "public, max-age=0, s-maxage=1, stale-if-error=86400"
    assert "Expires" not in response
    assert response["X-Accel-Expires"].startswith("@")


@pytest.mark.parametrize("address", ["yours/", "comments/mine/", "/comments/999/", "/metrics", "/admin/nothing/"])
def test_no_cache_keeps_that_something_is_not_there_which_only_some_may_see(db, address):
    response = Client().get(address if address.startswith("/") else f"/2026/01/02/nothing/{address}", follow=True)
    assert "no-store" in response["Cache-Control"]
