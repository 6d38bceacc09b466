"""Models of one row work the same without their row as with a row of defaults."""

import ast
from pathlib import Path
import re

from django.apps import apps
from django.core.cache import caches
from django.db.models import Q
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from articles.models import SiteSettings
from articles.models.singleton import SINGLETON_PK, Singleton
from comments.classifier.scores import Scores
from comments.filters import word_list as listing
from comments.identity import Reader
from comments.models import Comment, SitePolicy, TrainingState, UsualRate, WordListEntry, WordListVersion
from comments.models.conversation import DEFAULT_RESERVED_NAMES
from comments.queue.detail import CommentDetail, with_detail
from comments.scoring.schedule import is_due
from comments.scoring.thresholds import over_thresholds
from comments.submission.attack_mode import queries, read_activity
from comments.submission.reserved_names import classify_name, display_name
from comments.text.impersonation import NameClaim
from newsite.pages.article import get_published
from tests.conftest import make_article, make_comment, send, trusted_client

HERE = Path(__file__).resolve().parents[2]
CODE = [path for app in ("articles", "comments", "newsite") for path in (HERE / app).rglob("*.py")]
MAY_ASK_THE_TABLE = {  # and why
    "articles/models/singleton.py": "the way in for all others",
    "articles/models/site_settings.py": "moves the version",
    "comments/models/conversation.py": "asked together with other queries",
    "comments/models/word_list.py": "asked together with other queries, moves the version",
    "comments/submission/attack_mode.py": "asked together with other queries; without the row the lowest limits hold",
    "comments/scoring/schedule.py": "takes and gives back the lease",
    "comments/submission/reserved_names.py": "one part of a union, with the defaults beside it",
    "comments/submission/usual_rate.py": "writes what it has measured",
    "newsite/demo/loader.py": "asks whether the site was ever set up",
}


def page(client, address):
    return client.get(address).text


def names_on_the_list(article, editor):
    trusted = trusted_client(make_article(published_at=article.published_at))
    answers = [send(trusted, article, name=name).status_code for name in ("Moderator", "The editors", "Ada")]
    return {
        "refused": [name for name in DEFAULT_RESERVED_NAMES.splitlines() if classify_name(name) == NameClaim.RESERVED],
        "answers": answers,
        "texts": list(Comment.objects.filter(article=article).values_list("name", "status")),
    }


def what_becomes_of_comments(article, editor):
    shown = get_published(article.published_at.date(), article.slug)
    waiting = make_comment(make_article(published_at=article.published_at), name="Ada", text="Where?")
    focus = CommentDetail.of(with_detail(Comment.objects.all()).get(pk=waiting.pk), editor)
    return shown.policy, shown.expiry, focus.policy, over_thresholds("Buy!", Scores(0.99, 0.99), SitePolicy.current())


def settings_as_editors_see_them(article, editor):
    client = Client()
    client.force_login(editor)
    pages = [
        page(client, f"/admin/{model}/{SINGLETON_PK}/change/")
        for model in ("comments/sitepolicy", "articles/sitesettings")
    ]
    return [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text) for text in pages]


def pages_with_the_name_of_the_site(article, editor):
    client = Client()
    addresses = ["/", article.get_absolute_url(), "/feed/", "/comments/feed/", "/news-sitemap.xml", "/corrections/"]
    return [page(client, address) for address in addresses], display_name(editor)


def words_that_are_listed(article, editor):
    if not WordListEntry.objects.exists():
        WordListEntry.objects.create(value="viagra")
        WordListVersion.objects.all().delete()  # as if the entries had come without it
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "_loaded", listing._EMPTY)  # of another database
        version = WordListVersion.of(WordListVersion.bind_query().rows())
        hits = listing.match_word_list("viagra", "Ada", [], version=version)
    assert hits
    return [hit.moderator_message for hit in hits], version, WordListVersion.current().version


def what_is_learnt(article, editor):
    client = Client()
    client.force_login(editor)
    return is_due(), re.sub(r'value="\w{64}"', "", page(client, "/admin/comments/scoringmodel/"))


def limits_of_new_devices(article, editor):
    asked = queries(timezone.now())
    answers = {name: each.rows() for name, each in asked.items()}
    found = read_activity(answers, Reader(device=None, network="n"), article.pk, SitePolicy.current())
    return found.site_limit, found.article_limit


BEHAVIOUR = {
    SitePolicy: [names_on_the_list, what_becomes_of_comments, settings_as_editors_see_them],
    SiteSettings: [pages_with_the_name_of_the_site, settings_as_editors_see_them],
    WordListVersion: [words_that_are_listed],
    TrainingState: [what_is_learnt],
    UsualRate: [limits_of_new_devices],
}


def one_row_models():
    """Find them by the constraint, since a model may forget the base."""
    return {
        model
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if getattr(constraint, "condition", None) == Q(pk=SINGLETON_PK)
    }


def test_each_model_of_one_row_has_the_base_and_its_behaviour_here():
    assert one_row_models() == {model for model in apps.get_models() if issubclass(model, Singleton)}
    assert one_row_models() == BEHAVIOUR.keys()


@pytest.mark.parametrize(
    ("model", "behaviour"),
    [
        pytest.param(model, each, id=f"{model.__name__}-{each.__name__}")
        for model in BEHAVIOUR
        for each in BEHAVIOUR[model]
    ],
)
def test_what_it_does_without_the_row_is_what_it_does_with_a_row_of_defaults(article, editor, model, behaviour):
    with time_machine.travel(article.published_at, tick=False):
        model.objects.all().delete()
        without = behaviour(article, editor)
        Comment.objects.filter(article=article).delete()
        for cache in caches.all(initialized_only=True):
            cache.clear()
        model.objects.bulk_create([model.defaults()])
        assert behaviour(article, editor) == without


def test_reserved_names_are_kept_on_a_new_site(article):
    assert not SitePolicy.objects.exists()
    for name in ("Moderator", "The editors", "Admin"):
        response = send(trusted_client(make_article()), article, name=name)
        assert response.status_code == 422
        assert "That name is reserved for our staff." in response.text
    assert not Comment.objects.filter(article=article).exists()


def test_a_list_of_reserved_names_that_editors_emptied_stays_empty(article):
    SitePolicy.objects.create(pk=SINGLETON_PK, reserved_names="")
    assert send(trusted_client(make_article()), article, name="Moderator").status_code == 303


@pytest.mark.parametrize("field", ["policy", "closes_after", "reserved_names"])
def test_in_another_query_too_the_default_stands_for_the_row(article, field):
    value = type(article).objects.values_list(SitePolicy.value(field))
    assert value.get()[0] == getattr(SitePolicy.defaults(), field)
    SitePolicy.objects.create(pk=SINGLETON_PK, policy="hold", closes_after=3, reserved_names="Desk")
    assert value.get()[0] == getattr(SitePolicy.current(), field)
    assert value.get()[0] in {"hold", 3, "Desk"}


def test_no_code_asks_such_a_table_past_its_defaults():
    names = {model.__name__ for model in one_row_models()}
    found = {
        str(path.relative_to(HERE))
        for path in CODE
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
        if isinstance(node.value, ast.Name)
        and node.value.id in {*names, "cls"}
        and _is_about(path, names, node.value.id)
    }
    assert found <= MAY_ASK_THE_TABLE.keys()


def _is_about(path, names, name):
    """Return whether the name is one of these models; `cls` counts only in a module that defines one."""
    return name != "cls" or any(f"class {each}(" in path.read_text() for each in names)
