"""Who does which long work, and how the worker goes on with it: a step at a time, between letters.

A step takes about a second. It changes `done`, `total`, `place` and `result` of the job that it is given, and answers
whether it was the last one. A worker may be killed in a step: then the step is done again, from the same `place`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
import logging

from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.filters.backtest import RESULT_RETENTION, run_backtest_step
from comments.models import BackgroundJob
from comments.models.background_job import LEASE_DURATION
from comments.queue import bulk

STEPS: dict[str, Callable[[BackgroundJob], bool]] = {
    BackgroundJob.Kind.BULK: bulk.run_bulk_step,
    BackgroundJob.Kind.UNDO: bulk.run_bulk_step,
    BackgroundJob.Kind.BACKTEST: run_backtest_step,
}
RETENTION = {  # after their end
    BackgroundJob.Kind.BULK: timedelta(days=90),  # for so long they can be undone; what was decided stands in Decisions
    BackgroundJob.Kind.UNDO: timedelta(days=90),
    BackgroundJob.Kind.BACKTEST: RESULT_RETENTION,  # also their titles: a device or a network may stand there
}

logger = logging.getLogger(__name__)


def run_one_step() -> bool:
    """One step of the job that has waited the longest; whether there was one."""
    job = _lease_next()
    if job is None:
        return False
    mine = BackgroundJob.objects.filter(pk=job.pk, lease_expires_at=job.lease_expires_at)
    try:
        is_last = STEPS[job.kind](job)
    except (DatabaseError, InterfaceError):  # no fault of the job; it is free again when the lease is over
        raise
    except Exception:
        logger.exception("Job %s (%s) failed.", job.pk, job.kind)
        job.finish(_("Something went wrong (see the log). Changes made so far are kept."))
        return True
    moved = mine.update(
        done=job.done,
        total=job.total,
        cursor=job.cursor,
        result=job.result,
        last_step_at=timezone.now(),
        lease_expires_at=None,
    )
    if is_last and moved:
        job.finish()
    return True


def delete_old_jobs() -> None:
    for kind, time in RETENTION.items():
        BackgroundJob.objects.filter(kind=kind, finished_at__lt=timezone.now() - time).delete()


def _lease_next() -> BackgroundJob | None:
    """The next one, ours until its lease is over."""
    now = timezone.now()
    for job in BackgroundJob.objects.available(now).order_by("last_step_at")[:3]:  # another worker may be quicker
        if BackgroundJob.objects.available(now).filter(pk=job.pk).update(lease_expires_at=now + LEASE_DURATION):
            if job.lease_expires_at:
                logger.warning("Job %s was abandoned by its worker; its last step is run again.", job.pk)
            job.lease_expires_at = now + LEASE_DURATION
            return job
    return None
