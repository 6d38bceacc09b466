"""Steps of background jobs, which the worker runs between notifications.

A step takes about a second. It changes `done`, `total`, `cursor` and `result` of its job, and returns whether it was
the last step. If the worker is killed during a step, the step is run again from the same `cursor`.
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
RETENTION = {  # after the end of the job
    BackgroundJob.Kind.BULK: timedelta(days=90),  # limits how long they can be undone; the Decisions are kept
    BackgroundJob.Kind.UNDO: timedelta(days=90),
    BackgroundJob.Kind.BACKTEST: RESULT_RETENTION,  # applies to titles too, which may contain a device or a network
}

logger = logging.getLogger(__name__)


def run_one_step() -> bool:
    """Run one step of the job that has waited the longest, and return whether there was one."""
    job = _lease_next()
    if job is None:
        return False
    try:
        is_last = STEPS[job.kind](job)
    except (DatabaseError, InterfaceError):  # not a fault of the job; it is available again when the lease expires
        raise
    except Exception:
        logger.exception("Job %s (%s) failed.", job.pk, job.kind)
        job.finish(_("Something went wrong (see the log). Changes made so far are kept."))
        return True
    moved = BackgroundJob.objects.filter(pk=job.pk).end_lease(
        job.lease_expires_at,
        done=job.done,
        total=job.total,
        cursor=job.cursor,
        result=job.result,
        last_step_at=timezone.now(),
    )
    if is_last and moved:
        job.finish()
    return True


def delete_old_jobs() -> None:
    for kind, time in RETENTION.items():
        BackgroundJob.objects.filter(kind=kind, finished_at__lt=timezone.now() - time).delete()


def _lease_next() -> BackgroundJob | None:
    """Return the next job, leased to this worker."""
    now = timezone.now()
    unfinished = BackgroundJob.objects.unfinished()
    for job in unfinished.unleased(now).order_by("last_step_at")[:3]:  # another worker may be faster
        if expires_at := unfinished.filter(pk=job.pk).take_lease(now, LEASE_DURATION):
            if job.lease_expires_at:
                logger.warning("Job %s was abandoned by its worker; its last step is run again.", job.pk)
            job.lease_expires_at = expires_at
            return job
    return None
