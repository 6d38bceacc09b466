"""Worker: tasks, notifications, Akismet checks, images, background jobs, reminders, retention and training.

Run any number of workers. Every step may be interrupted: tasks only trigger a look at the database; notifications,
Akismet checks, jobs and images carry their own lease. Another process decodes an image, which the worker polls
between other work. In a database outage the worker waits, with one log line.
"""

from __future__ import annotations

from collections.abc import Callable
import contextlib
from datetime import timedelta
import logging
import time

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from articles.editing import purge_autosaves
from articles.images.queue import ImageQueue, purge_orphaned_uploads
from articles.models import Article, SearchDocument
from comments.akismet.client import AkismetUnavailable
from comments.akismet.worker import purge_encrypted_data, run_due
from comments.background_jobs import delete_old_jobs, run_one_step
from comments.notifications.deliver import delete_old_notifications, deliver_due
from comments.notifications.moderator_alerts import notify_moderators_on_duty
from comments.privacy.retention import purge_expired
from comments.readers.form_limit import delete_old_rate_limit_events
from comments.submission.attack_clusters import collect_initial_comments
from comments.submission.near_duplicates import delete_old_shingles
from comments.submission.usual_rate import update_usual_rate
from newsite.accounts.login_limits import purge_failed_logins
from newsite.worker.training_process import stop_training, train_when_due

IDLE_SECONDS = 1.0  # when there was nothing to do
IMAGE_POLL_SECONDS = 0.2  # while a process decodes an image
OUTAGE_RETRY_SECONDS = 5.0
PERIODIC_INTERVAL_SECONDS = 60.0
AKISMET_RETRY_SECONDS = 60.0  # after Akismet was unreachable; other work continues
MAX_TASK_DURATION = timedelta(minutes=10)  # a task that runs longer was abandoned by a dead worker
TASK_RESULT_RETENTION = timedelta(days=1)
MAX_INDEXING_SECONDS = 1.0  # per step, so that notifications are not delayed

logger = logging.getLogger(__name__)


class Worker:
    """Worker loop; `stop()` ends `run()` after the current task or notification."""

    def __init__(self) -> None:
        self.images = ImageQueue()
        self.is_stopping = False
        self.is_without_database = False
        self.periodic_jobs_at = 0.0
        self.akismet_at = 0.0
        self.search_at = 0.0

    def stop(self) -> None:
        self.is_stopping = True

    def run(self) -> None:
        while not self.is_stopping:
            self._wait(self.run_once())
        self._stop_images()
        stop_training()

    def run_once(self) -> float:
        """Do one item of each kind of due work; return the seconds to wait before the next call."""
        try:
            close_old_connections()
            has_worked = run_one_task() | bool(deliver_due(is_stopping=lambda: self.is_stopping))
            if not self.is_stopping:
                has_worked |= collect_initial_comments()
                has_worked |= self._ask_akismet()
                has_worked |= run_one_step()
                has_worked |= self._index_changed_articles()
                has_worked |= self.images.step()
            if time.monotonic() >= self.periodic_jobs_at and not self.is_stopping:
                run_periodic_jobs()
                self.periodic_jobs_at = time.monotonic() + PERIODIC_INTERVAL_SECONDS
        except (DatabaseError, InterfaceError) as error:
            if not self.is_without_database:
                logger.error("The database does not answer; waiting for it: %s", str(error).strip().partition("\n")[0])
            self.is_without_database = True
            connection.close()
            return OUTAGE_RETRY_SECONDS
        if self.is_without_database:
            logger.warning("The database answers again.")
            self.is_without_database = False
        if has_worked:
            return 0
        return IMAGE_POLL_SECONDS if self.images.is_busy else IDLE_SECONDS

    def _stop_images(self) -> None:
        with contextlib.suppress(DatabaseError, InterfaceError):  # then it is due again after its lease
            self.images.stop()

    def _ask_akismet(self) -> bool:
        if self.is_stopping or not settings.AKISMET_KEY or time.monotonic() < self.akismet_at:
            return False
        try:
            return bool(run_due(is_stopping=lambda: self.is_stopping))
        except AkismetUnavailable:
            self.akismet_at = time.monotonic() + AKISMET_RETRY_SECONDS
            return True

    def _index_changed_articles(self) -> bool:
        """Index imported or bulk-changed articles for one second; return whether there was work."""
        if time.monotonic() < self.search_at:
            return False
        written = SearchDocument.catch_up(Article.objects.all(), seconds=MAX_INDEXING_SECONDS)
        if not written:
            self.search_at = time.monotonic() + PERIODIC_INTERVAL_SECONDS
        return bool(written)

    def _wait(self, seconds: float) -> None:
        """Wait in small steps, because a signal only sets `is_stopping`."""
        until = time.monotonic() + seconds
        while not self.is_stopping and time.monotonic() < until:
            time.sleep(min(0.1, seconds))


def run_one_task() -> bool:
    """Return whether there was a task."""
    if not DBTaskResult.objects.ready().exists():  # cheaper than a lock, which in SQLite locks the whole database
        return False
    TaskWorker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id="work",
    ).run()
    return True


def run_periodic_jobs() -> None:
    """Run each job separately, so that a failure does not prevent the other jobs or notifications."""
    chores: list[Callable[[], object]] = [
        requeue_stale_tasks,
        notify_moderators_on_duty,
        delete_old_notifications,
        purge_encrypted_data,
        delete_old_shingles,
        update_usual_rate,
        delete_old_rate_limit_events,
        purge_task_results,
        delete_old_jobs,
        purge_autosaves,
        purge_orphaned_uploads,
        train_when_due,
        purge_failed_logins,
        purge_expired,
    ]
    for chore in chores:
        try:
            chore()
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            logger.exception("%s failed; retrying in a minute.", chore.__name__)


def requeue_stale_tasks() -> int:
    """Requeue tasks that a killed worker left running."""
    left = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - MAX_TASK_DURATION)
    number = left.update(status="READY")
    if number:
        logger.warning("%s task(s) were abandoned by a worker and will be run again.", number)
    return number


def purge_task_results() -> None:
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - TASK_RESULT_RETENTION).delete()
