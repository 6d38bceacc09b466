"""Time to decision: how long a comment was pending before a moderator decided on it."""

from datetime import timedelta

from django.utils import timezone
import pytest
import time_machine

from comments.moderation.decide import decide
from comments.moderation.undo import undo
from comments.statuses import Cause, Status
from tests.conftest import make_comment

HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def wait_times(comment):
    return list(comment.decisions.values_list("wait_time", flat=True))


@pytest.fixture
def held(article, clock):
    comment = make_comment(article, status=Status.PENDING)
    clock.shift(HOUR)
    return comment


def test_from_its_arrival_to_the_first_decision_of_a_person(held, clock, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    clock.shift(HOUR)
    decide(held, Status.SPAM, actor=moderator)
    assert wait_times(held) == [None, HOUR, None]


def test_an_edit_that_leaves_it_held_begins_no_new_wait(held, clock, moderator):
    decide(held, Status.PENDING, actor=None, cause=Cause.EDITED)
    clock.shift(HOUR)
    decide(held, Status.REJECTED, actor=moderator)
    assert wait_times(held) == [None, None, 2 * HOUR]


def test_reports_begin_a_wait(article, clock, moderator):
    comment = make_comment(article)
    clock.shift(HOUR)
    decide(comment, Status.PENDING, actor=None, cause=Cause.REPORTED)
    clock.shift(HOUR * 3)
    decide(comment, Status.APPROVED, actor=moderator)
    assert wait_times(comment) == [None, None, HOUR * 3]


def test_what_a_person_has_held_is_not_counted(held, clock, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    decide(held, Status.PENDING, actor=moderator)
    clock.shift(HOUR)
    decide(held, Status.REJECTED, actor=moderator)
    assert wait_times(held) == [None, HOUR, None, None]


def test_after_an_undo_it_begins_anew(held, clock, moderator):
    decide(held, Status.APPROVED, actor=moderator)
    undo(held, actor=moderator)
    clock.shift(HOUR * 2)
    decide(held, Status.SPAM, actor=moderator)
    assert wait_times(held) == [None, HOUR, None, HOUR * 2]


def test_authors_and_tasks_end_no_wait(held):
    decide(held, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert wait_times(held) == [None, None]
