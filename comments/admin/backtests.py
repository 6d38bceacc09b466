"""Backtests of unsaved entries, blocks and thresholds: the button in their forms, and the result."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from functools import partialmethod
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from articles.admin.base import NewsroomAdmin
from comments.filters.backtest import (
    FALSE_POSITIVES,
    MAX_KEPT_PER_OUTCOME,
    NEWEST_CHOICES,
    RESULT_RETENTION,
    TRUE_POSITIVES,
    BacktestOutcome,
    matcher_for,
    start_backtest,
)
from comments.models import BackgroundJob, Comment, SitePolicy
from comments.queue.detail import highlight
from comments.queue.queues import Queue
from comments.statuses import Status

BACKTEST_BUTTON = "_try"
COMMENT_COUNT_FIELD = "_newest"
PAGE_SIZE = 25
_FILTERS = {
    "all": (gettext_lazy("All"), set(BacktestOutcome)),
    "false": (gettext_lazy("False positives"), FALSE_POSITIVES),
    "right": (gettext_lazy("Rejected or spam"), TRUE_POSITIVES),
}
_QUEUES = {
    Status.PENDING: Queue.PENDING,
    Status.APPROVED: Queue.APPROVED,
    Status.REJECTED: Queue.REJECTED,
    Status.SPAM: Queue.SPAM,
    Status.WITHDRAWN: Queue.WITHDRAWN,
}


class BacktestAdminMixin(NewsroomAdmin):
    """ModelAdmin with a button for a backtest.

    `backtest_fields` are fields of the form. Values in the query string fill them in, for the way back from a backtest.
    """

    backtest_fields: tuple[str, ...] = ()
    change_form_template = "admin/comments/backtest/change_form.html"

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Start a backtest, or show the form again if it has errors, whichever button was pressed."""
        if (
            request.method == "POST"
            and BACKTEST_BUTTON in request.POST
            and (job := self._start_backtest(request, object_id))
        ):
            return HttpResponseRedirect(job.get_absolute_url())
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), "newest": NEWEST_CHOICES}
        )

    def _start_backtest(self, request: HttpRequest, object_id: str | None) -> BackgroundJob | None:
        saved = self.get_object(request, object_id) if object_id else None
        if not (self.has_change_permission(request, saved) if saved else self.has_add_permission(request)):
            raise PermissionDenied
        if (newest := request.POST.get(COMMENT_COUNT_FIELD, str(NEWEST_CHOICES[0]))) not in map(str, NEWEST_CHOICES):
            raise BadRequest("Too many comments to test on.")
        form = self.get_form(request, saved, change=bool(saved))(request.POST, instance=saved)
        if (object_id and not saved) or not form.is_valid():
            return None
        return start_backtest(
            form.instance, self.form_values(form.instance), int(newest), actor=cast(User, request.user)
        )

    def form_values(self, candidate: Any) -> dict[str, str]:
        """Return the values for a query string that fills in the form again."""
        values = {name: getattr(candidate, name) for name in self.backtest_fields}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value or "" for name, value in values.items()
        }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        values = {}
        for name in self.backtest_fields:
            if name in request.GET:
                with suppress(ValidationError, ValueError, OverflowError):
                    field = cast(Field, self.opts.get_field(name))
                    value = field.to_python(request.GET[name] or (None if field.null else ""))
                    values[name] = timezone.localtime(value) if isinstance(value, datetime) else value
        return values

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Fill in the form of a saved object from the query string. Django does so only for new ones."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None or request.method != "GET":
            return form
        values = self.get_changeform_initial_data(request)
        return type(form.__name__, (form,), {"__init__": partialmethod(form.__init__, initial=values)})


def backtest_context(request: HttpRequest, job: BackgroundJob) -> dict[str, Any]:
    """Return the counts for the page of the job, and the comments if the user may view them."""
    result, chosen = job.result, request.GET.get("show", "all")
    if not result:
        return {}
    caught = sum(result["caught"].values())
    context: dict[str, Any] = {
        "caught": caught,
        "outcomes": [
            (outcome.label, result["caught"][outcome], _share(result["caught"][outcome], caught))
            for outcome in BacktestOutcome
        ],
        "filters": [(name, label, name == chosen) for name, (label, _outcomes) in _FILTERS.items()],
        "most_kept": MAX_KEPT_PER_OUTCOME,
        "kept_days": RESULT_RETENTION.days,
        "save": _form_url(job),
        "is_of_scores": job.parameters["subject"] == SitePolicy._meta.model_name,
    }
    if job.finished_at and request.user.has_perm("comments.view_comment"):
        _label, outcomes = _FILTERS.get(chosen, _FILTERS["all"])
        pks = [pk for pk, outcome in result["kept"] if outcome in outcomes]
        page = Paginator(pks, PAGE_SIZE).get_page(request.GET.get("p"))
        context |= {"page": page, "chosen": chosen, "rows": _rows(job, list(page.object_list))}
    return context


def _share(number: int, whole: int) -> int:
    """Return the share in percent."""
    return round(100 * number / whole) if whole else 0


def _rows(job: BackgroundJob, pks: list[int]) -> list[dict[str, Any]]:
    """Match the comments again to find the words: a backtest stores no text by readers."""
    outcomes = dict(job.result["kept"])
    comments = list(Comment.objects.filter(pk__in=pks).newest_first().select_related("article"))
    return [
        {
            "comment": comment,
            "outcome": BacktestOutcome(outcomes[comment.pk]).label,
            "text": highlight(comment.text, words or []),
            "name": highlight(comment.name, words or []),
            "queue_url": _queue_url(comment),
        }
        for comment, words in zip(comments, matcher_for(job)(comments), strict=True)
    ]


def _queue_url(comment: Comment) -> str:
    query = urlencode({"queue": _QUEUES[Status(comment.status)].value, "comment": comment.pk})
    return f"{reverse('admin:comments_moderation_changelist')}?{query}"


def _form_url(job: BackgroundJob) -> str:
    subject, pk = job.parameters["subject"], job.parameters["pk"]
    address = reverse(f"admin:comments_{subject}_{'change' if pk else 'add'}", args=[pk] if pk else [])
    return f"{address}?{urlencode(sorted(job.parameters['fields'].items()))}"
