"""Retention: data about readers is anonymized on schedule; the remaining rows stay consistent."""

from datetime import timedelta
from io import StringIO

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
import pytest

from comments.identity import Reader, hash_network
from comments.models import (
    AkismetRequest,
    Block,
    Comment,
    Conversation,
    Decision,
    EarlierText,
    Note,
    Notification,
    Recommendation,
    Report,
    Subscription,
)
from comments.moderation.decide import InvalidTransition, decide
from comments.privacy import retention
from comments.privacy.retention import purge_expired
from comments.readers.recommendations import take_back
from comments.scoring.training_data import load_examples
from comments.statuses import Cause, Status
from newsite.worker import worker
from tests.conftest import make_article, make_comment
from tests.support.notifications import create_subscription

pytestmark = pytest.mark.django_db

NETWORK = hash_network("203.0.113.9")


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def aged(days, article=None, **fields):
    """Create a comment that was written and decided so long ago."""
    at = {"created_at": days_ago(days), "decided_at": days_ago(days)}
    return make_comment(article or make_article(), **{"network": NETWORK, **at, **fields})


@pytest.fixture(autouse=True)
def days(settings):
    settings.RETENTION_DAYS = {"withdrawn": 60}


@pytest.mark.parametrize(
    ("status", "age", "is_gone"),
    [
        (Status.SPAM, 91, True),
        (Status.SPAM, 89, False),
        (Status.WITHDRAWN, 61, True),
        (Status.WITHDRAWN, 59, False),
        (Status.REJECTED, 5000, False),
        (Status.APPROVED, 5000, False),
        (Status.PENDING, 5000, False),
    ],
)
def test_comments_that_nobody_sees_are_deleted_after_the_days_set(status, age, is_gone):
    comment = aged(age, status=status)
    purge_expired()
    assert Comment.objects.filter(pk=comment.pk).exists() is not is_gone


def test_zero_days_are_never(settings):
    settings.RETENTION_DAYS = dict.fromkeys(retention.DEFAULT_DAYS, 0)
    aged(5000, status=Status.SPAM)
    create_subscription("adas", created_at=days_ago(5000), confirmed_at=days_ago(5000))
    assert purge_expired() == 0
    assert Comment.objects.get().network == NETWORK


def test_the_days_count_from_the_decision_not_from_the_writing():
    aged(500, status=Status.SPAM, decided_at=days_ago(1))
    purge_expired()
    assert Comment.objects.exists()


def test_of_one_that_has_replies_words_and_author_alone_go(client, moderator):
    article = make_article()
    opening = aged(61, article, text="Regretted", name="Ada", device="adas")
    reply = make_comment(article, parent=opening, text="An answer that stays")
    EarlierText.objects.create(comment=opening, text="Regretted even more")
    Note.objects.create(comment=opening, actor=moderator, text="Ada again")
    decide(opening, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    Comment.objects.filter(pk=opening.pk).update(decided_at=days_ago(61))
    purge_expired()
    opening.refresh_from_db()
    assert (opening.name, opening.text, opening.device, opening.network) == ("", "", "", "")
    assert str(opening) == "anonymized"
    assert not EarlierText.objects.exists()
    assert not Note.objects.exists()
    page = client.get(article.get_absolute_url()).text
    assert "This comment has been removed." in page
    assert "An answer that stays" in page
    assert Conversation.objects.get(article=article).public_count == 1
    assert purge_expired() == 0
    assert Decision.objects.filter(comment=opening).count() == 2
    reply.refresh_from_db()
    assert reply.parent_id == opening.pk


def test_it_goes_when_the_replies_have_gone():
    article = make_article()
    opening = aged(100, article, status=Status.SPAM)
    aged(95, article, status=Status.SPAM, parent=opening)
    while purge_expired():
        pass
    assert not Comment.objects.exists()


def test_what_is_forgotten_is_never_moved_again_and_teaches_nothing(moderator):
    article = make_article()
    spam = aged(100, article, status=Status.SPAM, reviewed_at=days_ago(100))
    Decision.objects.create(comment=spam, from_status=Status.PENDING, to_status=Status.SPAM, actor=moderator)
    make_comment(article, parent=spam)
    purge_expired()
    spam.refresh_from_db()
    with pytest.raises(InvalidTransition):
        decide(spam, Status.APPROVED, actor=moderator)
    assert load_examples() == []


def test_what_findings_quoted_goes_and_what_rules_did_stays():
    article = make_article()
    spam = aged(100, article, status=Status.SPAM)
    make_comment(article, parent=spam)
    finding = {
        "rule": "comments.rules.builtin.matches_word_list",
        "outcome": "spam",
        "detail": "“viagra”",
        "matched": ["viagra"],
    }
    spam.decisions.update(findings=[finding], reason="Says viagra", author_message="Not viagra")
    purge_expired()
    decision = spam.decisions.get()
    assert decision.findings == [{**finding, "detail": "", "matched": []}]
    assert (decision.reason, decision.author_message) == ("", "")


def test_letters_and_log_say_nothing_of_it_any_more(moderator):
    spam = aged(100, status=Status.SPAM, text="Buy this")
    request = AkismetRequest.objects.create(comment=spam)
    Notification.objects.create(kind="reply", subscription=create_subscription("graces"), comment=spam)
    LogEntry.objects.log_actions(moderator.pk, [request], CHANGE, change_message="Checked again: Buy this")
    purge_expired()
    assert not Notification.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == ("anonymized", "")


def test_networks_of_comments_votes_and_reports_go_and_the_numbers_stay(settings):
    comment = aged(31)
    young = aged(29)
    for kind, fields in [(Recommendation, {}), (Report, {"complaint": "spam"})]:
        kind.objects.create(
            comment=comment, device="graces", network=NETWORK, is_counted=True, at=days_ago(31), **fields
        )
    block = {
        "rule": "comments.rules.builtin.is_blocked",
        "outcome": "hold",
        "detail": f"blocked: network {NETWORK} (a cluster)",
    }
    comment.decisions.update(findings=[block])
    purge_expired()
    assert Comment.objects.get(pk=comment.pk).network == ""
    assert Comment.objects.get(pk=young.pk).network == NETWORK
    assert (Recommendation.objects.get().network, Report.objects.get().network) == ("", "")
    assert comment.decisions.get().findings == [{**block, "detail": "blocked: network … (a cluster)"}]


def test_a_vote_that_is_taken_back_later_counts_no_stranger_instead():
    comment = aged(31, recommendations=1)
    for device, counts in [("adas", True), ("graces", False)]:
        Recommendation.objects.create(
            comment=comment, device=device, network=f"of {device}", is_counted=counts, at=days_ago(31)
        )
    purge_expired()
    take_back(comment.pk, Reader("adas", "of adas"))
    assert Comment.objects.get().recommendations == 0
    assert not Recommendation.objects.filter(is_counted=True).exists()


def test_blocks_that_ended_long_ago_go_with_their_traces_in_the_log(moderator):
    ended = Block.objects.create(kind="network", value=NETWORK, key=NETWORK, reason="x", ends_at=days_ago(31))
    for fields in [{"kind": "network", "ends_at": days_ago(29)}, {"kind": "name", "ends_at": days_ago(31)}]:
        Block.objects.create(value="x", key="x", reason="x", **fields)
    Block.objects.create(kind="device", value="y", key="y", reason="x")
    LogEntry.objects.log_actions(moderator.pk, [ended], CHANGE, change_message="")
    purge_expired()
    assert Block.objects.count() == 3
    assert NETWORK not in LogEntry.objects.get().object_repr


@pytest.mark.parametrize(("letter_days", "is_gone"), [(366, True), (364, False)])
def test_an_address_that_nothing_was_sent_to_for_long_is_forgotten(letter_days, is_gone):
    subscription = create_subscription("adas", created_at=days_ago(900), confirmed_at=days_ago(900))
    Notification.objects.create(
        kind="reply", subscription=subscription, comment=make_comment(make_article()), due_at=days_ago(letter_days)
    )
    purge_expired()
    assert Subscription.objects.exists() is not is_gone
    assert Notification.objects.exists() is not is_gone


def test_the_worker_does_it_a_step_at_a_time(monkeypatch):
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    article = make_article()
    for _ in range(3):
        aged(100, article, status=Status.SPAM, network="")
    worker.run_periodic_jobs()
    assert Comment.objects.count() == 1
    worker.run_periodic_jobs()
    assert Comment.objects.count() == 0


def test_the_command_does_all_of_it_or_only_says_how_much(monkeypatch):
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    article = make_article()
    for _ in range(5):
        aged(100, article, status=Status.SPAM)
    said = StringIO()
    call_command("purge_expired_data", dry_run=True, stdout=said)
    assert "5  spam (RETENTION_DAYS_SPAM: after 90 days)" in said.getvalue()
    assert "rejected comments (RETENTION_DAYS_REJECTED: never)" in said.getvalue()
    assert Comment.objects.count() == 5
    call_command("purge_expired_data", stdout=said)
    assert Comment.objects.count() == 0


def test_the_desk_shows_what_is_forgotten_as_such(moderator):
    article = make_article()
    spam = aged(100, article, status=Status.SPAM)
    make_comment(article, parent=spam)
    purge_expired()
    client = Client()
    client.force_login(moderator)
    page = client.get(f"/admin/comments/moderation/?queue=spam&comment={spam.pk}").text
    assert "The text and author of this comment have been deleted." in page
    assert 'data-key="a"' not in page


@pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of PostgreSQL")
def test_among_many_comments_what_is_due_is_found_by_an_index():
    article = make_article()
    base = {"article": article, "name": "Ada", "text": "Text", "status": Status.APPROVED, "created_at": days_ago(300)}
    Comment.objects.bulk_create(Comment(**base) for _ in range(3000))
    for status in (Status.SPAM, Status.WITHDRAWN):
        aged(100, article, status=status)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
    due = [rows for rows in (lapse.rows() for lapse in retention.RETENTION_RULES) if rows.model is Comment]
    plans = [plan for rows in due if (plan := rows[:200].explain())]  # rules without a period have no plan
    for index, plan in zip(["comment_expired", "comment_expired", "comment_with_network"], plans, strict=True):
        assert index in plan
