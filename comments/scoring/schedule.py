"""Schedule of training: minimum data, minimum interval, and a lease so that one worker trains at a time."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from articles.models.singleton import SINGLETON_PK
from comments.models import TrainingState
from comments.scoring.training_data import count_new_decisions

MIN_DECISIONS_PER_CLASS = 50  # of each class; with fewer, no model is trained
MIN_HELD_OUT_PER_CLASS = 10  # of each class; with fewer, there is no evaluation
MIN_NEW_DECISIONS = 100  # decisions by people since the last training
MIN_TRAINING_INTERVAL = timedelta(hours=1)  # unless training is requested
LEASE_DURATION = timedelta(minutes=15)  # many times the duration of a training


def is_due() -> bool:
    learning, now = TrainingState.current(), timezone.now()
    if learning.lease_expires_at and learning.lease_expires_at > now:
        return False
    if learning.requested_at:
        return True
    if learning.attempted_at and learning.attempted_at > now - MIN_TRAINING_INTERVAL:
        return False
    return count_new_decisions(after=learning.last_decision_id, most=MIN_NEW_DECISIONS) == MIN_NEW_DECISIONS


def request_training() -> None:
    """Request training. The worker starts it within a minute."""
    TrainingState.objects.update_or_create(pk=SINGLETON_PK, defaults={"requested_at": timezone.now()})


def acquire_lease() -> bool:
    """Take the training lease and return whether it was free.

    If the worker is killed, another one may start after LEASE_DURATION.
    """
    now = timezone.now()
    TrainingState.objects.get_or_create(pk=SINGLETON_PK)
    return bool(TrainingState.objects.filter(pk=SINGLETON_PK).take_lease(now, LEASE_DURATION, attempted_at=now))


def finish_training(*, last_decision_id: int) -> None:
    _release_lease(last_decision_id=last_decision_id, problem="")


def record_failure(problem: str) -> None:
    """Store the error and release the lease. Editors see `problem`."""
    TrainingState.objects.get_or_create(pk=SINGLETON_PK)
    _release_lease(attempted_at=timezone.now(), problem=problem[:300])


def _release_lease(**what: object) -> None:
    TrainingState.objects.filter(pk=SINGLETON_PK).update(lease_expires_at=None, requested_at=None, **what)
