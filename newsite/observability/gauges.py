"""Gauges that are queried for each response of /metrics: pending work, and the state of the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from articles.models import Image
from comments.models import AkismetRequest, BackgroundJob, Comment, Notification
from comments.statuses import Status
from newsite.db.replica import monitor

_WAITING = [Notification.State.PENDING, Notification.State.SENDING]


class GaugeCollector(Collector):
    """Collector of all gauges. Without a database it reports that only."""

    def collect(self) -> Iterator[Metric]:
        try:
            pending = [*pending_work()]
        except (DatabaseError, InterfaceError):
            pending = []
        yield GaugeMetricFamily("newsite_database_up", "Whether the database responds.", value=bool(pending))
        yield from pending
        if monitor.is_configured():
            text = "Whether this process reads pages from the replica."
            yield GaugeMetricFamily("newsite_replica_used", text, value=monitor.is_usable())


def pending_work() -> Iterator[Metric]:
    """Yield the gauges of pending work, with one indexed query per kind."""
    kinds: list[tuple[str, str, QuerySet[Any], str]] = [
        ("comments", "Comments waiting for a moderator", Comment.objects.filter(status=Status.PENDING), "created_at"),
        ("tasks", "Tasks waiting for a worker", DBTaskResult.objects.ready(), "enqueued_at"),
        ("notifications", "Emails waiting to be sent", Notification.objects.filter(state__in=_WAITING), "due_at"),
        ("akismet", "Akismet checks without an answer", AkismetRequest.objects.open(), "due_at"),
        ("images", "Images waiting to be processed", Image.objects.due(), "due_at"),
        ("jobs", "Unfinished background jobs", BackgroundJob.objects.unfinished(), "last_step_at"),
    ]
    for name, what, rows, since in kinds:
        waiting = rows.order_by().aggregate(number=Count("pk"), oldest=Min(since))
        age = (timezone.now() - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
        yield GaugeMetricFamily(f"newsite_waiting_{name}", f"{what}.", value=waiting["number"])
        text = f"{what}: age of the oldest."
        yield GaugeMetricFamily(f"newsite_waiting_{name}_oldest_seconds", text, value=max(age, 0.0))
