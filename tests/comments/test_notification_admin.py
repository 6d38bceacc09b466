from django.test import Client
import pytest

from comments.models import Notification
from tests.support.notifications import create_subscription, deliver_emails

LIST = "/admin/comments/notification/"


@pytest.fixture
def failed(db):
    return Notification.objects.create(
        kind=Notification.Kind.CONFIRM,
        subscription=create_subscription("adas", confirmed_at=None),
        state=Notification.State.FAILED,
        attempts=7,
        last_error="SMTPRecipientsRefused: 550",
    )


def try_again(client, *letters):
    data = {"action": "retry", "_selected_action": [letter.pk for letter in letters]}
    return client.post(LIST, data, follow=True)


def test_a_failed_letter_is_seen_with_its_reason_and_without_its_address(editor_client, failed):
    for address in (LIST, f"{LIST}{failed.pk}/change/"):
        page = editor_client.get(address).text
        assert "SMTPRecipientsRefused: 550" in page
        assert "a…@example.org" in page
        assert "ada@" not in page
        assert failed.subscription.token not in page


def test_it_is_tried_again(editor_client, failed):
    assert "1 email will be sent again." in try_again(editor_client, failed).text
    assert len(deliver_emails()) == 1
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("sent", 1)


@pytest.mark.parametrize("state", ["pending", "sending", "sent", "cancelled"])
def test_what_has_not_failed_is_left_alone(editor_client, failed, state):
    Notification.objects.update(state=state)
    assert "0 emails will be sent again." in try_again(editor_client, failed).text
    assert Notification.objects.get().state == state


def test_moderators_see_no_letters(moderator, failed):
    client = Client()
    client.force_login(moderator)
    assert client.get(LIST).status_code == 403
    assert try_again(client, failed).status_code == 403
    assert Notification.objects.get().state == "failed"


def test_nobody_writes_a_letter_here(editor_client, failed):
    assert editor_client.get(f"{LIST}add/").status_code == 403
    assert editor_client.get(f"{LIST}{failed.pk}/delete/").status_code == 403
    assert editor_client.post(f"{LIST}{failed.pk}/change/", {"state": "sent"}).status_code == 403
