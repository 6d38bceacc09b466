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

from comments.filters.backtest import FORGOTTEN_AFTER, look_further
from comments.models import Job
from comments.models.background_job import LEASE
from comments.queue import bulk

STEPS: dict[str, Callable[[Job], bool]] = {
    Job.Kind.BULK: bulk.work,
    Job.Kind.UNDO: bulk.work,
    Job.Kind.TRIAL: look_further,
}
KEPT_FOR = {  # after their end
    Job.Kind.BULK: timedelta(days=90),  # for so long they can be undone; what was decided stands in Decisions
    Job.Kind.UNDO: timedelta(days=90),
    Job.Kind.TRIAL: FORGOTTEN_AFTER,  # also their titles: a device or a network may stand there
}

logger = logging.getLogger(__name__)


def work_on_one() -> bool:
    """One step of the job that has waited the longest; whether there was one."""
    job = _take()
    if job is None:
        return False
    mine = Job.objects.filter(pk=job.pk, leased_until=job.leased_until)
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
        place=job.place,
        result=job.result,
        moved_at=timezone.now(),
        leased_until=None,
    )
    if is_last and moved:
        job.finish()
    return True


def forget_jobs() -> None:
    for kind, time in KEPT_FOR.items():
        Job.objects.filter(kind=kind, finished_at__lt=timezone.now() - time).delete()


def _take() -> Job | None:
    """The next one, ours until its lease is over."""
    now = timezone.now()
    for job in Job.objects.free(now).order_by("moved_at")[:3]:  # another worker may be quicker
        if Job.objects.free(now).filter(pk=job.pk).update(leased_until=now + LEASE):
            if job.leased_until:
                logger.warning("Job %s was abandoned by its worker; its last step is run again.", job.pk)
            job.leased_until = now + LEASE
            return job
    return None
