from datetime import timedelta

from django.utils import timezone
import pytest

from comments.models import TrainingState
from comments.moderation.decide import decide
from comments.scoring import schedule
from comments.scoring.schedule import (
    LEASE_DURATION,
    MIN_TRAINING_INTERVAL,
    acquire_lease,
    finish_training,
    is_due,
    record_failure,
    request_training,
)
from comments.scoring.training_data import newest_decision_id
from comments.statuses import Status
from tests.conftest import make_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def new(article, moderator, monkeypatch):
    monkeypatch.setattr(schedule, "MIN_NEW_DECISIONS", 2)

    def decisions(number):
        for _ in range(number):
            decide(make_comment(article, status=Status.PENDING), Status.SPAM, actor=moderator)

    return decisions


def later(by):
    """Move the stored times into the past by so much."""
    learning = TrainingState.current()
    for name in ("attempted_at", "lease_expires_at"):
        if at := getattr(learning, name):
            setattr(learning, name, at - by)
    learning.save()


def test_it_is_due_when_there_are_enough_new_decisions(new):
    new(1)
    assert not is_due()
    new(1)
    assert is_due()
    acquire_lease()
    finish_training(last_decision_id=newest_decision_id())
    later(MIN_TRAINING_INTERVAL)
    new(1)
    assert not is_due()
    new(1)
    assert is_due()


def test_there_is_a_pause_between_one_time_and_the_next(new):
    acquire_lease()
    finish_training(last_decision_id=0)
    new(2)
    assert not is_due()
    later(MIN_TRAINING_INTERVAL)
    assert is_due()


def test_when_somebody_asks_it_is_due_at_once_and_once():
    acquire_lease()
    finish_training(last_decision_id=0)
    request_training()
    assert is_due()
    acquire_lease()
    finish_training(last_decision_id=0)
    assert not is_due()


def test_one_at_a_time_and_after_the_lease_of_one_that_was_killed_another(new):
    new(2)
    assert acquire_lease()
    request_training()
    assert not is_due()
    assert not acquire_lease()
    later(LEASE_DURATION)
    assert is_due()
    assert acquire_lease()


def test_what_went_wrong_is_said_until_it_goes_right_and_tried_again_after_the_pause(new):
    new(2)
    acquire_lease()
    record_failure("MemoryError: " + "x" * 400)
    assert TrainingState.current().problem.startswith("MemoryError")
    assert not is_due()
    later(MIN_TRAINING_INTERVAL)
    assert is_due()
    acquire_lease()
    finish_training(last_decision_id=newest_decision_id())
    assert TrainingState.current().problem == ""


def test_the_time_of_the_last_try_is_known():
    assert str(TrainingState.current()) == "–"
    acquire_lease()
    assert timezone.now() - TrainingState.current().attempted_at < timedelta(minutes=1)
