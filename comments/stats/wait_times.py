"""How long comments wait for a person: from the moment they were held to the decision."""

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

MAX_PENDING_COUNT = 1000  # waiting comments; then it is "1,000+"


@dataclass(frozen=True)
class WaitPercentiles:
    """Of ten waits, five were at most `median` and nine at most `ninetieth`. Both are None when there was none."""

    median: timedelta | None = None
    ninetieth: timedelta | None = None

    @classmethod
    def of(cls, pair: list[timedelta]) -> WaitPercentiles:
        """`pair` holds the two in this order, or once what both are."""
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
    """Of all waits that a person's decision ended within the period."""
    ranked = _ended_waits(period).annotate(place=Window(RowNumber(), order_by="wait_time"), number=Window(Count("*")))
    return WaitPercentiles.of(list(_percentiles(ranked).values_list("wait_time", flat=True).order_by("wait_time")))


def wait_percentiles_by_day(period: Period) -> dict[date, WaitPercentiles]:
    """By the day of the decision, in the site's time zone; days without any are not there."""
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
    """The nearest ranks, as percentile_disc takes them, which SQLite does not have; whole numbers are divided."""
    median, ninetieth = (F("number") + 1) / 2, (F("number") * 9 + 9) / 10
    return ranked.filter(Q(place=median) | Q(place=ninetieth))


@dataclass(frozen=True)
class PendingComments:
    """What waits now. `number` stops at COUNTED."""

    number: int
    oldest: Comment | None

    @property
    def is_more(self) -> bool:
        return self.number >= MAX_PENDING_COUNT


def pending_comments() -> PendingComments:
    held = Comment.objects.filter(status=Status.PENDING)
    return PendingComments(held.order_by()[:MAX_PENDING_COUNT].count(), held.order_by("created_at", "pk").first())
