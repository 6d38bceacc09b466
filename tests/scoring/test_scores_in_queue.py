"""Scores in the moderation queue."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone
import pytest

from comments.models import Comment, ScoringModel
from comments.queue import selection
from comments.queue.detail import highlight
from comments.queue.queues import Queue, QueueOrder
from comments.statuses import Status
from tests.conftest import make_comment
from tests.support.synthetic_comments import SPAM

QUEUE_URL = "/admin/comments/moderation/"
ORDERS = {
    "oldest": ["Nobody knows.", "Surely good.", "Perhaps.", "Surely bad."],
    "good": ["Surely good.", "Perhaps.", "Nobody knows.", "Surely bad."],
    "bad": ["Surely bad.", "Nobody knows.", "Perhaps.", "Surely good."],
}
CASINO = f"<b>{' '.join(SPAM)}</b> & that was all."


def test_the_scores_and_the_phrases_that_moved_them_stand_beside_the_comment(moderator_client, scoring_models, article):
    make_comment(article, status=Status.PENDING, text=CASINO)
    page = moderator_client.get(QUEUE_URL)
    spam, rejected = page.context["detail"].explained_scores
    assert (spam.kind.label, rejected.kind.label) == ("Spam", "Rejected")
    assert spam.percent > 90
    assert f"Spam <b>{spam.percent}%</b>" in page.text
    assert "pushed up by <q" in page.text


def test_the_phrases_are_marked_as_hints_in_the_comment_and_everything_is_escaped(
    moderator_client, scoring_models, article
):
    make_comment(article, status=Status.PENDING, text=CASINO)
    said = moderator_client.get(QUEUE_URL).text.partition('<div class="said"')[2].partition("</div>")[0]
    assert '<mark class="hint">casino' in said
    assert "&lt;b&gt;" in said
    assert "&amp;" in said


def test_what_a_rule_matched_is_marked_as_that_though_it_is_a_hint_too():
    assert highlight("a casino bonus", ["casino"], hints=["casino", "bonus"]) == (
        'a <mark>casino</mark> <mark class="hint">bonus</mark>'
    )


def test_without_lessons_and_for_staff_there_is_nothing(moderator_client, moderator, article):
    make_comment(article, status=Status.PENDING, text=CASINO)
    assert "by earlier decisions" not in moderator_client.get(QUEUE_URL).text


def test_staff_have_no_scores(moderator_client, scoring_models, moderator, article):
    make_comment(article, status=Status.PENDING, text=CASINO, staff=moderator)
    assert "by earlier decisions" not in moderator_client.get(QUEUE_URL).text


@pytest.mark.parametrize("change", [{"weights": b"broken"}, {"format": 0}])
def test_a_lesson_that_cannot_be_used_takes_nothing_from_the_desk(moderator_client, scoring_models, article, change):
    ScoringModel.objects.update(checksum="another", **change)
    make_comment(article, status=Status.PENDING, text=CASINO)
    page = moderator_client.get(QUEUE_URL)
    assert page.context["detail"].comment == Comment.objects.get()
    assert page.context["detail"].explained_scores == []


@pytest.fixture
def waiting(article):
    start = timezone.now() - timedelta(hours=1)
    suspicions = {"Nobody knows.": 0.5, "Surely good.": 0.01, "Perhaps.": 0.3, "Surely bad.": 0.99}
    return [
        make_comment(
            article, status=Status.PENDING, text=text, suspicion=suspicion, created_at=start + timedelta(minutes=minute)
        )
        for minute, (text, suspicion) in enumerate(suspicions.items())
    ]


@pytest.mark.parametrize("order", ORDERS)
def test_what_waits_can_be_ordered_by_suspicion(moderator_client, waiting, order):
    listed = moderator_client.get(f"{QUEUE_URL}?order={order}").context["rows"]
    assert [comment.text for comment, *_rest in listed] == ORDERS[order]


@pytest.mark.parametrize("order", ORDERS)
def test_decisions_go_on_in_that_order_and_so_does_the_next_page(moderator_client, waiting, order, monkeypatch):
    monkeypatch.setattr(selection, "PAGE_SIZE", 2)
    address, seen = f"{QUEUE_URL}?order={order}", []
    page = moderator_client.get(address)
    further = moderator_client.get(page.context["further"])
    assert [comment.text for comment, *_rest in further.context["rows"]] == ORDERS[order][2:]
    while focus := page.context["detail"]:
        seen.append(focus.comment.text)
        assert ("order=" in page.context["queue_url"]) == (order != "oldest")
        fields = {"comment": focus.comment.pk, "version": focus.comment.stamp, "action": "approve"}
        page = moderator_client.post(page.context["current_url"], fields)
    assert seen == ORDERS[order]


def test_comments_of_one_suspicion_come_each_once(article):
    comments = [make_comment(article, status=Status.PENDING) for _ in range(3)]
    for order, expected in ((QueueOrder.LIKELY_GOOD, comments), (QueueOrder.LIKELY_BAD, comments[::-1])):
        assert list(Queue.PENDING.ordered_rows(order)) == expected
        assert list(Queue.PENDING.ordered_rows(order).after(expected[0].suspicion, expected[0].pk)) == expected[1:]


def test_the_orders_are_offered_when_there_are_scores(moderator_client, article):
    make_comment(article, status=Status.PENDING)
    assert "Likely approved first" not in moderator_client.get(QUEUE_URL).text
    assert "Likely approved first" in moderator_client.get(f"{QUEUE_URL}?order=bad").text


def test_with_scores_the_orders_are_links(moderator_client, scoring_models, article):
    make_comment(article, status=Status.PENDING)
    assert 'href="?queue=pending&amp;order=good"' in moderator_client.get(QUEUE_URL).text


def test_other_queues_and_searches_are_ordered_by_time(moderator_client, waiting):
    assert "order" not in moderator_client.get(f"{QUEUE_URL}?queue=spam&order=bad").context["queue_url"]
    listed = moderator_client.get(f"{QUEUE_URL}?order=bad&name=ada").context["rows"]
    assert [comment.text for comment, *_rest in listed] == ORDERS["oldest"]


def test_an_order_that_is_none_is_not_found(moderator_client):
    assert moderator_client.get(f"{QUEUE_URL}?order=nonsense").status_code == 404


@pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of PostgreSQL")
@pytest.mark.parametrize("order", [QueueOrder.LIKELY_GOOD, QueueOrder.LIKELY_BAD])
def test_the_order_is_read_off_an_index(article, order):
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(article=article, name="Ada", text="T", status=n % 2, suspicion=n % 97 / 97, created_at=now)
        for n in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
    after = Queue.PENDING.ordered_rows(order)[30]
    for rows in (Queue.PENDING.ordered_rows(order), Queue.PENDING.ordered_rows(order).after(after.suspicion, after.pk)):
        plan = rows[:25].explain()
        assert "comment_waiting_suspicion" in plan
        assert "Sort" not in plan
