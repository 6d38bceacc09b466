"""Admin of background jobs: progress, result and a button to stop them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import NewsroomAdmin
from articles.params import parse_id
from comments.admin import backtests, bulk
from comments.models import BackgroundJob
from comments.moderation.decide import InvalidTransition
from comments.queue.bulk import start_undo

RESULT_CONTEXT: dict[
    str, Callable[[HttpRequest, BackgroundJob], dict[str, Any]]
] = {  # context for the result, by kind of job
    BackgroundJob.Kind.BULK: bulk.bulk_context,
    BackgroundJob.Kind.UNDO: bulk.bulk_context,
    BackgroundJob.Kind.BACKTEST: backtests.backtest_context,
}


@admin.register(BackgroundJob)
class BackgroundJobAdmin(NewsroomAdmin):
    list_display = ["page", "kind", "actor", "requested_at", "state"]
    list_display_links = None
    list_filter = ["kind"]
    list_select_related = ["actor"]
    list_per_page = 50
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def has_view_permission(self, request: HttpRequest, obj: BackgroundJob | None = None) -> bool:
        """Allow moderators every job, and other users their own backtests."""
        is_own_backtest = (
            obj is not None and obj.kind == BackgroundJob.Kind.BACKTEST and obj.actor_id == request.user.pk
        )
        return is_own_backtest or request.user.has_perm("comments.moderate_comment")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BackgroundJob | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BackgroundJob | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def page(self, job: BackgroundJob) -> str:
        return format_html('<a href="{}">{}</a>', job.get_absolute_url(), job)

    @admin.display(description=gettext_lazy("status"))
    def state(self, job: BackgroundJob) -> str:
        if job.finished_at:
            return job.problem or _("Finished")
        return _("%(done)d of %(total)d") % {"done": job.done, "total": job.total} if job.total else _("Queued")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page of the job, which polls until the job is finished."""
        job = BackgroundJob.objects.select_related("actor").filter(pk=parse_id(object_id)).first()
        if job is None or not self.has_view_permission(request, job):
            raise Http404
        if request.method == "POST":
            if "stop" in request.POST and job.finished_at is None:
                job.finish(_("Stopped by %s") % request.user)
                self.message_user(request, _("Stopped. Changes made so far are kept."), messages.SUCCESS)
            return HttpResponseRedirect(self._undo(request, job) if "undo" in request.POST else request.get_full_path())
        context = {
            **self.admin_site.each_context(request),
            **(RESULT_CONTEXT[job.kind](request, job) if job.kind in RESULT_CONTEXT else {}),
            "title": str(job),
            "opts": self.opts,
            "job": job,
            "outcome": f"admin/comments/backgroundjob/_{job.kind}.html",
        }
        return TemplateResponse(request, "admin/comments/backgroundjob/progress.html", context)

    def _undo(self, request: HttpRequest, job: BackgroundJob) -> str:
        """Start the undo of a job and return the URL to redirect to."""
        try:
            undo = start_undo(job, actor=cast(User, request.user))
        except InvalidTransition as error:
            self.message_user(request, str(error), messages.WARNING)
            return request.get_full_path()
        return f"{undo.get_absolute_url()}?{request.GET.urlencode()}"
