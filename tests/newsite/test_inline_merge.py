"""Bylines, corrections and the conversation in the article form, also while two editors have it open."""

import pytest

from articles.history import revisions
from articles.models import Author, Byline, Correction, Revision
from comments.models import Conversation
from tests.conftest import make_article, make_user
from tests.newsite.test_article_admin import LIST, logged_in


@pytest.fixture
def colleague(db):
    return make_user("colleague", "Editors")


def make_authors(*names):
    return [Author.objects.create(name=name, slug=name.lower()) for name in names]


def by(article, *authors):
    for order, author in enumerate(authors):
        Byline.objects.create(article=article, author=author, order=order)
    revisions.record(article, actor=None)


def names(article):
    return [each.author.name for each in article.bylines.all()]


def sent(answer):
    """Return the fields that a browser would send of this unchanged form."""
    shown = answer.context["adminform"].form
    formsets = [each.formset for each in answer.context["inline_admin_formsets"]]
    forms = [shown, *(form for each in formsets for form in [each.management_form, *each.forms])]
    data = {}
    for field in (field for form in forms for field in form):
        value, widget = field.value(), field.field.widget
        parts = widget.decompress(value) if hasattr(widget, "decompress") and not isinstance(value, list) else None
        for number, part in enumerate(parts or []):
            data[f"{field.html_name}_{number}"] = "" if part is None else part
        if parts is None and value is not None and value is not False:
            data[field.html_name] = value
        if field.field.show_hidden_initial:
            data[field.html_initial_name] = form_initial(field)
    return data


def form_initial(field):
    was = field.form.data.get(field.html_initial_name, field.value()) if field.form.is_bound else field.value()
    return "" if was is None else was


def opened(user, article):
    return sent(logged_in(user).get(f"{LIST}{article.pk}/change/"))


def save(user, article, data):
    return logged_in(user).post(f"{LIST}{article.pk}/change/", data)


@pytest.mark.parametrize(
    ("change", "then"),
    [
        ({"bylines-0-author": 1, "bylines-1-author": 0}, ["Bob", "Ada"]),
        ({"bylines-0-author": 1, "bylines-1-DELETE": "on"}, ["Bob"]),
        ({"bylines-0-order": 5}, ["Bob", "Ada"]),
        ({"bylines-0-DELETE": "on", "bylines-1-DELETE": "on"}, []),
        ({"bylines-0-DELETE": "on", "bylines-2-author": 0, "bylines-2-order": 7}, ["Bob", "Ada"]),
    ],
)
def test_authors_change_places(article, editor, change, then):
    authors = make_authors("Ada", "Bob")
    by(article, *authors)
    before = article.bylines.model.objects.in_bulk(field_name="id")
    data = opened(editor, article)
    data |= {name: authors[value].pk if name.endswith("author") else value for name, value in change.items()}
    assert save(editor, article, data).status_code == 302
    assert names(article) == then
    assert {each.author.name: each.pk for each in article.bylines.all()}.items() <= {
        (each.author.name, each.pk) for each in before.values()
    }
    assert [name for _pk, name in revisions.latest(article.pk).byline_snapshot] == then


def test_an_author_who_stands_there_twice_is_a_fault_at_the_row(article, editor):
    [ada] = make_authors("Ada")
    by(article, ada)
    data = {**opened(editor, article), "bylines-1-author": ada.pk, "bylines-1-order": 1}
    answer = save(editor, article, data)
    assert answer.status_code == 200
    assert "This author is listed twice." in answer.text
    assert names(article) == ["Ada"]


def test_two_editors_add_the_same_author(article, editor, colleague):
    [ada] = make_authors("Ada")
    mine, theirs = ({**opened(who, article), "bylines-0-author": ada.pk} for who in (editor, colleague))
    assert save(colleague, article, theirs).status_code == 302
    answer = save(editor, article, mine)
    assert "saved a newer version" in answer.text
    assert save(editor, article, sent(answer)).status_code == 302
    assert names(article) == ["Ada"]


def test_a_byline_that_is_gone_meanwhile_stops_nobody(article, editor, colleague):
    by(article, *make_authors("Ada", "Bob"))
    mine, theirs = opened(editor, article), opened(colleague, article)
    assert save(colleague, article, {**theirs, "bylines-0-DELETE": "on"}).status_code == 302
    answer = save(editor, article, {**mine, "standfirst": "Mine."})
    assert "saved a newer version" in answer.text
    assert save(editor, article, sent(answer)).status_code == 302
    assert names(article) == ["Ada", "Bob"]


def test_a_version_that_is_brought_back_keeps_the_rows_of_authors_who_stay(article, editor):
    by(article, *make_authors("Ada", "Bob"))
    rows = list(article.bylines.values_list("pk", flat=True))
    logged_in(editor).post(f"{LIST}{article.pk}/history/{revisions.latest(article.pk).history_id}/")
    assert list(article.bylines.values_list("pk", flat=True)) == rows
    assert Revision.objects.filter(id=article.pk).latest("history_id").byline_snapshot[0][1] == "Ada"


def corrected(article, text="It was Tuesday."):
    return Correction.objects.create(article=article, text=text)


def text_of(correction):
    correction.refresh_from_db()
    return correction.text


def test_a_colleagues_correction_stays_where_one_did_not_touch_it(article, editor, colleague):
    correction = corrected(article, "It was\nTuesday.")
    mine, theirs = opened(editor, article), opened(colleague, article)
    assert save(colleague, article, {**theirs, "corrections-0-text": "It was Friday."}).status_code == 302
    assert save(editor, article, {**mine, "standfirst": "Mine."}).status_code == 302
    assert text_of(correction) == "It was Friday."


def test_one_correction_that_two_changed_is_shown_with_both(article, editor, colleague):
    correction = corrected(article)
    mine, theirs = opened(editor, article), opened(colleague, article)
    save(colleague, article, {**theirs, "corrections-0-text": "It was Friday."})
    answer = save(editor, article, {**mine, "corrections-0-text": "It was Monday."})
    assert answer.status_code == 200
    assert "changed this to “It was Friday.”" in answer.text
    assert "It was Monday.</textarea>" in answer.text
    assert text_of(correction) == "It was Friday."
    assert save(editor, article, sent(answer)).status_code == 302
    assert text_of(correction) == "It was Monday."


def test_what_a_colleague_changed_is_not_deleted_unseen(article, editor, colleague):
    correction = corrected(article)
    mine, theirs = opened(editor, article), opened(colleague, article)
    save(colleague, article, {**theirs, "corrections-0-text": "It was Friday."})
    answer = save(editor, article, {**mine, "corrections-0-DELETE": "on"})
    assert "changed this to “It was Friday.”" in answer.text
    assert text_of(correction) == "It was Friday."
    assert save(editor, article, {**sent(answer), "corrections-0-DELETE": "on"}).status_code == 302
    assert not Correction.objects.exists()


def test_a_correction_that_is_gone_meanwhile_stays_away_or_comes_back_by_a_second_save(article, editor, colleague):
    corrected(article), corrected(article, "It was hers.")
    mine, theirs = opened(editor, article), opened(colleague, article)
    assert save(colleague, article, {**theirs, "corrections-0-DELETE": "on"}).status_code == 302
    assert save(editor, article, mine).status_code == 302
    assert [each.text for each in Correction.objects.all()] == ["It was hers."]
    answer = save(editor, article, {**mine, "corrections-0-text": "It was Monday."})
    assert "A colleague has removed this." in answer.text
    assert "It was hers.</textarea>" in answer.text
    assert save(editor, article, sent(answer)).status_code == 302
    assert [each.text for each in Correction.objects.all()] == ["It was hers.", "It was Monday."]
    assert Correction.objects.latest("pk").actor == editor


def test_the_conversation_stays_closed_when_somebody_else_saves_an_older_form(article, editor, colleague):
    mine, theirs = opened(editor, article), opened(colleague, article)
    assert save(colleague, article, {**theirs, "conversation-0-policy": "closed"}).status_code == 302
    assert save(editor, article, {**mine, "conversation-0-closes_after": "3"}).status_code == 302
    conversation = Conversation.objects.get(article=article)
    assert (conversation.policy, conversation.closes_after) == ("closed", 3)


def test_two_policies_at_once_are_a_conflict(article, editor, colleague):
    mine, theirs = opened(editor, article), opened(colleague, article)
    save(colleague, article, {**theirs, "conversation-0-policy": "closed"})
    answer = save(editor, article, {**mine, "conversation-0-policy": "hold"})
    assert f"changed this to “{Conversation.objects.get(article=article).get_policy_display()}”" in answer.text
    assert Conversation.objects.get(article=article).policy == "closed"
    assert save(editor, article, sent(answer)).status_code == 302
    assert Conversation.objects.get(article=article).policy == "hold"


def test_the_form_says_with_what_it_was_opened(article, editor):
    corrected(article)
    page = logged_in(editor).get(f"{LIST}{article.pk}/change/").text
    assert 'name="initial-corrections-0-text" value="It was Tuesday."' in page
    assert 'name="initial-conversation-0-policy" value="open"' in page


@pytest.mark.parametrize("row", [{"id": "x"}, {"id": "9" * 30}, {"id": "1"}, {}])
def test_rows_that_cannot_be_are_new_ones(editor, row):
    article, [ada] = make_article(), make_authors("Ada")
    data = {**opened(editor, article), "bylines-INITIAL_FORMS": 1, "bylines-0-author": ada.pk}
    data |= {f"bylines-0-{name}": value for name, value in row.items()}
    assert save(editor, article, data).status_code == 302
    assert names(article) == ["Ada"]
