"""Gauges of pending work, read from the database."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.models import Image
from comments.models import AkismetRequest, BackgroundJob, Comment, Notification
from comments.statuses import Status

_WAITING = [Notification.State.PENDING, Notification.State.SENDING]


def gauges() -> list[tuple[str, str, float]]:
    """Return name, description and value of each gauge, with one indexed query per kind."""
    kinds: list[tuple[str, str, QuerySet[Any], str]] = [
        ("comments", "Comments waiting for a moderator", Comment.objects.filter(status=Status.PENDING), "created_at"),
        ("tasks", "Tasks waiting for a worker", DBTaskResult.objects.ready(), "enqueued_at"),
        ("letters", "Emails waiting to be sent", Notification.objects.filter(state__in=_WAITING), "due_at"),
        ("akismet", "Akismet checks without an answer", AkismetRequest.objects.open(), "due_at"),
        ("images", "Images waiting to be processed", Image.objects.due(), "due_at"),
        ("jobs", "Unfinished background jobs", BackgroundJob.objects.unfinished(), "last_step_at"),
    ]
    found = []
    for name, what, rows, since in kinds:
        waiting = rows.order_by().aggregate(number=Count("pk"), oldest=Min(since))
        age = (timezone.now() - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
        found.append((f"newsite_waiting_{name}", f"{what}.", float(waiting["number"])))
        found.append((f"newsite_waiting_{name}_oldest_seconds", f"{what}: age of the oldest.", max(age, 0.0)))
    return found
