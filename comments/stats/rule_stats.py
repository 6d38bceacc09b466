"""Rule statistics: how often each rule hit, was the only decisive one, and was overruled by a moderator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q

from comments.models import RuleHit
from comments.rules.engine import load_rules
from comments.stats.period import Period

MIN_DECISIVE = 10  # hits where the rule alone was decisive; with fewer, the rule is not marked


@dataclass(frozen=True)
class RuleStats:
    """Number of comments of the period that one rule, or one entry of a rule, hit."""

    rule: str
    entry: str
    hit_count: int = 0
    decisive_count: int = 0
    overruled_count: int = 0

    @property
    def overruled_percent(self) -> int | None:
        """Return the share of overruled hits among those where the rule alone was decisive."""
        return round(100 * self.overruled_count / self.decisive_count) if self.decisive_count else None

    @property
    def is_mostly_overruled(self) -> bool:
        return self.decisive_count >= MIN_DECISIVE and self.overruled_count * 2 > self.decisive_count


def rule_stats_of_period(period: Period, *, with_entries: bool = True) -> list[RuleStats]:
    """Return the statistics of all hits, and of every rule in COMMENT_RULES.

    Rules come before entries, both sorted by number of hits.
    """
    conditions = {} if with_entries else {"entry": ""}
    found = _query_stats(comment_created_at__gte=period.begins, comment_created_at__lt=period.ends, **conditions)
    silent = [RuleStats(path, "") for path in rule_descriptions() if (path, "") not in found]
    return sorted(
        [*found.values(), *silent], key=lambda each: (each.entry > "", -each.hit_count, each.rule, each.entry)
    )


def entry_stats_of_period(rule: str, entries: Iterable[str], period: Period) -> dict[str, RuleStats]:
    """Return the statistics of those entries of a rule that hit."""
    within = {"comment_created_at__gte": period.begins, "comment_created_at__lt": period.ends}
    found = _query_stats(rule=rule, entry__in=list(entries), **within)
    return {measure.entry: measure for measure in found.values()}


def _query_stats(**conditions: object) -> dict[tuple[str, str], RuleStats]:
    rows = RuleHit.objects.filter(**conditions).values("rule", "entry")
    counted = rows.annotate(
        hit_count=Count("*"),
        decisive_count=Count("pk", filter=Q(is_decisive=True)),
        overruled_count=Count("pk", filter=Q(is_overruled=True)),
    )
    return {(row["rule"], row["entry"]): RuleStats(**row) for row in counted}


def rule_descriptions() -> dict[str, str]:
    """Return the first line of the docstring of each rule in COMMENT_RULES, by dotted path."""
    asked = load_rules(tuple(settings.COMMENT_RULES))
    return {f"{each.__module__}.{each.__name__}": (each.__doc__ or "").strip().partition("\n")[0] for each in asked}
