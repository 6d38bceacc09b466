"""Rule statistics beside the entries of an admin list: recent hits, and a mark if most were overruled."""

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
    """ModelAdmin with hits. `rule` is the dotted path of the entries' rule. One query for each page."""

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
        """Return the number of hits, with a mark if most were overruled.

        Refused comments are not stored, so an entry that refuses has no rule hits. Its hit counter counts them.
        """
        if row.outcome == "refuse" and not row.rule_stats.hit_count:
            return "–"
        mark = (
            render_to_string("admin/comments/stats/_often_overruled.html") if row.rule_stats.is_mostly_overruled else ""
        )
        return format_html("{}{}", row.rule_stats.hit_count, mark)
