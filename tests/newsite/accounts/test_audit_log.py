from django.contrib import admin
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.test import Client
import pytest

from articles.models import Section
from comments.models import Comment, Decision, EarlierText, Note, Notification
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import make_comment
from tests.support.notifications import create_subscription

LOG = "/admin/admin/logentry/"


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root", password="secret")


@pytest.fixture
def entry(editor):
    section = Section.objects.create(name="<b>Sport</b>", slug="sport")
    LogEntry.objects.log_actions(editor.pk, [section], ADDITION, [{"added": {}}])
    return LogEntry.objects.get()


def test_the_log_tells_editors_who_changed_what(editor, article):
    client = logged_in(editor)
    client.post("/admin/articles/section/add/", {"name": "Sport", "slug": "sport", "order": 3, "tint": "ink"})
    client.post("/admin/comments/rejectreason/add/", {"title": "Shouting", "sentence": "", "order": 9})
    entry = LogEntry.objects.latest("pk")
    page = client.get(LOG).text
    for text in ("Shouting", "rejection reason", "Added.", f"{editor}"):
        assert text in page
    assert client.get(f"{LOG}{entry.pk}/change/").status_code == 200


def test_it_tells_what_was_done_without_a_form_too(editor, article):
    client = logged_in(editor)
    User.objects.filter(pk=editor.pk).update(email="editor@example.org")
    letter = Notification.objects.create(kind="confirm", subscription=create_subscription("adas"), state="failed")
    client.post("/admin/comments/notification/", {"action": "retry", "_selected_action": [letter.pk]})
    client.post("/admin/comments/moderatoronduty/", {"is_on_duty": "on"})
    client.post("/admin/comments/moderatoronduty/", {})
    told = [(str(entry.content_type.name), entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")]
    assert told == [("email", "Sent again."), ("moderation alerts", "Alerts on."), ("moderation alerts", "Alerts off.")]


def test_what_it_names_is_text(entry, editor):
    page = logged_in(editor).get(LOG).text
    assert "&lt;b&gt;Sport&lt;/b&gt;" in page
    assert "<b>Sport" not in page


@pytest.mark.parametrize("name", ["moderator", "reporter"])
def test_it_is_for_those_with_the_permission(request, name, entry):
    client = logged_in(request.getfixturevalue(name))
    assert client.get(LOG).status_code == 403
    assert client.get(f"{LOG}{entry.pk}/change/").status_code == 403


def test_nobody_writes_or_deletes_it_the_superuser_neither(root, entry):
    client = logged_in(root)
    assert client.get(f"{LOG}add/").status_code == 403
    assert client.post(f"{LOG}{entry.pk}/change/", {"object_repr": "forged"}).status_code == 403
    assert client.post(f"{LOG}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LOG, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert LogEntry.objects.get().object_repr == "<b>Sport</b>"


def test_nobody_writes_or_deletes_decisions_in_the_admin(root, moderator, article):
    """Decisions are shown on the page of their comment, and have no page in the admin."""
    comment = make_comment(article, status=Status.PENDING)
    decide(Comment.objects.get(), Status.APPROVED, actor=moderator)
    assert not {Decision, EarlierText, Note} & set(admin.site._registry)
    client, address = logged_in(root), f"/admin/comments/comment/{comment.pk}/change/"
    assert "moderator" in client.get(address).text
    forged = {"decisions-TOTAL_FORMS": 1, "decisions-0-id": comment.decisions.last().pk, "decisions-0-reason": "forged"}
    assert client.post(address, forged).status_code == 403
    assert not Decision.objects.filter(reason="forged").exists()


@pytest.mark.parametrize(
    "query", ["?user__id__exact=x", "?action_flag__exact=9" + "9" * 30, "?content_type__id__exact=-"]
)
def test_values_that_cannot_be_break_nothing(root, entry, query):
    assert logged_in(root).get(LOG + query).status_code in {200, 302, 400}


def test_as_many_queries_for_forty_entries_as_for_two(root, entry, django_assert_num_queries):
    section, client, counts = Section.objects.get(slug="sport"), logged_in(root), []
    for _ in range(2):
        LogEntry.objects.log_actions(root.pk, [section] * 19, ADDITION, [{"added": {}}])
        with django_assert_num_queries(12, exact=False) as queries:
            client.get(LOG)
        counts.append(len(queries))
    assert counts[0] == counts[1]
