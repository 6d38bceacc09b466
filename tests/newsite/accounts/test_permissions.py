"""Permissions in the admin, by group. New pages and models must be added here."""

from datetime import timedelta

from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.redirects.models import Redirect
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLResolver, reverse
from django.utils import timezone
import pytest

from articles.models import Article, Author, FrontPageSlot, Section, Tag
from comments.models import Block, Cluster, Decision, Note, Notification, RejectReason, WordListEntry
from comments.statuses import Status
from tests.conftest import make_article, make_comment
from tests.support.images import make_image
from tests.support.notifications import create_subscription

# view, add, change, delete; for Moderators, Reporters, Editors
MODELS = {
    "admin.logentry": ["", "", "v"],
    "articles.article": ["", "vac", "vacd"],
    "articles.author": ["", "v", "vacd"],
    "articles.frontpageslot": ["", "", "vacd"],
    "articles.sitesettings": ["", "", "vc"],
    "articles.image": ["", "vac", "vacd"],
    "articles.section": ["", "v", "vacd"],
    "articles.tag": ["", "va", "vacd"],
    "auth.group": ["", "", ""],
    "auth.user": ["", "", ""],
    "comments.akismetrequest": ["", "", "v"],
    "comments.attack": ["v", "", "v"],
    "comments.block": ["vac", "", "vacd"],
    "comments.comment": ["v", "", "v"],
    "comments.moderation": ["v", "", "v"],
    "comments.moderatoronduty": ["v", "", "v"],
    "comments.backgroundjob": ["v", "", "v"],
    "comments.scoringmodel": ["v", "", "vd"],
    "comments.notification": ["", "", "v"],
    "comments.wordlistentry": ["v", "", "vacd"],
    "comments.statistics": ["v", "", "v"],
    "comments.rejectreason": ["v", "", "vacd"],
    "comments.sitepolicy": ["", "", "vc"],
    "django_tasks_database.dbtaskresult": ["", "", ""],
    "flatpages.flatpage": ["", "", "vacd"],
    "redirects.redirect": ["", "", "vacd"],
}
ACTIONS = {  # beside "delete_selected", which goes with "d"
    "comments.comment": {"approve", "reject", "spam", "hold", "pick", "unpick"},
    "comments.notification": {"retry"},
    "comments.akismetrequest": {"retry_request"},
    "auth.user": {"reset_two_factor"},
}
OWN_PAGES = {  # and who is answered; what is sent is a POST
    "articles_article_discard": ("/admin/articles/article/{article}/discard/", {"reporter", "editor"}),
    "articles_article_discard_new": ("/admin/articles/article/discard/", {"reporter", "editor"}),
    "articles_article_keep": ("/admin/articles/article/{article}/keep/", {"reporter", "editor"}),
    "articles_article_keep_new": ("/admin/articles/article/keep/", {"reporter", "editor"}),
    "articles_article_links": ("/admin/articles/article/{article}/links/", {"reporter", "editor"}),
    "articles_article_preview": ("/admin/articles/article/{article}/preview/", {"reporter", "editor"}),
    "articles_article_revision": ("/admin/articles/article/{article}/history/{version}/", {"reporter", "editor"}),
    "articles_image_progress": ("/admin/articles/image/{picture}/progress/", {"reporter", "editor"}),
    "articles_image_thumbnail": ("/admin/articles/image/{picture}/thumbnail/", {"reporter", "editor"}),
    "comments_moderation_all": (
        "/admin/comments/moderation/all/?queue=pending&action=approve",
        {"moderator", "editor"},
    ),
    "comments_moderation_many": ("/admin/comments/moderation/many/?queue=pending", {"moderator", "editor"}),
    "comments_moderation_note": ("/admin/comments/moderation/note/", {"moderator", "editor"}),
    "comments_moderation_cluster": ("/admin/comments/moderation/cluster/{cluster}/", {"moderator", "editor"}),
    "comments_moderation_redact": (
        "/admin/comments/moderation/redact/?comment={comment}",
        {"moderator", "editor"},
    ),
    "comments_scoringmodel_train": ("/admin/comments/scoringmodel/learn/", {"editor"}),
    "comments_wordlistentry_add_many": ("/admin/comments/wordlistentry/add/many/", {"editor"}),
    "comments_statistics_rules": ("/admin/comments/statistics/rules/", {"moderator", "editor"}),
    "comments_statistics_sheet": ("/admin/comments/statistics/days.csv", {"moderator", "editor"}),
    "may_send_image": ("/admin/may-send/image/", {"reporter", "editor"}),
}
SENT = {"comments_moderation_many", "comments_moderation_note", "comments_scoringmodel_train"}
SENT |= {f"articles_article_{what}" for what in ("discard", "discard_new", "keep", "keep_new")}
FOR_ALL: set[str | None] = {
    "index",
    "login",
    "logout",
    "may_send",
    "code",
    "two_factor",
    "password_change",
    "password_change_done",
}
FOR_ALL |= {"autocomplete", "jsi18n", "app_list", None}
NAMES = ["moderator", "reporter", "editor"]
DJANGOS = ("_changelist", "_add", "_history", "_delete", "_change", "_password_change")


@pytest.fixture(params=NAMES)
def who(request):
    return request.param


@pytest.fixture
def client(request, db, who):
    client = Client()
    client.force_login(request.getfixturevalue(who))
    return client


@pytest.fixture
def rows(article):
    """Create one row of each model, which a user with the permission could delete."""
    comment = make_comment(article, status=Status.PENDING)
    return {
        "articles.article": make_article(published_at=None, first_published_at=None),
        "articles.author": Author.objects.create(name="Ada", slug="ada"),
        "articles.image": make_image(),
        "articles.frontpageslot": FrontPageSlot.objects.create(article=article),
        "articles.section": Section.objects.create(name="Empty", slug="empty"),
        "articles.tag": Tag.objects.create(name="Ferries", slug="ferries"),
        "auth.user": User.objects.create_user("somebody"),
        "comments.block": Block.objects.create(kind="name", value="Bob", key="bob", reason="x"),
        "comments.comment": comment,
        "comments.notification": Notification.objects.create(
            kind="confirm", subscription=create_subscription("adas"), state="failed"
        ),
        "comments.wordlistentry": WordListEntry.objects.create(kind="word", value="cialis", outcome="hold"),
        "comments.rejectreason": RejectReason.objects.first(),
        "redirects.redirect": Redirect.objects.create(site_id=1, old_path="/old/", new_path="/"),
    }


def label(model):
    return f"{model._meta.app_label}.{model._meta.model_name}"


def names(patterns):
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from names(each.url_patterns)
        else:
            yield each.name


def test_everything_that_the_admin_has_is_in_these_tables():
    assert {label(model) for model in admin.site._registry} == set(MODELS)
    own = {name for name in names(admin.site.get_urls()) if name in FOR_ALL or not name.endswith(DJANGOS)}
    assert own == FOR_ALL | set(OWN_PAGES)


def test_each_page_of_each_model_is_for_those_in_the_table(client, who, rows):
    for model, groups in MODELS.items():
        may, root = groups[NAMES.index(who)], f"/admin/{model.replace('.', '/')}/"
        row = rows.get(model)
        asked = {"v": [root], "a": [f"{root}add/"]}
        if row:
            asked["v"] += [f"{root}{row.pk}/change/", f"{root}{row.pk}/history/"]
            asked["d"] = [f"{root}{row.pk}/delete/"]
        for permission, addresses in asked.items():
            for address in addresses:
                status = client.get(address).status_code
                if permission in may:
                    assert status in {200, 302}, address
                else:
                    assert status in {403, 404}, address


def test_each_post_changes_what_it_may_and_nothing_else(client, who, rows):
    for model, row in rows.items():
        may, root = MODELS[model][NAMES.index(who)], f"/admin/{model.replace('.', '/')}/"
        before = type(row).objects.filter(pk=row.pk).values().get()
        for address in (f"{root}{row.pk}/change/", root):
            if "c" not in may and not (model == "comments.comment" and "v" in may):
                client.post(address, {"name": "forged", "title": "forged", "headline": "forged", "action": "approve"})
        assert type(row).objects.filter(pk=row.pk).values().get() == before, model
        selected = {"_selected_action": [row.pk], "post": "yes"}
        client.post(root, {"action": "delete_selected", **selected})
        if "d" not in may:
            client.post(f"{root}{row.pk}/delete/", {"post": "yes"})
        assert type(row).objects.filter(pk=row.pk).exists() == ("d" not in may), model


def test_each_action_is_for_those_who_may(client, who, rows):
    for model, actions in ACTIONS.items():
        model_admin = next(each for each in admin.site._registry.values() if label(each.model) == model)
        assert {name for _action, name, _text in model_admin._get_base_actions()} - {"delete_selected"} == actions
        may = "v" in MODELS[model][NAMES.index(who)]
        selected = {"_selected_action": [rows[model].pk if model in rows else 1]}
        for action in actions:
            answer = client.post(f"/admin/{model.replace('.', '/')}/", {"action": action, **selected})
            assert answer.status_code == (302 if may else 403), action
    assert Decision.objects.exclude(from_status=None).exists() == (who != "reporter")
    assert Notification.objects.exclude(state="failed").exists() == (who == "editor")


def test_our_own_pages_are_for_those_in_the_table(client, who, rows):
    comment, draft = rows["comments.comment"], rows["articles.article"]
    picture, cluster = rows["articles.image"], Cluster.objects.create()
    for name, (template, allowed) in OWN_PAGES.items():
        ids = {"article": draft.pk, "version": draft.history.get().pk, "comment": comment.pk, "cluster": cluster.pk}
        address = template.format(picture=picture.pk, **ids)
        if name in SENT:
            may_be = {302, 403, 405} if who in allowed else {403, 405}
            assert client.get(address).status_code in may_be, address
        answer = client.post(address, {"comment": comment.pk, "note": "x"}) if name in SENT else client.get(address)
        assert answer.status_code in ({200, 204, 302} if who in allowed else {403, 404}), address
    assert Note.objects.exists() == (who in OWN_PAGES["comments_moderation_note"][1])


def autocomplete(client, **query):
    return client.get("/admin/autocomplete/", {"term": "", **query})


SOURCES = [  # the form's field, and who may search what it refers to
    (("articles", "byline", "author"), {"reporter", "editor"}),
    (("articles", "article", "tags"), {"reporter", "editor"}),
    (("articles", "article", "lead_image"), {"reporter", "editor"}),
    (("articles", "article", "section"), set()),  # which has no search
    (("comments", "comment", "article"), {"reporter", "editor"}),
    (("articles", "frontpageslot", "article"), {"reporter", "editor"}),
    (("comments", "comment", "staff"), set()),
    (("comments", "decision", "actor"), set()),
    (("comments", "letter", "subscription"), set()),
    (("admin", "logentry", "user"), set()),
    (("auth", "user", "groups"), set()),
    (("comments", "comment", "text"), set()),
    (("sessions", "session", "session_key"), set()),
    (("no", "such", "thing"), set()),
]


def test_autocomplete_is_for_those_who_may_see_what_it_finds(client, who, rows):
    for source, allowed in SOURCES:
        query = dict(zip(("app_label", "model_name", "field_name"), source, strict=True))
        answer = autocomplete(client, **query)
        assert answer.status_code == 200 if who in allowed else answer.status_code in {403, 404}, source
        assert ("results" in answer.text) == (who in allowed)


def test_autocomplete_asked_for_what_cannot_be_is_a_clear_answer(client):
    authors = {"app_label": "articles", "model_name": "byline", "field_name": "author"}
    for query in ({}, {"app_label": "articles"}, {**authors, "page": "x"}, {**authors, "page": "9" * 30}):
        assert autocomplete(client, **query).status_code in {403, 404}
    assert autocomplete(client, **authors, term="%' OR 1=1--").status_code in {200, 403}


def test_nobody_learns_the_address_of_what_is_not_public(client):
    """Django's `/admin/r/` would reveal it to all staff, whatever their permissions."""
    scheduled = make_article(slug="a-secret", published_at=timezone.now() + timedelta(days=1))
    assert client.get(f"/admin/r/{content_type(Article)}/{scheduled.pk}/").status_code == 404
    assert client.get(f"/admin/r/{content_type(Session)}/1/").status_code == 404


def content_type(model):
    return ContentType.objects.get_for_model(model).pk


def test_the_menu_names_what_one_may_see_and_nothing_else(client, who):
    page = client.get("/admin/").text
    for model, groups in MODELS.items():
        address = reverse(f"admin:{model.replace('.', '_')}_changelist")
        assert (f'href="{address}"' in page) == bool(groups[NAMES.index(who)]), model
