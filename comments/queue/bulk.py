"""Bulk decisions and their undo: small ones run in the request, larger ones as a background job.

The comments and their versions are fixed when the job is created. Later comments are not affected. Comments that other
people change meanwhile are skipped and reported. Each comment's action and its item are stored in one transaction, so
that an interrupted job resumes exactly where it stopped.
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

from comments.models import BackgroundJob, BulkItem, Comment, RejectReason
from comments.models.background_job import LEASE_DURATION
from comments.moderation.decide import InvalidTransition, conflict_message
from comments.moderation.undo import undo
from comments.queue.actions import ACTIONS, SINGLE_COMMENT_ACTIONS, check_action, perform

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_SYNCHRONOUS = 25  # comments decided within the request; more would delay the response
MAX_BULK_COMMENTS = 50_000  # inserting this many items takes less than a second
STEP_SECONDS = 1.0
BATCH_SIZE = 100  # rows

_UNDOABLE_KINDS = {BackgroundJob.Kind.BULK, BackgroundJob.Kind.UNDO}
_INSERT_ITEMS_SQL = """
INSERT INTO comments_bulkitem (job_id, comment_id, version, open_reports, problem)
SELECT %s, fixed_comment, fixed_version, fixed_reports, '' FROM ({}) AS fixed ORDER BY fixed_comment
"""


def start_bulk(
    comments: QuerySet[Comment],
    action: str,
    *,
    actor: User,
    reason: RejectReason | None = None,
    seen: Mapping[int, str] | None = None,
) -> BackgroundJob:
    """Apply an action to the first MAX_BULK_COMMENTS of these comments, in their order.

    The returned job is already finished if it has at most MAX_SYNCHRONOUS comments. `seen` maps comment ids to the
    stamps that the moderator saw; all other comments are taken in their present version. Raise InvalidTransition if
    there is nothing to do.
    """
    check_action("" if action in SINGLE_COMMENT_ACTIONS else action, reason)
    parameters = {"action": action}
    if action == "reject" and reason:  # a copy: the reason may be edited or deleted meanwhile
        parameters |= {"title": reason.title, "sentence": reason.sentence}
    label = f"{ACTIONS[action][0]} ({reason})" if "title" in parameters else str(ACTIONS[action][0])
    plain = comments.select_related(None).prefetch_related(None)
    rows = plain.values(fixed_comment=F("pk"), fixed_version=F("version"), fixed_reports=F("open_reports"))[
        :MAX_BULK_COMMENTS
    ]
    with transaction.atomic():
        job = _create_job(BackgroundJob.Kind.BULK, rows, actor=actor, parameters=parameters)
        if seen:
            _apply_seen_versions(job, seen)
        counted = ngettext("%(action)s: %(number)d comment", "%(action)s: %(number)d comments", job.total)
        job.title = counted % {"action": label, "number": job.total}
        job.save(update_fields=["title"])
    return _run_if_small(job)


def _apply_seen_versions(job: BackgroundJob, seen: Mapping[int, str]) -> None:
    for item in job.items.filter(comment__in=seen).select_related("comment"):
        comment = item.comment
        comment.expect_stamp(seen[comment.pk])
        if (comment.version, comment.open_reports) != (item.version, item.open_reports):
            item.version, item.open_reports = comment.version, comment.open_reports
            item.save(update_fields=["version", "open_reports"])


def is_undoable(job: BackgroundJob) -> bool:
    return job.kind in _UNDOABLE_KINDS and job.finished_at is not None and bool(job.items.moved().exists())


def start_undo(done: BackgroundJob, *, actor: User) -> BackgroundJob:
    """Undo a finished job: restore each comment that it moved, unless the comment has changed since.

    Undoing an undo repeats the original action. Raise InvalidTransition if there is nothing to do.
    """
    if not is_undoable(done):
        raise InvalidTransition(_("Nothing to undo for “%s”.") % done)
    moved = done.items.moved()
    rows = moved.values(
        fixed_comment=F("comment_id"), fixed_version=F("new_version"), fixed_reports=F("comment__open_reports")
    )
    with transaction.atomic():
        job = _create_job(BackgroundJob.Kind.UNDO, rows, actor=actor, parameters={"of": done.pk})
        job.title = (_("Undo: %s") % done.title)[:200]
        job.save(update_fields=["title"])
    return _run_if_small(job)


def _create_job(
    kind: BackgroundJob.Kind, rows: QuerySet[Any, Any], *, actor: User, parameters: dict[str, Any]
) -> BackgroundJob:
    """Create a job with a fixed list of comments.

    A small job starts with a lease, so that no worker takes it while the request runs it.
    """
    job = BackgroundJob.objects.create(
        kind=kind, actor=actor, parameters=parameters, lease_expires_at=timezone.now() + LEASE_DURATION
    )
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        raise InvalidTransition(_("No comments selected.")) from None
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_ITEMS_SQL.format(sql), [job.pk, *values])
        job.total = cursor.rowcount
    if not job.total:
        raise InvalidTransition(_("No comments selected."))
    if job.total > MAX_SYNCHRONOUS:
        job.lease_expires_at = None
    job.save(update_fields=["total", "lease_expires_at"])
    return job


def _run_if_small(job: BackgroundJob) -> BackgroundJob:
    """Run a small job to its end.

    If the process is killed, the worker continues the job when the lease has expired.
    """
    if job.total <= MAX_SYNCHRONOUS:
        while not run_bulk_step(job):
            pass
        job.lease_expires_at = None
        job.save(update_fields=["done", "cursor", "result", "lease_expires_at"])
        job.finish()
    return job


def run_bulk_step(job: BackgroundJob) -> bool:
    """Run the job for about STEP_SECONDS and return whether it is complete."""
    until = time.monotonic() + STEP_SECONDS
    while items := list(job.items.filter(pk__gt=job.cursor.get("after", 0)).order_by("pk")[:BATCH_SIZE]):
        for item in items:
            done = item if _is_done(item) else _process_item(job, item.pk)
            if not _is_done(done):
                return True  # the job has been stopped
            outcome = "moved" if done.new_version else "skipped"
            job.result[outcome] = job.result.get(outcome, 0) + 1
            job.cursor["after"] = done.pk
            job.done += 1
            if time.monotonic() >= until:
                return False
    return True


def _is_done(item: BulkItem) -> bool:
    return item.new_version is not None or item.problem != ""


@transaction.atomic
def _process_item(job: BackgroundJob, pk: int) -> BulkItem:
    """Process the item once, however many workers run this job, unless the job has been stopped.

    The row locks of the item and the job serialize this with other workers and with a stop.
    """
    waiting = BulkItem.objects.pending().filter(pk=pk, job__finished_at=None).select_related("job", "comment")
    item = waiting.select_for_update(of=("self", "job"), no_key=True).first()
    if item is None:
        return BulkItem.objects.get(pk=pk)
    comment = item.comment
    try:
        if comment.version != item.version:
            raise InvalidTransition(conflict_message(comment))
        comment.open_reports = item.open_reports
        _perform(job, comment)
        item.new_version = comment.version
    except InvalidTransition as error:
        item.problem = str(error)[:300]
    item.save(update_fields=["new_version", "problem"])
    return item


def _perform(job: BackgroundJob, comment: Comment) -> None:
    """Apply the job's action to the comment. Raise InvalidTransition if it is not possible."""
    if job.kind == BackgroundJob.Kind.UNDO:
        undo(comment, actor=job.actor)
        return
    how = job.parameters
    reason = RejectReason(title=how["title"], sentence=how["sentence"]) if "title" in how else None
    perform(how["action"], comment, actor=job.actor, reason=reason)
