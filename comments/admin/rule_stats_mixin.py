"""Beside each entry of a list in the admin: how often it fired of late, and a mark if it is mostly overruled."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from articles.admin.base import NewsroomAdmin
from comments.stats.period import Period
from comments.stats.rule_stats import RuleStats, entry_stats_of_period

RULE_STATS_DAYS = 90


class RuleStatsAdminMixin(NewsroomAdmin):
    """`rule` is the dotted path of the rule that finds these entries. One query for a page of the list."""

    rule: str

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = {f"{self.opts.model_name}:{row.pk}": row for row in changelist.result_list}
        found = entry_stats_of_period(self.rule, rows, Period.last_days(RULE_STATS_DAYS))
        for entry, row in rows.items():
            row.rule_stats = found.get(entry, RuleStats(self.rule, entry))
        return changelist

    @admin.display(description=gettext_lazy("hits in 90 days"))
    def measured(self, row: Any) -> str:
        """Of what is refused no comment is kept on which it could have fired: its hits are counted."""
        if row.outcome == "refuse" and not row.rule_stats.hit_count:
            return "–"
        mark = render_to_string("admin/comments/_doubtful.html") if row.rule_stats.is_mostly_overruled else ""
        return format_html("{}{}", row.rule_stats.hit_count, mark)
