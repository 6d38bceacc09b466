"""Worker process: killed while sending an email, stopped by a signal, or without its database."""

from datetime import timedelta
import logging
import os
import signal
import subprocess
import sys
import time

from django.core import mail
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
import pytest

from articles.images.process import ImageProcess
from articles.models import Image, SearchDocument
from comments import background_jobs
from comments.models import BackgroundJob, Notification
from comments.tasks import deliver_notification, enqueue_delivery
from newsite.worker import worker
from newsite.worker.worker import IMAGE_POLL_SECONDS, MAX_TASK_DURATION, Worker, requeue_stale_tasks
from tests.conftest import make_article, make_comment
from tests.support.images import queue_upload
from tests.support.live_site import REPOSITORY, create_migrated_database
from tests.support.notifications import create_subscription
from tests.support.smtp_server import mail_server, unresponsive_server

MAKE_A_LETTER = """
from comments.models import Comment, Notification, Subscription
from django.utils import timezone
ada = Subscription.objects.create(device="adas", address="ada@example.org")
print(Notification.objects.create(kind="confirm", subscription=ada).pk)
"""
LETTERS = """
from comments.models import BackgroundJob, Notification
print([(letter.state, letter.attempts) for letter in Notification.objects.all()])
"""
THE_LEASE_IS_OVER = """
from datetime import timedelta
from django.utils import timezone
from comments.models import BackgroundJob, Notification
print(Notification.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1)))
"""


class Paper:
    """Separate database with workers that use it."""

    def __init__(self, folder):
        self.environment = {**os.environ, "DATABASE_URL": create_migrated_database(folder)}
        self.environment |= {"DJANGO_SETTINGS_MODULE": "newsite.settings", "SITE_URL": "http://127.0.0.1"}

    def manage(self, *words, code=None):
        command = [sys.executable, "manage.py", *words]
        result = subprocess.run(
            command, env=self.environment, cwd=REPOSITORY, input=code, capture_output=True, text=True, check=True
        )
        return result.stdout.strip()

    def python(self, code):
        return self.manage("shell", "--no-imports", code=code)

    def worker(self, port):
        environment = {**self.environment, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        return subprocess.Popen([sys.executable, "manage.py", "run_worker"], env=environment, cwd=REPOSITORY)


@pytest.fixture
def work(db, monkeypatch):
    """Run a worker in this process; the test keeps its connection."""
    for module in ("newsite.worker.worker", "django_tasks_db.management.commands.db_worker"):
        monkeypatch.setattr(f"{module}.close_old_connections", lambda: None)
    monkeypatch.setattr(worker.connection, "close", lambda: None)
    return Worker()


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.database
def test_a_letter_in_the_hands_of_a_killed_worker_is_sent_by_the_next(tmp_path):
    paper = Paper(tmp_path)
    paper.python(MAKE_A_LETTER)
    with unresponsive_server() as listener, mail_server() as server:
        killed = paper.worker(listener.getsockname()[1])
        try:
            listener.settimeout(20)
            connection, _address = listener.accept()  # the worker is sending the email, and waits for a response
        finally:
            killed.kill()
            killed.wait()
        connection.close()
        assert paper.python(LETTERS) == "[('sending', 1)]"
        paper.python(THE_LEASE_IS_OVER)
        after = paper.worker(server.port)
        try:
            until(lambda: server.received)
            after.terminate()
            assert after.wait(10) == 0
        finally:
            after.kill()
    assert paper.python(LETTERS) == "[('sent', 2)]"
    assert len(server.received) == 1


def test_told_to_stop_it_finishes_the_letter_in_hand(work, monkeypatch):
    for number in range(3):
        Notification.objects.create(
            kind="confirm", subscription=create_subscription(f"{number}", f"{number}@example.org", confirmed_at=None)
        )
    monkeypatch.setattr("django.core.mail.message.EmailMultiAlternatives.send", lambda self: work.stop())
    work.run_once()
    work.run()
    assert Notification.objects.filter(state="sent").count() == 1
    assert Notification.objects.filter(state="pending").count() == 2


def test_long_jobs_are_worked_on_a_step_a_turn(work, moderator, monkeypatch):
    job = BackgroundJob.objects.create(kind=BackgroundJob.Kind.BACKTEST, title="One step", actor=moderator)
    monkeypatch.setattr(background_jobs, "STEPS", {BackgroundJob.Kind.BACKTEST: lambda job: True})
    assert work.run_once() == 0
    job.refresh_from_db()
    assert job.finished_at
    assert work.run_once() > 0


def test_letters_go_out_while_a_picture_is_decoded(work, monkeypatch):
    """Emails are sent while decoding runs, however long it takes."""
    monkeypatch.setattr(ImageProcess, "_command", [sys.executable, "-c", "import time; time.sleep(600)"])
    queue_upload()
    until(lambda: work.run_once() == 0)  # another test may decode on this host
    assert work.run_once() == IMAGE_POLL_SECONDS
    enqueue_delivery(
        Notification.objects.create(kind="confirm", subscription=create_subscription("adas", confirmed_at=None))
    )
    assert work.run_once() == 0
    assert len(mail.outbox) == 1
    assert work.images.is_busy
    work.stop()
    work.run()
    assert not work.images.is_busy
    assert Image.objects.due().count() == 1


def test_the_search_catches_up_turn_by_turn_and_then_rests(article):
    SearchDocument.objects.all().delete()
    hand = Worker()
    assert hand._index_changed_articles()
    assert SearchDocument.objects.get().article == article
    assert not hand._index_changed_articles()
    SearchDocument.objects.all().delete()
    assert not hand._index_changed_articles()  # until a minute later
    hand.search_at = 0
    assert hand._index_changed_articles()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly_when_it_is_told_to(tmp_path, number):
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'not-migrated.sqlite3'}"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_worker"], env=environment, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True
    )
    with process:
        line = process.stderr.readline()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert "The database does not answer" in line
        assert process.stderr.read() == ""


def test_without_its_database_it_says_so_once_and_goes_on_when_it_is_back(work, monkeypatch, caplog):
    answers = iter([OperationalError("no\nroute"), OperationalError("no route"), None, None])

    def look():
        if error := next(answers):
            raise error
        return False

    monkeypatch.setattr(worker, "run_one_task", look)
    with caplog.at_level(logging.WARNING, "newsite.worker.worker"):
        assert [work.run_once() for _ in range(4)] == [5, 5, 1, 1]
    assert [record.message for record in caplog.records] == [
        "The database does not answer; waiting for it: no",
        "The database answers again.",
    ]


def test_a_task_that_a_killed_worker_left_is_run_by_the_next(work):
    subscription = create_subscription("adas", confirmed_at=None)
    letter = Notification.objects.create(kind="confirm", subscription=subscription)
    enqueue_delivery(letter)
    left = timezone.now() - MAX_TASK_DURATION - timedelta(seconds=1)
    DBTaskResult.objects.update(status="RUNNING", started_at=left, worker_ids=["killed"])
    assert worker.run_one_task() is False
    requeue_stale_tasks()
    assert worker.run_one_task() is True
    assert len(mail.outbox) == 1


def test_a_task_that_is_running_is_left_alone(db):
    deliver_notification.enqueue(1)
    DBTaskResult.objects.update(status="RUNNING", started_at=timezone.now())
    assert requeue_stale_tasks() == 0


def test_a_task_about_a_letter_that_is_gone_or_not_due_does_nothing(work):
    article = make_article()
    reply = make_comment(article, parent=make_comment(article, device="adas"))
    Notification.objects.create(
        kind="reply",
        subscription=create_subscription("adas"),
        comment=reply,
        due_at=timezone.now() + timedelta(hours=1),
    )
    for pk in (Notification.objects.get().pk, 10**9):
        deliver_notification.enqueue(pk)
        assert worker.run_one_task()
    assert mail.outbox == []
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}


def test_a_chore_that_is_broken_keeps_no_other_from_being_done(db, monkeypatch, caplog):
    done = []

    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "requeue_stale_tasks", broken)
    monkeypatch.setattr(worker, "delete_old_notifications", lambda: done.append("forgotten"))
    worker.run_periodic_jobs()
    assert done == ["forgotten"]
    assert "broken failed" in caplog.text
