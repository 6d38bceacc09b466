"""Rules measure themselves: how often each fired, was alone decisive, and was then overruled by a moderator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q

from comments.models import Firing
from comments.rules.builtin import rules
from comments.stats.period import Period

ENOUGH = 10  # times alone decisive; of fewer, nothing is said


@dataclass(frozen=True)
class Measure:
    """Of one rule, or of one entry that a rule found: on how many comments of the period."""

    rule: str
    entry: str
    fired: int = 0
    alone: int = 0
    overruled: int = 0

    @property
    def percent(self) -> int | None:
        """Overruled, of those in which it was alone decisive."""
        return round(100 * self.overruled / self.alone) if self.alone else None

    @property
    def is_doubtful(self) -> bool:
        return self.alone >= ENOUGH and self.overruled * 2 > self.alone


def measures(period: Period, *, with_entries: bool = True) -> list[Measure]:
    """Of all that fired, and of every rule in COMMENT_RULES; the rules come before the entries, both by how often."""
    conditions = {} if with_entries else {"entry": ""}
    found = _measured(written_at__gte=period.begins, written_at__lt=period.ends, **conditions)
    silent = [Measure(path, "") for path in explanations() if (path, "") not in found]
    return sorted([*found.values(), *silent], key=lambda each: (each.entry > "", -each.fired, each.rule, each.entry))


def measures_of(rule: str, entries: Iterable[str], period: Period) -> dict[str, Measure]:
    """Of these entries of a rule, as far as they fired."""
    within = {"written_at__gte": period.begins, "written_at__lt": period.ends}
    found = _measured(rule=rule, entry__in=list(entries), **within)
    return {measure.entry: measure for measure in found.values()}


def _measured(**conditions: object) -> dict[tuple[str, str], Measure]:
    rows = Firing.objects.filter(**conditions).values("rule", "entry")
    counted = rows.annotate(
        fired=Count("*"), alone=Count("pk", filter=Q(is_alone=True)), overruled=Count("pk", filter=Q(is_overruled=True))
    )
    return {(row["rule"], row["entry"]): Measure(**row) for row in counted}


def explanations() -> dict[str, str]:
    """Of each rule in COMMENT_RULES, by its dotted path: what it is for, as its docstring begins."""
    asked = rules(tuple(settings.COMMENT_RULES))
    return {f"{each.__module__}.{each.__name__}": (each.__doc__ or "").strip().partition("\n")[0] for each in asked}
