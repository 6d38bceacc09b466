"""Bulk decisions in the admin: selected comments, clusters and whole queues, with result messages and undo."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.admin.base import NewsroomAdmin
from articles.params import parse_id
from comments.models import BackgroundJob, BulkItem, Cluster, Comment, RejectReason
from comments.moderation.decide import InvalidTransition
from comments.queue.actions import ACTIONS
from comments.queue.bulk import MAX_BULK_COMMENTS, is_undoable, start_bulk, start_undo
from comments.queue.clusters import cluster_stamp, pending_at_stamp
from comments.queue.queues import Queue
from comments.queue.selection import QueueQuery

CLUSTER_PAGE_SIZE = 50  # comments
MAX_SKIPPED_NAMED = 5  # skipped comments named in messages
SKIPPED_PAGE_SIZE = 100


class BulkAdmin(NewsroomAdmin):
    """Bulk views of the moderation queue. Their URLs keep the query string of the queue."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("many/", view(self.many_view), name="comments_moderation_many"),
            path("cluster/<int:pk>/", view(self.cluster_view), name="comments_moderation_cluster"),
            path("all/", view(self.all_view), name="comments_moderation_all"),
        ]

    def many_view(self, request: HttpRequest) -> HttpResponse:
        """Apply an action to the selected comments or a cluster, or undo a job. Redirect to the queue."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":  # the login page redirects here with GET
            return HttpResponseRedirect(_queue_url(request.GET))
        seen = dict(map(_parse_selected, request.POST.getlist("ticked")))
        user = cast(User, request.user)
        try:
            if "undo" in request.POST:
                job = start_undo(get_object_or_404(BackgroundJob, pk=parse_id(request.POST["undo"])), actor=user)
            else:
                cluster = parse_id(request.POST.get("cluster", ""))
                ticked = Comment.objects.filter(pk__in=seen)
                chosen = pending_at_stamp(cluster, request.POST.get("shown", "")) if cluster else ticked
                job = start_from_form(request, chosen.order_by("pk"), request.POST.get("action", ""), seen=seen)
        except InvalidTransition as error:
            self.message_user(request, str(error), messages.WARNING)
            return HttpResponseRedirect(_queue_url(request.GET))
        if job.finished_at is None:
            return HttpResponseRedirect(_progress_url(job, request.GET))
        report_result(request, job)
        return HttpResponseRedirect(_queue_url(request.GET, job=job))

    def all_view(self, request: HttpRequest) -> HttpResponse:
        """Confirm how many comments match and which action to apply. Apply it on POST.

        The action never applies to more comments than the filters select.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            selection = QueueQuery.parse(request.GET)
        except ValueError as error:
            raise Http404 from error
        if not selection.has_valid_filters():
            raise Http404
        comments = selection.comments().oldest_first()
        if request.method == "POST":
            try:
                job = start_from_form(request, comments, request.POST.get("action", ""))
                return HttpResponseRedirect(_progress_url(job, request.GET))
            except InvalidTransition as error:
                self.message_user(request, str(error), messages.WARNING)
        number, is_more = selection.number()
        context = {
            **self.admin_site.each_context(request),
            "title": _("All comments in “%s”") % selection.queue.label,
            "chips": selection.filters.chips(),
            "number": number,
            "is_more": is_more,
            "largest": MAX_BULK_COMMENTS,
            "reasons": list(RejectReason.objects.all()),
            "queue_url": _queue_url(request.GET),
        }
        return TemplateResponse(request, "admin/comments/queue/bulk_confirm.html", context)

    def cluster_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the pending comments of a cluster page by page, with buttons to decide on all of them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        cluster = get_object_or_404(Cluster, pk=parse_id(str(pk)))
        newest = cluster.comments.newest_first().values_list("pk", flat=True).first()
        waiting = Queue.PENDING.comments().filter(cluster=cluster).select_related("article").oldest_first()
        after = Comment.objects.filter(pk=parse_id(request.GET.get("further", ""))).first()
        page = list((waiting.after(after.created_at, after.pk) if after else waiting)[: CLUSTER_PAGE_SIZE + 1])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Comments from the same attack") if cluster.is_attack else _("Similar comments"),
            "cluster": cluster,
            "shown": cluster_stamp(newest or 0, now),
            "comments": page[:CLUSTER_PAGE_SIZE],
            "more": page[CLUSTER_PAGE_SIZE - 1] if len(page) > CLUSTER_PAGE_SIZE else None,
            "reasons": list(RejectReason.objects.all()),
            "current_query": _queue_url(request.GET).partition("?")[2],
            "queue_url": _queue_url(request.GET),
        }
        return TemplateResponse(request, "admin/comments/queue/cluster.html", context)

    def undoable(self, request: HttpRequest) -> BackgroundJob | None:
        """Return the job that this moderator has just started from the queue, if it can be undone."""
        if "job" not in request.GET:
            return None
        job = BackgroundJob.objects.filter(pk=parse_id(request.GET["job"]), actor=cast(User, request.user)).first()
        return job if job and is_undoable(job) else None


def _parse_selected(raw: str) -> tuple[int, str]:
    pk, _hyphen, stamp = raw.partition("-")
    return parse_id(pk), stamp


def _queue_url(query: QueryDict, *, job: BackgroundJob | None = None) -> str:
    """Return the URL of the start of the queue, with the same filters and order."""
    query = query.copy()
    for name in ("comment", "after", "before", "job", "further"):
        query.pop(name, None)
    if job:
        query["job"] = str(job.pk)
    return f"{reverse('admin:comments_moderation_changelist')}?{query.urlencode()}"


def _progress_url(job: BackgroundJob, query: QueryDict) -> str:
    """Return the URL of the job's page, with the query string for the way back to the queue."""
    return f"{job.get_absolute_url()}?{_queue_url(query).partition('?')[2]}"


def start_from_form(
    request: HttpRequest, comments: QuerySet[Comment], action: str, *, seen: dict[int, str] | None = None
) -> BackgroundJob:
    """Start the bulk decision that a form requests. Raise InvalidTransition.

    `action` may include the id of the reason, as the value of a button does: "reject:3".
    """
    action, _colon, chosen = action.partition(":")
    reason = RejectReason.objects.filter(pk=parse_id(chosen)).first()
    return start_bulk(comments, action, actor=cast(User, request.user), reason=reason, seen=seen)


def report_result(request: HttpRequest, job: BackgroundJob) -> None:
    """Add messages about the result of a finished job."""
    moved = job.result.get("moved", 0)
    if moved:
        done = ACTIONS["undo" if job.kind == BackgroundJob.Kind.UNDO else job.parameters["action"]][1]
        text = ngettext("%(count)d comment %(done)s.", "%(count)d comments %(done)s.", moved)
        messages.success(request, text % {"count": moved, "done": done})
    for item in job.items.skipped()[:MAX_SKIPPED_NAMED]:
        messages.warning(request, item.problem)
    more = job.result.get("skipped", 0) - MAX_SKIPPED_NAMED
    if more > 0:
        messages.warning(request, _("%d more couldn’t be changed.") % more)


def bulk_context(request: HttpRequest, job: BackgroundJob) -> dict[str, Any]:
    """Return skipped comments by page, whether the job can be undone, and the way back, for the job's page."""
    skipped = job.items.skipped().select_related("comment").filter(pk__gt=parse_id(request.GET.get("after", "")))
    page: list[BulkItem] = list(skipped.order_by("pk")[: SKIPPED_PAGE_SIZE + 1])
    return {
        "skipped": page[:SKIPPED_PAGE_SIZE],
        "more_skipped": page[SKIPPED_PAGE_SIZE - 1] if len(page) > SKIPPED_PAGE_SIZE else None,
        "is_undoable": is_undoable(job),
        "queue_url": (queue_url := _queue_url(request.GET)),
        "current_query": queue_url.partition("?")[2],
    }
