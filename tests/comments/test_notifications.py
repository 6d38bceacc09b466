"""Notifications: which ones an event creates, and how they change until they are due."""

from datetime import UTC, datetime, timedelta

from django.core import mail
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
import pytest
import time_machine

from comments.models import Comment, Conversation, Notification, ReplyFrequency, Subscription
from comments.moderation.decide import decide
from comments.moderation.undo import undo
from comments.notifications.create import DECISION_DELAY, next_digest
from comments.statuses import Cause, Status
from tests.conftest import make_article, make_comment, make_user, send, trusted_client
from tests.support.notifications import create_subscription, deliver_emails

NOON = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def held(clock, article):
    """Create the pending comment of a reader who is subscribed."""
    Conversation.objects.create(article=article)
    create_subscription("adas")
    return make_comment(article, status=Status.PENDING, device="adas", text="My own words.")


def notification_states():
    return list(Notification.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("status", "said"), [(Status.APPROVED, "has been published"), (Status.REJECTED, "not published")]
)
def test_a_decision_is_told_after_ten_minutes(clock, held, moderator, status, said):
    decide(held, status, actor=moderator)
    clock.shift(DECISION_DELAY - timedelta(seconds=1))
    assert deliver_emails() == []
    clock.shift(1)
    (letter,) = deliver_emails()
    assert letter.to == ["ada@example.org"]
    assert said in letter.body
    assert "My own words." in letter.body
    assert deliver_emails() == []


def test_the_reason_for_the_author_is_in_the_letter_and_the_one_for_moderators_is_not(clock, held, moderator):
    decide(
        held, Status.REJECTED, actor=moderator, reason="the usual troll", author_message="It is not about this article."
    )
    clock.shift(DECISION_DELAY)
    (letter,) = deliver_emails()
    for words in (letter.body, letter.alternatives[0].content):
        assert "It is not about this article." in words
        assert "troll" not in words


def test_what_was_undone_is_not_told(clock, held, moderator):
    decide(held, Status.REJECTED, actor=moderator)
    decide(held, Status.PENDING, actor=moderator)
    clock.shift(DECISION_DELAY)
    assert deliver_emails() == []
    assert notification_states() == ["cancelled"]


def test_of_two_equal_decisions_the_one_that_stands_is_told_once(clock, held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    decide(held, Status.PENDING, actor=moderator)
    clock.shift(60)
    decide(held, Status.APPROVED, actor=moderator)
    clock.shift(DECISION_DELAY - timedelta(seconds=30))
    assert deliver_emails() == []
    clock.shift(60)
    assert len(deliver_emails()) == 1
    assert notification_states() == ["cancelled", "sent"]


@pytest.mark.parametrize("status", [Status.SPAM, Status.PENDING])
def test_other_moves_are_not_told(clock, article, moderator, status):
    create_subscription("adas")
    decide(make_comment(article, device="adas"), status, actor=moderator)
    assert not Notification.objects.exists()


def test_neither_is_a_second_look_nor_what_the_author_did(clock, article, moderator):
    create_subscription("adas")
    comment = make_comment(article, device="adas")
    decide(comment, Status.APPROVED, actor=moderator)
    decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert not Notification.objects.exists()


def test_an_approval_is_not_told_when_its_article_was_taken_back(clock, held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    held.article.published_at = None
    held.article.save()
    clock.shift(DECISION_DELAY)
    assert deliver_emails() == []


def test_who_wants_no_decisions_hears_of_none(clock, held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    Subscription.objects.update(decisions=False)
    clock.shift(DECISION_DELAY)
    assert deliver_emails() == []


def test_who_has_not_confirmed_hears_nothing(clock, held, moderator):
    held.device = "bobs"
    held.save()
    create_subscription("bobs", "bob@example.org", confirmed_at=None)
    decide(held, Status.APPROVED, actor=moderator)
    clock.shift(DECISION_DELAY)
    assert deliver_emails() == []


def test_a_reply_that_the_rules_publish_is_told_at_once(clock, article):
    create_subscription("adas")
    mine = make_comment(article, device="adas")
    replier = trusted_client(make_article())
    clock.shift(timedelta(days=1))
    send(replier, article, parent=mine.pk, comment="I disagree.", name="Grace")
    (letter,) = deliver_emails()
    assert "I disagree." in letter.body
    assert f"/comments/{Comment.objects.latest('pk').pk}/" in letter.body
    assert "Grace" not in letter.subject


def test_a_reply_that_waits_is_told_when_it_is_approved_and_only_then(clock, article, moderator):
    create_subscription("adas")
    mine = make_comment(article, device="adas")
    send(Client(), article, parent=mine.pk, comment="I disagree.")
    assert deliver_emails() == []
    reply = Comment.objects.latest("pk")
    decide(reply, Status.APPROVED, actor=moderator)
    assert len(deliver_emails()) == 1
    decide(reply, Status.PENDING, actor=moderator)
    decide(reply, Status.APPROVED, actor=moderator)
    assert deliver_emails() == []


def test_a_reply_that_is_hidden_before_its_letter_goes_is_told_when_it_is_public_again(clock, article, moderator):
    create_subscription("adas")
    reply = make_comment(article, parent=make_comment(article, device="adas"), status=Status.PENDING)
    decide(reply, Status.APPROVED, actor=moderator)
    decide(reply, Status.SPAM, actor=moderator)
    assert deliver_emails() == []
    decide(reply, Status.APPROVED, actor=moderator)
    assert len(deliver_emails()) == 1


def test_ones_own_reply_and_a_reply_to_nobody_known_are_not_told(clock, article, moderator):
    create_subscription("adas")
    for device, parent_device in (("adas", "adas"), ("bobs", ""), ("bobs", "carols")):
        parent = make_comment(article, device=parent_device)
        decide(
            make_comment(article, parent=parent, device=device, status=Status.PENDING), Status.APPROVED, actor=moderator
        )
    assert not Notification.objects.exclude(kind=Notification.Kind.APPROVED).exists()


def test_replies_of_a_day_are_one_letter_in_the_morning(clock, article, moderator):
    create_subscription("adas", replies=ReplyFrequency.DAILY)
    mine = make_comment(article, device="adas")
    replies = [make_comment(article, parent=mine, status=Status.PENDING, text=f"Reply {n}.") for n in range(3)]
    for reply in replies:
        decide(reply, Status.APPROVED, actor=moderator)
    decide(replies[1], Status.SPAM, actor=moderator)
    clock.move_to(datetime(2030, 5, 7, 6, 59, tzinfo=UTC))
    assert deliver_emails() == []
    clock.shift(60)
    (letter,) = deliver_emails()
    assert "Reply 0." in letter.body
    assert "Reply 1." not in letter.body
    assert "Reply 2." in letter.body
    assert letter.subject == "2 new replies to your comments"
    assert sorted(notification_states()) == ["cancelled", "sent", "sent"]


@pytest.mark.parametrize(
    ("now", "zone", "digest"),
    [
        ("2030-05-06T06:59:00Z", "UTC", "2030-05-06T07:00:00+00:00"),
        ("2030-05-06T07:00:00Z", "UTC", "2030-05-07T07:00:00+00:00"),
        ("2030-03-30T12:00:00Z", "Europe/Berlin", "2030-03-31T07:00:00+02:00"),  # the night the clocks go forward
    ],
)
def test_the_morning_is_the_sites_own(settings, now, zone, digest):
    with timezone.override(zone):
        assert next_digest(datetime.fromisoformat(now)).isoformat() == digest


def test_a_held_comment_and_an_import_write_to_nobody(clock, article):
    create_subscription("adas")
    mine = make_comment(article, device="adas")
    for status in Status:
        make_comment(article, parent=mine, status=status)  # like importers: rows without submit()
    send(Client(), article, parent=mine.pk)
    assert not Notification.objects.exists()


def test_without_subscribers_a_post_queues_nothing(article):
    send(trusted_client(make_article()), article)
    assert not DBTaskResult.objects.exists()


def test_a_letter_and_its_task_are_of_the_transaction_that_made_them(clock, held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    task = DBTaskResult.objects.get()
    assert task.run_after == Notification.objects.get().due_at == NOON + DECISION_DELAY
    assert mail.outbox == []


def test_one_reader_gets_one_letter_about_each_of_two_comments(clock, held, deputy, article):
    other = make_comment(article, status=Status.PENDING, device="adas")
    decide(held, Status.APPROVED, actor=deputy)
    decide(other, Status.REJECTED, actor=make_user("third", "Moderators"))
    clock.shift(DECISION_DELAY)
    assert len(deliver_emails()) == 2


def test_a_slip_that_is_put_right_is_no_news(clock, article, moderator, deputy):
    create_subscription("adas")
    comment = make_comment(article, device="adas")
    decide(comment, Status.REJECTED, actor=moderator)
    decide(comment, Status.APPROVED, actor=deputy)
    clock.shift(DECISION_DELAY)
    assert deliver_emails() == []


def test_what_the_author_was_told_is_not_told_again(clock, held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    clock.shift(DECISION_DELAY)
    assert len(deliver_emails()) == 1
    decide(held, Status.PENDING, actor=moderator)
    decide(held, Status.APPROVED, actor=moderator)
    clock.shift(DECISION_DELAY)
    assert len(deliver_emails()) == 0
    decide(held, Status.REJECTED, actor=moderator)
    clock.shift(DECISION_DELAY)
    assert len(deliver_emails()) == 1


def test_no_letter_about_a_reply_whose_article_or_question_is_gone(clock, held, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    replies = [make_comment(held.article, parent=held, status=Status.PENDING) for _ in range(2)]
    decide(replies[0], Status.APPROVED, actor=moderator)
    type(held.article).objects.update(published_at=None)
    assert deliver_emails() == []
    type(held.article).objects.update(published_at=NOON - timedelta(days=1))
    decide(Comment.objects.get(pk=held.pk), Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    decide(replies[1], Status.APPROVED, actor=moderator)
    assert deliver_emails() == []


def test_what_is_done_again_after_an_undo_is_told_with_its_reason(clock, held, moderator):
    decide(held, Status.REJECTED, actor=moderator, author_message="It is not about this article.")
    undo(held, actor=moderator)
    undo(held, actor=moderator)
    clock.shift(DECISION_DELAY)
    (letter,) = deliver_emails()
    assert "It is not about this article." in letter.body
    assert held.decisions.last().author_message == "It is not about this article."


def test_an_undo_of_what_the_author_was_told_is_told(clock, article, moderator):
    create_subscription("adas")
    comment = make_comment(article, device="adas")
    decide(comment, Status.REJECTED, actor=moderator)
    clock.shift(DECISION_DELAY)
    assert "removed by a moderator" in deliver_emails()[0].body
    undo(comment, actor=moderator)
    clock.shift(DECISION_DELAY)
    assert "has been published" in deliver_emails()[0].body


def test_an_undo_of_what_nobody_was_told_is_not(clock, article, held, moderator):
    public = make_comment(article, device="adas")
    for comment, status in ((held, Status.APPROVED), (public, Status.REJECTED)):
        decide(comment, status, actor=moderator)
        undo(comment, actor=moderator)
    clock.shift(DECISION_DELAY)
    assert deliver_emails() == []
