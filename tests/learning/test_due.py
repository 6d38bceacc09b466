from datetime import timedelta

from django.utils import timezone
import pytest

from comments.models import Learning
from comments.moderation.decide import decide
from comments.scoring import schedule
from comments.scoring.schedule import LEASE, PAUSE, ask, begin, finish, give_up, is_due
from comments.scoring.training_data import newest_decision
from comments.statuses import Status
from tests.conftest import make_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def new(article, moderator, monkeypatch):
    monkeypatch.setattr(schedule, "ENOUGH_NEW", 2)

    def decisions(number):
        for _ in range(number):
            decide(make_comment(article, status=Status.HELD), Status.SPAM, by=moderator)

    return decisions


def later(by):
    """As if all this had been so much earlier."""
    learning = Learning.current()
    for name in ("tried_at", "leased_until"):
        if at := getattr(learning, name):
            setattr(learning, name, at - by)
    learning.save()


def test_it_is_due_when_there_are_enough_new_decisions(new):
    new(1)
    assert not is_due()
    new(1)
    assert is_due()
    begin()
    finish(newest_decision=newest_decision())
    later(PAUSE)
    new(1)
    assert not is_due()
    new(1)
    assert is_due()


def test_there_is_a_pause_between_one_time_and_the_next(new):
    begin()
    finish(newest_decision=0)
    new(2)
    assert not is_due()
    later(PAUSE)
    assert is_due()


def test_when_somebody_asks_it_is_due_at_once_and_once():
    begin()
    finish(newest_decision=0)
    ask()
    assert is_due()
    begin()
    finish(newest_decision=0)
    assert not is_due()


def test_one_at_a_time_and_after_the_lease_of_one_that_was_killed_another(new):
    new(2)
    assert begin()
    ask()
    assert not is_due()
    assert not begin()
    later(LEASE)
    assert is_due()
    assert begin()


def test_what_went_wrong_is_said_until_it_goes_right_and_tried_again_after_the_pause(new):
    new(2)
    begin()
    give_up("MemoryError: " + "x" * 400)
    assert Learning.current().problem.startswith("MemoryError")
    assert not is_due()
    later(PAUSE)
    assert is_due()
    begin()
    finish(newest_decision=newest_decision())
    assert Learning.current().problem == ""


def test_the_time_of_the_last_try_is_known():
    assert str(Learning.current()) == "–"
    begin()
    assert timezone.now() - Learning.current().tried_at < timedelta(minutes=1)
