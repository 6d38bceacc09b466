"""Metrics of Prometheus that this process counts. Gauges, which are queried from the database, are in gauges.py.

With PROMETHEUS_MULTIPROC_DIR, which deploy/gunicorn.conf.py sets, each gunicorn worker counts in files of that folder,
and /metrics adds up those of all workers. Otherwise a process reports its own counts.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

BUCKET_BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

disable_created_metrics()
REQUESTS = Counter("newsite_requests_total", "Requests answered by the application.", ["view", "status"], registry=None)
REQUEST_SECONDS = Histogram(
    "newsite_request_seconds",
    "Seconds until the response began.",
    ["view"],
    registry=None,
    buckets=BUCKET_BOUNDS_SECONDS,
)
QUERIES = Counter("newsite_queries_total", "Database queries made by requests.", ["view"], registry=None)
PAGE_CACHE_LOOKUPS = Counter(
    "newsite_page_cache_lookups_total", "Page cache lookups, by result.", ["result"], registry=None
)
DROPPED_REQUESTS = Counter(
    "newsite_dropped_requests_total",
    "Requests dropped because the client had gone or they had waited too long.",
    ["cause"],
    registry=None,
)
COMMENTS = Counter("newsite_comments_total", "Comments submitted, by immediate outcome.", ["outcome"], registry=None)
METRICS = (REQUESTS, REQUEST_SECONDS, QUERIES, PAGE_CACHE_LOOKUPS, DROPPED_REQUESTS, COMMENTS)


def count_request(view: str, status: int, seconds: float, queries: int) -> None:
    REQUESTS.labels(view, status).inc()
    REQUEST_SECONDS.labels(view).observe(seconds)
    QUERIES.labels(view).inc(queries)


def metrics_registry() -> CollectorRegistry:
    """Return a registry of the counts of all workers, including those that ended."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        for metric in METRICS:
            registry.register(metric)
    return registry
