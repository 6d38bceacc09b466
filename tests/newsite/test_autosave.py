"""Autosave: unsaved text is stored for its author alone. Edit lock: other editors see who has the article open."""

from datetime import timedelta

from django.http import QueryDict
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from articles.editing import AUTOSAVE_RETENTION, EDIT_LOCK_DURATION, save_autosave
from articles.models import Article, Autosave, EditLock
from newsite.worker.worker import run_periodic_jobs
from tests.conftest import make_article, make_user
from tests.newsite.test_article_admin import LIST, form, logged_in


@pytest.fixture
def draft(db):
    return make_article(headline="As it was", published_at=None)


@pytest.fixture
def colleague(db):
    return make_user("colleague", "Reporters")


def keep(client, article=None, **fields):
    return client.post(f"{LIST}{article.pk}/keep/" if article else f"{LIST}keep/", fields)


def test_what_is_typed_is_kept_and_the_article_is_not_touched(draft, reporter):
    client = logged_in(reporter)
    answer = keep(client, draft, **form(draft, headline="Half a sent"))
    assert answer.json()["kept"].startswith("Draft saved at ")
    assert Article.objects.get(pk=draft.pk).headline == "As it was"
    page = client.get(f"{LIST}{draft.pk}/change/").text
    assert "You have unsaved changes" in page
    assert "Half a sent" not in page
    assert ">\nHalf a sent</textarea>" in client.get(f"{LIST}{draft.pk}/change/?draft=1").text


def test_the_latest_counts(draft, reporter):
    for headline in ("One", "Two"):
        keep(logged_in(reporter), draft, **form(draft, headline=headline))
    assert Autosave.objects.get().fields[0] == ["headline", ["Two"]]


def test_a_new_article_is_kept_too_with_its_bylines(reporter, draft):
    client = logged_in(reporter)
    fields = {"bylines-TOTAL_FORMS": 2, "bylines-0-order": 7, "bylines-1-order": 8}
    keep(client, **form(draft, headline="Brand new", **fields))
    assert "You have unsaved changes" in client.get(f"{LIST}add/").text
    page = client.get(f"{LIST}add/?draft={Autosave.objects.get().pk}").text
    assert "Brand new" in page
    assert 'name="bylines-1-order" value="8"' in page
    assert client.post(f"{LIST}add/", form(draft, headline="Brand new")).status_code == 302
    assert not Autosave.objects.exists()
    assert "You have unsaved changes" not in client.get(f"{LIST}add/").text


def test_two_new_articles_are_kept_apart_and_each_is_offered(reporter, draft):
    client, keys = logged_in(reporter), []
    for headline in ("The flood", "The fair"):
        keys.append(client.get(f"{LIST}add/").context["adminform"].form["key"].value())
        for text in ("Half", "Half a sentence"):
            keep(client, **form(draft, headline=headline, standfirst=text, key=keys[-1]))
    page = client.get(f"{LIST}add/").text
    flood, fair = (Autosave.objects.get(key=key) for key in keys)
    assert page.index("The fair</bdi>") < page.index("The flood</bdi>")
    shown = client.get(f"{LIST}add/?draft={flood.pk}")
    assert ">\nThe flood</textarea>" in shown.text
    assert shown.context["adminform"].form["key"].value() == keys[0]
    assert client.post(f"{LIST}add/?draft={flood.pk}", form(draft, key=keys[0])).status_code == 302
    assert Autosave.objects.get() == fair
    client.post(f"{LIST}discard/", {"draft": flood.pk})
    assert Autosave.objects.get() == fair
    client.post(f"{LIST}discard/", {"draft": fair.pk})
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("key", ["x", "\0", "9" * 300, "g" * 36])
def test_a_key_that_cannot_be_is_none(reporter, draft, key):
    assert keep(logged_in(reporter), **form(draft, key=key)).status_code == 200
    assert Autosave.objects.get().key == ""


@pytest.mark.parametrize("asked", ["x", "", "0", "9" * 30])
def test_a_draft_that_is_not_there_is_an_empty_form(reporter, draft, asked):
    keep(logged_in(reporter), **form(draft, headline="Brand new"))
    page = logged_in(reporter).get(f"{LIST}add/?draft={asked}")
    assert page.status_code == 200
    assert ">\nBrand new</textarea>" not in page.text
    logged_in(reporter).post(f"{LIST}discard/", {"draft": asked})
    assert Autosave.objects.count() == 1


def test_nobody_else_sees_it(draft, reporter, editor):
    keep(logged_in(reporter), draft, **form(draft, headline="Half a sent"))
    keep(logged_in(reporter), **form(draft, headline="Half a sent"))
    addresses = [f"{LIST}{draft.pk}/change/", f"{LIST}{draft.pk}/change/?draft=1", f"{LIST}add/"]
    for address in [*addresses, *(f"{LIST}add/?draft={each.pk}" for each in Autosave.objects.all())]:
        page = logged_in(editor).get(address).text
        assert "Half a sent" not in page
        assert "You have unsaved changes" not in page


def test_it_is_forgotten_when_it_is_saved_or_discarded(draft, reporter):
    client = logged_in(reporter)
    keep(client, draft, **form(draft))
    assert client.post(f"{LIST}{draft.pk}/change/", form(draft)).status_code == 302
    assert not Autosave.objects.exists()
    keep(client, draft, **form(draft))
    assert client.post(f"{LIST}{draft.pk}/discard/")["Location"] == f"{LIST}{draft.pk}/change/"
    assert not Autosave.objects.exists()


def test_what_a_colleague_saved_meanwhile_is_shown_with_it(draft, reporter, colleague):
    keep(logged_in(reporter), draft, **form(draft, headline="Mine"))
    logged_in(colleague).post(f"{LIST}{draft.pk}/change/", form(draft, headline="Theirs"))
    page = logged_in(reporter).get(f"{LIST}{draft.pk}/change/?draft=1").text
    assert ">\nMine</textarea>" in page
    assert "<ins>Theirs</ins>" in page


def test_nothing_is_kept_of_what_one_may_not_change(article, reporter, moderator):
    assert keep(logged_in(reporter), article, headline="x").status_code == 403
    assert keep(logged_in(moderator), article, headline="x").status_code in {403, 404}
    assert keep(logged_in(moderator), headline="x").status_code == 403
    assert keep(Client(), headline="x").status_code == 302
    assert logged_in(reporter).post(f"{LIST}999999/keep/").status_code == 404
    assert not Autosave.objects.exists()


def test_keeping_needs_the_forms_token(draft, reporter):
    client = Client(enforce_csrf_checks=True)
    client.force_login(reporter)
    assert keep(client, draft, headline="x").status_code == 403
    assert not Autosave.objects.exists()


def test_what_cannot_be_a_form_is_shown_as_a_form_all_the_same(draft, reporter):
    keep(logged_in(reporter), draft, section="x", **{"bylines-TOTAL_FORMS": "many"})
    assert logged_in(reporter).get(f"{LIST}{draft.pk}/change/?draft=1").status_code == 200


def test_a_colleague_who_has_it_open_is_named(draft, reporter, colleague):
    assert "is editing this article too" not in logged_in(reporter).get(f"{LIST}{draft.pk}/change/").text
    page = logged_in(colleague).get(f"{LIST}{draft.pk}/change/").text
    assert "reporter is editing this article too" in page
    assert (
        keep(logged_in(colleague), draft, open="1").json()["warning"].startswith("reporter is editing this article too")
    )
    assert keep(logged_in(reporter), draft, open="1").json() == {"kept": "", "warning": ""}
    assert not Autosave.objects.exists()


def test_the_hold_lapses_by_itself_and_is_renewed_by_an_open_page(draft, reporter, colleague):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        logged_in(reporter).get(f"{LIST}{draft.pk}/change/")
    with time_machine.travel(now + EDIT_LOCK_DURATION - timedelta(seconds=1), tick=False):
        keep(logged_in(reporter), draft, open="1")
    with time_machine.travel(now + 2 * EDIT_LOCK_DURATION - timedelta(seconds=2), tick=False):
        assert keep(logged_in(colleague), draft, open="1").json()["warning"]
    with time_machine.travel(now + 2 * EDIT_LOCK_DURATION, tick=False):
        assert not keep(logged_in(colleague), draft, open="1").json()["warning"]
        assert keep(logged_in(reporter), draft, open="1").json()["warning"]
    assert EditLock.objects.get().actor == colleague


def test_who_saves_and_leaves_has_it_open_no_more(draft, reporter, colleague):
    logged_in(reporter).get(f"{LIST}{draft.pk}/change/")
    logged_in(reporter).post(f"{LIST}{draft.pk}/change/", form(draft))
    assert "is editing this article too" not in logged_in(colleague).get(f"{LIST}{draft.pk}/change/").text


def test_who_may_only_read_holds_nothing(article, reporter):
    logged_in(reporter).get(f"{LIST}{article.pk}/change/")
    assert not EditLock.objects.exists()


def test_what_nobody_goes_on_with_is_forgotten_after_ninety_days(draft, reporter):
    now = timezone.now()
    with time_machine.travel(now - AUTOSAVE_RETENTION - timedelta(seconds=1)):
        save_autosave(reporter, None, QueryDict("headline=Old"))
    with time_machine.travel(now - AUTOSAVE_RETENTION + timedelta(minutes=1)):
        save_autosave(reporter, draft.pk, QueryDict("headline=Young"))
    run_periodic_jobs()
    assert [kept.article for kept in Autosave.objects.all()] == [draft]
