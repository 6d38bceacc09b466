"""Moderator alerts: one email when comments are pending for too long, however many they are."""

from datetime import UTC, datetime, timedelta

from django.test import Client
import pytest
import time_machine

from comments.models import Comment, ModeratorOnDuty, Notification
from comments.notifications.moderator_alerts import MIN_REMINDER_INTERVAL, notify_moderators_on_duty
from comments.statuses import Status
from tests.conftest import make_comment
from tests.support.notifications import deliver_emails

PAGE = "/admin/comments/moderatoronduty/"


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2030, 5, 6, 12, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def on_duty(clock, moderator):
    moderator.email = "desk@example.org"
    moderator.save()
    ModeratorOnDuty.objects.create(user=moderator, is_on_duty=True)
    return moderator


def test_a_thousand_waiting_comments_are_one_letter(clock, on_duty, article):
    first = make_comment(article, status=Status.PENDING)
    Comment.objects.bulk_create(
        Comment(article=article, name="Ada", text=str(n), text_hash=str(n), status=Status.PENDING) for n in range(999)
    )
    clock.shift(timedelta(hours=2))
    for _ in range(3):
        notify_moderators_on_duty()
    (letter,) = deliver_emails()
    assert letter.to == ["desk@example.org"]
    assert letter.subject == "1000 comments are waiting to be moderated"
    assert "/admin/comments/moderation/" in letter.body
    assert "List-Unsubscribe" not in letter.extra_headers
    assert first.text not in letter.body


def test_nothing_is_written_before_it_is_too_long_nor_twice_in_half_a_day(clock, on_duty, article):
    make_comment(article, status=Status.PENDING)
    clock.shift(timedelta(hours=2, seconds=-1))
    assert notify_moderators_on_duty() == 0
    clock.shift(1)
    assert notify_moderators_on_duty() == 1
    clock.shift(MIN_REMINDER_INTERVAL - timedelta(seconds=1))
    assert notify_moderators_on_duty() == 0
    clock.shift(1)
    assert notify_moderators_on_duty() == 1


def test_a_comment_waits_from_when_it_was_held(clock, on_duty, article):
    comment = make_comment(article)
    clock.shift(timedelta(days=3))
    Comment.objects.filter(pk=comment.pk).update(status=Status.PENDING, decided_at=datetime.now(UTC))
    assert notify_moderators_on_duty() == 0


def test_how_long_is_too_long_is_a_setting(clock, on_duty, article, settings):
    settings.COMMENT_PENDING_ALERT_HOURS = 24
    make_comment(article, status=Status.PENDING)
    clock.shift(timedelta(hours=23))
    assert notify_moderators_on_duty() == 0


@pytest.mark.parametrize("lost", ["permission", "staff", "account", "address", "duty"])
def test_who_is_not_on_duty_any_more_gets_none(clock, on_duty, article, lost):
    make_comment(article, status=Status.PENDING)
    clock.shift(timedelta(hours=2))
    notify_moderators_on_duty()  # queued, and then
    if lost == "permission":
        on_duty.groups.clear()
    elif lost == "duty":
        ModeratorOnDuty.objects.update(is_on_duty=False)
    else:
        change = {"staff": {"is_staff": False}, "account": {"is_active": False}, "address": {"email": ""}}[lost]
        type(on_duty).objects.update(**change)
    assert deliver_emails() == []
    clock.shift(MIN_REMINDER_INTERVAL)
    assert notify_moderators_on_duty() == 0


def test_when_all_was_decided_meanwhile_none_goes_out(clock, on_duty, article):
    make_comment(article, status=Status.PENDING)
    clock.shift(timedelta(hours=2))
    notify_moderators_on_duty()
    Comment.objects.update(status=Status.REJECTED)
    assert deliver_emails() == []
    assert Notification.objects.get().state == "cancelled"


def test_one_ticks_it_oneself_in_the_admin(moderator):
    moderator.email = "desk@example.org"
    moderator.save()
    client = Client()
    client.force_login(moderator)
    assert "desk@example.org" in client.get(PAGE).text
    assert "Alerts on." in client.post(PAGE, {"is_on_duty": "on"}, follow=True).text
    assert ModeratorOnDuty.objects.get(user=moderator).is_on_duty
    assert "Alerts off." in client.post(PAGE, {}, follow=True).text
    assert not ModeratorOnDuty.objects.get(user=moderator).is_on_duty


def test_without_an_address_it_says_what_to_do(moderator):
    client = Client()
    client.force_login(moderator)
    assert "Your account has no email address." in client.post(PAGE, {"is_on_duty": "on"}).text
    assert not ModeratorOnDuty.objects.exists()


def test_who_may_not_moderate_has_no_duty(reporter, moderator):
    duty = ModeratorOnDuty.objects.create(user=moderator)
    client = Client()
    client.force_login(reporter)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"is_on_duty": "on"}).status_code == 403
    client.force_login(moderator)
    assert client.get(f"{PAGE}{duty.pk}/change/").status_code == 403
    assert client.get(f"{PAGE}add/").status_code == 403


def test_reports_that_nobody_has_looked_at_wait_too(clock, on_duty, article):
    comment = make_comment(article)
    comment.reports.create(complaint="illegal", device="a", network="a", is_counted=False)
    Comment.objects.filter(pk=comment.pk).update(open_reports=1)
    clock.shift(timedelta(hours=1))
    assert notify_moderators_on_duty() == 0
    clock.shift(timedelta(hours=1, minutes=1))
    assert notify_moderators_on_duty() == 1
    assert "1 comment is waiting to be moderated" in deliver_emails()[0].body
