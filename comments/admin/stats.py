"""The newsroom's numbers in Django's admin: two pages to look at, and sheets to take away. They change nothing."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from articles.admin.base import NewsroomAdmin
from comments.models import Comment, Numbers
from comments.stats.charts import plot_counts, plot_waits
from comments.stats.csv_export import SHEETS, lines
from comments.stats.entry_links import named
from comments.stats.forms import DAYS, PeriodForm
from comments.stats.outcomes import Fate, by_article, by_day, by_section
from comments.stats.period import Period
from comments.stats.rule_stats import ENOUGH, Measure, explanations, measures
from comments.stats.wait_times import Waits, waiting, waits, waits_by_day

BUSIEST = 20
ENTRIES_SHOWN = 200


@admin.register(Numbers)
class NumbersAdmin(NewsroomAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="comments_numbers_changelist"),
            path("rules/", wrap(self.rules_view), name="comments_numbers_rules"),
            path("<slug:name>.csv", wrap(self.sheet_view), name="comments_numbers_sheet"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return self._page(request, "numbers", _("Statistics"), _numbers)

    def rules_view(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, "numbers_rules", _("Rule performance"), _rules)

    def _page(self, request: HttpRequest, template: str, title: str, figures: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.GET)
        period = form.period() if form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "is_nav_sidebar_enabled": False,
            "form": form,
            "choices": DAYS,
            "period": period,
            "query": _query(period) if period else "",
            **(figures(period, cast(User, request.user)) if period else {}),
        }
        return TemplateResponse(request, f"admin/comments/{template}.html", context)

    def sheet_view(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """A period that cannot be is told at its field, on the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if name not in SHEETS:
            raise Http404
        form = PeriodForm(request.GET)
        if not form.is_valid():
            page = "comments_numbers_rules" if name == "rules" else "comments_numbers_changelist"
            return HttpResponseRedirect(f"{reverse(f'admin:{page}')}?{request.GET.urlencode()}")
        period = form.period()
        answer = StreamingHttpResponse(
            lines(SHEETS[name](period, cast(User, request.user))), content_type="text/csv; charset=utf-8"
        )
        file = f"{name}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{file}"'
        answer["Cache-Control"] = "private, no-store"
        return answer


def _query(period: Period) -> str:
    return urlencode({"first": period.first.isoformat(), "last": period.last.isoformat()})


def _numbers(period: Period, user: User) -> dict[str, Any]:
    days, waited = by_day(period), waits_by_day(period)
    rows = [(day, waited.get(day.day, Waits())) for day in days]
    dates = [day.day for day in days]
    plots = [plot_counts(_("all comments"), dates, [day.total for day in days])]
    plots += [plot_counts(str(fate.label), dates, [day.each[n] for day in days]) for n, fate in enumerate(Fate)]
    return {
        "fates": Fate.labels,
        "plots": plots,
        "days": rows,
        "waits": waits(period),
        "wait_plots": [
            plot_waits(_("median"), dates, [wait.median for _day, wait in rows]),
            plot_waits(_("90th percentile"), dates, [wait.ninetieth for _day, wait in rows]),
        ],
        "waiting": waiting(),
        "has_desk": user.has_perm("comments.moderate_comment"),
        "sections": by_section(period),
        "articles": list(by_article(period, limit=BUSIEST)),
        "rules": _explained(measures(period, with_entries=False)),
        "enough": ENOUGH,
    }


def _rules(period: Period, user: User) -> dict[str, Any]:
    found = measures(period)
    entries = sorted((each for each in found if each.entry), key=lambda each: not each.is_doubtful)
    names = named((each.entry for each in entries[:ENTRIES_SHOWN]), user)
    return {
        "rules": _explained([each for each in found if not each.entry]),
        "entries": [(each, names.get(each.entry)) for each in entries[:ENTRIES_SHOWN]],
        "more": max(0, len(entries) - ENTRIES_SHOWN),
        "enough": ENOUGH,
    }


def _explained(measured: list[Measure]) -> list[tuple[Measure, str]]:
    words = explanations()
    return [(measure, words.get(measure.rule, "")) for measure in measured]
