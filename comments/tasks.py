"""What happens after the answer to the reader. A task only says "look": what must not be lost is a row of its own."""

from __future__ import annotations

from django_tasks import task

from comments.models import Decision, Notification
from comments.notifications.create import create_notifications
from comments.notifications.deliver import deliver


def notify_about_decision(decision: Decision) -> None:
    """In the transaction of the decision."""
    for letter in create_notifications(decision):
        enqueue_delivery(letter)


def enqueue_delivery(letter: Notification) -> None:
    """In the transaction that wrote it. Should the task be lost, the worker finds the letter itself."""
    deliver_notification.using(run_after=letter.due_at).enqueue(letter.pk)


@task()
def deliver_notification(pk: int) -> None:
    deliver(pk)
