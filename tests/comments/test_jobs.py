from datetime import timedelta

from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments import background_jobs
from comments.models import BulkItem, Comment, Job
from comments.models.background_job import LEASE
from comments.queue import bulk
from comments.statuses import Status
from tests.conftest import make_comment


@pytest.fixture
def job(moderator: User) -> Job:
    return Job.objects.create(kind=Job.Kind.TRIAL, title="Count to three", by=moderator, total=3)


def count_to_three(job: Job) -> bool:
    job.done += 1
    job.place["seen"] = [*job.place.get("seen", []), job.done]
    return job.done == job.total


@pytest.fixture
def steps(monkeypatch):
    steps = {Job.Kind.TRIAL: count_to_three}
    monkeypatch.setattr(background_jobs, "STEPS", steps)
    return steps


@pytest.fixture
def page(moderator: User) -> Client:
    client = Client()
    client.force_login(moderator)
    return client


def test_it_goes_step_by_step_to_the_end(job, steps):
    while background_jobs.work_on_one():
        pass
    job.refresh_from_db()
    assert (job.done, job.place, job.problem) == (3, {"seen": [1, 2, 3]}, "")
    assert job.finished_at


def test_jobs_take_turns(job, steps, moderator):
    other = Job.objects.create(kind=Job.Kind.TRIAL, title="Count, too", by=moderator, total=3)
    for _turn in range(4):
        background_jobs.work_on_one()
    assert [Job.objects.get(pk=pk).done for pk in (job.pk, other.pk)] == [2, 2]


def test_what_a_killed_worker_held_is_done_again_from_where_it_was_when_the_lease_is_over(job, steps):
    background_jobs.work_on_one()
    assert background_jobs._take()  # and then that worker is killed
    assert not background_jobs.work_on_one()
    with time_machine.travel(timezone.now() + LEASE, tick=False):
        while background_jobs.work_on_one():
            pass
    job.refresh_from_db()
    assert job.place == {"seen": [1, 2, 3]}


def test_who_was_too_slow_changes_nothing(job, steps):
    def be_slow(slow: Job) -> bool:
        Job.objects.filter(pk=slow.pk).update(leased_until=timezone.now() + 2 * LEASE)  # another took it over
        return count_to_three(slow)

    steps[Job.Kind.TRIAL] = be_slow
    background_jobs.work_on_one()
    job.refresh_from_db()
    assert (job.done, job.finished_at) == (0, None)


def test_a_job_that_fails_says_so_and_keeps_no_other_from_its_turn(job, steps, moderator, caplog):
    def fail(job: Job) -> bool:
        raise ArithmeticError

    steps |= {Job.Kind.TRIAL: fail, Job.Kind.BULK: count_to_three}
    other = Job.objects.create(kind=Job.Kind.BULK, title="Count", by=moderator, total=1)
    assert background_jobs.work_on_one()
    assert background_jobs.work_on_one()
    job.refresh_from_db()
    other.refresh_from_db()
    assert "wrong" in job.problem
    assert "ArithmeticError" in caplog.text
    assert other.finished_at
    assert not other.problem


def test_a_database_that_is_away_is_no_fault_of_the_job(job, steps):
    def lose_the_database(job: Job) -> bool:
        raise OperationalError

    steps[Job.Kind.TRIAL] = lose_the_database
    with pytest.raises(OperationalError):
        background_jobs.work_on_one()
    job.refresh_from_db()
    assert (job.finished_at, job.problem) == (None, "")


def test_its_page_shows_how_far_it_is_and_asks_again_until_it_is_finished(job, steps, page):
    background_jobs.work_on_one()
    html = page.get(job.get_absolute_url()).content.decode()
    assert '<progress value="1" max="3">' in html
    assert 'hx-trigger="every 1s"' in html
    assert "Refresh" in html
    while background_jobs.work_on_one():
        pass
    html = page.get(job.get_absolute_url()).content.decode()
    assert "Finished" in html
    assert "every 1s" not in html
    assert "Refresh" not in html


def test_it_can_be_stopped_and_what_was_done_is_kept(job, steps, page, moderator):
    background_jobs.work_on_one()
    page.post(job.get_absolute_url(), {"stop": "1"})
    assert not background_jobs.work_on_one()
    job.refresh_from_db()
    assert (job.done, job.problem) == (1, f"Stopped by {moderator}")
    page.post(job.get_absolute_url(), {"stop": "1"})
    assert str(moderator) in page.get("/admin/comments/job/").content.decode()


def test_stopped_in_the_middle_of_a_step_it_stays_stopped(job, steps):
    def be_stopped(running: Job) -> bool:
        job.finish("stopped")
        running.done = 3
        return True

    steps[Job.Kind.TRIAL] = be_stopped
    background_jobs.work_on_one()
    job.refresh_from_db()
    assert (job.done, job.problem) == (3, "stopped")


@pytest.mark.parametrize("address", ["0", "x", "99999999999999999999"])
def test_one_that_is_not_there_is_not_found(page, address):
    assert page.get(f"/admin/comments/job/{address}/change/").status_code == 404


def test_jobs_are_for_those_who_may_moderate(job, reporter):
    client = Client()
    client.force_login(reporter)
    assert client.get("/admin/comments/job/").status_code == 403
    assert client.get(job.get_absolute_url()).status_code == 404
    assert client.post(job.get_absolute_url(), {"stop": "1"}).status_code == 404
    job.refresh_from_db()
    assert job.finished_at is None


def test_who_has_begun_a_trial_sees_it_and_stops_it_without_being_a_moderator(job, reporter):
    client = Client()
    client.force_login(reporter)
    own = Job.objects.create(kind=Job.Kind.TRIAL, title="x", by=reporter, parameters={})
    assert client.get(own.get_absolute_url()).status_code == 200
    client.post(own.get_absolute_url(), {"stop": "1"})
    own.refresh_from_db()
    assert own.finished_at
    Job.objects.update(kind=Job.Kind.BULK)
    assert client.get(own.get_absolute_url()).status_code == 404


def test_finished_jobs_are_forgotten_with_what_they_list_and_what_runs_is_not(moderator, article):
    make_comment(article, status=Status.HELD)
    old = bulk.begin(Comment.objects.all(), "spam", by=moderator)
    running = Job.objects.create(kind=Job.Kind.TRIAL, by=moderator, title="Runs.")
    Job.objects.update(asked_at=timezone.now() - timedelta(days=100))
    background_jobs.forget_jobs()
    assert Job.objects.count() == 2
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=91))
    background_jobs.forget_jobs()
    assert list(Job.objects.all()) == [running]
    assert not BulkItem.objects.exists()
    assert Comment.objects.get().status == Status.SPAM
