"""Weigh reports towards hiding a comment: by the outcome of the reporter's earlier reports, and by their rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from comments.models import Report
from comments.statuses import Status

DAY = timedelta(days=1)
REMEMBERED = timedelta(days=90)
HELPS_HIDE_PER_DAY = 3  # comments, by a device whose reports weigh 1; in proportion for others
OFTEN_RIGHT = 3  # so many more reports upheld than dismissed: they weigh twice
OFTEN_WRONG = 5  # so many more dismissed than upheld: they weigh nothing


class _Earlier(NamedTuple):
    """A report with what has become of its comment."""

    device: str
    at: datetime
    counts: bool
    looked_at: datetime | None
    status: int
    redacted_at: datetime | None

    @property
    def verdict(self) -> int:
        """1 if a moderator has upheld it, -1 if they have dismissed it, 0 if neither is known."""
        if self.looked_at is None:
            return 0
        if self.status in {Status.REJECTED, Status.SPAM}:
            return 1
        is_in_part_right = self.redacted_at is not None and self.redacted_at > self.at
        return -1 if self.status == Status.APPROVED and not is_in_part_right else 0


@dataclass(frozen=True)
class Weight:
    """The worth of some reports, in reports of readers without a record.

    `by_record` is the whole, `in_rate` leaves out what a device has sent beyond its daily number.
    """

    by_record: float
    in_rate: float


def weigh(reports: Sequence[Report]) -> Weight:
    """Weigh reports of one comment by devices that we know. One query. Of a network, the heaviest counts."""
    by_record: dict[str, float] = defaultdict(float)
    in_rate: dict[str, float] = defaultdict(float)
    earlier = _earlier_of(reports)
    for report in reports:
        own = earlier[report.device]
        weight = _weight(own)
        of_the_day = sum(each.counts and report.at - DAY < each.at <= report.at for each in own)
        by_record[report.network] = max(by_record[report.network], weight)
        if of_the_day <= HELPS_HIDE_PER_DAY * weight:
            in_rate[report.network] = max(in_rate[report.network], weight)
    return Weight(sum(by_record.values()), sum(in_rate.values()))


def _earlier_of(reports: Sequence[Report]) -> dict[str, list[_Earlier]]:
    if not reports:
        return {}
    since = min(report.at for report in reports) - REMEMBERED
    fields = (*_Earlier._fields[:4], "comment__status", "comment__redacted_at")
    rows: Iterable[tuple[Any, ...]] = Report.objects.filter(
        device__in={report.device for report in reports}, at__gt=since
    ).values_list(*fields)
    earlier: dict[str, list[_Earlier]] = defaultdict(list)
    for row in rows:
        earlier[row[0]].append(_Earlier(*row))
    return earlier


def _weight(earlier: Iterable[_Earlier]) -> float:
    balance = sum(each.verdict for each in earlier)
    if balance >= OFTEN_RIGHT:
        return 2
    if balance >= 0:
        return 1
    return 0.5 if balance > -OFTEN_WRONG else 0
