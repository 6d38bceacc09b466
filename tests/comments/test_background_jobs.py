from datetime import timedelta

from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments import background_jobs
from comments.models import BackgroundJob, BulkItem, Comment
from comments.models.background_job import LEASE_DURATION
from comments.queue import bulk
from comments.statuses import Status
from tests.conftest import make_comment


@pytest.fixture
def job(moderator: User) -> BackgroundJob:
    return BackgroundJob.objects.create(
        kind=BackgroundJob.Kind.BACKTEST, title="Count to three", actor=moderator, total=3
    )


def count_to_three(job: BackgroundJob) -> bool:
    job.done += 1
    job.cursor["seen"] = [*job.cursor.get("seen", []), job.done]
    return job.done == job.total


@pytest.fixture
def steps(monkeypatch):
    steps = {BackgroundJob.Kind.BACKTEST: count_to_three}
    monkeypatch.setattr(background_jobs, "STEPS", steps)
    return steps


@pytest.fixture
def page(moderator: User) -> Client:
    client = Client()
    client.force_login(moderator)
    return client


def test_it_goes_step_by_step_to_the_end(job, steps):
    while background_jobs.run_one_step():
        pass
    job.refresh_from_db()
    assert (job.done, job.cursor, job.problem) == (3, {"seen": [1, 2, 3]}, "")
    assert job.finished_at


def test_jobs_take_turns(job, steps, moderator):
    other = BackgroundJob.objects.create(kind=BackgroundJob.Kind.BACKTEST, title="Count, too", actor=moderator, total=3)
    for _turn in range(4):
        background_jobs.run_one_step()
    assert [BackgroundJob.objects.get(pk=pk).done for pk in (job.pk, other.pk)] == [2, 2]


def test_what_a_killed_worker_held_is_done_again_from_where_it_was_when_the_lease_is_over(job, steps):
    background_jobs.run_one_step()
    assert background_jobs._lease_next()  # and then that worker is killed
    assert not background_jobs.run_one_step()
    with time_machine.travel(timezone.now() + LEASE_DURATION, tick=False):
        while background_jobs.run_one_step():
            pass
    job.refresh_from_db()
    assert job.cursor == {"seen": [1, 2, 3]}


def test_who_was_too_slow_changes_nothing(job, steps):
    def be_slow(slow: BackgroundJob) -> bool:
        BackgroundJob.objects.filter(pk=slow.pk).update(
            lease_expires_at=timezone.now() + 2 * LEASE_DURATION
        )  # another worker has the lease
        return count_to_three(slow)

    steps[BackgroundJob.Kind.BACKTEST] = be_slow
    background_jobs.run_one_step()
    job.refresh_from_db()
    assert (job.done, job.finished_at) == (0, None)


def test_a_job_that_fails_says_so_and_keeps_no_other_from_its_turn(job, steps, moderator, caplog):
    def fail(job: BackgroundJob) -> bool:
        raise ArithmeticError

    steps |= {BackgroundJob.Kind.BACKTEST: fail, BackgroundJob.Kind.BULK: count_to_three}
    other = BackgroundJob.objects.create(kind=BackgroundJob.Kind.BULK, title="Count", actor=moderator, total=1)
    assert background_jobs.run_one_step()
    assert background_jobs.run_one_step()
    job.refresh_from_db()
    other.refresh_from_db()
    assert "wrong" in job.problem
    assert "ArithmeticError" in caplog.text
    assert other.finished_at
    assert not other.problem


def test_a_database_that_is_away_is_no_fault_of_the_job(job, steps):
    def lose_the_database(job: BackgroundJob) -> bool:
        raise OperationalError

    steps[BackgroundJob.Kind.BACKTEST] = lose_the_database
    with pytest.raises(OperationalError):
        background_jobs.run_one_step()
    job.refresh_from_db()
    assert (job.finished_at, job.problem) == (None, "")


def test_its_page_shows_how_far_it_is_and_asks_again_until_it_is_finished(job, steps, page):
    background_jobs.run_one_step()
    html = page.get(job.get_absolute_url()).content.decode()
    assert '<progress value="1" max="3">' in html
    assert 'hx-trigger="every 1s"' in html
    assert "Refresh" in html
    while background_jobs.run_one_step():
        pass
    html = page.get(job.get_absolute_url()).content.decode()
    assert "Finished" in html
    assert "every 1s" not in html
    assert "Refresh" not in html


def test_it_can_be_stopped_and_what_was_done_is_kept(job, steps, page, moderator):
    background_jobs.run_one_step()
    page.post(job.get_absolute_url(), {"stop": "1"})
    assert not background_jobs.run_one_step()
    job.refresh_from_db()
    assert (job.done, job.problem) == (1, f"Stopped by {moderator}")
    page.post(job.get_absolute_url(), {"stop": "1"})
    assert str(moderator) in page.get("/admin/comments/backgroundjob/").content.decode()


def test_stopped_in_the_middle_of_a_step_it_stays_stopped(job, steps):
    def be_stopped(running: BackgroundJob) -> bool:
        job.finish("stopped")
        running.done = 3
        return True

    steps[BackgroundJob.Kind.BACKTEST] = be_stopped
    background_jobs.run_one_step()
    job.refresh_from_db()
    assert (job.done, job.problem) == (3, "stopped")


@pytest.mark.parametrize("address", ["0", "x", "99999999999999999999"])
def test_one_that_is_not_there_is_not_found(page, address):
    assert page.get(f"/admin/comments/backgroundjob/{address}/change/").status_code == 404


def test_jobs_are_for_those_who_may_moderate(job, reporter):
    client = Client()
    client.force_login(reporter)
    assert client.get("/admin/comments/backgroundjob/").status_code == 403
    assert client.get(job.get_absolute_url()).status_code == 404
    assert client.post(job.get_absolute_url(), {"stop": "1"}).status_code == 404
    job.refresh_from_db()
    assert job.finished_at is None


def test_who_has_begun_a_trial_sees_it_and_stops_it_without_being_a_moderator(job, reporter):
    client = Client()
    client.force_login(reporter)
    own = BackgroundJob.objects.create(kind=BackgroundJob.Kind.BACKTEST, title="x", actor=reporter, parameters={})
    assert client.get(own.get_absolute_url()).status_code == 200
    client.post(own.get_absolute_url(), {"stop": "1"})
    own.refresh_from_db()
    assert own.finished_at
    BackgroundJob.objects.update(kind=BackgroundJob.Kind.BULK)
    assert client.get(own.get_absolute_url()).status_code == 404


def test_finished_jobs_are_forgotten_with_what_they_list_and_what_runs_is_not(moderator, article):
    make_comment(article, status=Status.PENDING)
    old = bulk.start_bulk(Comment.objects.all(), "spam", actor=moderator)
    running = BackgroundJob.objects.create(kind=BackgroundJob.Kind.BACKTEST, actor=moderator, title="Runs.")
    BackgroundJob.objects.update(requested_at=timezone.now() - timedelta(days=100))
    background_jobs.delete_old_jobs()
    assert BackgroundJob.objects.count() == 2
    BackgroundJob.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=91))
    background_jobs.delete_old_jobs()
    assert list(BackgroundJob.objects.all()) == [running]
    assert not BulkItem.objects.exists()
    assert Comment.objects.get().status == Status.SPAM
