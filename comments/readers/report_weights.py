"""Weights of reports towards hiding a comment: the outcome of the reporter's earlier reports, and their rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from comments.models import Report
from comments.statuses import Status

DAY = timedelta(days=1)
HISTORY_PERIOD = timedelta(days=90)
MAX_WEIGHTED_REPORTS_PER_DAY = 3  # a day, by a device with weight 1; in proportion for others
DOUBLE_WEIGHT_BALANCE = 3  # upheld minus dismissed reports; from here on reports weigh 2
ZERO_WEIGHT_BALANCE = 5  # dismissed minus upheld reports; from here on reports weigh 0


class _PastReport(NamedTuple):
    """Earlier report, with the current state of its comment."""

    device: str
    at: datetime
    is_counted: bool
    reviewed_at: datetime | None
    status: int
    redacted_at: datetime | None

    @property
    def verdict(self) -> int:
        """Return 1 if a moderator has upheld the report, -1 if it was dismissed, 0 if neither is known."""
        if self.reviewed_at is None:
            return 0
        if self.status in {Status.REJECTED, Status.SPAM}:
            return 1
        is_in_part_right = self.redacted_at is not None and self.redacted_at > self.at
        return -1 if self.status == Status.APPROVED and not is_in_part_right else 0


@dataclass(frozen=True)
class ReportWeight:
    """Total weight of some reports; a report by a reader without a record weighs 1.

    `by_record` is the total, `in_rate` leaves out reports beyond the daily number of a device.
    """

    by_record: float
    in_rate: float


def weigh_reports(reports: Sequence[Report]) -> ReportWeight:
    """Weigh reports of one comment by known devices, in one query; of each network only the heaviest counts."""
    by_record: dict[str, float] = defaultdict(float)
    in_rate: dict[str, float] = defaultdict(float)
    earlier = _past_reports(reports)
    for report in reports:
        own = earlier[report.device]
        weight = _weight(own)
        of_the_day = sum(each.is_counted and report.at - DAY < each.at <= report.at for each in own)
        by_record[report.network] = max(by_record[report.network], weight)
        if of_the_day <= MAX_WEIGHTED_REPORTS_PER_DAY * weight:
            in_rate[report.network] = max(in_rate[report.network], weight)
    return ReportWeight(sum(by_record.values()), sum(in_rate.values()))


def _past_reports(reports: Sequence[Report]) -> dict[str, list[_PastReport]]:
    if not reports:
        return {}
    since = min(report.at for report in reports) - HISTORY_PERIOD
    fields = (*_PastReport._fields[:4], "comment__status", "comment__redacted_at")
    rows: Iterable[tuple[Any, ...]] = Report.objects.filter(
        device__in={report.device for report in reports}, at__gt=since
    ).values_list(*fields)
    earlier: dict[str, list[_PastReport]] = defaultdict(list)
    for row in rows:
        earlier[row[0]].append(_PastReport(*row))
    return earlier


def _weight(earlier: Iterable[_PastReport]) -> float:
    balance = sum(each.verdict for each in earlier)
    if balance >= DOUBLE_WEIGHT_BALANCE:
        return 2
    if balance >= 0:
        return 1
    return 0.5 if balance > -ZERO_WEIGHT_BALANCE else 0
