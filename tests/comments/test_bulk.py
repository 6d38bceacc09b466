from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from comments import background_jobs
from comments.models import BackgroundJob, BulkItem, Comment, Conversation, Notification, RejectReason, ReportCategory
from comments.models.background_job import LEASE_DURATION
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.picks import pick
from comments.queue import bulk
from comments.queue.queues import Queue
from comments.statuses import Cause, Status
from tests.conftest import make_article, make_comment
from tests.support.notifications import create_subscription, deliver_emails

WAITING = Comment.objects.filter(status=Status.PENDING).order_by("pk")


@pytest.fixture
def small(monkeypatch):
    """Lower the limits: more than three comments are a bulk job, which handles one comment at a step."""
    monkeypatch.setattr(bulk, "MAX_SYNCHRONOUS", 3)
    monkeypatch.setattr(bulk, "STEP_SECONDS", 0)


def held(article, number, **fields):
    return [make_comment(article, status=Status.PENDING, **fields) for _ in range(number)]


def finish():
    while background_jobs.run_one_step():
        pass


def statuses():
    return list(Comment.objects.order_by("pk").values_list("status", flat=True))


def states():
    fields = (
        "status",
        "reviewed_at",
        "open_reports",
        "picked_at",
        "is_visible",
        "approved_reply_count",
        "visible_reply_count",
    )
    return list(Comment.objects.order_by("pk").values(*fields))


def counts():
    return list(Conversation.objects.order_by("pk").values_list("public_count", "pick_count"))


def test_a_few_are_decided_at_once(article, moderator):
    Conversation.objects.create(article=article)
    comments = held(article, 3)
    job = bulk.start_bulk(WAITING, "approve", actor=moderator)
    assert (job.done, job.total, job.result, bool(job.finished_at)) == (3, 3, {"moved": 3}, True)
    assert statuses() == [Status.APPROVED] * 3
    assert comments[0].decisions.last().actor == moderator
    assert not background_jobs.run_one_step()
    assert str(BackgroundJob.objects.get()) == "Approve: 3 comments"


def test_many_are_a_job_that_goes_step_by_step(article, moderator, small):
    Conversation.objects.create(article=article)
    held(article, 5)
    job = bulk.start_bulk(WAITING, "approve", actor=moderator)
    assert (job.total, job.finished_at) == (5, None)
    assert statuses() == [Status.PENDING] * 5
    background_jobs.run_one_step()
    assert statuses().count(Status.APPROVED) == 1
    finish()
    job.refresh_from_db()
    assert (job.done, job.result, job.problem, bool(job.finished_at)) == (5, {"moved": 5}, "", True)
    assert statuses() == [Status.APPROVED] * 5
    assert counts() == [(5, 0)]


def test_what_comes_after_the_click_is_not_touched(article, moderator, small):
    held(article, 5)
    bulk.start_bulk(Queue.PENDING.comments(), "spam", actor=moderator)
    late = make_comment(article, status=Status.PENDING)
    finish()
    late.refresh_from_db()
    assert late.status == Status.PENDING
    assert statuses().count(Status.SPAM) == 5


def test_what_others_have_changed_meanwhile_is_skipped_and_named(article, moderator, deputy, small):
    Conversation.objects.create(article=article)
    comments = held(article, 5, name="Ada", text="Herrings!")
    job = bulk.start_bulk(WAITING, "spam", actor=moderator)
    decide(comments[1], Status.APPROVED, actor=deputy)
    decide(comments[3], Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    finish()
    job.refresh_from_db()
    assert job.result == {"moved": 3, "skipped": 2}
    problems = [item.problem for item in job.items.skipped()]
    assert "“Ada: Herrings!” is already approved (deputy, " in problems[0]
    assert "is already deleted by author (the author, " in problems[1]
    assert statuses() == [Status.SPAM, Status.APPROVED, Status.SPAM, Status.WITHDRAWN, Status.SPAM]


def test_what_was_seen_in_an_older_version_is_skipped(article, moderator):
    first, second = held(article, 2)
    job = bulk.start_bulk(WAITING, "spam", actor=moderator, seen={first.pk: first.stamp, second.pk: "9-0"})
    assert job.result == {"moved": 1, "skipped": 1}
    assert statuses() == [Status.SPAM, Status.PENDING]


def test_what_was_reported_since_it_was_seen_is_skipped(article, moderator, small):
    first, *_others = held(article, 5)
    job = bulk.start_bulk(WAITING, "approve", actor=moderator, seen={first.pk: first.stamp})
    Comment.objects.filter(pk=first.pk).update(open_reports=1)
    finish()
    assert "has been reported since" in job.items.skipped().get().problem
    assert statuses() == [Status.PENDING] + [Status.APPROVED] * 4


def test_a_worker_that_is_killed_in_the_middle_of_a_step_loses_and_doubles_nothing(
    article, moderator, small, monkeypatch
):
    held(article, 5)
    job = bulk.start_bulk(WAITING, "spam", actor=moderator)
    monkeypatch.setattr(bulk, "STEP_SECONDS", 60)
    real, moves = bulk.perform, []

    def be_killed(move, comment, **how):
        real(move, comment, **how)
        moves.append(comment.pk)
        if len(moves) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(bulk, "perform", be_killed)
    with pytest.raises(KeyboardInterrupt):
        background_jobs.run_one_step()
    assert statuses() == [Status.SPAM] * 2 + [Status.PENDING] * 3
    with time_machine.travel(timezone.now() + LEASE_DURATION, tick=False):
        finish()
    job.refresh_from_db()
    assert (job.done, job.result) == (5, {"moved": 5})
    assert [comment.decisions.count() for comment in Comment.objects.all()] == [2] * 5


def test_what_was_begun_in_a_request_that_was_killed_the_worker_ends(article, moderator, monkeypatch):
    held(article, 3)
    monkeypatch.setattr(bulk, "run_bulk_step", lambda job: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bulk.start_bulk(WAITING, "spam", actor=moderator)
    monkeypatch.undo()
    assert not background_jobs.run_one_step()  # it may still be running
    with time_machine.travel(timezone.now() + LEASE_DURATION, tick=False):
        finish()
    assert statuses() == [Status.SPAM] * 3


def test_stopped_it_goes_no_further(article, moderator, small):
    held(article, 5)
    job = bulk.start_bulk(WAITING, "spam", actor=moderator)
    assert not bulk.run_bulk_step(job)
    BackgroundJob.objects.get().finish("stopped")
    assert bulk.run_bulk_step(job)
    assert statuses().count(Status.SPAM) == 1
    undone = bulk.start_undo(BackgroundJob.objects.get(), actor=moderator)
    assert undone.total == 1
    assert statuses() == [Status.PENDING] * 5


def test_undo_restores_each_state_exactly(article, moderator, deputy, small):
    Conversation.objects.create(article=article)
    opening = make_comment(article)
    pick(make_comment(article, parent=opening), actor=deputy)
    reported = make_comment(article, open_reports=2)
    for number in range(2):
        reported.reports.create(complaint=ReportCategory.SPAM, device=f"device {number}", network="", is_counted=True)
    make_comment(article, parent=opening, status=Status.SPAM)
    held(make_article(), 1)
    before, counted = states(), counts()
    job = bulk.start_bulk(Comment.objects.order_by("pk"), "hold", actor=moderator)
    finish()
    assert set(statuses()) == {Status.PENDING}
    job.refresh_from_db()
    assert job.result == {"moved": 4, "skipped": 1}  # one is held as it is
    undone = bulk.start_undo(job, actor=deputy)
    finish()
    undone.refresh_from_db()
    assert undone.result == {"moved": 4}
    assert (states(), counts()) == (before, counted)
    assert Comment.objects.earliest("pk").decisions.last().cause == Cause.UNDONE
    assert str(undone) == "Undo: Hold: 5 comments"


def test_undo_skips_and_names_what_others_have_changed_since(article, moderator, deputy):
    Conversation.objects.create(article=article)
    held(article, 3)
    job = bulk.start_bulk(WAITING, "spam", actor=moderator)
    decide(Comment.objects.earliest("pk"), Status.APPROVED, actor=deputy)
    undone = bulk.start_undo(job, actor=moderator)
    assert undone.result == {"moved": 2, "skipped": 1}
    assert "is already approved (deputy, " in undone.items.skipped().get().problem
    assert statuses() == [Status.APPROVED, Status.PENDING, Status.PENDING]


def test_an_undo_can_be_undone_and_none_of_them_twice(article, moderator):
    held(article, 2)
    job = bulk.start_bulk(WAITING, "spam", actor=moderator)
    undone = bulk.start_undo(job, actor=moderator)
    again = bulk.start_undo(job, actor=moderator)
    assert again.result == {"skipped": 2}
    assert "is already pending (moderator" in again.items.skipped().first().problem
    assert not bulk.is_undoable(again)
    bulk.start_undo(undone, actor=moderator)
    assert statuses() == [Status.SPAM] * 2
    with pytest.raises(InvalidTransition, match="Nothing to undo"):
        bulk.start_undo(again, actor=moderator)


def test_a_job_that_goes_on_cannot_be_undone(article, moderator, small):
    held(article, 5)
    job = bulk.start_bulk(WAITING, "spam", actor=moderator)
    background_jobs.run_one_step()
    with pytest.raises(InvalidTransition, match="Nothing to undo"):
        bulk.start_undo(job, actor=moderator)


def test_to_reject_takes_a_reason_whose_words_are_those_of_the_click(article, moderator, small):
    held(article, 5)
    with pytest.raises(InvalidTransition, match="choose a reason"):
        bulk.start_bulk(WAITING, "reject", actor=moderator)
    reason = RejectReason.objects.get(title="Insulting")
    told = reason.sentence
    job = bulk.start_bulk(WAITING, "reject", actor=moderator, reason=reason)
    reason.delete()
    finish()
    decision = Comment.objects.earliest("pk").decisions.last()
    assert (decision.reason, decision.author_message) == ("Insulting", told)
    assert job.title == "Reject (Insulting): 5 comments"


@pytest.mark.parametrize("chosen", [Comment.objects.none(), Comment.objects.filter(pk=0)])
def test_nothing_chosen_is_said_and_leaves_no_job(moderator, chosen):
    with pytest.raises(InvalidTransition, match="No comments selected"):
        bulk.start_bulk(chosen, "spam", actor=moderator)
    assert not BackgroundJob.objects.exists()


def test_more_than_the_largest_number_are_not_taken(article, moderator, monkeypatch):
    monkeypatch.setattr(bulk, "MAX_BULK_COMMENTS", 2)
    held(article, 3)
    assert bulk.start_bulk(Queue.PENDING.ordered_rows(), "spam", actor=moderator).total == 2
    assert statuses() == [Status.SPAM] * 2 + [Status.PENDING]


def test_the_rows_are_fixed_in_one_statement(article, moderator, small):
    held(article, 30)
    with CaptureQueriesContext(connection) as queries:
        bulk.start_bulk(WAITING, "spam", actor=moderator)
    assert BulkItem.objects.count() == 30
    assert len([query for query in queries if "comments_bulkitem" in query["sql"] and "INSERT" in query["sql"]]) == 1
    assert len(queries) <= 9


def test_letters_of_a_bulk_are_cancelled_by_its_undo(article, moderator):
    Conversation.objects.create(article=article)
    comments = held(article, 2)
    for comment in comments:
        create_subscription(comment.device)
    job = bulk.start_bulk(WAITING, "approve", actor=moderator)
    bulk.start_undo(job, actor=moderator)
    assert Notification.objects.filter(kind=Notification.Kind.APPROVED).count() == 2
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert deliver_emails() == []
    assert set(Notification.objects.values_list("state", flat=True)) == {Notification.State.CANCELLED}
