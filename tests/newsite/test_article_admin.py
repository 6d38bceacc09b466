from datetime import timedelta

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
import pytest

from articles.models import Article, Author, SiteSettings
from comments.models import Conversation
from tests.conftest import make_article, make_comment

LIST = "/admin/articles/article/"


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def form(article=None, **fields):
    section = (article or make_article(headline="makes the section", published_at=None)).section
    data = {
        "headline": "Written in the admin",
        "standfirst": "",
        "body": "<p>The text.</p><script>alert(1)</script>",
        "section": section.pk,
        "language": "en",
        "slug": "",
        "published_at_0": "",
        "published_at_1": "",
    }
    if article:
        data["opened"] = article.history.order_by("-history_id")[0].history_id
    for prefix, forms in (("bylines", 0), ("corrections", 0), ("conversation", 0)):
        data |= {f"{prefix}-TOTAL_FORMS": forms, f"{prefix}-INITIAL_FORMS": 0}
    return {**data, **fields}


def test_an_editor_writes_and_publishes(editor):
    author = Author.objects.create(name="Ada Lovelace", slug="ada")
    now = timezone.localtime()
    fields = {
        "published_at_0": f"{now:%Y-%m-%d}",
        "published_at_1": f"{now:%H:%M:%S}",
        "bylines-TOTAL_FORMS": 1,
        "bylines-0-author": author.pk,
        "bylines-0-order": 0,
        "conversation-TOTAL_FORMS": 1,
        "conversation-0-policy": "hold",
    }
    response = logged_in(editor).post(f"{LIST}add/", form(**fields))
    assert response.status_code == 302, response.context["errors"]
    article = Article.objects.get(slug="written-in-the-admin")
    page = Client().get(article.get_absolute_url()).text
    assert "<p>The text.</p>" in page
    assert "alert(1)" not in page
    assert "Ada Lovelace" in page
    assert Conversation.objects.get(article=article).policy == "hold"


def test_a_second_article_of_the_day_with_the_same_slug_is_a_fault_at_the_field(editor):
    make_article(slug="taken", published_at=timezone.now())
    now = timezone.localtime()
    fields = {"slug": "taken", "published_at_0": f"{now:%Y-%m-%d}", "published_at_1": f"{now:%H:%M:%S}"}
    response = logged_in(editor).post(f"{LIST}add/", form(**fields))
    assert response.status_code == 200
    assert "Another article published that day already has this URL." in response.text


@pytest.mark.parametrize("headline", ["\u200b\u2060", "\u3164", "\u202e\u202d", " \u200b "])
def test_a_headline_that_nobody_can_see_is_a_fault_at_the_field(editor, headline):
    response = logged_in(editor).post(f"{LIST}add/", form(headline=headline))
    assert response.status_code == 200
    assert list(response.context["errors"].data[0]) == ["This text is invisible. Please enter a few words."]
    assert "&lt;script&gt;alert(1)" in response.text


def test_a_headline_of_signs_is_one(editor):
    assert logged_in(editor).post(f"{LIST}add/", form(headline="…!")).status_code == 302


def test_a_reporter_writes_a_draft_and_cannot_publish_it(reporter):
    now = timezone.localtime()
    fields = {"published_at_0": f"{now:%Y-%m-%d}", "published_at_1": f"{now:%H:%M:%S}"}
    response = logged_in(reporter).post(f"{LIST}add/", form(**fields))
    assert response.status_code == 302
    assert Article.objects.get(slug="written-in-the-admin").published_at is None


@pytest.mark.parametrize("published_at", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_reporter_cannot_change_what_is_public_or_scheduled(reporter, published_at):
    article = make_article(headline="As it was", published_at=timezone.now() + published_at)
    client = logged_in(reporter)
    assert client.post(f"{LIST}{article.pk}/change/", form(article)).status_code == 403
    assert client.post(f"{LIST}{article.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Article.objects.get(pk=article.pk).headline == "As it was"


def test_staff_preview_a_draft_and_readers_do_not(article, reporter, moderator):
    article.published_at, article.headline = None, "A secret plan"
    article.save()
    address = f"{LIST}{article.pk}/preview/"
    page = logged_in(reporter).get(address)
    assert "A secret plan" in page.text
    assert "no-store" in page["Cache-Control"]
    assert Client().get(address).status_code == 302
    assert logged_in(moderator).get(address).status_code == 404


def test_what_is_not_saved_yet_is_previewed_and_nothing_changes(article, editor, reporter):
    address = f"{LIST}{article.pk}/preview/"
    fields = {**form(article), "headline": "Not yet said", "body": "<p>Not yet <script>x</script>written.</p>"}
    page = logged_in(editor).post(address, fields)
    assert page.status_code == 200
    assert "Not yet said" in page.text
    assert "<p>Not yet written.</p>" in page.text
    assert "no-store" in page["Cache-Control"]
    assert Article.objects.get(pk=article.pk).headline == article.headline
    assert "Not yet said" not in Client().get(article.get_absolute_url()).text
    fault = logged_in(editor).post(address, {**fields, "headline": ""})
    assert (fault.status_code, "Headline: This field is required." in fault.text) == (422, True)
    times = {"published_at_0": "2026-11-02", "published_at_1": "12:00", "unpublish_at_0": "2026-11-01"}
    ends_before_it_begins = logged_in(editor).post(address, {**fields, **times, "unpublish_at_1": "12:00"})
    assert ends_before_it_begins.status_code == 422
    assert logged_in(reporter).post(address, fields).status_code == 403  # it is public: not theirs to change


def test_what_readers_have_seen_or_discussed_is_not_deleted(editor, article):
    draft = make_article(published_at=None)
    client = logged_in(editor)
    assert client.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"}).status_code == 302
    assert client.post(f"{LIST}{article.pk}/delete/", {"post": "yes"}).status_code == 403
    make_comment(article)
    client.post(LIST, {"action": "delete_selected", "_selected_action": [article.pk], "post": "yes"})
    assert Article.objects.filter(pk=article.pk).exists()


def test_changing_the_policy_keeps_the_count(editor, article):
    make_comment(article)
    conversation = Conversation.objects.get()
    fields = {
        "headline": article.headline,
        "published_at_0": f"{article.published_at:%Y-%m-%d}",
        "published_at_1": f"{article.published_at:%H:%M:%S}",
        "slug": article.slug,
        "conversation-TOTAL_FORMS": 1,
        "conversation-INITIAL_FORMS": 1,
        "conversation-0-id": conversation.pk,
        "conversation-0-article": article.pk,
        "conversation-0-policy": "closed",
    }
    assert logged_in(editor).post(f"{LIST}{article.pk}/change/", form(article, **fields)).status_code == 302
    changed = Conversation.objects.get()
    assert (changed.policy, changed.public_count) == ("closed", 1)
    assert changed.version > conversation.version


def test_a_reader_who_comments_while_the_form_is_open_is_in_nobodys_way(editor, article):
    page = logged_in(editor).get(f"{LIST}{article.pk}/change/").text
    conversation = Conversation.objects.get()
    make_comment(article)
    assert f'name="conversation-0-id" value="{conversation.pk}"' in page


def test_an_editor_names_the_paper_and_writes_its_pages(editor):
    client = logged_in(editor)
    fields = {"name": "The Paper", "tagline": "", "house_rules_url": "", "privacy_url": ""}
    fields |= {
        "footer_links-TOTAL_FORMS": 1,
        "footer_links-INITIAL_FORMS": 0,
        "footer_links-0-text": "Imprint",
        "footer_links-0-address": "/imprint/",
        "footer_links-0-order": 0,
    }
    assert client.get("/admin/articles/sitesettings/", follow=True).status_code == 200
    assert client.post("/admin/articles/sitesettings/1/change/", fields).status_code == 302
    assert SiteSettings.objects.get().name == "The Paper"
    page = {"url": "/imprint/", "title": "Imprint", "content": "<p>We</p>", "sites": "1"}
    assert client.post("/admin/flatpages/flatpage/add/", page).status_code == 302
    assert "Imprint</a>" in Client().get("/").text
    assert "<p>We</p>" in Client().get("/imprint/").text


@pytest.mark.parametrize(
    ("group", "can", "cannot"),
    [
        (
            "Moderators",
            {"moderate_comment", "view_comment"},
            {"change_article", "change_sitesettings", "delete_comment"},
        ),
        (
            "Reporters",
            {"add_article", "change_article"},
            {"publish_article", "moderate_comment", "change_sitesettings"},
        ),
        (
            "Editors",
            {"publish_article", "moderate_comment", "change_sitesettings", "change_sitepolicy"},
            {"delete_comment"},
        ),
    ],
)
def test_three_groups_are_there(db, group, can, cannot):
    has = set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))
    assert can <= has
    assert not cannot & has


@pytest.mark.parametrize("who", ["editor", "reporter", "moderator"])
def test_each_page_of_the_admin_opens_or_is_forbidden(request, who, article):
    client = logged_in(request.getfixturevalue(who))
    assert client.get("/admin/").status_code == 200
    for model in ("articles/article", "articles/section", "articles/author", "comments/comment", "flatpages/flatpage"):
        for page in ("", "add/"):
            assert client.get(f"/admin/{model}/{page}").status_code in {200, 403}


@pytest.mark.parametrize("value", ["x", "9" * 30, "\u00b2"])
def test_what_no_id_can_be_is_no_choice_and_the_text_stays(editor, article, value):
    client = logged_in(editor)
    assert client.get(f"{LIST}add/?tags={value}&section={value}&picture={value}").status_code == 200
    assert client.get(f"/admin/articles/frontpageslot/add/?article={value}").status_code == 200
    rows = {"bylines-TOTAL_FORMS": 1, "bylines-INITIAL_FORMS": 0, "bylines-0-author": value}
    sent = {"headline": "Not lost", "tags": [value], "section": value, "lead_image": value, **rows}
    answer = client.post(f"{LIST}{article.pk}/change/", sent)
    assert answer.status_code == 200
    assert "Not lost" in answer.text
    assert {"section", "lead_image"} <= set(answer.context["adminform"].form.errors)


@pytest.mark.parametrize("model", ["articles/article", "articles/section", "articles/author", "flatpages/flatpage"])
def test_a_choice_that_cannot_be_is_a_clear_answer(editor, article, model):
    data = {"action": "delete_selected", "_selected_action": "abc"}
    assert logged_in(editor).post(f"/admin/{model}/", data).status_code in {302, 400}
