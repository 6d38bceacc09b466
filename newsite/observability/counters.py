"""Counters of this process. An increment takes a microsecond; `sharing` combines the processes.

The key is the metric and its labels. An observation of a histogram is counted in its own bucket only; `exposition`
makes the buckets cumulative.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from threading import Lock
from typing import NamedTuple

BUCKET_BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
BUCKET_LABELS = (*map(str, BUCKET_BOUNDS_SECONDS), "+Inf")


class Metric(NamedTuple):
    kind: str
    help: str
    labels: tuple[str, ...]


REQUESTS, SECONDS, QUERIES = "newsite_requests_total", "newsite_request_seconds", "newsite_queries_total"
PAGE_CACHE_LOOKUPS, COMMENTS = "newsite_stored_page_lookups_total", "newsite_comments_total"
DROPPED = "newsite_dropped_requests_total"
METRICS = {
    REQUESTS: Metric("counter", "Requests answered by the application.", ("view", "status")),
    SECONDS: Metric("histogram", "Seconds until the response began.", ("view",)),
    QUERIES: Metric("counter", "Database queries made by requests.", ("view",)),
    PAGE_CACHE_LOOKUPS: Metric("counter", "Page cache lookups, by result.", ("result",)),
    DROPPED: Metric("counter", "Requests dropped because the client had gone or they had waited too long.", ("cause",)),
    COMMENTS: Metric("counter", "Comments submitted, by immediate outcome.", ("outcome",)),
}
SUM, BUCKET = f"{SECONDS}_sum", f"{SECONDS}_bucket"

Key = tuple[str, tuple[str, ...]]

_numbers: Counter[Key] = Counter()
_lock = Lock()


def count(metric: str, *labels: str) -> None:
    with _lock:
        _numbers[metric, labels] += 1


def count_request(view: str, status: int, seconds: float, queries: int) -> None:
    with _lock:
        _numbers[REQUESTS, (view, str(status))] += 1
        _numbers[BUCKET, (view, BUCKET_LABELS[bisect_left(BUCKET_BOUNDS_SECONDS, seconds)])] += 1
        _numbers[SUM, (view,)] += seconds  # type: ignore[assignment]  # a Counter also accepts floats
        _numbers[QUERIES, (view,)] += queries


def current_counts() -> Counter[Key]:
    """Return a copy."""
    with _lock:
        return _numbers.copy()


def reset_after_fork() -> None:
    """Reset the counters in a forked process, which inherited those of its parent."""
    global _lock  # noqa: PLW0603 (the parent may have held it)
    _lock = Lock()
    _numbers.clear()
