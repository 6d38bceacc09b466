"""Text typed in the admin is cleaned before it is validated; a duplicate after cleaning is an error at the field."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.flatpages.models import FlatPage
from django.contrib.redirects.models import Redirect
from django.core.exceptions import ValidationError
from django.db.models import CharField, TextField
from django.http import QueryDict
from django.test import Client, RequestFactory
import pytest

from articles.models import Author, Section, Tag
from comments.models import Block, WordListEntry
from comments.models.decision import RejectReason
from tests.conftest import make_article

CONTROLS = "\x01\x0b\x1f\x7f\x85\ufffe"
HIDDEN = "\u200b\u2060\ufeff\u202e\u3164"
DISGUISES = [f"{CONTROLS}{{}}", f"{{}}{CONTROLS}", "\u200b{}\ufeff", "\u00a0{}\u3000", " {} "]


@pytest.fixture
def request_of_superuser(db, monkeypatch):
    request = RequestFactory().get("/admin/")
    request.user = User.objects.create_superuser("root", password="x")
    return request


def typed_fields(model):
    """Return the text fields of a model that its form shows, except those with choices."""
    texts = [field for field in model._meta.concrete_fields if isinstance(field, CharField | TextField)]
    return [field for field in texts if field.editable and not field.choices and field.name != "password"]


def forms_of_admin(request):
    """Yield the model and form of all admin forms with a text field."""
    for model, model_admin in admin.site._registry.items():
        if model_admin.has_add_permission(request) or model_admin.has_change_permission(request):
            yield model, model_admin.get_form(request, fields=None)
        for inline in model_admin.inlines:
            yield inline.model, inline(model, admin.site).get_formset(request).form


def test_every_form_of_the_admin_cleans_its_texts_before_it_validates(request_of_superuser):
    checked = set()
    for model, form in forms_of_admin(request_of_superuser):
        names = {field.name for field in typed_fields(model)} & set(form.base_fields)
        for name in names:
            bound = form(QueryDict(urlencode({name: f"{CONTROLS}a{CONTROLS}b{CONTROLS}"})), instance=model())
            bound.full_clean()
            kept = getattr(bound.instance, name)
            assert name in bound.errors or not set(CONTROLS) & set(kept), (form, name, kept)
            checked.add((model._meta.model_name, name))
    assert {("tag", "name"), ("block", "value"), ("flatpage", "title"), ("group", "name")} <= checked
    assert {("footerlink", "text"), ("correction", "text"), ("sitepolicy", "reserved_names")} <= checked
    assert len(checked) >= 30


ROWS = {
    Tag: {"name": "Harbour", "slug": "harbour"},
    Section: {"name": "Town", "slug": "town", "tint": "sea", "order": 0},
    Author: {"name": "Ada", "slug": "ada"},
    Group: {"name": "Interns"},
    User: {"username": "ada"},
    FlatPage: {"url": "/imprint/", "title": "Imprint"},
    Redirect: {"old_path": "/old/", "new_path": "/new/"},
    WordListEntry: {"kind": "word", "value": "viagra", "outcome": "hold"},
    Block: {"kind": "name", "value": "Ada", "outcome": "hold", "reason": "Spam"},
}


def is_unique(field):
    """Return whether the database, or the `clean` of the model, requires unique values."""
    return (
        field.unique
        or (field.model, field.name) in {(WordListEntry, "value"), (Block, "value"), (FlatPage, "url")}
        or (field.model is Redirect and field.name == "old_path")
    )


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_what_equals_another_after_cleaning_is_an_error_at_the_field(request_of_superuser, model, disguise):
    fields = ROWS[model]
    row = model(**fields)
    if model is Redirect:
        row.site_id = 1
    row.full_clean(exclude=["password"])
    row.save()
    if model is FlatPage:
        row.sites.add(1)
    model_admin = admin.site._registry[model]
    client = Client()
    client.force_login(request_of_superuser.user)
    unique = [field.name for field in typed_fields(model) if is_unique(field)]
    assert unique
    for name in unique:
        other = {key: f"other{value}" if isinstance(value, str) else value for key, value in fields.items()}
        other |= {key: fields[key] for key in ("kind", "outcome", "tint") if key in fields}
        other |= {"url": "/other/", "sites": 1, "site": 1, "usable_password": "false"}
        typed = {**other, name: disguise.format(fields[name])}
        answer = client.post(f"/admin/{model._meta.app_label}/{model._meta.model_name}/add/", typed)
        assert answer.status_code == 200, (name, answer)
        errors = answer.context["adminform"].form.errors
        assert name in errors or (model is Redirect and "__all__" in errors)
    assert model_admin.model.objects.filter(**fields).count() == 1


NOT_SEEN = "This text is invisible."


@pytest.mark.parametrize("invisible", ["\u200b", "\u3164", "\u2800\u2800", "\u202e\u202d"])
def test_a_required_text_that_nobody_can_see_is_an_error_at_the_field(request_of_superuser, invisible):
    checked = set()
    for model, form in forms_of_admin(request_of_superuser):
        for field in typed_fields(model):
            if field.blank or field.name not in form.base_fields:
                continue
            bound = form(QueryDict(urlencode({field.name: invisible})), instance=model())
            assert bound.errors.get(field.name), (form, field.name)
            if any(NOT_SEEN in error for error in bound.errors[field.name]):
                checked.add((model._meta.model_name, field.name))
    assert {("tag", "name"), ("section", "name"), ("author", "name"), ("article", "headline")} <= checked
    assert {("rejectreason", "title"), ("footerlink", "text"), ("flatpage", "title"), ("group", "name")} <= checked


def test_every_model_with_a_unique_text_that_people_type_is_tried():
    typed = {model for model in admin.site._registry if any(map(is_unique, typed_fields(model)))}
    assert typed <= {*ROWS}


@pytest.mark.parametrize("model", [Tag, Section])
def test_a_name_that_differs_in_what_cannot_be_seen_is_no_other_name(db, model):
    model.objects.create(**ROWS[model])
    with pytest.raises(ValidationError, match="already exists"):
        model(
            **{**ROWS[model], "slug": "other", "name": f"{ROWS[model]['name'][:2]}{HIDDEN}{ROWS[model]['name'][2:]}"}
        ).full_clean()


def test_joiners_that_a_script_needs_stay_in_a_name(db):
    tag = Tag(name="می‌خواهم", slug="x")
    tag.full_clean()
    assert "\u200c" in tag.name


def test_a_headline_keeps_its_soft_hyphens_and_no_break_spaces(db):
    article = make_article(headline="Donau\u00addampf\u00a0: \u200fקצר\u200f")
    assert article.headline == "Donau\u00addampf\u00a0: \u200fקצר\u200f"


def test_a_sentence_for_readers_is_cleaned_when_it_is_saved_without_a_form(db):
    assert RejectReason.objects.create(title=f"Rude{CONTROLS}", sentence="No.").title == "Rude"
