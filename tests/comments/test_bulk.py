from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from comments import background_jobs
from comments.models import BulkItem, Comment, Complaint, Conversation, Job, Letter, RejectReason
from comments.models.background_job import LEASE
from comments.moderation.decide import WrongMove, decide
from comments.moderation.picks import pick
from comments.queue import bulk
from comments.queue.queues import Queue
from comments.statuses import Cause, Status
from tests.conftest import make_article, make_comment
from tests.letters import delivered, subscribed

WAITING = Comment.objects.filter(status=Status.HELD).order_by("pk")


@pytest.fixture
def small(monkeypatch):
    """More than three are many, and a step is one of them."""
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(bulk, "STEP", 0)


def held(article, number, **fields):
    return [make_comment(article, status=Status.HELD, **fields) for _ in range(number)]


def finish():
    while background_jobs.work_on_one():
        pass


def statuses():
    return list(Comment.objects.order_by("pk").values_list("status", flat=True))


def states():
    fields = ("status", "looked_at", "open_reports", "picked_at", "is_shown", "public_replies", "shown_replies")
    return list(Comment.objects.order_by("pk").values(*fields))


def counts():
    return list(Conversation.objects.order_by("pk").values_list("public_count", "picks"))


def test_a_few_are_decided_at_once(article, moderator):
    Conversation.objects.create(article=article)
    comments = held(article, 3)
    job = bulk.begin(WAITING, "approve", by=moderator)
    assert (job.done, job.total, job.result, bool(job.finished_at)) == (3, 3, {"moved": 3}, True)
    assert statuses() == [Status.APPROVED] * 3
    assert comments[0].decisions.last().by == moderator
    assert not background_jobs.work_on_one()
    assert str(Job.objects.get()) == "Approve: 3 comments"


def test_many_are_a_job_that_goes_step_by_step(article, moderator, small):
    Conversation.objects.create(article=article)
    held(article, 5)
    job = bulk.begin(WAITING, "approve", by=moderator)
    assert (job.total, job.finished_at) == (5, None)
    assert statuses() == [Status.HELD] * 5
    background_jobs.work_on_one()
    assert statuses().count(Status.APPROVED) == 1
    finish()
    job.refresh_from_db()
    assert (job.done, job.result, job.problem, bool(job.finished_at)) == (5, {"moved": 5}, "", True)
    assert statuses() == [Status.APPROVED] * 5
    assert counts() == [(5, 0)]


def test_what_comes_after_the_click_is_not_touched(article, moderator, small):
    held(article, 5)
    bulk.begin(Queue.WAITING.comments(), "spam", by=moderator)
    late = make_comment(article, status=Status.HELD)
    finish()
    late.refresh_from_db()
    assert late.status == Status.HELD
    assert statuses().count(Status.SPAM) == 5


def test_what_others_have_changed_meanwhile_is_skipped_and_named(article, moderator, deputy, small):
    Conversation.objects.create(article=article)
    comments = held(article, 5, name="Ada", text="Herrings!")
    job = bulk.begin(WAITING, "spam", by=moderator)
    decide(comments[1], Status.APPROVED, by=deputy)
    decide(comments[3], Status.WITHDRAWN, by=None, cause=Cause.WITHDRAWN)
    finish()
    job.refresh_from_db()
    assert job.result == {"moved": 3, "skipped": 2}
    problems = [item.problem for item in job.items.skipped()]
    assert "“Ada: Herrings!” is already approved (deputy, " in problems[0]
    assert "is already deleted by author (the author, " in problems[1]
    assert statuses() == [Status.SPAM, Status.APPROVED, Status.SPAM, Status.WITHDRAWN, Status.SPAM]


def test_what_was_seen_in_an_older_version_is_skipped(article, moderator):
    first, second = held(article, 2)
    job = bulk.begin(WAITING, "spam", by=moderator, seen={first.pk: first.stamp, second.pk: "9-0"})
    assert job.result == {"moved": 1, "skipped": 1}
    assert statuses() == [Status.SPAM, Status.HELD]


def test_what_was_reported_since_it_was_seen_is_skipped(article, moderator, small):
    first, *_others = held(article, 5)
    job = bulk.begin(WAITING, "approve", by=moderator, seen={first.pk: first.stamp})
    Comment.objects.filter(pk=first.pk).update(open_reports=1)
    finish()
    assert "has been reported since" in job.items.skipped().get().problem
    assert statuses() == [Status.HELD] + [Status.APPROVED] * 4


def test_a_worker_that_is_killed_in_the_middle_of_a_step_loses_and_doubles_nothing(
    article, moderator, small, monkeypatch
):
    held(article, 5)
    job = bulk.begin(WAITING, "spam", by=moderator)
    monkeypatch.setattr(bulk, "STEP", 60)
    real, moves = bulk.make_move, []

    def be_killed(move, comment, **how):
        real(move, comment, **how)
        moves.append(comment.pk)
        if len(moves) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(bulk, "make_move", be_killed)
    with pytest.raises(KeyboardInterrupt):
        background_jobs.work_on_one()
    assert statuses() == [Status.SPAM] * 2 + [Status.HELD] * 3
    with time_machine.travel(timezone.now() + LEASE, tick=False):
        finish()
    job.refresh_from_db()
    assert (job.done, job.result) == (5, {"moved": 5})
    assert [comment.decisions.count() for comment in Comment.objects.all()] == [2] * 5


def test_what_was_begun_in_a_request_that_was_killed_the_worker_ends(article, moderator, monkeypatch):
    held(article, 3)
    monkeypatch.setattr(bulk, "work", lambda job: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bulk.begin(WAITING, "spam", by=moderator)
    monkeypatch.undo()
    assert not background_jobs.work_on_one()  # it might still be at it
    with time_machine.travel(timezone.now() + LEASE, tick=False):
        finish()
    assert statuses() == [Status.SPAM] * 3


def test_stopped_it_goes_no_further(article, moderator, small):
    held(article, 5)
    job = bulk.begin(WAITING, "spam", by=moderator)
    assert not bulk.work(job)
    Job.objects.get().finish("stopped")
    assert bulk.work(job)
    assert statuses().count(Status.SPAM) == 1
    undone = bulk.begin_undo(Job.objects.get(), by=moderator)
    assert undone.total == 1
    assert statuses() == [Status.HELD] * 5


def test_undo_restores_each_state_exactly(article, moderator, deputy, small):
    Conversation.objects.create(article=article)
    opening = make_comment(article)
    pick(make_comment(article, parent=opening), by=deputy)
    reported = make_comment(article, open_reports=2)
    for number in range(2):
        reported.reports.create(complaint=Complaint.SPAM, device=f"device {number}", network="", counts=True)
    make_comment(article, parent=opening, status=Status.SPAM)
    held(make_article(), 1)
    before, counted = states(), counts()
    job = bulk.begin(Comment.objects.order_by("pk"), "hold", by=moderator)
    finish()
    assert set(statuses()) == {Status.HELD}
    job.refresh_from_db()
    assert job.result == {"moved": 4, "skipped": 1}  # one is held as it is
    undone = bulk.begin_undo(job, by=deputy)
    finish()
    undone.refresh_from_db()
    assert undone.result == {"moved": 4}
    assert (states(), counts()) == (before, counted)
    assert Comment.objects.earliest("pk").decisions.last().cause == Cause.UNDONE
    assert str(undone) == "Undo: Hold: 5 comments"


def test_undo_skips_and_names_what_others_have_changed_since(article, moderator, deputy):
    Conversation.objects.create(article=article)
    held(article, 3)
    job = bulk.begin(WAITING, "spam", by=moderator)
    decide(Comment.objects.earliest("pk"), Status.APPROVED, by=deputy)
    undone = bulk.begin_undo(job, by=moderator)
    assert undone.result == {"moved": 2, "skipped": 1}
    assert "is already approved (deputy, " in undone.items.skipped().get().problem
    assert statuses() == [Status.APPROVED, Status.HELD, Status.HELD]


def test_an_undo_can_be_undone_and_none_of_them_twice(article, moderator):
    held(article, 2)
    job = bulk.begin(WAITING, "spam", by=moderator)
    undone = bulk.begin_undo(job, by=moderator)
    again = bulk.begin_undo(job, by=moderator)
    assert again.result == {"skipped": 2}
    assert "is already pending (moderator" in again.items.skipped().first().problem
    assert not bulk.is_undoable(again)
    bulk.begin_undo(undone, by=moderator)
    assert statuses() == [Status.SPAM] * 2
    with pytest.raises(WrongMove, match="Nothing to undo"):
        bulk.begin_undo(again, by=moderator)


def test_a_job_that_goes_on_cannot_be_undone(article, moderator, small):
    held(article, 5)
    job = bulk.begin(WAITING, "spam", by=moderator)
    background_jobs.work_on_one()
    with pytest.raises(WrongMove, match="Nothing to undo"):
        bulk.begin_undo(job, by=moderator)


def test_to_reject_takes_a_reason_whose_words_are_those_of_the_click(article, moderator, small):
    held(article, 5)
    with pytest.raises(WrongMove, match="choose a reason"):
        bulk.begin(WAITING, "reject", by=moderator)
    reason = RejectReason.objects.get(title="Insulting")
    told = reason.sentence
    job = bulk.begin(WAITING, "reject", by=moderator, reason=reason)
    reason.delete()
    finish()
    decision = Comment.objects.earliest("pk").decisions.last()
    assert (decision.reason, decision.told) == ("Insulting", told)
    assert job.title == "Reject (Insulting): 5 comments"


@pytest.mark.parametrize("chosen", [Comment.objects.none(), Comment.objects.filter(pk=0)])
def test_nothing_chosen_is_said_and_leaves_no_job(moderator, chosen):
    with pytest.raises(WrongMove, match="No comments selected"):
        bulk.begin(chosen, "spam", by=moderator)
    assert not Job.objects.exists()


def test_more_than_the_largest_number_are_not_taken(article, moderator, monkeypatch):
    monkeypatch.setattr(bulk, "LARGEST", 2)
    held(article, 3)
    assert bulk.begin(Queue.WAITING.in_order(), "spam", by=moderator).total == 2
    assert statuses() == [Status.SPAM] * 2 + [Status.HELD]


def test_the_rows_are_fixed_in_one_statement(article, moderator, small):
    held(article, 30)
    with CaptureQueriesContext(connection) as queries:
        bulk.begin(WAITING, "spam", by=moderator)
    assert BulkItem.objects.count() == 30
    assert len([query for query in queries if "comments_bulkitem" in query["sql"] and "INSERT" in query["sql"]]) == 1
    assert len(queries) <= 9


def test_letters_of_a_bulk_are_cancelled_by_its_undo(article, moderator):
    Conversation.objects.create(article=article)
    comments = held(article, 2)
    for comment in comments:
        subscribed(comment.device)
    job = bulk.begin(WAITING, "approve", by=moderator)
    bulk.begin_undo(job, by=moderator)
    assert Letter.objects.filter(kind=Letter.Kind.APPROVED).count() == 2
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert delivered() == []
    assert set(Letter.objects.values_list("state", flat=True)) == {Letter.State.CANCELLED}
