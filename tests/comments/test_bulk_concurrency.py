"""Bulk decisions by several workers and moderators at the same time, through real connections."""

from functools import partial

import pytest

from comments.models import BackgroundJob, Comment, Conversation
from comments.moderation.decide import InvalidTransition, decide
from comments.queue import bulk
from comments.statuses import Status
from tests.comments.test_concurrency import at_once
from tests.conftest import make_article, make_comment, make_user

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def jobs(monkeypatch):
    """Create the jobs of two moderators, who approve and reject the same twenty comments."""
    monkeypatch.setattr(bulk, "MAX_SYNCHRONOUS", 3)
    article = make_article()
    Conversation.objects.create(article=article)
    for _ in range(20):
        make_comment(article, status=Status.PENDING)
    return [
        bulk.start_bulk(Comment.objects.all(), action, actor=make_user(action, "Moderators"))
        for action in ("approve", "spam")
    ]


def work_to_the_end(job):
    job = BackgroundJob.objects.get(pk=job.pk)
    while not bulk.run_bulk_step(job):
        pass
    return job.result


def check():
    """Check that each comment has one moderator's decision, and that the counts are correct."""
    public = Comment.objects.approved().count()
    assert Conversation.objects.get().public_count == public
    assert [comment.decisions.count() for comment in Comment.objects.all()] == [2] * 20
    moved = [job.items.moved().count() for job in BackgroundJob.objects.order_by("pk")]
    assert moved == [public, 20 - public]
    assert [job.items.skipped().count() for job in BackgroundJob.objects.order_by("pk")] == [20 - public, public]


def test_two_workers_at_one_job_do_each_comment_once(jobs):
    results = at_once([partial(work_to_the_end, jobs[0])] * 3)
    assert results == [{"moved": 20}] * 3  # each counts all changes, by either worker
    assert work_to_the_end(jobs[1]) == {"skipped": 20}
    check()


def test_two_jobs_about_the_same_comments_share_them(jobs):
    results = at_once([partial(work_to_the_end, job) for job in jobs])
    assert sum(result.get("moved", 0) for result in results) == 20
    assert sum(result.get("skipped", 0) for result in results) == 20
    check()


def test_a_job_and_a_moderator_at_the_same_comments(jobs):
    deputy = make_user("deputy", "Moderators")

    def approve_from_the_other_end():
        done = 0
        for comment in Comment.objects.order_by("-pk"):
            try:
                decide(comment, Status.REJECTED, actor=deputy)
                done += 1
            except InvalidTransition:
                pass
        return done

    result, done = at_once([partial(work_to_the_end, jobs[1]), approve_from_the_other_end])
    assert result.get("moved", 0) == Comment.objects.filter(status=Status.SPAM).count() + _moved_on(deputy)
    assert done == Comment.objects.filter(status=Status.REJECTED).count()
    assert result.get("moved", 0) + result.get("skipped", 0) == 20


def _moved_on(deputy):
    """Return the number of comments whose status the deputy changed from spam."""
    return Comment.objects.filter(decisions__actor=deputy, decisions__from_status=Status.SPAM).count()


def test_whoever_stops_it_and_undoes_it_leaves_nothing_behind(jobs, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH_SIZE", 1)
    boss = make_user("boss", "Moderators")

    def stop_and_undo():
        job = BackgroundJob.objects.get(pk=jobs[0].pk)
        job.finish("stopped")
        moved = job.items.moved().count()
        try:
            undone = bulk.start_undo(job, actor=boss)
        except InvalidTransition:
            return 0, moved
        work_to_the_end(undone)
        return undone.total, moved

    _result, (undone, moved) = at_once([partial(work_to_the_end, jobs[0]), stop_and_undo])
    assert undone == moved
    assert not Comment.objects.exclude(status=Status.PENDING).exists()
    assert Conversation.objects.get().public_count == 0
