"""Tasks that run after the response; data that must not be lost is stored in rows of its own.

A task carries only the id of a row.
"""

from __future__ import annotations

from django_tasks import task

from comments.models import Decision, Notification
from comments.notifications.create import create_notifications
from comments.notifications.deliver import deliver


def notify_about_decision(decision: Decision) -> None:
    """Create and enqueue the notifications about a decision; call it in the transaction of the decision."""
    for notification in create_notifications(decision):
        enqueue_delivery(notification)


def enqueue_delivery(notification: Notification) -> None:
    """Enqueue the delivery; call it in the transaction that stored the notification.

    If the task is lost, the worker finds the notification itself.
    """
    deliver_notification.using(run_after=notification.due_at).enqueue(notification.pk)


@task()
def deliver_notification(pk: int) -> None:
    deliver(pk)
