"""The worker: tasks, letters, questions and pictures that are due, long jobs, those on duty, forgetting, learning.

As many at once as one likes. What it does can be lost in the middle: tasks only say "look"; letters, questions, jobs
and pictures carry their own lease. A picture is decoded by another process, at which the worker looks between other
work. When the database is away it waits, and says so once.
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

from articles.editing import forget_drafts
from articles.images.queue import ImageQueue, forget_orphans
from articles.models import Article, SearchEntry
from comments.akismet.client import Away
from comments.akismet.worker import ask_due, forget_addresses
from comments.background_jobs import forget_jobs, work_on_one
from comments.notifications.deliver import deliver_due, forget
from comments.notifications.moderator_alerts import write_to_those_on_duty
from comments.privacy.retention import forget_lapsed
from comments.readers.rate_limits import forget_clicks
from comments.submission.attack_clusters import fold_beginnings
from comments.submission.near_duplicates import forget_traces
from comments.submission.usual_rate import measure_new_devices
from newsite.accounts.login_limits import forget_failed_logins
from newsite.worker.clock import Clock
from newsite.worker.training_process import learn_when_due, stop_learning

PAUSE = 1.0  # seconds, when there was nothing to do
PAUSE_WITH_IMAGE = 0.2  # while a process has an image in hand
PAUSE_WITHOUT_DATABASE = 5.0
BETWEEN_CHORES = 60.0
WITHOUT_AKISMET = 60.0  # after it could not be reached: nothing else waits for it meanwhile
LONGEST_TASK = timedelta(minutes=10)  # one that has run for longer was left by a worker that is gone
RESULTS_KEPT = timedelta(days=1)
LONGEST_CATCHING_UP = 1.0  # seconds a turn: letters wait meanwhile

logger = logging.getLogger(__name__)


class Worker:
    """`stop()` ends `run()` after the task or letter in hand."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.images = ImageQueue()
        self.is_stopping = False
        self.is_without_database = False
        self.chores_at = 0.0
        self.akismet_at = 0.0
        self.search_at = 0.0

    def stop(self) -> None:
        self.is_stopping = True

    def run(self) -> None:
        while not self.is_stopping:
            self._wait(self.turn())
        self._stop_images()
        stop_learning()

    def turn(self) -> float:
        """Does what there is to do, one thing of a kind; returns how many seconds to wait before the next turn."""
        self.clock.look()
        try:
            close_old_connections()
            has_worked = run_one_task() | bool(deliver_due(is_stopping=lambda: self.is_stopping))
            if not self.is_stopping:
                has_worked |= fold_beginnings()
                has_worked |= self._ask_akismet()
                has_worked |= work_on_one()
                has_worked |= self._catch_up_with_the_search()
                has_worked |= self.images.step()
            if time.monotonic() >= self.chores_at and not self.is_stopping:
                do_chores()
                self.chores_at = time.monotonic() + BETWEEN_CHORES
        except (DatabaseError, InterfaceError) as error:
            if not self.is_without_database:
                logger.error("The database does not answer; waiting for it: %s", str(error).strip().partition("\n")[0])
            self.is_without_database = True
            connection.close()
            return PAUSE_WITHOUT_DATABASE
        if self.is_without_database:
            logger.warning("The database answers again.")
            self.is_without_database = False
        if has_worked:
            return 0
        return PAUSE_WITH_IMAGE if self.images.is_busy else PAUSE

    def _stop_images(self) -> None:
        with contextlib.suppress(DatabaseError, InterfaceError):  # then it is due again when its claim is over
            self.images.stop()

    def _ask_akismet(self) -> bool:
        if self.is_stopping or not settings.AKISMET_KEY or time.monotonic() < self.akismet_at:
            return False
        try:
            return bool(ask_due(is_stopping=lambda: self.is_stopping))
        except Away:
            self.akismet_at = time.monotonic() + WITHOUT_AKISMET
            return True

    def _catch_up_with_the_search(self) -> bool:
        """What was imported, or moved otherwise than by saving it: a second of it, again as long as there is more."""
        if time.monotonic() < self.search_at:
            return False
        written = SearchEntry.catch_up(Article.objects.all(), seconds=LONGEST_CATCHING_UP)
        if not written:
            self.search_at = time.monotonic() + BETWEEN_CHORES
        return bool(written)

    def _wait(self, seconds: float) -> None:
        """In small steps: a signal only sets `is_stopping`."""
        until = time.monotonic() + seconds
        while not self.is_stopping and time.monotonic() < until:
            time.sleep(min(0.1, seconds))


def run_one_task() -> bool:
    """Whether there was one."""
    if not DBTaskResult.objects.ready().exists():  # cheaper than to lock, which SQLite does for the whole database
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


def do_chores() -> None:
    """Each on its own: that one is broken must not keep the others, or the letters, from being done."""
    chores: list[Callable[[], object]] = [
        take_back_tasks,
        write_to_those_on_duty,
        forget,
        forget_addresses,
        forget_traces,
        measure_new_devices,
        forget_clicks,
        forget_tasks,
        forget_jobs,
        forget_drafts,
        forget_orphans,
        learn_when_due,
        forget_failed_logins,
        forget_lapsed,
    ]
    for chore in chores:
        try:
            chore()
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            logger.exception("%s failed; retrying in a minute.", chore.__name__)


def take_back_tasks() -> int:
    """Those that a killed worker left running."""
    left = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LONGEST_TASK)
    number = left.update(status="READY")
    if number:
        logger.warning("%s task(s) were abandoned by a worker and will be run again.", number)
    return number


def forget_tasks() -> None:
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - RESULTS_KEPT).delete()
