"""Text that is far too long is refused before it is cleaned."""

from django.test import Client
import pytest

from comments import fields, forms
from comments.notifications.forms import SubscriptionForm
from tests.conftest import send

HUGE = 480_000
TOO_LONG = {
    "comment": "Your comment is 480000 characters long; the limit is 5000.",
    "note": "Notes can have up to 500 characters.",
    "name": "Names can have up to 60 characters.",
    "address": "That address is too long.",
}
FORMS = {
    "comment": (forms.EditForm, 5_000),
    "note": (forms.ReportForm, 500),
    "name": (forms.CommentForm, 60),
    "address": (SubscriptionForm, 254),
}


@pytest.fixture(params=FORMS)
def name(request):
    return request.param


@pytest.fixture
def cleaned(monkeypatch, name):
    """Return the lengths of the cleaned texts."""
    lengths = []
    field = FORMS[name][0].base_fields[name]
    clean = field.clean_typed
    monkeypatch.setattr(field, "clean_typed", lambda raw: lengths.append(len(raw)) or clean(raw))
    return lengths


@pytest.mark.parametrize("unit", ["a", "\n", "\u200b", "a\u0301\u0301"])
def test_what_is_far_too_long_is_not_cleaned(name, cleaned, unit):
    form = FORMS[name][0]({name: (unit * HUGE)[:HUGE]})
    assert form.errors[name] == [TOO_LONG[name]]
    assert cleaned == []


@pytest.mark.django_db
def test_what_may_still_fit_is_cleaned_first(name, cleaned):
    form_class, limit = FORMS[name]
    form = form_class({name: f"{' ' * (fields.MAX_RAW - 1) * limit}a@example.org"})
    assert name not in form.errors
    assert cleaned == [(fields.MAX_RAW - 1) * limit + len("a@example.org")]


def test_of_a_line_that_is_far_too_long_the_beginning_is_shown_again(article):
    response = send(Client(), article, name="b" * HUGE, comment="c" * 65_536)
    assert response.status_code == 422
    assert "Names can have up to 60 characters." in response.text
    assert "b" * 200 in response.text
    assert "b" * 1_000 not in response.text
    assert "c" * 65_536 in response.text
