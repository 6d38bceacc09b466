"""Filters of lists in the admin query only the choices that each list offers."""

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Field
from django.test import Client, RequestFactory
import pytest

from tests.conftest import make_comment

ACROSS = ["author__password__startswith", "staff__password__startswith", "user__password__startswith"]
ACROSS += ["article__bylines__author__name__startswith", "decisions__actor__password__startswith", "actor__username"]
ACROSS += ["subscription__address__startswith", "reports__device", "groups__user__password__startswith"]
ACROSS += ["article__section__articles__headline__startswith", "bylines__author__name", "permissions__user__password"]
OURS = ("articles.", "comments.", "newsite.")


def ours():
    return [each for each in admin.site._registry.values() if type(each).__module__.startswith(OURS)]


def offered(model_admin):
    names = [
        each if isinstance(each, str) else each[0] for each in model_admin.list_filter if not isinstance(each, type)
    ]
    return {name.partition("__")[0] for name in [*names, model_admin.date_hierarchy or ""]}


@pytest.mark.parametrize("model_admin", ours(), ids=str)
def test_no_filter_probes_another_table_or_a_column_that_is_not_offered(db, model_admin):
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root")
    columns = {field.name for field in model_admin.opts.get_fields() if isinstance(field, Field)}
    hidden = [f"{name}{lookup}" for name in columns - offered(model_admin) for lookup in ("", "__startswith", "__gt")]
    for probe in [*ACROSS, *hidden, "pk", "id__in", "password__startswith"]:
        assert not model_admin.lookup_allowed(probe, "a", request), probe


@pytest.mark.parametrize("model", ["comment", "notification", "wordlistentry", "block", "rejectreason"])
@pytest.mark.parametrize("probe", ["staff__password__startswith", "author__password__startswith", "id__gt"])
def test_a_probe_is_refused(editor, article, model, probe):
    make_comment(article)
    client = Client()
    client.force_login(editor)
    assert client.get(f"/admin/comments/{model}/", {probe: "a"}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "comments/comment/?status__exact=2",
        "comments/comment/?article__section__id__exact=1",
        "comments/comment/?created_at__gte=2026-01-01+00:00:00Z&created_at__lt=2026-02-01+00:00:00Z",
        "comments/block/?state=active&kind__exact=name",
        "articles/article/?state=draft&section__id__exact=1&published_at__year=2026",
        "auth/user/?groups__id__exact=1&is_staff__exact=1",
        "auth/group/?q=Edi",
        "admin/logentry/?action_flag__exact=1&user__id__exact=1&content_type__id__exact=1",
    ],
)
def test_what_a_list_offers_is_answered(db, query):
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    assert client.get(f"/admin/{query}").status_code == 200


@pytest.mark.parametrize("query", ["_to_field=password", "_to_field=id__gt", "_popup=1&_to_field=text"])
@pytest.mark.parametrize("model", ["comments/comment", "articles/author", "comments/rejectreason"])
def test_another_form_cannot_ask_for_a_field(editor, article, model, query):
    client = Client()
    client.force_login(editor)
    assert client.get(f"/admin/{model}/?{query}").status_code == 400
