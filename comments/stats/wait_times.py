"""Waiting times: from the moment a comment was held to the decision of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from comments.models import Comment, Decision
from comments.stats.period import Period
from comments.statuses import Status

MAX_PENDING_COUNT = 1000  # more are shown as "1,000+"


@dataclass(frozen=True)
class WaitPercentiles:
    """Percentiles of waiting times, both None if there were no waits.

    Of ten waits, five were at most `median` and nine at most `ninetieth`.
    """

    median: timedelta | None = None
    ninetieth: timedelta | None = None

    @classmethod
    def of(cls, pair: list[timedelta]) -> WaitPercentiles:
        """Return the percentiles from [median, ninetieth], or from one value if they are equal."""
        return cls(pair[0], pair[-1]) if pair else cls()

    @property
    def median_in_words(self) -> str:
        return format_duration(self.median)

    @property
    def ninetieth_in_words(self) -> str:
        return format_duration(self.ninetieth)


def format_duration(wait: timedelta | None) -> str:
    if wait is None:
        return ""
    if wait < timedelta(minutes=1):
        return _("less than a minute")
    now = timezone.now()
    return timesince(now - wait, now, depth=2)


def wait_percentiles(period: Period) -> WaitPercentiles:
    """Return the percentiles of all waits that ended by a person's decision within the period."""
    ranked = _ended_waits(period).annotate(place=Window(RowNumber(), order_by="wait_time"), number=Window(Count("*")))
    return WaitPercentiles.of(list(_percentiles(ranked).values_list("wait_time", flat=True).order_by("wait_time")))


def wait_percentiles_by_day(period: Period) -> dict[date, WaitPercentiles]:
    """Return the percentiles by day of the decision, in the site's time zone.

    Days without decisions are missing.
    """
    ranked = (
        _ended_waits(period)
        .annotate(day=TruncDate("at"))
        .annotate(
            place=Window(RowNumber(), partition_by="day", order_by="wait_time"),
            number=Window(Count("*"), partition_by="day"),
        )
    )
    rows = _percentiles(ranked).order_by("day", "wait_time").values_list("day", "wait_time")
    return {
        day: WaitPercentiles.of([waited for _at, waited in found])
        for day, found in groupby(rows, key=lambda row: row[0])
    }


def _ended_waits(period: Period) -> QuerySet[Decision]:
    return Decision.objects.filter(wait_time__isnull=False, at__gte=period.begins, at__lt=period.ends)


def _percentiles(ranked: QuerySet[Any]) -> QuerySet[Any]:
    """Select the rows with the nearest ranks, like percentile_disc, which SQLite lacks.

    The divisions are integer divisions.
    """
    median, ninetieth = (F("number") + 1) / 2, (F("number") * 9 + 9) / 10
    return ranked.filter(Q(place=median) | Q(place=ninetieth))


@dataclass(frozen=True)
class PendingComments:
    """Comments that are pending now. `number` is capped at MAX_PENDING_COUNT."""

    number: int
    oldest: Comment | None

    @property
    def is_more(self) -> bool:
        return self.number >= MAX_PENDING_COUNT


def pending_comments() -> PendingComments:
    held = Comment.objects.filter(status=Status.PENDING)
    return PendingComments(held.order_by()[:MAX_PENDING_COUNT].count(), held.order_by("created_at", "pk").first())
