from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
import pytest

from comments.akismet.client import AkismetError
from comments.akismet.worker import run_due
from comments.models import AkismetRequest
from tests.conftest import make_comment
from tests.support.akismet import ADDRESS, BROWSER, latest_request, post

LIST = reverse("admin:comments_akismetrequest_changelist")
QUEUE_URL = reverse("admin:comments_moderation_changelist")


@pytest.fixture
def failed(article, akismet):
    """Create a comment whose check by Akismet failed."""
    comment = post(article, comment="<script>alert(1)</script>")
    AkismetRequest.objects.update(state="failed", attempts=11, last_error="<b>status 500</b>")
    return comment


def ask_again(client, comment):
    data = {"action": "retry_request", "_selected_action": [latest_request(comment).pk]}
    return client.post(LIST, data, follow=True).content.decode()


def test_editors_see_what_failed_and_why_but_nothing_of_the_reader(client, failed, editor):
    client.force_login(editor)
    request = latest_request(failed)
    for page in (LIST, reverse("admin:comments_akismetrequest_change", args=[request.pk])):
        body = client.get(page).content.decode()
        assert "&lt;b&gt;status 500&lt;/b&gt;" in body
        assert "<script>alert" not in body
        for secret in (ADDRESS, BROWSER, request.encrypted_data):
            assert secret not in body


def test_asked_again_it_begins_anew(client, failed, editor):
    client.force_login(editor)
    assert "Akismet will check 1 comment again." in ask_again(client, failed)
    assert latest_request(failed).attempts == 0
    assert run_due() == 1
    assert latest_request(failed).answer == "ham"
    assert "Akismet will check 0 comments again." in ask_again(client, failed)


def test_when_the_address_is_gone_it_is_said_that_nobody_can_be_asked(client, failed, editor):
    AkismetRequest.objects.update(encrypted_data="")
    client.force_login(editor)
    assert "IP address has been deleted" in ask_again(client, failed)
    assert latest_request(failed).state == "failed"


def test_moderators_may_not(client, failed, moderator):
    client.force_login(moderator)
    assert client.get(LIST).status_code == 403
    assert (
        client.post(LIST, {"action": "retry_request", "_selected_action": [latest_request(failed).pk]}).status_code
        == 403
    )


def test_who_may_look_may_not_have_it_asked_again(client, failed, moderator):
    editors = Group.objects.get(name="Editors")
    moderator.user_permissions.add(editors.permissions.get(codename="view_akismetrequest"))
    client.force_login(moderator)
    ask_again(client, failed)
    assert latest_request(failed).state == "failed"


def test_nobody_writes_or_deletes_one(client, failed, editor):
    client.force_login(editor)
    request = latest_request(failed)
    page = reverse("admin:comments_akismetrequest_change", args=[request.pk])
    assert client.post(page, {"state": "done"}).status_code == 403
    assert client.get(reverse("admin:comments_akismetrequest_add")).status_code == 403
    assert client.post(reverse("admin:comments_akismetrequest_delete", args=[request.pk])).status_code == 403


def test_the_desk_says_why_it_waits(client, article, akismet, moderator):
    comment = post(article)
    client.force_login(moderator)
    address = f"{QUEUE_URL}?comment={comment.pk}"
    assert "Waiting for Akismet." in client.get(address).content.decode()
    akismet.status = 500
    with pytest.raises(AkismetError):
        run_due()
    assert "Waiting for Akismet: 1 failed attempt (HTTP status 500)." in client.get(address).content.decode()
    AkismetRequest.objects.update(due_at=timezone.now())
    akismet.status = 200
    run_due()
    assert "Akismet: Not spam" in client.get(address).content.decode()


def test_a_decision_with_the_next_comment_still_costs_at_most_twenty_queries(client, article, akismet, moderator):
    parent = make_comment(article, parent=make_comment(article))
    for number in range(3):
        comment = post(article, parent=parent.pk, comment=f"Number {number}.")
        comment.reports.create(complaint="spam", device="a", network="a", is_counted=True)
        comment.earlier_texts.create(text="Before.")
        comment.notes.create(actor=moderator, text="Look.")
    run_due()
    client.force_login(moderator)
    page = client.get(QUEUE_URL)
    focus = page.context["detail"].comment
    with CaptureQueriesContext(connection) as queries:
        page = client.post(QUEUE_URL, {"comment": focus.pk, "version": 1, "action": "approve"})
    assert page.context["detail"].akismet == "Akismet: Not spam"
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) <= 20


@pytest.mark.parametrize("probe", ["sealed__startswith=g", "comment__device=x", "comment__network__startswith=a"])
def test_filters_cannot_probe_what_is_not_shown(client, failed, editor, probe):
    client.force_login(editor)
    assert client.get(f"{LIST}?{probe}").status_code in {302, 400}


def test_the_list_takes_as_many_queries_for_many(client, article, akismet, editor, django_assert_max_num_queries):
    for number in range(5):
        post(article, comment=f"Number {number}.")
    AkismetRequest.objects.update(due_at=timezone.now())
    client.force_login(editor)
    with django_assert_max_num_queries(8):
        client.get(LIST)
