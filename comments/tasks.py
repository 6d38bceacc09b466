"""What happens after the answer to the reader. A task only says "look": what must not be lost is a row of its own."""

from __future__ import annotations

from django_tasks import task

from comments.models import Decision, Letter
from comments.notifications.create import announce
from comments.notifications.deliver import deliver


def write_letters_about(decision: Decision) -> None:
    """In the transaction of the decision."""
    for letter in announce(decision):
        post(letter)


def post(letter: Letter) -> None:
    """In the transaction that wrote it. Should the task be lost, the worker finds the letter itself."""
    look_at_letter.using(run_after=letter.due_at).enqueue(letter.pk)


@task()
def look_at_letter(pk: int) -> None:
    deliver(pk)
