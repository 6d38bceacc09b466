"""Entries and blocks are tried before they are saved: the button for that in their forms, and what came of it."""

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
from comments.filters.backtest import FALSE, FORGOTTEN_AFTER, KEPT, NEWEST, RIGHT, Fate, begin, catch_of
from comments.models import Comment, Job, SitePolicy
from comments.queue.detail import marked
from comments.queue.queues import Queue
from comments.statuses import Status

TRY = "_try"
NEWEST_FIELD = "_newest"
PER_PAGE = 25
_FILTERS = {
    "all": (gettext_lazy("All"), set(Fate)),
    "false": (gettext_lazy("False positives"), FALSE),
    "right": (gettext_lazy("Rejected or spam"), RIGHT),
}
_QUEUES = {
    Status.HELD: Queue.WAITING,
    Status.APPROVED: Queue.APPROVED,
    Status.REJECTED: Queue.REJECTED,
    Status.SPAM: Queue.SPAM,
    Status.WITHDRAWN: Queue.WITHDRAWN,
}


class TriedFirst(NewsroomAdmin):
    """`tried_fields` are the form's. What of them stands in the address fills it in: so one comes back from a trial."""

    tried_fields: tuple[str, ...] = ()
    change_form_template = "admin/comments/trial/change_form.html"

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A form with faults is shown again, whichever button was pressed."""
        if request.method == "POST" and TRY in request.POST and (job := self._begun(request, object_id)):
            return HttpResponseRedirect(job.get_absolute_url())
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "newest": NEWEST})

    def _begun(self, request: HttpRequest, object_id: str | None) -> Job | None:
        saved = self.get_object(request, object_id) if object_id else None
        if not (self.has_change_permission(request, saved) if saved else self.has_add_permission(request)):
            raise PermissionDenied
        if (newest := request.POST.get(NEWEST_FIELD, str(NEWEST[0]))) not in map(str, NEWEST):
            raise BadRequest("Too many comments to test on.")
        form = self.get_form(request, saved, change=bool(saved))(request.POST, instance=saved)
        if (object_id and not saved) or not form.is_valid():
            return None
        return begin(form.instance, self.typed(form.instance), int(newest), by=cast(User, request.user))

    def typed(self, candidate: Any) -> dict[str, str]:
        """What fills in its form again, in an address."""
        values = {name: getattr(candidate, name) for name in self.tried_fields}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value or "" for name, value in values.items()
        }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        values = {}
        for name in self.tried_fields:
            if name in request.GET:
                with suppress(ValidationError, ValueError, OverflowError):
                    field = cast(Field, self.opts.get_field(name))
                    value = field.to_python(request.GET[name] or (None if field.null else ""))
                    values[name] = timezone.localtime(value) if isinstance(value, datetime) else value
        return values

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """That of a saved one, too, may be filled in by the address: Django does so for new ones only."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None or request.method != "GET":
            return form
        values = self.get_changeform_initial_data(request)
        return type(form.__name__, (form,), {"__init__": partialmethod(form.__init__, initial=values)})


def shown(request: HttpRequest, job: Job) -> dict[str, Any]:
    """For the job's page: the numbers, and the comments for those who may see them."""
    result, chosen = job.result, request.GET.get("show", "all")
    if not result:
        return {}
    caught = sum(result["caught"].values())
    context: dict[str, Any] = {
        "caught": caught,
        "fates": [(fate.label, result["caught"][fate], _share(result["caught"][fate], caught)) for fate in Fate],
        "filters": [(name, label, name == chosen) for name, (label, _fates) in _FILTERS.items()],
        "most_kept": KEPT,
        "kept_days": FORGOTTEN_AFTER.days,
        "save": _form_of(job),
        "is_of_scores": job.parameters["subject"] == SitePolicy._meta.model_name,
    }
    if job.finished_at and request.user.has_perm("comments.view_comment"):
        _label, fates = _FILTERS.get(chosen, _FILTERS["all"])
        pks = [pk for pk, fate in result["kept"] if fate in fates]
        page = Paginator(pks, PER_PAGE).get_page(request.GET.get("p"))
        context |= {"page": page, "chosen": chosen, "rows": _rows(job, list(page.object_list))}
    return context


def _share(number: int, whole: int) -> int:
    """Percent."""
    return round(100 * number / whole) if whole else 0


def _rows(job: Job, pks: list[int]) -> list[dict[str, Any]]:
    """The words are looked for once more: a trial keeps none of what readers write."""
    fates = dict(job.result["kept"])
    comments = list(Comment.objects.filter(pk__in=pks).newest().select_related("article"))
    return [
        {
            "comment": comment,
            "fate": Fate(fates[comment.pk]).label,
            "text": marked(comment.text, words or []),
            "name": marked(comment.name, words or []),
            "desk": _at_the_desk(comment),
        }
        for comment, words in zip(comments, catch_of(job)(comments), strict=True)
    ]


def _at_the_desk(comment: Comment) -> str:
    query = urlencode({"queue": _QUEUES[Status(comment.status)].value, "comment": comment.pk})
    return f"{reverse('admin:comments_desk_changelist')}?{query}"


def _form_of(job: Job) -> str:
    subject, pk = job.parameters["subject"], job.parameters["pk"]
    address = reverse(f"admin:comments_{subject}_{'change' if pk else 'add'}", args=[pk] if pk else [])
    return f"{address}?{urlencode(sorted(job.parameters['fields'].items()))}"
