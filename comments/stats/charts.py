"""Numbers of many days as bars: the path of an SVG, one unit wide for each day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import number_format

from comments.stats.wait_times import in_words

HEIGHT = 100
GAP = 0.15  # of a day's width


@dataclass(frozen=True)
class Plot:
    """`most` is the highest value in words, empty if there is none; `when` the first day that has it."""

    label: str
    width: int
    path: str
    most: str = ""
    when: date | None = None
    total: int | None = None

    height = HEIGHT


def plot_counts(label: str, days: Sequence[date], counts: Sequence[int]) -> Plot:
    return _plot(label, days, counts, in_words=_count, total=sum(counts))


def plot_waits(label: str, days: Sequence[date], waits: Sequence[timedelta | None]) -> Plot:
    """Days without a wait have no bar."""
    seconds = [wait.total_seconds() if wait is not None else 0 for wait in waits]
    return _plot(label, days, seconds, in_words=lambda most: in_words(timedelta(seconds=most)))


def _plot(
    label: str,
    days: Sequence[date],
    values: Sequence[float],
    *,
    in_words: Callable[[float], str],
    total: int | None = None,
) -> Plot:
    """One bar a day, the highest as high as the plot."""
    most = max(values, default=0)
    if not most:
        return Plot(label, len(days), "", total=total)
    path = "".join(_bar(place, HEIGHT * value / most) for place, value in enumerate(values) if value)
    return Plot(label, len(days), path, in_words(most), days[values.index(most)], total)


def _count(most: float) -> str:
    return number_format(int(most), use_l10n=True, force_grouping=True)


def _bar(place: int, height: float) -> str:
    """At least a line, so that little is more than nothing."""
    height = max(height, 1)
    return f"M{place + GAP / 2:g} {HEIGHT}v{-height:.4g}h{1 - GAP:g}v{height:.4g}z"
