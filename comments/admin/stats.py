"""Statistics in the admin: two pages and CSV downloads, all read-only."""

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
from comments.models import Comment, Statistics
from comments.stats.charts import count_chart, wait_chart
from comments.stats.csv_export import CSV_EXPORTS, csv_lines
from comments.stats.entry_links import find_entry_links
from comments.stats.forms import DAY_CHOICES, PeriodForm
from comments.stats.outcomes import CommentOutcome, outcomes_by_article, outcomes_by_day, outcomes_by_section
from comments.stats.period import Period
from comments.stats.rule_stats import MIN_DECISIVE, RuleStats, rule_descriptions, rule_stats_of_period
from comments.stats.wait_times import WaitPercentiles, pending_comments, wait_percentiles, wait_percentiles_by_day

MAX_ARTICLES_SHOWN = 20
MAX_ENTRIES_SHOWN = 200


@admin.register(Statistics)
class StatisticsAdmin(NewsroomAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="comments_statistics_changelist"),
            path("rules/", wrap(self.rules_view), name="comments_statistics_rules"),
            path("<slug:name>.csv", wrap(self.sheet_view), name="comments_statistics_sheet"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return self._page(request, "outcomes", _("Statistics"), _outcome_context)

    def rules_view(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, "rules", _("Rule performance"), _rule_context)

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
            "choices": DAY_CHOICES,
            "period": period,
            "query": _query(period) if period else "",
            **(figures(period, cast(User, request.user)) if period else {}),
        }
        return TemplateResponse(request, f"admin/comments/stats/{template}.html", context)

    def sheet_view(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """Stream a CSV file. An invalid period redirects to the page, which shows the error at its field."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if name not in CSV_EXPORTS:
            raise Http404
        form = PeriodForm(request.GET)
        if not form.is_valid():
            page = "comments_statistics_rules" if name == "rules" else "comments_statistics_changelist"
            return HttpResponseRedirect(f"{reverse(f'admin:{page}')}?{request.GET.urlencode()}")
        period = form.period()
        answer = StreamingHttpResponse(
            csv_lines(CSV_EXPORTS[name](period, cast(User, request.user))), content_type="text/csv; charset=utf-8"
        )
        file = f"{name}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{file}"'
        answer["Cache-Control"] = "private, no-store"
        return answer


def _query(period: Period) -> str:
    return urlencode({"first": period.first.isoformat(), "last": period.last.isoformat()})


def _outcome_context(period: Period, user: User) -> dict[str, Any]:
    days, waited = outcomes_by_day(period), wait_percentiles_by_day(period)
    rows = [(day, waited.get(day.day, WaitPercentiles())) for day in days]
    dates = [day.day for day in days]
    plots = [count_chart(_("all comments"), dates, [day.total for day in days])]
    plots += [
        count_chart(str(outcome.label), dates, [day.by_outcome[n] for day in days])
        for n, outcome in enumerate(CommentOutcome)
    ]
    return {
        "outcomes": CommentOutcome.labels,
        "plots": plots,
        "days": rows,
        "wait_percentiles": wait_percentiles(period),
        "wait_plots": [
            wait_chart(_("median"), dates, [wait.median for _day, wait in rows]),
            wait_chart(_("90th percentile"), dates, [wait.ninetieth for _day, wait in rows]),
        ],
        "pending_comments": pending_comments(),
        "can_moderate": user.has_perm("comments.moderate_comment"),
        "sections": outcomes_by_section(period),
        "articles": list(outcomes_by_article(period, limit=MAX_ARTICLES_SHOWN)),
        "rules": _with_descriptions(rule_stats_of_period(period, with_entries=False)),
        "enough": MIN_DECISIVE,
    }


def _rule_context(period: Period, user: User) -> dict[str, Any]:
    found = rule_stats_of_period(period)
    entries = sorted((each for each in found if each.entry), key=lambda each: not each.is_mostly_overruled)
    names = find_entry_links((each.entry for each in entries[:MAX_ENTRIES_SHOWN]), user)
    return {
        "rules": _with_descriptions([each for each in found if not each.entry]),
        "entries": [(each, names.get(each.entry)) for each in entries[:MAX_ENTRIES_SHOWN]],
        "more": max(0, len(entries) - MAX_ENTRIES_SHOWN),
        "enough": MIN_DECISIVE,
    }


def _with_descriptions(measured: list[RuleStats]) -> list[tuple[RuleStats, str]]:
    words = rule_descriptions()
    return [(measure, words.get(measure.rule, "")) for measure in measured]
