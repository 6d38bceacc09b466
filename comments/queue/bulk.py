"""One decision about many comments: a few at once, more as a job of the worker. And the undo of that.

Which comments these are, and in which version, is fixed when it begins: what comes later is not touched, what others
change meanwhile is skipped and named. Each comment's move is one transaction with its mark, so that whoever goes on
after an interruption goes on exactly there.
"""

from __future__ import annotations

from collections.abc import Mapping
import time
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import BulkItem, Comment, Job, RejectReason
from comments.models.background_job import LEASE
from comments.moderation.decide import WrongMove, what_happened
from comments.moderation.undo import undo
from comments.queue.actions import MOVES, OF_ONE, check_move, make_move

if TYPE_CHECKING:
    from django.contrib.auth.models import User

AT_ONCE = 25  # as many are decided before the answer; more would keep a moderator waiting
LARGEST = 50_000  # so many are fixed within a second
STEP = 1.0  # seconds
READ = 100  # rows at a time

_UNDOABLE = {Job.Kind.BULK, Job.Kind.UNDO}
_FIX = """
INSERT INTO comments_bulkitem (job_id, comment_id, version, open_reports, problem)
SELECT %s, fixed_comment, fixed_version, fixed_reports, '' FROM ({}) AS fixed ORDER BY fixed_comment
"""


def begin(
    comments: QuerySet[Comment],
    move: str,
    *,
    by: User,
    reason: RejectReason | None = None,
    seen: Mapping[int, str] | None = None,
) -> Job:
    """The first LARGEST of these comments, in their order. At most AT_ONCE: then the job that comes back is finished.

    `seen` are the stamps of what the moderator had before them, by the comment's id; all others are meant as they are.
    Raises WrongMove when there is nothing to do.
    """
    check_move("" if move in OF_ONE else move, reason)
    parameters = {"move": move}
    if move == "reject" and reason:  # the words of now: the reason may be changed or deleted meanwhile
        parameters |= {"title": reason.title, "sentence": reason.sentence}
    label = f"{MOVES[move][0]} ({reason})" if "title" in parameters else str(MOVES[move][0])
    plain = comments.select_related(None).prefetch_related(None)
    rows = plain.values(fixed_comment=F("pk"), fixed_version=F("version"), fixed_reports=F("open_reports"))[:LARGEST]
    with transaction.atomic():
        job = _create(Job.Kind.BULK, rows, by=by, parameters=parameters)
        if seen:
            _take_as_seen(job, seen)
        counted = ngettext("%(move)s: %(number)d comment", "%(move)s: %(number)d comments", job.total)
        job.title = counted % {"move": label, "number": job.total}
        job.save(update_fields=["title"])
    return _work_at_once(job)


def _take_as_seen(job: Job, seen: Mapping[int, str]) -> None:
    for item in job.items.filter(comment__in=seen).select_related("comment"):
        comment = item.comment
        comment.as_of(seen[comment.pk])
        if (comment.version, comment.open_reports) != (item.version, item.open_reports):
            item.version, item.open_reports = comment.version, comment.open_reports
            item.save(update_fields=["version", "open_reports"])


def is_undoable(job: Job) -> bool:
    return job.kind in _UNDOABLE and job.finished_at is not None and bool(job.items.moved().exists())


def begin_undo(done: Job, *, by: User) -> Job:
    """Of what that job has moved, each goes back to where it was, unless something has happened to it since.

    To undo an undo is to do it again. Raises WrongMove when there is nothing to do.
    """
    if not is_undoable(done):
        raise WrongMove(_("Nothing to undo for “%s”.") % done)
    moved = done.items.moved()
    rows = moved.values(
        fixed_comment=F("comment_id"), fixed_version=F("made"), fixed_reports=F("comment__open_reports")
    )
    with transaction.atomic():
        job = _create(Job.Kind.UNDO, rows, by=by, parameters={"of": done.pk})
        job.title = (_("Undo: %s") % done.title)[:200]
        job.save(update_fields=["title"])
    return _work_at_once(job)


def _create(kind: Job.Kind, rows: QuerySet[Any, Any], *, by: User, parameters: dict[str, Any]) -> Job:
    """With its comments fixed. No worker takes it while it has few."""
    job = Job.objects.create(kind=kind, by=by, parameters=parameters, leased_until=timezone.now() + LEASE)
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        raise WrongMove(_("No comments selected.")) from None
    with connection.cursor() as cursor:
        cursor.execute(_FIX.format(sql), [job.pk, *values])
        job.total = cursor.rowcount
    if not job.total:
        raise WrongMove(_("No comments selected."))
    if job.total > AT_ONCE:
        job.leased_until = None
    job.save(update_fields=["total", "leased_until"])
    return job


def _work_at_once(job: Job) -> Job:
    """If it is small; should we be killed in the middle, the worker goes on when the lease is over."""
    if job.total <= AT_ONCE:
        while not work(job):
            pass
        job.leased_until = None
        job.save(update_fields=["done", "place", "result", "leased_until"])
        job.finish()
    return job


def work(job: Job) -> bool:
    """One step of the job, about STEP seconds. Whether it was the last one."""
    until = time.monotonic() + STEP
    while items := list(job.items.filter(pk__gt=job.place.get("after", 0)).order_by("pk")[:READ]):
        for item in items:
            done = item if _is_done(item) else _move(job, item.pk)
            if not _is_done(done):
                return True  # somebody has stopped the job
            outcome = "moved" if done.made else "skipped"
            job.result[outcome] = job.result.get(outcome, 0) + 1
            job.place["after"] = done.pk
            job.done += 1
            if time.monotonic() >= until:
                return False
    return True


def _is_done(item: BulkItem) -> bool:
    return item.made is not None or item.problem != ""


@transaction.atomic
def _move(job: Job, pk: int) -> BulkItem:
    """Once, however many work on this job; and not any more as soon as it is stopped: both wait for each other here."""
    waiting = BulkItem.objects.waiting().filter(pk=pk, job__finished_at=None).select_related("job", "comment")
    item = waiting.select_for_update(of=("self", "job"), no_key=True).first()
    if item is None:
        return BulkItem.objects.get(pk=pk)
    comment = item.comment
    try:
        if comment.version != item.version:
            raise WrongMove(what_happened(comment))
        comment.open_reports = item.open_reports
        _make_move(job, comment)
        item.made = comment.version
    except WrongMove as error:
        item.problem = str(error)[:300]
    item.save(update_fields=["made", "problem"])
    return item


def _make_move(job: Job, comment: Comment) -> None:
    """Raises WrongMove."""
    if job.kind == Job.Kind.UNDO:
        undo(comment, by=job.by)
        return
    how = job.parameters
    reason = RejectReason(title=how["title"], sentence=how["sentence"]) if "title" in how else None
    make_move(how["move"], comment, by=job.by, reason=reason)
