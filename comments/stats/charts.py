"""Bar charts of daily values: the path of an SVG, one unit wide for each day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import number_format

from comments.stats.wait_times import format_duration

CHART_HEIGHT = 100
BAR_GAP = 0.15  # fraction of a day's width


@dataclass(frozen=True)
class Chart:
    """Bar chart. `max_label` is the highest value as text, empty without values; `max_day` is its first day."""

    label: str
    width: int
    path: str
    max_label: str = ""
    max_day: date | None = None
    total: int | None = None

    height = CHART_HEIGHT


def count_chart(label: str, days: Sequence[date], counts: Sequence[int]) -> Chart:
    return _chart(label, days, counts, in_words=_format_count, total=sum(counts))


def wait_chart(label: str, days: Sequence[date], waits: Sequence[timedelta | None]) -> Chart:
    """Return a chart of waiting times. Days without a wait have no bar."""
    seconds = [wait.total_seconds() if wait is not None else 0 for wait in waits]
    return _chart(label, days, seconds, in_words=lambda most: format_duration(timedelta(seconds=most)))


def _chart(
    label: str,
    days: Sequence[date],
    values: Sequence[float],
    *,
    in_words: Callable[[float], str],
    total: int | None = None,
) -> Chart:
    """Return a chart with one bar a day. The highest bar has the full height."""
    most = max(values, default=0)
    if not most:
        return Chart(label, len(days), "", total=total)
    path = "".join(_bar(place, CHART_HEIGHT * value / most) for place, value in enumerate(values) if value)
    return Chart(label, len(days), path, in_words(most), days[values.index(most)], total)


def _format_count(most: float) -> str:
    return number_format(int(most), use_l10n=True, force_grouping=True)


def _bar(place: int, height: float) -> str:
    """Return the path of a bar. It is at least one unit high, so that a small value is visible."""
    height = max(height, 1)
    return f"M{place + BAR_GAP / 2:g} {CHART_HEIGHT}v{-height:.4g}h{1 - BAR_GAP:g}v{height:.4g}z"
